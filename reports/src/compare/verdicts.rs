//! Verdicts that are not as they were: of migrations, promises and gates, and what is advised.

use std::collections::BTreeMap;

use super::{Change, Course};
use crate::gate::{self, Gates};
use crate::index::Indexes;
use crate::model::{Kept, Promise, Report, Verdict};
use crate::render::gates::words;
use crate::render::{promises, text};

/// A verdict in words, and how bad it is; nothing if it says nothing of the project.
type Told = (String, Option<u8>);

pub(super) fn migrations(before: &Report, after: &Report) -> Vec<Change> {
    let told = |report: &Report| -> Vec<(String, Told)> {
        let of = |verdict: &Verdict| match verdict {
            Verdict::Reversible | Verdict::ForwardOnly => Some(0),
            Verdict::Irreversible { .. } | Verdict::Allowed => Some(1),
            Verdict::Untested { .. } | Verdict::NotReached => Some(2),
            Verdict::Flawed => Some(3),
            // Nobody asked for it.
            Verdict::NotSelected => None,
        };
        let all = report.migrations.iter();
        all.map(|one| (one.id.clone(), (text::word(&one.verdict).to_owned(), of(&one.verdict))))
            .collect()
    };
    changes(told(before), told(after))
}

pub(super) fn promises(before: &[Promise], after: &[Promise]) -> Vec<Change> {
    let told = |promises: &[Promise]| -> Vec<(String, Told)> {
        let rank = |kept: &Kept| match kept {
            Kept::Holds { .. } => 0,
            Kept::Allowed { .. } | Kept::OutOfScope { .. } => 1,
            Kept::Risk => 2,
            Kept::Untested { .. } => 3,
            Kept::Broken => 4,
        };
        let all = promises.iter();
        all.map(|one| {
            let word = promises::word(&one.verdict).0.to_owned();
            (one.id(), (word, Some(rank(&one.verdict))))
        })
        .collect()
    };
    changes(told(before), told(after))
}

/// Limits are the same question in both; what was compared with a base is so only with the same
/// base, whichever commit that was.
pub(super) fn gates(before: &Gates, after: &Gates, notes: &mut Vec<String>) -> Vec<Change> {
    let base = |gates: &Gates| gates.base.as_ref().map(|base| base.name.clone());
    let named = |gates: &Gates| {
        base(gates).map(|name| name.split(" (").next().unwrap_or_default().to_owned())
    };
    let same = named(before) == named(after) && before.scenario == after.scenario;
    if !same {
        let told = |gates: &Gates| base(gates).unwrap_or_else(|| "nothing".to_owned());
        notes.push(format!(
            "verdicts of gates other than limits are left alone, since they were judged against \
             `{}` and against `{}`, or of other operations",
            told(before),
            told(after)
        ));
    }
    let told = |gates: &Gates| -> Vec<(String, Told)> {
        let rank = |verdict: &gate::Verdict| match verdict {
            gate::Verdict::Pass => 0,
            gate::Verdict::Allowed { .. } => 1,
            gate::Verdict::Inconclusive => 2,
            gate::Verdict::Regress => 3,
        };
        let all = gates.gates.iter().filter(|gate| same || gate.kind == gate::Kind::Limit);
        all.map(|gate| {
            let word = words::verdict(&gate.verdict).to_owned();
            let name = format!("{} ({})", words::what(gate), words::kind(gate.kind));
            (name, (word, Some(rank(&gate.verdict))))
        })
        .collect()
    };
    changes(told(before), told(after))
}

/// What is advised no longer or now, which is neither better nor worse.
pub(super) fn advice(before: &Indexes, after: &Indexes) -> Vec<Change> {
    let told = |indexes: &Indexes| -> Vec<(String, Told)> {
        let steps = indexes.advice.iter().flat_map(|advice| &advice.steps);
        steps.map(|step| (step.name.clone(), ("advised".to_owned(), None))).collect()
    };
    changes(told(before), told(after))
}

/// By name, what is told otherwise than before. What is new is worse if it is bad from the first.
fn changes(before: Vec<(String, Told)>, after: Vec<(String, Told)>) -> Vec<Change> {
    let mut known: BTreeMap<String, Told> = before.iter().cloned().collect();
    let mut all = Vec::new();
    for (what, (word, rank)) in after {
        let (before, course) = match known.remove(&what) {
            Some((before, _)) if before == word => continue,
            Some((before, was)) => {
                let course = was.zip(rank).map_or(Course::Other, |(was, is)| Course::of(was, is));
                (Some(before), course)
            }
            None if rank.is_some_and(|rank| rank > 1) => (None, Course::Worse),
            None => (None, Course::Other),
        };
        all.push(Change { what, before, after: Some(word), course });
    }
    for (what, _) in before {
        if let Some((word, _)) = known.remove(&what) {
            all.push(Change { what, before: Some(word), after: None, course: Course::Other });
        }
    }
    all
}
