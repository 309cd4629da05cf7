//! When a constraint is checked: at once, or at the end of the transaction.

use super::Change;
use super::ddl::{alter, constraints, redefine};
use crate::catalog::{Catalog, Constraint, ConstraintKind, quote_ident};

const MOMENTS: [&str; 3] = ["NOT DEFERRABLE", "DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED"];

pub(super) fn changed(catalog: &Catalog) -> Vec<Change> {
    let kinds = [
        ConstraintKind::PrimaryKey,
        ConstraintKind::Unique,
        ConstraintKind::ForeignKey,
        ConstraintKind::Exclusion,
    ];
    let mut changes = Vec::new();
    for (table, constraint) in constraints(catalog, &kinds) {
        let own = moment(constraint);
        for other in MOMENTS.into_iter().filter(|moment| *moment != own) {
            let name = quote_ident(&constraint.name);
            let ddl = if constraint.kind == ConstraintKind::ForeignKey {
                vec![alter(table, &format!("ALTER CONSTRAINT {name} {other}"))]
            } else {
                let bare = constraint.definition.trim_end_matches(" INITIALLY DEFERRED");
                let bare = bare.trim_end_matches(" DEFERRABLE");
                redefine(catalog, table, constraint, Some(&format!("{bare} {other}")))
            };
            changes.push(Change {
                table: table.name.clone(),
                object: constraint.name.clone(),
                says: format!("makes {} {other}", constraint.name),
                ddl,
            });
        }
    }
    changes
}

fn moment(constraint: &Constraint) -> &'static str {
    match (constraint.deferrable, constraint.initially_deferred) {
        (false, _) => MOMENTS[0],
        (true, false) => MOMENTS[1],
        (true, true) => MOMENTS[2],
    }
}
