//! `rows-follow-the-model`: whatever is done to the rows, the database does what its catalog says.
//!
//! Its cases are generated while the check runs: see [`crate::invariants::generated`].

use super::Invariant;
use crate::invariants::generated;

pub(super) const INVARIANT: Invariant = Invariant {
    id: generated::ID,
    group: "everything at once",
    page: include_str!("pages/rows-follow-the-model.md"),
    derive: |_| Vec::new(),
};
