//! How operations are counted and timed, for whoever compares schemas: index strategies and gates.
//!
//! [`count`] tells what each operation costs by the counters of the server, which do not vary with
//! the machine: for that, [`quiet`] keeps the server still, [`ids`] makes random keys the same in
//! each run, and [`plan`] reads how statements are run. [`turns`] times databases in turns.

mod bench;
pub(crate) mod count;
pub(crate) mod ids;
pub(crate) mod plan;
pub(crate) mod quiet;
pub(crate) mod tables;
pub(crate) mod turns;

pub(crate) use bench::{Bench, execute};
