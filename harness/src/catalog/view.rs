//! Views and materialized views.

use serde::{Deserialize, Serialize};

use super::about::{About, list};
use super::index::Index;
use super::name::Name;
use super::table::{Column, Rule, Trigger};

/// A view or materialized view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    pub name: Name,
    pub materialized: bool,
    pub about: About,
    /// The query, ending in a semicolon.
    pub definition: String,
    /// Whether it can be read: not so after `WITH NO DATA`.
    pub populated: bool,
    /// `check_option`, `security_barrier` and the like as `name=value`.
    #[serde(deserialize_with = "list")]
    pub options: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub toast_options: Vec<String>,
    /// Of a materialized view.
    pub access_method: Option<String>,
    pub tablespace: Option<String>,
    #[serde(default)]
    pub columns: Vec<Column>,
    /// Of a materialized view.
    #[serde(default)]
    pub indexes: Vec<Index>,
    #[serde(default)]
    pub triggers: Vec<Trigger>,
    #[serde(default)]
    pub rules: Vec<Rule>,
}
