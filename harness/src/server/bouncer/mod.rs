//! PgBouncer in front of a server, as managed Postgres puts one in front of its own: the
//! installed one, else one in a container.
//!
//! It is started for one database, and stopped like a server: by `Drop`, by the reaper, or by
//! the next start.

mod config;
#[cfg(feature = "container")]
mod container;
#[cfg(not(feature = "container"))]
#[path = "no_container.rs"]
mod container;
mod installed;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;
use rand::distr::{Alphanumeric, SampleString};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use super::{Server, open};
use crate::error::{Error, Result};

/// The file, in the folder of a PgBouncer, that holds its process id.
pub(super) const PID_FILE: &str = "pgbouncer.pid";
/// What stops it at once in every version: what other signals mean has changed over time, and
/// it holds nothing that could be lost.
pub(super) const END: Signal = Signal::SIGKILL;

/// The only user, who may also ask for its statistics.
const USER: &str = "shakedown";
/// The database that stands for PgBouncer itself.
const CONSOLE: &str = "pgbouncer";
/// The first version that keeps prepared statements over transactions.
const PREPARES_SINCE: (u32, u32) = (1, 21);

/// How long a client keeps a connection to the server: PgBouncer's `pool_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Transaction,
    Session,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Transaction => "transaction",
            Self::Session => "session",
        })
    }
}

/// The settings of a PgBouncer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub mode: Mode,
    /// Connections to the server: its `default_pool_size`.
    pub pool_size: u32,
    /// Its `max_client_conn`.
    pub max_client_conn: u32,
    /// Its `max_prepared_statements`, which versions before 1.21 do not have; 0 for none.
    pub prepared_statements: u32,
    /// Given to the connections to the server, since clients cannot give it: PgBouncer takes no
    /// settings from them when they connect.
    pub statement_timeout: Duration,
}

/// A running PgBouncer. Dropping it stops it.
#[derive(Debug)]
pub struct Bouncer {
    /// As it says it itself: `1.18.0`.
    pub version: String,
    /// Its `max_prepared_statements`: 0 where it is too old to keep any, whatever was wanted.
    pub prepared_statements: u32,
    options: PgConnectOptions,
    guard: Guard,
}

#[derive(Debug)]
enum Guard {
    Installed(installed::Running),
    #[cfg(feature = "container")]
    Container(Box<container::Running>),
}

/// What a way hands over: the port on loopback, and what stops it.
struct Started {
    port: u16,
    guard: Guard,
}

/// Puts a PgBouncer in front of `database` of the server. It is looked for in `path` and where
/// distributions put it. If there is none, or an `image` is named, it is run as a container.
/// `cache` keeps the note on it.
///
/// # Errors
/// When none can be had, or the server refuses it; its last words are in the sentence.
pub async fn start(
    server: &Server,
    database: &str,
    wanted: &Wanted,
    path: &[PathBuf],
    cache: &Path,
    image: Option<&str>,
) -> Result<Bouncer> {
    let target = config::Target::of(server, database)?;
    // Letters and digits only, so that it needs no quoting.
    let password = Alphanumeric.sample_string(&mut rand::rng(), 24);
    let config = config::Config { target: &target, wanted, password: &password };
    let started = match (installed::find(path), image) {
        (Some(program), None) => installed::start(&program, &config, cache).await?,
        (None, None) => {
            container::start(container::IMAGE, &config, cache).await.map_err(|error| {
                no_container("no PgBouncer is installed here, and none runs in a container", &error)
            })?
        }
        (_, Some(image)) => container::start(image, &config, cache)
            .await
            .map_err(|error| no_container("PgBouncer does not run in a container", &error))?,
    };
    let Started { port, guard } = started;
    let options = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port)
        .username(USER)
        .password(&password)
        .database(database)
        .ssl_mode(PgSslMode::Disable)
        .application_name("shakedown");
    let mut bouncer = Bouncer { version: String::new(), prepared_statements: 0, options, guard };
    bouncer.set_up(wanted).await.map_err(|error| bouncer.explain(error))?;
    Ok(bouncer)
}

/// What is said of containers elsewhere has hints on servers.
fn no_container(what: &str, error: &Error) -> Error {
    Error::new(format!("{what}: {}", error.whole()))
        .hint("install it: apt-get install pgbouncer, or brew install pgbouncer")
}

impl Bouncer {
    /// How clients connect: over TCP on loopback, with the password.
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// Stops it, and says whether that worked; dropping it tries the same.
    ///
    /// # Errors
    /// When a container cannot be removed.
    pub async fn stop(self) -> Result<()> {
        match self.guard {
            #[cfg(feature = "container")]
            Guard::Container(running) => running.stop().await,
            Guard::Installed(running) => {
                drop(running);
                Ok(())
            }
        }
    }

    /// Asks it what it is, sets what only some versions have, and sees that it reaches the
    /// server.
    async fn set_up(&mut self, wanted: &Wanted) -> Result<()> {
        let mut console = open(&self.options.clone().database(CONSOLE)).await?;
        self.version = version_of(&mut console).await?;
        if keeps_prepared_statements(&self.version) {
            // Said in any case, since newer versions keep some by default.
            self.prepared_statements = wanted.prepared_statements;
            let sql = format!("SET max_prepared_statements = {}", wanted.prepared_statements);
            console.execute(AssertSqlSafe(sql)).await.map_err(|error| {
                Error::new("PgBouncer refuses `max_prepared_statements`").because_sql(error)
            })?;
        }
        let _ = console.close().await;
        let connection = open(&self.options).await?;
        let _ = connection.close().await;
        Ok(())
    }

    fn explain(&self, error: Error) -> Error {
        match &self.guard {
            Guard::Installed(running) => running.explain(&error),
            #[cfg(feature = "container")]
            Guard::Container(_) => error,
        }
    }
}

/// The console speaks the simple protocol only.
async fn version_of(console: &mut PgConnection) -> Result<String> {
    let row = sqlx::raw_sql("SHOW VERSION").fetch_one(console).await;
    let text = row
        .and_then(|row| row.try_get::<String, _>(0))
        .map_err(|error| Error::new("PgBouncer does not say its version").because_sql(error))?;
    // `PgBouncer 1.18.0`
    Ok(text.split_whitespace().nth(1).unwrap_or(&text).to_owned())
}

fn keeps_prepared_statements(version: &str) -> bool {
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= PREPARES_SINCE
}
