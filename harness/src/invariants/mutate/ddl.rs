//! The statements that mutants are made by, as far as several operators need them.

use crate::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Table, TableKind, View, diff, quote_ident,
};
use crate::sql::mentions;

/// The tables that can be changed by themselves: a partition is as its parent says, and what a
/// foreign table says is not checked.
pub(super) fn tables(catalog: &Catalog) -> impl Iterator<Item = &Table> {
    let own = |table: &&Table| table.partition.is_none() && table.kind != TableKind::Foreign;
    catalog.tables.iter().filter(own)
}

/// The constraints of some kind, each with its table, that are not a parent's.
pub(super) fn constraints<'c>(
    catalog: &'c Catalog,
    kinds: &[ConstraintKind],
) -> impl Iterator<Item = (&'c Table, &'c Constraint)> {
    let of_kind = move |constraint: &&Constraint| {
        kinds.contains(&constraint.kind)
            && constraint.inherited == 0
            && constraint.attached_to.is_none()
    };
    tables(catalog).flat_map(move |table| {
        table.constraints.iter().filter(of_kind).map(move |constraint| (table, constraint))
    })
}

/// The columns, each with its table, that are not a parent's.
pub(super) fn columns(catalog: &Catalog) -> impl Iterator<Item = (&Table, &Column)> {
    tables(catalog).flat_map(|table| {
        let own = table.columns.iter().filter(|column| column.inherited == 0);
        own.map(move |column| (table, column))
    })
}

pub(super) fn alter(table: &Table, action: &str) -> String {
    format!("ALTER TABLE {} {action}", table.name)
}

pub(super) fn alter_column(table: &Table, column: &str, action: &str) -> String {
    alter(table, &format!("ALTER COLUMN {} {action}", quote_ident(column)))
}

/// A column as people say it: `users.email`.
pub(super) fn said(table: &Table, column: &str) -> String {
    format!("{}.{column}", table.name.name)
}

/// `a, b`, quoted where needed.
pub(super) fn listed(columns: &[String]) -> String {
    columns.iter().map(|column| quote_ident(column)).collect::<Vec<_>>().join(", ")
}

/// Puts `definition` in place of a constraint's own, under the same name; without one it is
/// dropped. The foreign keys that rest on it are taken away before and put back after, and it is
/// for the server to say whether they still can be.
pub(super) fn redefine(
    catalog: &Catalog,
    table: &Table,
    constraint: &Constraint,
    definition: Option<&str>,
) -> Vec<String> {
    let name = quote_ident(&constraint.name);
    let drop = format!("DROP CONSTRAINT {name}");
    let action = match definition {
        Some(definition) => format!("{drop}, ADD CONSTRAINT {name} {definition}"),
        None => drop,
    };
    let resting = resting_on(catalog, table, constraint);
    let taken = resting
        .iter()
        .map(|(child, key)| alter(child, &format!("DROP CONSTRAINT {}", quote_ident(&key.name))));
    let put_back = resting.iter().map(|(child, key)| {
        alter(child, &format!("ADD CONSTRAINT {} {}", quote_ident(&key.name), key.definition))
    });
    taken.chain([alter(table, &action)]).chain(put_back).collect()
}

/// The foreign keys that point to the columns of a key.
fn resting_on<'c>(
    catalog: &'c Catalog,
    table: &Table,
    key: &Constraint,
) -> Vec<(&'c Table, &'c Constraint)> {
    let of_key = |constraint: &Constraint| {
        constraint.references.as_ref().is_some_and(|to| {
            to.table == table.name
                && to.columns.len() == key.columns.len()
                && to.columns.iter().all(|column| key.columns.contains(column))
        })
    };
    let keyed = matches!(key.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique);
    let all = constraints(catalog, &[ConstraintKind::ForeignKey]);
    all.filter(|(_, constraint)| keyed && of_key(constraint)).collect()
}

/// A table, the tables that inherit from it and its partitions, and theirs.
fn with_heirs<'c>(catalog: &'c Catalog, table: &'c Table) -> Vec<&'c Table> {
    let mut found = vec![table];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        let of = |heir: &&Table| {
            let part = heir.partition.as_ref().is_some_and(|part| part.of == parent.name);
            part || heir.inherits.contains(&parent.name)
        };
        let heirs: Vec<_> = catalog.tables.iter().filter(of).collect();
        found.extend(heirs.into_iter().filter(|heir| !found.contains(heir)).collect::<Vec<_>>());
        at += 1;
    }
    found
}

/// Makes a change to a column that views stand in the way of: they are dropped before, and made
/// again after.
pub(super) fn without_views(
    catalog: &Catalog,
    table: &Table,
    column: &str,
    change: Vec<String>,
) -> Vec<String> {
    let heirs = with_heirs(catalog, table);
    let shows = |view: &View| {
        let table = heirs.iter().any(|heir| mentions(&view.definition, &heir.name.name));
        table && mentions(&view.definition, column)
    };
    let mut found: Vec<&View> = catalog.views.iter().filter(|view| shows(view)).collect();
    // What shows one of these has to go too.
    let mut at = 0;
    while let Some(below) = found.get(at).copied() {
        let shows = |view: &&View| mentions(&view.definition, &below.name.name);
        let above: Vec<_> = catalog.views.iter().filter(shows).collect();
        found.extend(above.into_iter().filter(|view| !found.contains(view)).collect::<Vec<_>>());
        at += 1;
    }
    if found.is_empty() {
        return change;
    }
    let mut without = catalog.clone();
    without.views.retain(|view| !found.contains(&view));
    let dropped = found.iter().map(|view| {
        let kind = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
        format!("DROP {kind} IF EXISTS {} CASCADE", view.name)
    });
    let mut made = diff(catalog, &without);
    // Each after those that it reads from, be they materialized or not.
    made.sort_by_cached_key(|change| {
        let view = found.iter().find(|view| view.name.to_string() == change.object.name);
        view.map_or(0, |view| height(view, &found, found.len()))
    });
    dropped.chain(change).chain(made.into_iter().filter_map(|change| change.mend)).collect()
}

/// How many views of `among` a view stands on, one upon the other; at most `most`, since a name
/// may stand in a query without being read from.
fn height(view: &View, among: &[&View], most: usize) -> usize {
    let reads = |other: &&&View| {
        other.name != view.name && view.definition.contains(&other.name.to_string())
    };
    let below = among.iter().filter(reads).filter(|_| most > 0);
    below.map(|below| 1 + height(below, among, most - 1)).max().unwrap_or(0)
}
