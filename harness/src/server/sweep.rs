//! Clears away what killed runs left.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::runs::{self, Started};
use super::{bouncer, container};

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
        for program in PROGRAMS {
            stop(program, folder);
        }
        if folder.exists() && fs::remove_dir_all(folder).is_err() {
            return false;
        }
    }
    if let Some(branch) = &started.branch
        && branch.clear().await.is_err()
    {
        return false;
    }
    match &started.container {
        Some(label) => container::remove_labelled(label).await.is_ok(),
        None => true,
    }
}

/// A program that runs in folders of ours.
struct Program {
    /// The file in which it keeps its process id, as its first line.
    pid_file: &'static str,
    /// What it works in.
    works_in: &'static str,
    /// What stops it at once.
    end: Signal,
}

static PROGRAMS: &[Program] = &[
    Program { pid_file: "data/postmaster.pid", works_in: "data", end: Signal::SIGQUIT },
    Program { pid_file: bouncer::PID_FILE, works_in: "", end: bouncer::END },
];

/// Stops the program, if it runs in `folder`. Its process id is taken from the file that it
/// keeps, and only believed if that process works in this folder.
fn stop(program: &Program, folder: &Path) {
    let Ok(text) = fs::read_to_string(folder.join(program.pid_file)) else { return };
    let Some(pid) = text.lines().next().and_then(|line| line.trim().parse::<i32>().ok()) else {
        return;
    };
    if !is_in(pid, &folder.join(program.works_in)) {
        return;
    }
    let pid = Pid::from_raw(pid);
    let _ = kill(pid, program.end);
    let deadline = Instant::now() + Duration::from_secs(5);
    while kill(pid, None).is_ok() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = kill(pid, Signal::SIGKILL);
}

/// Whether the process has `works_in` as its working folder.
fn is_in(pid: i32, works_in: &Path) -> bool {
    if let Ok(folder) = fs::read_link(format!("/proc/{pid}/cwd")) {
        return folder == *works_in;
    }
    // Without /proc (macOS) the command line tells.
    let output = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
    output.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout).contains(&*works_in.to_string_lossy())
    })
}
