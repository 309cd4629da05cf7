//! One cell in full.

use super::columns::{Columns, percentile, unless_zero};
use super::words::{connections, paragraph, profile, setup};
use super::{clean, condition, server, states, sweep};
use crate::figures::{grouped, number, percent, plural, seconds, time};
use crate::load::{
    Advice, Cell, Histogram, OperationMeasured, Outage, PoolMeasured, Workload, bottleneck,
    saturating,
};

pub(super) fn render(cell: &Cell, scenario: &Workload, advice: Option<&Advice>) -> String {
    let setup = setup(&cell.setup);
    // The name of a single cell often is what is set anyway.
    let named = setup.starts_with(&format!("{},", cell.name));
    let first = if named { setup } else { format!("{}: {setup}", cell.name) };
    let mut out = paragraph(&first, "");
    out.push_str(&paragraph(&connections(&cell.setup), ""));
    out.push_str(&cell.setup.profile.as_ref().map(profile).unwrap_or_default());
    out.push('\n');
    out.push_str(&operations(cell, scenario));
    out.push('\n');
    out.push_str(&split(cell));
    out.push_str(&cell.pool.as_ref().map(|measured| pool(measured, cell)).unwrap_or_default());
    out.push_str(&failures(cell));
    if !cell.outages.is_empty() {
        out.push('\n');
        out.extend(cell.outages.iter().map(outage));
    }
    out.push_str(&server::render(cell, server::Plans::Shown));
    for remark in &cell.remarks {
        out.push_str(&paragraph(&format!("remark: {remark}"), ""));
    }
    // Advice has it among its own warnings.
    if let Some(doubt) = bottleneck(cell).filter(|_| advice.is_none()) {
        out.push_str(&paragraph(&format!("warning: {doubt}"), ""));
    }
    out.push('\n');
    out.push_str(&advice.map(sweep::advice).unwrap_or_default());
    out
}

/// A row per operation, and one for all of them if there are several.
fn operations(cell: &Cell, scenario: &Workload) -> String {
    let heads = [
        "operation",
        "share",
        "done",
        "done/s",
        "p50",
        "p90",
        "p99",
        "p99.9",
        "max",
        "p99 wait",
        "failed",
        "skipped",
        "late",
    ];
    let mut table = Columns::new(heads, false);
    let several = cell.operations.len() > 1;
    let weights: u64 = scenario.operations.iter().map(|one| u64::from(one.weight)).sum();
    for measured in &cell.operations {
        let script = scenario.operations.iter().find(|script| script.name == measured.name);
        let share = script.filter(|_| several);
        let share = share.map(|script| percent(script.weight.into(), weights as f64));
        table.push(row(measured, share.unwrap_or_default(), cell.measured_s));
    }
    if several {
        let mut all = OperationMeasured::none("all");
        cell.operations.iter().for_each(|measured| all.add(measured));
        table.push(row(&all, String::new(), cell.measured_s));
    }
    table.render()
}

fn row(measured: &OperationMeasured, share: String, measured_s: f64) -> [String; 13] {
    let response = &measured.response;
    [
        clean::line(&measured.name),
        share,
        grouped(measured.done),
        if measured_s > 0.0 { number(measured.done as f64 / measured_s) } else { String::new() },
        percentile(response, 0.5),
        percentile(response, 0.9),
        percentile(response, 0.99),
        percentile(response, 0.999),
        percentile(response, 1.0),
        waited(&measured.wait),
        unless_zero(saturating(measured.failed.values().copied())),
        unless_zero(measured.skipped),
        unless_zero(measured.late),
    ]
}

/// How the time of an operation divides into waiting for a connection and the rest.
fn split(cell: &Cell) -> String {
    let response = cell.all(|one| &one.response);
    if response.count() == 0 {
        return "nothing was done\n".to_owned();
    }
    let (wait, query) = (cell.all(|one| &one.wait).mean(), cell.all(|one| &one.query).mean());
    let part = percent(wait.as_secs_f64(), (wait + query).as_secs_f64());
    let count = response.count();
    paragraph(
        &format!(
            "mean of {} operation{}: {} = {} waiting ({part}) + {} with a connection",
            grouped(count),
            plural(count),
            time(response.mean()),
            time(wait),
            time(query)
        ),
        "",
    )
}

/// What the pool did.
fn pool(pool: &PoolMeasured, cell: &Cell) -> String {
    let mut table = Columns::new(["pool", "times", "mean", "p50", "p99", "max"], false);
    for (stage, times) in [
        ("permit", &pool.permit),
        ("connect", &pool.connect),
        ("validate", &pool.validate),
        ("hold", &pool.hold),
        ("release", &pool.release),
    ] {
        if times.count() > 0 {
            table.push([
                stage.to_owned(),
                grouped(times.count()),
                time(times.mean()),
                percentile(times, 0.5),
                percentile(times, 0.99),
                percentile(times, 1.0),
            ]);
        }
    }
    let size = cell.setup.pool.as_ref().map(|pool| pool.max_connections);
    let size = size.map(|size| format!(" of {size}")).unwrap_or_default();
    let rate = if cell.measured_s > 0.0 { pool.connects as f64 / cell.measured_s } else { 0.0 };
    let told = format!(
        "in use: {} on average, {}{size} at most; {} opened ({} a second); {} got none in time",
        number(pool.mean_in_use),
        pool.max_in_use,
        grouped(pool.connects),
        number(rate),
        grouped(pool.timeouts)
    );
    format!("\n{}{}", table.render(), paragraph(&told, "  "))
}

/// What operations failed with.
fn failures(cell: &Cell) -> String {
    let retried = saturating(cell.operations.iter().map(|one| one.retried));
    let mut out = String::new();
    let states = states(std::slice::from_ref(cell));
    if !states.is_empty() {
        let mut table = Columns::new(["failed", "times", ""], true);
        for (state, count) in states {
            let name = condition::name(state).unwrap_or_default();
            table.push([clean::line(state), grouped(count), name.to_owned()]);
        }
        out.push_str(&format!("\n{}", table.render()));
    }
    if retried > 0 {
        out.push_str(&format!(
            "\nretried after 40001 or 40P01: {} time{}\n",
            grouped(retried),
            plural(retried)
        ));
    }
    out
}

fn outage(outage: &Outage) -> String {
    let until = match outage.until_s {
        Some(until) => {
            let took = (until - outage.from_s) * 1000.0;
            format!("until {} ({})", seconds(until), crate::figures::milliseconds(took))
        }
        None => "until the end".to_owned(),
    };
    let with = match condition::name(&outage.with) {
        Some(name) => format!("{} ({name})", outage.with),
        None => outage.with.clone(),
    };
    let told = format!(
        "outage from {} {until}: {} operation{} failed, most with {with}",
        seconds(outage.from_s),
        grouped(outage.failed),
        plural(outage.failed)
    );
    paragraph(&told, "")
}

/// The 99th percentile of waiting, or nothing where nobody ever waits.
fn waited(wait: &Histogram) -> String {
    // The engine reads no clock for a connection that is at hand.
    if wait.max() <= std::time::Duration::from_nanos(1) {
        String::new()
    } else {
        percentile(wait, 0.99)
    }
}
