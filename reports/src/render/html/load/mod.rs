//! What was measured under load: each setting with its curves, and several beside each other.

mod cell;
mod curves;
mod server;

use serde::Serialize;

pub(super) use curves::{percentiles, waiting};

use super::pool;
use super::view::{Fact, Figure, Told, Tone, more};
use crate::figures::{grouped, listed, number, percent, time};
use crate::load::{Cell, Load, saturating};
use crate::model::Report;

/// So many settings are shown one by one, and so many of them with their pictures.
const CELLS: usize = 16;
const PICTURED: usize = 3;

/// The load of a report.
#[derive(Debug, Serialize)]
pub(super) struct View {
    facts: Vec<Fact>,
    notes: Vec<String>,
    incomplete: Option<String>,
    pool: Option<pool::View>,
    cells: Vec<cell::View>,
    more: String,
}

pub(super) fn view(report: &Report) -> Option<View> {
    let load = report.load.as_ref()?;
    let several = load.cells.len() > 1;
    let take = load.advice.as_ref().and_then(|advice| advice.take.as_deref());
    let cells = load.cells.iter().enumerate().take(CELLS).map(|(number, one)| {
        let taken = take == Some(one.name.as_str());
        cell::view(number, one, &load.scenario, taken || !several, taken || number < PICTURED)
    });
    Some(View {
        facts: facts(load),
        notes: load.notes.iter().take(100).cloned().collect(),
        incomplete: load.incomplete.clone(),
        pool: pool::view(load),
        cells: cells.collect(),
        more: more(load.cells.len(), CELLS),
    })
}

fn facts(load: &Load) -> Vec<Fact> {
    let scenario = &load.scenario;
    let mut facts = vec![
        Fact::new("Scenario", format!("{}, {}", scenario.name, scenario.origin)),
        Fact::new("Seed", load.seed.to_string()),
    ];
    facts.extend(load.worker.as_ref().map(|worker| Fact::new("Worker", worker.clone())));
    let weights: u64 = scenario.operations.iter().map(|one| u64::from(one.weight)).sum();
    let mut mix: Vec<String> = scenario
        .operations
        .iter()
        .take(12)
        .map(|one| format!("{} {}", one.name, percent(one.weight.into(), weights as f64)))
        .collect();
    let rest = scenario.operations.len().saturating_sub(mix.len());
    if rest > 0 {
        mix.push(format!("{} more", grouped(rest as u64)));
    }
    if !mix.is_empty() {
        facts.push(Fact::new("Mix", listed(&mix)));
    }
    facts
}

/// What it says on top of the page.
pub(super) fn told(report: &Report) -> Option<Told> {
    let load = report.load.as_ref()?;
    let failed = saturating(load.cells.iter().map(Cell::failed));
    let done = saturating(load.cells.iter().map(Cell::done));
    let bad = load.outcome() != crate::model::Outcome::Held;
    let take = load.advice.as_ref().and_then(|advice| advice.take.as_deref());
    let of = take.and_then(|take| load.cells.iter().find(|cell| cell.name == take));
    let cell = of.or(if load.cells.len() == 1 { load.cells.first() } else { None });
    let figures = cell.map(figures).unwrap_or_default();
    let mut clause = match (cell, take) {
        (Some(cell), Some(take)) => {
            let rate = number(cell.rate());
            format!("take `{take}`, which does {rate} operations a second")
        }
        (Some(cell), None) => {
            let p99 = time(cell.all(|one| &one.response).percentile(0.99));
            format!("{} operations a second with a p99 of {p99}", number(cell.rate()))
        }
        (None, _) => format!("no setting can be named of the {} that were tried", load.cells.len()),
    };
    if bad && failed > 0 {
        clause = format!(
            "{} of {} operations failed; {clause}",
            grouped(failed),
            grouped(done + failed)
        );
    }
    if let Some(why) = &load.incomplete {
        clause.push_str(&format!(", and the load ended early: {why}"));
    }
    Some(Told { clause, bad, figures })
}

fn figures(cell: &Cell) -> Vec<Figure> {
    let (response, wait) = (cell.all(|one| &one.response), cell.all(|one| &one.wait));
    let waiting = percent(wait.mean().as_secs_f64(), response.mean().as_secs_f64());
    let mut figures = vec![
        Figure::new(Tone::Quiet, number(cell.rate()), "operations a second"),
        Figure::new(
            Tone::Quiet,
            time(response.percentile(0.99)),
            format!("p99 of {} operations", grouped(response.count())),
        ),
    ];
    if cell.setup.pool.is_some() {
        figures.push(Figure::new(Tone::Quiet, waiting, "of the time waiting for a connection"));
    }
    figures
}
