//! `orphans-by-trigger`: a trigger that keeps rows from being deleted leaves no orphans.

use super::Invariant;
use super::cascade_closure::swallows;
use crate::catalog::{Enabled, Event, Timing, Trigger};
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Link, Shape};
use crate::invariants::family::paths::can_be_tried;
use crate::invariants::family::planted::Family;
use crate::invariants::promise::{Duel, Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "orphans-by-trigger",
    group: "foreign keys",
    page: include_str!("pages/orphans-by-trigger.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    context.shapes().flat_map(|shape| of(context, shape)).collect()
}

/// A promise for each trigger that runs before the rows of a table are deleted.
fn of(context: &Context, shape: &Shape) -> Vec<Promise> {
    let before = |trigger: &&Trigger| {
        trigger.for_each_row
            && trigger.timing == Timing::Before
            && trigger.events.contains(&Event::Delete)
            && matches!(trigger.enabled, Enabled::Origin | Enabled::Always)
    };
    let follow = |link: &&Link| crate::invariants::context::follows(link.on_delete);
    let above = shape.links.iter().filter(follow).filter(|link| can_be_tried(context, link));
    let above: Vec<Duel> = above.filter_map(|link| duel(context, link)).collect();
    let triggers = shape.table.triggers.iter().filter(before);
    let promise = |trigger: &Trigger| Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: trigger.name.clone(),
        says: if swallows(context, trigger) {
            "a delete that the trigger skips leaves no row that refers to nothing".to_owned()
        } else {
            "a delete that the trigger sees leaves no row that refers to nothing".to_owned()
        },
        otherwise: Otherwise::Broken,
        evidence: Evidence::Duels(above.clone()),
    };
    if above.is_empty() { Vec::new() } else { triggers.map(promise).collect() }
}

/// Deletes a parent, whether that is let through or not, and looks for orphans. It has to be
/// committed in between: rows of the same transaction are checked once more than others when
/// they are updated, so that the orphan would be noticed.
fn duel(context: &Context, link: &Link) -> Option<Duel> {
    let mut family = Family::new(context);
    let victim = family.root(&link.parent)?;
    let child = family.child(&[(link, victim)])?;
    let (parent, mut child) = (&family.rows()[victim], family.rows()[child].clone());
    child.identity.extend(link.columns.iter().cloned());
    Some(Duel {
        about: format!("a row of {} is deleted with one of {} below it", link.parent, link.child),
        setup: family.insert(),
        first: vec![parent.delete()],
        second: Vec::new(),
        then: format!(
            "SELECT concat('orphans: ', count(*)) FROM {} WHERE {} AND NOT EXISTS (SELECT FROM {} WHERE {})",
            child.table,
            child.condition(),
            parent.table,
            parent.condition()
        ),
        gives: "orphans: 0".to_owned(),
    })
}
