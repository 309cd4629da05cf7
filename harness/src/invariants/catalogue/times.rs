//! Columns that say when something happened to a row, by their names and types.

use super::pieces::triggers;
use crate::catalog::{Catalog, Column, Event, Table, Timing};
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::Shape;
use crate::sql::mentions;
use crate::values::types::Resolved;
use crate::values::{Value, literal};

const UPDATED: &[&str] = &[
    "updatedat",
    "updatedon",
    "updated",
    "modifiedat",
    "modifiedon",
    "modified",
    "lastmodified",
    "lastmodifiedat",
    "lastupdated",
    "lastupdatedat",
    "datemodified",
    "dateupdated",
    "changedat",
    "mtime",
];

const CREATED: &[&str] = &[
    "createdat",
    "createdon",
    "created",
    "insertedat",
    "insertedon",
    "datecreated",
    "creationdate",
    "createdate",
    "dateadded",
    "addedat",
    "ctime",
];

/// The column with the time of the last change.
pub(super) fn updated(shape: &Shape) -> Option<&Column> {
    find(shape, UPDATED)
}

/// The column with the time at which a row was made.
pub(super) fn created(shape: &Shape) -> Option<&Column> {
    find(shape, CREATED)
}

fn find<'a>(shape: &'a Shape, names: &[&str]) -> Option<&'a Column> {
    let is = |(column, resolved): &(&Column, &Resolved)| {
        let name = column.name.to_lowercase().replace('_', "");
        resolved.base.is_instant() && names.contains(&name.as_str())
    };
    shape.columns().find(is).map(|(column, _)| column)
}

/// How the database itself sees to a column on UPDATE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// A trigger sets it on every update.
    Always,
    /// A trigger sets it under some condition.
    Sometimes,
    No,
}

/// Whether a trigger gives the column its value before an update.
pub(super) fn kept(catalog: &Catalog, table: &Table, column: &str) -> Kept {
    let mut kept = Kept::No;
    for (trigger, body) in triggers(catalog, table, Event::Update) {
        if trigger.timing != Timing::Before || !trigger.for_each_row {
            continue;
        }
        let assigns = assigns(body, column);
        // An extension's function, such as moddatetime, is told the column.
        let told = body.is_empty() && trigger.definition.contains(&format!("'{column}'"));
        if !assigns && !told {
            continue;
        }
        let limited = trigger.definition.contains(" UPDATE OF ")
            || trigger.definition.contains(" WHEN (")
                && !trigger.definition.contains("old.* IS DISTINCT FROM new.*");
        if limited || mentions(body, "if") || mentions(body, "case") {
            kept = Kept::Sometimes;
        } else {
            return Kept::Always;
        }
    }
    kept
}

/// Whether the source of a trigger function assigns `NEW.column`.
fn assigns(body: &str, column: &str) -> bool {
    let body = body.to_lowercase().replace('"', "");
    let field = format!("new.{}", column.to_lowercase());
    body.match_indices(&field).any(|(at, _)| {
        let after = body[at + field.len()..].trim_start();
        after.starts_with(":=") || after.starts_with('=') || body[..at].trim_end().ends_with("into")
    })
}

/// Assignments that change a row in something other than its keys, foreign keys and `but`; none
/// if all else can have only one value.
pub(super) fn change(context: &Context, shape: &Shape, row: &Row, but: &[&str]) -> Option<String> {
    let fixed = |name: &String| {
        but.contains(&name.as_str())
            || row.identity.contains(name)
            || shape.links.iter().any(|link| link.columns.contains(name))
            || shape.column(name).is_none_or(|(column, _)| column.identity.is_some())
    };
    let soft = context.soft_delete(shape.name()).map(|soft| soft.columns()).unwrap_or_default();
    let free = context.components(shape.name()).iter().filter(|component| {
        !component.columns.iter().any(|name| fixed(name) || soft.contains(&name.as_str()))
    });
    free.into_iter().find_map(|component| {
        let other = component.combos.iter().filter(|combo| combo.is_good()).find_map(|combo| {
            let pairs: Vec<(&String, &Value)> = component
                .columns
                .iter()
                .zip(&combo.cells)
                .filter(|(name, value)| row.cells.get(*name) != Some(value))
                .collect();
            (!pairs.is_empty()).then_some(pairs)
        })?;
        let set = |(name, value): &(&String, &Value)| {
            format!("{} = {}", crate::catalog::quote_ident(name), literal(value))
        };
        Some(other.iter().map(set).collect::<Vec<_>>().join(", "))
    })
}

/// A statement that runs `sql` and takes it that the database says no on purpose.
pub(super) fn or_refused(sql: &str) -> String {
    format!(
        "DO $do$ BEGIN {sql}; EXCEPTION WHEN raise_exception OR integrity_constraint_violation \
         OR insufficient_privilege OR generated_always THEN NULL; END $do$"
    )
}
