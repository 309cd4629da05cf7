//! `constraint-validated`: a constraint is true of all rows, also of those from before it.

use super::Invariant;
use crate::catalog::{Constraint, Table, quote_ident, quote_literal};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "constraint-validated",
    group: "not null and checks",
    page: include_str!("pages/constraint-validated.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let constraints = |table: &Table| -> Vec<Promise> {
        // Those of partitions are told with their root's.
        let own = table.constraints.iter().filter(|found| found.attached_to.is_none());
        own.map(|constraint| promise(table, constraint)).collect()
    };
    context.catalog.tables.iter().flat_map(constraints).collect()
}

fn promise(table: &Table, constraint: &Constraint) -> Promise {
    let name = quote_ident(&constraint.name);
    let evidence = if constraint.validated {
        let query = format!(
            "SELECT convalidated::text FROM pg_catalog.pg_constraint WHERE conrelid = {}::regclass AND conname = {}",
            quote_literal(&table.name.to_string()),
            quote_literal(&constraint.name)
        );
        Evidence::cases(Vec::new(), vec![Case::yields("its state", vec![query], "true")])
    } else {
        Evidence::Seen("it was added NOT VALID and never validated".to_owned())
    };
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: table.name.clone(),
        object: constraint.name.clone(),
        says: format!("all rows satisfy {name}, also those from before it"),
        otherwise: Otherwise::Risk {
            trap: "rows from before it may violate it; an update of such a row fails, and so does loading a dump".to_owned(),
            way_out: format!("ALTER TABLE {} VALIDATE CONSTRAINT {name};", table.name),
        },
        evidence,
    }
}
