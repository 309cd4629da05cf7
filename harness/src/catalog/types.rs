//! Types that users make.

use serde::{Deserialize, Serialize};

use super::about::About;
use super::name::Name;
use super::table::{Column, TypeRef};

/// A type that was made as such: not an array type, a table's row type or a multirange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Type {
    pub name: Name,
    pub about: About,
    pub kind: TypeKind,
}

/// What kind of type it is, with what only that kind has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TypeKind {
    Enum {
        /// In their order.
        labels: Vec<String>,
    },
    Domain(Domain),
    Composite {
        /// In their order.
        attributes: Vec<Column>,
    },
    Range(Range),
    Base {
        /// The clauses of `CREATE TYPE`.
        definition: String,
    },
    /// Declared and not yet defined.
    Shell,
}

/// A domain over another type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    #[serde(rename = "type")]
    pub data_type: TypeRef,
    /// The collation, where it is not the base type's own.
    pub collation: Option<String>,
    pub default: Option<String>,
    pub not_null: bool,
    pub constraints: Vec<DomainConstraint>,
}

/// A check of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainConstraint {
    pub name: String,
    pub expression: String,
    pub validated: bool,
    /// As `ALTER DOMAIN ... ADD CONSTRAINT` would have it.
    pub definition: String,
    pub comment: Option<String>,
}

/// A range type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    pub subtype: String,
    /// The type of ranges of such ranges.
    pub multirange: String,
    /// The operator class, where it is not the subtype's default.
    pub operator_class: Option<String>,
    pub collation: Option<String>,
    pub canonical: Option<String>,
    pub subtype_diff: Option<String>,
}
