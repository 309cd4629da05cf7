//! Tries out the operations of a scenario that nobody has run yet, each on its own.

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

use super::compiled::{Compiled, ready};
use super::keys::Read;
use super::perform::{Failure, Place, perform};
use super::schedule::random_of;
use crate::error::{Error, Result};
use crate::workload::{Operation, Scenario};

/// How often each operation is done, since one that copies rows may fail on some of them only.
const TIMES: u64 = 5;

/// After so many milliseconds a statement counts as failed.
const TIMEOUT: &str = "20000";

/// Does each operation a few times with different random numbers, and says what it failed with:
/// a sentence for each operation, none for one that succeeded each time. One that fails does not
/// keep the others from being tried. The database is changed by what operations write.
///
/// # Errors
/// When the database cannot be connected to.
pub async fn attempt(
    options: &PgConnectOptions,
    scenario: &Arc<Scenario>,
    seed: u64,
    scale: i64,
) -> Result<Vec<Option<String>>> {
    let options = options
        .clone()
        .disable_statement_logging()
        .options([("statement_timeout", TIMEOUT), ("lock_timeout", TIMEOUT)]);
    let mut connection = connect(&options).await?;
    let mut read = Read::new();
    let mut all = Vec::new();
    for (index, operation) in scenario.operations.iter().enumerate() {
        let first = index as u64 * TIMES;
        let place = Place { client: 0, number: first, seed, scale, prepared: false };
        let failure = one(&mut connection, scenario, operation, &mut read, place).await;
        if matches!(failure, Some(Failure::Connection(_))) {
            connection = connect(&options).await?;
        }
        all.push(failure.map(|failure| failure.told()));
    }
    Ok(all)
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    options.connect().await.map_err(|error| {
        Error::new("the database to try operations on cannot be connected to").because(error)
    })
}

/// What an operation fails with, if it does.
async fn one(
    connection: &mut PgConnection,
    scenario: &Scenario,
    operation: &Operation,
    read: &mut Read,
    place: Place,
) -> Option<Failure> {
    let ready = match ready(connection, operation, read).await {
        Ok(ready) => ready,
        Err(error) => return Some(Failure::Script(error.message)),
    };
    let alone = Scenario { operations: vec![operation.clone()], ..scenario.clone() };
    let compiled = Compiled { scenario: Arc::new(alone), operations: vec![ready] };
    for number in place.number..place.number + TIMES {
        let mut random = random_of(place.seed, number, true);
        let place = Place { number, ..place };
        let ended = perform(connection, &compiled, 0, &mut random, place).await;
        if ended.failure.is_some() {
            return ended.failure;
        }
    }
    None
}
