//! What a project has: migrations, queries, a repository.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

use shakedown::error::{Error, Result};
use shakedown::load::queries;
use shakedown::source::{self, Dialect, Folder, dialect};

/// A project, as far as it can be seen.
#[derive(Debug)]
pub(super) struct Project {
    /// As the user named it.
    pub(super) folder: PathBuf,
    /// That of the repository, which is the same if there is none.
    pub(super) root: PathBuf,
    /// `folder` as seen from `root`; empty if it is the same.
    pub(super) below: PathBuf,
    pub(super) migrations: Candidate,
    /// Other folders with migrations, the likelier ones first.
    pub(super) others: Vec<Candidate>,
    pub(super) queries: Vec<Queries>,
    /// Whether its repository is on GitHub.
    pub(super) github: bool,
}

/// A folder with migrations that can be read.
#[derive(Debug)]
pub(in crate::cli) struct Candidate {
    /// As seen from the project.
    pub(in crate::cli) folder: PathBuf,
    pub(in crate::cli) read: source::Project,
}

/// Queries of the application.
#[derive(Debug)]
pub(in crate::cli) struct Queries {
    /// As seen from the project.
    pub(in crate::cli) path: PathBuf,
    pub(in crate::cli) count: usize,
}

/// The migrations that are looked for where nobody names a folder, and others that there are.
///
/// # Errors
/// When there are none for Postgres, or none that can be read.
pub(in crate::cli) fn migrations(folder: &Path) -> Result<(Candidate, Vec<Candidate>)> {
    let found = source::find(Folder::open(folder)?);
    let mut candidates = candidates(folder, &found.migrations)?;
    let first = candidates.remove(0);
    Ok((first, candidates))
}

/// The queries of the application that lie in a project, as seen from it.
pub(in crate::cli) fn application(folder: &Path) -> Vec<Queries> {
    let found = Folder::open(folder).map(source::find);
    found.map_or_else(|_| Vec::new(), |found| queries(folder, &found.others))
}

/// Looks at a project.
///
/// # Errors
/// When there are no migrations for Postgres, or none that can be read.
pub(super) fn look(folder: &Path) -> Result<Project> {
    let found = source::find(Folder::open(folder)?);
    let mut candidates = candidates(folder, &found.migrations)?;
    let migrations = candidates.remove(0);
    let (root, below) = repository(folder)?;
    Ok(Project {
        github: on_github(&root),
        queries: queries(folder, &found.others),
        folder: folder.to_owned(),
        root,
        below,
        migrations,
        others: candidates,
    })
}

/// At least one, the likeliest first: for Postgres by its path, not for tests, with the most
/// migrations.
fn candidates(project: &Path, folders: &[Folder]) -> Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    let mut refused = None;
    for folder in folders {
        let inside = seen_from(project, folder.path());
        if dialect(&inside) == Dialect::Other {
            refused.get_or_insert_with(|| for_another(&inside));
            continue;
        }
        match source::load(folder.path(), None) {
            Ok(read) => candidates.push(Candidate { folder: inside, read }),
            Err(error) => refused = Some(error),
        }
    }
    candidates.sort_by_key(|Candidate { folder, read }| {
        (for_tests(folder), dialect(folder), Reverse(read.migrations.len()))
    });
    match refused {
        Some(error) if candidates.is_empty() => Err(error),
        None if candidates.is_empty() => Err(none(project)),
        _ => Ok(candidates),
    }
}

fn seen_from(project: &Path, folder: &Path) -> PathBuf {
    let inside = folder.strip_prefix(project).unwrap_or(folder);
    if inside.as_os_str().is_empty() { PathBuf::from(".") } else { inside.to_owned() }
}

fn for_tests(folder: &Path) -> bool {
    const WORDS: &[&str] = &["test", "tests", "testdata", "fixtures", "example", "examples"];
    folder.iter().any(|part| WORDS.iter().any(|word| part == *word))
}

fn for_another(folder: &Path) -> Error {
    Error::new(format!(
        "the migrations in `{}` are for another database than Postgres, by their path",
        folder.display()
    ))
    .hint("if they are for Postgres, write shakedown.toml yourself: [migrations] folder = \"...\"")
}

fn none(project: &Path) -> Error {
    let known: Vec<String> = source::FORMATS
        .iter()
        .map(|format| format!("{}: {}", format.name, format.looks_like))
        .collect();
    Error::new(format!("there are no migrations in `{}` or below it", project.display())).hint(
        format!(
            "do this in the folder of the project that has them; known are\n  {}",
            known.join("\n  ")
        ),
    )
}

/// The offline data of sqlx and the folders of named queries that can be read as such.
fn queries(project: &Path, folders: &[Folder]) -> Vec<Queries> {
    let mut found: Vec<Queries> = Vec::new();
    for folder in folders {
        let offline = folder.folders().any(|name| name == ".sqlx").then(|| folder.join(".sqlx"));
        let named = has_named(folder).then(|| folder.path().to_owned());
        for path in offline.into_iter().chain(named) {
            let inside = seen_from(project, &path);
            let told = found.iter().any(|one| inside.starts_with(&one.path));
            if let Some(queries) = queries::of_path(&path).ok().filter(|_| !told) {
                found.push(Queries { path: inside, count: queries.len() });
            }
        }
    }
    found
}

/// Whether a file has queries as sqlc and aiosql name them.
fn has_named(folder: &Folder) -> bool {
    let mut files = folder.files().filter(|name| name.ends_with(".sql"));
    files.any(|name| folder.read(name).is_ok_and(|text| text.contains("-- name:")))
}

/// The folder of the repository, and that of the project as seen from there.
fn repository(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let whole = folder.canonicalize().map_err(|error| {
        Error::new(format!("cannot look at `{}`", folder.display())).because(error)
    })?;
    let root = whole.ancestors().find(|above| above.join(".git").exists());
    Ok(match root {
        Some(root) if root != whole => {
            (root.to_owned(), whole.strip_prefix(root).unwrap_or(&whole).to_owned())
        }
        _ => (folder.to_owned(), PathBuf::new()),
    })
}

/// Whether there are workflows already, or a remote there.
fn on_github(root: &Path) -> bool {
    root.join(".github").is_dir()
        || fs::read_to_string(git_folder(root).join("config"))
            .is_ok_and(|config| config.contains("github.com"))
}

/// Where git keeps the configuration. In a further worktree `.git` is a file that names another
/// folder, which names the common one.
fn git_folder(root: &Path) -> PathBuf {
    let own = root.join(".git");
    let Ok(text) = fs::read_to_string(&own) else { return own };
    let Some(named) = text.trim().strip_prefix("gitdir: ") else { return own };
    let named = root.join(named);
    match fs::read_to_string(named.join("commondir")) {
        Ok(common) => named.join(common.trim()),
        Err(_) => named,
    }
}
