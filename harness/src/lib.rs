//! Puts a PostgreSQL schema through its paces before production does.
//!
//! [`server`] starts a real Postgres, [`source`] reads the migrations of a project, and
//! [`verify`](mod@verify) applies each, takes it back and applies it again, comparing what
//! [`catalog`] reads in between. [`invariants`] derives what a schema promises and tries to break
//! it. [`run`] makes a report of either.

pub mod catalog;
pub mod checks;
pub mod database;
pub mod datagen;
pub mod environment;
pub mod error;
#[cfg(feature = "load")]
pub mod gate;
#[cfg(feature = "load")]
pub mod index;
pub mod invariants;
#[cfg(feature = "load")]
pub mod load;
#[cfg(feature = "load")]
mod measure;
pub mod migrate;
pub mod prepare;
pub mod run;
pub mod server;
pub mod source;
pub mod sql;
pub mod values;
pub mod verify;
#[cfg(feature = "load")]
pub mod whole;
