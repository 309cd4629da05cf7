//! What many invariants are put together from.

use crate::catalog::{Catalog, Enabled, Event, Table, Trigger};
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::{Link, Shape};
use crate::invariants::promise::{Evidence, Otherwise};
use crate::invariants::soft_delete::SoftDelete;
use crate::sql::mentions;

/// SQLSTATEs by which a database says no on purpose: a constraint's, or one that a trigger raises.
pub(super) const REFUSED: &[&str] =
    &["23503", "23514", "23001", "23000", "23505", "23P01", "23502", "44000", "P0001"];

pub(super) fn risk(trap: impl Into<String>, way_out: impl Into<String>) -> Otherwise {
    Otherwise::Risk { trap: trap.into(), way_out: way_out.into() }
}

/// The tables with a soft delete for which enough speaks.
pub(super) fn soft_tables(context: &Context) -> impl Iterator<Item = (&Shape, &SoftDelete)> {
    context.shapes().filter_map(|shape| Some((shape, sure(context, shape)?)))
}

/// The soft delete of a table if enough speaks for it.
pub(super) fn sure<'a>(context: &'a Context, shape: &Shape) -> Option<&'a SoftDelete> {
    context.soft_delete(shape.name()).filter(|soft| !soft.weak)
}

/// The foreign keys that point to a table, each with the shape of its child.
pub(super) fn children<'a>(
    context: &'a Context,
    parent: &'a Shape,
) -> impl Iterator<Item = (&'a Link, &'a Shape)> {
    let links = context.links_to(parent.name()).filter(|link| !link.disabled);
    links.filter_map(|link| Some((link, context.shape(&link.child)?)))
}

/// A row and one that refers to it. The parent is not the first row of its table, since the
/// child may need that one by another foreign key.
pub(super) fn family(context: &Context, link: &Link) -> Option<(Row, Row)> {
    let n = context.room(&link.parent).min(2).checked_sub(1)?;
    let parent = context.row(&link.parent, n)?;
    let child = context.child(link, 0, &parent)?;
    (child.condition() != parent.condition() || link.parent != link.child)
        .then_some((parent, child))
}

/// Why a table cannot be tried, or that it has no room for two rows.
pub(super) fn untested(context: &Context, shape: &Shape) -> Evidence {
    let reason = context.unable(shape.name()).unwrap_or("the table takes only one row");
    Evidence::Untested(reason.to_owned())
}

/// The conditions under which a row is live, one for each column that says so: as they stand
/// in a view or index, without parentheses, casts and the name of the table.
fn live_forms(soft: &SoftDelete) -> Vec<String> {
    let own = (soft.column.clone(), soft.live.clone(), soft.deleted.clone());
    let all = std::iter::once(own).chain(soft.partners.clone());
    let forms = all.flat_map(|(column, live, deleted)| match (live, deleted.as_deref()) {
        (None, _) => vec![format!("{column} IS NULL")],
        (_, Some("true")) => vec![
            format!("NOT {column}"),
            format!("{column} = false"),
            format!("{column} IS NOT TRUE"),
            format!("{column} IS FALSE"),
        ],
        (_, Some("false")) => vec![column],
        (Some(live), deleted) => vec![
            format!("{column} = '{live}'"),
            format!("{column} = {live}"),
            format!("{column} <> '{}'", deleted.unwrap_or_default()),
        ],
    });
    forms.collect()
}

/// Whether a condition asks for live rows of a table.
pub(super) fn asks_for_live(condition: &str, soft: &SoftDelete) -> bool {
    let table = &soft.table;
    let mut plain = condition.replace(['(', ')', '"'], "");
    for prefix in [format!("{}.{}.", table.schema, table.name), format!("{}.", table.name)] {
        plain = plain.replace(&prefix, "");
    }
    for cast in ["::text", "::character varying", "::bigint"] {
        plain = plain.replace(cast, "");
    }
    let inverted = format!("NOT {}", soft.column);
    live_forms(soft).iter().any(|form| mentions(&plain, form))
        && !(soft.deleted.as_deref() == Some("false") && mentions(&plain, &inverted))
}

/// The triggers of a table that run on an event, with the source of their functions.
pub(super) fn triggers<'a>(
    catalog: &'a Catalog,
    table: &'a Table,
    event: Event,
) -> impl Iterator<Item = (&'a Trigger, &'a str)> {
    let on = table.triggers.iter().filter(move |trigger| {
        trigger.enabled != Enabled::Disabled && trigger.events.contains(&event)
    });
    on.map(|trigger| (trigger, source(catalog, trigger)))
}

/// The source of a trigger's function; empty for one of an extension.
pub(super) fn source<'a>(catalog: &'a Catalog, trigger: &Trigger) -> &'a str {
    let routine = catalog.routines.iter().find(|found| found.signature == trigger.function);
    routine.map_or("", |routine| routine.sql_body.as_deref().unwrap_or(&routine.body))
}

/// Whether a trigger or rule of the table has to do with one of these columns.
pub(super) fn is_handled(catalog: &Catalog, table: &Table, columns: &[&str]) -> bool {
    let spoken = |text: &str| columns.iter().any(|column| mentions(text, column));
    let triggers = table.triggers.iter().filter(|trigger| trigger.enabled != Enabled::Disabled);
    triggers.into_iter().any(|trigger| spoken(source(catalog, trigger)))
        || table.rules.iter().any(|rule| spoken(&rule.definition))
}
