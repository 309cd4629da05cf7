//! `char-padding`: a `char(n)` key is always filled, so that its blanks do not matter.

use super::Invariant;
use super::guard::refused;
use super::keys;
use crate::catalog::quote_ident;
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Key, Shape};
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::values::types::Base;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "char-padding",
    group: "uniqueness",
    page: include_str!("pages/char-padding.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let mut promises: Vec<Promise> = Vec::new();
    for (shape, key) in keys::keys(context) {
        for (column, length) in padded(shape, key) {
            let promise = promise(context, shape, column, length);
            let known = |other: &Promise| {
                promise.as_ref().is_some_and(|p| p.table == other.table && p.object == other.object)
            };
            // A column may be in several keys.
            if !promises.iter().any(known) {
                promises.extend(promise);
            }
        }
    }
    promises
}

/// The `char(n)` columns of a key that are not taken from another table.
fn padded<'a>(shape: &'a Shape, key: &'a Key) -> impl Iterator<Item = (&'a str, u32)> {
    let linked =
        |name: &str| shape.links.iter().any(|link| link.columns.iter().any(|own| own == name));
    let columns = key.parts.iter().filter_map(|part| part.column.as_deref());
    columns.filter(move |name| !linked(name)).filter_map(|name| match shape.column(name)?.1.base {
        Base::Char(length) if length > 1 => Some((name, length)),
        _ => None,
    })
}

fn promise(context: &Context, shape: &Shape, column: &str, length: u32) -> Option<Promise> {
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let row = context.row(shape.name(), 0)?;
            let short = row.clone().with(column, Some("a".to_owned()));
            let about = format!("a {column} of one character");
            let ops = vec![short.insert()];
            let case = refused(context, shape, about, ops, &["23514"], None);
            Evidence::cases(context.setup(&[&row]), vec![case])
        }
    };
    let otherwise = Otherwise::Risk {
        trap: format!(
            "{column} is filled up with blanks and compared without them: 'a' and 'a ' are the same key"
        ),
        way_out: format!(
            "-- Or ADD CHECK (char_length({column}) = {length}).\nALTER TABLE {} ALTER COLUMN {column} TYPE varchar({length})",
            shape.name(),
            column = quote_ident(column)
        ),
    };
    let says = format!("each {column} has all of its {length} characters");
    Some(keys::promise(INVARIANT.id, shape, column, says, otherwise, evidence))
}
