//! What is left to do once tables have their rows: counters, postponed foreign keys, statistics.

use std::sync::Arc;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};

use super::Filled;
use super::datum::to_text;
use super::world::{Rows, Source, World};
use crate::catalog::{Catalog, quote_ident, quote_literal};

/// How many rows one statement points to their parents.
const BATCH: u64 = 5000;

/// Lets the sequences of a table go on after the largest value that is there, so that the next
/// row that leaves the column out is taken.
pub(super) async fn count(
    conn: &mut PgConnection,
    world: &World,
    catalog: &Catalog,
    at: usize,
) -> Result<(), sqlx::Error> {
    let about = &catalog.tables[at];
    for (column, made) in about.columns.iter().zip(&world.tables[at].columns) {
        let Some(sequence) = super::build::sequence(catalog, &about.name, column) else { continue };
        if made.source == Source::Server {
            continue;
        }
        let (name, column) = (&sequence.name, quote_ident(&column.name));
        let (end, further) =
            if sequence.increment < 0 { ("min", "least") } else { ("max", "greatest") };
        let (table, quoted) = (super::server::from(about), quote_literal(&name.to_string()));
        let statement = format!(
            "SELECT setval({quoted}, {further}(reached, last_value)) \
             FROM {name}, (SELECT {end}({column})::int8 AS reached FROM {table}) AS t \
             WHERE reached IS NOT NULL"
        );
        attempt(conn, &statement).await?;
    }
    Ok(())
}

/// Points the rows of a table to the rows that came after them. Says what stays NULL.
pub(super) async fn point(
    conn: &mut PgConnection,
    world: &Arc<World>,
    catalog: &Catalog,
    at: usize,
) -> Result<Option<String>, sqlx::Error> {
    let about = &catalog.tables[at];
    let mut world = World::clone(world);
    let mut columns = Vec::new();
    for (n, reference) in world.tables[at].references.iter_mut().enumerate() {
        if std::mem::take(&mut reference.postponed) {
            columns.push(n);
        }
    }
    let table = &world.tables[at];
    let follows =
        |source: &Source| matches!(source, Source::Reference(n, _) if columns.contains(n));
    let columns: Vec<_> =
        (0..table.columns.len()).filter(|n| follows(&table.columns[*n].source)).collect();
    let named = |n: &usize| quote_ident(&table.columns[*n].name);
    let names = columns.iter().map(named).collect::<Vec<_>>().join("`, `");
    let place = |name: &String| table.columns.iter().position(|column| column.name == *name);
    if matches!(table.rows, Rows::Read(_)) {
        return Ok(Some(format!(
            "`{names}` stays NULL, since its triggers may have changed its rows"
        )));
    }
    let Some(key) = about.primary_key() else {
        return Ok(Some(format!(
            "`{names}` stays NULL, since there is no primary key to find rows by"
        )));
    };
    let key: Vec<_> = key.columns.iter().filter_map(place).collect();
    let parameter = |(n, column): (usize, &usize)| {
        let column = &table.columns[*column];
        (quote_ident(&column.name), format!("v.c{n}::{}", column.cast))
    };
    let both: Vec<_> = columns.iter().chain(&key).copied().collect();
    let pairs: Vec<_> = both.iter().enumerate().map(parameter).collect();
    let (set, found) = pairs.split_at(columns.len());
    let set = set.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>();
    let found = found.iter().map(|(name, value)| format!("t.{name} = {value}")).collect::<Vec<_>>();
    let arrays = (1..=both.len()).map(|n| format!("${n}::text[]")).collect::<Vec<_>>().join(", ");
    let names_of = (0..both.len()).map(|n| format!("c{n}")).collect::<Vec<_>>().join(", ");
    let statement = format!(
        "UPDATE {} AS t SET {} FROM unnest({arrays}) AS v ({names_of}) WHERE {}",
        about.name,
        set.join(", "),
        found.join(" AND ")
    );
    let count = table.rows.count();
    let mut savepoint = conn.begin().await?;
    for start in (0..count).step_by(usize::try_from(BATCH).unwrap_or(1)) {
        let mut query = sqlx::query(AssertSqlSafe(statement.as_str()));
        for column in &both {
            let rows = (start..count.min(start + BATCH)).map(|n| table.rows.number(n));
            let value = |row| {
                let mut text = Vec::new();
                let datum = world.value(at, *column, row, &mut text);
                to_text(datum, &text)
            };
            query = query.bind(rows.map(value).collect::<Vec<_>>());
        }
        match query.execute(&mut *savepoint).await {
            Ok(_) => {}
            Err(sqlx::Error::Database(error)) => {
                savepoint.rollback().await?;
                return Ok(Some(format!("`{names}` stays NULL: {}", error.message())));
            }
            Err(other) => return Err(other),
        }
    }
    savepoint.commit().await?;
    Ok(None)
}

/// Gathers the planner's statistics on what was filled.
pub(super) async fn analyze(conn: &mut PgConnection, filled: &Filled) -> Result<(), sqlx::Error> {
    let tables = filled.tables.iter().filter(|table| table.rows > 0);
    let tables = tables.map(|table| table.name.to_string()).collect::<Vec<_>>().join(", ");
    if tables.is_empty() {
        return Ok(());
    }
    attempt(conn, &format!("ANALYZE {tables}")).await
}

/// Runs a statement that may fail without harm.
async fn attempt(conn: &mut PgConnection, statement: &str) -> Result<(), sqlx::Error> {
    let mut savepoint = conn.begin().await?;
    match sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *savepoint).await {
        Ok(_) => savepoint.commit().await,
        Err(sqlx::Error::Database(_)) => savepoint.rollback().await,
        Err(other) => Err(other),
    }
}
