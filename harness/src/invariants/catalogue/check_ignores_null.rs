//! `check-ignores-null`: a column that must have one of some values has one.

use super::Invariant;
use super::guard::refused;
use super::keys;
use crate::catalog::quote_ident;
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Check, Shape};
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "check-ignores-null",
    group: "not null and checks",
    page: include_str!("pages/check-ignores-null.md"),
    derive,
};

/// Last words in the names of columns without which a row means nothing.
const MANDATORY: [&str; 9] =
    ["status", "state", "type", "kind", "role", "currency", "quantity", "amount", "price"];

fn derive(context: &Context) -> Vec<Promise> {
    let checks = context.shapes().flat_map(|s| s.checks.iter().map(move |check| (s, check)));
    checks.filter_map(|(shape, check)| promise(context, shape, check)).collect()
}

fn promise(context: &Context, shape: &Shape, check: &Check) -> Option<Promise> {
    let [column] = check.columns.as_slice() else { return None };
    let name = column.to_lowercase();
    // `deleted IS NOT NULL` and the like speak of NULL themselves.
    let spoken_of = check.expression.contains("NULL");
    if spoken_of || !MANDATORY.contains(&name.rsplit('_').next()?) || shape.column(column).is_none()
    {
        return None;
    }
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let row = context.row(shape.name(), 0)?;
            let about = format!("a row with NULL in {column}");
            let ops = vec![row.clone().with(column, None).insert()];
            let case = refused(context, shape, about, ops, &["23502", "23514"], None);
            Evidence::cases(context.setup(&[&row]), vec![case])
        }
    };
    let quoted = quote_ident(column);
    let otherwise = Otherwise::Risk {
        trap: format!("NULL makes `{}` unknown, and what is unknown is let in", check.name),
        way_out: format!("ALTER TABLE {} ALTER COLUMN {quoted} SET NOT NULL;", shape.name()),
    };
    let says = format!("{quoted} has one of the values that {} allows", check.name);
    Some(keys::promise(INVARIANT.id, shape, &check.name, says, otherwise, evidence))
}
