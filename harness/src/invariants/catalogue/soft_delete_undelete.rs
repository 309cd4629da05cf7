//! `soft-delete-undelete`: a key among live rows also guards against bringing a row back.

use super::Invariant;
use super::pieces::{asks_for_live, is_handled, risk, soft_tables, untested};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Key, Shape};
use crate::invariants::promise::{Evidence, Promise};
use crate::invariants::soft_delete::SoftDelete;
use crate::sql::expression;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "soft-delete-undelete",
    group: "soft deletes",
    page: include_str!("pages/soft-delete-undelete.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let keys = soft_tables(context)
        .flat_map(|(shape, soft)| shape.keys.iter().map(move |key| (shape, soft, key)));
    let among_live = keys.filter(|(shape, soft, key)| is_among_live(shape, soft, key));
    among_live.map(|(shape, soft, key)| promise(context, shape, soft, key)).collect()
}

/// Whether the key is one of live rows and asks for nothing else, so that every live row is
/// certain to be in it.
fn is_among_live(shape: &Shape, soft: &SoftDelete, key: &Key) -> bool {
    let Some(predicate) = key.predicate.as_deref() else { return false };
    let names: Vec<&str> = shape.table.columns.iter().map(|column| column.name.as_str()).collect();
    let asked = expression::columns(predicate, &names);
    key.valid
        && asks_for_live(predicate, soft)
        && asked.iter().all(|column| soft.columns().contains(column))
        && !key.columns().iter().any(|column| soft.columns().contains(column))
}

fn promise(context: &Context, shape: &Shape, soft: &SoftDelete, key: &Key) -> Promise {
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: key.name.clone(),
        says: format!(
            "a deleted row is not brought back while a live one has its {}, and deleted ones may \
             agree in it",
            key.list()
        ),
        otherwise: risk(
            format!(
                "rows that agree in {} cannot be deleted and brought back as {} suggests",
                key.list(),
                key.name
            ),
            format!(
                "one unique index over {} and no other: the one with the condition {}",
                key.list(),
                soft.live_where
            ),
        ),
        evidence: evidence(context, shape, soft, key),
    }
}

fn evidence(context: &Context, shape: &Shape, soft: &SoftDelete, key: &Key) -> Evidence {
    let (Some(one), Some(two)) = (context.row(shape.name(), 0), context.row(shape.name(), 1))
    else {
        return untested(context, shape);
    };
    let twin = two.like(&one, &key.columns());
    let mut setup = context.setup(&[&one, &twin]);
    setup.extend([one.insert(), one.set(&soft.deleting()), twin.insert()]);
    let delete_twin = twin.set(&soft.deleting());
    let restore = one.set(&soft.restoring());
    let mut cases = vec![Case::accepted("a second deleted row", vec![delete_twin.clone()])];
    // What a trigger makes of bringing rows back is its own affair.
    if !is_handled(&context.catalog, &shape.table, &soft.columns()) {
        cases.push(
            Case::rejected("bringing back the first of the two", vec![restore.clone()], &["23505"])
                .by(&key.name),
        );
        let about = "bringing it back after the other one was deleted";
        cases.push(Case::accepted(about, vec![delete_twin, restore]));
    }
    Evidence::cases(setup, cases)
}
