//! The indexes of tables and materialized views.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::about::About;
use super::name::Name;

/// An index. It lives in the schema of its table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    pub name: String,
    /// `btree`, `gin`, ...
    pub method: String,
    /// Whether a constraint of the same name owns it.
    pub of_constraint: bool,
    pub unique: bool,
    pub nulls_not_distinct: bool,
    /// What it is ordered by.
    pub columns: Vec<IndexColumn>,
    /// What it carries along with `INCLUDE`.
    pub include: Vec<String>,
    /// The condition of a partial index.
    pub predicate: Option<String>,
    /// Whether queries may use it; not after a failed `CREATE INDEX CONCURRENTLY`.
    pub valid: bool,
    /// Whether writes maintain it.
    pub ready: bool,
    /// Whether the table was last clustered on it.
    pub clustered: bool,
    /// Storage parameters as `name=value`.
    pub options: Vec<String>,
    pub tablespace: Option<String>,
    /// The index of the partitioned table that it is part of.
    pub attached_to: Option<Name>,
    /// Statistics targets of expressions, by the number of the column.
    pub statistics: BTreeMap<i16, i32>,
    /// The statement that makes it; none if a constraint owns it.
    pub definition: Option<String>,
    pub about: About,
}

/// One key of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexColumn {
    /// The column, unless the key is an expression.
    pub column: Option<String>,
    pub expression: Option<String>,
    pub collation: Option<String>,
    /// With its schema, unless it is Postgres's own.
    pub operator_class: String,
    pub descending: bool,
    pub nulls_first: bool,
}
