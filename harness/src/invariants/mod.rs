//! What a schema promises, tried on a real server without a test written by anyone.

pub mod case;
pub mod model;
pub mod promise;
pub mod runner;
