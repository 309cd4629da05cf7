//! `identity-always`: nobody gives a value to a column that is always generated.

use super::Invariant;
use super::pieces::untested;
use crate::catalog::{Column, quote_ident};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "identity-always",
    group: "identities",
    page: include_str!("pages/identity-always.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let columns = context
        .shapes()
        .flat_map(|shape| shape.table.columns.iter().map(move |column| (shape, column)));
    let always = columns.filter(|(_, column)| {
        column.generated.is_some() || column.identity.as_ref().is_some_and(|found| found.always)
    });
    always.map(|(shape, column)| promise(context, shape, column)).collect()
}

fn promise(context: &Context, shape: &Shape, column: &Column) -> Promise {
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: column.name.clone(),
        says: format!("no statement gives {} a value of its own", column.name),
        otherwise: Otherwise::Broken,
        evidence: evidence(context, shape, column),
    }
}

fn evidence(context: &Context, shape: &Shape, column: &Column) -> Evidence {
    let Some(row) = context.row(shape.name(), 0) else {
        return untested(context, shape);
    };
    let name = quote_ident(&column.name);
    // Postgres refuses these as it reads the statement, whatever the value is.
    let insert = format!("INSERT INTO {} ({name}) VALUES (NULL)", shape.name());
    let own = format!("INSERT INTO {} ({name}) SELECT {name} FROM {0}", shape.name());
    let mut cases = vec![
        Case::rejected("a value in an INSERT", vec![insert], &["428C9"]),
        Case::rejected("rows copied with their values", vec![own], &["428C9"]),
    ];
    let update = row.update(&column.name, &None);
    cases.push(Case::rejected("a value in an UPDATE", vec![update], &["428C9"]));
    if let Some(generated) = &column.generated {
        let same = format!("({name} IS NOT DISTINCT FROM ({}))::text", generated.expression);
        let ops = vec![row.insert(), row.select(&same)];
        cases.push(Case::yields("the value beside its expression", ops, "true"));
    }
    Evidence::cases(context.setup(&[&row]), cases)
}
