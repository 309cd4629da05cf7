//! `trigger-paths`: every trigger lets the statements it runs on come to their end, or refuses them
//! on purpose.

use super::Invariant;
use super::pieces::triggers;
use super::times::change;
use crate::catalog::{Event, quote_ident, quote_literal};
use crate::invariants::case::Case;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::Shape;
use crate::invariants::context::{Context, Refused};
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "trigger-paths",
    group: "triggers",
    page: include_str!("pages/trigger-paths.md"),
    derive,
};

/// SQLSTATEs that nobody raises on purpose: names, types and syntax that do not exist, records
/// without values, recursion without an end, failed assertions.
const INTERNAL: &[&str] = &[
    "42703", "42P01", "42883", "42601", "42804", "42702", "42725", "42846", "42P02", "2F005",
    "39P01", "54001", "55000", "P0004", "XX000",
];

fn derive(context: &Context) -> Vec<Promise> {
    context.shapes().filter_map(|shape| promise(context, shape)).collect()
}

fn promise(context: &Context, shape: &Shape) -> Option<Promise> {
    let events = [Event::Insert, Event::Update, Event::Delete];
    let mut names: Vec<&str> = Vec::new();
    for event in events {
        for (trigger, _) in triggers(&context.catalog, &shape.table, event) {
            if !names.contains(&trigger.name.as_str()) {
                names.push(&trigger.name);
            }
        }
    }
    let names = names.join(", ");
    (!names.is_empty()).then(|| Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: names.clone(),
        says: format!("{names} runs without an internal error on each statement it is for"),
        otherwise: Otherwise::Broken,
        evidence: evidence(context, shape, events),
    })
}

fn evidence(context: &Context, shape: &Shape, events: [Event; 3]) -> Evidence {
    let crashes = |refused: &&Refused| INTERNAL.contains(&refused.sqlstate.as_str());
    if let Some(refused) = context.refused(shape.name()).filter(crashes) {
        // Not even one row gets past the trigger.
        let case = Case::accepted("an INSERT", vec![or_on_purpose(&refused.insert)]);
        return Evidence::cases(refused.setup.clone(), vec![case]);
    }
    let Some(row) = context.row(shape.name(), 0) else {
        let reason = context.unable(shape.name()).unwrap_or("no row of it is known");
        return Evidence::Untested(reason.to_owned());
    };
    let on = |event| triggers(&context.catalog, &shape.table, event).next().is_some();
    let mut cases = Vec::new();
    for event in events.into_iter().filter(|event| on(*event)) {
        cases.extend(statements(context, shape, &row, event));
    }
    Evidence::cases(context.setup(&[&row]), cases)
}

fn statements(context: &Context, shape: &Shape, row: &Row, event: Event) -> Vec<Case> {
    let case = |about: &str, statement: String| {
        let first = (event != Event::Insert).then(|| row.insert());
        let ops = first.into_iter().chain([or_on_purpose(&statement)]).collect();
        Case::accepted(about, ops)
    };
    match event {
        Event::Insert => {
            // Columns with a default are left to it, as most applications do.
            let mut bare = row.clone();
            bare.cells.retain(|name, _| {
                row.identity.contains(name)
                    || shape.column(name).is_some_and(|(column, _)| column.default.is_none())
            });
            vec![
                case("an INSERT", row.insert()),
                case("an INSERT that leaves columns to their defaults", bare.insert()),
            ]
        }
        Event::Update => {
            let own = shape.columns().filter(|(column, _)| {
                column.identity.as_ref().is_none_or(|identity| !identity.always)
            });
            let same: Vec<String> = own
                .map(|(column, _)| quote_ident(&column.name))
                .map(|column| format!("{column} = {column}"))
                .collect();
            let mut cases = vec![case("an UPDATE that changes nothing", row.set(&same.join(", ")))];
            if let Some(assignments) = change(context, shape, row, &[]) {
                cases.push(case("an UPDATE", row.set(&assignments)));
            }
            if let Some(soft) = context.soft_delete(shape.name()) {
                cases.push(case("a soft delete", row.set(&soft.deleting())));
            }
            cases
        }
        _ => vec![case("a DELETE", row.delete())],
    }
}

/// A statement that runs another one and fails only by errors that nobody raises on purpose.
fn or_on_purpose(statement: &str) -> String {
    let internal: Vec<String> = INTERNAL.iter().map(|state| quote_literal(state)).collect();
    format!(
        "DO $do$ BEGIN {statement}; EXCEPTION WHEN OTHERS OR ASSERT_FAILURE THEN IF SQLSTATE IN ({}) THEN RAISE; \
         END IF; END $do$",
        internal.join(", ")
    )
}
