//! The constraints of tables.

use serde::{Deserialize, Serialize};

use super::about::About;
use super::name::Name;

/// A constraint of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    pub name: String,
    pub kind: ConstraintKind,
    /// The columns it is about, in its own order; an exclusion may have expressions among them.
    pub columns: Vec<String>,
    /// What a foreign key points to.
    pub references: Option<References>,
    /// The condition of a check.
    pub expression: Option<String>,
    /// The operators of an exclusion, one for each element.
    pub operators: Vec<String>,
    pub deferrable: bool,
    pub initially_deferred: bool,
    /// Whether rows from before it are known to satisfy it.
    pub validated: bool,
    /// Whether `DISABLE TRIGGER ALL` took away some of what enforces it.
    pub disabled: bool,
    /// Whether tables that inherit are exempt.
    pub no_inherit: bool,
    /// Of how many parents it is inherited.
    pub inherited: i32,
    /// Whether only inheritance keeps it here.
    pub not_local: bool,
    /// The constraint of the partitioned table that it is part of.
    pub attached_to: Option<String>,
    /// As `ALTER TABLE ... ADD CONSTRAINT` would have it.
    pub definition: String,
    pub about: About,
}

/// What a constraint demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ConstraintKind {
    #[serde(rename = "check", alias = "c")]
    Check,
    #[serde(rename = "foreign key", alias = "f")]
    ForeignKey,
    #[serde(rename = "primary key", alias = "p")]
    PrimaryKey,
    #[serde(rename = "unique", alias = "u")]
    Unique,
    #[serde(rename = "exclusion", alias = "x")]
    Exclusion,
    /// Only where it says more than its column's `not_null`: a name of its own,
    /// not validated, or not inherited (from version 18).
    #[serde(rename = "not null", alias = "n")]
    NotNull,
}

/// What a foreign key points to, and what it does when that goes away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct References {
    pub table: Name,
    /// The columns there, in the order of the constraint's own.
    pub columns: Vec<String>,
    pub on_update: Action,
    pub on_delete: Action,
    /// The columns that `ON DELETE SET NULL (...)` or `SET DEFAULT (...)` names; none means all.
    pub set_columns: Vec<String>,
    #[serde(rename = "match")]
    pub matching: Match,
}

/// What a foreign key does when the row it points to goes away or changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Action {
    #[serde(rename = "no action", alias = "a")]
    NoAction,
    #[serde(rename = "restrict", alias = "r")]
    Restrict,
    #[serde(rename = "cascade", alias = "c")]
    Cascade,
    #[serde(rename = "set null", alias = "n")]
    SetNull,
    #[serde(rename = "set default", alias = "d")]
    SetDefault,
}

/// How a foreign key of several columns treats nulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Match {
    #[serde(rename = "simple", alias = "s")]
    Simple,
    #[serde(rename = "full", alias = "f")]
    Full,
    #[serde(rename = "partial", alias = "p")]
    Partial,
}
