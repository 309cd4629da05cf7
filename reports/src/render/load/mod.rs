//! The report for people where load was driven: one cell in full, or several side by side with
//! the advice; the verdict last.

mod cell;
mod columns;
pub(super) mod condition;
mod server;
pub(super) mod sweep;
pub(super) mod words;

use std::collections::BTreeMap;

use super::text::{GREEN, RED, YELLOW, painted, tested};
use super::{Colour, clean};
use crate::figures::{grouped, number, plural, seconds, time};
use crate::load::{Cell, Load, saturating};
use crate::model::{Outcome, Report};
use words::paragraph;

pub(super) fn render(report: &Report, load: &Load, colour: Colour) -> String {
    let mut out = header(report, load);
    out.push('\n');
    match load.cells.as_slice() {
        [] => {}
        [one] => out.push_str(&cell::render(one, &load.scenario, load.advice.as_ref())),
        many => out.push_str(&sweep::render(many, load)),
    }
    out.push_str(&verdict(report, load, colour));
    out
}

/// What was driven against what.
fn header(report: &Report, load: &Load) -> String {
    let mut out = format!("{}\n", clean::line(&tested(report)));
    let server = &report.server;
    let mut facts = vec![format!("PostgreSQL {}", server.version), server.way.clone()];
    facts.extend(server.profile.as_ref().map(|profile| format!("{profile} profile")));
    facts.extend(server.settings.iter().map(|(name, value)| format!("{name} = {value}")));
    out.push_str(&paragraph(&facts.join(", "), ""));
    let worker = load.worker.as_ref().map(|worker| format!(", worker {worker}"));
    out.push_str(&paragraph(
        &format!(
            "scenario {}, {}; seed {}{}",
            load.scenario.name,
            load.scenario.origin,
            load.seed,
            worker.unwrap_or_default()
        ),
        "",
    ));
    if !load.rows.is_empty() {
        let rows: Vec<String> =
            load.rows.iter().map(|(table, rows)| format!("{table} {}", grouped(*rows))).collect();
        out.push_str(&paragraph(&format!("rows: {}", rows.join(", ")), ""));
    }
    for note in &load.notes {
        out.push_str(&paragraph(&format!("note: {note}"), ""));
    }
    out
}

/// Why the cell failed its run, as one line: `17 of 123,473 operations failed (40001: 17)`.
pub(super) fn failures(cell: &Cell) -> Option<String> {
    failed(std::slice::from_ref(cell))
}

fn failed(cells: &[Cell]) -> Option<String> {
    let count = saturating(cells.iter().map(Cell::failed));
    let all = saturating(cells.iter().map(Cell::done)).saturating_add(count);
    (count > 0).then(|| {
        let states: Vec<String> = states(cells)
            .into_iter()
            .map(|(state, count)| format!("{}: {}", clean::line(state), grouped(count)))
            .collect();
        format!(
            "{} of {} operation{} failed ({})",
            grouped(count),
            grouped(all),
            plural(all),
            states.join(", ")
        )
    })
}

/// What operations failed with and how often, the most frequent first.
pub(super) fn states(cells: &[Cell]) -> Vec<(&str, u64)> {
    let mut states: BTreeMap<&str, u64> = BTreeMap::new();
    for operation in cells.iter().flat_map(|cell| &cell.operations) {
        for (state, count) in &operation.failed {
            let sum = states.entry(state).or_default();
            *sum = sum.saturating_add(*count);
        }
    }
    let mut states: Vec<(&str, u64)> = states.into_iter().collect();
    states.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    states
}

fn verdict(report: &Report, load: &Load, colour: Colour) -> String {
    let (word, paint, told) = match report.outcome {
        Outcome::Held => ("measured", GREEN, measured(load)),
        Outcome::Incomplete => {
            let reason = load.incomplete.clone().or_else(|| early(&load.cells));
            let reason = reason.unwrap_or_else(|| measured(load));
            ("not all could be measured", YELLOW, reason)
        }
        Outcome::Found => {
            let failed = failed(&load.cells);
            ("found", RED, failed.unwrap_or_else(|| format!("no failures, {}", measured(load))))
        }
    };
    format!("{}: {}\n", painted(word, paint, colour), clean::line(&told))
}

/// How much was measured.
pub(super) fn measured(load: &Load) -> String {
    let cells = &load.cells;
    let done = saturating(cells.iter().map(Cell::done));
    let took: f64 = cells.iter().map(|cell| cell.measured_s).sum();
    let all = format!("{} operation{} in {}", grouped(done), plural(done), seconds(took));
    match cells.as_slice() {
        [one] => {
            let p99 = one.all(|operation| &operation.response).percentile(0.99);
            format!("{all}, {} a second, p99 {}", number(one.rate()), time(p99))
        }
        many => {
            let take = load.advice.as_ref().and_then(|advice| advice.take.as_ref());
            let take = take.map(|take| format!("; take `{take}`")).unwrap_or_default();
            format!("{} cells, {all}{take}", many.len())
        }
    }
}

/// Why the first cell that ended early did, and how many more there are.
fn early(cells: &[Cell]) -> Option<String> {
    let mut early = cells.iter().filter_map(|cell| Some((cell, cell.ended_early.as_ref()?)));
    let (first, why) = early.next()?;
    let of = if cells.len() > 1 { format!("`{}`: ", first.name) } else { String::new() };
    let rest = match early.count() {
        0 => String::new(),
        more => format!("; {more} more cell{} ended early", plural(more as u64)),
    };
    Some(format!(
        "{of}{why} after {}, with {} operation{} done{rest}",
        seconds(first.measured_s),
        grouped(first.done()),
        plural(first.done())
    ))
}
