//! Rows for any catalog: realistic, deterministic from a seed, and right by construction.
//!
//! Every value is a formula of its row's number, so that a foreign key finds its row without
//! anything being kept. What no formula makes right, such as a check, is asked of the server.
//! Triggers fire as they do for everyone; what a table refuses is told with the reason, and the
//! other tables are filled all the same.

mod after;
mod build;
mod bulk;
mod calendar;
mod conditions;
mod datum;
mod dice;
mod distinct;
mod filler;
mod groups;
mod keys;
mod load;
mod name_patterns;
mod names;
mod order;
mod parents;
mod partitions;
mod patterns;
mod plan;
mod server;
mod tail;
mod together;
mod types;
mod value;
mod wire;
mod words;
mod world;

use std::collections::BTreeMap;

use sqlx::postgres::PgConnection;

use crate::catalog::{Catalog, Name};
use crate::error::{Error, Result};

/// How many rows, and from which seed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    /// The rows of single tables; of partitioned ones those of all partitions together.
    pub rows: BTreeMap<Name, u64>,
    /// The rows of every other table.
    pub default_rows: u64,
    /// Whether indexes and foreign keys are dropped before rows come in and built again after
    /// them, which is faster for many rows. Triggers of users fire all the same, and tables whose
    /// indexes cannot be dropped, such as partitioned ones, are filled as they are.
    pub bulk: bool,
}

/// What was filled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// In the order in which they were filled, without partitions.
    pub tables: Vec<FilledTable>,
}

/// What came of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledTable {
    pub name: Name,
    /// How many rows were added.
    pub rows: u64,
    /// Why these are fewer than asked for, or other than they should be, as a sentence without a
    /// full stop: `the trigger guard refuses every row: ...`.
    pub reason: Option<String>,
}

impl Filled {
    /// The table of that name.
    pub fn table(&self, name: &Name) -> Option<&FilledTable> {
        self.tables.iter().find(|table| table.name == *name)
    }
}

/// Adds rows to the tables of the database, whose schema `catalog` is, and gathers statistics.
///
/// # Errors
/// When the connection is lost. What a table refuses is in the answer.
pub async fn fill(conn: &mut PgConnection, catalog: &Catalog, plan: &Plan) -> Result<Filled> {
    let filled = filler::run(conn, catalog, plan).await;
    filled.map_err(|error| Error::new("the tables could not be filled").because_sql(error))
}
