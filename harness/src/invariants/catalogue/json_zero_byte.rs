//! `json-zero-byte`: JSON that is let in can be read.

use super::Invariant;
use super::guard::refused;
use super::keys;
use crate::catalog::{Column, quote_ident};
use crate::invariants::context::Context;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::values::types::Base;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "json-zero-byte",
    group: "not null and checks",
    page: include_str!("pages/json-zero-byte.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let columns =
        |shape| Shape::columns(shape).map(move |(column, resolved)| (shape, column, resolved));
    let all = context.shapes().flat_map(columns);
    all.filter(|(_, _, resolved)| matches!(resolved.base, Base::Json | Base::Jsonb))
        .filter_map(|(shape, column, _)| promise(context, shape, column))
        .collect()
}

fn promise(context: &Context, shape: &Shape, column: &Column) -> Option<Promise> {
    let name = quote_ident(&column.name);
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let row = context.row(shape.name(), 0)?;
            let zero = row.clone().with(&column.name, Some("{\"a\": \"\\u0000\"}".to_owned()));
            let about = format!("a zero byte in {name}");
            // Where text is made of it on the way in, that fails too.
            let states = ["22P05", "22021", "23514"];
            let case = refused(context, shape, about, vec![zero.insert()], &states, None);
            Evidence::cases(context.setup(&[&row]), vec![case])
        }
    };
    let otherwise = Otherwise::Risk {
        trap: "`json` keeps a zero byte that no operator can give back as text: reading it fails"
            .to_owned(),
        way_out: format!("ALTER TABLE {} ALTER COLUMN {name} TYPE jsonb;", shape.name()),
    };
    let says = format!("what is in {name} can be read");
    Some(keys::promise(INVARIANT.id, shape, &column.name, says, otherwise, evidence))
}
