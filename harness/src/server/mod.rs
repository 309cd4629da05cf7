//! Starts and stops Postgres servers; nothing else starts processes or containers.
//!
//! [`start`] takes one of the ways in their own files: `container`, `embedded`, `local`, `url` or
//! `neon`. Whatever it starts is stopped when the [`Server`] is dropped, by `reaper` when
//! this process dies, and by the next start (`sweep`) failing that.

mod account;
mod binaries;
pub mod bouncer;
mod cluster;
#[cfg(feature = "container")]
mod container;
#[cfg(not(feature = "container"))]
#[path = "no_container.rs"]
mod container;
mod data;
mod download;
mod embedded;
mod local;
mod neon;
mod packages;
mod places;
mod process;
mod reaper;
mod request;
mod runs;
mod settings;
mod sweep;
mod url;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ::url::Url;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tokio::sync::Mutex;

pub use self::neon::Neon;
pub use self::url::{masked, parse as parse_url};
use crate::error::{Error, Result};
pub use places::{default_cache, search_path};
pub use request::{Choice, Request, Way};
pub use settings::Profile;

/// The superuser of every scratch server.
const SUPERUSER: &str = "postgres";

/// A running Postgres. Dropping it stops what was started for it.
#[derive(Debug)]
pub struct Server {
    pub way: Way,
    /// As `SHOW server_version` says it.
    pub version: String,
    /// What it was started with; nothing for a server that the user runs.
    pub profile: Option<Profile>,
    /// The settings it was given beyond Postgres's defaults.
    pub settings: BTreeMap<String, String>,
    /// For `auto`: why the ways before the one taken fell out, one sentence each.
    pub passed_over: Vec<String>,
    /// Where it is, with the password, and with the database in which scratch databases are
    /// created and dropped.
    address: Url,
    /// The same for our own connections, which may take a shorter way.
    admin: PgConnectOptions,
    /// The same behind a pooler that belongs to the server, where there is one.
    pooled: Option<Url>,
    /// Names the scratch databases of this run.
    run: runs::RunId,
    /// How many scratch databases it has given names to.
    named: AtomicUsize,
    /// What stops the server; nothing for one that the user runs.
    guard: Option<Guard>,
}

#[derive(Debug)]
enum Guard {
    // Locked while it is restarted.
    Cluster(Box<Mutex<cluster::Cluster>>),
    #[cfg(feature = "container")]
    Container(Box<container::Running>),
    Branch(Box<neon::Branch>),
}

/// What a way hands over once its server takes connections.
struct Started {
    address: Url,
    admin: PgConnectOptions,
    settings: BTreeMap<String, String>,
    guard: Guard,
}

/// Starts the server that `request` asks for, or connects to it.
///
/// # Errors
/// When no such server can be had; for [`Choice::Auto`] the sentence names every way
/// that was tried.
pub async fn start(request: &Request) -> Result<Server> {
    sweep::sweep(&request.cache).await;
    let run = runs::RunId::new();
    let mut passed_over = Vec::new();
    let (way, started) = match &request.choice {
        Choice::Url(address) => return connect(address, run).await,
        Choice::Neon(wanted) => {
            let started = neon::start(wanted, request, &run).await?;
            let server = connect(started.direct.as_str(), run).await?;
            return Ok(Server {
                way: Way::Neon,
                pooled: Some(started.pooled),
                guard: Some(Guard::Branch(Box::new(started.branch))),
                ..server
            });
        }
        Choice::Container => (Way::Container, container::start(request, &run).await?),
        Choice::Local => (Way::Local, local::start(request, &run).await?),
        Choice::Embedded => (Way::Embedded, embedded::start(request, &run).await?),
        Choice::Auto => auto(request, &run, &mut passed_over).await?,
    };
    let version = version_of(&started.admin).await?;
    if started.settings.contains_key(settings::PRELOADED) {
        count_statements(&started.admin).await?;
    }
    Ok(Server {
        way,
        version,
        profile: Some(request.profile),
        settings: started.settings,
        passed_over,
        address: started.address,
        admin: started.admin,
        pooled: None,
        run,
        named: AtomicUsize::new(0),
        guard: Some(started.guard),
    })
}

async fn auto(
    request: &Request,
    run: &runs::RunId,
    passed_over: &mut Vec<String>,
) -> Result<(Way, Started)> {
    match container::start(request, run).await {
        Ok(started) => return Ok((Way::Container, started)),
        Err(error) => passed_over.push(format!("container: {}", error.whole())),
    }
    match local::start(request, run).await {
        Ok(started) => return Ok((Way::Local, started)),
        Err(error) => passed_over.push(format!("local: {}", error.whole())),
    }
    match embedded::start(request, run).await {
        Ok(started) => Ok((Way::Embedded, started)),
        Err(error) => {
            passed_over.push(format!("embedded: {}", error.whole()));
            Err(Error::new(format!(
                "no way to a Postgres server works here: {}",
                passed_over.join("; ")
            ))
            .hint("`shakedown doctor` shows each way and what to do about it"))
        }
    }
}

async fn connect(address: &str, run: runs::RunId) -> Result<Server> {
    let admin = parse_url(address)?;
    let address = url::as_url(address)?;
    let version = version_of(&admin).await?;
    Ok(Server {
        way: Way::Url,
        version,
        profile: None,
        settings: BTreeMap::new(),
        passed_over: Vec::new(),
        address,
        admin,
        pooled: None,
        run,
        named: AtomicUsize::new(0),
        guard: None,
    })
}

/// Lets whoever watches the server read what it counts of statements.
async fn count_statements(admin: &PgConnectOptions) -> Result<()> {
    let sql = format!("CREATE EXTENSION IF NOT EXISTS {}", settings::STATEMENTS);
    let mut connection = open(admin).await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.map_err(|error| {
        Error::new(format!("the extension `{}` cannot be created", settings::STATEMENTS))
            .because_sql(error)
            .hint("install the Postgres server whole, with its contributed extensions")
    })?;
    let _ = connection.close().await;
    Ok(())
}

/// The oldest major version whose catalogs the queries of this crate can read.
const OLDEST_MAJOR: i64 = 16;

async fn version_of(admin: &PgConnectOptions) -> Result<String> {
    let mut connection = open(admin).await?;
    let (number, version): (i32, String) = sqlx::query_as(
        "SELECT current_setting('server_version_num')::int, \
         split_part(current_setting('server_version'), ' ', 1)",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(|error| Error::new("the server does not say its version").because_sql(error))?;
    // A failing farewell changes nothing; the server notices the closed socket.
    let _ = connection.close().await;
    if i64::from(number) / 10_000 < OLDEST_MAJOR {
        return Err(Error::new(format!(
            "the server runs PostgreSQL {version}, but Shakedown needs 16 or newer"
        ))
        .hint("leave `--postgres` out to start a scratch server of the right version"));
    }
    Ok(version)
}

/// A server that has not taken a connection by then is given up.
const CONNECT_PATIENCE: Duration = Duration::from_secs(15);

/// Opens a connection and, where that fails, says why in words.
pub(crate) async fn open(options: &PgConnectOptions) -> Result<PgConnection> {
    match tokio::time::timeout(CONNECT_PATIENCE, options.connect()).await {
        Ok(connected) => connected.map_err(|error| url::explain(options, error)),
        Err(_) => Err(url::silent(options, CONNECT_PATIENCE)),
    }
}

impl Server {
    /// Sixteen hexadecimal digits that the names of this run's databases hold.
    pub(crate) fn run_id(&self) -> &str {
        self.run.as_str()
    }

    /// A name for a scratch database that no other has: `shakedown_<run>_<number>`.
    pub(crate) fn next_name(&self) -> String {
        let number = self.named.fetch_add(1, Ordering::Relaxed) + 1;
        format!("shakedown_{}_{number}", self.run.as_str())
    }

    /// Opens a connection to the named database, or to the one of the address.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses; the sentence says which.
    pub async fn connect(&self, database: Option<&str>) -> Result<PgConnection> {
        match database {
            Some(database) => open(&self.admin.clone().database(database)).await,
            None => open(&self.admin).await,
        }
    }

    /// The address of a database on this server, with its password: for the user's own eyes.
    pub fn address(&self, database: &str) -> String {
        let mut address = self.address.clone();
        address.set_path(database);
        address.to_string()
    }

    /// How users connect to a database on this server: over TCP and with the password where we
    /// started it. For drivers of load.
    ///
    /// # Errors
    /// When the address of the user's own server holds what no driver understands.
    pub fn options(&self, database: &str) -> Result<PgConnectOptions> {
        Ok(parse_url(self.address.as_str())?.database(database))
    }

    /// The same behind the pooler that belongs to the server, a PgBouncer in transaction mode, if
    /// there is one. For drivers of load only: it takes no settings when somebody connects, and
    /// keeps nothing of a session after a transaction.
    ///
    /// # Errors
    /// When the address holds what no driver understands.
    pub fn pooled(&self, database: &str) -> Result<Option<PgConnectOptions>> {
        let Some(address) = &self.pooled else { return Ok(None) };
        Ok(Some(parse_url(address.as_str())?.database(database)))
    }

    /// Whether a pooler belongs to it.
    pub fn is_pooled(&self) -> bool {
        self.pooled.is_some()
    }

    /// How to connect to the maintenance database by the shortest way: for those who watch.
    pub fn watcher(&self) -> PgConnectOptions {
        self.admin.clone()
    }

    /// Stops the server in order, which ends all sessions with 57P01, and starts it again at the
    /// same address with the same data.
    ///
    /// # Errors
    /// When it is not a server of ours, its data would be lost, or it does not come up again.
    pub async fn restart(&self) -> Result<()> {
        match &self.guard {
            Some(Guard::Cluster(cluster)) => cluster.lock().await.restart().await,
            #[cfg(feature = "container")]
            Some(Guard::Container(container)) => container.restart(self.profile, &self.admin).await,
            Some(Guard::Branch(_)) => {
                Err(Error::new("Shakedown does not restart the compute of a branch of Neon")
                    .hint("take a server that it starts itself: --postgres embedded"))
            }
            None => Err(Error::new("a server that you run yourself is not restarted by Shakedown")
                .hint("leave `--postgres` out to start a scratch server, or restart it by hand")),
        }
    }

    /// Stops what was started for it, and says whether that worked; dropping it tries the same.
    ///
    /// # Errors
    /// When a container cannot be removed, or a branch not deleted.
    pub async fn stop(self) -> Result<()> {
        match self.guard {
            #[cfg(feature = "container")]
            Some(Guard::Container(container)) => container.stop().await,
            Some(Guard::Cluster(cluster)) => {
                drop(cluster);
                Ok(())
            }
            Some(Guard::Branch(branch)) => branch.delete().await,
            None => Ok(()),
        }
    }

    /// Whether all of the server is ours: its settings, its checkpoints, and when it stops.
    pub fn is_scratch(&self) -> bool {
        self.guard.is_some() && self.branch().is_none()
    }

    /// The name of the branch that was made for it, where it is one of Neon.
    pub fn branch(&self) -> Option<&str> {
        match &self.guard {
            Some(Guard::Branch(branch)) => Some(branch.name()),
            _ => None,
        }
    }
}
