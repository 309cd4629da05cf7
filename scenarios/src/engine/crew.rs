//! Several users on one pool, without goose: for whoever measures two pools in turns, in slices of
//! a fixed number of operations.

use std::sync::Arc;
use std::time::{Duration, Instant};

use shakedown_reports::load::PoolSettings;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use tokio::task::JoinSet;

use super::compiled::{Compiled, compile};
use super::perform::{Failure, Place, perform};
use super::schedule::{Mix, random_of};
use crate::error::{Error, Result};
use crate::pool::{Pool, Refused};
use crate::workload::Scenario;

/// Users who do operations of the mix at the same time, each with a connection of the pool for
/// as long as an operation takes.
#[derive(Debug, Clone)]
pub struct Crew {
    shared: Arc<Shared>,
    users: u64,
}

#[derive(Debug)]
struct Shared {
    pool: Pool,
    compiled: Compiled,
    mix: Mix,
    seed: u64,
    scale: i64,
}

/// An operation that a user did.
#[derive(Debug, Clone)]
pub struct Did {
    /// Its place in the scenario.
    pub operation: usize,
    /// Until there was a connection.
    pub wait: Duration,
    /// From then to its end.
    pub query: Duration,
    /// What it failed with, as a sentence.
    pub failure: Option<String>,
}

impl Crew {
    /// Opens the pool and makes everything ready. Only operations that are `wanted`, by their
    /// place, are done.
    ///
    /// # Errors
    /// If the database cannot be connected to, or a script is wrong.
    pub async fn open(
        options: &PgConnectOptions,
        settings: &PoolSettings,
        scenario: &Arc<Scenario>,
        wanted: impl Fn(usize) -> bool,
        users: usize,
        (seed, scale): (u64, i64),
    ) -> Result<Self> {
        let options = options.clone().disable_statement_logging();
        let mut connection = options.connect().await.map_err(|error| {
            Error::new("the database of the workload cannot be connected to").because(error)
        })?;
        let mut only = Scenario::clone(scenario);
        for (at, operation) in only.operations.iter_mut().enumerate() {
            if !wanted(at) {
                operation.weight = 0;
            }
        }
        let compiled = compile(&mut connection, scenario, wanted).await?;
        let mix = Mix::of(&only);
        let pool = Pool::open(options, settings).await?;
        let shared = Arc::new(Shared { pool, compiled, mix, seed, scale });
        Ok(Self { shared, users: users as u64 })
    }

    /// Each user does so many operations, numbered from `from` on: the same numbers are the same
    /// operations with the same arguments in every crew of the same seed.
    ///
    /// # Errors
    /// If the connection is lost, or a script is wrong. What the server refuses is told in
    /// [`Did::failure`].
    pub async fn slice(&self, from: u64, each: u64) -> Result<Vec<Did>> {
        let mut users = JoinSet::new();
        for user in 0..self.users {
            let shared = Arc::clone(&self.shared);
            let first = from + user * each;
            users.spawn(async move {
                let mut did = Vec::new();
                for number in first..first + each {
                    did.push(shared.one(user, number).await?);
                }
                Ok::<_, Error>(did)
            });
        }
        let mut all = Vec::new();
        while let Some(user) = users.join_next().await {
            let did =
                user.map_err(|error| Error::new("a user of the crew ended").because(error))?;
            all.extend(did?);
        }
        Ok(all)
    }

    /// Closes the connections.
    pub async fn close(self) {
        self.shared.pool.close().await;
    }
}

impl Shared {
    async fn one(&self, user: u64, number: u64) -> Result<Did> {
        let mut random = random_of(self.seed, number, true);
        let operation = self.mix.draw(&mut random);
        let place = Place {
            client: i64::try_from(user).unwrap_or(0),
            number,
            seed: self.seed,
            scale: self.scale,
            prepared: true,
        };
        let asked = Instant::now();
        let held = self.pool.acquire().await;
        let wait = asked.elapsed();
        let failure = match held {
            Ok(mut held) => {
                let ended = perform(&mut held, &self.compiled, operation, &mut random, place).await;
                held.give_back();
                ended.failure
            }
            Err(Refused::Timeout) => Some(Failure::PoolTimeout),
            Err(Refused::Failed(error)) => Some(Failure::of(&error)),
        };
        let query = asked.elapsed().saturating_sub(wait);
        match failure {
            Some(Failure::Script(why)) => Err(Error::new(why)),
            failure => {
                Ok(Did { operation, wait, query, failure: failure.map(|failure| failure.told()) })
            }
        }
    }
}
