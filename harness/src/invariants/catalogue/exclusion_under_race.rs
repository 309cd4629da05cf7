//! `exclusion-under-race`: of two sessions that book the same at once, one is refused.

use super::Invariant;
use super::keys;
use super::spans::{self, Exclusion};
use crate::invariants::context::Context;
use crate::invariants::promise::{Duel, Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "exclusion-under-race",
    group: "uniqueness",
    page: include_str!("pages/exclusion-under-race.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    spans::all(context).filter_map(|exclusion| promise(context, &exclusion)).collect()
}

fn promise(context: &Context, exclusion: &Exclusion<'_>) -> Option<Promise> {
    let shape = exclusion.shape;
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let [first, over, _] = exclusion.spans()?;
            let one = exclusion.first(context, &first)?;
            let other = exclusion.beside(context, &one, &over)?;
            if keys::meet_elsewhere(context, shape, None, &one, &other) {
                return None;
            }
            let (mine, theirs) = (one.condition(), other.condition());
            Evidence::Duels(vec![Duel {
                about: "two rows that overlap from two sessions at once".to_owned(),
                setup: context.setup(&[&one, &other]),
                first: vec![one.insert()],
                second: vec![other.insert()],
                then: format!("SELECT count(*) FROM {} WHERE {mine} OR {theirs}", shape.name()),
                gives: "1".to_owned(),
            }])
        }
    };
    let says = "of two rows that overlap one is there after two sessions wrote them at once";
    let name = &exclusion.constraint.name;
    Some(keys::promise(INVARIANT.id, shape, name, says.to_owned(), Otherwise::Broken, evidence))
}
