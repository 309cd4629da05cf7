//! `conflict-arbiter`: `INSERT ... ON CONFLICT (key)` finds the row that is in the way.

use super::Invariant;
use super::keys;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Key, Shape};
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "conflict-arbiter",
    group: "uniqueness",
    page: include_str!("pages/conflict-arbiter.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    // Postgres does not do it at all for tables with rules.
    let keys = keys::keys(context).filter(|(shape, _)| shape.table.rules.is_empty());
    keys.filter_map(|(shape, key)| promise(context, shape, key)).collect()
}

fn promise(context: &Context, shape: &Shape, key: &Key) -> Option<Promise> {
    let target = format!("ON CONFLICT ({})", key.list());
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let rows = keys::rows(context, shape, key)?;
            let rewritten = |column: &&str| context.is_rewritten(shape.name(), column);
            if key.columns().iter().any(rewritten)
                || keys::meet_elsewhere(context, shape, Some(key), &rows.one, &rows.twin)
            {
                return None;
            }
            let same = keys::condition(context, shape, key, &rows.one)?;
            let again = format!("{} {target} DO NOTHING", rows.twin.insert());
            let count = format!("SELECT count(*) FROM {} WHERE {same}", shape.name());
            let ops = vec![rows.one.insert(), again, count];
            let case = Case::yields("the same key again with ON CONFLICT DO NOTHING", ops, "1");
            Evidence::cases(context.setup(&[&rows.one, &rows.twin]), vec![case])
        }
    };
    let says = format!("a row with the same {} is found by {target}", key.list());
    Some(keys::promise(INVARIANT.id, shape, &key.name, says, otherwise(key), evidence))
}

fn otherwise(key: &Key) -> Otherwise {
    let list = key.list();
    match &key.predicate {
        _ if key.deferrable => Otherwise::Risk {
            trap: "a deferrable key cannot be named in ON CONFLICT".to_owned(),
            way_out: format!("a second, not deferrable unique index over ({list})"),
        },
        Some(predicate) => Otherwise::Risk {
            trap: "ON CONFLICT does not find a partial key unless it repeats its condition"
                .to_owned(),
            way_out: format!("ON CONFLICT ({list}) WHERE {predicate} DO ..."),
        },
        None => Otherwise::Broken,
    }
}
