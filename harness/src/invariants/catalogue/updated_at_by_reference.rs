//! `updated-at-by-reference`: what a foreign key changes in a row also moves the time of its last
//! change.

use super::Invariant;
use super::foreign_keys::{links, pair, promise};
use super::key_change::new_key;
use super::pieces::risk;
use super::times::{Kept, kept, or_refused, updated};
use crate::catalog::{Action, quote_ident};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::Link;
use crate::invariants::promise::{Evidence, Promise};
use crate::values::{Value, literal};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "updated-at-by-reference",
    group: "timestamps",
    page: include_str!("pages/updated-at-by-reference.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    links(context).filter_map(|link| of(context, link)).collect()
}

fn of(context: &Context, link: &Link) -> Option<Promise> {
    let shape = context.shape(&link.child)?;
    let column = &updated(shape)?.name;
    // Where no trigger keeps the time, `updated-at-moves` says so.
    if kept(&context.catalog, &shape.table, column) == Kept::No
        || context.is_rewritten(shape.name(), column)
    {
        return None;
    }
    let (family, parent, child) = pair(context, link)?;
    let (row, child) = (&family.rows()[parent], &family.rows()[child]);
    // The row must be found again once what it refers by is another.
    if child.identity.is_empty() || child.identity.iter().any(|own| link.columns.contains(own)) {
        return None;
    }
    let still = stands_still(link, child, column)?;
    let case = |about: String, change: String| {
        Case::yields(about, vec![or_refused(&change), still.clone()], "true")
    };
    let mut cases = Vec::new();
    if matches!(link.on_delete, Action::SetNull | Action::SetDefault) {
        cases.push(case(format!("a row of {} is deleted", link.parent), row.delete()));
    }
    let parents = context.shape(&link.parent)?;
    if matches!(link.on_update, Action::Cascade | Action::SetNull | Action::SetDefault)
        && let Some(key) = new_key(context, parents, &family, &link.parent_columns)
    {
        let set = |(column, value): (&String, &Value)| {
            format!("{} = {}", quote_ident(column), literal(value))
        };
        let update = row.set(&key.iter().map(set).collect::<Vec<_>>().join(", "));
        cases.push(case(format!("a row of {} gets another key", link.parent), update));
    }
    if cases.is_empty() {
        return None;
    }
    let says = format!("what the foreign key changes in a row of {} moves {column}", link.child);
    let otherwise = risk(
        format!(
            "the foreign key changes rows of {}, and {column} stands still: what copies rows by it \
             misses them",
            link.child
        ),
        format!(
            "let the trigger on {} run on every UPDATE of the row, without a list of columns or a \
             condition that leaves out ({})",
            link.child,
            link.columns.join(", ")
        ),
    );
    Some(promise(INVARIANT.id, link, says, otherwise, Evidence::cases(family.insert(), cases)))
}

/// A query that says whether the row was left alone by the foreign key, or the time moved.
fn stands_still(link: &Link, child: &Row, column: &str) -> Option<String> {
    let distinct = |name: &String| {
        let before = child.cells.get(name)?;
        Some(format!("{} IS DISTINCT FROM {}", quote_ident(name), literal(before)))
    };
    let changed: Option<Vec<String>> = link.columns.iter().map(distinct).collect();
    Some(format!(
        "SELECT (count(*) = 0)::text FROM {} WHERE {} AND ({}) AND NOT ({})",
        child.table,
        child.condition(),
        changed?.join(" OR "),
        distinct(&column.to_owned())?
    ))
}
