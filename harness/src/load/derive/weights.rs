//! How often each operation is done.

use shakedown_scenarios::Operation;

use crate::catalog::Name;

use super::draft::Kind;

/// What the weight of an operation is made of.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) kind: Kind,
    pub(super) table: Name,
    /// In relation to other tables.
    pub(super) importance: usize,
}

/// What the weights sum up to, but for rounding.
const WHOLE: f64 = 1000.0;

/// Gives each kind of operation its part of the whole, in it each table its part by importance,
/// and in that each operation the same.
pub(super) fn spread(operations: &mut [Operation], parts: &[Part]) {
    let share = |part: &Part| {
        let same = parts.iter().filter(|one| one.kind == part.kind && one.table == part.table);
        part.importance as f64 / same.count() as f64
    };
    for (operation, part) in operations.iter_mut().zip(parts) {
        let all: f64 = parts.iter().filter(|one| one.kind == part.kind).map(share).sum();
        let percent = f64::from(part.kind.percent());
        operation.weight = (WHOLE * percent / 100.0 * share(part) / all).round().max(1.0) as u32;
    }
}
