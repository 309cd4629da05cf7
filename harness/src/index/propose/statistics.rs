//! What the server knows of the tables and their values.

use std::collections::BTreeMap;

use sqlx::postgres::PgConnection;

use crate::error::Result;
use crate::measure::tables::failed;

/// What `ANALYZE` found out, and what could be installed.
#[derive(Debug, Default)]
pub(in crate::index) struct Statistics {
    /// By name: `public.items`.
    tables: BTreeMap<String, Size>,
    /// By the name of the table and the column.
    columns: BTreeMap<(String, String), Values>,
    /// The extensions that the server has, and whether the database has them too.
    extensions: BTreeMap<String, bool>,
}

/// How large a table is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Size {
    pub(super) rows: f64,
    pub(super) pages: i64,
}

/// What the values of a column are like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values {
    /// How many different ones there are.
    pub(super) distinct: f64,
    /// How well their order follows that of the rows on disk, from -1 to 1.
    pub(super) correlation: f64,
    /// Their width on the average, in bytes.
    pub(super) width: i32,
}

impl Statistics {
    pub(in crate::index) async fn load(connection: &mut PgConnection) -> Result<Self> {
        let sizes: Vec<(String, f64, i64)> = sqlx::query_as(
            "SELECT format('%I.%I', n.nspname, c.relname), greatest(c.reltuples, 0)::float8, \
               c.relpages::int8 FROM pg_catalog.pg_class AS c \
             JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_'",
        )
        .fetch_all(&mut *connection)
        .await
        .map_err(failed("reading the sizes of the tables"))?;
        let tables: BTreeMap<String, Size> =
            sizes.into_iter().map(|(name, rows, pages)| (name, Size { rows, pages })).collect();
        let values: Vec<(String, String, f64, f64, i32)> = sqlx::query_as(
            "SELECT format('%I.%I', schemaname, tablename), attname::text, n_distinct::float8, \
               coalesce(correlation, 0)::float8, avg_width FROM pg_catalog.pg_stats \
             WHERE schemaname !~ '^pg_' AND NOT inherited",
        )
        .fetch_all(&mut *connection)
        .await
        .map_err(failed("reading the statistics of the columns"))?;
        let columns = values.into_iter().map(|(table, column, distinct, correlation, width)| {
            let rows = tables.get(&table).map_or(0.0, |size| size.rows);
            // Below zero it is the part of the rows that differ, turned round.
            let distinct = if distinct < 0.0 { -distinct * rows } else { distinct };
            ((table, column), Values { distinct, correlation, width })
        });
        let columns = columns.collect();
        let extensions: Vec<(String, bool)> = sqlx::query_as(
            "SELECT name::text, installed_version IS NOT NULL \
             FROM pg_catalog.pg_available_extensions",
        )
        .fetch_all(connection)
        .await
        .map_err(failed("reading which extensions there are"))?;
        Ok(Self { tables, columns, extensions: extensions.into_iter().collect() })
    }

    /// The size of a table; nothing is known of one that is empty.
    pub(super) fn size(&self, table: &str) -> Size {
        self.tables.get(table).copied().unwrap_or_default()
    }

    /// Whether the database has an extension; nothing if the server has it not either.
    pub(super) fn has_extension(&self, name: &str) -> Option<bool> {
        self.extensions.get(name).copied()
    }

    pub(super) fn values(&self, table: &str, column: &str) -> Option<Values> {
        self.columns.get(&(table.to_owned(), column.to_owned())).copied()
    }
}
