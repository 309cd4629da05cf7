//! Unique constraints.

use super::Change;
use super::ddl::{alter, columns, constraints, listed, redefine, said};
use super::keys::{with_added, with_exchanged, with_removed};
use crate::catalog::{Catalog, ConstraintKind};

const NULLS_NOT_DISTINCT: &str = "UNIQUE NULLS NOT DISTINCT";

/// Each column by itself is made unique too, unless a constraint does so already.
pub(super) fn column_added(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, column) in columns(catalog) {
        let alone = std::slice::from_ref(&column.name);
        let unique = table.constraints.iter().any(|constraint| {
            constraint.kind == ConstraintKind::Unique && constraint.columns == alone
        });
        if !unique {
            changes.push(Change {
                table: table.name.clone(),
                object: column.name.clone(),
                says: format!("makes {} unique", said(table, &column.name)),
                ddl: vec![alter(table, &format!("ADD UNIQUE ({})", listed(alone)))],
            });
        }
    }
    let keys = constraints(catalog, &[ConstraintKind::Unique]);
    changes.extend(keys.flat_map(|(table, key)| with_added(catalog, table, key)));
    changes
}

pub(super) fn column_removed(catalog: &Catalog) -> Vec<Change> {
    let keys = constraints(catalog, &[ConstraintKind::Unique]);
    keys.flat_map(|(table, key)| with_removed(catalog, table, key)).collect()
}

pub(super) fn column_exchanged(catalog: &Catalog) -> Vec<Change> {
    let keys = constraints(catalog, &[ConstraintKind::Unique]);
    keys.flat_map(|(table, key)| with_exchanged(catalog, table, key)).collect()
}

pub(super) fn nulls_exchanged(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, key) in constraints(catalog, &[ConstraintKind::Unique]) {
        let (verb, definition) = match key.definition.strip_prefix(NULLS_NOT_DISTINCT) {
            Some(rest) => ("tells nulls apart", format!("UNIQUE{rest}")),
            None => {
                let rest = key.definition.trim_start_matches("UNIQUE");
                ("takes nulls for equal", format!("{NULLS_NOT_DISTINCT}{rest}"))
            }
        };
        changes.push(Change {
            table: table.name.clone(),
            object: key.name.clone(),
            says: format!("{verb} in the key {}", key.name),
            ddl: redefine(catalog, table, key, Some(&definition)),
        });
    }
    changes
}
