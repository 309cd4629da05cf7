//! Scripts in sessions of their own, as when each is deployed by itself: what one script
//! sets for its session does not reach the next.

use std::time::{Duration, Instant};

use sqlx::Connection;

use crate::catalog::{self, Catalog};
use crate::database::Databases;
use crate::error::{Error, Result};
use crate::migrate::{self, Failure};
use crate::source::Script;

/// Runs a script as its runner does, committed, and says how long it took.
///
/// # Errors
/// When the server fails.
pub(crate) async fn run(
    databases: &Databases<'_>,
    database: &str,
    script: &Script,
) -> Result<Result<Duration, Failure>> {
    let mut connection = databases.connect(database).await?;
    let started = Instant::now();
    let outcome = migrate::run(&mut connection, script).await?;
    let took = started.elapsed();
    connection.close().await.map_err(lost)?;
    Ok(outcome.map(|()| took))
}

/// Reads the catalog of a database.
///
/// # Errors
/// When the server fails.
pub(crate) async fn catalog_of(databases: &Databases<'_>, database: &str) -> Result<Catalog> {
    let mut connection = databases.connect(database).await?;
    let catalog = catalog::load(&mut connection).await?;
    connection.close().await.map_err(lost)?;
    Ok(catalog)
}

pub(crate) fn lost(error: sqlx::Error) -> Error {
    Error::new("the connection to the server was lost").because(error)
}
