//! Learns what the values of the pools mean to their columns, before anything is predicted.

use std::collections::BTreeSet;

use super::defaults::{defaults, rows};
use super::facts::{Facts, NULL};
use super::schema::{Cell, Means, Place, Schema};
use super::spaces::{Spaces, learn_equality, learn_values};
use super::{Live, Pool};
use crate::catalog::quote_literal;
use crate::error::Result;
use crate::invariants::case::{Case, Group, Outcome};
use crate::invariants::runner::Runner;
use crate::values::Value;

/// Fills in the pools, the defaults and the order of foreign keys, and learns the values.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn prepare(
    runner: &mut Runner<'_>,
    schema: &mut Schema,
    pools: &[Pool],
    live: &[Live],
) -> Result<Facts> {
    let mut facts = Facts::default();
    let spaces = Spaces::new(schema);
    order_actions(runner, schema).await?;
    let defaults = defaults(runner, schema).await?;
    let rows = rows(runner, schema, pools).await?;
    let mut texts: Vec<BTreeSet<String>> = vec![BTreeSet::new(); spaces.members.len()];
    let mut note = |(table, column): Place, value: &Value| {
        if let (Some(space), Some(text)) = (spaces.of((table, column)), value) {
            texts[space].insert(text.clone());
        }
    };
    for (place, default) in &defaults {
        if let Ok(value) = default {
            note(*place, value);
        }
    }
    for (table, rows) in rows.iter().enumerate() {
        for (column, cell) in rows.iter().flat_map(|row| row.iter().enumerate()) {
            note((table, column), cell.as_ref().unwrap_or(&None));
        }
    }
    let soft = soft_deletes(schema, live);
    for (place, deleted, alive) in &soft {
        note(*place, deleted);
        note(*place, alive);
    }
    learn_values(runner, schema, &mut facts, &spaces, &mut texts).await?;
    learn_equality(runner, schema, &mut facts, &spaces, &texts).await?;

    let cell = |facts: &Facts, (table, column): Place, written: Value| {
        let means = match &written {
            None => facts.cast(table, column, NULL),
            Some(text) => facts.stored(table, column, text).cloned().unwrap_or(Ok(NULL)),
        };
        Cell { written, means }
    };
    for ((table, column), default) in defaults {
        let means = match default {
            Ok(written) => cell(&facts, (table, column), written).means,
            Err(refusal) => Err(refusal),
        };
        schema.tables[table].columns[column].means = Means::Known(means);
    }
    for (table, rows) in rows.into_iter().enumerate() {
        let cells = rows.into_iter().map(|row| {
            let cells = row.into_iter().enumerate();
            cells.map(|(at, value)| value.map(|value| cell(&facts, (table, at), value))).collect()
        });
        schema.tables[table].pool = cells.collect();
    }
    for (place, deleted, alive) in soft {
        let cells = (place.1, cell(&facts, place, deleted), cell(&facts, place, alive));
        schema.tables[place.0].live.push(cells);
    }
    Ok(facts)
}

/// Sorts the foreign keys that point to a table as the server takes their actions: by the names
/// of their triggers.
async fn order_actions(runner: &mut Runner<'_>, schema: &mut Schema) -> Result<()> {
    let cases = schema.foreign.iter().map(|foreign| {
        let child = &schema.tables[foreign.child].name.to_string();
        let query = format!(
            "SELECT min(t.tgname) FROM pg_catalog.pg_trigger AS t \
             JOIN pg_catalog.pg_constraint AS c ON c.oid = t.tgconstraint \
             WHERE c.conname = {} AND c.conrelid = {}::pg_catalog.regclass \
             AND t.tgname ^@ 'RI_ConstraintTrigger_a'",
            quote_literal(&foreign.name),
            quote_literal(child)
        );
        Case::yields("", vec![query], "")
    });
    let group = Group { setup: Vec::new(), cases: cases.collect() };
    let names: Vec<_> = runner.run(&[group]).await?.into_iter().flatten().collect();
    let name = |foreign: &usize| match names.get(*foreign) {
        Some(Outcome::Yielded(Some(name))) => (0, name.clone()),
        _ => (1, String::new()),
    };
    for table in &mut schema.tables {
        table.referenced_by.sort_by_key(name);
    }
    Ok(())
}

fn soft_deletes(schema: &Schema, live: &[Live]) -> Vec<(Place, Value, Value)> {
    let at = |live: &Live| {
        let table = schema.tables.iter().position(|table| table.name == live.table)?;
        let columns = &schema.tables[table].columns;
        let column = columns.iter().position(|column| column.name == live.column)?;
        Some(((table, column), live.deleted.clone(), live.live.clone()))
    };
    live.iter().filter_map(at).collect()
}
