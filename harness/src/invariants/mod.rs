//! What a schema promises, tried on a real server without a test written by anyone.

pub mod allow;
mod bookkeeping;
pub mod case;
pub mod catalogue;
pub mod check;
pub mod context;
pub mod duel;
pub mod family;
mod findings;
pub mod generated;
pub mod model;
pub mod mutate;
mod place;
pub mod promise;
pub mod rehearsal;
pub mod replay;
pub mod report;
pub mod runner;
pub mod script;
pub mod select;
pub mod soft_delete;
pub mod store;
pub mod strength;
pub mod suite;
mod verdict;
mod words;

use shakedown_reports::model::Severity;

use crate::checks::Rule;

/// What is found besides promises that are not kept.
pub static RULES: &[Rule] = &[Rule {
    id: allow::UNUSED,
    severity: Severity::Warning,
    page: include_str!("rules/allowance-unused.md"),
}];
