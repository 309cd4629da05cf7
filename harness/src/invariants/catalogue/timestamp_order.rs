//! `timestamp-order`: what ends does not end before it begins.

use super::Invariant;
use super::pieces::{REFUSED, risk, untested};
use super::times::{created, updated};
use crate::catalog::{Column, ConstraintKind, quote_ident};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Promise};
use crate::sql::expression;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "timestamp-order",
    group: "timestamps",
    page: include_str!("pages/timestamp-order.md"),
    derive,
};

/// Words of names that differ in nothing else: the first is not after the second.
const WORDS: &[(&str, &str)] = &[
    ("start", "end"),
    ("starts", "ends"),
    ("started", "ended"),
    ("started", "finished"),
    ("begin", "end"),
    ("begins", "ends"),
    ("from", "to"),
    ("from", "until"),
    ("from", "till"),
    ("since", "until"),
    ("opens", "closes"),
    ("opened", "closed"),
    ("checkin", "checkout"),
    ("arrival", "departure"),
    ("first", "last"),
];

const EARLY: &str = "2024-05-01";
const LATE: &str = "2024-05-02";

fn derive(context: &Context) -> Vec<Promise> {
    let pairs = context
        .shapes()
        .flat_map(|shape| pairs(shape).into_iter().map(move |(first, last)| (shape, first, last)));
    pairs.map(|(shape, first, last)| promise(context, shape, first, last)).collect()
}

/// The columns of a table that belong together, and the order of which is meant by their names.
fn pairs(shape: &Shape) -> Vec<(&Column, &Column)> {
    let times: Vec<&Column> = shape
        .columns()
        .filter(|(_, resolved)| resolved.base.is_instant())
        .map(|(column, _)| column)
        .collect();
    let mut pairs = Vec::new();
    for first in &times {
        for last in &times {
            if first.data_type == last.data_type && is_pair(&first.name, &last.name) {
                pairs.push((*first, *last));
            }
        }
    }
    // Whether a row was changed before it was made is asked only where a check says so.
    if let (Some(first), Some(last)) = (created(shape), updated(shape))
        && first.data_type == last.data_type
        && shape.table.constraints.iter().any(|check| {
            check.kind == ConstraintKind::Check
                && check.expression.as_deref().is_some_and(|sql| {
                    expression::columns(sql, &[&first.name, &last.name]).len() == 2
                })
        })
    {
        pairs.push((first, last));
    }
    pairs
}

fn is_pair(first: &str, last: &str) -> bool {
    let parts = |name: &str| -> Vec<String> {
        let spread: String = name
            .chars()
            .flat_map(
                |c| if c.is_uppercase() { vec!['_', c.to_ascii_lowercase()] } else { vec![c] },
            )
            .collect();
        spread
            .replace("check_in", "checkin")
            .replace("check_out", "checkout")
            .split('_')
            .map(str::to_owned)
            .collect()
    };
    let (first, last) = (parts(first), parts(last));
    let differ: Vec<(&String, &String)> =
        first.iter().zip(&last).filter(|(one, other)| one != other).collect();
    let [(one, other)] = differ.as_slice() else { return false };
    first.len() == last.len() && WORDS.contains(&(one.as_str(), other.as_str()))
}

fn promise(context: &Context, shape: &Shape, first: &Column, last: &Column) -> Promise {
    let (a, b) = (quote_ident(&first.name), quote_ident(&last.name));
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: format!("{}, {}", first.name, last.name),
        says: format!("{} is not before {}", last.name, first.name),
        otherwise: risk(
            format!("a row can have {} before {}", last.name, first.name),
            format!("ALTER TABLE {} ADD CHECK ({a} <= {b})", shape.name()),
        ),
        evidence: evidence(context, shape, first, last),
    }
}

fn evidence(context: &Context, shape: &Shape, first: &Column, last: &Column) -> Evidence {
    let Some(row) = context.row(shape.name(), 0) else {
        return untested(context, shape);
    };
    let value = |day: &str| Some(day.to_owned());
    let reversed = row.clone().with(&first.name, value(LATE)).with(&last.name, value(EARLY));
    let about = format!("{} a day before {}", last.name, first.name);
    // A range that is computed from the two refuses them with an error of its own.
    let refused: Vec<&str> = REFUSED.iter().copied().chain(["22000"]).collect();
    let case = Case::rejected(about, vec![reversed.insert()], &refused);
    Evidence::cases(context.setup(&[&row]), vec![case])
}
