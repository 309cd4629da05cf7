//! What all strategies of an experiment have in common.

use std::sync::Arc;
use std::time::{Duration, Instant};

use shakedown_scenarios::Scenario;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::sync::watch;

use super::Asked;
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::server::Server;

/// What is counted, where, and how long yet.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) server: &'a Server,
    pub(super) asked: &'a Asked,
    pub(super) scenario: Arc<Scenario>,
    pub(super) catalog: Catalog,
    /// The database with rows that times are measured on clones of.
    pub(super) seeded: String,
    /// The same with keys that do not differ from run to run, for counting.
    pub(super) counted: String,
    /// When there is no more time.
    pub(super) until: Instant,
    pub(super) stop: watch::Receiver<bool>,
}

impl Stage<'_> {
    /// Whether nothing more is wanted, or the time is over.
    pub(super) fn over(&self) -> bool {
        self.stopped() || self.left().is_zero()
    }

    /// Whether nothing more is wanted.
    pub(super) fn stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// How much time there is yet.
    pub(super) fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// The part of all operations that one of the scenario makes up.
    pub(super) fn share(&self, operation: usize) -> f64 {
        self.scenario.share(&self.scenario.operations[operation])
    }

    /// How a session connects in which the same statements have the same counts: one process,
    /// plans for the arguments at hand, and every commit on disk before the next statement, since
    /// hints on rows wait for that.
    pub(super) fn exact(&self, database: &str) -> Result<PgConnectOptions> {
        let timeout = self.asked.load.statement_timeout.as_millis().to_string();
        Ok(self.server.options(database)?.options([
            ("jit", "off"),
            ("max_parallel_workers_per_gather", "0"),
            ("plan_cache_mode", "force_custom_plan"),
            ("synchronize_seqscans", "off"),
            ("synchronous_commit", "on"),
            ("statement_timeout", &timeout),
            ("lock_timeout", &timeout),
        ]))
    }
}

/// Runs a statement of ours.
pub(super) async fn execute(connection: &mut PgConnection, sql: &str) -> Result<()> {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await;
    done.map(drop).map_err(|error| Error::new(format!("`{sql}` failed")).because_sql(error))
}
