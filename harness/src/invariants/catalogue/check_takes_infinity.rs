//! `check-takes-infinity`: a check that bounds a number or a time keeps out what has no bound.

use super::Invariant;
use super::guard::refused;
use super::keys;
use crate::catalog::quote_ident;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Check, Shape};
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::values::types::Base;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "check-takes-infinity",
    group: "not null and checks",
    page: include_str!("pages/check-takes-infinity.md"),
    derive,
};

/// Words in the names of columns for which infinity is how one says that there is no end.
const OPEN_ENDED: [&str; 9] =
    ["until", "to", "end", "ends", "expires", "expiry", "expire", "valid", "upper"];

fn derive(context: &Context) -> Vec<Promise> {
    let mut promises: Vec<Promise> = Vec::new();
    for shape in context.shapes() {
        for check in shape.checks.iter().filter(|check| bounds(&check.expression)) {
            for column in &check.columns {
                let known = |p: &Promise| p.table == *shape.name() && p.object == *column;
                if !promises.iter().any(known) {
                    promises.extend(promise(context, shape, check, column));
                }
            }
        }
    }
    promises
}

/// Whether the check compares by size.
fn bounds(expression: &str) -> bool {
    expression.contains(" > ") || expression.contains(" >= ")
}

fn promise(context: &Context, shape: &Shape, check: &Check, column: &str) -> Option<Promise> {
    let values = endless(shape, check, column)?;
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let row = context.row(shape.name(), 0)?;
            let case = |value: &&str| -> Case {
                let about = format!("a row with `{value}` in {column}");
                let ops = vec![row.clone().with(column, Some((*value).to_owned())).insert()];
                refused(context, shape, about, ops, &["23514", "22003"], None)
            };
            Evidence::cases(context.setup(&[&row]), values.iter().map(case).collect())
        }
    };
    let name = quote_ident(column);
    let what = values.join(" and ");
    let otherwise = Otherwise::Risk {
        trap: format!(
            "whatever `{}` asks for, {what} is greater, and no sum or average survives it",
            check.name
        ),
        way_out: format!("ALTER TABLE {} ADD CHECK ({name} < 'Infinity');", shape.name()),
    };
    let says = format!("{name} takes no {what}");
    Some(keys::promise(INVARIANT.id, shape, column, says, otherwise, evidence))
}

/// The values without bound that the column's type has.
fn endless(shape: &Shape, check: &Check, column: &str) -> Option<Vec<&'static str>> {
    let (_, resolved) = shape.column(column)?;
    match resolved.base {
        Base::Numeric(Some(_)) => Some(vec!["NaN"]),
        Base::Numeric(None) | Base::Float(_) => Some(vec!["NaN", "Infinity"]),
        // Between two columns infinity says that there is no end; beside a constant it does not.
        Base::Date | Base::Timestamp | Base::TimestampTz => {
            let name = column.to_lowercase();
            let open = name.split('_').any(|word| OPEN_ENDED.contains(&word));
            (!open && check.columns.len() == 1).then(|| vec!["infinity"])
        }
        _ => None,
    }
}
