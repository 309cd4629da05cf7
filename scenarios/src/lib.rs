//! What the users of a schema do, and the engine that does it: named mixes of operations,
//! driven by goose at a given pace over connections or a pool, and measured.
//!
//! A scenario is read by [`script`], which takes pgbench's scripts as they are, and run by
//! [`engine::run`]. The built-in ones drive the RAPIDS schema; a new one is a folder in
//! `builtin/` and a line in `SCENARIOS`.

pub mod builtin;
pub mod engine;
pub mod error;
pub mod observe;
pub mod pool;
pub mod script;
pub mod values;
pub mod workload;

pub use workload::{Operation, Scenario};
