//! The words for gates: what was measured on a base and on a candidate, and whether the candidate
//! may go on.

mod counters;
mod criterion;
mod decide;
mod limit;

pub use counters::{
    MEASURES, Measure, Tolerances, changed_plans, counters, failing_on_both, failures, sizes,
};
pub use criterion::{Estimate, criterion};
pub use decide::{OUTSIDE, decide, ratio, time};
pub use limit::{Limit, Value, Values, measures};

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::index::Counted;
use crate::load::Workload;
use crate::model::Outcome;
use crate::stats::Interval;

/// What a release was measured against, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Gates {
    /// What is to be released.
    pub candidate: Side,
    /// What it is compared with; nothing where there are only limits.
    pub base: Option<Side>,
    /// What the users do; nothing where nothing was driven.
    pub scenario: Option<Workload>,
    /// How many rows each table of the candidate had at the beginning: `public.users`.
    pub rows: BTreeMap<String, u64>,
    /// What rows and arguments come from: the same seed gives the same counts.
    pub seed: u64,
    /// The times of two clones of the base beside each other, or of the candidate where no base was
    /// made, by which one sees what this machine can tell apart: where nothing differs, the ratio
    /// is 1. Nothing if no times were measured.
    pub floor: Option<Interval>,
    /// Everything that was decided, in the order in which it was.
    pub gates: Vec<Gate>,
    /// What is to become of the outcome where nothing could be decided.
    pub inconclusive: Inconclusive,
    /// What was not compared and why, a sentence each.
    pub left_out: Vec<String>,
    /// What one has to know of the whole, a sentence each.
    pub notes: Vec<String>,
    /// Why it ended before everything was done, if it did.
    pub incomplete: Option<String>,
}

/// One of the two that are compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Side {
    /// As the user named it, with what it stood for: `origin/main (3f2a91c)`.
    pub name: String,
    /// How many migrations it has; nothing for what was read from a report.
    pub migrations: Option<usize>,
    /// What each operation counted.
    pub operations: Vec<Counted>,
    /// The bytes of each table, index and other relation after the operations: `public.users`.
    pub sizes: BTreeMap<String, u64>,
    /// The median time of each operation, in milliseconds, where it was measured.
    pub times: BTreeMap<String, f64>,
}

/// One thing that was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Gate {
    /// The kind of evidence.
    pub kind: Kind,
    /// What it is about: an operation, a relation, a migration, a benchmark; nothing if it is the
    /// whole.
    pub subject: Option<String>,
    /// What was measured: `buffers`, `time`; or the limit as the user wrote it.
    pub measure: String,
    /// The unit of the values: `pages`, `bytes`, `ms`, `rows`; empty for plain numbers.
    pub unit: String,
    /// The value of the base, for one operation.
    pub base: Option<f64>,
    /// The value of the candidate, for one operation.
    pub candidate: Option<f64>,
    /// The candidate divided by the base, where it is not exact.
    pub ratio: Option<Interval>,
    /// A second clone of the base divided by the first, of the same: what cannot be told apart here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Interval>,
    /// The part by which the candidate may be more than the base, from 0; nothing for a limit.
    pub tolerance: Option<f64>,
    /// How many operations, pairs of slices or samples it comes from.
    pub of: u64,
    /// What was decided.
    pub verdict: Verdict,
    /// What explains it, a sentence each: the plan before and after.
    pub notes: Vec<String>,
}

/// The kinds of evidence, the strongest first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Counts of the server, which do not vary with the machine.
    Counter,
    /// Times of both in turns, in one run; or those of a stored report beside those of now.
    Time,
    /// Something that the user set a limit to.
    Limit,
    /// Estimates that criterion saved.
    Criterion,
}

/// What was decided of one gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[schemars(deny_unknown_fields)]
pub enum Verdict {
    /// It is within the tolerance, or the limit.
    Pass,
    /// It is beyond it.
    Regress,
    /// The interval lies on both sides of it, and there was no time for more.
    Inconclusive,
    /// It is beyond it, and the user allows that.
    Allowed {
        /// As the configuration gives it.
        reason: String,
    },
}

/// What becomes of the outcome where something could not be decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Inconclusive {
    /// The job could not be done: exit code 2.
    #[default]
    Undecided,
    /// As if it had passed.
    Pass,
    /// As if it had been found to be worse.
    Fail,
}

impl Gates {
    /// Whether the candidate may go on. Where it was only counted, there was nothing to judge.
    pub fn outcome(&self) -> Outcome {
        let any = |wanted: &Verdict| self.gates.iter().any(|gate| gate.verdict == *wanted);
        let undecided = any(&Verdict::Inconclusive);
        if any(&Verdict::Regress) || undecided && self.inconclusive == Inconclusive::Fail {
            return Outcome::Found;
        }
        let undecided = undecided && self.inconclusive == Inconclusive::Undecided;
        match undecided || self.incomplete.is_some() || self.nothing_compared() {
            true => Outcome::Incomplete,
            false => Outcome::Held,
        }
    }

    /// Whether there is a base and yet nothing that could be compared with it.
    fn nothing_compared(&self) -> bool {
        self.gates.is_empty() && self.base.is_some()
    }

    /// How many gates have this verdict.
    pub fn count(&self, verdict: &Verdict) -> usize {
        self.gates.iter().filter(|gate| gate.verdict == *verdict).count()
    }
}
