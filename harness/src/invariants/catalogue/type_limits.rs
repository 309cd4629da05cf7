//! `type-limits`: a column takes what its type can hold up to its limits, and nothing beyond.

use super::Invariant;
use super::guard::{accepted, beside_keys, refused};
use super::keys;
use crate::catalog::{Column, quote_ident};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::sql::{expression, mentions};
use crate::values::candidates;
use crate::values::types::{Base, Resolved};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "type-limits",
    group: "not null and checks",
    page: include_str!("pages/type-limits.md"),
    derive,
};

/// Longer values do not fit into every index.
const LONGEST: usize = 600;

fn derive(context: &Context) -> Vec<Promise> {
    let columns =
        |shape| Shape::columns(shape).map(move |(column, resolved)| (shape, column, resolved));
    let all = context.shapes().flat_map(columns);
    all.filter_map(|(shape, column, resolved)| promise(context, shape, column, resolved)).collect()
}

fn promise(
    context: &Context,
    shape: &Shape,
    column: &Column,
    resolved: &Resolved,
) -> Option<Promise> {
    let says = format!(
        "{} holds what {} can hold, and nothing else",
        quote_ident(&column.name),
        column.data_type.text
    );
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let row = context.row(shape.name(), 0)?;
            let mut cases = beyond(context, shape, &column.name, resolved, &row);
            if is_free(context, shape, &column.name) {
                cases.extend(within(context, shape, &column.name, resolved, &row));
            }
            if cases.is_empty() {
                return None;
            }
            Evidence::cases(context.setup(&[&row]), cases)
        }
    };
    Some(keys::promise(INVARIANT.id, shape, &column.name, says, Otherwise::Broken, evidence))
}

fn told(value: &str) -> String {
    match value.chars().count() {
        0..=40 => format!("`{value}`"),
        length => format!("{length} characters"),
    }
}

fn beyond(
    context: &Context,
    shape: &Shape,
    column: &str,
    resolved: &Resolved,
    row: &Row,
) -> Vec<Case> {
    let case = |beyond: candidates::Beyond| {
        let about = format!("{}: {} in {column}", beyond.about, told(&beyond.value));
        let ops = vec![row.clone().with(column, Some(beyond.value)).insert()];
        // A check or partition may be asked before the length is looked at.
        let states = [beyond.sqlstates.as_slice(), &["23514"]].concat();
        refused(context, shape, about, ops, &states, None)
    };
    candidates::beyond(resolved).into_iter().map(case).collect()
}

fn within(
    context: &Context,
    shape: &Shape,
    column: &str,
    resolved: &Resolved,
    row: &Row,
) -> Vec<Case> {
    let own = [column.to_owned()];
    let mut values = candidates::boundary(resolved);
    if let Base::Enum(labels) = &resolved.base {
        values.clone_from(labels);
    }
    values.retain(|value| value.len() <= LONGEST || !is_indexed(shape, column));
    let case = |value: &String| {
        let row = row.clone().with(column, Some(value.clone()));
        let about = format!("{} in {column}", told(value));
        accepted(context, shape, about, vec![beside_keys(shape, &own, &row)])
    };
    let mut cases: Vec<Case> = values.iter().map(case).collect();
    if !row.identity.iter().any(|name| name == column) {
        cases.extend(kept(shape, column, resolved, row));
    }
    cases
}

/// What is not kept as it was given: blanks beyond the length, digits beyond the scale.
fn kept(shape: &Shape, column: &str, resolved: &Resolved, row: &Row) -> Option<Case> {
    let name = quote_ident(column);
    let (given, asked, expected) = match resolved.base {
        Base::Text(Some(length)) if resolved.cast != "name" && length <= 10_000 => {
            let full = "x".repeat(usize::try_from(length).ok()?);
            (format!("{full}  "), format!("char_length({name})"), length.to_string())
        }
        Base::Numeric(Some((precision, scale @ 1..=10)))
            if i32::from(precision) > i32::from(scale) =>
        {
            let zeros = "0".repeat(usize::try_from(scale - 1).ok()?);
            (format!("0.{zeros}04"), format!("{name}::text"), format!("0.{zeros}0"))
        }
        _ => return None,
    };
    let one_key = |key: &crate::invariants::context::shape::Key| key.columns() == [column];
    if shape.keys.iter().any(one_key) {
        return None;
    }
    let about = format!("{} in {column}, of which the end is cut off", told(&given));
    let row = row.clone().with(column, Some(given));
    Some(Case::yields(about, vec![row.insert(), row.select(&asked)], &expected))
}

/// Whether only the type decides what the column takes.
fn is_free(context: &Context, shape: &Shape, column: &str) -> bool {
    let speaks = |sql: &str| !expression::columns(sql, &[column]).is_empty();
    let table = &shape.table;
    let computed = table.columns.iter().filter_map(|other| other.generated.as_ref());
    let indexed = table.indexes.iter().flat_map(|index| {
        let parts = index.columns.iter().filter_map(|part| part.expression.as_ref());
        parts.chain(&index.predicate)
    });
    let body = |name: &str| {
        context
            .catalog
            .routines
            .iter()
            .find(|r| name.starts_with(&r.name.to_string()) || name.starts_with(&r.name.name))
    };
    // A trigger may compute with the value, and a function that cannot be seen may do anything.
    let triggered = table.triggers.iter().any(|trigger| {
        body(&trigger.function).is_none_or(|routine| {
            mentions(&routine.body, column) || routine.body.contains("EXECUTE")
        })
    });
    !context.is_rewritten(shape.name(), column)
        && !triggered
        && !shape.links.iter().any(|link| link.columns.iter().any(|own| own == column))
        && !shape.checks.iter().any(|check| check.columns.iter().any(|own| own == column))
        && !computed.map(|generated| generated.expression.as_str()).any(speaks)
        && !indexed.map(String::as_str).any(speaks)
        && !table.constraints.iter().any(|found| !found.operators.is_empty())
        && !table.partition_key.as_deref().is_some_and(speaks)
}

fn is_indexed(shape: &Shape, column: &str) -> bool {
    let parts = shape.table.indexes.iter().flat_map(|index| &index.columns);
    parts.filter_map(|part| part.column.as_deref()).any(|own| own == column)
}
