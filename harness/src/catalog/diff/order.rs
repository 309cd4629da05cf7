//! What follows from what: the order of columns, of changes, and of the statements that mend them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, What};
use crate::catalog::{Catalog, Column, Kind, Name, Sequence, Table};

/// The names of the columns, if those in both do not come in the same order.
pub(super) fn reordered(before: &[Column], after: &[Column]) -> Option<(Vec<String>, Vec<String>)> {
    let names = |columns: &[Column]| columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    let (before, after) = (names(before), names(after));
    let common = |of: &[String], other: &[String]| {
        of.iter().filter(|name| other.contains(name)).cloned().collect::<Vec<_>>()
    };
    (common(&before, &after) != common(&after, &before)).then_some((before, after))
}

/// Whether the column that owns a sequence is in the one catalog, `with` it, and
/// not in the other, so that the sequence comes or goes with the column.
pub(super) fn goes_with_column(sequence: &Sequence, with: &Catalog, without: &Catalog) -> bool {
    sequence.owned_by.as_ref().is_some_and(|owner| {
        let is_in = |catalog: &Catalog| {
            catalog.table(&owner.table).is_some_and(|t| t.column(&owner.column).is_some())
        };
        is_in(with) && !is_in(without)
    })
}

/// Whether all that differs in a sequence is what it takes over from the table
/// that owns it: the owner, and whether it is logged.
pub(super) fn follows_table(
    before: &Sequence,
    after: &Sequence,
    catalog_before: &Catalog,
    catalog_after: &Catalog,
) -> bool {
    let Some(owner) = before.owned_by.as_ref().filter(|_| before.owned_by == after.owned_by) else {
        return false;
    };
    let tables = (catalog_before.table(&owner.table), catalog_after.table(&owner.table));
    let (Some(table_before), Some(table_after)) = tables else { return false };
    let mut like = after.clone();
    if table_before.about.owner != table_after.about.owner {
        like.about = after.about.handed_over(before.about.owner.as_deref());
    }
    if table_before.unlogged != table_after.unlogged {
        like.unlogged = before.unlogged;
    }
    like == *before
}

/// Sorts changes so that their mends can be run one after the other. Relations
/// and their parts that have to go go first, what depends on others before them.
/// Then things are made and altered, in an order in which they can be. Types,
/// functions and the like that have to go go last, since what was altered may
/// have depended on them.
pub(super) fn sort(mut changes: Vec<Change>, before: &Catalog, after: &Catalog) -> Vec<Change> {
    let (made, gone) = (depths(before), depths(after));
    changes.sort_by_cached_key(|change| {
        let rank = Kind::ALL.iter().position(|kind| *kind == change.object.kind).unwrap_or(0);
        let rank = i32::try_from(rank).unwrap_or(i32::MAX);
        let is_relation = change.object.kind >= Kind::Table;
        let depth = |of: &BTreeMap<String, i32>| of.get(&change.object.name).copied().unwrap_or(0);
        match change.what {
            What::Extra => {
                (if is_relation { 0 } else { 2 }, -rank, -depth(&gone), change.object.clone())
            }
            _ => (1, rank, depth(&made), change.object.clone()),
        }
    });
    changes
}

/// How many other tables or views each relation stands on, one upon the other.
fn depths(catalog: &Catalog) -> BTreeMap<String, i32> {
    let mut below: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for table in &catalog.tables {
        let names = needs(table).into_iter().map(Name::to_string).collect();
        below.insert(table.name.to_string(), names);
    }
    // Postgres writes the names in a view's query in full, so that a relation it
    // reads from can be found by name.
    let views: Vec<_> = catalog.views.iter().map(|view| view.name.to_string()).collect();
    for view in &catalog.views {
        let name = view.name.to_string();
        let read = views.iter().filter(|other| **other != name && view.definition.contains(*other));
        below.insert(name.clone(), read.cloned().collect());
    }
    let mut depths = BTreeMap::new();
    for name in below.keys() {
        depth(name, &below, &mut depths, &mut BTreeSet::new());
    }
    depths
}

/// The tables that a table cannot be made without.
fn needs(table: &Table) -> BTreeSet<&Name> {
    let keys = table.constraints.iter().filter_map(|constraint| constraint.references.as_ref());
    let mut names: BTreeSet<_> = keys.map(|to| &to.table).chain(&table.inherits).collect();
    names.extend(table.partition.as_ref().map(|partition| &partition.of));
    names.remove(&table.name);
    names
}

fn depth<'a>(
    name: &'a str,
    below: &'a BTreeMap<String, Vec<String>>,
    depths: &mut BTreeMap<String, i32>,
    path: &mut BTreeSet<&'a str>,
) -> i32 {
    if let Some(depth) = depths.get(name) {
        return *depth;
    }
    // Tables that point to each other have no order.
    if !path.insert(name) {
        return 0;
    }
    let names = below.get(name).into_iter().flatten();
    let deepest = names.map(|name| depth(name, below, depths, path) + 1).max().unwrap_or(0);
    path.remove(name);
    depths.insert(name.to_owned(), deepest);
    deepest
}
