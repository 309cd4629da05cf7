//! What a run did, one row per part.

use serde::Serialize;

use super::view::{Badge, Cell, Row, Table};
use crate::figures::milliseconds;
use crate::model::{Outcome, Part, Report};

/// The parts of a run.
#[derive(Debug, Serialize)]
pub(super) struct Parts {
    table: Table,
}

pub(super) fn view(report: &Report) -> Option<Parts> {
    if report.parts.is_empty() {
        return None;
    }
    let mut table = Table::new(
        "What the run did, and what its budget left out",
        &["part", "outcome", "#time", "left out"],
    );
    table.rows = report.parts.iter().map(row).collect();
    Some(Parts { table: table.capped(100) })
}

fn row(part: &Part) -> Row {
    let badge = match part.late {
        true => Badge::quiet("no time for it"),
        false => outcome(part.outcome),
    };
    let notes = part.reason.iter().chain(&part.left_out).cloned().collect();
    let tone = Some(badge.tone);
    let cells = vec![
        Cell::code(&part.name),
        Cell::badge(badge),
        Cell::figure(milliseconds(part.duration_ms)),
        Cell { notes, ..Cell::default() },
    ];
    Row { cells, tone, ..Row::default() }
}

/// The outcome of a part, or of all.
pub(super) fn outcome(outcome: Option<Outcome>) -> Badge {
    match outcome {
        Some(Outcome::Held) => Badge::good("held"),
        Some(Outcome::Found) => Badge::bad("found"),
        Some(Outcome::Incomplete) => Badge::unknown("incomplete"),
        None => Badge::quiet("did not run"),
    }
}
