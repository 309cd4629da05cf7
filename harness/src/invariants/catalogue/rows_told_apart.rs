//! `rows-told-apart`: no two rows of a table are the same in everything.

use super::Invariant;
use super::pieces::{risk, untested};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "rows-told-apart",
    group: "identities",
    page: include_str!("pages/rows-told-apart.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    context.shapes().map(|shape| promise(context, shape)).collect()
}

fn promise(context: &Context, shape: &Shape) -> Promise {
    let evidence = match context.row(shape.name(), 0) {
        None => untested(context, shape),
        Some(row) => {
            let case = Case::rejected(
                "the same row twice",
                vec![row.insert(), row.insert()],
                &["23505", "23P01"],
            );
            Evidence::cases(context.setup(&[&row]), vec![case])
        }
    };
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: shape.identity().map_or_else(|| "primary key".to_owned(), |key| key.name.clone()),
        says: "no two rows are the same in everything".to_owned(),
        otherwise: risk(
            format!(
                "rows of {} cannot be told apart: one of two that are the same cannot be changed \
                 or deleted alone, and logical replication refuses to do either",
                shape.name().name
            ),
            format!(
                "ALTER TABLE {} ADD PRIMARY KEY over what tells its rows apart, or ADD COLUMN id \
                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                shape.name()
            ),
        ),
        evidence,
    }
}
