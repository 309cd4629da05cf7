//! What is done, and where, while something is counted or timed.

use std::sync::Arc;

use shakedown_scenarios::Scenario;
use shakedown_scenarios::engine::Session;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use crate::error::{Error, Result};
use crate::load;
use crate::server::Server;

/// A server, and a workload that is done on databases of it.
#[derive(Debug)]
pub(crate) struct Bench<'a> {
    pub(crate) server: &'a Server,
    /// The seed, the scale and the timeout.
    pub(crate) load: &'a load::Asked,
    pub(crate) scenario: Arc<Scenario>,
}

impl Bench<'_> {
    /// The part of all operations that one of the scenario makes up.
    pub(crate) fn share(&self, operation: usize) -> f64 {
        self.scenario.share(&self.scenario.operations[operation])
    }

    /// How a session connects in which the same statements have the same counts: one process,
    /// plans for the arguments at hand, and every commit on disk before the next statement, since
    /// hints on rows wait for that.
    pub(crate) fn exact(&self, database: &str) -> Result<PgConnectOptions> {
        Ok(self.timeouts(database)?.options([
            ("jit", "off"),
            ("max_parallel_workers_per_gather", "0"),
            ("plan_cache_mode", "force_custom_plan"),
            ("synchronize_seqscans", "off"),
            ("synchronous_commit", "on"),
        ]))
    }

    /// How a session connects that is timed: as an application does.
    pub(crate) fn timeouts(&self, database: &str) -> Result<PgConnectOptions> {
        let timeout = self.load.statement_timeout.as_millis().to_string();
        Ok(self
            .server
            .options(database)?
            .options([("statement_timeout", timeout.as_str()), ("lock_timeout", &timeout)]))
    }

    /// A session that does operations as an application would, of those that are `wanted`.
    pub(crate) async fn session(
        &self,
        database: &str,
        wanted: impl Fn(usize) -> bool,
    ) -> Result<Session> {
        let (options, load) = (self.timeouts(database)?, self.load);
        let scale = load.scale.into();
        Ok(Session::open(&options, &self.scenario, wanted, load.seed, scale, true).await?)
    }
}

/// Runs a statement of ours.
pub(crate) async fn execute(connection: &mut PgConnection, sql: &str) -> Result<()> {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await;
    done.map(drop).map_err(|error| Error::new(format!("`{sql}` failed")).because_sql(error))
}
