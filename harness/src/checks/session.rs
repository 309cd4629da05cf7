//! Scripts in sessions of their own, as when each is deployed by itself: what one script
//! sets for its session does not reach the next.

use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::postgres::PgConnection;

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
    match connection.close().await {
        Err(error) if outcome.is_ok() => Err(lost(error)),
        _ => Ok(outcome.map(|()| took)),
    }
}

/// A session that reads the catalog of one database again and again: the statement that
/// reads it takes longer to plan than to run, and is planned once for each session.
#[derive(Debug)]
pub(crate) struct Reader {
    database: String,
    connection: Option<PgConnection>,
}

impl Reader {
    /// Connects when it is first needed.
    pub(crate) fn of(database: &str) -> Self {
        Self { database: database.to_owned(), connection: None }
    }

    /// The database that it reads.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// The connection, for work that is rolled back.
    ///
    /// # Errors
    /// When the server fails.
    pub(crate) async fn connection(
        &mut self,
        databases: &Databases<'_>,
    ) -> Result<&mut PgConnection> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => databases.connect(&self.database).await?,
        };
        Ok(self.connection.insert(connection))
    }

    /// The catalog as it is committed.
    ///
    /// # Errors
    /// When the server fails.
    pub(crate) async fn catalog(&mut self, databases: &Databases<'_>) -> Result<Catalog> {
        // A script may have ended all other sessions; the next attempt gets a new one.
        if let Ok(catalog) = catalog::load(self.connection(databases).await?).await {
            return Ok(catalog);
        }
        self.connection = None;
        catalog::load(self.connection(databases).await?).await
    }

    /// Ends the session until it is needed again: nobody may be connected to a database that
    /// is cloned.
    ///
    /// # Errors
    /// When the server fails.
    pub(crate) async fn release(&mut self) -> Result<()> {
        match self.connection.take() {
            Some(connection) => connection.close().await.map_err(lost),
            None => Ok(()),
        }
    }
}

pub(crate) fn lost(error: sqlx::Error) -> Error {
    Error::new("the server did not do what was asked of it").because_sql(error)
}
