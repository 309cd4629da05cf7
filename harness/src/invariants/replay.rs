//! Runs stored failures again.

use sqlx::postgres::PgConnection;

use super::case::{Group, Outcome};
use super::check::{Counterexample, Failure};
use super::runner::Runner;
use crate::error::Result;

/// A failure that was run again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// As it was stored, with the outcome of now.
    pub failure: Failure,
    pub fate: Fate,
}

/// What became of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It still comes out otherwise than it must.
    StillFails,
    Holds,
    /// The rows that it starts from cannot be made, so that it says nothing of this schema.
    DoesNotFit,
}

/// Runs each failure's case alone, on the schema of this connection.
///
/// # Errors
/// When the connection is lost.
pub async fn replay(conn: &mut PgConnection, failures: &[Failure]) -> Result<Vec<Replayed>> {
    let groups: Vec<Group> = failures
        .iter()
        .map(|Failure { counterexample: Counterexample { case, setup, .. }, .. }| Group {
            setup: setup.clone(),
            cases: vec![case.clone()],
        })
        .collect();
    let outcomes = Runner::new(conn, true).await?.run(&groups).await?;
    let outcomes = outcomes.into_iter().flatten();
    Ok(failures.iter().zip(outcomes).map(|(failure, outcome)| judged(failure, outcome)).collect())
}

fn judged(failure: &Failure, outcome: Outcome) -> Replayed {
    let mut failure = failure.clone();
    let fate = match &outcome {
        Outcome::Unreachable(_) => Fate::DoesNotFit,
        seen if failure.counterexample.case.admits(seen) => Fate::Holds,
        _ => Fate::StillFails,
    };
    failure.counterexample.outcome = outcome;
    Replayed { failure, fate }
}
