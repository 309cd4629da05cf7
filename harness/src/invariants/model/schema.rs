//! The modelled tables with everything looked up: columns by number, constraints by what they
//! compare, conditions as questions that only the server can answer.

use super::facts::{Refusal, Val};
use crate::catalog::{Action, Name, quote_ident};
use crate::values::Value;

/// A column, by the numbers of its table and of itself in it.
pub(super) type Place = (usize, usize);

/// All modelled tables.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) tables: Vec<Modelled>,
    pub(super) foreign: Vec<Foreign>,
    pub(super) questions: Vec<Question>,
    pub(super) deferrable: Vec<Deferrable>,
}

/// A table.
#[derive(Debug)]
pub(super) struct Modelled {
    pub(super) name: Name,
    pub(super) columns: Vec<ColumnOf>,
    pub(super) checks: Vec<Check>,
    pub(super) uniques: Vec<Unique>,
    /// The foreign keys that it has, and those that point to it in the order in which their
    /// actions are taken.
    pub(super) references: Vec<usize>,
    pub(super) referenced_by: Vec<usize>,
    /// The columns of the key by which statements tell its rows.
    pub(super) key: Vec<usize>,
    /// The rows that may be written; one cell for each column, none where it is left out.
    pub(super) pool: Vec<Vec<Option<Cell>>>,
    /// The columns that a soft delete sets: their number, the value when deleted and when live.
    pub(super) live: Vec<(usize, Cell, Cell)>,
}

#[derive(Debug)]
pub(super) struct ColumnOf {
    pub(super) name: String,
    /// The type to cast to.
    pub(super) data_type: String,
    pub(super) not_null: bool,
    /// The expression of its default.
    pub(super) default: Option<String>,
    /// What the default comes to.
    pub(super) means: Means,
    pub(super) generated: Option<String>,
    pub(super) identity_always: bool,
    pub(super) identity: bool,
    /// Whether a trigger assigns it.
    pub(super) assigned: bool,
    /// Whether its domain forbids NULL.
    pub(super) guarded: bool,
}

/// What a statement writes, and what that means to its column.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) written: Value,
    pub(super) means: Result<Val, Refusal>,
}

/// What a column that is left out holds.
#[derive(Debug, Clone)]
pub(super) enum Means {
    Known(Result<Val, Refusal>),
    /// Something, which nothing depends on.
    Unknown,
    /// The next number of an identity, which no other row has.
    Fresh,
}

/// A condition that must not be false.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) question: usize,
    pub(super) refusal: Refusal,
}

/// What no two rows may have in common.
#[derive(Debug)]
pub(super) struct Unique {
    pub(super) name: String,
    pub(super) parts: Vec<Part>,
    pub(super) predicate: Option<usize>,
    pub(super) nulls_not_distinct: bool,
    /// The number among the deferrable constraints.
    pub(super) deferrable: Option<usize>,
}

#[derive(Debug)]
pub(super) enum Part {
    Column(usize),
    Expression(usize),
}

#[derive(Debug)]
pub(super) struct Foreign {
    pub(super) name: String,
    pub(super) child: usize,
    pub(super) columns: Vec<usize>,
    pub(super) parent: usize,
    pub(super) parent_columns: Vec<usize>,
    pub(super) on_delete: Action,
    pub(super) on_update: Action,
    /// The columns that a deletion sets to null or the default.
    pub(super) set_columns: Vec<usize>,
    pub(super) full: bool,
    pub(super) deferrable: Option<usize>,
}

/// Something about a row that only the server can tell: the value of an expression as text.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) table: usize,
    /// The columns that the answer depends on.
    pub(super) columns: Vec<usize>,
    pub(super) expression: String,
}

/// A constraint that may be checked later.
#[derive(Debug)]
pub(super) struct Deferrable {
    pub(super) name: Name,
    pub(super) initially: bool,
}

/// Whether an expression may depend on a column: whether its name stands there as a word.
pub(super) fn mentions(expression: &str, column: &str) -> bool {
    let name = quote_ident(column);
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | '$');
    let apart = |text: &str, last: bool| {
        let next = if last { text.chars().next_back() } else { text.chars().next() };
        next.is_none_or(|c| !part(c))
    };
    expression.contains(".*")
        || expression.match_indices(&name).any(|(at, _)| {
            apart(&expression[..at], true) && apart(&expression[at + name.len()..], false)
        })
}
