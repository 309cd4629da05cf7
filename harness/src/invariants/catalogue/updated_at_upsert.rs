//! `updated-at-upsert`: a row that is changed by an upsert also moves the time of its last change.

use super::Invariant;
use super::pieces::risk;
use super::times::{Kept, change, kept, updated};
use crate::catalog::{Column, quote_ident};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::values::literal;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "updated-at-upsert",
    group: "timestamps",
    page: include_str!("pages/updated-at-upsert.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let with = context.shapes().filter_map(|shape| Some((shape, updated(shape)?)));
    let kept = with.filter(|(shape, column)| {
        !context.is_rewritten(shape.name(), &column.name)
            && keeps(context, shape, column) != Kept::No
            && shape.table.rules.is_empty()
    });
    kept.filter_map(|(shape, column)| promise(context, shape, column)).collect()
}

fn keeps(context: &Context, shape: &Shape, column: &Column) -> Kept {
    kept(&context.catalog, &shape.table, &column.name)
}

fn promise(context: &Context, shape: &Shape, column: &Column) -> Option<Promise> {
    let key = shape.identity().filter(|key| !key.deferrable)?;
    let row = context.row(shape.name(), 0)?;
    let before = row.cells.get(&column.name)?.clone();
    let assignments = change(context, shape, &row, &[&column.name])?;
    let moved = row.select(&format!(
        "({} IS DISTINCT FROM {})::text",
        quote_ident(&column.name),
        literal(&before)
    ));
    let upsert =
        format!("{} ON CONFLICT ({}) DO UPDATE SET {assignments}", row.insert(), key.list());
    let merge = format!(
        "MERGE INTO {} USING (SELECT) AS s ON {} WHEN MATCHED THEN UPDATE SET {assignments}",
        shape.name(),
        row.condition()
    );
    let cases = vec![
        Case::yields("INSERT ... ON CONFLICT DO UPDATE", vec![upsert, moved.clone()], "true"),
        Case::yields("MERGE", vec![merge, moved], "true"),
    ];
    Some(Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: column.name.clone(),
        says: format!("a row that an upsert or a MERGE changes moves {}", column.name),
        otherwise: match keeps(context, shape, column) {
            Kept::Always => Otherwise::Broken,
            _ => risk(
                format!("an upsert leaves {} as it was", column.name),
                format!("let the trigger set {} whenever OLD is distinct from NEW", column.name),
            ),
        },
        evidence: Evidence::cases(context.planted(&[&row]), cases),
    })
}
