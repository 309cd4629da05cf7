#![doc = include_str!("scripts.md")]

mod evaluate;
mod expression;
mod hash;
mod lines;
mod metas;
mod names;
mod random;
mod sql;
mod tokens;

pub use evaluate::{Scope, condition, evaluate};

use lines::Part;
use metas::Reader;

use crate::error::{Error, Result};
use crate::workload::{Operation, Value};

pub use lines::quoted;

/// Reads a script into an operation.
///
/// `file` is where the script stands, for messages; `tries` is how often a transaction is tried
/// that fails with 40001 or 40P01.
///
/// # Errors
/// What cannot be read, with its line: an unknown command, an expression that ends too early, a
/// variable that nothing gives a value.
pub fn read(name: &str, weight: u32, tries: u32, file: &str, text: &str) -> Result<Operation> {
    let mut reader = Reader::new();
    for piece in lines::pieces(text) {
        let read = match piece.part {
            Part::Meta(meta) => reader.meta(piece.line, meta),
            Part::Statement { text, end } => reader.statement(piece.line, text, end),
        };
        read.map_err(|wrong| wrong.at(file, piece.line))?;
    }
    let read = reader.finish().map_err(|(line, wrong)| wrong.at(file, line))?;
    if read.steps.is_empty() {
        return Err(Error::new(format!("the script `{file}` does nothing"))
            .hint("write at least one statement"));
    }
    Ok(Operation {
        name: name.to_owned(),
        weight,
        text: text.to_owned(),
        file: file.to_owned(),
        tries: tries.max(1),
        variables: read.names.variables,
        picks: read.names.picks,
        steps: read.steps,
    })
}

/// What is wrong with a line, and what to do about it.
#[derive(Debug)]
struct Wrong {
    what: String,
    hint: Option<String>,
}

impl From<String> for Wrong {
    fn from(what: String) -> Self {
        Self { what, hint: None }
    }
}

impl Wrong {
    fn at(self, file: &str, line: u32) -> Error {
        let error = Error::new(format!("`{file}:{line}`: {}", self.what));
        match self.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

/// A file and its weight, as pgbench takes them: `browse.sql@3`. The weight is 1 if left out.
///
/// # Errors
/// If what stands behind the last `@` is no number.
pub fn split_weight(text: &str) -> Result<(&str, u32)> {
    let Some((file, weight)) = text.rsplit_once('@') else { return Ok((text, 1)) };
    weight.parse().map(|weight| (file, weight)).map_err(|_| {
        Error::new(format!("`{weight}` is no weight of the script `{file}`"))
            .hint(format!("write {file}@3, or the file alone"))
    })
}

/// A value as pgbench writes it into a statement.
pub fn render(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Double(number) => double(*number),
        Value::Text(text) => text.to_string(),
    }
}

/// With the fewest digits that give the same number, as C's `%.17g` has at most.
fn double(number: f64) -> String {
    let plain = format!("{number}");
    if plain.len() <= 24 { plain } else { format!("{number:e}") }
}
