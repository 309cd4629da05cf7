//! One setting with all that was measured of it.

use serde::Serialize;

use super::curves::{course, percentiles, waiting};
use super::server;
use crate::figures::{grouped, milliseconds, number, percent, seconds, time};
use crate::load::{
    Cell, Histogram, OperationMeasured, Outage, PoolMeasured, Workload, bottleneck, saturating,
};
use crate::render::html::view::{Cell as Field, Fact, Picture, Row, Table};
use crate::render::load::words::{connections, setup};
use crate::render::load::{condition, states};

/// So many operations, outages and remarks are listed.
const OPERATIONS: usize = 60;
const OUTAGES: usize = 30;

/// A setting.
#[derive(Debug, Serialize)]
pub(super) struct View {
    name: String,
    open: bool,
    summary: String,
    facts: Vec<Fact>,
    pictures: Vec<Picture>,
    tables: Vec<Table>,
    server: Option<server::View>,
    remarks: Vec<String>,
    ended_early: Option<String>,
}

pub(super) fn view(
    number: usize,
    cell: &Cell,
    scenario: &Workload,
    open: bool,
    pictured: bool,
) -> View {
    let tables = [
        Some(operations(cell, scenario)),
        cell.pool.as_ref().map(stages),
        failures(cell),
        outages(cell),
    ];
    let remarks = cell.remarks.iter().cloned().chain(bottleneck(cell));
    let p99 = time(cell.all(|one| &one.response).percentile(0.99));
    View {
        name: cell.name.clone(),
        open,
        summary: format!("{} operations a second, p99 {p99}", self::number(cell.rate())),
        facts: facts(cell),
        pictures: if pictured { pictures(number, cell) } else { Vec::new() },
        tables: tables.into_iter().flatten().collect(),
        server: cell.server.as_ref().map(|server| server::view(server, cell)),
        remarks: remarks.take(OUTAGES).collect(),
        ended_early: cell.ended_early.clone(),
    }
}

fn facts(cell: &Cell) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new("Load", setup(&cell.setup)),
        Fact::new("Connections", connections(&cell.setup)),
    ];
    if let Some(profile) = &cell.setup.profile {
        let written: Vec<String> =
            profile.written.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let told = format!("{}: {}. {}", profile.of, written.join(", "), profile.notes.join(". "));
        facts.push(Fact::new("Settings", told));
    }
    let done = format!("{} operations in {}", grouped(cell.done()), seconds(cell.measured_s));
    facts.push(Fact::new("Measured", done));
    if let (Some(pool), Some(set)) = (&cell.pool, &cell.setup.pool) {
        facts.push(Fact::new("In use", format!(
            "{} of {} connections on average, {} at most; {} opened; {} operations got none in time",
            number(pool.mean_in_use),
            set.max_connections,
            pool.max_in_use,
            grouped(pool.connects),
            grouped(pool.timeouts),
        )));
    }
    facts
}

fn pictures(number: usize, cell: &Cell) -> Vec<Picture> {
    let all = |name: &str| {
        let mut all = OperationMeasured::none(name);
        cell.operations.iter().for_each(|one| all.add(one));
        all
    };
    let mut sorted: Vec<&OperationMeasured> = cell.operations.iter().collect();
    sorted.sort_by_key(|one| std::cmp::Reverse(one.done));
    let mut measured: Vec<OperationMeasured> = sorted.into_iter().cloned().collect();
    if measured.len() > 1 {
        measured.insert(0, all("all operations"));
    }
    let named: Vec<(String, OperationMeasured)> =
        measured.into_iter().map(|one| (one.name.clone(), one)).collect();
    let times: Vec<(String, Histogram)> =
        named.iter().map(|(name, one)| (name.clone(), one.response.clone())).collect();
    let title = |what: &str| format!("{what}, {}", cell.name);
    [
        percentiles(
            &format!("percentiles-{number}"),
            &title("Percentiles of the response time"),
            &times,
        ),
        course(&format!("course-{number}"), cell),
        waiting(&format!("waiting-{number}"), &title("Waiting and working"), &named),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn operations(cell: &Cell, scenario: &Workload) -> Table {
    let heads = [
        "operation",
        "#share",
        "#done",
        "#done/s",
        "#p50",
        "#p90",
        "#p99",
        "#p99.9",
        "#max",
        "#p99 wait",
        "#failed",
        "#retried",
        "#skipped",
        "#late",
    ];
    let mut table = Table::new("What came of each operation", &heads);
    let weights: u64 = scenario.operations.iter().map(|one| u64::from(one.weight)).sum();
    for one in &cell.operations {
        let script = scenario.operations.iter().find(|script| script.name == one.name);
        let share = script.map(|script| percent(script.weight.into(), weights as f64));
        table.push(row(one, share.unwrap_or_default(), cell.measured_s));
    }
    let mut table = table.capped(OPERATIONS);
    if cell.operations.len() > 1 {
        let mut all = OperationMeasured::none("all operations");
        cell.operations.iter().for_each(|one| all.add(one));
        let cells = row(&all, String::new(), cell.measured_s);
        table.rows.push(Row { cells, marked: true, ..Row::default() });
    }
    table.without_blanks()
}

fn row(one: &OperationMeasured, share: String, measured_s: f64) -> Vec<Field> {
    let at = |part: f64| match one.response.count() {
        0 => Field::figure(""),
        _ => Field::figure(time(one.response.percentile(part))),
    };
    let rate = if measured_s > 0.0 { number(one.done as f64 / measured_s) } else { String::new() };
    vec![
        Field::code(&one.name),
        Field::figure(share),
        Field::figure(grouped(one.done)),
        Field::figure(rate),
        at(0.5),
        at(0.9),
        at(0.99),
        at(0.999),
        at(1.0),
        Field::figure(waited(&one.wait)),
        unless_zero(saturating(one.failed.values().copied())),
        unless_zero(one.retried),
        unless_zero(one.skipped),
        unless_zero(one.late),
    ]
}

/// The 99th percentile of waiting, or nothing where nobody ever waits: no clock is read for a
/// connection that is at hand.
fn waited(wait: &Histogram) -> String {
    let nothing = wait.max() <= std::time::Duration::from_nanos(1);
    if nothing { String::new() } else { time(wait.percentile(0.99)) }
}

pub(super) fn unless_zero(count: u64) -> Field {
    Field::figure(if count == 0 { String::new() } else { grouped(count) })
}

fn stages(pool: &PoolMeasured) -> Table {
    let mut table =
        Table::new("What the pool did", &["stage", "#times", "#mean", "#p50", "#p99", "#max"]);
    for (stage, times) in [
        ("waiting for a permit", &pool.permit),
        ("connecting", &pool.connect),
        ("validating", &pool.validate),
        ("holding", &pool.hold),
        ("releasing", &pool.release),
    ] {
        if times.count() > 0 {
            table.push(vec![
                Field::text(stage),
                Field::figure(grouped(times.count())),
                Field::figure(time(times.mean())),
                Field::figure(time(times.percentile(0.5))),
                Field::figure(time(times.percentile(0.99))),
                Field::figure(time(times.max())),
            ]);
        }
    }
    table
}

fn failures(cell: &Cell) -> Option<Table> {
    let mut table =
        Table::new("What operations failed with", &["SQLSTATE", "#times", "what it is"]);
    for (state, count) in states(std::slice::from_ref(cell)) {
        table.push(vec![
            Field::code(state),
            Field::figure(grouped(count)),
            Field::text(condition::name(state).unwrap_or_default()),
        ]);
    }
    (!table.rows.is_empty()).then(|| table.capped(OUTAGES))
}

fn outages(cell: &Cell) -> Option<Table> {
    let heads = ["#from", "#until", "#took", "#failed", "most with"];
    let mut table = Table::new("Times in which nothing succeeded", &heads);
    for Outage { from_s, until_s, with, failed } in &cell.outages {
        let took = until_s.map(|until| milliseconds((until - from_s) * 1000.0));
        table.push(vec![
            Field::figure(seconds(*from_s)),
            Field::figure(until_s.map_or("the end".to_owned(), seconds)),
            Field::figure(took.unwrap_or_default()),
            Field::figure(grouped(*failed)),
            Field::text(
                condition::name(with).map_or(with.clone(), |name| format!("{with}: {name}")),
            ),
        ]);
    }
    (!table.rows.is_empty()).then(|| table.capped(OUTAGES))
}
