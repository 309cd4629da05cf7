//! Runs what was derived from a schema and says of each promise whether it holds.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgConnection;

use super::case::{Case, Group, Outcome};
use super::catalogue::INVARIANTS;
use super::context::Context;
use super::promise::{Evidence, Otherwise, Promise};
use super::runner::Runner;
use super::soft_delete::SoftDelete;
use crate::catalog::{self, Catalog};
use crate::error::{Error, Result};

/// What to try, and for how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many generated cases each table gets.
    pub cases: usize,
    /// How long all may take; what is not reached by then is named.
    pub time: Option<Duration>,
    /// The same seed gives the same generated cases.
    pub seed: u64,
    /// Only these invariants or tables; all if there are none.
    pub only: Vec<String>,
    /// By table, the condition under which a row is live, or `none`: for those that are not
    /// found out, or wrongly.
    pub soft_deletes: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { cases: 1000, time: None, seed: 1, only: Vec::new(), soft_deletes: BTreeMap::new() }
    }
}

/// What became of every promise.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    pub verdicts: Vec<Verdict>,
    pub soft_deletes: Vec<SoftDelete>,
    /// What the time did not suffice for: names of tables or promises.
    pub not_reached: Vec<String>,
    /// How many cases were run.
    pub cases: usize,
    /// The digest of the catalog that was tested.
    pub schema: String,
    /// The stored failures that no longer fail.
    pub gone: Vec<Failure>,
}

/// A promise and what is known of it.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub promise: Promise,
    pub known: Known,
}

/// What is known of a promise after the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// This many cases came out as expected, and none did not.
    Holds {
        cases: usize,
    },
    Broken(Counterexample),
    /// A known trap: seen by running it, or told by the catalog alone.
    Risk(Trap),
    /// It could not be tried, for this reason.
    Untested {
        reason: String,
    },
}

/// How a trap was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trap {
    Ran(Counterexample),
    Fact(String),
}

/// A case that did not come out as expected, with all that is needed to run it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterexample {
    pub setup: Vec<String>,
    pub case: Case,
    pub outcome: Outcome,
}

/// A failure as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// [`Promise::id`] of the promise.
    pub promise: String,
    pub says: String,
    /// The digest of the catalog on which it failed.
    pub schema: String,
    pub counterexample: Counterexample,
}

/// The digest by which a schema is known: the same if and only if the catalog is.
///
/// # Errors
/// When the catalog cannot be written down, which is a bug.
pub fn digest(catalog: &Catalog) -> Result<String> {
    let json = serde_json::to_vec(catalog)
        .map_err(|error| Error::new("the catalog cannot be written down").because(error))?;
    Ok(Sha256::digest(&json).iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

/// The promises of a schema, by the registry.
pub fn promises(context: &Context, only: &[String]) -> Vec<Promise> {
    let wanted = |promise: &Promise| {
        let table = promise.table.to_string();
        only.is_empty()
            || only.iter().any(|name| {
                *name == promise.invariant || *name == table || *name == promise.table.name
            })
    };
    let all = INVARIANTS.iter().flat_map(|invariant| (invariant.derive)(context));
    all.filter(wanted).collect()
}

/// Tries the promises of the schema that `conn` is connected to. All is rolled back.
///
/// # Errors
/// When the connection is lost, or the session may not do what is needed to run cases.
pub async fn check(conn: &mut PgConnection, options: &Options) -> Result<Checked> {
    let begun = Instant::now();
    let catalog = catalog::load(conn).await?;
    let schema = digest(&catalog)?;
    let context = Context::load(conn, catalog, &options.soft_deletes).await?;
    let mut checked = Checked { schema, ..Checked::default() };
    let late = || options.time.is_some_and(|time| begun.elapsed() > time);
    let mut runner = Runner::new(conn, context.deferred).await?;
    for promise in promises(&context, &options.only) {
        if late() {
            checked.not_reached.push(promise.id());
            continue;
        }
        let known = judge(&mut runner, &promise).await?;
        checked.verdicts.push(Verdict { promise, known });
    }
    checked.cases = runner.ran;
    checked.soft_deletes = context.soft_deletes;
    Ok(checked)
}

/// Finds out whether one promise holds.
async fn judge(runner: &mut Runner<'_>, promise: &Promise) -> Result<Known> {
    let groups = match &promise.evidence {
        Evidence::Untested(reason) => return Ok(Known::Untested { reason: reason.clone() }),
        Evidence::Seen(fact) => return Ok(Known::Risk(Trap::Fact(fact.clone()))),
        Evidence::Duels(_) => return Ok(Known::Untested { reason: "duels come later".to_owned() }),
        Evidence::Cases(groups) => groups,
    };
    let outcomes = runner.run(groups).await?;
    for (group, outcomes) in groups.iter().zip(outcomes) {
        for (case, outcome) in group.cases.iter().zip(outcomes) {
            if case.admits(&outcome) {
                continue;
            }
            return alone(runner, promise, group, case, outcome).await;
        }
    }
    Ok(Known::Holds { cases: promise.cases() })
}

/// Runs a case that went wrong again by itself: only what goes wrong each time counts.
async fn alone(
    runner: &mut Runner<'_>,
    promise: &Promise,
    group: &Group,
    case: &Case,
    before: Outcome,
) -> Result<Known> {
    if let Outcome::Unreachable(rejection) = &before {
        let reason = format!("the rows it starts from are refused: {}", rejection.message);
        return Ok(Known::Untested { reason });
    }
    let again = Group { setup: group.setup.clone(), cases: vec![case.clone()] };
    let outcome = runner.run(&[again]).await?.into_iter().flatten().next();
    let outcome = match outcome {
        Some(outcome) if !case.admits(&outcome) => outcome,
        _ => {
            let reason = format!("{} comes out differently from run to run", case.about);
            return Ok(Known::Untested { reason });
        }
    };
    let counterexample = Counterexample { setup: group.setup.clone(), case: case.clone(), outcome };
    Ok(match promise.otherwise {
        Otherwise::Broken => Known::Broken(counterexample),
        Otherwise::Risk { .. } => Known::Risk(Trap::Ran(counterexample)),
    })
}
