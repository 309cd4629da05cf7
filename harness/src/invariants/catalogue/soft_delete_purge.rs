//! `soft-delete-purge`: softly deleted rows can be erased, parents and children in either order.

use super::Invariant;
use super::pieces::{children, family, risk, soft_tables, sure};
use crate::catalog::Action;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Link, Shape};
use crate::invariants::promise::{Evidence, Promise};
use crate::invariants::soft_delete::SoftDelete;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "soft-delete-purge",
    group: "soft deletes",
    page: include_str!("pages/soft-delete-purge.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let links = soft_tables(context).flat_map(|(parent, soft)| {
        let children = children(context, parent).filter(|(link, _)| link.parent != link.child);
        children.filter_map(move |(link, child)| Some((parent, soft, link, sure(context, child)?)))
    });
    links.map(|(parent, soft, link, child)| promise(context, parent, soft, link, child)).collect()
}

fn promise(
    context: &Context,
    parent: &Shape,
    soft: &SoftDelete,
    link: &Link,
    child_soft: &SoftDelete,
) -> Promise {
    let (table, child) = (&parent.name().name, &link.child.name);
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: link.child.clone(),
        object: link.name.clone(),
        says: format!("softly deleted rows of {table} and {child} can be erased in either order"),
        otherwise: risk(
            format!(
                "a job that erases what was deleted long ago fails at {table} while softly deleted \
                 rows of {child} refer to it, which nobody sees"
            ),
            format!(
                "let the job erase {child} before {table}, or declare {} ON DELETE CASCADE",
                link.name
            ),
        ),
        evidence: evidence(context, soft, link, child_soft),
    }
}

fn evidence(
    context: &Context,
    soft: &SoftDelete,
    link: &Link,
    child_soft: &SoftDelete,
) -> Evidence {
    let Some((parent, child)) = family(context, link) else {
        let reason = context.unable(&link.child).unwrap_or("the table takes only one row");
        return Evidence::Untested(reason.to_owned());
    };
    let mut setup = context.planted(&[&parent, &child]);
    setup.extend([child.set(&child_soft.deleting()), parent.set(&soft.deleting())]);
    let mut cases = vec![Case::accepted(
        "first the child, then the parent",
        vec![child.delete(), parent.delete()],
    )];
    // With RESTRICT the order is what the schema asks for.
    if link.on_delete != Action::Restrict {
        let ops = vec![parent.delete(), child.delete()];
        cases.push(Case::accepted("first the parent, then the child", ops));
    }
    Evidence::cases(setup, cases)
}
