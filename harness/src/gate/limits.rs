//! Limits of the user, judged by what was counted and by a load on the candidate.

use std::collections::BTreeMap;
use std::sync::Arc;

use shakedown_reports::gate::{Gate, Limit, MEASURES, Value, Values};
use shakedown_reports::load::{Cell, OperationMeasured};
use shakedown_scenarios::Scenario;

use super::Event;
use super::operations::left;
use super::run::Stage;
use super::sides::Made;
use super::tally::Tally;
use crate::catalog::Name;
use crate::database::Databases;
use crate::error::{Error, Result};
use crate::load;
use crate::measure::Bench;
use crate::source::Project;

/// What only a load tells.
const OF_A_LOAD: [&str; 11] = [
    "p50",
    "p90",
    "p95",
    "p99",
    "p999",
    "max",
    "mean",
    "rate",
    "error_share",
    "wait_share",
    "timeouts",
];

/// Refuses limits on what is not there, before anything is measured.
pub(super) fn known(
    limits: &[Limit],
    project: &Project,
    scenario: &Scenario,
    candidate: &Made,
) -> Result<()> {
    for limit in limits {
        let Some(subject) = &limit.subject else { continue };
        let there: Vec<String> = match limit.measure.as_str() {
            "migration_time" => project.migrations.iter().map(|one| one.id.clone()).collect(),
            "size" => relations(candidate),
            _ => scenario.operations.iter().map(|one| one.name.clone()).collect(),
        };
        if !there.contains(subject) {
            return Err(Error::new(format!("`{}`: there is no `{subject}`", limit.text))
                .hint(format!("there are {}", there.join(", "))));
        }
    }
    Ok(())
}

fn relations(candidate: &Made) -> Vec<String> {
    let tables = &candidate.seeded.catalog.tables;
    let names = tables.iter().flat_map(|table| {
        let own = table.indexes.iter().map(|index| {
            let schema = table.name.schema.clone();
            Name { schema, name: index.name.clone() }.to_string()
        });
        std::iter::once(table.name.to_string()).chain(own)
    });
    names.collect()
}

/// What came of the limits.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) gates: Vec<Gate>,
    /// Limits that say nothing of this candidate, a sentence each.
    pub(super) left_out: Vec<String>,
}

/// Judges all limits. A load is driven if one of them needs it, without the operations that are
/// `broken`. What could not be measured is not decided, so that nothing else is lost.
pub(super) async fn judge(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    candidate: &Made,
    tally: &Tally,
    broken: &BTreeMap<usize, String>,
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Judged> {
    let limits = &stage.asked.limits;
    let mut values = counted(tally, candidate);
    let is_of_load = |limit: &Limit| OF_A_LOAD.contains(&limit.measure.as_str());
    let mut not_loaded = None;
    if limits.iter().any(is_of_load) {
        match driven(stage, databases, candidate, broken, show).await {
            Ok(cell) => values.extend(measured(&cell)),
            Err(error) => not_loaded = Some(format!("no load could be driven: {}", error.whole())),
        }
    }
    let mut judged = Judged::default();
    for limit in limits {
        // What an earlier release brought is no longer run over rows.
        let is_run = |id: &String| candidate.migrated.iter().any(|(run, _)| run == id);
        let run = match &limit.subject {
            Some(id) => is_run(id),
            None => !candidate.migrated.is_empty(),
        };
        if limit.measure == "migration_time" && !run {
            judged.left_out.push(format!(
                "`{}`, since no such migration was run over the rows of a base",
                limit.text
            ));
            continue;
        }
        judged.gates.push(match &not_loaded {
            Some(why) if is_of_load(limit) => limit.not_measured(why),
            _ => limit.judge(&values).unwrap_or_else(|why| limit.not_measured(&why)),
        });
    }
    Ok(judged)
}

/// A load on the candidate, of what can be done there.
async fn driven(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    candidate: &Made,
    broken: &BTreeMap<usize, String>,
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Cell> {
    let setting = stage.asked.load.settings.first();
    let setting = setting.ok_or_else(|| Error::new("no users are asked for"))?;
    let scenario = left(&stage.bench.scenario, broken);
    if scenario.operations.is_empty() {
        return Err(Error::new("no operation of the workload can be done"));
    }
    let bench = Bench { scenario: Arc::new(scenario), ..stage.bench };
    let mut show = |event: load::Event<'_>| show(Event::Load(event));
    let from = candidate.seeded.name.as_str();
    load::measured(&bench, databases, from, setting, stage.stop.clone(), &mut show).await
}

/// What was counted, by operation, and of the mix by the shares.
fn counted(tally: &Tally, candidate: &Made) -> Values {
    let mut values = Values::new();
    for measure in MEASURES {
        let (mut mix, mut of) = (0.0, 0);
        for operation in &tally.operations {
            let value = operation.each(measure.of);
            mix += operation.share * value;
            of += operation.done();
            let key = (measure.name.to_owned(), Some(operation.name.clone()));
            values.insert(key, Value { value, of: operation.done() });
        }
        values.insert((measure.name.to_owned(), None), Value { value: mix, of });
    }
    let all: u64 = tally.sizes.values().sum();
    let of = tally.sizes.len() as u64;
    values.insert(("size".to_owned(), None), Value { value: all as f64, of });
    for (relation, bytes) in &tally.sizes {
        let key = ("size".to_owned(), Some(relation.clone()));
        values.insert(key, Value { value: *bytes as f64, of: 1 });
    }
    let mut slowest: f64 = 0.0;
    for (id, took) in &candidate.migrated {
        let value = took.as_secs_f64() * 1_000.0;
        slowest = slowest.max(value);
        values.insert(("migration_time".to_owned(), Some(id.clone())), Value { value, of: 1 });
    }
    let of = candidate.migrated.len() as u64;
    values.insert(("migration_time".to_owned(), None), Value { value: slowest, of });
    values
}

/// What a load measured, of each operation and of all.
fn measured(cell: &Cell) -> Values {
    let mut all = OperationMeasured::none("all");
    let mut values = Values::new();
    for operation in &cell.operations {
        all.add(operation);
        values.extend(of_operation(Some(&operation.name), operation, cell.measured_s));
    }
    values.extend(of_operation(None, &all, cell.measured_s));
    values
}

fn of_operation(
    subject: Option<&str>,
    operation: &OperationMeasured,
    seconds: f64,
) -> Vec<((String, Option<String>), Value)> {
    let ms = |time: std::time::Duration| time.as_secs_f64() * 1_000.0;
    let response = &operation.response;
    let failed: u64 = operation.failed.values().sum();
    let tried = operation.done + failed;
    let part = |part: f64, of: f64| if of > 0.0 { 100.0 * part / of } else { 0.0 };
    let timeouts = operation.failed.get("pool-timeout").copied().unwrap_or(0)
        // The SQLSTATEs of a statement that took too long, and of a lock that did.
        + ["57014", "55P03"].iter().filter_map(|state| operation.failed.get(*state)).sum::<u64>();
    let values = [
        ("p50", ms(response.percentile(0.5))),
        ("p90", ms(response.percentile(0.9))),
        ("p95", ms(response.percentile(0.95))),
        ("p99", ms(response.percentile(0.99))),
        ("p999", ms(response.percentile(0.999))),
        ("max", ms(response.max())),
        ("mean", ms(response.mean())),
        ("rate", if seconds > 0.0 { operation.done as f64 / seconds } else { 0.0 }),
        ("error_share", part(failed as f64, tried as f64)),
        ("wait_share", part(ms(operation.wait.mean()), ms(response.mean()))),
        ("timeouts", timeouts as f64),
    ];
    let named = values.into_iter().map(|(name, value)| {
        // Times are those of what was done without failing.
        let of = match name {
            "rate" | "error_share" | "timeouts" => tried,
            _ => operation.done,
        };
        ((name.to_owned(), subject.map(str::to_owned)), Value { value, of })
    });
    named.collect()
}
