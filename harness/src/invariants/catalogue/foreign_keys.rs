//! What the invariants of foreign keys share.

use super::guard::may_raise;
use super::pieces::{is_handled, source};
use crate::catalog::{Action, Event, Match, Name, Timing, Trigger, quote_ident};
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::Link;
use crate::invariants::family::fate::values;
use crate::invariants::family::paths::can_be_given;
use crate::invariants::family::planted::{Family, on};
use crate::invariants::promise::{Evidence, Otherwise, Promise};

/// All foreign keys that are enforced.
pub(super) fn links(context: &Context) -> impl Iterator<Item = &Link> {
    context.shapes().flat_map(|shape| &shape.links).filter(|link| !link.disabled)
}

/// A promise about a foreign key.
pub(super) fn promise(
    invariant: &str,
    link: &Link,
    says: String,
    otherwise: Otherwise,
    evidence: Evidence,
) -> Promise {
    Promise {
        invariant: invariant.to_owned(),
        table: link.child.clone(),
        object: link.name.clone(),
        says,
        otherwise,
        evidence,
    }
}

/// Why nothing can be tried with the foreign key, as the end of a sentence; nothing if it can.
pub(super) fn unable(context: &Context, link: &Link) -> Option<String> {
    let reason = context.unable(&link.parent).or_else(|| context.unable(&link.child));
    match reason {
        Some(reason) => Some(reason.to_owned()),
        None if !can_be_given(context, link) => {
            Some("what it refers by is computed and can not be given".to_owned())
        }
        None if pair(context, link).is_none() => {
            Some("the tables take too few rows at once".to_owned())
        }
        None => None,
    }
}

/// A parent and a child of it, with the places of both.
pub(super) fn pair<'c>(context: &'c Context, link: &Link) -> Option<(Family<'c>, usize, usize)> {
    let mut family = Family::new(context);
    let parent = family.root(&link.parent)?;
    let child = family.child(&[(link, parent)])?;
    Some((family, parent, child))
}

/// The row as it is when it refers to `parent`; nothing if that is what it does.
pub(super) fn refer_to(link: &Link, row: &Row, parent: &Row) -> Option<Row> {
    let cells = link.columns.iter().zip(values(parent, &link.parent_columns));
    let other = cells.fold(row.clone(), |row, (column, value)| row.with(column, value));
    (other != *row).then_some(other)
}

/// The update that makes a row another by the columns of a foreign key. Nothing if that would
/// change its key, or what it refers to by others.
pub(super) fn assigned(context: &Context, link: &Link, row: &Row, other: &Row) -> Option<String> {
    let shape = context.shape(&link.child)?;
    let changed =
        link.columns.iter().filter(|column| row.cells.get(*column) != other.cells.get(*column));
    let changed: Vec<&String> = changed.collect();
    let shared = |column: &String| {
        let mut others = shape.links.iter().filter(|own| *own != link);
        others.any(|own| own.columns.contains(column)) || row.identity.contains(column)
    };
    if changed.iter().any(|column| shared(column)) {
        return None;
    }
    let set = changed.iter().map(|column| {
        let value = other.cells.get(*column).cloned().flatten();
        format!("{} = {}", quote_ident(column), crate::values::literal(&value))
    });
    Some(row.set(&set.collect::<Vec<_>>().join(", ")))
}

/// Whether triggers or rules of users see what is put into or changed in the table.
pub(super) fn is_watched(context: &Context, table: &Name) -> bool {
    let Some(shape) = context.shape(table) else { return false };
    [Event::Insert, Event::Update].into_iter().any(|event| !on(&shape.table, event).is_empty())
}

/// Whether triggers or rules of the child may change its reference, refuse rows or keep them out,
/// as far as their source can be seen.
pub(super) fn is_meddled(context: &Context, link: &Link) -> bool {
    let Some(shape) = context.shape(&link.child) else { return true };
    let columns: Vec<&str> = link.columns.iter().map(String::as_str).collect();
    let table = &shape.table;
    let keeps_out = |trigger: &Trigger| {
        source(&context.catalog, trigger).to_lowercase().contains("return null")
            && trigger.timing == Timing::Before
    };
    !table.rules.is_empty()
        || is_handled(&context.catalog, table, &columns)
        || may_raise(context, shape)
        || table.triggers.iter().any(keeps_out)
}

/// The columns as a list: `tenant, owner`.
pub(super) fn list(columns: &[String]) -> String {
    columns.iter().map(|column| quote_ident(column)).collect::<Vec<_>>().join(", ")
}

/// Makes the foreign key anew as `link` says, with more words at its end.
pub(super) fn anew(link: &Link, end: &str) -> String {
    let matching = if link.matching == Match::Full { " MATCH FULL" } else { "" };
    let action = |event: &str, action| match action {
        Action::NoAction => String::new(),
        Action::Restrict => format!(" ON {event} RESTRICT"),
        Action::Cascade => format!(" ON {event} CASCADE"),
        Action::SetNull => format!(" ON {event} SET NULL"),
        Action::SetDefault => format!(" ON {event} SET DEFAULT"),
    };
    let name = quote_ident(&link.name);
    format!(
        "ALTER TABLE {} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} FOREIGN KEY ({}) REFERENCES {} ({}){matching}{}{}{end}",
        link.child,
        list(&link.columns),
        link.parent,
        list(&link.parent_columns),
        action("UPDATE", link.on_update),
        action("DELETE", link.on_delete),
    )
}

/// The same with another ON DELETE.
pub(super) fn on_delete(link: &Link, on_delete: Action) -> String {
    anew(&Link { on_delete, ..link.clone() }, "")
}
