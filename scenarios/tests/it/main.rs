//! What needs no server: scripts, their values, the built-in scenarios, and settings of pools.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should fail")]

mod builtin;
mod evaluate;
mod fake;
mod profiles;
mod script;
