//! How the project stands after all that was tested, one edit after another.

use std::collections::BTreeSet;

use shakedown::source::Project;
use shakedown_reports::Report;
use shakedown_reports::model::{Outcome, Verdict};

use super::state::Edit;

/// What the runs so far left open, so that the last outcome is that of the whole project.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// That of the last run; nothing before the first.
    last: Option<Outcome>,
    /// The migrations that have yet to hold.
    open: BTreeSet<String>,
    /// Whether something was found that is of no single migration, or a run did not end: then all
    /// of them have yet to hold.
    all: bool,
    /// Whether the folder cannot be read at the moment.
    unreadable: bool,
}

impl Standing {
    /// Notes what a run says of the migrations that it tested.
    pub(super) fn tested(&mut self, report: &Report) {
        for migration in &report.migrations {
            match migration.verdict {
                Verdict::NotSelected => {}
                Verdict::Flawed | Verdict::NotReached | Verdict::Untested { .. } => {
                    self.open.insert(migration.id.clone());
                }
                Verdict::Reversible
                | Verdict::ForwardOnly
                | Verdict::Irreversible { .. }
                | Verdict::Allowed => {
                    self.open.remove(&migration.id);
                }
            }
        }
        // The whole way is not gone again where single steps are tested.
        let way = report.findings.iter().any(|finding| finding.rule.starts_with("chain-"));
        self.all = way || report.outcome != Outcome::Held && self.open.is_empty();
        self.last = Some(report.outcome);
    }

    /// Notes that a run did not come to its end.
    pub(super) fn untested(&mut self) {
        self.all = true;
        self.last = Some(Outcome::Incomplete);
    }

    /// Notes that the folder cannot be read.
    pub(super) fn unreadable(&mut self) {
        self.unreadable = true;
    }

    /// What is to be tested after an edit, in the order of the project: what was edited, and what
    /// has yet to hold. All of it where nothing is listed; nothing where `None` is given.
    pub(super) fn due(&mut self, project: &Project, edit: &Edit) -> Option<Vec<String>> {
        self.unreadable = false;
        self.open.retain(|id| !edit.removed.contains(id));
        if self.all || !edit.removed.is_empty() {
            return Some(Vec::new());
        }
        if edit.changed.is_empty() {
            return None;
        }
        let due = |id: &String| edit.changed.contains(id) || self.open.contains(id);
        let ids = project.migrations.iter().map(|migration| migration.id.clone());
        Some(ids.filter(due).collect())
    }

    /// The outcome of the project as it is now.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.last.map(|last| if self.unreadable { Outcome::Incomplete } else { last })
    }
}
