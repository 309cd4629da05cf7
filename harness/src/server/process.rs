//! A process of ours that serves others until it is told to end.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::account::{self, Account};
use super::reaper::{self, Reaper};
use super::runs::Folder;
use crate::error::{Error, Result};

/// How often a port is tried when somebody else was quicker.
pub(super) const PORT_TRIES: usize = 5;

/// A running process, and the reaper that watches it. Dropping it ends both.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// What ends it at once: nobody needs what it holds.
    end: Signal,
    // Dropped last, so that a SIGKILL in between still finds somebody to clear up.
    _reaper: Reaper,
    log: PathBuf,
    /// How long the log was when it began.
    log_start: u64,
}

/// What to start, in which folder.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) program: &'a Path,
    pub(super) arguments: &'a [&'a OsStr],
    /// Holds the log, and goes with the process if we are killed.
    pub(super) folder: &'a Folder,
    /// What it works in.
    pub(super) works_in: &'a Path,
    pub(super) account: Option<&'a Account>,
    pub(super) end: Signal,
}

impl Process {
    pub(super) fn start(wanted: &Wanted<'_>) -> Result<Self> {
        let log = wanted.folder.path().join("log");
        let mut log_start = 0;
        let mut spawn = || -> std::io::Result<Child> {
            let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&log)?;
            log_start = file.metadata()?.len();
            let mut command = Command::new(wanted.program);
            command
                .args(wanted.arguments)
                .current_dir(wanted.works_in)
                .stdin(Stdio::null())
                .stdout(File::try_clone(&file)?)
                .stderr(file)
                // A Ctrl-C on the terminal must reach us only; we stop it in order.
                .process_group(0);
            account::become_account(&mut command, wanted.account);
            command.spawn()
        };
        let mut child = spawn().map_err(|error| {
            Error::new(format!("`{}` cannot be started", wanted.program.display())).because(error)
        })?;
        match reaper::watch(child.id(), wanted.end, wanted.folder) {
            Ok(reaper) => Ok(Self { child, end: wanted.end, _reaper: reaper, log, log_start }),
            Err(error) => {
                end(&mut child, wanted.end);
                Err(Error::new("`/bin/sh` cannot be started").because(error))
            }
        }
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Asks it to end and waits until it has.
    pub(super) async fn ask_to_end(&mut self, signal: Signal, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        if let (None, Ok(id)) = (self.ended(), i32::try_from(self.child.id())) {
            let _ = kill(Pid::from_raw(id), signal);
        }
        while self.ended().is_none() {
            if Instant::now() > deadline {
                return Err(Error::new(format!(
                    "the server did not stop within {} s of {signal}",
                    patience.as_secs()
                )));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// What it wrote to its log since it began.
    pub(super) fn log(&self) -> String {
        let mut bytes = Vec::new();
        if let Ok(mut file) = File::open(&self.log)
            && file.seek(SeekFrom::Start(self.log_start)).is_ok()
        {
            let _ = file.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The last lines of its log, in one.
    pub(super) fn last_words(&self) -> String {
        last_lines(&self.log())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        end(&mut self.child, self.end);
    }
}

fn end(child: &mut Child, signal: Signal) {
    let Ok(id) = i32::try_from(child.id()) else { return };
    if matches!(child.try_wait(), Ok(None)) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
            // Again and again, since a server that has only begun to start may miss the first.
            let _ = kill(Pid::from_raw(id), signal);
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = child.kill();
    }
    let _ = child.wait();
}

/// The last five lines of a log, in one.
pub(super) fn last_lines(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(5)..].join(" / ")
}

/// A port on loopback that nobody listened on a moment ago.
pub(super) fn free_port() -> Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Error::new("no free port was found on 127.0.0.1").because(error))
}

/// Where folders of servers go if they need not be in memory: as the kernel names it, so that
/// the working folder of a process can be told again.
pub(super) fn temporary() -> PathBuf {
    let folder = std::env::temp_dir();
    fs::canonicalize(&folder).unwrap_or(folder)
}
