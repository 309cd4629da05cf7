//! `unique-under-race`: of two sessions that write the same key at once, one is refused.

use super::Invariant;
use super::keys;
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Key, Shape};
use crate::invariants::promise::{Duel, Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "unique-under-race",
    group: "uniqueness",
    page: include_str!("pages/unique-under-race.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    // Nobody writes the same surrogate key twice.
    let keys = keys::keys(context).filter(|(_, key)| !key.primary || key.parts.len() > 1);
    keys.filter_map(|(shape, key)| promise(context, shape, key)).collect()
}

fn promise(context: &Context, shape: &Shape, key: &Key) -> Option<Promise> {
    let says = format!("one row has the same {} after two sessions wrote it at once", key.list());
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let rows = keys::rows(context, shape, key)?;
            let rewritten = |column: &&str| context.is_rewritten(shape.name(), column);
            if key.columns().iter().any(rewritten) {
                return None;
            }
            let same = keys::condition(context, shape, key, &rows.one)?;
            Evidence::Duels(vec![Duel {
                about: format!("the same {} from two sessions at once", key.list()),
                setup: context.setup(&[&rows.one, &rows.twin]),
                first: vec![rows.one.insert()],
                second: vec![rows.twin.insert()],
                then: format!("SELECT count(*) FROM {} WHERE {same}", shape.name()),
                gives: "1".to_owned(),
            }])
        }
    };
    Some(keys::promise(INVARIANT.id, shape, &key.name, says, Otherwise::Broken, evidence))
}
