//! The columns of primary keys.
//!
//! A column that goes out of a key stays `NOT NULL`, as Postgres itself leaves it.

use super::Change;
use super::ddl::{alter, constraints, listed, tables};
use super::keys::{with_added, with_exchanged, with_removed};
use crate::catalog::{Catalog, ConstraintKind};

/// A table without a primary key gets one of each column.
pub(super) fn column_added(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for table in tables(catalog) {
        if let Some(key) = table.primary_key() {
            changes.extend(with_added(catalog, table, key));
            continue;
        }
        for column in &table.columns {
            let key = listed(std::slice::from_ref(&column.name));
            changes.push(Change {
                table: table.name.clone(),
                object: column.name.clone(),
                says: format!("makes {} the primary key of {}", column.name, table.name.name),
                ddl: vec![alter(table, &format!("ADD PRIMARY KEY ({key})"))],
            });
        }
    }
    changes
}

pub(super) fn column_removed(catalog: &Catalog) -> Vec<Change> {
    let keys = constraints(catalog, &[ConstraintKind::PrimaryKey]);
    keys.flat_map(|(table, key)| with_removed(catalog, table, key)).collect()
}

pub(super) fn column_exchanged(catalog: &Catalog) -> Vec<Change> {
    let keys = constraints(catalog, &[ConstraintKind::PrimaryKey]);
    keys.flat_map(|(table, key)| with_exchanged(catalog, table, key)).collect()
}
