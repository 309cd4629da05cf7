//! `foreign-key-race`: a row that comes while its parent goes leaves no orphan.

use super::Invariant;
use super::cascade_closure::keeps_rows;
use super::foreign_keys::{pair, promise};
use crate::invariants::context::Context;
use crate::invariants::context::shape::Link;
use crate::invariants::promise::{Duel, Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "foreign-key-race",
    group: "foreign keys",
    page: include_str!("pages/foreign-key-race.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let links = context.shapes().flat_map(|shape| &shape.links);
    links.filter_map(|link| of(context, link)).collect()
}

fn of(context: &Context, link: &Link) -> Option<Promise> {
    // What such a trigger leaves behind is no matter of two sessions.
    if keeps_rows(context, &link.child) {
        return None;
    }
    let (family, parent, child) = pair(context, link)?;
    let mut setup = family.insert();
    setup.pop();
    let (parent, mut child) = (family.rows()[parent].clone(), family.rows()[child].clone());
    let insert = child.insert();
    child.identity.extend(link.columns.iter().cloned());
    let then = format!(
        "SELECT concat('orphans: ', count(*)) FROM {} WHERE {} AND NOT EXISTS (SELECT FROM {} WHERE {})",
        child.table,
        child.condition(),
        parent.table,
        parent.condition()
    );
    let duel = |about: &str, first: &str, second: &str| Duel {
        about: about.to_owned(),
        setup: setup.clone(),
        first: vec![first.to_owned()],
        second: vec![second.to_owned()],
        then: then.clone(),
        gives: "orphans: 0".to_owned(),
    };
    let duels = vec![
        duel("a row comes while its parent is being deleted", &parent.delete(), &insert),
        duel("a parent is deleted while a row of it comes", &insert, &parent.delete()),
    ];
    let says = format!(
        "two sessions at once leave no row that refers to a row of {} that is gone",
        link.parent
    );
    Some(promise(INVARIANT.id, link, says, Otherwise::Broken, Evidence::Duels(duels)))
}
