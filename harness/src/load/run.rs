//! A load from its first table to its advice.

use std::sync::Arc;

use jiff::Timestamp;
use shakedown_reports::load::{self, Advice, Load, Script};
use shakedown_scenarios::Scenario;
use tokio::sync::watch;

use super::cells::{self, Stage};
use super::queries::{self, Query};
use super::seeded::{Seeded, seeded};
use super::{Asked, Event, Setting, Target, Workload, derive, plans, storms};
use crate::database::Databases;
use crate::error::{Error, Result};
use crate::invariants::report::Subject;
use crate::invariants::soft_delete;
use crate::measure::Bench;
use crate::server::Server;

/// Makes a database with rows, and measures every setting on a clone of it. Once `stop` is true,
/// what runs is ended and what was measured is returned.
///
/// # Errors
/// When a setting cannot be run at all: the schema cannot be made, a script is wrong, a table
/// that keys come from is empty, a pool is larger than the server allows.
pub async fn run(
    target: &Target,
    server: &Server,
    databases: &mut Databases<'_>,
    asked: &Asked,
    stop: watch::Receiver<bool>,
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Load> {
    let allowed = cells::allowed(server).await?;
    asked.settings.iter().try_for_each(|setting| allowed.fits(server, setting))?;
    storms::possible(&asked.storms, asked, server)?;
    show(Event::Seeding);
    let mut seeded = seeded(target, server, databases, asked).await?;
    show(Event::Deriving);
    let scenario = Arc::new(scenario(target, server, databases, asked, &mut seeded).await?);
    if let Some(at) = asked.start_at {
        show(Event::Waiting(at));
        wait(at, stop.clone()).await;
    }
    let stage = Stage { server, asked, scenario: Arc::clone(&scenario), from: &seeded.name, stop };
    let mut measured = Vec::new();
    let mut failed = sweep(&stage, databases, &mut measured, show).await.err();
    let limits = asked.advise.clone().map(|limits| load::Asked {
        max_connections: Some(allowed.all),
        reserved: allowed.reserved,
        ..limits
    });
    let advice = limits.map(|limits| load::advise(&measured, &limits));
    if !stage.stopped() && failed.is_none() {
        let chosen = chosen(asked, advice.as_ref());
        let storms = storms::settings(&asked.storms, chosen, &measured, asked);
        for (number, setting) in storms.iter().enumerate() {
            show(Event::Setting { name: &setting.name, number: number + 1, of: storms.len() });
            match cells::measure(&stage, databases, setting, show).await {
                Ok(cell) => measured.push(cell),
                Err(error) => failed = Some(error),
            }
            if stage.stopped() || failed.is_some() {
                break;
            }
        }
    }
    // Without anything measured there is nothing to report but the error.
    if let Some(error) = failed.take_if(|_| measured.is_empty()) {
        return Err(error);
    }
    if !stage.stopped() && failed.is_none() {
        show(Event::Plans);
        let missing = plans::attach(&stage, databases, &mut measured).await;
        seeded.notes.extend(missing);
    }
    Ok(Load {
        scenario: told(&scenario),
        rows: seeded.rows,
        seed: asked.seed,
        worker: asked.worker.map(|worker| format!("{}/{}", worker.number, worker.of)),
        cells: measured,
        advice,
        incomplete: failed.map(|error| error.whole()),
        notes: seeded.notes,
    })
}

/// Measures one setting on a clone of a database that has its rows.
pub(crate) async fn measured(
    bench: &Bench<'_>,
    databases: &mut Databases<'_>,
    from: &str,
    setting: &Setting,
    stop: watch::Receiver<bool>,
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<load::Cell> {
    let Bench { server, load: asked, scenario } = bench;
    cells::allowed(server).await?.fits(server, setting)?;
    let stage = Stage { server, asked, scenario: Arc::clone(scenario), from, stop };
    cells::measure(&stage, databases, setting, show).await
}

/// Measures every setting, in as many rounds as asked for. What was measured before an error is
/// in `done` all the same.
async fn sweep(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    done: &mut Vec<load::Cell>,
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<()> {
    let settings = &stage.asked.settings;
    let rounds = stage.asked.rounds.max(1) as usize;
    let mut measured: Vec<Option<load::Cell>> = vec![None; settings.len()];
    let mut number = 0;
    let mut outcome = Ok(());
    'rounds: for round in 0..rounds {
        let mut order: Vec<usize> = (0..settings.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for at in order {
            if stage.stopped() {
                break 'rounds;
            }
            number += 1;
            let setting = &settings[at];
            let of = settings.len() * rounds;
            show(Event::Setting { name: &setting.name, number, of });
            match cells::measure(stage, databases, setting, show).await {
                Ok(cell) => match &mut measured[at] {
                    Some(before) => before.append(cell),
                    none => *none = Some(cell),
                },
                Err(error) => {
                    outcome = Err(error);
                    break 'rounds;
                }
            }
        }
    }
    done.extend(measured.into_iter().flatten());
    outcome
}

/// The setting that was advised, or else the first.
fn chosen<'a>(asked: &'a Asked, advice: Option<&Advice>) -> Option<&'a Setting> {
    let take = advice.and_then(|advice| advice.take.as_ref());
    let advised = take.and_then(|name| asked.settings.iter().find(|one| one.name == *name));
    advised.or(asked.settings.first())
}

/// The workload, with a note on what was left out of it.
pub(crate) async fn scenario(
    target: &Target,
    server: &Server,
    databases: &mut Databases<'_>,
    asked: &Asked,
    seeded: &mut Seeded,
) -> Result<Scenario> {
    match &asked.workload {
        Workload::Given(scenario) => return Ok(scenario.clone()),
        Workload::Queries { queries, origin, left_out, found } => {
            seeded.notes.extend(left_out.iter().cloned());
            match of_queries(server, databases, asked, seeded, queries, origin).await {
                Err(error) if *found => {
                    seeded.notes.push(format!("{origin} are not driven: {}", error.whole()));
                }
                outcome => return outcome,
            }
        }
        Workload::Derived => {}
    }
    let catalog = &seeded.catalog;
    let leave_out = |name: &crate::catalog::Name| match target {
        Target::Subject(Subject::Project(project)) => project.format.keeps(name),
        Target::Subject(Subject::Database(_)) | Target::Pgbench => false,
    };
    let soft_deletes = soft_delete::detect(catalog, &asked.soft_deletes)?;
    let derived = derive::derive(catalog, &leave_out, &soft_deletes, asked.tries)?;
    // What fails on its own is left out, and trying it changes rows.
    let clone = databases.create(Some(&seeded.name)).await?;
    let derived = derive::tried(&server.options(&clone)?, derived, asked.seed).await?;
    databases.drop(&clone).await?;
    seeded.notes.extend(derived.left_out);
    if derived.operations.is_empty() {
        return Err(Error::new(
            "no workload can be derived from this schema: none of its tables has a key and rows",
        )
        .hint("write one as a pgbench script, and give it with `--script FILE`"));
    }
    Ok(Scenario {
        name: "derived".to_owned(),
        origin: "derived from the catalog".to_owned(),
        operations: derived.operations,
    })
}

/// A workload of queries that people have, each tried out.
async fn of_queries(
    server: &Server,
    databases: &mut Databases<'_>,
    asked: &Asked,
    seeded: &mut Seeded,
    queries: &[Query],
    origin: &str,
) -> Result<Scenario> {
    let clone = databases.create(Some(&seeded.name)).await?;
    let mut connection = databases.connect(&clone).await?;
    let catalog = &seeded.catalog;
    let (scenario, left_out) =
        queries::scenario(&mut connection, catalog, queries, "queries", origin, asked.tries)
            .await?;
    drop(connection);
    seeded.notes.extend(left_out);
    let (scenario, left_out) =
        queries::tried(&server.options(&clone)?, scenario, asked.seed).await?;
    seeded.notes.extend(left_out);
    databases.drop(&clone).await?;
    Ok(scenario)
}

/// Waits for a moment, or until nobody wants that any more.
async fn wait(at: Timestamp, mut stop: watch::Receiver<bool>) {
    let left = at.duration_since(Timestamp::now());
    let Ok(left) = std::time::Duration::try_from(left) else { return };
    tokio::select! {
        () = tokio::time::sleep(left) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

/// A workload as a report tells it.
pub(crate) fn told(scenario: &Scenario) -> load::Workload {
    let script = |operation: &shakedown_scenarios::Operation| Script {
        name: operation.name.clone(),
        weight: operation.weight,
        text: operation.text.clone(),
    };
    load::Workload {
        name: scenario.name.clone(),
        origin: scenario.origin.clone(),
        operations: scenario.operations.iter().map(script).collect(),
    }
}
