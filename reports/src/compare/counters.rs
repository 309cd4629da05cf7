//! What the candidates of gates count for the same operations.

use super::{Change, Course};
use crate::figures::{bytes, grouped, number};
use crate::gate::Gates;
use crate::index::{Counted, Counters};

/// What counts may differ by before they count as changed: they are the same in each run but for
/// the pages that the catalog is read from.
const TOLERANCE: f64 = 0.01;

/// A counter, how it is read, and whether more of it is worse.
type Counter = (&'static str, fn(&Counters) -> u64, bool);

const COUNTERS: [Counter; 8] = [
    ("pages", |all| all.buffers, true),
    ("rows read", |all| all.rows_read, true),
    ("rows returned", |all| all.rows_returned, false),
    ("bytes of WAL", |all| all.wal_bytes, true),
    ("updates", |all| all.updates, false),
    (
        "updates that need new index entries",
        |all| all.updates.saturating_sub(all.hot_updates),
        true,
    ),
    ("scans of whole tables", |all| all.seq_scans, true),
    ("statements", |all| all.statements, true),
];

/// Each counter of each operation that both have, where it differs, and the sizes of relations.
pub(super) fn compare(before: &Gates, after: &Gates, notes: &mut Vec<String>) -> Vec<Change> {
    let same =
        before.scenario == after.scenario && before.rows == after.rows && before.seed == after.seed;
    if !same {
        notes.push(
            "counters are not compared, since the scenario, its rows or the seed are not the same"
                .to_owned(),
        );
        return Vec::new();
    }
    let mut all = Vec::new();
    for mine in &before.candidate.operations {
        let theirs = after.candidate.operations.iter().find(|one| one.name == mine.name);
        all.extend(theirs.into_iter().flat_map(|theirs| operation(mine, theirs)));
    }
    for (relation, was) in &before.candidate.sizes {
        if let Some(is) = after.candidate.sizes.get(relation) {
            let size = |count: u64| bytes(count as f64);
            let what = format!("{relation}: bytes");
            all.extend(change(what, (*was as f64, size(*was)), (*is as f64, size(*is)), true));
        }
    }
    all
}

fn operation<'a>(mine: &'a Counted, theirs: &'a Counted) -> impl Iterator<Item = Change> + 'a {
    let (was, is) = (mine.failed, theirs.failed);
    let told = |count: u64| (count as f64, grouped(count));
    let failed = change(format!("{}: failures", mine.name), told(was), told(is), true);
    // What fails is cheap.
    let counters = COUNTERS.into_iter().filter(move |_| was == 0 && is == 0);
    failed.into_iter().chain(counters.filter_map(|(name, read, worse)| {
        let (was, is) = (mine.each(read), theirs.each(read));
        change(format!("{}: {name}", mine.name), (was, number(was)), (is, number(is)), worse)
    }))
}

/// A count with its words, if it is not as it was.
fn change(what: String, was: (f64, String), is: (f64, String), worse: bool) -> Option<Change> {
    let beyond = (is.0 - was.0).abs() > TOLERANCE * was.0.abs();
    let course = if worse { Course::of(was.0, is.0) } else { Course::Other };
    beyond.then_some(Change { what, before: Some(was.1), after: Some(is.1), course })
}
