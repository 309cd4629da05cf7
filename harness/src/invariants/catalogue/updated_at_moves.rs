//! `updated-at-moves`: every change of a row moves the time of its last change.

use super::Invariant;
use super::pieces::risk;
use super::times::{Kept, change, kept, updated};
use crate::catalog::{Column, quote_ident};
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::values::literal;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "updated-at-moves",
    group: "timestamps",
    page: include_str!("pages/updated-at-moves.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let all: Vec<(&Shape, &Column, Kept)> = context
        .shapes()
        .filter_map(|shape| Some((shape, updated(shape)?)))
        // Where a trigger decides on INSERT too, both times are that of the transaction.
        .filter(|(shape, column)| !context.is_rewritten(shape.name(), &column.name))
        .map(|(shape, column)| (shape, column, kept(&context.catalog, &shape.table, &column.name)))
        .collect();
    // Where no trigger does, the application does, in all tables alike: that is said once.
    if !all.is_empty() && all.iter().all(|(_, _, kept)| *kept == Kept::No) {
        return left_to_the_application(context, &all).into_iter().collect();
    }
    all.iter().filter_map(|(shape, column, kept)| promise(context, shape, column, *kept)).collect()
}

fn promise(context: &Context, shape: &Shape, column: &Column, kept: Kept) -> Option<Promise> {
    let name = &column.name;
    let otherwise = match kept {
        Kept::Always => Otherwise::Broken,
        Kept::Sometimes => risk(
            format!(
                "{name} stands still although the row changes: its trigger passes over some updates"
            ),
            format!(
                "let the trigger set NEW.{} whenever OLD is distinct from NEW",
                quote_ident(name)
            ),
        ),
        Kept::No => risk(
            format!(
                "{name} is kept by a trigger in other tables, and here an UPDATE leaves it as it was"
            ),
            format!("a trigger BEFORE UPDATE on {} as the other tables have", shape.name()),
        ),
    };
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => Evidence::Cases(vec![group(context, shape, column)?]),
    };
    Some(Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: name.clone(),
        says: format!("an UPDATE of a row moves {name}"),
        otherwise,
        evidence,
    })
}

/// One promise for all tables of a schema that leaves it to its application.
fn left_to_the_application(context: &Context, all: &[(&Shape, &Column, Kept)]) -> Option<Promise> {
    let groups: Vec<Group> =
        all.iter().filter_map(|(shape, column, _)| group(context, shape, column)).collect();
    let (first, column, _) = all.first()?;
    let tables = match all.len() {
        1 => first.name().name.clone(),
        n => format!("{} and {} more", first.name().name, n - 1),
    };
    (!groups.is_empty()).then(|| Promise {
        invariant: INVARIANT.id.to_owned(),
        table: first.name().clone(),
        object: column.name.clone(),
        says: format!("an UPDATE of a row moves {} ({tables})", column.name),
        otherwise: risk(
            format!(
                "only the application moves {}: an UPDATE by hand, by a job or by a foreign key \
                 leaves it as it was ({tables})",
                column.name
            ),
            format!(
                "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.{c} := \
                 now(); RETURN NEW; END'; CREATE TRIGGER touch BEFORE UPDATE ON {} FOR EACH ROW \
                 WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch()",
                first.name(),
                c = quote_ident(&column.name)
            ),
        ),
        evidence: Evidence::Cases(groups),
    })
}

fn group(context: &Context, shape: &Shape, column: &Column) -> Option<Group> {
    let row = context.row(shape.name(), 0)?;
    let before = row.cells.get(&column.name)?.clone();
    let assignments = change(context, shape, &row, &[&column.name])?;
    let moved =
        format!("({} IS DISTINCT FROM {})::text", quote_ident(&column.name), literal(&before));
    let ops = vec![row.set(&assignments), row.select(&moved)];
    let about = format!("an UPDATE of {} that does not name {}", shape.name().name, column.name);
    Some(Group { setup: context.planted(&[&row]), cases: vec![Case::yields(about, ops, "true")] })
}
