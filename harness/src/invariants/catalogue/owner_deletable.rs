//! `owner-deletable`: what is only a part of something does not stand in the way of deleting it.

use super::Invariant;
use super::foreign_keys::{links, on_delete, pair, promise};
use crate::catalog::Action;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Key, Link, Shape};
use crate::invariants::family::fate::{Change, Fate};
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "owner-deletable",
    group: "foreign keys",
    page: include_str!("pages/owner-deletable.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    links(context).filter_map(|link| of(context, link)).collect()
}

fn of(context: &Context, link: &Link) -> Option<Promise> {
    let shape = context.shape(&link.child)?;
    // RESTRICT is written down by someone who means it; NO ACTION is what comes of writing nothing.
    let unsaid = matches!(link.on_delete, Action::NoAction | Action::Cascade);
    if !unsaid || link.parent == link.child || !is_part(shape, link) {
        return None;
    }
    let (family, parent, _) = pair(context, link)?;
    let gone = family.follow(parent, &Change::Delete)?;
    let only_this = match &gone.fate {
        Fate::Refused(by) => *by == [link.name.clone()],
        _ => true,
    };
    let about = format!("a row of {} with one of {} that belongs to it", link.parent, link.child);
    let cases = vec![Case::accepted(about, vec![family.rows()[parent].delete()])];
    let says =
        format!("rows of {} can be deleted with what {} says of them", link.parent, link.child);
    let otherwise = Otherwise::Risk {
        trap: format!(
            "a row of {} can not be deleted before its rows of {} are, and nothing says that this is meant",
            link.parent, link.child
        ),
        way_out: format!(
            "-- Or ON DELETE RESTRICT, to say that it is meant.\n{}",
            on_delete(link, Action::Cascade)
        ),
    };
    let evidence = Evidence::cases(family.insert(), cases);
    only_this.then(|| promise(INVARIANT.id, link, says, otherwise, evidence))
}

/// Whether rows of the table are but parts of what they refer to: it joins two tables and
/// nothing more, or is called after its parent, as `order_items` is.
fn is_part(shape: &Shape, link: &Link) -> bool {
    let key = shape.identity().map_or_else(Vec::new, Key::columns);
    let links = |column: &&str| {
        shape.links.iter().filter(|own| own.columns.iter().any(|c| c == column)).count()
    };
    let joins = shape.links.len() > 1
        && key.len() > 1
        && key.iter().all(|column| links(column) > 0)
        && link.columns.iter().all(|column| key.contains(&column.as_str()));
    let parent = link.parent.name.trim_end_matches('s');
    let rest = shape.name().name.strip_prefix(parent).unwrap_or_default();
    let part = ["item", "line", "member", "entry", "entries", "position", "detail", "row", "tag"];
    let rest = rest.trim_start_matches('s').trim_start_matches('_');
    joins || link.required && part.iter().any(|word| rest.trim_end_matches('s') == *word)
}
