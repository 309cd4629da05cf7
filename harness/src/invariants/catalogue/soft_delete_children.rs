//! `soft-delete-children`: no live row is left visible under a softly deleted parent.

use super::Invariant;
use super::pieces::{children, family, risk, soft_tables, sure};
use super::soft_view::view_of_both;
use crate::catalog::Action;
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Link, Shape};
use crate::invariants::promise::{Evidence, Promise};
use crate::invariants::soft_delete::SoftDelete;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "soft-delete-children",
    group: "soft deletes",
    page: include_str!("pages/soft-delete-children.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    soft_tables(context).filter_map(|(shape, soft)| promise(context, shape, soft)).collect()
}

fn promise(context: &Context, parent: &Shape, soft: &SoftDelete) -> Option<Promise> {
    // A foreign key with RESTRICT says something else: see `soft-delete-restrict`.
    let links: Vec<(&Link, &SoftDelete)> = children(context, parent)
        .filter(|(link, _)| link.on_delete != Action::Restrict)
        .filter_map(|(link, child)| Some((link, sure(context, child)?)))
        .collect();
    let (first, first_soft) = links.first()?;
    let groups: Vec<Group> =
        links.iter().filter_map(|(link, child)| group(context, soft, link, child)).collect();
    let names: Vec<&str> = links.iter().map(|(link, _)| link.child.name.as_str()).collect();
    let names = names.join(", ");
    Some(Promise {
        invariant: INVARIANT.id.to_owned(),
        table: parent.name().clone(),
        object: soft.column.clone(),
        says: format!("a softly deleted row leaves no live row visible in {names}"),
        otherwise: risk(
            format!(
                "a softly deleted row of {} keeps its live rows in {names}, and queries of those \
                 still show them",
                parent.name().name
            ),
            way_out(parent, soft, first, first_soft),
        ),
        evidence: if groups.is_empty() {
            let reason = context.unable(&first.child).unwrap_or("the table takes only one row");
            Evidence::Untested(reason.to_owned())
        } else {
            Evidence::Cases(groups)
        },
    })
}

/// A view that hides them.
fn way_out(parent: &Shape, soft: &SoftDelete, link: &Link, child: &SoftDelete) -> String {
    let pairs = link.columns.iter().zip(&link.parent_columns);
    let on: Vec<String> = pairs.map(|(own, theirs)| format!("p.{theirs} = c.{own}")).collect();
    format!(
        "CREATE VIEW live_{} AS SELECT c.* FROM {} AS c JOIN {} AS p ON {} WHERE c.{} AND p.{}",
        link.child.name,
        link.child,
        parent.name(),
        on.join(" AND "),
        child.live_where,
        soft.live_where
    )
}

fn group(context: &Context, soft: &SoftDelete, link: &Link, child: &SoftDelete) -> Option<Group> {
    let (parent_row, child_row) = family(context, link)?;
    let mut setup = context.planted(&[&parent_row, &child_row]);
    setup.push(parent_row.set(&soft.deleting()));
    // Where a view answers for both, it is what the application reads.
    let ask = match view_of_both(context, child, soft, &child_row) {
        Some(view) => {
            format!("SELECT count(*) FROM {} WHERE {}", view.name, child_row.condition())
        }
        None => format!("{} AND {}", child_row.count(), child.live_where),
    };
    let about = format!("the live row of {} after its parent was deleted", link.child.name);
    Some(Group { setup, cases: vec![Case::yields(about, vec![ask], "0")] })
}
