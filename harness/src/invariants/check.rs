//! Derives promises from a schema and tries them.
//!
//! A placeholder: these are the types that the command and the report are built against.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnectOptions;

use super::case::{Case, Outcome};
use super::promise::Promise;
use crate::database::Databases;
use crate::error::Result;

/// What is tested, and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The number of generated cases for each table.
    pub cases: usize,
    /// The time that all of it may take.
    pub time: Option<Duration>,
    /// What all generated values come from.
    pub seed: u64,
    /// Ids of invariants or names of tables; all if there are none.
    pub only: Vec<String>,
    /// By table: the condition under which a row is live, or `none`.
    pub soft_delete: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { cases: 1000, time: None, seed: 0, only: Vec::new(), soft_delete: BTreeMap::new() }
    }
}

/// The database whose schema is tested.
#[derive(Debug)]
pub struct Db<'a> {
    _place: std::marker::PhantomData<&'a ()>,
}

impl<'a> Db<'a> {
    /// A scratch database, of which clones can be made.
    pub fn scratch(_databases: &'a mut Databases<'_>, _name: &str) -> Self {
        Self { _place: std::marker::PhantomData }
    }

    /// A database at an address.
    pub fn at(_options: PgConnectOptions) -> Self {
        Self { _place: std::marker::PhantomData }
    }
}

/// How far a check is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// So many promises were derived.
    Planned { promises: usize },
    /// This is being tried: an invariant or a table.
    Trying(String),
    /// So many more promises have their verdict.
    Tried { promises: usize },
}

/// What came of a check.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    pub verdicts: Vec<Verdict>,
    pub soft_deletes: Vec<SoftDelete>,
    pub not_reached: Vec<String>,
    pub cases: usize,
    pub millis: f64,
    pub seed: u64,
    /// The digest of the catalog.
    pub schema: String,
    /// Stored failures that no longer fail.
    pub gone: Vec<Failure>,
}

/// A column by which rows are marked as deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftDelete {
    pub table: String,
    pub column: String,
    /// The condition under which a row is live.
    pub live: String,
    pub because: Vec<String>,
}

/// A promise and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub promise: Promise,
    pub known: Known,
}

/// What is known of a promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    Holds { cases: usize },
    Broken(Counterexample),
    Risk(Option<Counterexample>, Option<String>),
    Untested { reason: String },
}

/// A case that did not come out as it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterexample {
    pub case: Case,
    /// The statements that make the rows it starts from.
    pub setup: Vec<String>,
    pub outcome: Outcome,
}

/// A failure as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The id of the promise.
    pub promise: String,
    pub says: String,
    /// The digest of the catalog that it failed on.
    pub schema: String,
    pub counterexample: Counterexample,
}

/// Tests what the schema of a database promises.
///
/// # Errors
/// When the server fails.
pub async fn check(
    _db: &mut Db<'_>,
    options: &Options,
    _earlier: &[Failure],
    _progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Checked> {
    Ok(Checked { seed: options.seed, ..Checked::default() })
}

/// Measures how many changes of the schema its own promises would notice, as a text to print.
///
/// # Errors
/// When the server fails.
pub async fn mutate(
    _db: &mut Db<'_>,
    _options: &Options,
    _progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<String> {
    Ok(String::new())
}
