//! Sequences.

use serde::{Deserialize, Serialize};

use super::about::About;
use super::name::Name;

/// A sequence. What it has counted to is data, not schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    pub name: Name,
    pub about: About,
    pub unlogged: bool,
    /// `integer`, `bigint` or `smallint`.
    #[serde(rename = "type")]
    pub data_type: String,
    pub start: i64,
    pub increment: i64,
    pub minimum: i64,
    pub maximum: i64,
    pub cache: i64,
    pub cycle: bool,
    /// The column it goes away with. An identity column's is inside that column instead.
    pub owned_by: Option<OwnedBy>,
}

/// The column that owns a sequence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OwnedBy {
    pub table: Name,
    pub column: String,
}
