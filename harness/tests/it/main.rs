//! The behaviour of the library and the command, on real servers.
//!
//! One module per part: `source` reads folders, `write` adds to them, `sql` reads text, `catalog` reads and compares
//! schemas, `values` makes values of every type, `verify` tests migrations, `pending` those that a database with rows has not had, `server` and
//! `container` start and stop Postgres, `neon` branches, `bouncer` PgBouncer, `cli` is the command as a user meets
//! it, `invariants` tries every invariant, `model` the reference model, `mutate` changes schemas to
//! measure suites, `failures` is what is kept of broken promises, `judged` what a report says of
//! promises, `readme` keeps the README true. `engine` and `pool` drive load, `observe` watches the
//! server meanwhile, `report` reads and compares stored reports, `derive` makes workloads that nobody wrote, `queries` those of queries that
//! people have, `pgbench` compares its tables with
//! our own, and `load` is what a user sees of all that. `index` tries index strategies, `folklore`
//! what people say of them, and `gate` judges releases. `generate` compares completions, man pages and
//! schemas with those that are committed, `init` sets up projects, `watch` tests what is edited, and
//! `run` does everything at once. `documents` has the guides.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test says what it expects by panicking, and on stderr what it could not run"
)]

mod bouncer;
mod catalog;
mod cli;
mod container;
mod datagen;
mod derive;
mod documents;
mod engine;
mod failures;
mod folklore;
mod gate;
mod generate;
mod index;
mod init;
mod invariants;
mod judged;
mod load;
mod model;
mod mutate;
mod neon;
mod observe;
mod pending;
mod pgbench;
mod pool;
mod queries;
mod readme;
mod report;
mod run;
mod server;
mod source;
mod sql;
mod support;
mod values;
mod verify;
mod watch;
mod write;
