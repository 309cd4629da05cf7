//! A Postgres of our own, started from binaries on this machine in a private folder.

use std::ffi::OsStr;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use rand::distr::{Alphanumeric, SampleString};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::account::{self, Account};
use super::binaries::Binaries;
use super::process::{self, PORT_TRIES, Process, free_port};
use super::runs::{self, Folder, RunId};
use super::{Guard, Request, SUPERUSER, Started, data, settings, url};
use crate::error::{Error, Result};

/// A server process of ours. Dropping it stops the server and removes its folder.
#[derive(Debug)]
pub(super) struct Cluster {
    process: Option<Process>,
    /// Holds the data, the socket and the log.
    folder: Folder,
    binaries: Binaries,
    account: Option<Account>,
    port: u16,
}

/// A server that does not answer by then is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a server may take to write what it holds to the disk, and to let go of its clients.
const PATIENCE_TO_STOP: Duration = Duration::from_secs(120);

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
    let folder = runs::folder(&request.cache, run, folder)?;
    let settings = settings::of(request.profile, binaries.have(settings::STATEMENTS));
    data::fill(folder.path(), &prepared, &settings, account.as_ref())?;
    let binaries = binaries.clone();
    // From here on dropping the cluster stops whatever it started.
    let mut cluster = Cluster { process: None, folder, binaries, account, port: 0 };
    cluster.launch(request.port).await?;
    let admin = cluster.over_socket();
    let password = set_password(&admin).await?;
    let address = url::scratch("127.0.0.1", cluster.port, SUPERUSER, &password)?;
    // Over the socket nobody has to prove who they are, which is a good part of connecting.
    Ok(Started { address, admin, settings, guard: Guard::Cluster(Box::new(cluster.into())) })
}

impl Cluster {
    /// Starts the server on the port that is wanted, else on any that is free.
    async fn launch(&mut self, wanted: Option<u16>) -> Result<()> {
        let mut tries = 0;
        loop {
            tries += 1;
            self.port = wanted.map_or_else(free_port, Ok)?;
            let Err(failed) = self.run().await else { return Ok(()) };
            let port = self.port;
            match failed {
                Failed::Taken(_) if wanted.is_some() => {
                    return Err(Error::new(format!("the port {port} on 127.0.0.1 is taken"))
                        .hint("give another one with `--port`, or none for any that is free"));
                }
                Failed::Taken(_) if tries < PORT_TRIES => {}
                Failed::Taken(error) | Failed::Otherwise(error) => return Err(error),
            }
        }
    }

    /// Stops the server in order, which ends all sessions with 57P01, and starts it again on the
    /// same port with the same data.
    pub(super) async fn restart(&mut self) -> Result<()> {
        if let Some(process) = &mut self.process {
            process.ask_to_end(Signal::SIGINT, PATIENCE_TO_STOP).await?;
        }
        let mut tries = 0;
        loop {
            tries += 1;
            match self.run().await {
                Ok(()) => return Ok(()),
                // A client that knocks all the while may have got this very port as its own.
                Err(Failed::Taken(_)) if tries < PORT_TRIES => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                Err(Failed::Taken(error) | Failed::Otherwise(error)) => return Err(error),
            }
        }
    }

    /// Runs the server process and waits until it takes connections.
    async fn run(&mut self) -> Result<(), Failed> {
        let data = self.folder.path().join("data");
        let port = self.port.to_string();
        let process = Process::start(&process::Wanted {
            program: &self.binaries.bin.join("postgres"),
            arguments: &["-D".as_ref(), data.as_os_str(), "-p".as_ref(), OsStr::new(&port)],
            folder: &self.folder,
            works_in: &data,
            account: self.account.as_ref(),
            // Postgres's immediate shutdown: its data is going to be removed anyway.
            end: Signal::SIGQUIT,
        });
        let options = self.over_socket();
        // In place of one that was stopped, whose reaper is called off only now.
        let process = self.process.insert(process.map_err(Failed::Otherwise)?);
        let Err(error) = wait_until_ready(process, &options).await else { return Ok(()) };
        let taken = process.log().contains("could not bind");
        self.process = None;
        Err(if taken { Failed::Taken(error) } else { Failed::Otherwise(error) })
    }

    fn over_socket(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.folder.path())
            .port(self.port)
            .username(SUPERUSER)
            .database("postgres")
            .ssl_mode(PgSslMode::Disable)
            .application_name("shakedown")
    }
}

/// Why a server process does not take connections.
enum Failed {
    /// Somebody else has the port.
    Taken(Error),
    Otherwise(Error),
}

async fn wait_until_ready(process: &mut Process, options: &PgConnectOptions) -> Result<()> {
    let failed = |process: &Process, what: &str| {
        let words = process.last_words();
        Error::new(format!("the Postgres server {what}; its log ends with: {words}"))
            .hint("`shakedown doctor` tries each way to a server")
    };
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Ok(connection) = options.connect().await {
            let _ = connection.close().await;
            return Ok(());
        }
        if let Some(status) = process.ended() {
            return Err(failed(process, &format!("ended at once ({status})")));
        }
        if Instant::now() > deadline {
            let what = format!("did not answer within {} s", PATIENCE.as_secs());
            return Err(failed(process, &what));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Gives the superuser a random password and returns it.
async fn set_password(admin: &PgConnectOptions) -> Result<String> {
    // Letters and digits only, so that it can stand in SQL and in an address as it is.
    let password = Alphanumeric.sample_string(&mut rand::rng(), 24);
    let set = async {
        let mut connection = admin.connect().await?;
        let sql = format!("ALTER ROLE {SUPERUSER} PASSWORD '{password}'");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        connection.close().await
    };
    set.await.map_err(|error: sqlx::Error| {
        Error::new("the new server refuses its own superuser").because(error)
    })?;
    Ok(password)
}
