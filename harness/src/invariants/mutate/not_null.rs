//! `NOT NULL` of columns.

use super::Change;
use super::ddl::{alter_column, columns, said};
use crate::catalog::{Catalog, Column, Table};

/// Columns of a primary key are among them, as in the published operator: that these mutants are
/// equivalent is seen when they are judged.
pub(super) fn added(catalog: &Catalog) -> Vec<Change> {
    let all = columns(catalog).filter(|(table, column)| !column.not_null || in_key(table, column));
    all.map(|(table, column)| change(table, column, "adds", "SET")).collect()
}

pub(super) fn removed(catalog: &Catalog) -> Vec<Change> {
    let all = columns(catalog).filter(|(table, column)| column.not_null && !in_key(table, column));
    all.map(|(table, column)| change(table, column, "drops", "DROP")).collect()
}

fn in_key(table: &Table, column: &Column) -> bool {
    table.primary_key().is_some_and(|key| key.columns.contains(&column.name))
}

fn change(table: &Table, column: &Column, says: &str, verb: &str) -> Change {
    let what = said(table, &column.name);
    Change {
        table: table.name.clone(),
        object: column.name.clone(),
        says: format!("{says} NOT NULL {} {what}", if verb == "SET" { "to" } else { "of" }),
        ddl: vec![alter_column(table, &column.name, &format!("{verb} NOT NULL"))],
    }
}
