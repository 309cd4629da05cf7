//! The behaviour of the library and the command, on real servers.
//!
//! One module per part: `source` reads folders, `sql` reads text, `catalog` reads and compares
//! schemas, `values` makes values of every type, `verify` tests migrations, `server` and
//! `container` start and stop Postgres, `cli` is the command as a user meets it, `invariants`
//! tries every invariant, `model` the reference model, `mutate` changes schemas to measure
//! suites, `failures` is what is kept of broken promises, `judged` what a report says of promises,
//! `readme` keeps the README true, `scenarios` tries the built-in workloads.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test says what it expects by panicking, and on stderr what it could not run"
)]

mod catalog;
mod cli;
mod container;
mod datagen;
mod failures;
mod invariants;
mod judged;
mod model;
mod mutate;
mod readme;
mod server;
mod source;
mod sql;
mod support;
mod values;
mod verify;
