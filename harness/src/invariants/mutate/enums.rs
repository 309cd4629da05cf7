//! Enums.

use super::Change;
use crate::catalog::{Catalog, TypeKind, quote_literal};

/// The label gets a name that nobody uses. Defaults, checks and indexes know labels by number, so
/// nothing has to be made anew, and the old name is refused like one that never was.
pub(super) fn label_dropped(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for it in &catalog.types {
        let TypeKind::Enum { labels } = &it.kind else { continue };
        for label in labels {
            // A label has 63 bytes at most.
            let nobody = format!("no {:x} label", changes.len());
            let (from, to) = (quote_literal(label), quote_literal(&nobody));
            changes.push(Change {
                table: it.name.clone(),
                object: label.clone(),
                says: format!("drops {from} of {}", it.name.name),
                ddl: vec![format!("ALTER TYPE {} RENAME VALUE {from} TO {to}", it.name)],
            });
        }
    }
    changes
}
