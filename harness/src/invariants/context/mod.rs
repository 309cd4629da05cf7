//! The schema as those who derive promises from it need it: its shapes, how its tables hang
//! together, and rows that it takes.

mod build;
mod candidates;
pub mod entries;
mod free;
pub mod order;
pub mod prefer;
pub mod row;
pub mod shape;
pub mod solve;
mod trial;

use std::collections::{BTreeMap, BTreeSet};

use sqlx::postgres::PgConnection;

use super::runner::Runner;
use super::soft_delete::{self, SoftDelete};
use crate::catalog::{Action, Catalog, Event, Name, Table, Timing};
use crate::error::Result;
use crate::values::Value;
use entries::Entry;
use row::Row;
use shape::{Link, Shape};
use solve::Component;

/// How many different rows of each table can be asked for at least, where the schema has room
/// for so many.
pub const ROWS: usize = 6;

/// Where the numbers of key values begin if those from zero on are taken.
const ELSEWHERE: usize = 7919;

/// The schema with rows that it takes.
#[derive(Debug)]
pub struct Context {
    pub catalog: Catalog,
    pub soft_deletes: Vec<SoftDelete>,
    /// In the order in which rows can be put in: parents before their children.
    tables: Vec<Solved>,
    /// Whether a case must force what is checked at the end of a transaction.
    pub deferred: bool,
}

/// A table with the values that its checks take.
#[derive(Debug)]
struct Solved {
    shape: Shape,
    components: Vec<Component>,
    /// The columns whose values differ from row to row, so that no key collides.
    varying: BTreeSet<String>,
    /// The other columns of keys: their values differ as far as there are different ones.
    changing: BTreeSet<String>,
    /// The foreign keys whose parents differ from row to row, for the same reason.
    varying_links: BTreeSet<String>,
    /// The first rows, made ahead.
    known: Vec<Row>,
    /// How many of them were seen to go in together; fewer if a key has no room for more.
    rows: usize,
    /// Why no row goes in, if none does: the end of a sentence.
    unable: Option<String>,
    /// The row that was refused.
    refused: Option<Refused>,
    /// By the name of the key, what it makes of values.
    entries: BTreeMap<String, Vec<Entry>>,
    /// Columns that a trigger gives another value than the statement says.
    rewritten: BTreeSet<String>,
}

/// A row that the server refused, though the catalog lets it in.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The statements that make the rows it refers to.
    pub setup: Vec<String>,
    pub insert: String,
    pub sqlstate: String,
}

impl Solved {
    /// Whether checks speak of the one column of a foreign key.
    fn is_checked(&self, link: &Link) -> bool {
        let [column] = link.columns.as_slice() else { return false };
        self.components.iter().any(|part| !part.checks.is_empty() && part.columns.contains(column))
    }
}

impl Context {
    /// Finds rows for every table by asking the server, which is left as it was.
    ///
    /// `soft_deletes`: by table, the condition under which a row is live, for those the user
    /// names; the rest is found out.
    ///
    /// # Errors
    /// When the connection is lost, or `soft_deletes` names a table or column that does not exist.
    pub async fn load(
        conn: &mut PgConnection,
        catalog: Catalog,
        soft_deletes: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let shapes = order::sorted(Shape::all(&catalog));
        let deferred = shapes.iter().any(|shape| {
            shape.table.constraints.iter().any(|constraint| constraint.deferrable)
                || shape.table.triggers.iter().any(|trigger| trigger.constraint)
        });
        let soft_deletes = soft_delete::detect(&catalog, soft_deletes)?;
        let mut context = Self { catalog, soft_deletes, tables: Vec::new(), deferred };
        Runner::new(conn, deferred).await?;
        for shape in shapes {
            for first in [0, ELSEWHERE] {
                let mut solved = context.solve(conn, shape.clone(), first).await?;
                for key in solved.shape.keys.iter().chain(&solved.shape.exclusions()) {
                    let entries = entries::ask(conn, &solved, key).await?;
                    solved.entries.insert(key.name.clone(), entries);
                }
                context.tables.push(solved);
                // Rows that are there already may have the keys that were to be given.
                if !context.try_rows(conn).await? || first == ELSEWHERE {
                    break;
                }
                context.tables.pop();
            }
        }
        Ok(context)
    }

    /// Every table that rows are put into, parents first.
    pub fn shapes(&self) -> impl Iterator<Item = &Shape> {
        self.tables.iter().map(|solved| &solved.shape)
    }

    pub fn shape(&self, table: &Name) -> Option<&Shape> {
        self.solved(table).map(|solved| &solved.shape)
    }

    /// The foreign keys that point to a table.
    pub fn links_to<'a>(&'a self, table: &'a Name) -> impl Iterator<Item = &'a Link> {
        self.shapes().flat_map(|shape| &shape.links).filter(move |link| link.parent == *table)
    }

    /// The soft delete of a table, if it has one.
    pub fn soft_delete(&self, table: &Name) -> Option<&SoftDelete> {
        self.soft_deletes.iter().find(|found| found.table == *table)
    }

    /// Why no row can be put into the table, as the end of a sentence; nothing if one can.
    pub fn unable(&self, table: &Name) -> Option<&str> {
        match self.solved(table) {
            Some(solved) => solved.unable.as_deref(),
            None => Some("it is not a table that rows are put into"),
        }
    }

    /// The row that the table refused, where that is why none goes in.
    pub fn refused(&self, table: &Name) -> Option<&Refused> {
        self.solved(table)?.refused.as_ref()
    }

    /// Whether a trigger gives the column another value than the statement says.
    pub fn is_rewritten(&self, table: &Name, column: &str) -> bool {
        self.solved(table).is_some_and(|solved| solved.rewritten.contains(column))
    }

    /// What the checks of a table say of combinations of values.
    pub fn components(&self, table: &Name) -> &[Component] {
        self.solved(table).map_or(&[], |solved| &solved.components)
    }

    /// What a key with a predicate or expressions makes of values, or an exclusion with a
    /// predicate; none for others.
    pub fn entries(&self, table: &Name, key: &str) -> &[Entry] {
        self.solved(table).and_then(|solved| solved.entries.get(key)).map_or(&[], Vec::as_slice)
    }

    /// The `n`-th row that the table takes. Rows of different number have nothing in common in
    /// any key. Nullable foreign keys are NULL.
    pub fn row(&self, table: &Name, n: usize) -> Option<Row> {
        self.row_with(table, n, &BTreeMap::new())
    }

    /// The `n`-th row that refers to `parent` by the foreign key `link`.
    pub fn child(&self, link: &Link, n: usize, parent: &Row) -> Option<Row> {
        let mut fixed = BTreeMap::new();
        for (column, theirs) in link.columns.iter().zip(&link.parent_columns) {
            fixed.insert(column.clone(), parent.cells.get(theirs)?.clone());
        }
        let mut row = self.row_with(&link.child, n, &fixed)?;
        let inherited = parent.needs.iter().filter(|need| need.0 != link.child);
        for need in inherited {
            if !row.needs.contains(need) {
                row.needs.push(need.clone());
            }
        }
        Some(row)
    }

    /// The `n`-th row with these values in it and the others chosen to go with them. Rows that
    /// given values refer to are the caller's to make.
    pub fn row_with(&self, table: &Name, n: usize, fixed: &BTreeMap<String, Value>) -> Option<Row> {
        let solved = self.solved(table)?;
        if solved.unable.is_some() {
            return None;
        }
        match solved.known.get(n) {
            Some(row) if fixed.is_empty() => Some(row.clone()),
            _ => self.build(solved, n, fixed),
        }
    }

    /// The statements that make the rows that `rows` refer to, parents first, each once.
    pub fn setup(&self, rows: &[&Row]) -> Vec<String> {
        let mut wanted: BTreeSet<(usize, usize)> = BTreeSet::new();
        let mut open: Vec<(Name, usize)> = rows.iter().flat_map(|row| row.needs.clone()).collect();
        while let Some((table, n)) = open.pop() {
            let place = self.tables.iter().position(|solved| *solved.shape.name() == table);
            if let (Some(place), Some(row)) = (place, self.row(&table, n))
                && wanted.insert((place, n))
            {
                open.extend(row.needs);
            }
        }
        let statement = |(place, n): &(usize, usize)| {
            self.row(self.tables[*place].shape.name(), *n).map(|row| row.insert())
        };
        wanted.iter().filter_map(statement).collect()
    }

    /// The statements that make `rows` themselves, with all that they refer to.
    pub fn planted(&self, rows: &[&Row]) -> Vec<String> {
        let mut statements = self.setup(rows);
        statements.extend(rows.iter().map(|row| row.insert()));
        statements
    }

    fn solved(&self, table: &Name) -> Option<&Solved> {
        self.tables.iter().find(|solved| solved.shape.name() == table)
    }

    /// How many different rows of the table go in together, up to [`ROWS`].
    pub fn room(&self, table: &Name) -> usize {
        self.solved(table).map_or(0, |solved| solved.rows)
    }

    /// Whether a row trigger of the user's runs at this time and event.
    pub fn has_trigger(&self, table: &Table, timing: Timing, event: Event) -> bool {
        table.triggers.iter().any(|trigger| {
            trigger.for_each_row && trigger.timing == timing && trigger.events.contains(&event)
        })
    }
}

/// Whether an action removes or changes the child when its parent goes.
pub fn follows(action: Action) -> bool {
    matches!(action, Action::Cascade | Action::SetNull | Action::SetDefault)
}
