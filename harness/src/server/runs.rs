//! Notes on what is running: each run that starts something writes one, holds a lock on it
//! while it lives, and the next start removes what belongs to notes that nobody holds.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::container;
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
    /// The folder that holds the data, the socket and the log of a server.
    pub(super) folder: Option<PathBuf>,
    /// The value of the container label [`container::RUN_LABEL`].
    pub(super) container: Option<String>,
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
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Says that nothing is left of what it names.
    pub(super) fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }
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
    let file = write().map_err(|error| {
        Error::new(format!("the cache folder `{}` cannot be written", cache.display()))
            .because(error)
            .hint("set XDG_CACHE_HOME to a folder that can be written, or free some space")
    })?;
    Ok(Note { path, _file: file })
}

/// Removes what runs that are no longer alive left behind. Whatever cannot be removed now
/// is left to the next start, since this run can do its job all the same.
pub(super) async fn sweep(cache: &Path) {
    let Ok(entries) = fs::read_dir(folder_of_notes(cache)) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let Ok(file) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
        if file.try_lock().is_err() {
            continue; // Its run is alive.
        }
        let Ok(started) = serde_json::from_reader::<_, Started>(&file) else {
            let _ = fs::remove_file(&path);
            continue;
        };
        if clear(&started).await {
            let _ = fs::remove_file(&path);
        }
    }
}

/// Whether nothing of it remains.
async fn clear(started: &Started) -> bool {
    if let Some(folder) = &started.folder {
        stop_server_in(folder);
        if folder.exists() && fs::remove_dir_all(folder).is_err() {
            return false;
        }
    }
    match &started.container {
        Some(label) => container::remove_labelled(label).await.is_ok(),
        None => true,
    }
}

/// Stops the Postgres whose data is in `folder`, if one runs. Its process id is taken from
/// the file that Postgres keeps, and only believed if that process works in this folder.
fn stop_server_in(folder: &Path) {
    let data = folder.join("data");
    let Ok(text) = fs::read_to_string(data.join("postmaster.pid")) else { return };
    let Some(pid) = text.lines().next().and_then(|line| line.trim().parse::<i32>().ok()) else {
        return;
    };
    if !works_in(pid, &data) {
        return;
    }
    let pid = Pid::from_raw(pid);
    let _ = kill(pid, Signal::SIGQUIT);
    let deadline = Instant::now() + Duration::from_secs(5);
    while kill(pid, None).is_ok() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = kill(pid, Signal::SIGKILL);
}

/// Whether the process has `data` as its working folder, as a postmaster does.
fn works_in(pid: i32, data: &Path) -> bool {
    if let Ok(folder) = fs::read_link(format!("/proc/{pid}/cwd")) {
        return folder == *data;
    }
    // Without /proc (macOS) the command line tells.
    let output = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
    output.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout).contains(&*data.to_string_lossy())
    })
}
