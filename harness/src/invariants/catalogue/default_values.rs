//! `default-values`: a column that is left out takes what its default says.

use std::collections::BTreeMap;

use super::Invariant;
use crate::catalog::{Column, Event, Timing, quote_ident};
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::context::row::{Row, is_comparable};
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::sql::expression::{self, Literal};
use crate::values::types::Resolved;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "default-values",
    group: "not null and checks",
    page: include_str!("pages/default-values.md"),
    derive,
};

/// Functions that give the same within one transaction. The value of any other cannot be known
/// beforehand.
const STEADY: [&str; 10] = [
    "now",
    "timezone",
    "date_trunc",
    "lower",
    "upper",
    "concat",
    "make_interval",
    "current_setting",
    "jsonb_build_object",
    "jsonb_build_array",
];

/// Functions that never give the same twice.
const FRESH: [&str; 7] = [
    "gen_random_uuid",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
    "nextval",
];

fn derive(context: &Context) -> Vec<Promise> {
    let mut promises = Vec::new();
    for shape in context.shapes() {
        for (column, resolved) in shape.columns() {
            // What a foreign key falls back to is a matter of `set-default-exists`.
            let linked = shape.links.iter().any(|link| link.columns.contains(&column.name));
            if let Some(default) = column.default.as_ref().filter(|_| !linked)
                && !is_filled(context, shape, &column.name)
            {
                promises.extend(promise(context, shape, column, resolved, default));
            }
        }
    }
    promises
}

/// Whether a trigger gives the column a value of its own.
fn is_filled(context: &Context, shape: &Shape, column: &str) -> bool {
    context.is_rewritten(shape.name(), column)
        && context.has_trigger(&shape.table, Timing::Before, Event::Insert)
}

fn promise(
    context: &Context,
    shape: &Shape,
    column: &Column,
    resolved: &Resolved,
    default: &str,
) -> Option<Promise> {
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let row = row(context, shape, column, default)?;
            let name = quote_ident(&column.name);
            let known = expression::functions(default);
            let steady = known.iter().all(|function| STEADY.contains(&function.as_str()));
            let (what, expected) = match steady && is_comparable(shape, &column.name) {
                true => {
                    (format!("{name} IS NOT DISTINCT FROM ({default})::{}", resolved.cast), "true")
                }
                false => (format!("{name} IS NOT NULL"), "true"),
            };
            let about = format!("a row without {}", column.name);
            let ops = vec![
                row.clone().without(&column.name).insert(),
                found(shape, &row, &column.name, &what),
            ];
            let mut groups = vec![Group {
                setup: context.setup(&[&row]),
                cases: vec![Case::yields(about, ops, expected)],
            }];
            groups.extend(twice(context, shape, &row, &column.name, default));
            Evidence::Cases(groups)
        }
    };
    Some(Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: column.name.clone(),
        says: format!("{} is {default} where it is left out", column.name),
        otherwise: Otherwise::Broken,
        evidence,
    })
}

/// Two rows without the column, which must be told apart by it if the default is nothing but a
/// call of a function that never gives the same twice.
fn twice(
    context: &Context,
    shape: &Shape,
    one: &Row,
    column: &str,
    default: &str,
) -> Option<Group> {
    let is_fresh = match expression::functions(default).as_slice() {
        [function] => FRESH.contains(&function.as_str()),
        _ => false,
    };
    if !is_fresh || !is_comparable(shape, column) || context.room(shape.name()) < 2 {
        return None;
    }
    let other = context.row(shape.name(), 1)?;
    let name = quote_ident(column);
    let setup = context.setup(&[one, &other]);
    let all: Vec<String> =
        [one, &other].map(|row| without_it(shape, row, column).condition()).into();
    let query = format!(
        "SELECT (count(*) > 1 AND count(*) = count(DISTINCT {name}))::text FROM {} WHERE {}",
        shape.name(),
        all.join(" OR ")
    );
    let ops = vec![one.clone().without(column).insert(), other.without(column).insert(), query];
    let about = format!("two rows without {column}");
    Some(Group { setup, cases: vec![Case::yields(about, ops, "true")] })
}

/// A row that the default goes with; nothing if that cannot be known.
fn row(context: &Context, shape: &Shape, column: &Column, default: &str) -> Option<Row> {
    let constant = match expression::literals(default).as_slice() {
        [Literal::Number(text) | Literal::Text(text)]
            if expression::functions(default).is_empty() =>
        {
            Some(text.clone())
        }
        _ if matches!(default, "true" | "false") => Some(default.to_owned()),
        _ => None,
    };
    let checked = shape.checks.iter().any(|check| check.columns.contains(&column.name));
    match constant {
        Some(text) if checked => {
            let fixed = BTreeMap::from([(column.name.clone(), Some(text.clone()))]);
            let fits = context.components(shape.name()).iter().any(|component| {
                component.columns.iter().position(|own| *own == column.name).is_some_and(|at| {
                    component
                        .combos
                        .iter()
                        .any(|c| c.is_good() && c.cells[at].as_ref() == Some(&text))
                })
            });
            if fits { context.row_with(shape.name(), 0, &fixed) } else { None }
        }
        None if checked => None,
        _ => context.row(shape.name(), 0),
    }
}

/// A query over the row, which may be told from others only by the column that was left out.
fn found(shape: &Shape, row: &Row, column: &str, what: &str) -> String {
    without_it(shape, row, column).select(what)
}

/// The row as one that is known by other columns than this one.
fn without_it(shape: &Shape, row: &Row, column: &str) -> Row {
    let mut row = row.clone();
    if row.identity.iter().any(|own| own == column) {
        let others = row.cells.keys().filter(|own| *own != column && is_comparable(shape, own));
        row.identity = others.cloned().collect();
    }
    row
}
