//! The reports of several workers as one.

mod cell;

use crate::load::{Cell, Load, Setup};
use crate::model::{Outcome, Report};

/// One worker's report, with its place among the workers.
struct Part {
    number: usize,
    of: usize,
    report: Report,
    load: Load,
}

/// Adds what the workers of one load measured: operations, times and counts add exactly, as if
/// one had recorded them all. The order of the reports does not matter.
///
/// `Err` is a sentence that says why they are not the workers of one load, or not all of them.
pub fn merge(reports: Vec<Report>) -> Result<Report, String> {
    let mut parts = reports.into_iter().map(part).collect::<Result<Vec<_>, _>>()?;
    parts.sort_by_key(|part| part.number);
    complete(&parts)?;
    let mut parts = parts.into_iter();
    let Some(first) = parts.next() else {
        return Err("there is no report to merge; name those of all workers".to_owned());
    };
    let of = first.of;
    let mut report = first.report;
    let mut load = first.load;
    let mut cells: Vec<Vec<Cell>> =
        std::mem::take(&mut load.cells).into_iter().map(|cell| vec![cell]).collect();
    for part in parts {
        same(&report, &load, &cells, &part)?;
        report.outcome = worse(report.outcome, part.report.outcome);
        report.started_at = report.started_at.min(part.report.started_at);
        report.duration_ms = report.duration_ms.max(part.report.duration_ms);
        for note in part.load.notes {
            if !load.notes.contains(&note) {
                load.notes.push(note);
            }
        }
        for (same, cell) in cells.iter_mut().zip(part.load.cells) {
            same.push(cell);
        }
    }
    load.cells =
        cells.into_iter().map(|cells| cell::together(cells, of)).collect::<Result<_, _>>()?;
    load.worker = None;
    // What was advised rests on the share of a single worker.
    load.advice = None;
    let s = if of == 1 { "" } else { "s" };
    load.notes.push(format!("measured by {of} worker{s}, whose reports were added"));
    report.load = Some(load);
    Ok(report)
}

fn part(mut report: Report) -> Result<Part, String> {
    if report.indexes.is_some() {
        return Err(
            "a report of `shakedown index` cannot be merged; only those of the workers of \
                    one load can, run with `--worker k/n`"
                .to_owned(),
        );
    }
    let load = report.load.take().ok_or("a report of no load cannot be merged")?;
    let worker = load
        .worker
        .as_deref()
        .ok_or("a report does not say which worker measured it; run each with `--worker k/n`")?;
    let (number, of) = worker
        .split_once('/')
        .and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)))
        .filter(|(number, of)| (1..=*of).contains(number))
        .ok_or_else(|| format!("`{worker}` is no worker; it is written as `2/4`"))?;
    Ok(Part { number, of, report, load })
}

/// Whether each worker of the same number of them is there once.
fn complete(parts: &[Part]) -> Result<(), String> {
    let Some(first) = parts.first() else { return Ok(()) };
    let of = first.of;
    if let Some(other) = parts.iter().find(|part| part.of != of) {
        return Err(format!(
            "worker `{}/{of}` and worker `{}/{}` are not of the same load",
            first.number, other.number, other.of
        ));
    }
    if let Some(pair) = parts.windows(2).find(|pair| pair[0].number == pair[1].number) {
        return Err(format!("worker `{}/{of}` is there twice", pair[0].number));
    }
    let there: Vec<usize> = parts.iter().map(|part| part.number).collect();
    let missing: Vec<String> = (1..=of)
        .filter(|number| there.binary_search(number).is_err())
        .map(|number| format!("`{number}/{of}`"))
        .take(10)
        .collect();
    match of - parts.len() {
        0 => Ok(()),
        1 => Err(format!("the report of worker {} is missing", missing.concat())),
        many if many > missing.len() => Err(format!(
            "the reports of {many} workers are missing, {} among them",
            missing.join(", ")
        )),
        _ => Err(format!("the reports of the workers {} are missing", missing.join(", "))),
    }
}

/// Whether a worker did the same as those before it.
fn same(report: &Report, load: &Load, cells: &[Vec<Cell>], part: &Part) -> Result<(), String> {
    let worker = format!("{}/{}", part.number, part.of);
    let differs = |what: &str| Err(format!("worker `{worker}` had another {what} than the first"));
    if report.schema_version != part.report.schema_version {
        return differs("version of the report's format");
    }
    if load.scenario != part.load.scenario {
        return differs("scenario");
    }
    if cells.len() != part.load.cells.len() {
        return differs("number of cells");
    }
    for (cell, other) in cells.iter().filter_map(|cells| cells.first()).zip(&part.load.cells) {
        if cell.name != other.name {
            return Err(format!(
                "worker `{worker}` measured `{}` where the first measured `{}`",
                other.name, cell.name
            ));
        }
        let names = |cell: &Cell| -> Vec<String> {
            cell.operations.iter().map(|operation| operation.name.clone()).collect()
        };
        let alike = names(cell) == names(other)
            && cell.pool.is_some() == other.pool.is_some()
            && shared(&cell.setup) == shared(&other.setup);
        if !alike {
            return Err(format!("worker `{worker}` ran `{}` with other settings", cell.name));
        }
    }
    Ok(())
}

/// What workers must have the same: all but their own part of the load, of which only the kind
/// counts.
fn shared(setup: &Setup) -> Setup {
    Setup {
        users: 0,
        rate: setup.rate.map(|_| 0.0),
        operations: setup.operations.map(|_| 0),
        ..setup.clone()
    }
}

fn worse(a: Outcome, b: Outcome) -> Outcome {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Held => 0,
        Outcome::Incomplete => 1,
        Outcome::Found => 2,
    };
    if rank(&b) > rank(&a) { b } else { a }
}
