//! What the server does while it is measured: its counters, its statements, what its sessions
//! wait for, and its processor time.
//!
//! What cannot be asked keeps nothing from being measured: it is told in `missing`, with what to
//! do about it.

mod activity;
mod counters;
mod processes;
mod session;
mod statements;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use shakedown_reports::load::{Activity, ServerMeasured};
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;

use crate::error::{Error, Result};
use activity::Sampler;
use counters::Counters;
use processes::Processes;
use session::Session;
use statements::Statements;

/// How long the sessions of the users may take to end, so that their counts are in.
const LEAVING: Duration = Duration::from_millis(1500);
/// How often is looked whether they have.
const LOOK: Duration = Duration::from_millis(50);

/// Watches a server from a connection of its own, and samples its sessions from another.
#[derive(Debug)]
pub struct Observer {
    database: String,
    session: Session,
    /// The connection that samples, until it does.
    idle: Option<Session>,
    sampler: Option<Sampler>,
    before: Option<Snapshot>,
}

/// What is known of the server at one moment, and what could not be asked.
#[derive(Debug, Default)]
struct Snapshot {
    processes: Option<std::result::Result<Processes, String>>,
    counters: Counters,
    statements: Option<Statements>,
    missing: Vec<String>,
}

impl Observer {
    /// Connects to the database that `options` name, which is best not `database`, the one under
    /// test, and has the extension `pg_stat_statements`.
    ///
    /// # Errors
    /// If it cannot be connected to.
    pub async fn start(options: &PgConnectOptions, database: &str) -> Result<Self> {
        let refused = |error: sqlx::Error| {
            Error::new("the server cannot be connected to in order to watch it").because(error)
        };
        let session = Session::open(options).await.map_err(refused)?;
        let idle = Some(Session::open(options).await.map_err(refused)?);
        let database = database.to_owned();
        Ok(Self { database, session, idle, sampler: None, before: None })
    }

    /// The measurement begins.
    ///
    /// Sessions hand over their counts once a second, so that up to a second of what they did
    /// before is counted in those of `pg_stat_database`, `pg_stat_wal` and `pg_stat_io`.
    pub async fn begin(&mut self) {
        let before = self.snapshot(false).await;
        // Last, so that what it costs to ask is not counted.
        self.before = Some(Snapshot { processes: self.processes().await, ..before });
        let database = self.database.clone();
        self.sampler = self.idle.take().map(|session| Sampler::start(session, database));
    }

    /// The measurement is over, and the connections of the users are closed or about to be.
    /// Waits for the last of their counts: those of a session are in when it ends.
    pub async fn end(mut self) -> ServerMeasured {
        let processes = self.processes().await;
        let (activity, mut missing) = match self.sampler.take() {
            Some(sampler) => sampler.finish().await,
            None => Default::default(),
        };
        if processes.is_some() || self.session.connection().await.is_ok() {
            missing.extend(self.wait_for_counts().await);
        }
        let after = Snapshot { processes, ..self.snapshot(true).await };
        let before = self.before.take().unwrap_or_default();
        Snapshot::between(before, after, activity, missing)
    }

    async fn snapshot(&mut self, texts: bool) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let connection = match self.session.connection().await {
            Ok(connection) => connection,
            Err(error) => {
                let why = format!("the server could not be asked what it did: {error}");
                return Snapshot { missing: vec![why], ..snapshot };
            }
        };
        let (counters, missing) = counters::ask(connection, &self.database).await;
        snapshot.counters = counters;
        snapshot.missing = missing;
        match statements::ask(connection, &self.database, texts).await {
            Ok((statements, hidden)) => {
                snapshot.statements = Some(statements);
                snapshot.missing.extend(hidden);
            }
            Err(why) => snapshot.missing.push(why),
        }
        snapshot
    }

    /// What the server's processes used; nothing if the server cannot be asked.
    async fn processes(&mut self) -> Option<std::result::Result<Processes, String>> {
        let connection = self.session.connection().await.ok()?;
        Some(processes::ask(connection).await)
    }

    /// Says so if sessions stay that may not have handed over all that they counted.
    async fn wait_for_counts(&mut self) -> Option<String> {
        let until = Instant::now() + LEAVING;
        loop {
            let connection = self.session.connection().await.ok()?;
            let open = uncounted(connection, &self.database).await.ok()?;
            if open == 0 {
                return None;
            }
            if Instant::now() >= until {
                return Some(format!(
                    "the counters may lack what was done in the last second by sessions that stay \
                     open, such as those of a PgBouncer: {open} of them"
                ));
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Snapshot {
    /// What was done between two of them.
    fn between(
        before: Self,
        after: Self,
        activity: Activity,
        mut missing: Vec<String>,
    ) -> ServerMeasured {
        missing.extend(before.missing);
        missing.extend(after.missing);
        let (counters, reset) = counters::between(&before.counters, &after.counters);
        missing.extend(reset);
        let mut cpu_s = None;
        match before.processes.zip(after.processes) {
            Some((Ok(before), Ok(after))) => match after.since(&before) {
                Ok(cpu) => cpu_s = Some(cpu.as_secs_f64()),
                Err(why) => missing.push(why),
            },
            Some((Err(why), _) | (_, Err(why))) => missing.push(why),
            None => {}
        }
        let statements = match (before.statements, after.statements) {
            (Some(before), Some(after)) => statements::between(&before, after),
            _ => Vec::new(),
        };
        let mut once = BTreeSet::new();
        missing.retain(|sentence| once.insert(sentence.clone()));
        ServerMeasured { cpu_s, counters, activity, statements, missing }
    }
}

/// How many sessions there are that did something since they last can have had to hand over what
/// they counted, which they do when they were idle for ten seconds.
async fn uncounted(connection: &mut PgConnection, database: &str) -> sqlx::Result<i64> {
    let sql = "SELECT count(*) FROM pg_catalog.pg_stat_activity \
               WHERE datname = $1::text AND backend_type = 'client backend' \
               AND application_name <> $2::text \
               AND state_change > clock_timestamp() - interval '11 seconds'";
    sqlx::query_scalar(sql).bind(database).bind(session::NAME).fetch_one(connection).await
}

/// The processor time that this program used until now, user and system.
pub fn own_cpu() -> Duration {
    // It only fails for arguments that are not ours.
    getrusage(UsageWho::RUSAGE_SELF).map_or(Duration::ZERO, |usage| {
        let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    })
}
