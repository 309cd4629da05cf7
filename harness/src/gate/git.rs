//! Files as another commit of a git repository has them.
//!
//! The repository is only read: nothing is checked out in it, so that neither what is being edited
//! nor what is staged is touched.

use std::ffi::OsStr;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::error::{Error, Result};

/// A folder as a commit has it, which goes away with this value.
#[derive(Debug)]
pub struct Revision {
    /// What the user named, with the commit that it stood for: `origin/main (3f2a91c)`.
    pub name: String,
    root: TempDir,
    /// Where in `root` the repository's own folder lies that was asked from.
    prefix: PathBuf,
}

impl Revision {
    /// Takes a folder, and some files, out of a commit of the repository that the folder lies in.
    /// What the commit does not have is left out.
    ///
    /// # Errors
    /// When there is no git, no repository, or no such commit.
    pub fn of(folder: &Path, files: &[&Path], reference: &str) -> Result<Self> {
        // Git would take it for an option.
        if reference.starts_with('-') || reference.is_empty() {
            return Err(Error::new(format!("`{reference}` is no git reference"))
                .hint("name a branch, a tag or a commit: --against origin/main"));
        }
        let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
        let there = if there.as_os_str().is_empty() { Path::new(".") } else { there };
        let top = text(git(there, ["rev-parse", "--show-toplevel"]).map_err(|why| {
            Error::new(format!("`{}` is in no git repository: {why}", folder.display()))
                .hint("run it in a clone, or compare with a stored report: --baseline report.json")
        })?);
        let commit = text(
            git(there, ["rev-parse", "--verify", "--quiet", &format!("{reference}^{{commit}}")])
                .map_err(|_| {
                    Error::new(format!("there is no commit `{reference}` in this repository"))
                        .hint("fetch it: git fetch origin; `git branch --all` lists what is there")
                })?,
        );
        let prefix = PathBuf::from(&top);
        let mut wanted = Vec::new();
        for path in files.iter().chain([&folder]) {
            let whole = absolute(path)?;
            // What lies outside of the repository is the business of whoever asks for it.
            let Ok(inside) = whole.strip_prefix(&prefix) else { continue };
            let inside = inside.display().to_string();
            let there = format!("{commit}:{inside}");
            if git(&prefix, ["cat-file", "-e", &there]).is_ok() {
                wanted.push(if inside.is_empty() { ".".to_owned() } else { inside });
            }
        }
        let mut archive = Vec::new();
        if !wanted.is_empty() {
            let all = ["archive", "--format=tar", &commit, "--"].map(str::to_owned);
            archive = git(&prefix, all.into_iter().chain(wanted)).map_err(|why| {
                Error::new(format!("git cannot give the files of `{reference}`: {why}"))
            })?;
        }
        let root = tempfile::Builder::new()
            .prefix("shakedown-base-")
            .tempdir()
            .map_err(|error| Error::new("no temporary folder can be made").because(error))?;
        // What leads out of the folder is not unpacked.
        tar::Archive::new(Cursor::new(archive)).unpack(root.path()).map_err(|error| {
            Error::new(format!("the files of `{reference}` cannot be unpacked")).because(error)
        })?;
        let short: String = commit.chars().take(7).collect();
        let name = match commit.starts_with(reference) {
            true => short,
            false => format!("{reference} ({short})"),
        };
        Ok(Self { name, root, prefix })
    }

    /// Where a file or folder of the working tree is in this commit, whether it exists there or
    /// not.
    ///
    /// # Errors
    /// When it lies outside of the repository.
    pub fn path(&self, path: &Path) -> Result<PathBuf> {
        let whole = absolute(path)?;
        let inside = whole.strip_prefix(&self.prefix).map_err(|_| {
            Error::new(format!("`{}` is not in the repository of `{}`", path.display(), self.name))
                .hint("name a migration folder that is committed there")
        })?;
        Ok(self.root.path().join(inside))
    }
}

/// The path without links, also if its last parts are not there any more.
fn absolute(path: &Path) -> Result<PathBuf> {
    let failed =
        |error| Error::new(format!("`{}` cannot be looked up", path.display())).because(error);
    let whole = std::path::absolute(path).map_err(failed)?;
    let there = whole.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    let rest = whole.strip_prefix(there).unwrap_or(Path::new(""));
    let there = there.canonicalize().map_err(failed)?;
    Ok(if rest.as_os_str().is_empty() { there } else { there.join(rest) })
}

/// What git prints, or what it says is wrong.
fn git<S: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> std::result::Result<Vec<u8>, String> {
    let done = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        // A hook of git has these of its own repository, which need not be the one of the folder.
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        // A folder may be called `*`.
        .env("GIT_LITERAL_PATHSPECS", "1")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("git cannot be run: {error}"))?;
    if done.status.success() {
        return Ok(done.stdout);
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(said.trim().strip_prefix("fatal: ").unwrap_or(said.trim()).to_owned())
}

fn text(printed: Vec<u8>) -> String {
    String::from_utf8_lossy(&printed).trim().to_owned()
}
