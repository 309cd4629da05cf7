//! `counter-columns`: a count that a trigger keeps is the number of the rows it counts.

use super::Invariant;
use super::pieces::{children, is_handled, risk};
use crate::catalog::{Column, quote_ident};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::{Link, Shape};
use crate::invariants::promise::{Evidence, Promise};
use crate::values::literal;
use crate::values::types::Base;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "counter-columns",
    group: "triggers",
    page: include_str!("pages/counter-columns.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let counters = context.shapes().flat_map(|parent| {
        children(context, parent).filter_map(move |(link, child)| {
            let column = counter(parent, child)?;
            let kept = is_handled(&context.catalog, &child.table, &[&column.name]);
            (kept && link.columns.len() == 1 && link.parent != link.child)
                .then_some((parent, link, column))
        })
    });
    counters.filter_map(|(parent, link, column)| promise(context, parent, link, column)).collect()
}

/// The column of the parent that is named for counting its children: `comments_count` or
/// `comment_count` of the rows of `comments`.
fn counter<'a>(parent: &'a Shape, child: &Shape) -> Option<&'a Column> {
    let plural = child.name().name.to_lowercase();
    let singular = plural.strip_suffix('s').unwrap_or(&plural).to_owned();
    let names = [format!("{plural}_count"), format!("{singular}_count"), format!("num_{plural}")];
    let counts = parent.columns().find(|(column, resolved)| {
        names.contains(&column.name) && matches!(resolved.base, Base::Int(_))
    });
    counts.map(|(column, _)| column)
}

fn promise(context: &Context, parent: &Shape, link: &Link, column: &Column) -> Option<Promise> {
    let child = &link.child.name;
    let evidence = match context.unable(&link.child) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => evidence(context, link, column)?,
    };
    Some(Promise {
        invariant: INVARIANT.id.to_owned(),
        table: parent.name().clone(),
        object: column.name.clone(),
        says: format!("{} is the number of its rows in {child}", column.name),
        otherwise: risk(
            format!(
                "{} drifts from the number of rows in {child}: its trigger misses a way to change them",
                column.name
            ),
            format!(
                "let the trigger on {child} run on INSERT, DELETE and UPDATE OF {}",
                link.columns.join(", ")
            ),
        ),
        evidence,
    })
}

fn evidence(context: &Context, link: &Link, column: &Column) -> Option<Evidence> {
    let zero = |row: Row| row.with(&column.name, Some("0".to_owned()));
    let one = zero(context.row(&link.parent, 0)?);
    let other = zero(context.row(&link.parent, 1)?);
    let child = context.child(link, 0, &one)?;
    let fk = quote_ident(link.columns.first()?);
    let theirs = link.parent_columns.first()?;
    let right = |parent: &Row| {
        let key = literal(parent.cells.get(theirs)?);
        let counted = format!("(SELECT count(*) FROM {} WHERE {fk} = {key})", link.child);
        Some(parent.select(&format!("{} = {counted}", quote_ident(&column.name))))
    };
    let both = format!("SELECT (({}) AND ({}))::text", right(&one)?, right(&other)?);
    let moved = child.update(link.columns.first()?, other.cells.get(theirs)?);
    let after = |about: &str, statements: &[String]| {
        let ops = statements.iter().cloned().chain([both.clone()]).collect();
        Case::yields(about, ops, "true")
    };
    let insert = child.insert();
    let mut setup = context.setup(&[&one, &other, &child]);
    // The child may need a parent's row by another way; that one is not made twice.
    for row in [&one, &other] {
        if !child.needs.iter().any(|(table, _)| *table == link.parent) {
            setup.push(row.insert());
        }
    }
    let cases = vec![
        after("after an INSERT", std::slice::from_ref(&insert)),
        after("after an INSERT and a DELETE", &[insert.clone(), child.delete()]),
        after("after a row went from one parent to another", &[insert, moved]),
    ];
    Some(Evidence::cases(setup, cases))
}
