//! Which findings of two reports are the same one.

use crate::model::Finding;

/// What stays the same of a finding while lines move and messages are reworded: its rule, its
/// migration, its file and its promise.
pub(crate) fn of(finding: &Finding) -> [&str; 4] {
    [
        &finding.rule,
        finding.migration.as_deref().unwrap_or_default(),
        &finding.file,
        finding.promise.as_deref().unwrap_or_default(),
    ]
}

/// The objects that it names, which tell findings of one rule and file apart.
pub(crate) fn objects(finding: &Finding) -> Vec<&str> {
    let mut objects: Vec<&str> =
        finding.changes.iter().map(|change| change.object.as_str()).collect();
    objects.sort_unstable();
    objects
}
