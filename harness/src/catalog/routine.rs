//! Functions and procedures.

use serde::{Deserialize, Serialize};

use super::about::{About, list};
use super::name::Name;

/// A function, procedure or window function. Aggregates are [`super::Other`] objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routine {
    pub name: Name,
    /// Its name with the types of its arguments, which tell it from its namesakes.
    pub signature: String,
    pub kind: RoutineKind,
    pub about: About,
    /// The arguments with their names, modes and defaults.
    pub arguments: String,
    /// None for a procedure.
    pub result: Option<String>,
    pub language: String,
    /// `immutable`, `stable` or `volatile`.
    pub volatility: String,
    /// Whether a null argument makes the result null without a call.
    pub strict: bool,
    pub security_definer: bool,
    pub leakproof: bool,
    /// `safe`, `restricted` or `unsafe`.
    pub parallel: String,
    /// The planner's estimate of its cost.
    pub cost: String,
    /// The planner's estimate of its rows, if it returns a set.
    pub rows: Option<String>,
    /// The planner's support function.
    pub support: Option<String>,
    /// Settings in effect during a call, as `name=value`.
    #[serde(deserialize_with = "list")]
    pub settings: Vec<String>,
    /// The types that are transformed for its language.
    #[serde(deserialize_with = "list")]
    pub transforms: Vec<String>,
    /// The source, or the symbol in `library`; empty if there is an `sql_body`.
    pub body: String,
    /// The file that holds a C function.
    pub library: Option<String>,
    /// The body in standard SQL, which Postgres keeps parsed.
    pub sql_body: Option<String>,
}

/// What kind of routine it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoutineKind {
    Function,
    Procedure,
    Window,
}
