//! `migration-keeps-values`: up and down together give back what rows held.
//!
//! It is tried by running the migrations themselves: see [`crate::invariants::rehearsal`].

use super::Invariant;
use crate::invariants::rehearsal;

pub(super) const INVARIANT: Invariant = Invariant {
    id: rehearsal::KEEPS_VALUES,
    group: "migrations",
    page: include_str!("pages/migration-keeps-values.md"),
    derive: |_| Vec::new(),
};
