//! Runs stored failures again.

use super::check::{self, Failure, Known, Trap};
use super::runner::Runner;
use crate::database::Databases;
use crate::error::Result;

/// A failure that was run again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// As it was stored, with what came of it now.
    pub failure: Failure,
    pub fate: Fate,
}

/// What became of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It still comes out otherwise than it must.
    StillFails,
    Holds,
    /// It says nothing of this schema, for this reason.
    Untested(String),
}

/// Runs what failed again, and nothing else, on clones of a scratch database of `databases`.
///
/// # Errors
/// When the server fails.
pub async fn replay(
    databases: &mut Databases<'_>,
    name: &str,
    failures: &[Failure],
) -> Result<Vec<Replayed>> {
    let clone = databases.create(Some(name)).await?;
    let mut conn = databases.connect(&clone).await?;
    let mut runner = Runner::new(&mut conn, true).await?;
    let mut replayed = Vec::new();
    for failure in failures {
        let known = check::again(&mut runner, databases, name, failure).await?;
        replayed.push(judged(failure.clone(), known));
    }
    drop(conn);
    databases.drop(&clone).await?;
    Ok(replayed)
}

fn judged(mut failure: Failure, known: Known) -> Replayed {
    let fate = match known {
        Known::Broken(counterexample) | Known::Risk(Trap::Ran(counterexample)) => {
            failure.counterexample = counterexample;
            Fate::StillFails
        }
        Known::Risk(Trap::Fact(_) | Trap::Script { .. }) => Fate::StillFails,
        Known::Holds { .. } => Fate::Holds,
        Known::Untested { reason } | Known::OutOfScope { reason } => Fate::Untested(reason),
    };
    Replayed { failure, fate }
}
