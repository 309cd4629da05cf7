//! `cascade-order`: a row that would be deleted anyway does not stand in the way of a delete.

use super::Invariant;
use super::foreign_keys::{anew, promise};
use crate::catalog::{Action, quote_ident};
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::context::shape::Link;
use crate::invariants::family::deletions::{Deletion, deletions};
use crate::invariants::family::fate::{Change, Fate};
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "cascade-order",
    group: "foreign keys",
    page: include_str!("pages/cascade-order.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let mut found: Vec<(&Link, Vec<Group>)> = Vec::new();
    for shape in context.shapes() {
        for deletion in deletions(context, shape.name()).0 {
            let Some((link, group)) = blocked(&deletion) else { continue };
            match found.iter_mut().find(|(other, _)| *other == link) {
                Some((_, groups)) => groups.push(group),
                None => found.push((link, vec![group])),
            }
        }
    }
    found.into_iter().map(|(link, groups)| of(link, groups)).collect()
}

/// The foreign key that checks for a row which a cascade on another path deletes, if there is
/// one, and the case.
fn blocked<'c>(deletion: &Deletion<'c>) -> Option<(&'c Link, Group)> {
    let [one, other] = deletion.meeting?;
    let link = match (one.on_delete, other.on_delete) {
        (Action::Cascade, Action::NoAction | Action::Restrict) => other,
        (Action::NoAction | Action::Restrict, Action::Cascade) => one,
        _ => return None,
    };
    let by = match deletion.family.follow(deletion.victim, &Change::Delete)?.fate {
        Fate::Refused(by) | Fate::Hangs(by) => by,
        // Both paths are of one length, or the check waits: it works for certain.
        Fate::Left(_) => Vec::new(),
        Fate::Unclear => return None,
    };
    let gone = vec![None; deletion.family.rows().len()];
    if by.iter().any(|name| *name != link.name) || !deletion.family.meddlers(&gone).is_empty() {
        return None;
    }
    let row = &deletion.family.rows()[deletion.victim];
    let cases = vec![Case::accepted(deletion.about.as_str(), vec![row.delete()])];
    Some((link, Group { setup: deletion.family.insert(), cases }))
}

fn of(link: &Link, groups: Vec<Group>) -> Promise {
    let Link { child, parent, name, .. } = link;
    let way_out = if link.on_delete == Action::Restrict {
        anew(link, "DEFERRABLE INITIALLY DEFERRED")
    } else {
        let name = quote_ident(name);
        format!("ALTER TABLE {child} ALTER CONSTRAINT {name} DEFERRABLE INITIALLY DEFERRED")
    };
    let says = format!(
        "a cascade that deletes rows of {parent} and of {child} is not stopped by the reference between them"
    );
    let otherwise = Otherwise::Risk {
        trap: format!(
            "a delete that cascades to {parent} and on a longer path to {child} is refused, or is not, by the order in which the foreign keys were made"
        ),
        way_out,
    };
    promise(INVARIANT.id, link, says, otherwise, Evidence::Cases(groups))
}
