//! What was measured under load, and what pools and indexes are advised.

use super::escape::{code, details, prose, sql};
use super::section::Section;
use crate::figures::{grouped, number, percent, time};
use crate::index;
use crate::load::{Advice, Cell, Load, OperationMeasured};

/// A row per operation of a single cell, or one per cell.
pub(super) fn cells(load: &Load) -> Section {
    let columns = ["", "done", "done/s", "p50", "p90", "p99", "p99.9", "p99 wait", "failed"];
    let rows: Vec<Vec<String>> = match load.cells.as_slice() {
        [one] => one.operations.iter().map(|measured| row(measured, one)).collect(),
        many => many.iter().map(whole).collect(),
    };
    let notes: Vec<String> = load
        .cells
        .iter()
        .filter_map(|cell| Some(early(cell, cell.ended_early.as_ref()?)))
        .collect();
    let notes = (!notes.is_empty()).then(|| prose(&notes.join("; ")));
    Section::table("Load", "rows", &columns, rows).with(notes)
}

fn early(cell: &Cell, why: &str) -> String {
    format!("`{}` ended early: {why}", cell.name)
}

fn whole(cell: &Cell) -> Vec<String> {
    let mut all = OperationMeasured::none(&cell.name);
    cell.operations.iter().for_each(|measured| all.add(measured));
    row(&all, cell)
}

fn row(measured: &OperationMeasured, cell: &Cell) -> Vec<String> {
    let of = |part: f64| time(measured.response.percentile(part));
    let rate = if cell.measured_s > 0.0 {
        number(measured.done as f64 / cell.measured_s)
    } else {
        String::new()
    };
    let failed = crate::load::saturating(measured.failed.values().copied());
    vec![
        code(&measured.name),
        grouped(measured.done),
        rate,
        of(0.5),
        of(0.9),
        of(0.99),
        of(0.999),
        time(measured.wait.percentile(0.99)),
        if failed > 0 { grouped(failed) } else { String::new() },
    ]
}

/// Which setting of the pool to take, and why.
pub(super) fn advice(advice: &Advice) -> Section {
    let take = match &advice.take {
        Some(take) => format!("Take {}.", code(take)),
        None => "No setting can be named.".to_owned(),
    };
    let reasons = advice.because.iter().cloned();
    let warnings = advice.warnings.iter().map(|warning| format!("warning: {warning}"));
    let lines = reasons.chain(warnings).map(|line| format!("- {}", prose(&line)));
    Section::blocks("Pool", "reasons", std::iter::once(take + "\n").chain(lines))
}

/// Which indexes to make and to drop, with the statements.
pub(super) fn index_advice(advice: &index::Advice) -> Section {
    let step = |step: &index::Step| {
        let saves = percent(step.saves, 1.0);
        format!("- {} saves {saves} of the work: {}", code(&step.name), prose(&step.because))
    };
    let script = |statements: &[String]| {
        let all: String = statements.iter().map(|statement| format!("{statement};\n")).collect();
        sql(&all).unwrap_or_else(|| "It is too long for here: see the JSON report.\n".to_owned())
    };
    let scripts = [("up", &advice.up), ("down", &advice.down)]
        .map(|(name, statements)| "\n".to_owned() + &details(name, &script(statements)));
    Section::blocks("Indexes", "lines", advice.steps.iter().map(step).chain(scripts))
}
