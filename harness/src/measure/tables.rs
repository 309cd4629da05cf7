//! What the server counts of each table and index.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};

use super::execute;
use crate::error::{Error, Result};

/// What was done with a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Table {
    /// Rows that scans of the whole table read.
    pub(crate) seq_read: i64,
    /// Entries that scans of its indexes gave.
    pub(crate) index_read: i64,
    /// Scans of the whole table.
    pub(crate) seq_scans: i64,
    /// Scans of it, of either kind.
    pub(crate) scans: i64,
    pub(crate) inserted: i64,
    pub(crate) updated: i64,
    pub(crate) hot_updated: i64,
    pub(crate) deleted: i64,
}

/// The counts of all tables and indexes of the user in a database. What is counted of partitions is
/// that of the table they are partitions of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tables {
    /// By name: `public.items`.
    pub(crate) tables: BTreeMap<String, Table>,
    /// How often each index was scanned, by name: `public.items_pkey`.
    pub(crate) indexes: BTreeMap<String, i64>,
}

/// The tables that a workload has to do with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    pub(crate) any: BTreeSet<String>,
    pub(crate) written: BTreeSet<String>,
    /// Those that rows were deleted from.
    pub(crate) deleted: BTreeSet<String>,
}

/// A table by its name.
fn named(row: &PgRow) -> sqlx::Result<(String, Table)> {
    let table = Table {
        seq_read: row.try_get("seq_read")?,
        index_read: row.try_get("index_read")?,
        seq_scans: row.try_get("seq_scans")?,
        scans: row.try_get("scans")?,
        inserted: row.try_get("inserted")?,
        updated: row.try_get("updated")?,
        hot_updated: row.try_get("hot_updated")?,
        deleted: row.try_get("deleted")?,
    };
    Ok((row.try_get("name")?, table))
}

/// An error of a question of ours: `reading the locks failed`.
pub(crate) fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> Error {
    move |error| Error::new(format!("{doing} failed")).because_sql(error)
}

impl Tables {
    /// Reads the counts, those of this session's last statements included.
    pub(crate) async fn read(connection: &mut PgConnection) -> Result<Self> {
        // Counts are handed over when a statement is done, so that the next sees them.
        execute(connection, "SELECT pg_catalog.pg_stat_force_next_flush()").await?;
        let tables = sqlx::query(
            "SELECT format('%I.%I', n.nspname, c.relname) AS name, \
               sum(coalesce(seq_tup_read, 0))::int8 AS seq_read, \
               sum(coalesce((SELECT sum(i.idx_tup_read) FROM pg_catalog.pg_stat_user_indexes AS i \
                             WHERE i.relid = t.relid), 0))::int8 AS index_read, \
               sum(coalesce(seq_scan, 0))::int8 AS seq_scans, \
               sum(coalesce(seq_scan, 0) + coalesce(idx_scan, 0))::int8 AS scans, \
               sum(n_tup_ins)::int8 AS inserted, sum(n_tup_upd)::int8 AS updated, \
               sum(n_tup_hot_upd)::int8 AS hot_updated, sum(n_tup_del)::int8 AS deleted \
             FROM pg_catalog.pg_stat_user_tables AS t \
             JOIN pg_catalog.pg_class AS c \
               ON c.oid = coalesce(pg_catalog.pg_partition_root(t.relid), t.relid) \
             JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace GROUP BY 1",
        )
        .fetch_all(&mut *connection)
        .await
        .and_then(|rows| rows.iter().map(named).collect())
        .map_err(failed("reading the counts of the tables"))?;
        let indexes: Vec<(String, i64)> = sqlx::query_as(
            "SELECT format('%I.%I', n.nspname, c.relname), sum(coalesce(idx_scan, 0))::int8 \
             FROM pg_catalog.pg_stat_user_indexes AS i JOIN pg_catalog.pg_class AS c \
               ON c.oid = coalesce(pg_catalog.pg_partition_root(i.indexrelid), i.indexrelid) \
             JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace GROUP BY 1",
        )
        .fetch_all(connection)
        .await
        .map_err(failed("reading the counts of the indexes"))?;
        Ok(Self { tables, indexes: indexes.into_iter().collect() })
    }

    /// What was added since `before`.
    pub(crate) fn since(&self, before: &Self) -> Self {
        let table = |(name, after): (&String, &Table)| {
            let before = before.tables.get(name).copied().unwrap_or_default();
            (name.clone(), after.less(before))
        };
        let index = |(name, after): (&String, &i64)| {
            (name.clone(), after - before.indexes.get(name).copied().unwrap_or(0))
        };
        Self {
            tables: self.tables.iter().map(table).collect(),
            indexes: self.indexes.iter().map(index).collect(),
        }
    }

    /// The sum of something over all tables.
    pub(crate) fn sum(&self, count: impl Fn(&Table) -> i64) -> u64 {
        self.tables.values().map(|table| u64::try_from(count(table)).unwrap_or(0)).sum()
    }

    /// The tables that anything was done with, and those that were changed.
    pub(crate) fn touched(&self) -> Touched {
        let those = |is: &dyn Fn(&Table) -> bool| {
            let found = self.tables.iter().filter(|(_, table)| is(table));
            found.map(|(name, _)| name.clone()).collect()
        };
        Touched {
            any: those(&|table| table.scans > 0 || table.is_written()),
            written: those(&Table::is_written),
            deleted: those(&|table| table.deleted > 0),
        }
    }
}

impl Table {
    pub(crate) fn is_written(&self) -> bool {
        self.inserted + self.updated + self.deleted > 0
    }

    fn less(self, other: Self) -> Self {
        Self {
            seq_read: self.seq_read - other.seq_read,
            index_read: self.index_read - other.index_read,
            seq_scans: self.seq_scans - other.seq_scans,
            scans: self.scans - other.scans,
            inserted: self.inserted - other.inserted,
            updated: self.updated - other.updated,
            hot_updated: self.hot_updated - other.hot_updated,
            deleted: self.deleted - other.deleted,
        }
    }
}

impl Touched {
    /// Both together.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.any.extend(other.any);
        self.written.extend(other.written);
        self.deleted.extend(other.deleted);
        self
    }
}
