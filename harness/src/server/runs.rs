//! Notes on what is running: each run that starts something writes one and holds a lock on
//! it while it lives, so that the next start knows what nobody looks after any more.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Sixteen random hexadecimal digits that name a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RunId(String);

impl RunId {
    pub(super) fn new() -> Self {
        Self(format!("{:016x}", rand::rng().random::<u64>()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a run started, so that another one can clear it away.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Started {
    /// The folder that holds all that a server or a PgBouncer keeps.
    pub(super) folder: Option<PathBuf>,
    /// The value of the container label that names the run.
    pub(super) container: Option<String>,
    /// A branch of Neon.
    #[serde(default)]
    pub(super) branch: Option<super::neon::Mark>,
}

/// A note that this process holds. If it is dropped without being removed, as when a start
/// is interrupted, the next start sees to what it names.
#[derive(Debug)]
pub(super) struct Note {
    path: PathBuf,
    // The lock lasts as long as the file is open, and ends with the process in any case.
    _file: File,
}

impl Note {
    /// The file that holds it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Says that nothing is left of what it names.
    pub(super) fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// A folder of ours that a note tells of. It goes with this value, or with the next start if
/// this process is killed.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    note: Note,
}

impl Folder {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file that holds the note.
    pub(super) fn note(&self) -> &Path {
        self.note.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.path.exists() || fs::remove_dir_all(&self.path).is_ok() {
            self.note.remove();
        }
    }
}

/// Notes a folder that is about to be made, so that at no moment something lies about that
/// nobody knows of.
pub(super) fn folder(cache: &Path, run: &RunId, path: PathBuf) -> Result<Folder> {
    let started = Started { folder: Some(path.clone()), ..Started::default() };
    let note = note(cache, run, &started)?;
    Ok(Folder { path, note })
}

/// Makes a folder in `parent` in which something is made, such as a data folder before it is
/// whole.
pub(super) fn making(cache: &Path, parent: &Path) -> Result<Folder> {
    let run = RunId::new();
    let making = folder(cache, &run, parent.join(format!(".making-{}", run.as_str())))?;
    fs::create_dir_all(&making.path).map_err(|error| not_writable(cache, error))?;
    Ok(making)
}

fn not_writable(cache: &Path, error: std::io::Error) -> Error {
    Error::new(format!("the cache folder `{}` cannot be written", cache.display()))
        .because(error)
        .hint("set XDG_CACHE_HOME to a folder with 200 MB of space")
}

fn folder_of_notes(cache: &Path) -> PathBuf {
    cache.join("runs")
}

/// Writes down what is about to be started.
pub(super) fn note(cache: &Path, run: &RunId, started: &Started) -> Result<Note> {
    let folder = folder_of_notes(cache);
    let path = folder.join(format!("{}.json", run.as_str()));
    // It is locked before it gets its name, so that no sweep sees it unheld.
    let unnamed = folder.join(format!("{}.new", run.as_str()));
    let write = || -> std::io::Result<File> {
        fs::create_dir_all(&folder)?;
        let file = OpenOptions::new().create(true).truncate(true).write(true).open(&unnamed)?;
        file.lock()?;
        serde_json::to_writer(&file, started)?;
        fs::rename(&unnamed, &path)?;
        Ok(file)
    };
    let file = write().map_err(|error| not_writable(cache, error))?;
    Ok(Note { path, _file: file })
}

/// The notes that nobody holds, and what each says was started. A note that cannot be read
/// says nothing. Holding the file keeps other sweeps from the same note.
pub(super) fn abandoned(cache: &Path) -> Vec<(PathBuf, File, Started)> {
    let Ok(entries) = fs::read_dir(folder_of_notes(cache)) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let notes = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    notes
        .filter_map(|path| {
            let file = OpenOptions::new().read(true).write(true).open(&path).ok()?;
            file.try_lock().ok()?;
            let started = serde_json::from_reader(&file).unwrap_or_default();
            Some((path, file, started))
        })
        .collect()
}
