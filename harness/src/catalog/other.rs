//! Objects that few schemas have: each is the statements that make it.

use serde::{Deserialize, Serialize};

use super::about::{About, Grant, list, masked};
use super::kind::Kind;

/// A rarer object, such as an operator, a cast, a server or a publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Other {
    pub kind: Kind,
    /// As `DROP` would name it after its kind: `public.===(integer,integer)`, `(text AS xml)`.
    pub name: String,
    /// The bare names that a statement about it would mention.
    pub bare: Vec<String>,
    pub about: About,
    /// Of foreign data wrappers, servers and user mappings; secrets are masked.
    #[serde(deserialize_with = "masked")]
    pub options: Vec<String>,
    /// The statements that make it, without its options.
    pub definition: String,
}

/// What `ALTER DEFAULT PRIVILEGES` set for objects that a role is yet to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultPrivileges {
    /// The role that will make them.
    pub role: String,
    /// The schema they will be in; `None` is any.
    pub schema: Option<String>,
    /// `tables`, `sequences`, `functions`, `types` or `schemas`.
    pub objects: String,
    #[serde(deserialize_with = "list")]
    pub privileges: Vec<Grant>,
    /// What the privileges would be without this entry; within a schema, none on top.
    #[serde(deserialize_with = "list")]
    pub otherwise: Vec<Grant>,
}
