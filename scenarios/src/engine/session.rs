//! One user on one connection, without goose and without a clock of its own: for whoever counts
//! what operations cost, or measures two databases in turns.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

use super::compiled::{Compiled, compile};
use super::perform::{Failure, Place, perform};
use super::schedule::random_of;
use crate::error::{Error, Result};
use crate::workload::Scenario;

/// A connection on which the operations of a scenario are done one after the other.
#[derive(Debug)]
pub struct Session {
    connection: PgConnection,
    compiled: Compiled,
    seed: u64,
    scale: i64,
    /// Whether statements are prepared once, or sent anew each time.
    prepared: bool,
}

/// An operation that was done, or failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Performed {
    /// From its first step to its last.
    pub time: Duration,
    /// What it failed with, as a sentence.
    pub failure: Option<String>,
}

impl Session {
    /// Connects, and makes everything ready that does not change from operation to operation:
    /// the types of arguments, and the rows that keys come from. Only operations that are `wanted`,
    /// by their place, can be done.
    ///
    /// # Errors
    /// If the database cannot be connected to, or a script is wrong.
    pub async fn open(
        options: &PgConnectOptions,
        scenario: &Arc<Scenario>,
        wanted: impl Fn(usize) -> bool,
        seed: u64,
        scale: i64,
        prepared: bool,
    ) -> Result<Self> {
        let options = options.clone().disable_statement_logging();
        let mut connection = options.connect().await.map_err(|error| {
            Error::new("the database of the workload cannot be connected to").because(error)
        })?;
        let compiled = compile(&mut connection, scenario, wanted).await?;
        Ok(Self { connection, compiled, seed, scale, prepared })
    }

    /// Does an operation of the scenario, by its place there. The same number draws the same
    /// arguments in every session of the same seed.
    ///
    /// # Errors
    /// If the connection is lost, or the script is wrong. What the server refuses is told in
    /// [`Performed::failure`].
    pub async fn perform(&mut self, operation: usize, number: u64) -> Result<Performed> {
        let mut random = random_of(self.seed, number, true);
        let place = Place {
            client: 0,
            number,
            seed: self.seed,
            scale: self.scale,
            prepared: self.prepared,
        };
        let (connection, compiled) = (&mut self.connection, &self.compiled);
        let begun = Instant::now();
        let ended = perform(connection, compiled, operation, &mut random, place).await;
        let time = begun.elapsed();
        let name = &self.compiled.scenario.operations[operation].name;
        match ended.failure {
            None => Ok(Performed { time, failure: None }),
            Some(Failure::Refused { state, message }) => {
                Ok(Performed { time, failure: Some(format!("{message} ({state})")) })
            }
            Some(Failure::Script(why)) => Err(Error::new(why)),
            Some(other) => Err(Error::new(format!("`{name}` ended: {}", other.told()))),
        }
    }

    /// The connection itself, for what is asked between operations.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Says farewell to the server, so that all it counted is in.
    pub async fn close(self) {
        // A server that is gone needs no farewell.
        let _ = self.connection.close().await;
    }
}
