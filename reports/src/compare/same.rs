//! Whether two reports are of one project, and of one machine.

use std::collections::BTreeSet;

use crate::model::{Outcome, Report};
use crate::render::clean;

/// Why two reports cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incomparable {
    /// They are of different projects.
    Projects {
        /// What the first one tested.
        before: String,
        /// What the second one tested.
        after: String,
    },
    /// Each did something that the other did not.
    NothingInCommon,
}

impl std::fmt::Display for Incomparable {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Projects { before, after } => {
                write!(out, "the reports are of different projects: `{before}` and `{after}`")
            }
            Self::NothingInCommon => {
                write!(out, "the reports have nothing in common that could be compared")
            }
        }
    }
}

impl std::error::Error for Incomparable {}

impl Incomparable {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Projects { .. } => {
                "give two reports of the same migrations, made in the same folder"
            }
            Self::NothingInCommon => "give two reports that the same command wrote",
        }
    }
}

/// Reports are of one project if they share a migration; where one has none, if their folder is
/// the same.
pub(super) fn project(before: &Report, after: &Report) -> Result<(), Incomparable> {
    let ids = |report: &Report| -> BTreeSet<String> {
        report.migrations.iter().map(|migration| migration.id.clone()).collect()
    };
    let (mine, theirs) = (ids(before), ids(after));
    let folder = |report: &Report| {
        let folder = report.project.folder.trim_end_matches('/');
        folder.strip_prefix("./").unwrap_or(folder).to_owned()
    };
    let same = before.project.format == after.project.format
        && match mine.is_empty() || theirs.is_empty() {
            true => folder(before) == folder(after),
            false => !mine.is_disjoint(&theirs),
        };
    let named = |report: &Report| {
        let project = &report.project;
        clean::short(&clean::line(&format!("{} ({})", project.folder, project.format)), 200)
    };
    match same {
        true => Ok(()),
        false => Err(Incomparable::Projects { before: named(before), after: named(after) }),
    }
}

/// Whether times of both say something of each other; `Err` says why they do not.
pub(super) fn machine(before: &Report, after: &Report) -> Result<(), String> {
    let (Some(mine), Some(theirs)) = (&before.environment, &after.environment) else {
        return Err("not both reports say what machine they are of".to_owned());
    };
    let facts = |machine: &crate::model::Environment| {
        (
            machine.os.clone(),
            machine.arch.clone(),
            machine.processor.clone(),
            machine.processors,
            machine.memory,
        )
    };
    if facts(mine) != facts(theirs) {
        return Err("the machines are not the same".to_owned());
    }
    if before.server != after.server {
        return Err("the servers, or their settings, are not the same".to_owned());
    }
    Ok(())
}

/// What one has to know before reading on.
pub(super) fn notes(before: &Report, after: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    for (which, report) in [("first", before), ("second", after)] {
        let why = cut_off(report);
        if let Some(why) = &why {
            notes.push(format!("the {which} run ended early: {why}"));
        } else if report.outcome == Outcome::Incomplete {
            notes.push(format!("the {which} run could not test everything"));
        }
    }
    let parts = [
        ("migrations", !before.migrations.is_empty(), !after.migrations.is_empty()),
        ("promises", before.invariants.is_some(), after.invariants.is_some()),
        ("load", before.load.is_some(), after.load.is_some()),
        ("index strategies", before.indexes.is_some(), after.indexes.is_some()),
        ("gates", before.gates.is_some(), after.gates.is_some()),
    ];
    for (what, mine, theirs) in parts {
        if mine != theirs {
            let which = if mine { "first" } else { "second" };
            notes.push(format!("only the {which} report has {what}, which are not compared"));
        }
    }
    if before.load.is_some() && after.load.is_some() {
        notes.push(match machine(before, after) {
            Ok(()) => "times of two separate runs decide nothing here, since they differ by \
                       chance: `shakedown gate` measures both in turns"
                .to_owned(),
            Err(why) => format!("times and rates are left out, since {why}"),
        });
    }
    notes
}

/// Why a run did not go to its end, if it did not.
fn cut_off(report: &Report) -> Option<&str> {
    let load = report.load.as_ref().and_then(|load| {
        let early = load.cells.iter().find_map(|cell| cell.ended_early.as_deref());
        load.incomplete.as_deref().or(early)
    });
    let indexes = report.indexes.as_ref().and_then(|indexes| indexes.incomplete.as_deref());
    let gates = report.gates.as_ref().and_then(|gates| gates.incomplete.as_deref());
    load.or(indexes).or(gates)
}
