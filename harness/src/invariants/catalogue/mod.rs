//! The invariants: one file each, and its page beside it.
//!
//! The page of an invariant holds a schema on which it holds and one on which it fails; a test
//! tries both.

mod cascade_closure;
mod cascade_order;
mod default_values;
mod deferred_reference;
mod foreign_key_index;
mod foreign_key_match;
mod foreign_key_race;
mod foreign_keys;
mod key_change;
mod no_orphans;
mod orphans_by_trigger;
mod owner_deletable;
mod partly_null_reference;
mod reference_types;
mod rule_stops_cascade;
mod set_default_exists;
mod set_null_possible;
mod set_null_shared_column;
mod truncate_unseen;
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
    // Foreign keys.
    cascade_closure::INVARIANT,
    cascade_order::INVARIANT,
    orphans_by_trigger::INVARIANT,
    key_change::INVARIANT,
    foreign_key_match::INVARIANT,
    reference_types::INVARIANT,
    deferred_reference::INVARIANT,
    no_orphans::INVARIANT,
    truncate_unseen::INVARIANT,
    foreign_key_race::INVARIANT,
    partly_null_reference::INVARIANT,
    set_null_possible::INVARIANT,
    set_null_shared_column::INVARIANT,
    set_default_exists::INVARIANT,
    owner_deletable::INVARIANT,
    rule_stops_cascade::INVARIANT,
    foreign_key_index::INVARIANT,
    // Not null and checks.
    default_values::INVARIANT,
];

/// The invariant of this id.
pub fn invariant(id: &str) -> Option<&'static Invariant> {
    INVARIANTS.iter().find(|invariant| invariant.id == id)
}
