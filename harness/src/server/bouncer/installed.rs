//! An installed PgBouncer, run as a process of ours in a private folder.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use super::config::{Config, MAIN_FILE, ROOTS_FILE, USERS_FILE};
use super::{END, Guard, Started};
use crate::error::{Error, Result};
use crate::server::account::{self, Account};
use crate::server::process::{self, PORT_TRIES, Process, free_port, last_lines};
use crate::server::runs::{self, Folder, RunId};

const PROGRAM: &str = "pgbouncer";
/// A PgBouncer that does not listen by then is given up.
const PATIENCE: Duration = Duration::from_secs(15);

/// A PgBouncer of ours. Dropping it stops it and removes its folder.
#[derive(Debug)]
pub(super) struct Running {
    process: Process,
    _folder: Folder,
}

impl Running {
    /// Adds what it wrote to its log to what went wrong.
    pub(super) fn explain(&self, error: &Error) -> Error {
        failed(&error.whole(), &self.process.log())
            .hint(error.hint_text().unwrap_or("try the server's address with psql").to_owned())
    }
}

/// The program, where PATH or the usual folders have it: not every user's PATH has the latter.
pub(super) fn find(path: &[PathBuf]) -> Option<PathBuf> {
    let usual = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin", "/usr/local/bin"];
    let usual = usual.iter().map(PathBuf::from);
    path.iter()
        .cloned()
        .chain(usual)
        .map(|folder| folder.join(PROGRAM))
        .find(|program| program.is_file())
}

pub(super) async fn start(program: &Path, config: &Config<'_>, cache: &Path) -> Result<Started> {
    let account = account::to_drop_to()?;
    let run = RunId::new();
    let path = process::temporary().join(format!("shakedown-{}", run.as_str()));
    account::check_reach(&path, account.as_ref())?;
    let folder = runs::folder(cache, &run, path)?;
    let mut tries = 0;
    let (port, process) = loop {
        tries += 1;
        let port = free_port()?;
        fill(&folder, config, port, account.as_ref())?;
        let mut process = Process::start(&process::Wanted {
            program,
            arguments: &[folder.path().join(MAIN_FILE).as_os_str()],
            folder: &folder,
            works_in: folder.path(),
            account: account.as_ref(),
            end: END,
        })?;
        match wait_until_it_listens(&mut process, port).await {
            Ok(()) => break (port, process),
            Err(_) if process.log().contains("in use") && tries < PORT_TRIES => {}
            Err(error) => return Err(error),
        }
    };
    let running = Running { process, _folder: folder };
    Ok(Started { port, guard: Guard::Installed(running) })
}

/// Writes its files into a folder that only the account can enter.
fn fill(folder: &Folder, config: &Config<'_>, port: u16, account: Option<&Account>) -> Result<()> {
    let roots = config.roots()?;
    let folder = folder.path();
    let fill = || -> std::io::Result<()> {
        if !folder.exists() {
            DirBuilder::new().mode(0o700).create(folder)?;
            account::give(folder, account)?;
        }
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            let mut options = OpenOptions::new();
            options.create(true).truncate(true).write(true).mode(0o600);
            options.open(&path)?.write_all(bytes)?;
            account::give(&path, account)
        };
        write(MAIN_FILE, config.text(folder, port).as_bytes())?;
        write(USERS_FILE, config.users().as_bytes())?;
        roots.map_or(Ok(()), |roots| write(ROOTS_FILE, &roots))
    };
    fill().map_err(|error| {
        Error::new(format!("the folder `{}` for PgBouncer cannot be filled", folder.display()))
            .because(error)
            .hint("set TMPDIR to a folder that can be written")
    })
}

async fn wait_until_it_listens(process: &mut Process, port: u16) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        // Asked first: what answers after its end is somebody else.
        if let Some(status) = process.ended() {
            return Err(failed(&format!("it ended at once ({status})"), &process.log())
                .hint("see whether `pgbouncer --version` runs"));
        }
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok(());
        }
        if Instant::now() > deadline {
            let why = format!("it did not listen within {} s", PATIENCE.as_secs());
            return Err(failed(&why, &process.log()).hint("see whether `pgbouncer --version` runs"));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn failed(why: &str, log: &str) -> Error {
    Error::new(format!("PgBouncer does not work: {why}; its log ends with: {}", last_lines(log)))
}
