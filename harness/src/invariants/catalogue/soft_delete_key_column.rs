//! `soft-delete-key-column`: a key that contains the soft delete still guards live rows.

use super::Invariant;
use super::pieces::{risk, soft_tables, untested};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Key, Shape};
use crate::invariants::promise::{Evidence, Promise};
use crate::invariants::soft_delete::SoftDelete;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "soft-delete-key-column",
    group: "soft deletes",
    page: include_str!("pages/soft-delete-key-column.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let keys = soft_tables(context)
        .flat_map(|(shape, soft)| shape.keys.iter().map(move |key| (shape, soft, key)));
    let with_column = keys.filter(|(_, soft, key)| {
        let columns = key.columns();
        key.valid
            && key.predicate.is_none()
            && columns.iter().any(|column| soft.columns().contains(column))
            && !rest(soft, key).is_empty()
    });
    with_column.map(|(shape, soft, key)| promise(context, shape, soft, key)).collect()
}

/// The columns of the key besides those that say whether a row is deleted.
fn rest<'a>(soft: &SoftDelete, key: &'a Key) -> Vec<&'a str> {
    key.columns().into_iter().filter(|column| !soft.columns().contains(column)).collect()
}

fn promise(context: &Context, shape: &Shape, soft: &SoftDelete, key: &Key) -> Promise {
    let rest_list = rest(soft, key).join(", ");
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: key.name.clone(),
        says: format!("no two live rows agree in {rest_list}"),
        otherwise: risk(
            format!(
                "any number of live rows can have the same {rest_list}, since NULLs in {} are \
                 distinct",
                soft.column
            ),
            format!(
                "CREATE UNIQUE INDEX ON {} ({rest_list}) WHERE {}",
                shape.name(),
                soft.live_where
            ),
        ),
        evidence: evidence(context, shape, soft, key),
    }
}

fn evidence(context: &Context, shape: &Shape, soft: &SoftDelete, key: &Key) -> Evidence {
    let live = soft.live_cells();
    let row = |n| context.row_with(shape.name(), n, &live);
    let (Some(one), Some(two)) = (row(0), row(1)) else {
        return untested(context, shape);
    };
    let twin = two.like(&one, &key.columns());
    let setup = context.setup(&[&one, &twin]);
    let ops = vec![one.insert(), twin.insert()];
    Evidence::cases(setup, vec![Case::rejected("a second live row", ops, &["23505"]).by(&key.name)])
}
