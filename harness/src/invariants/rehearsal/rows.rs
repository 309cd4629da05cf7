//! Rows that a migration finds, and what became of their values.

use std::collections::BTreeMap;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};

use crate::catalog::{Catalog, Column, ConstraintKind, Name, Table, TableKind, quote_ident};
use crate::checks::session::lost;
use crate::datagen::{self, Plan};
use crate::error::Result;
use crate::source::Format;
use crate::sql::mentions;

/// How many rows each table gets: enough for each branch of most checks.
const ROWS: u64 = 20;

/// So that a trigger that sleeps does not hold up the rest.
const PATIENCE: &str = "SET statement_timeout = '30s'";

/// The columns of a table with their values: by column, how often each value stands in the row of
/// a key. Where the table has no primary key, all its rows have the same.
type Values = BTreeMap<String, BTreeMap<(String, String), usize>>;

/// What the tables held before a migration.
#[derive(Debug, Default)]
pub(super) struct Held {
    tables: BTreeMap<Name, (usize, Values)>,
}

impl Held {
    /// How many rows there were in all tables.
    pub(super) fn rows(&self) -> usize {
        self.tables.values().map(|(rows, _)| rows).sum()
    }

    /// What `after` lacks of it, one sentence each, in the columns that all `catalogs` have.
    pub(super) fn lost_in(&self, after: &Self, catalogs: &[&Catalog]) -> Vec<String> {
        let mut told = Vec::new();
        for (name, (rows, values)) in &self.tables {
            let Some((left, now)) = after.tables.get(name) else { continue };
            let survives = |column: &String| {
                let has = |table: &Table| table.column(column).is_some();
                catalogs.iter().all(|catalog| catalog.table(name).is_some_and(has))
            };
            if !catalogs.iter().all(|catalog| catalog.table(name).is_some()) {
                continue;
            }
            if left < rows {
                told.push(format!("of {rows} rows of {name}, {left} are left"));
                continue;
            }
            let lacks = |(column, had): &(&String, &BTreeMap<(String, String), usize>)| {
                let has = now.get(*column);
                survives(column)
                    && had.iter().any(|(value, count)| {
                        has.and_then(|has| has.get(value)).is_none_or(|found| found < count)
                    })
            };
            let columns: Vec<&str> =
                values.iter().filter(lacks).map(|(column, _)| column.as_str()).collect();
            if !columns.is_empty() {
                told.push(format!("other values are in {name} ({})", columns.join(", ")));
            }
        }
        told
    }
}

/// Fills the tables of a database, but for that of the migration runner. What cannot be filled stays empty and claims nothing.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn fill(
    conn: &mut PgConnection,
    catalog: &Catalog,
    format: &Format,
    seed: u64,
) -> Result<()> {
    sqlx::raw_sql(PATIENCE).execute(&mut *conn).await.map_err(lost)?;
    let kept = catalog.tables.iter().map(|table| &table.name).filter(|name| format.keeps(name));
    let rows = kept.map(|name| (name.clone(), 0)).collect();
    let plan = Plan { seed, rows, default_rows: ROWS, bulk: false };
    let filled = datagen::fill(conn, catalog, &plan).await?;
    for table in filled.tables.iter().filter(|table| table.rows > 2) {
        let Some(table) = catalog.table(&table.name) else { continue };
        for sql in awkward(table) {
            // What the schema does not let through was not there before either.
            match sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *conn).await {
                Err(error) if error.as_database_error().is_none() => return Err(lost(error)),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Statements that make rows as awkward as a schema allows: two rows that agree in all columns
/// that may, and NULL at least once wherever it may be.
fn awkward(table: &Table) -> Vec<String> {
    // The place of a row does not tell it apart where there are several partitions.
    if table.kind == TableKind::Partitioned {
        return Vec::new();
    }
    let name = &table.name;
    let given = |column: &&Column| column.generated.is_none() && column.identity.is_none();
    let free = |column: &&Column| given(column) && !is_in_key(table, &column.name);
    let free: Vec<String> =
        table.columns.iter().filter(free).map(|column| quote_ident(&column.name)).collect();
    let mut statements = Vec::new();
    if !free.is_empty() {
        let list = free.join(", ");
        statements.push(format!(
            "UPDATE ONLY {name} SET ({list}) = \
               (SELECT {list} FROM ONLY {name} WHERE ctid = (SELECT min(ctid) FROM ONLY {name})) \
             WHERE ctid = (SELECT max(ctid) FROM ONLY {name})"
        ));
    }
    for column in table.columns.iter().filter(given).filter(|column| !column.not_null) {
        let column = quote_ident(&column.name);
        statements.push(format!(
            "UPDATE ONLY {name} SET {column} = NULL \
             WHERE ctid = (SELECT ctid FROM ONLY {name} ORDER BY ctid OFFSET 1 LIMIT 1) \
               AND NOT EXISTS (SELECT FROM ONLY {name} WHERE {column} IS NULL)"
        ));
    }
    statements
}

/// Whether something says that rows must differ in the column.
fn is_in_key(table: &Table, column: &str) -> bool {
    let indexed = table.indexes.iter().filter(|index| index.unique || index.of_constraint);
    indexed.flat_map(|index| &index.columns).any(|part| {
        part.column.as_deref() == Some(column)
            || part.expression.as_ref().is_some_and(|expression| mentions(expression, column))
    })
}

/// Reads what the tables of a database hold.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn held(conn: &mut PgConnection, catalog: &Catalog) -> Result<Held> {
    let mut held = Held::default();
    let own = |table: &&Table| table.partition.is_none() && table.kind != TableKind::Foreign;
    for table in catalog.tables.iter().filter(own).filter(|table| !table.columns.is_empty()) {
        let read = read(conn, table).await.map_err(lost)?;
        if read.0 > 0 {
            held.tables.insert(table.name.clone(), read);
        }
    }
    Ok(held)
}

/// The number of rows of a table, and their values but for NULL.
async fn read(conn: &mut PgConnection, table: &Table) -> Result<(usize, Values), sqlx::Error> {
    let texts = |columns: &mut dyn Iterator<Item = &str>| {
        columns
            .map(|column| format!("{}::text", quote_ident(column)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let primary = table.constraints.iter().find(|found| found.kind == ConstraintKind::PrimaryKey);
    let key = texts(&mut primary.iter().flat_map(|key| &key.columns).map(String::as_str));
    let all = texts(&mut table.columns.iter().map(|column| column.name.as_str()));
    let only = if table.kind == TableKind::Partitioned { "" } else { "ONLY " };
    let query =
        format!("SELECT ARRAY[{key}]::text[]::text, ARRAY[{all}] FROM {only}{}", table.name);
    let rows = sqlx::query(AssertSqlSafe(query)).fetch_all(conn).await?;
    let mut values = Values::new();
    for row in &rows {
        let key: String = row.try_get(0)?;
        let cells: Vec<Option<String>> = row.try_get(1)?;
        for (column, cell) in table.columns.iter().zip(cells) {
            let Some(cell) = cell else { continue };
            let counts = values.entry(column.name.clone()).or_default();
            *counts.entry((key.clone(), cell)).or_default() += 1;
        }
    }
    Ok((rows.len(), values))
}
