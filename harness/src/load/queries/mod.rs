//! Workloads made of queries that people already have: those of sqlx's offline data, of `.sql`
//! files, or of `pg_stat_statements` on a running server.
//!
//! What such a query lacks is values for its parameters. They come from rows that exist, by the
//! columns that the plan compares them with or that the statement writes them to; so a lookup
//! finds a row, and what is inserted belongs to a parent. Where a column must be unique, a fresh
//! value is made. The rest is made by type. What no value can be found for is left out and told.

mod by_type;
mod compared;
mod described;
mod files;
mod named;
mod plan;
mod rows;
mod script;
mod server;
mod values;
mod writes;

use std::collections::BTreeSet;
use std::sync::Arc;

use shakedown_scenarios::{Scenario, engine, script as language};
use sqlx::postgres::{PgConnectOptions, PgConnection};

use crate::catalog::Catalog;
use crate::error::{Error, Result};
use rows::Rows;

pub use files::{of_path, of_sql, of_sqlx};
pub use server::of_server;

/// A query as its application sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub name: String,
    /// With parameters as `$1`, and without a semicolon at the end.
    pub sql: String,
    /// How often it is done, in relation to the others.
    pub weight: u32,
    /// Where it stands, for messages.
    pub file: String,
}

/// The first version that plans statements without their arguments.
const GENERIC_PLAN: i32 = 160_000;

/// Makes an operation of each query, on a database with rows that has the schema of `catalog`.
/// Reads take few of the rows most of the time, writes each as often. A query that deletes rows
/// finds fewer of them the longer it runs.
///
/// Nothing is run but `EXPLAIN` and questions about rows; [`tried`] does the rest. `name` and
/// `origin` are those of the scenario; `tries` is how often an operation is tried that fails with
/// 40001 or 40P01. Besides the scenario, a sentence for each query that is left out.
///
/// # Errors
/// When the server is older than 16, the connection is lost, or no query is left.
pub async fn scenario(
    connection: &mut PgConnection,
    catalog: &Catalog,
    queries: &[Query],
    name: &str,
    origin: &str,
    tries: u32,
) -> Result<(Scenario, Vec<String>)> {
    let version: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::int")
        .fetch_one(&mut *connection)
        .await
        .map_err(|error| Error::new("the server does not tell its version").because_sql(error))?;
    if version < GENERIC_PLAN {
        return Err(Error::new(
            "values for the parameters of queries are found by `EXPLAIN (GENERIC_PLAN)`, which \
             servers before version 16 do not have",
        )
        .hint("take another server: --pg-version 16"));
    }
    let (mut operations, mut left_out, mut names) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut rows = Rows::default();
    for query in queries {
        let name = told_apart(&query.name, &mut names);
        let read = match script::of(connection, catalog, query, &mut rows).await? {
            Ok(text) => language::read(&name, query.weight, tries, &query.file, &text)
                .map_err(|error| error.message),
            Err(why) => Err(why),
        };
        match read {
            Ok(operation) => operations.push(operation),
            Err(why) => left_out.push(sentence(&name, &query.file, &why)),
        }
    }
    whole(Scenario { name: name.to_owned(), origin: origin.to_owned(), operations }, left_out)
}

/// Tries each operation on a database that may be changed, and leaves out those that fail. Besides
/// the scenario, a sentence for each of them.
///
/// # Errors
/// When the database cannot be connected to, or nothing is left.
pub async fn tried(
    options: &PgConnectOptions,
    scenario: Scenario,
    seed: u64,
) -> Result<(Scenario, Vec<String>)> {
    let scenario = Arc::new(scenario);
    let failures = engine::attempt(options, &scenario, seed, 1).await?;
    let (mut operations, mut left_out) = (Vec::new(), Vec::new());
    for (operation, failure) in scenario.operations.iter().zip(failures) {
        match failure {
            None => operations.push(operation.clone()),
            Some(why) => left_out.push(sentence(&operation.name, &operation.file, &why)),
        }
    }
    let (name, origin) = (scenario.name.clone(), scenario.origin.clone());
    whole(Scenario { name, origin, operations }, left_out)
}

/// A scenario in which something is done.
fn whole(scenario: Scenario, left_out: Vec<String>) -> Result<(Scenario, Vec<String>)> {
    if scenario.operations.iter().any(|operation| operation.weight > 0) {
        return Ok((scenario, left_out));
    }
    let first = left_out.first().map_or_else(String::new, |first| format!(": {first}"));
    Err(Error::new(format!("none of the queries of `{}` can be run{first}", scenario.name)).hint(
        "see that they belong to the schema that is tested, and that its tables have rows: \
         --rows 1000",
    ))
}

fn sentence(name: &str, file: &str, why: &str) -> String {
    format!("`{name}` of `{file}` is left out: {why}")
}

/// The name, with a number behind it if another query has it.
fn told_apart(name: &str, names: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name} {number}"));
    let mut all = std::iter::once(name.to_owned()).chain(numbered);
    all.find(|name| names.insert(name.clone())).unwrap_or_default()
}
