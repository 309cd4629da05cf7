//! `identity-import`: rows with numbers of their own do not get in the way of those counted later.

use super::Invariant;
use super::pieces::{risk, untested};
use crate::catalog::{Column, quote_ident, quote_literal};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "identity-import",
    group: "identities",
    page: include_str!("pages/identity-import.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let counted: Vec<(&Shape, &Column)> =
        context.shapes().filter_map(|shape| Some((shape, counted(shape)?))).collect();
    let (always, open): (Vec<_>, Vec<_>) = counted
        .into_iter()
        .partition(|(_, column)| column.identity.as_ref().is_some_and(|found| found.always));
    let mut promises: Vec<Promise> =
        always.iter().filter_map(|one| promise(context, &[*one])).collect();
    // All the others are in the same place, which is said once.
    promises.extend(promise(context, &open));
    promises
}

/// The column by which a table's rows are known, if it is counted.
fn counted(shape: &Shape) -> Option<&Column> {
    let key = shape.identity()?;
    let [name] = key.columns()[..] else { return None };
    let (column, _) = shape.column(name)?;
    let counted = column.identity.is_some()
        || column.default.as_deref().is_some_and(|default| default.starts_with("nextval("));
    counted.then_some(column)
}

fn promise(context: &Context, tables: &[(&Shape, &Column)]) -> Option<Promise> {
    let (shape, column) = *tables.first()?;
    let name = &column.name;
    let more = match tables.len() {
        1 => String::new(),
        n => format!(" (and so in {} more tables)", n - 1),
    };
    Some(Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: name.clone(),
        says: format!("a row that brings its own {name} does not block one that is counted{more}"),
        otherwise: risk(
            format!(
                "after an import that brings its own {name}, new rows fail as duplicates until the \
                 sequence has passed them{more}"
            ),
            way_out(shape, column),
        ),
        evidence: evidence(context, shape, column),
    })
}

fn way_out(shape: &Shape, column: &Column) -> String {
    format!(
        "-- After an import; or GENERATED ALWAYS AS IDENTITY, which takes no such rows unless they \
         say so.\nSELECT setval({}, (SELECT max({}) FROM {}))",
        sequence(shape, column),
        quote_ident(&column.name),
        shape.name()
    )
}

fn evidence(context: &Context, shape: &Shape, column: &Column) -> Evidence {
    let (Some(one), Some(two)) = (context.row(shape.name(), 0), context.row(shape.name(), 1))
    else {
        return untested(context, shape);
    };
    let name = &column.name;
    if column.identity.as_ref().is_some_and(|identity| identity.always) {
        let given = one.insert().replace(" OVERRIDING SYSTEM VALUE", "");
        let case = Case::rejected("a row with a number of its own", vec![given], &["428C9"]);
        return Evidence::cases(context.setup(&[&one]), vec![case]);
    }
    let sequence = sequence(shape, column);
    let ahead = one.set(&format!("{} = nextval({sequence}) + 1", quote_ident(name)));
    let ops = vec![one.insert(), ahead, two.without(name).insert()];
    let case = Case::accepted("a counted row after one that has the next number", ops);
    Evidence::cases(context.setup(&[&one]), vec![case])
}

fn sequence(shape: &Shape, column: &Column) -> String {
    format!(
        "pg_get_serial_sequence({}, {})",
        quote_literal(&shape.name().to_string()),
        quote_literal(&column.name)
    )
}
