//! `created-at-given`: every row has the time at which it was made.

use super::Invariant;
use super::pieces::risk;
use super::times::{created, or_refused};
use crate::catalog::{Column, quote_ident};
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "created-at-given",
    group: "timestamps",
    page: include_str!("pages/created-at-given.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let all: Vec<(&Shape, &Column)> =
        context.shapes().filter_map(|shape| Some((shape, created(shape)?))).collect();
    let (strict, loose): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(shape, column)| shape.not_null(&column.name));
    let mut promises: Vec<Promise> =
        strict.iter().filter_map(|one| promise(context, &[*one])).collect();
    // A schema that leaves it open everywhere is told once.
    if strict.is_empty() {
        promises.extend(promise(context, &loose));
    } else {
        promises.extend(loose.iter().filter_map(|one| promise(context, &[*one])));
    }
    promises
}

fn promise(context: &Context, tables: &[(&Shape, &Column)]) -> Option<Promise> {
    let groups: Vec<Group> =
        tables.iter().filter_map(|(shape, column)| group(context, shape, column)).collect();
    let (first, column) = tables.first()?;
    let name = &column.name;
    let set_default = column.default.is_none().then(|| {
        format!(
            "ALTER TABLE {} ALTER COLUMN {} SET DEFAULT now(); ",
            first.name(),
            quote_ident(name)
        )
    });
    let more = match tables.len() {
        1 => String::new(),
        n => format!(" (and so in {} more tables)", n - 1),
    };
    Some(Promise {
        invariant: INVARIANT.id.to_owned(),
        table: first.name().clone(),
        object: name.clone(),
        says: format!("no row is without {name}{more}"),
        otherwise: risk(
            format!("a row can be without {name}, and sorts before or after all others{more}"),
            format!(
                "{}ALTER TABLE {} ALTER COLUMN {} SET NOT NULL",
                set_default.unwrap_or_default(),
                first.name(),
                quote_ident(name)
            ),
        ),
        evidence: match (groups.is_empty(), context.unable(first.name())) {
            (false, _) => Evidence::Cases(groups),
            (true, reason) => Evidence::Untested(reason?.to_owned()),
        },
    })
}

fn group(context: &Context, shape: &Shape, column: &Column) -> Option<Group> {
    let row = context.row(shape.name(), 0)?;
    // Without a primary key the time may be what the row is found by.
    if row.identity.contains(&column.name) {
        return None;
    }
    let missing = format!("{} AND {} IS NULL", row.count(), quote_ident(&column.name));
    let case = |about: String, row: &crate::invariants::context::row::Row| {
        Case::yields(about, vec![or_refused(&row.insert()), missing.clone()], "0")
    };
    let cases = vec![
        case(
            format!("a row that does not name {}", column.name),
            &row.clone().without(&column.name),
        ),
        case(format!("a row with NULL for {}", column.name), &row.clone().with(&column.name, None)),
    ];
    Some(Group { setup: context.setup(&[&row]), cases })
}
