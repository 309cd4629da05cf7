//! Clears away what killed runs left.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::container;
use super::runs::{self, Started};

/// Removes what runs that are no longer alive left behind. Whatever cannot be removed now
/// is left to the next start, since this run can do its job all the same.
pub(super) async fn sweep(cache: &Path) {
    for (note, _held, started) in runs::abandoned(cache) {
        if clear(&started).await {
            let _ = fs::remove_file(note);
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
