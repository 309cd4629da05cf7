//! What the users of a schema do, as data: named mixes of operations.
//!
//! The built-in ones drive the RAPIDS schema in `migrations/`. A new one is a file in
//! `builtin/` and a line in [`SCENARIOS`].

pub mod workload;

mod builtin;

pub use workload::{Operation, Scenario};

/// Every built-in scenario.
pub static SCENARIOS: &[&Scenario] = &[&builtin::working_day::SCENARIO];

/// The scenario of this name.
pub fn by_name(name: &str) -> Option<&'static Scenario> {
    SCENARIOS.iter().copied().find(|scenario| scenario.name == name)
}
