//! Cases on tables whose triggers may refuse rows for reasons of their own: `RAISE EXCEPTION` is
//! no contradiction to what a constraint says.

use crate::catalog::{Enabled, Event, TableKind};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::{Key, Shape};

/// SQLSTATE of `RAISE EXCEPTION` without a code.
const RAISED: &str = "P0001";

/// A case that must be accepted, unless a trigger of the table raises an exception at its last
/// statement.
pub(super) fn accepted(
    context: &Context,
    shape: &Shape,
    about: impl Into<String>,
    mut ops: Vec<String>,
) -> Case {
    if may_raise(context, shape)
        && let Some(last) = ops.pop()
    {
        ops.push(format!(
            "DO $guard$ BEGIN {last}; EXCEPTION WHEN raise_exception THEN NULL; END $guard$"
        ));
    }
    Case::accepted(about, ops)
}

/// A case whose last statement must be refused: by the constraint or index `by`, where only that
/// one can be what refuses it.
pub(super) fn refused(
    context: &Context,
    shape: &Shape,
    about: impl Into<String>,
    ops: Vec<String>,
    sqlstates: &[&str],
    by: Option<&str>,
) -> Case {
    if may_raise(context, shape) {
        return Case::rejected(about, ops, &[sqlstates, &[RAISED]].concat());
    }
    let case = Case::rejected(about, ops, sqlstates);
    match by {
        // The indexes of partitions have names of their own.
        Some(name) if shape.table.kind != TableKind::Partitioned => case.by(name),
        _ => case,
    }
}

/// The INSERT of a row in which these columns have values of special interest. Where they are all
/// of a key, a row of the user's may have the values already: that is no matter of the columns'
/// types and checks, which are looked at first.
pub(super) fn beside_keys(shape: &Shape, columns: &[String], row: &Row) -> String {
    let covers = |key: &Key| key.columns().iter().all(|name| columns.iter().any(|c| c == name));
    let allowed = shape.table.rules.is_empty()
        && !shape.table.constraints.iter().any(|found| found.deferrable);
    let insert = row.insert();
    match allowed && shape.keys.iter().any(covers) {
        true => format!("{insert} ON CONFLICT DO NOTHING"),
        false => insert,
    }
}

/// Whether a trigger that fires on new or changed rows may raise an exception, as far as the
/// source of its function can be seen.
pub(super) fn may_raise(context: &Context, shape: &Shape) -> bool {
    let fires =
        |events: &[Event]| events.contains(&Event::Insert) || events.contains(&Event::Update);
    let triggers = shape.table.triggers.iter().filter(|trigger| {
        fires(&trigger.events) && !matches!(trigger.enabled, Enabled::Disabled | Enabled::Replica)
    });
    triggers.into_iter().any(|trigger| {
        let bare = |text: &str| text.split('(').next().unwrap_or(text).to_owned();
        let name = bare(&trigger.function);
        let mut found = context.catalog.routines.iter().filter(|routine| {
            let full = routine.name.to_string();
            full == name || routine.name.name == name || full.ends_with(&format!(".{name}"))
        });
        // A function that is not in the catalog belongs to an extension.
        found.any(|routine| routine.body.to_lowercase().contains("raise"))
    })
}
