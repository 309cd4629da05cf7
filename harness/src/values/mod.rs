//! Values of columns: what a type can hold, where its limits lie, and which values decide a
//! check. Both the rows that `datagen` makes and the cases of `invariants` are built of them.

pub mod candidates;
pub mod types;

/// A value as the text that Postgres reads it from; `None` is NULL.
pub type Value = Option<String>;

/// The value as it stands in a statement: `NULL` or a quoted literal of no type.
pub fn literal(value: &Value) -> String {
    match value {
        None => "NULL".to_owned(),
        Some(text) => crate::catalog::quote_literal(text),
    }
}
