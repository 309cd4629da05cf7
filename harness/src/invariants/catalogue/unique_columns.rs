//! `unique-columns`: no two rows agree in a key, and rows that differ in it are let in.

use super::Invariant;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::row::insert;
use crate::invariants::context::shape::{Key, Shape};
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "unique-columns",
    group: "uniqueness",
    page: include_str!("pages/unique-columns.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let keys = context.shapes().flat_map(|shape| shape.keys.iter().map(move |key| (shape, key)));
    keys.filter(|(_, key)| key.valid).map(|(shape, key)| promise(context, shape, key)).collect()
}

fn promise(context: &Context, shape: &Shape, key: &Key) -> Promise {
    let among =
        key.predicate.as_ref().map_or_else(String::new, |p| format!(" among rows with {p}"));
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: key.name.clone(),
        says: format!("no two rows agree in {}{among}", key.list()),
        otherwise: Otherwise::Broken,
        evidence: evidence(context, shape, key),
    }
}

fn evidence(context: &Context, shape: &Shape, key: &Key) -> Evidence {
    if let Some(reason) = context.unable(shape.name()) {
        return Evidence::Untested(reason.to_owned());
    }
    let (Some(one), Some(two)) = (context.row(shape.name(), 0), context.row(shape.name(), 1))
    else {
        return Evidence::Untested("the table takes only one row".to_owned());
    };
    let columns = key.columns();
    let twin = two.clone().like(&one, &columns);
    let setup = context.setup(&[&one, &two]);
    let mut cases = vec![
        Case::accepted("two rows that differ", vec![one.insert(), two.insert()]),
        Case::rejected(
            "a second row with the same key",
            vec![one.insert(), twin.insert()],
            &["23505"],
        )
        .by(&key.name),
        Case::rejected(
            "two rows with the same key in one statement",
            vec![insert(&[&one, &twin])],
            &["23505"],
        )
        .by(&key.name),
    ];
    for column in columns.iter().filter(|_| columns.len() > 1) {
        let about = format!("two rows that differ in {column} alone");
        let near = twin.clone().like(&two, &[column]);
        cases.push(Case::accepted(about, vec![one.insert(), near.insert()]));
    }
    Evidence::cases(setup, cases)
}
