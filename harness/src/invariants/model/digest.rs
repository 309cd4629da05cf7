//! What tables hold, as one text: read by a query, and told by the model.

use super::facts::{Facts, NULL, Val};
use super::schema::{Modelled, Schema};
use super::state::State;
use crate::catalog::{quote_ident, quote_literal};

/// How the contents of a table are read.
#[derive(Debug)]
pub(super) struct Digest {
    /// A subquery that gives all rows as one text.
    query: String,
    /// The columns that are compared.
    columns: Vec<usize>,
    /// The tables that a change of this one may change, itself among them.
    pub(super) reach: Vec<usize>,
}

/// How each table is read.
pub(super) fn digests(schema: &Schema, facts: &Facts) -> Vec<Digest> {
    let tables = 0..schema.tables.len();
    tables
        .map(|at| {
            let columns = compared(&schema.tables[at]);
            Digest { query: query(schema, facts, at, &columns), columns, reach: reach(schema, at) }
        })
        .collect()
}

/// The columns whose values are known whatever happens.
fn compared(table: &Modelled) -> Vec<usize> {
    let known = |&at: &usize| {
        let column = &table.columns[at];
        let always = column.means.is_known() || table.pool.iter().all(|row| row[at].is_some());
        always && column.generated.is_none() && !column.assigned
    };
    (0..table.columns.len()).filter(known).collect()
}

fn query(schema: &Schema, facts: &Facts, at: usize, columns: &[usize]) -> String {
    let table = &schema.tables[at];
    let names: Vec<_> = columns.iter().map(|&c| quote_ident(&table.columns[c].name)).collect();
    let line = format!("format('{}', {})", vec!["%L"; names.len()].join(","), names.join(", "));
    // Only the rows of the pool are read, by their key: the table may be large.
    let mut lines = String::from("false");
    if let Some(&first) = table.key.first() {
        let name = quote_ident(&table.columns[first].name);
        let held: Vec<_> = facts.held(at, first).into_iter().map(quote_literal).collect();
        lines = format!("{name} IN ({})", held.join(", "));
        if held.is_empty() {
            lines = format!("{name} IS NULL");
        } else if !table.columns[first].not_null {
            lines = format!("{lines} OR {name} IS NULL");
        }
    }
    format!(
        "(SELECT string_agg(line, '; ' ORDER BY line COLLATE \"C\") \
         FROM (SELECT {line} AS line FROM {} WHERE {lines}) AS lines)",
        table.name
    )
}

fn reach(schema: &Schema, at: usize) -> Vec<usize> {
    let mut reached = vec![at];
    let mut next = 0;
    while let Some(&table) = reached.get(next) {
        for &foreign in &schema.tables[table].referenced_by {
            let child = schema.foreign[foreign].child;
            if !reached.contains(&child) {
                reached.push(child);
            }
        }
        next += 1;
    }
    reached
}

/// The query that reads these tables.
pub(super) fn read(digests: &[Digest], schema: &Schema, tables: &[usize]) -> String {
    let parts = tables.iter().enumerate().map(|(n, &table)| {
        let label = quote_literal(&format!("{}: ", schema.tables[table].name));
        let apart = if n == 0 { "" } else { "chr(10), " };
        format!("{apart}{label}, {}", digests[table].query)
    });
    format!("SELECT concat({})", parts.collect::<Vec<_>>().join(", "))
}

/// What that query gives if the tables hold what the model says.
pub(super) fn told(
    digests: &[Digest],
    schema: &Schema,
    facts: &Facts,
    state: &State,
    tables: &[usize],
) -> String {
    let text = |value: Val| match facts.text(value).filter(|_| value != NULL) {
        Some(text) => quote_literal(text),
        None => "NULL".to_owned(),
    };
    let parts = tables.iter().map(|&table| {
        let line = |cells: &[Val]| {
            let cells: Vec<_> = digests[table].columns.iter().map(|&c| text(cells[c])).collect();
            cells.join(",")
        };
        let mut lines: Vec<_> = state.tables[table].iter().map(|row| line(&row.cells)).collect();
        lines.sort_unstable();
        format!("{}: {}", schema.tables[table].name, lines.join("; "))
    });
    parts.collect::<Vec<_>>().join("\n")
}
