//! Which columns have values that keys can be taken from.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AssertSqlSafe, PgConnection};

use crate::catalog::{Name, quote_ident};
use crate::error::{Error, Result};

/// What is known so far, by table and column.
#[derive(Debug, Default)]
pub(super) struct Rows {
    known: BTreeMap<(Name, String), bool>,
}

impl Rows {
    /// Asks for those columns that are not known yet.
    pub(super) async fn ask(
        &mut self,
        connection: &mut PgConnection,
        columns: BTreeSet<(Name, String)>,
    ) -> Result<()> {
        for (table, column) in columns {
            if self.known.contains_key(&(table.clone(), column.clone())) {
                continue;
            }
            let quoted = quote_ident(&column);
            let sql = format!("SELECT EXISTS (SELECT FROM {table} WHERE {quoted} IS NOT NULL)");
            let query = sqlx::query_scalar(AssertSqlSafe(sql));
            let there: bool = query.fetch_one(&mut *connection).await.map_err(|error| {
                Error::new(format!("the rows of `{table}` cannot be read")).because_sql(error)
            })?;
            self.known.insert((table, column), there);
        }
        Ok(())
    }

    /// Whether a row has a value in the column.
    pub(super) fn has(&self, table: &Name, column: &str) -> bool {
        self.known.get(&(table.clone(), column.to_owned())).is_some_and(|there| *there)
    }
}

/// What the server says against a statement. Any other error is one of the connection.
pub(super) fn said(error: sqlx::Error) -> Result<String> {
    match error.as_database_error() {
        Some(database) => Ok(database.message().to_owned()),
        None => {
            Err(Error::new("the connection was lost while queries were read").because_sql(error))
        }
    }
}
