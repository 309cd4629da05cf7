//! Foreign keys that no index serves: whoever deletes a row that they point to reads all of their
//! table.

use std::collections::BTreeSet;

use super::index::Draft;
use super::key::Key;
use super::statistics::Statistics;
use crate::catalog::{Catalog, Constraint, ConstraintKind, Index, Name, Table};
use crate::index::Proposal;
use crate::measure::count::Cost;

/// Adds an index for each of them. Those whose parents the workload never deletes cannot be measured,
/// and are kept out of the advice with that reason.
pub(super) fn add(
    catalog: &Catalog,
    base: &[Cost],
    statistics: &Statistics,
    leave_out: &dyn Fn(&Name) -> bool,
    proposals: &mut Vec<Proposal>,
    taken: &mut BTreeSet<String>,
) {
    for table in
        catalog.tables.iter().filter(|table| table.partition.is_none() && !leave_out(&table.name))
    {
        for constraint in &table.constraints {
            let Some(to) = &constraint.references else { continue };
            if constraint.kind != ConstraintKind::ForeignKey || serves(table, constraint).is_some()
            {
                continue;
            }
            let columns = constraint.columns.iter().filter_map(|name| table.column(name));
            let keys: Vec<Key> = columns.map(Key::of_column).collect();
            let draft = Draft::btree(table, &keys).because(format!(
                "no index serves `{}`: whoever deletes from {} reads all of {}",
                constraint.name, to.table, table.name
            ));
            let parent = to.table.to_string();
            let deleting = base.iter().filter(|cost| cost.touched.deleted.contains(&parent));
            let share: f64 = deleting.map(|cost| cost.counted.share).sum();
            let exercised = share > 0.0;
            // Each delete reads the whole table.
            let pages = statistics.size(&table.name.to_string()).pages as f64;
            let promise = Some(share * pages);
            let index = draft.definition("");
            // The plans may have asked for the same, which the planner need not use for this.
            let same = proposals
                .iter_mut()
                .find(|one| one.create.last().is_some_and(|sql| unnamed(sql) == unnamed(&index)));
            if let Some(same) = same {
                same.promise = same.promise.or(promise.filter(|_| exercised));
                same.because.extend(draft.because);
                continue;
            }
            let keep = (!exercised).then(|| format!("the workload deletes nothing from {parent}"));
            proposals.push(Proposal { promise, keep, ..draft.proposal(taken) });
        }
    }
}

/// The statement without the name of its index.
fn unnamed(sql: &str) -> &str {
    sql.split_once(" ON ").map_or(sql, |(_, rest)| rest)
}

/// The index that finds the rows of a foreign key.
pub(super) fn serves<'t>(table: &'t Table, constraint: &Constraint) -> Option<&'t Index> {
    let wanted: BTreeSet<&str> = constraint.columns.iter().map(String::as_str).collect();
    table.indexes.iter().filter(|index| index.valid).find(|index| finds(index, &wanted))
}

/// Whether the first keys of an index are these columns, and no row is left out of it.
pub(super) fn finds(index: &Index, wanted: &BTreeSet<&str>) -> bool {
    let first = index.columns.iter().take(wanted.len());
    let first: Option<BTreeSet<&str>> = first.map(|part| part.column.as_deref()).collect();
    // A condition that asks for the columns themselves leaves out only what refers to nothing.
    let whole = index.predicate.as_deref().is_none_or(|predicate| {
        let bare: String = predicate.chars().filter(|c| !"()\" ".contains(*c)).collect();
        wanted.iter().any(|column| bare == format!("{column}ISNOTNULL"))
    });
    whole && index.method == "btree" && first.as_ref() == Some(wanted)
}
