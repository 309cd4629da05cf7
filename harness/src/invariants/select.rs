//! Which promises are asked for.

use super::catalogue;
use crate::catalog::Catalog;
use crate::error::{Error, Result};

/// The words of `--only` as ids of invariants and full names of tables. A table may be named
/// without its schema.
///
/// # Errors
/// When a word is neither.
pub fn select(only: &[String], catalog: &Catalog) -> Result<Vec<String>> {
    let mut selected = Vec::new();
    for word in only {
        let tables: Vec<String> = catalog
            .tables
            .iter()
            .filter(|table| table.name.to_string() == *word || table.name.name == *word)
            .map(|table| table.name.to_string())
            .collect();
        if catalogue::invariant(word).is_some() {
            selected.push(word.clone());
        } else if tables.is_empty() {
            return Err(unknown(word, catalog));
        } else {
            selected.extend(tables);
        }
    }
    Ok(selected)
}

fn unknown(word: &str, catalog: &Catalog) -> Error {
    const SHOWN: usize = 8;
    let tables: Vec<String> =
        catalog.tables.iter().take(SHOWN).map(|table| table.name.to_string()).collect();
    let more = if catalog.tables.len() > SHOWN { " ..." } else { "" };
    let known = match tables.is_empty() {
        true => "the schema has no tables".to_owned(),
        false => format!("its tables are {}{more}", tables.join(", ")),
    };
    Error::new(format!("the schema has no table `{word}`, and there is no such invariant"))
        .hint(format!("`shakedown invariants list` shows the invariants; {known}"))
}
