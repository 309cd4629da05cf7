//! What columns hold that a statement leaves out.

use std::collections::BTreeSet;

use super::Pool;
use super::ask::{Asked, ask};
use super::facts::Refusal;
use super::schema::{Means, Part, Place, Schema};
use crate::error::Result;
use crate::invariants::runner::Runner;
use crate::values::Value;

/// What each column holds that is left out, where that is always the same.
pub(super) async fn defaults(
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
            asked.push(Asked::stored(table, at, column, default));
        }
    }
    let answers = ask(runner, schema, &asked).await?;
    Ok(places.into_iter().zip(answers).collect())
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
pub(super) async fn rows(
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
                    asked.push(Asked::stored(number, column, about, default.clone()));
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
