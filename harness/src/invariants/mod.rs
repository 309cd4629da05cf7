//! What a schema promises, tried on a real server without a test written by anyone.

pub mod case;
pub mod catalogue;
pub mod check;
pub mod context;
pub mod duel;
pub mod family;
pub mod generated;
pub mod model;
pub mod mutate;
pub mod promise;
pub mod runner;
pub mod soft_delete;
pub mod strength;
