//! Tables, their columns, and what hangs on them: triggers, policies, rules.

use serde::{Deserialize, Serialize};

use super::about::{About, list, masked, or_default};
use super::constraint::Constraint;
use super::index::Index;
use super::name::Name;
use super::sequence::Sequence;

/// An ordinary, partitioned or foreign table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Table {
    pub name: Name,
    pub kind: TableKind,
    pub about: About,
    pub unlogged: bool,
    /// The composite type it was made `OF`.
    pub of_type: Option<String>,
    /// `RANGE (created_at)`, of a partitioned table.
    pub partition_key: Option<String>,
    /// What it is a partition of.
    pub partition: Option<Partition>,
    /// The tables it inherits from, in the order of its declaration.
    #[serde(deserialize_with = "or_default")]
    pub inherits: Vec<Name>,
    /// `heap` of most tables; none of partitioned and foreign ones.
    pub access_method: Option<String>,
    /// The tablespace, if it is not the database's own.
    pub tablespace: Option<String>,
    /// Storage parameters as `name=value`.
    #[serde(deserialize_with = "list")]
    pub options: Vec<String>,
    /// Storage parameters of its TOAST table.
    #[serde(deserialize_with = "list")]
    pub toast_options: Vec<String>,
    pub row_security: bool,
    /// Whether policies hold for the owner too.
    pub row_security_forced: bool,
    /// `default`, `nothing`, `full` or `index` with its name.
    pub replica_identity: String,
    /// The server of a foreign table.
    pub server: Option<String>,
    #[serde(deserialize_with = "masked")]
    pub server_options: Vec<String>,
    /// In order; a dropped column leaves no gap.
    pub columns: Vec<Column>,
    pub constraints: Vec<Constraint>,
    pub indexes: Vec<Index>,
    pub triggers: Vec<Trigger>,
    pub policies: Vec<Policy>,
    pub rules: Vec<Rule>,
}

/// How a table keeps its rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TableKind {
    #[default]
    Ordinary,
    Partitioned,
    Foreign,
}

/// The place of a partition in its parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    /// The partitioned table.
    pub of: Name,
    /// `FOR VALUES FROM (1) TO (10)` or `DEFAULT`.
    pub bound: String,
    /// Whether `DETACH CONCURRENTLY` was left half done.
    pub detach_pending: bool,
}

/// A column of a table or view, or an attribute of a composite type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub data_type: TypeRef,
    /// The collation, where it is not the type's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    pub not_null: bool,
    /// The default, unless it is generated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// The storage, where it is not the type's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression: Option<String>,
    /// The statistics target, where it is not the server's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistics: Option<i32>,
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    #[serde(deserialize_with = "masked", skip_serializing_if = "Vec::is_empty")]
    pub server_options: Vec<String>,
    /// Of how many parents it is inherited.
    #[serde(skip_serializing_if = "is_zero")]
    pub inherited: i32,
    /// Whether only inheritance keeps it here, so that it goes with the parent's.
    #[serde(skip_serializing_if = "is_false")]
    pub not_local: bool,
    pub about: About,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // Serde passes a reference.
fn is_zero(n: &i32) -> bool {
    *n == 0
}

#[allow(clippy::trivially_copy_pass_by_ref)] // Serde passes a reference.
fn is_false(b: &bool) -> bool {
    !*b
}

/// The type of a column, as text with its modifiers and as the name to look up.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TypeRef {
    /// As Postgres writes it: `numeric(10,2)`, `public.mood[]`.
    pub text: String,
    /// The schema of the type, or of an array's element type.
    pub schema: String,
    /// Its bare name without modifiers: `numeric`, `int4`, `mood`.
    pub name: String,
    /// Whether it is an array of the named type.
    pub array: bool,
}

/// How a generated column comes by its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// Whether the value is kept; if not, it is computed when read.
    pub stored: bool,
    pub expression: String,
}

/// How an identity column counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// `GENERATED ALWAYS`; if not, `BY DEFAULT`.
    pub always: bool,
    /// Has the owner of the table and is owned by the column.
    pub sequence: Sequence,
}

/// A trigger that a user made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    pub name: String,
    pub timing: Timing,
    #[serde(deserialize_with = "list")]
    pub events: Vec<Event>,
    pub for_each_row: bool,
    /// Whether it is a `CONSTRAINT TRIGGER`.
    pub constraint: bool,
    /// The function it calls, with its argument types.
    pub function: String,
    pub enabled: Enabled,
    /// Whether it is a partition's copy, kept here since it is not enabled like its parent's.
    pub inherited: bool,
    /// The statement that makes it.
    pub definition: String,
    #[serde(default)]
    pub about: About,
}

/// When a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Timing {
    #[serde(rename = "before")]
    Before,
    #[serde(rename = "after")]
    After,
    #[serde(rename = "instead of")]
    InsteadOf,
}

/// What a trigger fires on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    Insert,
    Update,
    Delete,
    Truncate,
}

/// Under which `session_replication_role` a trigger or rule fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Enabled {
    Origin,
    Always,
    Replica,
    Disabled,
}

impl Enabled {
    /// The words of `ALTER TABLE` before `TRIGGER` or `RULE`.
    pub(super) fn as_sql(self) -> &'static str {
        match self {
            Self::Origin => "ENABLE",
            Self::Always => "ENABLE ALWAYS",
            Self::Replica => "ENABLE REPLICA",
            Self::Disabled => "DISABLE",
        }
    }
}

/// A row security policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub name: String,
    /// `all`, `select`, `insert`, `update` or `delete`.
    pub command: String,
    pub permissive: bool,
    /// Quoted; `PUBLIC` is everyone.
    #[serde(deserialize_with = "list")]
    pub roles: Vec<String>,
    pub using: Option<String>,
    pub check: Option<String>,
    #[serde(default)]
    pub about: About,
}

/// A rewrite rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub name: String,
    pub enabled: Enabled,
    /// The statement that makes it.
    pub definition: String,
    #[serde(default)]
    pub about: About,
}
