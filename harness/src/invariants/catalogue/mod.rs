//! The invariants: one file each, and its page beside it.
//!
//! The page of an invariant holds a schema on which it holds and one on which it fails; a test
//! tries both.

mod default_values;
mod rows_follow_the_model;
mod unique_columns;

use super::context::Context;
use super::promise::Promise;

/// Something that schemas promise.
#[derive(Debug)]
pub struct Invariant {
    /// As reports, `--only` and allowances name it.
    pub id: &'static str,
    /// What it is about: `uniqueness`, `foreign keys`, ...
    pub group: &'static str,
    /// What `shakedown rule <id>` prints: what is promised, how it is tried, what commonly goes
    /// wrong, a schema on which it holds and one on which it fails.
    pub page: &'static str,
    /// The promises of this kind that a schema makes.
    pub derive: fn(&Context) -> Vec<Promise>,
}

impl Invariant {
    /// What is promised, as the first paragraph of its page says it, in one line.
    pub fn summary(&self) -> String {
        let lines = self.page.lines().skip(1).skip_while(|line| line.trim().is_empty());
        lines.take_while(|line| !line.trim().is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// Every invariant, in the order in which reports have them.
pub static INVARIANTS: &[Invariant] = &[
    // Uniqueness.
    unique_columns::INVARIANT,
    // Not null and checks.
    default_values::INVARIANT,
    // Everything at once.
    rows_follow_the_model::INVARIANT,
];

/// The invariant of this id.
pub fn invariant(id: &str) -> Option<&'static Invariant> {
    INVARIANTS.iter().find(|invariant| invariant.id == id)
}
