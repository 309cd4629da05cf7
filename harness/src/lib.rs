//! Puts a PostgreSQL schema through its paces before production does.
//!
//! [`server`] starts a real Postgres, [`source`] reads the migrations of a project, and
//! [`verify`](mod@verify) applies each, takes it back and applies it again, comparing what
//! [`catalog`] reads in between. [`run`] makes a report of it.

pub mod catalog;
pub mod checks;
pub mod database;
pub mod error;
pub mod invariants;
pub mod migrate;
pub mod run;
pub mod server;
pub mod source;
pub mod sql;
pub mod values;
pub mod verify;
