//! SQL as text: statements, their kinds and their places. The one module that names the parser.

mod concurrently;
pub mod edit;
pub mod expression;
pub mod parameters;
pub mod written;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use squawk_syntax::SourceFile;
use squawk_syntax::ast::AstNode;

pub use concurrently::{with_concurrently, without_concurrently};

/// A statement of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its bytes in the text, without the blanks and comments around it and without its semicolon.
    pub range: Range<usize>,
    /// What it is, in the words of the manual: `CREATE TABLE`, `ALTER TYPE`, `BEGIN`.
    pub kind: String,
}

impl Statement {
    /// Whether it defines something, as opposed to moving rows or asking for them. A `DO` may.
    pub fn is_ddl(&self) -> bool {
        let rows = [
            "INSERT", "UPDATE", "DELETE", "MERGE", "SELECT", "WITH", "COPY", "TRUNCATE", "VALUES",
            "SET",
        ];
        let first = self.kind.split(' ').next().unwrap_or_default();
        !rows.contains(&first)
    }
}

/// Larger scripts are seed data in all likelihood, and parsing them would take longer than running them.
const LARGEST: usize = 4 << 20;

/// The statements of a script, or nothing if the parser does not understand all of it.
/// Such a script can still be run: Postgres has a parser of its own.
pub fn statements(text: &str) -> Option<Vec<Statement>> {
    // The parser passes over a byte order mark; Postgres does not.
    if text.len() > LARGEST || text.starts_with('\u{feff}') {
        return None;
    }
    // The parser has no promise to never panic, and a script is the user's.
    catch_unwind(AssertUnwindSafe(|| parse(text))).ok().flatten()
}

fn parse(text: &str) -> Option<Vec<Statement>> {
    let parse = SourceFile::parse(text);
    if !parse.errors().is_empty() {
        return None;
    }
    let statements = parse.tree().stmts().filter_map(|statement| {
        let node = statement.syntax();
        let kind = format!("{:?}", node.kind()).trim_end_matches("_STMT").replace('_', " ");
        let whole = usize::from(node.text_range().start())..usize::from(node.text_range().end());
        let range = trimmed(text, whole);
        (kind != "EMPTY" && !range.is_empty()).then_some(Statement { range, kind })
    });
    Some(statements.collect())
}

/// Leaves out what does not belong to the statement at either end.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let slice = &text[range.clone()];
    let end = slice.trim_end().trim_end_matches(';').trim_end().len();
    let start = slice.len() - slice.trim_start().len();
    range.start + start.min(end)..range.start + end
}

/// Whether the text holds anything but blanks and comments.
pub fn is_blank(text: &str) -> bool {
    statements(text).is_some_and(|statements| statements.is_empty())
}

/// Whether running these statements ends a transaction that was open before, or would.
pub fn controls_transactions(statements: &[Statement]) -> bool {
    statements.iter().any(|statement| {
        matches!(
            statement.kind.as_str(),
            "BEGIN" | "COMMIT TRANSACTION" | "ROLLBACK TRANSACTION" | "PREPARE TRANSACTION"
        )
    })
}

/// Whether the text has `name` as a word of its own, in any case. Names within strings and
/// bodies of functions count, since scripts build names there too.
pub fn mentions(text: &str, name: &str) -> bool {
    find(text, name).is_some()
}

/// Where the text first has `name` as a word of its own, in any case as Postgres folds it.
pub fn find(text: &str, name: &str) -> Option<Range<usize>> {
    // ASCII letters alone, so that the places stay those of the text.
    let (lower, name) = (text.to_ascii_lowercase(), name.to_ascii_lowercase());
    if name.is_empty() {
        return None;
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut found = lower.match_indices(&name).map(|(start, found)| start..start + found.len());
    found.find(|range| {
        let before = text[..range.start].chars().next_back();
        let after = text[range.end..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// The line of a byte, counted from one.
pub fn line_of(text: &str, byte: usize) -> u32 {
    let before = &text.as_bytes()[..byte.min(text.len())];
    let breaks = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks).unwrap_or(u32::MAX).saturating_add(1)
}
