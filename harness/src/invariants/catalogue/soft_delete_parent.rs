//! `soft-delete-parent`: nothing is put under a softly deleted row.

use super::Invariant;
use super::pieces::{REFUSED, children, family, risk, soft_tables, sure};
use super::soft_view::view_of_both;
use crate::catalog::Action;
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Link, Shape};
use crate::invariants::promise::{Evidence, Promise};
use crate::invariants::soft_delete::SoftDelete;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "soft-delete-parent",
    group: "soft deletes",
    page: include_str!("pages/soft-delete-parent.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    soft_tables(context).filter_map(|(shape, soft)| promise(context, shape, soft)).collect()
}

fn promise(context: &Context, parent: &Shape, soft: &SoftDelete) -> Option<Promise> {
    // What belongs to its parent: it goes with it, or can be deleted as it can. Others, such as
    // an invoice to a closed account, may well come later.
    let links: Vec<(&Link, &Shape)> = children(context, parent)
        .filter(|(link, child)| link.on_delete == Action::Cascade || sure(context, child).is_some())
        .filter(|(link, _)| link.parent != link.child)
        .collect();
    let (first, _) = links.first()?;
    let groups: Vec<Group> =
        links.iter().filter_map(|(link, child)| group(context, soft, link, child)).collect();
    let names: Vec<&str> = links.iter().map(|(link, _)| link.child.name.as_str()).collect();
    let names = names.join(", ");
    let table = &parent.name().name;
    Some(Promise {
        invariant: INVARIANT.id.to_owned(),
        table: parent.name().clone(),
        object: soft.column.clone(),
        says: format!("no row of {names} is put under a softly deleted row"),
        otherwise: risk(
            format!("rows of {names} can be put under a row of {table} that was softly deleted"),
            format!(
                "a trigger BEFORE INSERT on {} that looks for its row of {table} with {} FOR SHARE \
                 and raises foreign_key_violation if there is none",
                first.child.name, soft.live_where
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

fn group(context: &Context, soft: &SoftDelete, link: &Link, child: &Shape) -> Option<Group> {
    let (parent_row, child_row) = family(context, link)?;
    let mut setup = context.setup(&[&parent_row, &child_row]);
    setup.extend([parent_row.insert(), parent_row.set(&soft.deleting())]);
    let about = format!("a row of {} under a softly deleted one", link.child.name);
    let view = sure(context, child).and_then(|own| view_of_both(context, own, soft, &child_row));
    let case = match view {
        // It goes in, and those who read the view do not see it.
        Some(view) => {
            let ask = format!("SELECT count(*) FROM {} WHERE {}", view.name, child_row.condition());
            Case::yields(about, vec![child_row.insert(), ask], "0")
        }
        None => Case::rejected(about, vec![child_row.insert()], REFUSED),
    };
    Some(Group { setup, cases: vec![case] })
}
