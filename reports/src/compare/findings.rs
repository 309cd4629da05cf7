//! Findings that came and went.

use super::{Change, Course};
use crate::identity;
use crate::model::{Finding, Kept, Report, Severity, Verdict};

/// Those that only one of the reports has. A finding is the same one wherever its lines moved to;
/// of several of a kind, those that name the same objects belong together.
pub(super) fn compare(before: &Report, after: &Report) -> Vec<Change> {
    let of = |report: &Report, other: &Report| -> Vec<Finding> {
        report.findings.iter().filter(|one| looked_for(one, other)).cloned().collect()
    };
    let (mut gone, mut new) = (of(before, after), of(after, before));
    type Same = fn(&Finding, &Finding) -> bool;
    let kind: Same = |one, other| identity::of(one) == identity::of(other);
    let exact: Same = |one, other| {
        identity::of(one) == identity::of(other)
            && identity::objects(one) == identity::objects(other)
    };
    for same in [exact, kind] {
        gone.retain(|one| match new.iter().position(|other| same(one, other)) {
            Some(at) => {
                new.remove(at);
                false
            }
            None => true,
        });
    }
    let gone = gone.iter().map(|one| Change {
        what: what(one),
        before: Some(one.message.clone()),
        after: None,
        course: if tested(one, after) { Course::Better } else { Course::Other },
    });
    let new = new.iter().map(|one| Change {
        what: what(one),
        before: None,
        after: Some(one.message.clone()),
        course: if one.severity == Severity::Risk { Course::Other } else { Course::Worse },
    });
    new.chain(gone).collect()
}

/// Whether the other report could have it too: it may not have tested promises, or migrations.
fn looked_for(finding: &Finding, other: &Report) -> bool {
    match finding.promise {
        Some(_) => other.invariants.is_some(),
        None => super::verified(other) || other.invariants.is_some(),
    }
}

/// Whether it would have been found again: what was not tested has no findings.
fn tested(finding: &Finding, report: &Report) -> bool {
    let untested = |verdict: &Verdict| {
        matches!(verdict, Verdict::Untested { .. } | Verdict::NotReached | Verdict::NotSelected)
    };
    let migration = finding.migration.as_ref();
    let migration = migration.and_then(|id| report.migrations.iter().find(|one| one.id == *id));
    let mut promises = report.invariants.iter().flat_map(|invariants| &invariants.promises);
    let promise = finding.promise.as_ref();
    let promise = promise.and_then(|id| promises.find(|one| one.id() == *id));
    !migration.is_some_and(|one| untested(&one.verdict))
        && !promise.is_some_and(|one| matches!(one.verdict, Kept::Untested { .. }))
}

fn what(finding: &Finding) -> String {
    let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("{} at {}{line}", finding.rule, finding.file)
}
