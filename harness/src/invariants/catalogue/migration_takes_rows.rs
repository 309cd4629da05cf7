//! `migration-takes-rows`: a migration also succeeds where the tables have rows.
//!
//! It is tried by running the migrations themselves: see [`crate::invariants::rehearsal`].

use super::Invariant;
use crate::invariants::rehearsal;

pub(super) const INVARIANT: Invariant = Invariant {
    id: rehearsal::TAKES_ROWS,
    group: "migrations",
    page: include_str!("pages/migration-takes-rows.md"),
    derive: |_| Vec::new(),
};
