//! One step back and forth again, from the state right after its up.

use std::time::{Duration, Instant};

use shakedown_reports::model::RoundTrip;
use sqlx::postgres::PgConnection;

use crate::catalog::{self, Catalog, Change};
use crate::checks::mend::{self, Mend};
use crate::checks::session::{self, Reader, lost};
use crate::database::Databases;
use crate::error::Result;
use crate::migrate::{self, At, Failure};
use crate::source::Script;
use crate::sql;

/// What became of a step that was taken back and applied again.
#[derive(Debug)]
pub(crate) enum Trip {
    DownFailed(Failure),
    Done {
        down: Duration,
        /// What the down did not restore.
        traces: Vec<Change>,
        /// What would restore it after all, if that is known.
        mend: Option<Mend>,
        again: Again,
    },
}

/// What became of applying it again.
#[derive(Debug)]
pub(crate) enum Again {
    Failed(Failure),
    Applied {
        up: Duration,
        /// What is not as it was after the first up.
        changes: Vec<Change>,
    },
}

impl Trip {
    /// Whether every catalog was as it should be.
    pub(crate) fn is_clean(&self) -> bool {
        match self {
            Self::Done { traces, again: Again::Applied { changes, .. }, .. } => {
                traces.is_empty() && changes.is_empty()
            }
            _ => false,
        }
    }
}

/// A step and the catalogs around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) up: &'a Script,
    pub(crate) down: &'a Script,
    pub(crate) before: &'a Catalog,
    pub(crate) after: &'a Catalog,
}

/// Takes the step back and applies it again, and leaves the database of `reader` as it was.
///
/// The fast way is one transaction that is rolled back. Whatever goes wrong there is tried
/// again on a clone, with every script committed as its runner does, and only that counts:
/// some things cannot run in one transaction (`CREATE INDEX CONCURRENTLY`, a label of an enum
/// used where it was added, a table altered while its triggers are pending) and are no fault.
///
/// Returns the clone as well if `keep` is set and there is something to see in it.
///
/// # Errors
/// When the server fails.
pub(crate) async fn round_trip(
    databases: &mut Databases<'_>,
    reader: &mut Reader,
    step: Step<'_>,
    keep: bool,
) -> Result<(RoundTrip, Trip, Option<String>)> {
    if can_share_a_transaction(step.up) && can_share_a_transaction(step.down) {
        let trip = in_transaction(reader.connection(databases).await?, step).await?;
        if trip.is_clean() {
            return Ok((RoundTrip::Transaction, trip, None));
        }
    }
    reader.release().await?;
    let clone = databases.create(Some(reader.database())).await?;
    let trip = on_clone(databases, &clone, step).await?;
    if keep && !trip.is_clean() {
        return Ok((RoundTrip::Clone, trip, Some(clone)));
    }
    databases.drop(&clone).await?;
    Ok((RoundTrip::Clone, trip, None))
}

/// Whether the script leaves a transaction open that was open before it.
fn can_share_a_transaction(script: &Script) -> bool {
    script.messages().all(|message| {
        sql::statements(message).is_some_and(|statements| !sql::controls_transactions(&statements))
    })
}

/// What the end of a session and of a transaction would do, as far as a transaction allows:
/// deferred constraints are checked, and settings and temporary tables go.
const BETWEEN_SCRIPTS: &str = "SET CONSTRAINTS ALL IMMEDIATE; RESET ALL; RESET ROLE; DISCARD TEMP";

/// Where each sequence stands; nothing for one that was not used yet.
const SEQUENCES: &str = "SELECT format('%I.%I', schemaname, sequencename), last_value, start_value \
     FROM pg_catalog.pg_sequences ORDER BY 1";

async fn in_transaction(connection: &mut PgConnection, step: Step<'_>) -> Result<Trip> {
    type Stands = Vec<(String, Option<i64>, i64)>;
    let before: Stands =
        sqlx::query_as(SEQUENCES).fetch_all(&mut *connection).await.map_err(lost)?;
    sqlx::raw_sql("BEGIN").execute(&mut *connection).await.map_err(lost)?;
    let trip = inside(connection, step).await;
    // Locks of the session outlive the transaction, and the next script could wait for them.
    let end = "ROLLBACK; SELECT pg_catalog.pg_advisory_unlock_all()";
    sqlx::raw_sql(end).execute(&mut *connection).await.map_err(lost)?;
    // A rolled back transaction leaves sequences where it moved them.
    let after: Stands =
        sqlx::query_as(SEQUENCES).fetch_all(&mut *connection).await.map_err(lost)?;
    for (name, value, start) in before.iter().filter(|stand| !after.contains(stand)) {
        let set = sqlx::query("SELECT pg_catalog.setval($1::regclass, $2, $3)");
        let set = set.bind(name).bind(value.unwrap_or(*start)).bind(value.is_some());
        set.execute(&mut *connection).await.map_err(lost)?;
    }
    trip
}

async fn inside(connection: &mut PgConnection, step: Step<'_>) -> Result<Trip> {
    let started = Instant::now();
    if let Err(failure) = run_inside(connection, step.down).await? {
        return Ok(Trip::DownFailed(failure));
    }
    let down = started.elapsed();
    let restored = catalog::load(connection).await?;
    let traces = catalog::diff(step.before, &restored);
    if !traces.is_empty() {
        // The clone is going to tell all of it.
        return Ok(Trip::Done {
            down,
            traces,
            mend: None,
            again: Again::Applied { up: Duration::ZERO, changes: Vec::new() },
        });
    }
    let started = Instant::now();
    let again = match run_inside(connection, step.up).await? {
        Err(failure) => Again::Failed(failure),
        Ok(()) => {
            let up = started.elapsed();
            let reapplied = catalog::load(connection).await?;
            Again::Applied { up, changes: catalog::diff(step.after, &reapplied) }
        }
    };
    Ok(Trip::Done { down, traces, mend: None, again })
}

async fn run_inside(connection: &mut PgConnection, script: &Script) -> Result<Result<(), Failure>> {
    if let Err(failure) = migrate::run_inside(connection, script).await? {
        return Ok(Err(failure));
    }
    match sqlx::raw_sql(BETWEEN_SCRIPTS).execute(connection).await {
        Ok(_) => Ok(Ok(())),
        Err(sqlx::Error::Database(error)) => Ok(Err(Failure {
            message: error.message().to_owned(),
            sqlstate: error.code().unwrap_or_default().into_owned(),
            detail: None,
            hint: None,
            at: At::Commit,
        })),
        Err(error) => Err(lost(error)),
    }
}

/// Every script in a session of its own, committed.
async fn on_clone(databases: &Databases<'_>, clone: &str, step: Step<'_>) -> Result<Trip> {
    let down = match session::run(databases, clone, step.down).await? {
        Ok(took) => took,
        Err(failure) => return Ok(Trip::DownFailed(failure)),
    };
    let mut reader = Reader::of(clone);
    let restored = reader.catalog(databases).await?;
    let traces = catalog::diff(step.before, &restored);
    let mend = if traces.iter().all(Change::is_column_order) {
        None
    } else {
        mend::tried(reader.connection(databases).await?, step.before, step.up).await?
    };
    let again = match session::run(databases, clone, step.up).await? {
        Err(failure) => Again::Failed(failure),
        Ok(up) => {
            let reapplied = reader.catalog(databases).await?;
            Again::Applied { up, changes: catalog::diff(step.after, &reapplied) }
        }
    };
    reader.release().await?;
    Ok(Trip::Done { down, traces, mend, again })
}
