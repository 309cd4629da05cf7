//! `set-null-shared-column`: ON DELETE SET NULL leaves columns alone that serve another purpose.

use super::Invariant;
use super::foreign_keys::{anew, links, list, pair, promise};
use crate::catalog::Action;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Link;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "set-null-shared-column",
    group: "foreign keys",
    page: include_str!("pages/set-null-shared-column.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    links(context).filter_map(|link| of(context, link)).collect()
}

fn of(context: &Context, link: &Link) -> Option<Promise> {
    if link.on_delete != Action::SetNull || link.columns.len() < 2 {
        return None;
    }
    let shape = context.shape(&link.child)?;
    let shared = |column: &&String| {
        let mut others = shape.links.iter().filter(|other| *other != link);
        shape.not_null(column) || others.any(|other| other.columns.contains(column))
    };
    let (kept, own): (Vec<String>, Vec<String>) =
        link.columns.iter().cloned().partition(|column| shared(&column));
    let (family, parent, child) = pair(context, link)?;
    if kept.is_empty() || own.is_empty() {
        return None;
    }
    let (parent, child) = (&family.rows()[parent], &family.rows()[child]);
    let mut same = child.clone();
    same.identity.extend(kept.iter().cloned());
    let about = format!("a row of {} with one of {} that refers to it", link.parent, link.child);
    let cases = vec![Case::yields(about, vec![parent.delete(), same.count()], "1")];
    let says = format!(
        "deleting a row of {} leaves {} of {} as it is",
        link.parent,
        list(&kept),
        link.child
    );
    let otherwise = Otherwise::Risk {
        trap: format!(
            "ON DELETE SET NULL takes {} away together with {}, or is refused since it must not be NULL",
            list(&kept),
            list(&own)
        ),
        way_out: anew(link, &format!("ON DELETE SET NULL ({})", list(&own))),
    };
    Some(promise(INVARIANT.id, link, says, otherwise, Evidence::cases(family.insert(), cases)))
}
