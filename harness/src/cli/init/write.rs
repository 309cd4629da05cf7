//! Files that are written where there are none.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use shakedown::error::{Error, Result};
use tempfile::NamedTempFile;

/// A file that is to be there.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) path: PathBuf,
    pub(super) text: String,
    /// What shows that a file with another text needs nothing.
    pub(super) mark: Option<&'static str>,
    /// What to do about a file that is there with another text.
    pub(super) instead: String,
}

/// What came of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Written,
    Unchanged,
    /// There is one with another text, which stays.
    Differs,
}

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Written => "wrote",
            Self::Unchanged => "unchanged",
            Self::Differs => "kept",
        }
    }
}

/// Writes those that are not there, and says what came of each.
///
/// # Errors
/// When one of them cannot be written; that is found out before the first is.
pub(super) fn all(planned: &[Planned]) -> Result<Vec<State>> {
    let states: Vec<State> = planned
        .iter()
        .map(|file| state(file).map_err(|error| refused(&file.path, error)))
        .collect::<Result<_>>()?;
    for (file, _) in planned.iter().zip(&states).filter(|(_, state)| **state == State::Written) {
        write(file).map_err(|error| refused(&file.path, error))?;
    }
    Ok(states)
}

/// What will come of a file. Whether it can be written is tried beside its place.
fn state(file: &Planned) -> io::Result<State> {
    match fs::read(&file.path) {
        Ok(there) if there == file.text.as_bytes() => Ok(State::Unchanged),
        Ok(there) => {
            let there = String::from_utf8_lossy(&there);
            let enough = file.mark.is_some_and(|mark| there.contains(mark));
            Ok(if enough { State::Unchanged } else { State::Differs })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let above = folder_of(&file.path).ancestors().find(|folder| folder.is_dir());
            beside(above.unwrap_or(Path::new(".")))?;
            Ok(State::Written)
        }
        Err(error) => Err(error),
    }
}

fn write(file: &Planned) -> io::Result<()> {
    let folder = folder_of(&file.path);
    fs::create_dir_all(folder)?;
    let mut new = beside(folder)?;
    new.write_all(file.text.as_bytes())?;
    // What somebody else wrote meanwhile stays.
    new.persist_noclobber(&file.path).map(drop).map_err(|error| error.error)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn beside(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".shakedown-")
        .permissions(Permissions::from_mode(0o644))
        .tempfile_in(folder)
}

fn refused(path: &Path, error: io::Error) -> Error {
    Error::new(format!("`{}` cannot be written", path.display()))
        .because(error)
        .hint("give a folder that can be written: shakedown init <folder>")
}
