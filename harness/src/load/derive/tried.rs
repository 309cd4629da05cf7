//! Leaves out what fails.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use shakedown_scenarios::engine::attempt;
use shakedown_scenarios::{Operation, Scenario};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection};

use super::{Derived, weights};
use crate::error::{Error, Result};

/// Tries each operation on a database that may be changed, and leaves out those that fail, with
/// the reason. The weights of the others are made anew.
///
/// # Errors
/// When the database cannot be connected to.
pub async fn tried(options: &PgConnectOptions, derived: Derived, seed: u64) -> Result<Derived> {
    let Derived { operations, mut left_out, parts } = derived;
    let empty = empty(options, &operations).await?;
    if !empty.is_empty() {
        let names: Vec<&str> = empty.iter().map(String::as_str).collect();
        left_out.push(format!("nothing is done that needs rows of {}: no rows", names.join(", ")));
    }
    let has_rows =
        |operation: &Operation| operation.picks.iter().all(|p| !empty.contains(&p.table));
    let both = operations.into_iter().zip(parts);
    let (operations, parts): (Vec<_>, Vec<_>) = both.filter(|(one, _)| has_rows(one)).unzip();
    let scenario = Arc::new(Scenario {
        name: "derived".to_owned(),
        origin: "derived from the catalog".to_owned(),
        operations,
    });
    let failures = attempt(options, &scenario, seed, 1).await?;
    let mut kept = Derived { operations: Vec::new(), left_out, parts: Vec::new() };
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for ((operation, part), failure) in scenario.operations.iter().zip(parts).zip(failures) {
        match failure {
            Some(reason) => {
                reasons.entry(reason).or_default().push(format!("`{}`", operation.name));
            }
            None => {
                kept.operations.push(operation.clone());
                kept.parts.push(part);
            }
        }
    }
    for (reason, names) in reasons {
        let verb = if names.len() == 1 { "is" } else { "are" };
        kept.left_out.push(format!("{} {verb} left out: {reason}", names.join(", ")));
    }
    weights::spread(&mut kept.operations, &kept.parts);
    Ok(kept)
}

/// The tables without rows among those that keys are taken from.
async fn empty(options: &PgConnectOptions, operations: &[Operation]) -> Result<BTreeSet<String>> {
    let mut connection = options.connect().await.map_err(|error| {
        Error::new("the database to try operations on cannot be connected to").because_sql(error)
    })?;
    let picks = operations.iter().flat_map(|operation| &operation.picks);
    let mut empty = BTreeSet::new();
    for table in picks.map(|pick| &pick.table).collect::<BTreeSet<_>>() {
        if !has_rows(&mut connection, table).await? {
            empty.insert(table.clone());
        }
    }
    Ok(empty)
}

async fn has_rows(connection: &mut PgConnection, table: &str) -> Result<bool> {
    let query = AssertSqlSafe(format!("SELECT EXISTS (SELECT FROM {table})"));
    sqlx::query_scalar(query).fetch_one(connection).await.map_err(|error| {
        Error::new(format!("the rows of `{table}` cannot be read")).because_sql(error)
    })
}
