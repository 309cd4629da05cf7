//! Learns what the values of the pools mean to their columns, before anything is predicted.

use std::collections::BTreeSet;

use super::ask::{Asked, ask};
use super::facts::{Facts, NULL, Refusal};
use super::schema::{Cell, ColumnOf, Means, Part, Schema};
use super::{Live, Pool};
use crate::catalog::{quote_ident, quote_literal};
use crate::error::Result;
use crate::invariants::case::{Case, Group, Outcome};
use crate::invariants::runner::Runner;
use crate::values::Value;

type Place = (usize, usize);

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
    let spaces = spaces(schema);
    order_actions(runner, schema).await?;
    let defaults = defaults(runner, schema).await?;
    let rows = rows(runner, schema, pools).await?;
    let mut texts: Vec<BTreeSet<String>> = vec![BTreeSet::new(); spaces.len()];
    let mut note = |(table, column): Place, value: &Value| {
        if let (Some(space), Some(text)) = (space_of(&spaces, (table, column)), value) {
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

/// The places whose values are compared with each other, since foreign keys lead from one to
/// the other. The first of each has the type that decides what is equal.
fn spaces(schema: &Schema) -> Vec<Vec<Place>> {
    let places = schema.tables.iter().enumerate();
    let places = places.flat_map(|(at, table)| (0..table.columns.len()).map(move |c| (at, c)));
    let mut spaces: Vec<Vec<Place>> = places.map(|place| vec![place]).collect();
    for foreign in &schema.foreign {
        for (from, to) in foreign.columns.iter().zip(&foreign.parent_columns) {
            let from = space_of(&spaces, (foreign.child, *from));
            let to = space_of(&spaces, (foreign.parent, *to));
            if let (Some(from), Some(to)) = (from, to)
                && from != to
            {
                let moved = std::mem::take(&mut spaces[from]);
                spaces[to].extend(moved);
            }
        }
    }
    spaces.retain(|space| !space.is_empty());
    spaces
}

fn space_of(spaces: &[Vec<Place>], place: Place) -> Option<usize> {
    spaces.iter().position(|space| space.contains(&place))
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

/// What each column holds that is left out, where that is always the same.
async fn defaults(
    runner: &mut Runner<'_>,
    schema: &mut Schema,
) -> Result<Vec<(Place, Result<Value, Refusal>)>> {
    let mut asked = Vec::new();
    let mut places = Vec::new();
    for (table, modelled) in schema.tables.iter_mut().enumerate() {
        for (at, column) in modelled.columns.iter_mut().enumerate() {
            column.means = if column.identity { Means::Fresh } else { Means::Unknown };
            let known = column.default.as_deref().is_none_or(is_constant);
            if column.identity || column.generated.is_some() || column.assigned || !known {
                continue;
            }
            let default = column.default.clone().unwrap_or_else(|| "NULL".to_owned());
            places.push((table, at));
            asked.push(stored(table, at, column, default));
        }
    }
    let answers = ask(runner, schema, &asked).await?;
    Ok(places.into_iter().zip(answers).collect())
}

/// Stores one value in a column and reads what became of it.
fn stored(table: usize, at: usize, column: &ColumnOf, value: String) -> Asked {
    let name = quote_ident(&column.name);
    let select = format!("CASE WHEN num_nulls({name}) = 0 THEN format('%s', {name}) END");
    Asked { table, columns: vec![at], rows: vec![vec![value]], select }
}

/// Whether a default is written out, so that it is the same each time.
pub(super) fn is_constant(default: &str) -> bool {
    let mut outside = String::new();
    for (n, part) in default.split('\'').enumerate() {
        if n % 2 == 0 {
            outside.push_str(part);
        } else if ["now", "today", "tomorrow", "yesterday"].contains(&part.to_lowercase().as_str())
        {
            return false;
        }
    }
    // What stands before a parenthesis is a call, unless it is the type of a cast.
    let calls = outside.match_indices('(').any(|(at, _)| {
        let before = &outside[..at];
        let word = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
        word < at && !before[..word].ends_with("::")
    });
    let current = ["CURRENT_", "LOCALTIME", "SESSION_USER", "USER"];
    !calls && !current.iter().any(|word| outside.contains(word))
}

/// The values that pools write, by table, row and column. A column that something depends on
/// and whose default is another each time gets a value here, once and for all.
async fn rows(
    runner: &mut Runner<'_>,
    schema: &Schema,
    pools: &[Pool],
) -> Result<Vec<Vec<Vec<Option<Value>>>>> {
    let mut all = Vec::with_capacity(schema.tables.len());
    let mut asked = Vec::new();
    let mut places = Vec::new();
    for (number, table) in schema.tables.iter().enumerate() {
        let needed = needed(schema, number);
        let pool = pools.iter().filter(|pool| pool.table == table.name).flat_map(|pool| &pool.rows);
        let mut rows = Vec::new();
        for (at, row) in pool.enumerate() {
            let mut cells = Vec::with_capacity(table.columns.len());
            for (column, about) in table.columns.iter().enumerate() {
                let written = row.cells.get(&about.name).cloned();
                let written = written.filter(|_| !about.assigned && about.generated.is_none());
                if let (None, Some(default)) = (&written, &about.default)
                    && needed.contains(&column)
                    && !about.identity
                    && !is_constant(default)
                {
                    asked.push(stored(number, column, about, default.clone()));
                    places.push((number, at, column));
                }
                cells.push(written);
            }
            rows.push(cells);
        }
        all.push(rows);
    }
    let answers = ask(runner, schema, &asked).await?;
    for ((table, row, column), answer) in places.into_iter().zip(answers) {
        all[table][row][column] = Some(answer.unwrap_or(None));
    }
    Ok(all)
}

/// The columns that a key, a foreign key or a condition depends on.
pub(super) fn needed(schema: &Schema, table: usize) -> BTreeSet<usize> {
    let mut needed: BTreeSet<usize> = schema.tables[table].key.iter().copied().collect();
    for unique in &schema.tables[table].uniques {
        needed.extend(unique.parts.iter().filter_map(|part| match part {
            Part::Column(column) => Some(*column),
            Part::Expression(_) => None,
        }));
    }
    needed.extend(depended_on(schema, table));
    needed
}

/// The columns that a foreign key or a condition depends on.
pub(super) fn depended_on(schema: &Schema, table: usize) -> BTreeSet<usize> {
    let asked = schema.questions.iter().filter(|question| question.table == table);
    let mut needed: BTreeSet<usize> = asked.flat_map(|question| question.columns.clone()).collect();
    for foreign in &schema.foreign {
        if foreign.child == table {
            needed.extend(&foreign.columns);
        }
        if foreign.parent == table {
            needed.extend(&foreign.parent_columns);
        }
    }
    needed
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

/// Asks every column of a space what it makes of every value that may reach it.
async fn learn_values(
    runner: &mut Runner<'_>,
    schema: &Schema,
    facts: &mut Facts,
    spaces: &[Vec<Place>],
    texts: &mut [BTreeSet<String>],
) -> Result<()> {
    let mut nulls = true;
    loop {
        let mut asked = Vec::new();
        let mut places = Vec::new();
        for (space, members) in spaces.iter().enumerate() {
            for &(table, at) in members {
                let column = &schema.tables[table].columns[at];
                if nulls && column.guarded {
                    asked.push(stored(table, at, column, "NULL".to_owned()));
                    places.push((space, (table, at), None));
                }
                for text in &texts[space] {
                    if facts.stored(table, at, text).is_none() {
                        asked.push(stored(table, at, column, quote_literal(text)));
                        places.push((space, (table, at), Some(text.clone())));
                    }
                }
            }
        }
        if asked.is_empty() {
            return Ok(());
        }
        nulls = false;
        let answers = ask(runner, schema, &asked).await?;
        for ((space, place, text), answer) in places.into_iter().zip(answers) {
            let Some(text) = text else {
                if let Err(refusal) = answer {
                    facts.learn_null_refused(place, refusal);
                }
                continue;
            };
            let to = answer.map(|read| {
                read.map_or(NULL, |read| {
                    texts[space].insert(read.clone());
                    facts.number(space, &read)
                })
            });
            facts.learn_stored(place, &text, to);
        }
    }
}

/// Asks which values of a space are equal: those that the type of its first column ranks alike.
async fn learn_equality(
    runner: &mut Runner<'_>,
    schema: &Schema,
    facts: &mut Facts,
    spaces: &[Vec<Place>],
    texts: &[BTreeSet<String>],
) -> Result<()> {
    let mut asked = Vec::new();
    let mut ranked = Vec::new();
    for (members, texts) in spaces.iter().zip(texts) {
        let Some(&(table, at)) = members.first() else { continue };
        let value = |text: &String| match facts.stored(table, at, text) {
            Some(Ok(value)) if facts.text(*value) == Some(text.as_str()) => Some(*value),
            _ => None,
        };
        let values: Vec<_> = texts.iter().filter_map(|text| Some((text, value(text)?))).collect();
        if values.len() < 2 {
            continue;
        }
        let name = quote_ident(&schema.tables[table].columns[at].name);
        // The windows are computed over all rows before they are put together in the order of
        // their texts, which is that of `values`.
        let select = format!(
            "string_agg(rank::text, ',' ORDER BY text COLLATE \"C\") FROM (\
             SELECT format('%s', {name}) AS text, dense_rank() OVER (ORDER BY {name}) AS rank"
        );
        asked.push(Asked {
            table,
            columns: vec![at],
            rows: values.iter().map(|(text, _)| vec![quote_literal(text)]).collect(),
            select: format!("(SELECT {select} FROM pg_temp.shakedown_scratch) AS ranked)"),
        });
        ranked.push(values.into_iter().map(|(_, value)| value).collect::<Vec<_>>());
    }
    let answers = ask(runner, schema, &asked).await?;
    for (values, answer) in ranked.into_iter().zip(answers) {
        // Types without an order are no keys, so that nothing asks whether they are equal.
        let Ok(Some(ranks)) = answer else { continue };
        let ranks: Vec<&str> = ranks.split(',').collect();
        for rank in ranks.iter().collect::<BTreeSet<_>>() {
            let alike = values.iter().zip(&ranks).filter(|(_, other)| *other == rank);
            facts.equate(&alike.map(|(value, _)| *value).collect::<Vec<_>>());
        }
    }
    Ok(())
}
