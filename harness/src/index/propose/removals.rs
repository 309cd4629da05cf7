//! Indexes that nothing speaks for: what they cost can be saved.

use std::collections::{BTreeMap, BTreeSet};

use shakedown_reports::index::Origin;

use super::foreign_keys::finds;
use super::index::ordered;
use super::statistics::Statistics;
use crate::catalog::{Catalog, ConstraintKind, Index, Name, Table};
use crate::index::Proposal;
use crate::measure::count::Cost;

/// A column with at most so many different values tells few rows apart.
const FEW_VALUES: f64 = 10.0;

/// A table of fewer rows is read as fast without an index.
const FEW_ROWS: f64 = 1000.0;

/// What speaks against an index that no scan of the workload used.
const UNUSED: &str = "no operation of the workload uses it";

/// The removal of each index that something speaks against, in tables that the workload touches.
pub(in crate::index) fn removals(
    catalog: &Catalog,
    base: &[Cost],
    statistics: &Statistics,
    drop_unused: bool,
    leave_out: &dyn Fn(&Name) -> bool,
) -> Vec<Proposal> {
    let scans = super::scans(base);
    let mut proposals = Vec::new();
    for table in
        catalog.tables.iter().filter(|table| table.partition.is_none() && !leave_out(&table.name))
    {
        let name = table.name.to_string();
        if !base.iter().any(|cost| cost.touched.any.contains(&name)) {
            continue;
        }
        for index in table.indexes.iter().filter(|index| is_free(index)) {
            let because = against(table, index, &scans, statistics);
            let keep = keep(table, index, &because, drop_unused);
            if !because.is_empty() {
                proposals.push(removal(table, index, because, keep));
            }
        }
    }
    proposals
}

/// Whether nothing but the speed of queries depends on it.
fn is_free(index: &Index) -> bool {
    !index.unique
        && !index.of_constraint
        && index.attached_to.is_none()
        && index.definition.is_some()
}

/// What speaks against an index, a phrase each.
fn against(
    table: &Table,
    index: &Index,
    scans: &BTreeMap<&str, i64>,
    statistics: &Statistics,
) -> Vec<String> {
    let mut because = Vec::new();
    let full = table.name.sibling(&index.name).to_string();
    if scans.get(full.as_str()).is_none_or(|count| *count == 0) {
        because.push(UNUSED.to_owned());
    }
    if let Some(other) = table.indexes.iter().find(|other| is_twin(index, other)) {
        because.push(format!("`{}` is the same", other.name));
    } else if let Some(other) = table.indexes.iter().find(|other| covers(other, index)) {
        because.push(format!("`{}` begins with the same keys", other.name));
    }
    let first = index.columns.first().and_then(|part| part.column.as_deref());
    let values = first.and_then(|column| statistics.values(&table.name.to_string(), column));
    if let (Some(column), Some(values)) = (first, values)
        && index.predicate.is_none()
        && index.columns.len() == 1
        && values.distinct > 0.0
        && values.distinct <= FEW_VALUES
    {
        because.push(format!("`{column}` has {:.0} different values", values.distinct));
    }
    let rows = statistics.size(&table.name.to_string()).rows;
    if rows < FEW_ROWS {
        because.push(format!("{} has {rows:.0} rows", table.name));
    }
    because
}

/// Whether both are the same, and the other one is to stay: the one that is unique or comes first.
fn is_twin(index: &Index, other: &Index) -> bool {
    let same = index.name != other.name
        && alike(index, other)
        && ordered(index) == ordered(other)
        && index.include == other.include;
    same && (other.unique || !is_free(other) || other.name < index.name)
}

/// Whether the other one can do all that this one can, and more.
fn covers(other: &Index, index: &Index) -> bool {
    let (keys, all) = (ordered(index), ordered(other));
    let carried = index.include.iter().all(|name| {
        other.include.contains(name)
            || other.columns.iter().any(|part| part.column.as_ref() == Some(name))
    });
    other.name != index.name
        && index.method == "btree"
        && alike(index, other)
        && keys.len() < all.len()
        && all.starts_with(&keys)
        && carried
}

fn alike(index: &Index, other: &Index) -> bool {
    let classes = |index: &Index| -> Vec<(String, Option<String>)> {
        let part = |part: &crate::catalog::IndexColumn| {
            (part.operator_class.clone(), part.collation.clone())
        };
        index.columns.iter().map(part).collect()
    };
    other.valid
        && index.method == other.method
        && index.predicate == other.predicate
        && classes(other).starts_with(&classes(index))
}

fn removal(table: &Table, index: &Index, because: Vec<String>, keep: Option<String>) -> Proposal {
    let name = table.name.sibling(&index.name);
    Proposal {
        name: format!("drop {}", index.name),
        origin: Origin::Removal,
        tables: vec![table.name.clone()],
        create: vec![format!("DROP INDEX {name}")],
        drop: index.definition.iter().map(|sql| sql.trim_end_matches(';').to_owned()).collect(),
        because,
        promise: Some(0.0),
        keep,
    }
}

/// Why it is better kept, if it is.
fn keep(table: &Table, index: &Index, because: &[String], drop_unused: bool) -> Option<String> {
    let redundant = table.indexes.iter().any(|other| is_twin(index, other) || covers(other, index));
    let unused = because.iter().any(|why| why == UNUSED);
    let only_unused = unused && !redundant && !drop_unused;
    let others = || "others may use it: `--drop-unused` says that the workload is all there is";
    only_way(table, index).or_else(|| only_unused.then(|| others().to_owned()))
}

/// Why it is better kept: it is the only index that serves a foreign key.
fn only_way(table: &Table, index: &Index) -> Option<String> {
    let keys = table.constraints.iter().filter(|one| one.kind == ConstraintKind::ForeignKey);
    let served = keys.into_iter().find(|constraint| {
        let wanted: BTreeSet<&str> = constraint.columns.iter().map(String::as_str).collect();
        let mut others =
            table.indexes.iter().filter(|other| other.name != index.name && other.valid);
        finds(index, &wanted) && !others.any(|other| finds(other, &wanted))
    })?;
    let to = served.references.as_ref().map(|to| to.table.to_string()).unwrap_or_default();
    Some(format!("it is the only one that serves `{}` when rows of {to} are deleted", served.name))
}
