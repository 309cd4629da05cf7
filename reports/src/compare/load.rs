//! Cells of load beside the cells of the same name.

use super::{Change, Course};
use crate::figures::{grouped, number, percent, time};
use crate::load::{Cell, Load, Setup};

/// Failures always; rates and percentiles only where `times` says that they can be compared, and
/// then without saying which is worse.
pub(super) fn compare(
    before: &Load,
    after: &Load,
    times: bool,
    notes: &mut Vec<String>,
) -> Vec<Change> {
    if before.scenario != after.scenario || before.rows != after.rows {
        notes.push(
            "the load is not compared, since the scenario or its rows are not the same".to_owned(),
        );
        return Vec::new();
    }
    let mut all = Vec::new();
    for mine in &before.cells {
        let Some(theirs) = after.cells.iter().find(|cell| cell.name == mine.name) else {
            all.push(only(mine, true));
            continue;
        };
        if !alike(&mine.setup, &theirs.setup) {
            notes.push(format!("`{}` is not compared, since its settings differ", mine.name));
            continue;
        }
        all.extend(failures(mine, theirs));
        if times {
            all.extend(figures(mine, theirs));
        }
    }
    let new = |cell: &&Cell| !before.cells.iter().any(|one| one.name == cell.name);
    all.extend(after.cells.iter().filter(new).map(|cell| only(cell, false)));
    all
}

/// How long it ran may differ: rates and percentiles do not depend on it.
fn alike(one: &Setup, other: &Setup) -> bool {
    let of =
        |setup: &Setup| Setup { warmup_s: 0.0, time_s: None, operations: None, ..setup.clone() };
    of(one) == of(other)
}

fn only(cell: &Cell, before: bool) -> Change {
    let told = Some("measured".to_owned());
    Change {
        what: cell.name.clone(),
        before: told.clone().filter(|_| before),
        after: told.filter(|_| !before),
        course: Course::Other,
    }
}

fn failures(mine: &Cell, theirs: &Cell) -> Option<Change> {
    let told = |cell: &Cell| {
        let (failed, done) = (cell.failed(), cell.done());
        let all = failed.saturating_add(done) as f64;
        (format!("{} ({})", grouped(failed), percent(failed as f64, all.max(1.0))), failed)
    };
    let ((before, was), (after, is)) = (told(mine), told(theirs));
    // Whether any fail is no matter of chance, how many do is.
    let course = Course::of(was > 0, is > 0);
    (was != is).then(|| Change {
        what: format!("{}: failed", mine.name),
        before: Some(before),
        after: Some(after),
        course,
    })
}

fn figures(mine: &Cell, theirs: &Cell) -> Vec<Change> {
    let part = |cell: &Cell, part: f64| time(cell.all(|one| &one.response).percentile(part));
    let change = |what: &str, before: String, after: String| Change {
        what: format!("{}: {what}", mine.name),
        before: Some(before),
        after: Some(after),
        course: Course::Other,
    };
    vec![
        change("operations a second", number(mine.rate()), number(theirs.rate())),
        change("p50", part(mine, 0.5), part(theirs, 0.5)),
        change("p99", part(mine, 0.99), part(theirs, 0.99)),
    ]
}
