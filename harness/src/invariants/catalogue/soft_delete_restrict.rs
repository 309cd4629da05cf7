//! `soft-delete-restrict`: ON DELETE RESTRICT also stops a soft delete.

use super::Invariant;
use super::pieces::{REFUSED, children, family, risk, soft_tables, sure};
use crate::catalog::Action;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Link, Shape};
use crate::invariants::promise::{Evidence, Promise};
use crate::invariants::soft_delete::SoftDelete;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "soft-delete-restrict",
    group: "soft deletes",
    page: include_str!("pages/soft-delete-restrict.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let links = soft_tables(context).flat_map(|(parent, soft)| {
        children(context, parent).map(move |(link, child)| (parent, soft, link, child))
    });
    // Where the child cannot be deleted softly, the key in all likelihood is there to keep the
    // parent's row for it, which a soft delete does.
    let both = links.filter(|(_, _, link, child)| {
        link.on_delete == Action::Restrict && sure(context, child).is_some()
    });
    both.map(|(parent, soft, link, _)| promise(context, parent, soft, link)).collect()
}

fn promise(context: &Context, parent: &Shape, soft: &SoftDelete, link: &Link) -> Promise {
    let (table, child) = (&parent.name().name, &link.child.name);
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: link.child.clone(),
        object: link.name.clone(),
        says: format!(
            "a row of {table} is not softly deleted while live rows of {child} refer to it"
        ),
        otherwise: risk(
            format!(
                "ON DELETE RESTRICT never comes into play: a row of {table} is deleted by an \
                 UPDATE, and its live rows in {child} stay behind"
            ),
            format!(
                "a trigger BEFORE UPDATE OF {} on {table} that raises restrict_violation while \
                 there are live rows in {child}",
                soft.columns().join(", ")
            ),
        ),
        evidence: evidence(context, soft, link),
    }
}

fn evidence(context: &Context, soft: &SoftDelete, link: &Link) -> Evidence {
    let Some((parent, child)) = family(context, link) else {
        let reason = context.unable(&link.child).unwrap_or("the table takes only one row");
        return Evidence::Untested(reason.to_owned());
    };
    let setup = context.planted(&[&parent, &child]);
    let delete = vec![parent.set(&soft.deleting())];
    Evidence::cases(setup, vec![Case::rejected("a soft delete of the parent", delete, REFUSED)])
}
