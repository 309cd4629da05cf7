//! What the operators on primary keys and those on unique keys share: other columns in a key.

use super::Change;
use super::ddl::{listed, redefine};
use crate::catalog::{Catalog, Constraint, Table};
use crate::sql::edit;

/// With each column that is not in it added.
pub(super) fn with_added(catalog: &Catalog, table: &Table, key: &Constraint) -> Vec<Change> {
    let added = others(table, key).map(|column| {
        let columns: Vec<_> = key.columns.iter().cloned().chain([column.clone()]).collect();
        (format!("adds {column} to"), columns)
    });
    changes(catalog, table, key, added.collect())
}

/// Without each column of it; a key of one column is dropped.
pub(super) fn with_removed(catalog: &Catalog, table: &Table, key: &Constraint) -> Vec<Change> {
    let removed = key.columns.iter().map(|column| {
        let columns: Vec<_> = key.columns.iter().filter(|it| *it != column).cloned().collect();
        let says =
            if columns.is_empty() { "drops".to_owned() } else { format!("drops {column} from") };
        (says, columns)
    });
    changes(catalog, table, key, removed.collect())
}

/// With each column of it exchanged for each that is not in it.
pub(super) fn with_exchanged(catalog: &Catalog, table: &Table, key: &Constraint) -> Vec<Change> {
    let exchanged = key.columns.iter().flat_map(|column| {
        others(table, key).map(move |other| {
            let columns = key.columns.iter().map(|it| if it == column { other } else { it });
            (format!("has {other} instead of {column} in"), columns.cloned().collect())
        })
    });
    changes(catalog, table, key, exchanged.collect())
}

/// The columns of its table that are not in a key.
fn others<'t>(table: &'t Table, key: &Constraint) -> impl Iterator<Item = &'t String> {
    let names = table.columns.iter().map(|column| &column.name);
    names.filter(|name| !key.columns.contains(name))
}

/// A mutant for each list of columns, with what is said of it before the name of the key.
fn changes(
    catalog: &Catalog,
    table: &Table,
    key: &Constraint,
    variants: Vec<(String, Vec<String>)>,
) -> Vec<Change> {
    let change = |(says, columns): (String, Vec<String>)| {
        let definition = if columns.is_empty() { None } else { with_columns(key, &columns) };
        Change {
            table: table.name.clone(),
            object: key.name.clone(),
            says: format!("{says} the key {}", key.name),
            ddl: redefine(catalog, table, key, definition.as_deref()),
        }
    };
    variants.into_iter().map(change).collect()
}

/// The definition of a key with other columns in its parentheses.
fn with_columns(key: &Constraint, columns: &[String]) -> Option<String> {
    let place = edit::parenthesized(&key.definition, key.definition.find('(')?)?;
    Some(edit::replaced(&key.definition, &place, &listed(columns)))
}
