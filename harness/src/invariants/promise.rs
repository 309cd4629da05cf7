//! Promises: what a schema says of one of its objects, and the cases that try it.

use serde::{Deserialize, Serialize};

use super::case::{Case, Group};
use crate::catalog::Name;

/// One thing that the schema promises, or that its users will take it to promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// The id of the invariant it was derived by.
    pub invariant: String,
    pub table: Name,
    /// What in that table it is about: a constraint, an index, a trigger, a column or columns.
    /// With the table and the invariant it names the promise.
    pub object: String,
    /// As a sentence without a full stop: `no two rows agree in lower(email)`.
    pub says: String,
    /// What it means when a case goes wrong.
    pub otherwise: Otherwise,
    /// How it is known.
    pub evidence: Evidence,
}

/// What it means when a promise does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// The database lets through what the schema says it does not, or refuses what it allows.
    Broken,
    /// It does what was declared, and that is a known trap.
    Risk {
        /// What happens, as a sentence without a full stop: `two accounts can have addresses
        /// that differ only in case`.
        trap: String,
        /// The way out: best the SQL, else a sentence.
        way_out: String,
    },
}

/// How it is known whether a promise holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// By running these; the promise holds if every case comes out as expected.
    Cases(Vec<Group>),
    /// By running each of these on a clone, where everything commits.
    Duels(Vec<Duel>),
    /// The catalog alone shows that it does not hold, by this fact:
    /// `the index was left invalid by a failed CREATE INDEX CONCURRENTLY`.
    Seen(String),
    /// It could not be tried, for this reason, as the end of a sentence:
    /// `the trigger users_guard refuses every row: ...`.
    Untested(String),
}

/// Two sessions at the same time, each in one transaction. The first holds its transaction open
/// until the second is done or waits for it; then both commit. Either may be refused: what
/// counts is what is there afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duel {
    /// What is tried, as a phrase: `the same email from two sessions at once`.
    pub about: String,
    /// Committed before.
    pub setup: Vec<String>,
    pub first: Vec<String>,
    /// May be empty where only the commit of the first is of interest.
    pub second: Vec<String>,
    /// A query over what both leave behind.
    pub then: String,
    /// The value that it must give, as text.
    pub gives: String,
}

impl Promise {
    /// The name by which allowances and stored failures know it.
    pub fn id(&self) -> String {
        format!("{}:{}:{}", self.invariant, self.table, self.object)
    }

    /// The number of its cases.
    pub fn cases(&self) -> usize {
        match &self.evidence {
            Evidence::Cases(groups) => groups.iter().map(|group| group.cases.len()).sum(),
            Evidence::Duels(duels) => duels.len(),
            _ => 0,
        }
    }
}

impl Evidence {
    /// Cases that all start from the same rows.
    pub fn cases(setup: Vec<String>, cases: Vec<Case>) -> Self {
        Self::Cases(vec![Group { setup, cases }])
    }
}
