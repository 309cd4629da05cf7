//! `not-null`: a column that takes no NULL takes none.

use super::Invariant;
use super::guard::{may_raise, refused};
use super::keys;
use crate::catalog::{Column, Enabled, Event, Timing, quote_ident};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::sql::expression;
use crate::values::types::Resolved;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "not-null",
    group: "not null and checks",
    page: include_str!("pages/not-null.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let columns =
        |shape| Shape::columns(shape).map(move |(column, resolved)| (shape, column, resolved));
    let all = context.shapes().flat_map(columns);
    all.filter(|(shape, column, _)| shape.not_null(&column.name))
        .filter_map(|(shape, column, resolved)| promise(context, shape, column, resolved))
        .collect()
}

fn promise(
    context: &Context,
    shape: &Shape,
    column: &Column,
    resolved: &Resolved,
) -> Option<Promise> {
    let says = format!("no row has NULL in {}", quote_ident(&column.name));
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let row = context.row(shape.name(), 0)?;
            let cases = cases(context, shape, column, resolved, &row);
            Evidence::cases(context.setup(&[&row]), cases)
        }
    };
    Some(keys::promise(INVARIANT.id, shape, &column.name, says, Otherwise::Broken, evidence))
}

fn cases(
    context: &Context,
    shape: &Shape,
    column: &Column,
    resolved: &Resolved,
    row: &Row,
) -> Vec<Case> {
    let name = &column.name;
    let mut cases = Vec::new();
    let mut add = |about: &str, before: Vec<String>, last: String, event: Event| {
        if !filled(shape, event) {
            let ops = [before, vec![last]].concat();
            cases.push(refused(context, shape, about, ops, &states(shape, column, resolved), None));
        } else if !row.identity.contains(name) {
            // The trigger may give the column a value: what counts is what the row then has.
            let tried = format!(
                "DO $guard$ BEGIN {last}; EXCEPTION WHEN not_null_violation{} THEN NULL; END $guard$",
                if may_raise(context, shape) { " OR raise_exception" } else { "" }
            );
            let count = format!("{} AND {} IS NULL", row.count(), quote_ident(name));
            cases.push(Case::yields(about, [before, vec![tried, count]].concat(), "0"));
        }
    };
    add("a row with NULL", Vec::new(), row.clone().with(name, None).insert(), Event::Insert);
    let default = column.default.is_some()
        || column.identity.is_some()
        || resolved.domains.iter().any(|domain| domain.default.is_some());
    if !default {
        let without = row.clone().without(name).insert();
        add("a row without a value", Vec::new(), without, Event::Insert);
    }
    if keys::updatable(shape, &[name]) {
        add("an update to NULL", vec![row.insert()], row.update(name, &None), Event::Update);
    }
    cases
}

/// The ways in which the server may refuse NULL there.
fn states(shape: &Shape, column: &Column, resolved: &Resolved) -> Vec<&'static str> {
    let mut states = vec!["23502"];
    // A partition for it is looked for before the column is looked at, as is a check of a domain.
    let partitioned = shape.table.partition_key.as_deref();
    if partitioned.is_some_and(|key| !expression::columns(key, &[&column.name]).is_empty())
        || resolved.domains.iter().any(|domain| !domain.constraints.is_empty())
    {
        states.push("23514");
    }
    states
}

/// Whether a trigger may change the row before it is looked at.
fn filled(shape: &Shape, event: Event) -> bool {
    shape.table.triggers.iter().any(|trigger| {
        trigger.for_each_row
            && trigger.timing == Timing::Before
            && trigger.events.contains(&event)
            && !matches!(trigger.enabled, Enabled::Disabled | Enabled::Replica)
    })
}
