//! Two reports of one project beside each other: what changed, and whether anything got worse.

mod counters;
mod findings;
mod load;
mod same;
mod verdicts;

pub use same::Incomparable;

use serde::Serialize;

use crate::model::{Outcome, Report};

/// What changed from one report to another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The first run.
    pub before: Run,
    /// The second run.
    pub after: Run,
    /// What both have, in the order of the report.
    pub sections: Vec<Section>,
    /// What was not compared and why, and what one has to know of the rest, a sentence each.
    pub notes: Vec<String>,
}

/// One of the two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// When it began.
    pub started_at: String,
    /// The program that made it: `shakedown 0.1.0`.
    pub tool: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// A part of the reports, and what changed in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// What its changes are about: `migrations`.
    pub name: &'static str,
    /// Everything that is not as it was.
    pub changes: Vec<Change>,
}

/// Something that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it is: a migration, a finding, a counter of an operation.
    pub what: String,
    /// How it was; nothing if it was not there.
    pub before: Option<String>,
    /// How it is; nothing if it is no longer there.
    pub after: Option<String>,
    /// Whether that is for the better.
    pub course: Course,
}

/// The direction of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Course {
    /// Two runs that differ in this differ for the worse.
    Worse,
    /// It is better than it was.
    Better,
    /// It is neither, or cannot be told from two runs.
    Other,
}

impl Course {
    /// By how bad both are: more is worse.
    fn of<T: PartialOrd>(before: T, after: T) -> Self {
        match before.partial_cmp(&after) {
            Some(std::cmp::Ordering::Less) => Self::Worse,
            Some(std::cmp::Ordering::Greater) => Self::Better,
            _ => Self::Other,
        }
    }
}

impl Difference {
    /// How many changes go this way.
    pub fn count(&self, course: Course) -> usize {
        let changes = self.sections.iter().flat_map(|section| &section.changes);
        changes.filter(|change| change.course == course).count()
    }
}

/// What changed from `before` to `after`.
///
/// Counts and verdicts decide whether something got worse. Times of two separate runs are told
/// where both ran on the same machine and server, and decide nothing: how much they differ by
/// chance is not known from one run each.
///
/// `Err` if the reports are not of one project, or have nothing in common.
pub fn compare(before: &Report, after: &Report) -> Result<Difference, Incomparable> {
    same::project(before, after)?;
    let mut notes = same::notes(before, after);
    let mut sections = Vec::new();
    if verified(before) && verified(after) {
        sections.push(Section { name: "migrations", changes: verdicts::migrations(before, after) });
    }
    if verified(before) && verified(after)
        || before.invariants.is_some() && after.invariants.is_some()
    {
        sections.push(Section { name: "findings", changes: findings::compare(before, after) });
    }
    if let (Some(before), Some(after)) = (&before.invariants, &after.invariants) {
        let changes = verdicts::promises(&before.promises, &after.promises);
        sections.push(Section { name: "promises", changes });
    }
    if let (Some(one), Some(other)) = (&before.load, &after.load) {
        let times = same::machine(before, after).is_ok();
        let changes = load::compare(one, other, times, &mut notes);
        sections.push(Section { name: "load", changes });
    }
    if let (Some(before), Some(after)) = (&before.indexes, &after.indexes) {
        sections.push(Section { name: "index advice", changes: verdicts::advice(before, after) });
    }
    if let (Some(before), Some(after)) = (&before.gates, &after.gates) {
        let changes = verdicts::gates(before, after, &mut notes);
        sections.push(Section { name: "gates", changes });
        let changes = counters::compare(before, after, &mut notes);
        sections.push(Section { name: "counters of the candidates", changes });
    }
    if sections.is_empty() {
        return Err(Incomparable::NothingInCommon);
    }
    let run = |report: &Report| Run {
        started_at: report.started_at.clone(),
        tool: format!("{} {}", report.tool.name, report.tool.version),
        outcome: report.outcome,
    };
    Ok(Difference { before: run(before), after: run(after), sections, notes })
}

/// Whether the migrations were tested one by one.
fn verified(report: &Report) -> bool {
    !report.migrations.is_empty()
}
