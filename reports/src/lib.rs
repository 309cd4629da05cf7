//! What Shakedown found and measured, as one plain value, and the formats it is rendered to.
//!
//! Nothing here knows a server, a clock or a file: [`model::Report`] goes in, text comes out.
//! A stored `report.json` is therefore enough to make every other format again.

pub mod compare;
pub mod figures;
pub mod gate;
pub mod index;
pub mod load;
pub mod merge;
pub mod model;
pub mod render;
pub mod stats;
pub mod stored;

mod identity;
mod table;

pub use merge::merge;
pub use model::Report;
