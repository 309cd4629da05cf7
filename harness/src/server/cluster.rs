//! A Postgres of our own, started from binaries on this machine in a private folder.

use std::fs::{self, File, OpenOptions};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::distr::{Alphanumeric, SampleString};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::account::{self, Account};
use super::binaries::Binaries;
use super::reaper::{self, Reaper};
use super::runs::{self, Note, RunId};
use super::{Guard, Request, SUPERUSER, Started, data, settings, url};
use crate::error::{Error, Result};

/// A server process of ours. Dropping it stops the server and removes its folder.
#[derive(Debug)]
pub(super) struct Cluster {
    process: Option<Child>,
    reaper: Option<Reaper>,
    /// Holds the data, the socket and the log.
    folder: PathBuf,
    note: Note,
}

/// A server that does not answer by then is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often another free port is tried when somebody else was quicker.
const PORT_TRIES: usize = 5;

/// Starts a server with fresh data on loopback and on a socket in its private folder.
pub(super) async fn start(binaries: &Binaries, request: &Request, run: &RunId) -> Result<Started> {
    let account = account::to_drop_to()?;
    account::check_reach(&binaries.bin.join("postgres"), account.as_ref())?;
    // An interrupted start lets `initdb` come to its end: it takes a second, and leaves
    // processes behind when it is killed.
    let (programs, cache, owner) = (binaries.clone(), request.cache.clone(), account.clone());
    let prepared =
        tokio::task::spawn_blocking(move || data::prepare(&programs, &cache, owner.as_ref()))
            .await
            .map_err(|error| Error::new("preparing a data folder failed").because(error))??;
    let folder = data::parent(request.profile).join(format!("shakedown-{}", run.as_str()));
    account::check_reach(&folder, account.as_ref())?;
    // Noted before it is there, so that at no moment something lies about that nobody knows of.
    let started = runs::Started { folder: Some(folder.clone()), container: None };
    let note = runs::note(&request.cache, run, &started)?;
    // From here on dropping the cluster stops whatever it started and removes the folder.
    let mut cluster = Cluster { process: None, reaper: None, folder, note };
    let settings = settings::of(request.profile);
    data::fill(&cluster.folder, &prepared, &settings, account.as_ref())?;
    let port = cluster.launch(binaries, request.port, account.as_ref()).await?;
    let password = set_password(&cluster.folder, port).await?;
    let address = url::scratch("127.0.0.1", port, SUPERUSER, &password)?;
    // Over the socket nobody has to prove who they are, which is a good part of connecting.
    let admin = over_socket(&cluster.folder, port);
    Ok(Started { address, admin, settings, guard: Guard::Cluster(cluster) })
}

impl Cluster {
    /// Starts the server process, waits until it takes connections, and returns its port.
    async fn launch(
        &mut self,
        binaries: &Binaries,
        wanted: Option<u16>,
        account: Option<&Account>,
    ) -> Result<u16> {
        let mut tries = 0;
        loop {
            tries += 1;
            let port = wanted.map_or_else(free_port, Ok)?;
            let folder = &self.folder;
            let process = self.process.insert(spawn(binaries, folder, port, account)?);
            let reaper = reaper::watch(process.id(), folder, self.note.path());
            self.reaper = Some(
                reaper.map_err(|error| Error::new("`/bin/sh` cannot be started").because(error))?,
            );
            let Err(error) = wait_until_ready(process, folder, port).await else { return Ok(port) };
            self.stop();
            let taken = log_of(&self.folder).contains("could not bind");
            if taken && wanted.is_some() {
                return Err(Error::new(format!("the port {port} on 127.0.0.1 is taken"))
                    .hint("give another one with `--port`, or none for any that is free"));
            }
            if !taken || tries == PORT_TRIES {
                return Err(error);
            }
        }
    }

    /// Stops the server. Nobody needs its data: SIGQUIT is Postgres's immediate shutdown.
    fn stop(&mut self) {
        if let Some(process) = &mut self.process {
            quit(process);
        }
        self.process = None;
        // Only now, so that a SIGKILL in between still finds somebody to clear up.
        self.reaper = None;
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
        if !self.folder.exists() || fs::remove_dir_all(&self.folder).is_ok() {
            self.note.remove();
        }
    }
}

fn quit(process: &mut Child) {
    let Ok(id) = i32::try_from(process.id()) else { return };
    if matches!(process.try_wait(), Ok(None)) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while matches!(process.try_wait(), Ok(None)) && Instant::now() < deadline {
            // Again and again, since a server that has only begun to start may miss the first.
            let _ = kill(Pid::from_raw(id), Signal::SIGQUIT);
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = process.kill();
    }
    let _ = process.wait();
}

fn free_port() -> Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Error::new("no free port was found on 127.0.0.1").because(error))
}

fn spawn(
    binaries: &Binaries,
    folder: &Path,
    port: u16,
    account: Option<&Account>,
) -> Result<Child> {
    let program = binaries.bin.join("postgres");
    let spawn = || -> std::io::Result<Child> {
        let log =
            OpenOptions::new().create(true).append(true).mode(0o600).open(folder.join("log"))?;
        let mut command = Command::new(&program);
        command
            .arg("-D")
            .arg(folder.join("data"))
            .args(["-p", &port.to_string()])
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(File::try_clone(&log)?)
            .stderr(log)
            // A Ctrl-C on the terminal must reach us only; we stop the server in order.
            .process_group(0);
        account::become_account(&mut command, account);
        command.spawn()
    };
    spawn().map_err(|error| {
        Error::new(format!("`{}` cannot be started", program.display())).because(error)
    })
}

async fn wait_until_ready(process: &mut Child, folder: &Path, port: u16) -> Result<()> {
    let failed = |what: &str| {
        let log = log_of(folder);
        let tail: Vec<&str> = log.lines().rev().take(5).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        Error::new(format!("the Postgres server {what}; its log ends with: {}", tail.join(" / ")))
            .hint("`shakedown doctor` tries each way to a server")
    };
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Ok(connection) = over_socket(folder, port).connect().await {
            let _ = connection.close().await;
            return Ok(());
        }
        if let Ok(Some(status)) = process.try_wait() {
            return Err(failed(&format!("ended at once ({status})")));
        }
        if Instant::now() > deadline {
            return Err(failed(&format!("did not answer within {} s", PATIENCE.as_secs())));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn log_of(folder: &Path) -> String {
    fs::read(folder.join("log"))
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

fn over_socket(folder: &Path, port: u16) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(folder)
        .port(port)
        .username(SUPERUSER)
        .database("postgres")
        .ssl_mode(PgSslMode::Disable)
        .application_name("shakedown")
}

/// Gives the superuser a random password and returns it.
async fn set_password(folder: &Path, port: u16) -> Result<String> {
    // Letters and digits only, so that it can stand in SQL and in an address as it is.
    let password = Alphanumeric.sample_string(&mut rand::rng(), 24);
    let set = async {
        let mut connection = over_socket(folder, port).connect().await?;
        let sql = format!("ALTER ROLE {SUPERUSER} PASSWORD '{password}'");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        connection.close().await
    };
    set.await.map_err(|error: sqlx::Error| {
        Error::new("the new server refuses its own superuser").because(error)
    })?;
    Ok(password)
}
