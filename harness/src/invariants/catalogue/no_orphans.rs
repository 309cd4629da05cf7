//! `no-orphans`: every row that is there has its parent.

use super::Invariant;
use super::foreign_keys::{anew, promise};
use crate::catalog::{Name, TableKind, quote_ident};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Link;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "no-orphans",
    group: "foreign keys",
    page: include_str!("pages/no-orphans.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    context.shapes().flat_map(|shape| &shape.links).map(|link| of(context, link)).collect()
}

/// The table without those that inherit from it, to which a foreign key does not apply.
fn only(context: &Context, table: &Name) -> String {
    match context.shape(table).map(|shape| shape.table.kind) {
        Some(TableKind::Partitioned) => table.to_string(),
        _ => format!("ONLY {table}"),
    }
}

/// One look at the whole table, once per foreign key.
fn of(context: &Context, link: &Link) -> Promise {
    let pairs = || link.columns.iter().zip(&link.parent_columns);
    let given = pairs().map(|(own, _)| format!("c.{} IS NOT NULL", quote_ident(own)));
    let equal =
        pairs().map(|(own, theirs)| format!("p.{} = c.{}", quote_ident(theirs), quote_ident(own)));
    let query = format!(
        "SELECT CASE WHEN EXISTS (SELECT FROM {} c WHERE {} AND NOT EXISTS (SELECT FROM {} p WHERE {})) THEN 'orphans' ELSE 'no orphans' END",
        only(context, &link.child),
        given.collect::<Vec<_>>().join(" AND "),
        only(context, &link.parent),
        equal.collect::<Vec<_>>().join(" AND ")
    );
    let cases =
        vec![Case::yields("a look for rows without their parent", vec![query], "no orphans")];
    let says =
        format!("no row of {} refers to a row of {} that is not there", link.child, link.parent);
    let otherwise = if link.validated && !link.disabled {
        Otherwise::Broken
    } else {
        Otherwise::Risk {
            trap: format!(
                "there are rows of {} that refer to nothing, and the constraint lets them be",
                link.child
            ),
            way_out: format!("delete them or give them a parent, then {}", anew(link, "")),
        }
    };
    promise(INVARIANT.id, link, says, otherwise, Evidence::cases(Vec::new(), cases))
}
