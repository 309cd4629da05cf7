//! What is known of promises after a check, and failures as they are stored.

use serde::{Deserialize, Serialize};
use shakedown_reports::model::Place;

use super::case::{Case, Outcome};
use super::promise::{Duel, Evidence, Promise};
use super::script;
use super::soft_delete::SoftDelete;

/// What became of every promise.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    pub verdicts: Vec<Verdict>,
    pub soft_deletes: Vec<SoftDelete>,
    /// What the time did not suffice for: ids of promises.
    pub not_reached: Vec<String>,
    /// How many cases were run.
    pub cases: usize,
    /// The digest of the catalog that was tested.
    pub schema: String,
    /// The earlier failures that no longer fail.
    pub gone: Vec<Failure>,
    /// What else is to be said, a sentence each.
    pub remarks: Vec<String>,
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
    /// The invariant does not speak for this table, for this reason. Nothing was left undone.
    OutOfScope {
        reason: String,
    },
}

/// How a trap was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trap {
    Ran(Counterexample),
    Fact(String),
    /// This came of a script, and its place is known.
    Script {
        fact: String,
        place: Place,
    },
}

/// What did not come out as expected, with all that is needed to run it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counterexample {
    Case { setup: Vec<String>, case: Case, outcome: Outcome },
    Duel { duel: Duel, gave: Option<String> },
}

/// A failure as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub promise: Promise,
    /// The digest of the catalog on which it failed.
    pub schema: String,
    pub counterexample: Counterexample,
}

impl Checked {
    /// What is broken or could not be tried, a sentence each: nothing if all is well. Risks are
    /// not among them.
    pub fn wrong(&self) -> Vec<String> {
        let told = self.verdicts.iter().filter_map(|verdict| {
            let Promise { says, .. } = &verdict.promise;
            let id = verdict.promise.id();
            match &verdict.known {
                Known::Broken(counterexample) => {
                    let script = script::psql(says, counterexample);
                    Some(format!("{id}: it is not so that {says}:\n{script}"))
                }
                Known::Untested { reason } => Some(format!("{id} was not tried: {reason}")),
                _ => None,
            }
        });
        let late = self.not_reached.iter().map(|id| format!("{id} was not reached in the time"));
        told.chain(late).collect()
    }
}

impl Counterexample {
    /// As the only evidence of a promise, to be tried again.
    pub(super) fn evidence(&self) -> Evidence {
        match self {
            Self::Case { setup, case, .. } => Evidence::cases(setup.clone(), vec![case.clone()]),
            Self::Duel { duel, .. } => Evidence::Duels(vec![duel.clone()]),
        }
    }
}
