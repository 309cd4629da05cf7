//! `soft-delete-cascade`: rows that are deleted softly are not erased with a parent.

use super::Invariant;
use super::pieces::{children, family, risk, sure};
use crate::catalog::Action;
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Link, Shape};
use crate::invariants::promise::{Evidence, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "soft-delete-cascade",
    group: "soft deletes",
    page: include_str!("pages/soft-delete-cascade.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    // Erasing a row that could have been deleted softly is done on purpose, and so is what
    // follows from it.
    let parents = context.shapes().filter(|shape| context.soft_delete(shape.name()).is_none());
    parents.filter_map(|parent| promise(context, parent)).collect()
}

fn promise(context: &Context, parent: &Shape) -> Option<Promise> {
    let links: Vec<&Link> = children(context, parent)
        .filter(|(_, child)| sure(context, child).is_some())
        .map(|(link, _)| link)
        .filter(|link| {
            link.on_delete == Action::Cascade || link.on_delete == Action::SetNull && !link.required
        })
        .collect();
    let first = links.first()?;
    let erased = links.iter().find(|link| link.on_delete == Action::Cascade).unwrap_or(first);
    let groups: Vec<Group> = links.iter().filter_map(|link| group(context, link)).collect();
    let names: Vec<&str> = links.iter().map(|link| link.child.name.as_str()).collect();
    let names = names.join(", ");
    let columns = erased.columns.join(", ");
    Some(Promise {
        invariant: INVARIANT.id.to_owned(),
        table: parent.name().clone(),
        object: links.iter().map(|link| link.name.as_str()).collect::<Vec<_>>().join(", "),
        says: format!("deleting a row of {} erases no row of {names}", parent.name().name),
        otherwise: risk(
            format!(
                "deleting a row of {} erases rows of {}, which are otherwise deleted softly and \
                 can be brought back",
                parent.name().name,
                erased.child.name
            ),
            format!(
                "ALTER TABLE {} DROP CONSTRAINT {}, ADD FOREIGN KEY ({columns}) REFERENCES {} ON \
                 DELETE RESTRICT",
                erased.child,
                crate::catalog::quote_ident(&erased.name),
                parent.name()
            ),
        ),
        evidence: if groups.is_empty() {
            let reason = context.unable(&first.child).unwrap_or("the table takes only one row");
            Evidence::Untested(reason.to_owned())
        } else {
            Evidence::Cases(groups)
        },
    })
}

fn group(context: &Context, link: &Link) -> Option<Group> {
    let (parent, child) = family(context, link)?;
    let setup = context.planted(&[&parent, &child]);
    let about = format!("the row of {} after its parent was deleted", link.child.name);
    let case = Case::yields(about, vec![parent.delete(), child.count()], "1");
    Some(Group { setup, cases: vec![case] })
}
