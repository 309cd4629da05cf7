//! One setting on a clone of the database, from its first connection to its cell.

use std::sync::Arc;
use std::time::Duration;

use shakedown_reports::load::Cell;
use shakedown_scenarios::Scenario;
use shakedown_scenarios::engine::{self, Connections, End, Pace, Plan, Progress, Storm, Watch};
use tokio::sync::watch;

use super::through::{self, Through};
use super::{Asked, Event, Setting};
use crate::database::Databases;
use crate::error::{Error, Result};
use crate::server::Server;

/// What all settings of a load have in common.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) server: &'a Server,
    pub(super) asked: &'a Asked,
    pub(super) scenario: Arc<Scenario>,
    /// The database that is cloned.
    pub(super) from: &'a str,
    pub(super) stop: watch::Receiver<bool>,
}

impl Stage<'_> {
    /// Whether nothing more is wanted.
    pub(super) fn stopped(&self) -> bool {
        *self.stop.borrow()
    }
}

/// How many connections a server allows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowed {
    /// `max_connections`.
    pub(super) all: u32,
    /// Those of them that are kept for superusers and the like.
    pub(super) reserved: u32,
}

/// What the engine and those who watch the server need beside the users.
const OURS: u32 = 5;

/// Asks the server.
pub(super) async fn allowed(server: &Server) -> Result<Allowed> {
    let mut connection = server.connect(None).await?;
    let (all, reserved): (i32, i32) = sqlx::query_as(
        "SELECT current_setting('max_connections')::int, \
         current_setting('superuser_reserved_connections')::int \
         + coalesce(current_setting('reserved_connections', true)::int, 0)",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(|error| {
        Error::new("the server does not tell its max_connections").because_sql(error)
    })?;
    Ok(Allowed {
        all: u32::try_from(all).unwrap_or(0),
        reserved: u32::try_from(reserved).unwrap_or(0),
    })
}

impl Allowed {
    /// Refuses a setting that needs more.
    pub(super) fn fits(self, server: &Server, setting: &Setting) -> Result<()> {
        let users = u32::try_from(setting.users).unwrap_or(u32::MAX);
        let wanted = match (&setting.bouncer, &setting.pool) {
            (Some(bouncer), _) => bouncer.pool_size.min(users),
            // A pooler that belongs to the server keeps within what that allows.
            (None, _) if server.is_pooled() => return Ok(()),
            (None, Some(pool)) => pool.max_connections.min(users),
            (None, None) => users,
        };
        let free = self.all.saturating_sub(self.reserved + OURS);
        if wanted <= free {
            return Ok(());
        }
        Err(Error::new(format!(
            "`{}` needs {wanted} connections, but the server allows {} in all, of which {} are reserved and {OURS} are for watching it",
            setting.name, self.all, self.reserved
        ))
        .hint(format!("give at most {free}, or a server with a larger max_connections")))
    }
}

/// Runs a setting on a fresh clone.
pub(super) async fn measure(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    setting: &Setting,
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Cell> {
    let clone = databases.create(Some(stage.from)).await?;
    checkpoint(stage.server).await?;
    let Through { options, told, ours } = through::reach(stage, databases, setting, &clone).await?;
    let plan = Plan {
        name: setting.name.clone(),
        scenario: Arc::clone(&stage.scenario),
        users: setting.users,
        pace: setting.pace,
        think: stage.asked.think,
        warmup: match setting.storm {
            Some(Storm::ColdStart) => Duration::ZERO,
            _ => stage.asked.warmup,
        },
        end: stage.asked.end,
        seed: stage.asked.worker.map_or(stage.asked.seed, |worker| worker.seed(stage.asked.seed)),
        scale: stage.asked.scale.into(),
        prepared: setting.prepared,
        connections: match &setting.pool {
            Some(pool) => Connections::Pool(options, pool.clone()),
            None => Connections::Own(options),
        },
        profile: setting.profile.clone(),
        statement_timeout: stage.asked.statement_timeout,
        bouncer: told,
        storm: setting.storm,
        observe: Some(stage.server.watcher()),
    };
    let mut cell = driven(stage, &plan, show).await?;
    cell.remarks.extend(clash(&cell));
    // What was measured is worth more than a tidy end: what stays is cleared away later.
    if let Some(bouncer) = ours
        && let Err(error) = bouncer.stop().await
    {
        cell.remarks.push(error.whole());
    }
    if let Err(error) = databases.drop(&clone).await {
        cell.remarks.push(error.whole());
    }
    Ok(cell)
}

/// What sqlx sends for one statement when connections change between transactions: it prepares in
/// one round trip and executes in the next, outside of BEGIN each in a transaction of its own.
fn clash(cell: &Cell) -> Option<String> {
    let bouncer = cell.setup.bouncer.as_ref().filter(|bouncer| bouncer.mode == "transaction")?;
    let states = cell.operations.iter().flat_map(|operation| operation.failed.keys());
    // No such statement; one of that name is there; it has other parameters, or another result.
    states
        .into_iter()
        .find(|state| ["26000", "42P05", "08P01", "0A000"].contains(&state.as_str()))?;
    Some(format!(
        "{} in transaction mode gives each transaction any connection, on which another \
         statement may be prepared: write BEGIN and COMMIT around statements, use session mode, or \
         PgBouncer 1.21 with `max_prepared_statements`",
        bouncer.name()
    ))
}

/// Writes what is due to be written now and not in the middle of a measurement.
async fn checkpoint(server: &Server) -> Result<()> {
    if !server.is_scratch() {
        return Ok(());
    }
    let mut connection = server.connect(None).await?;
    let done = sqlx::raw_sql("CHECKPOINT").execute(&mut connection).await;
    done.map(drop).map_err(|error| Error::new("`CHECKPOINT` failed").because_sql(error))
}

/// Runs the engine, tells of it, and restarts the server if that is the storm.
async fn driven(
    stage: &Stage<'_>,
    plan: &Plan,
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Cell> {
    let (progress, mut told) = watch::channel(Progress::default());
    let mut moment = told.clone();
    let running = engine::run(plan, Watch { stop: stage.stop.clone(), progress });
    let restarting = async {
        let Some(Storm::Restart { at }) = plan.storm else { return Ok(()) };
        let due = plan.warmup + at;
        // An error means that the run ended before.
        match moment.wait_for(|now| now.measuring && now.elapsed >= due).await {
            Ok(_) => stage.server.restart().await,
            Err(_) => Ok(()),
        }
    };
    let showing = async {
        while told.changed().await.is_ok() {
            show(Event::Progress(&told.borrow_and_update().clone()));
        }
    };
    let (cell, restarted, ()) = tokio::join!(running, restarting, showing);
    let mut cell = cell?;
    if let Err(error) = restarted {
        cell.ended_early = Some(format!("the server could not be restarted: {}", error.whole()));
    }
    Ok(cell)
}

/// How long a setting is measured, if a time was given.
pub(super) fn time(asked: &Asked) -> Option<Duration> {
    match asked.end {
        End::Time(time) => Some(time),
        End::Operations(_) => None,
    }
}

/// Operations in a second that a setting asks for.
pub(super) fn rate(setting: &Setting) -> Option<f64> {
    match setting.pace {
        Pace::Open { rate, .. } => Some(rate),
        Pace::Closed => None,
    }
}
