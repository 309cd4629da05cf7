//! A script that is not read yet, and the words that scripts are made of.

use shakedown_scenarios::workload::PREDEFINED;

use crate::catalog::quote_ident;

use super::source::Source;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Lookup,
    List,
    Insert,
    Update,
    Delete,
}

impl Kind {
    /// Its part of all operations in percent: four reads for each write, and of the writes half
    /// are inserts, as in applications that keep what they have.
    pub(super) fn percent(self) -> u32 {
        match self {
            Self::Lookup => 50,
            Self::List => 30,
            Self::Insert => 10,
            Self::Update => 8,
            Self::Delete => 2,
        }
    }
}

/// A script and its name.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) text: String,
}

/// All that is done with a table.
#[derive(Debug)]
pub(super) struct Drafts<'s, 'a> {
    pub(super) source: &'s Source<'a>,
    pub(super) drafts: Vec<Draft>,
    /// What is not done and why: `nothing is written, since ...`.
    pub(super) left_out: Vec<String>,
}

/// A variable for a column: named after it where its name can be one.
pub(in crate::load) fn variable(column: &str, number: usize) -> String {
    let letters = column.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let plain = letters && !column.starts_with(|c: char| c.is_ascii_digit());
    if plain && !PREDEFINED.contains(&column) {
        column.to_owned()
    } else {
        format!("key_{}", number + 1)
    }
}

/// `\set` for each column of a row that exists, and the condition that finds that row.
pub(super) fn row(source: &Source<'_>, columns: &[&str], how: &str) -> (String, String) {
    let (mut sets, mut conditions) = (String::new(), Vec::new());
    for (number, column) in columns.iter().enumerate() {
        let (name, quoted) = (variable(column, number), quote_ident(column));
        sets.push_str(&format!("\\set {name} key({}.{quoted}, {how})\n", source.table.name));
        conditions.push(format!("{quoted} = :{name}"));
    }
    (sets, conditions.join(" AND "))
}

/// Quoted names with commas between them.
pub(super) fn list<'a>(columns: impl IntoIterator<Item = &'a str>) -> String {
    columns.into_iter().map(quote_ident).collect::<Vec<_>>().join(", ")
}
