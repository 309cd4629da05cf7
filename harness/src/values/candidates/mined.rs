//! Values that decide a condition.

use super::super::types::Resolved;
use super::unique;
use crate::sql::expression::{Literal, literals};

/// Values that decide `expression` when the column has them: its constants and their neighbours.
pub fn mined(expression: &str, _resolved: &Resolved) -> Vec<String> {
    unique(literals(expression).into_iter().filter_map(|literal| match literal {
        Literal::Number(text) | Literal::Text(text) | Literal::Interval(text) => Some(text),
        Literal::Pattern { .. } => None,
    }))
}
