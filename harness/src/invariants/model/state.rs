//! The rows of the modelled tables, and what a statement makes of them.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::facts::{FRESH, Facts, Refusal, Val};
use super::op::Op;
use super::references::Event;
use super::schema::Schema;
use super::statement::{Source, Statement};

/// What a session sees in the middle of a transaction.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// The rows of each table, oldest first.
    pub(super) tables: Vec<Vec<Row>>,
    /// What is still to be checked.
    pub(super) pending: Vec<Event>,
    /// Of each deferrable constraint, whether it is deferred now.
    pub(super) deferred: Vec<bool>,
    /// The number of the transaction.
    pub(super) transaction: u32,
    /// How many row versions there were so far.
    pub(super) versions: u32,
    /// The last value that no other row has.
    pub(super) fresh: u32,
}

/// A version of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) version: u32,
    /// The transaction that wrote it.
    pub(super) transaction: u32,
    pub(super) cells: Arc<[Val]>,
}

/// Why a statement is refused: any of these, since the server names the first it meets. None:
/// it is accepted.
pub(super) type Refusals = BTreeSet<Refusal>;

impl State {
    /// Without any rows.
    pub(super) fn empty(schema: &Schema) -> Self {
        Self {
            tables: vec![Vec::new(); schema.tables.len()],
            pending: Vec::new(),
            deferred: schema.deferrable.iter().map(|constraint| constraint.initially).collect(),
            transaction: 0,
            versions: 0,
            fresh: FRESH,
        }
    }

    /// Whether both have the same rows, whichever way they came by them.
    pub(super) fn same_rows(&self, other: &Self) -> bool {
        let cells = |rows: &[Row]| {
            let mut cells: Vec<_> = rows.iter().map(|row| row.cells.clone()).collect();
            cells.sort_unstable();
            cells
        };
        self.tables.iter().zip(&other.tables).all(|(one, other)| cells(one) == cells(other))
    }

    /// The state after an operation, or why it is refused.
    pub(super) fn after(
        &self,
        schema: &Schema,
        facts: &mut Facts,
        op: &Op,
        reversed: bool,
    ) -> Result<Self, Refusals> {
        let (state, queue, refusals) = (self.clone(), VecDeque::new(), Refusals::new());
        let mut statement = Statement { schema, facts, state, queue, refusals, reversed };
        match op {
            Op::Undone(ops) => {
                let mut inner = self.clone();
                for op in ops {
                    inner = inner.after(schema, statement.facts, op, reversed)?;
                }
                return Ok(self.clone());
            }
            Op::Check | Op::Commit => statement.check(),
            Op::Rollback => {}
            Op::Insert { table, rows } => statement.insert(*table, rows),
            Op::Delete { table, rows } => statement.delete(*table, rows),
            Op::Update { table, row, from, columns } => {
                statement.update(*table, &[(*row, Source::Pool(*from))], columns);
            }
            Op::Swap { table, rows: [one, other], columns } => {
                let both = [(*one, Source::Pool(*other)), (*other, Source::Pool(*one))];
                statement.update(*table, &both, columns);
            }
            Op::SoftDelete { table, row } | Op::Restore { table, row } => {
                let deletes = matches!(op, Op::SoftDelete { .. });
                let columns: Vec<_> =
                    schema.tables[*table].live.iter().map(|live| live.0).collect();
                statement.update(*table, &[(*row, Source::Soft { deletes })], &columns);
            }
        }
        statement.drain();
        if statement.refusals.is_empty() { Ok(statement.state) } else { Err(statement.refusals) }
    }
}
