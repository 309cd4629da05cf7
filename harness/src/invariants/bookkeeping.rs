//! The tables in which migration runners keep notes: no part of what a schema promises.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::catalog::{self, Catalog, Table};
use crate::error::{Error, Result};
use crate::source::FORMATS;
use crate::sql;

/// Drops the tables of migration runners from a clone whose catalog is given, and gives what is
/// left. A table that something else depends on is part of the schema, and stays.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn without(conn: &mut PgConnection, catalog: Catalog) -> Result<Catalog> {
    let kept: Vec<&Table> = catalog.tables.iter().filter(|table| is_bookkeeping(table)).collect();
    let mut dropped = false;
    for table in kept {
        let drop = format!("DROP TABLE {}", table.name);
        match sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut *conn).await {
            Ok(_) => dropped = true,
            Err(sqlx::Error::Database(_)) => {}
            Err(error) => {
                let what = format!("`{}` cannot be left out", table.name);
                return Err(Error::new(what).because_sql(error));
            }
        }
    }
    if dropped { catalog::load(conn).await } else { Ok(catalog) }
}

/// Whether the table has the name that a runner gives its own, and no column that one has not.
fn is_bookkeeping(table: &Table) -> bool {
    FORMATS.iter().any(|format| {
        let definition = format.bookkeeping.strip_prefix("CREATE TABLE ");
        definition.and_then(|rest| rest.split(' ').next()) == Some(table.name.name.as_str())
            && table.columns.iter().all(|column| sql::mentions(format.bookkeeping, &column.name))
    })
}
