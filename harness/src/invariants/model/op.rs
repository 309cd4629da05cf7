//! Operations, and how they are written as SQL.

use super::facts::{Facts, NULL, Val};
use super::schema::{Means, Modelled, Schema};
use crate::catalog::quote_ident;
use crate::values::literal;

/// Something that a user of the schema does. Tables, rows and columns go by their numbers: a
/// row is that of the pool, and stands for whatever row has its key when the operation runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Op {
    Insert {
        table: usize,
        rows: Vec<usize>,
    },
    /// Gives columns the values that another row of the pool has.
    Update {
        table: usize,
        row: usize,
        from: usize,
        columns: Vec<usize>,
    },
    /// Gives two rows each the values that the pool has for the other, in one statement.
    Swap {
        table: usize,
        rows: [usize; 2],
        columns: Vec<usize>,
    },
    Delete {
        table: usize,
        rows: Vec<usize>,
    },
    SoftDelete {
        table: usize,
        row: usize,
    },
    Restore {
        table: usize,
        row: usize,
    },
    /// All of these, and back to the savepoint from before.
    Undone(Vec<Op>),
    /// What a COMMIT checks, without it.
    Check,
    Commit,
    Rollback,
}

impl Op {
    /// The table that it is about, if it is about one.
    pub(super) fn tables(&self) -> Vec<usize> {
        match self {
            Self::Insert { table, .. }
            | Self::Update { table, .. }
            | Self::Swap { table, .. }
            | Self::Delete { table, .. }
            | Self::SoftDelete { table, .. }
            | Self::Restore { table, .. } => vec![*table],
            Self::Undone(ops) => ops.iter().flat_map(Self::tables).collect(),
            Self::Check | Self::Commit | Self::Rollback => Vec::new(),
        }
    }

    /// The statements that do it, with all values written out.
    pub(super) fn sql(&self, schema: &Schema, facts: &Facts) -> Vec<String> {
        let at = |table: &usize| &schema.tables[*table];
        match self {
            Self::Insert { table, rows } => vec![insert(at(table), rows)],
            Self::Update { table, row, from, columns } => {
                let table = at(table);
                let set = columns.iter().map(|&column| {
                    let value = match &table.pool[*from][column] {
                        Some(cell) => literal(&cell.written),
                        None => "DEFAULT".to_owned(),
                    };
                    format!("{} = {value}", quote_ident(&table.columns[column].name))
                });
                vec![update(table, &set.collect::<Vec<_>>(), &[*row], facts)]
            }
            Self::Swap { table, rows: [one, other], columns } => {
                let table = at(table);
                let set = columns.iter().map(|&column| {
                    let ColumnText { name, data_type } = column_text(table, column);
                    let value = |row: usize| literal(&text(table, row, column, facts));
                    format!(
                        "{name} = CASE WHEN {} THEN CAST({} AS {data_type}) ELSE CAST({} AS {data_type}) END",
                        keyed(table, &[*one], facts),
                        value(*other),
                        value(*one)
                    )
                });
                vec![update(table, &set.collect::<Vec<_>>(), &[*one, *other], facts)]
            }
            Self::Delete { table, rows } => {
                let table = at(table);
                vec![format!("DELETE FROM {} WHERE {}", table.name, keyed(table, rows, facts))]
            }
            Self::SoftDelete { table, row } | Self::Restore { table, row } => {
                let (table, deletes) = (at(table), matches!(self, Self::SoftDelete { .. }));
                let set = table.live.iter().map(|(column, deleted, live)| {
                    let value = if deletes { deleted } else { live };
                    let name = quote_ident(&table.columns[*column].name);
                    format!("{name} = {}", literal(&value.written))
                });
                vec![update(table, &set.collect::<Vec<_>>(), &[*row], facts)]
            }
            Self::Undone(ops) => {
                let inner: Vec<_> = ops.iter().flat_map(|op| op.sql(schema, facts)).collect();
                vec![format!(
                    "DO $undone$ BEGIN {}; RAISE SQLSTATE 'SDOWN'; \
                     EXCEPTION WHEN SQLSTATE 'SDOWN' THEN NULL; END $undone$",
                    inner.join("; ")
                )]
            }
            Self::Check => check(schema),
            Self::Commit => vec!["COMMIT".to_owned()],
            Self::Rollback => vec!["ROLLBACK".to_owned()],
        }
    }
}

/// Checks what is deferred, and defers again what was.
fn check(schema: &Schema) -> Vec<String> {
    let mut statements = vec!["SET CONSTRAINTS ALL IMMEDIATE".to_owned()];
    let deferred = schema.deferrable.iter().filter(|constraint| constraint.initially);
    let mut names: Vec<_> = deferred.map(|constraint| constraint.name.to_string()).collect();
    names.dedup();
    if !names.is_empty() {
        statements.push(format!("SET CONSTRAINTS {} DEFERRED", names.join(", ")));
    }
    statements
}

fn insert(table: &Modelled, rows: &[usize]) -> String {
    let given = |column: usize| rows.iter().any(|row| table.pool[*row][column].is_some());
    let columns: Vec<usize> = (0..table.columns.len()).filter(|&column| given(column)).collect();
    if columns.is_empty() {
        return format!("INSERT INTO {} DEFAULT VALUES", table.name);
    }
    let names: Vec<_> = columns.iter().map(|&c| quote_ident(&table.columns[c].name)).collect();
    let always = columns.iter().any(|&c| table.columns[c].identity_always);
    let overriding = if always { " OVERRIDING SYSTEM VALUE" } else { "" };
    let rows = rows.iter().map(|row| {
        let cells = columns.iter().map(|&column| match &table.pool[*row][column] {
            Some(cell) => literal(&cell.written),
            None => "DEFAULT".to_owned(),
        });
        format!("({})", cells.collect::<Vec<_>>().join(", "))
    });
    let rows = rows.collect::<Vec<_>>().join(", ");
    format!("INSERT INTO {} ({}){overriding} VALUES {rows}", table.name, names.join(", "))
}

fn update(table: &Modelled, set: &[String], rows: &[usize], facts: &Facts) -> String {
    format!("UPDATE {} SET {} WHERE {}", table.name, set.join(", "), keyed(table, rows, facts))
}

struct ColumnText {
    name: String,
    data_type: String,
}

fn column_text(table: &Modelled, column: usize) -> ColumnText {
    let column = &table.columns[column];
    ColumnText { name: quote_ident(&column.name), data_type: column.data_type.clone() }
}

/// The value that a row of the pool has in a column, as the server writes it.
fn text(table: &Modelled, row: usize, column: usize, facts: &Facts) -> Option<String> {
    facts.text(value(table, row, column)).map(str::to_owned)
}

/// The value that a row of the pool has in a column; NULL where it can have none.
pub(super) fn value(table: &Modelled, row: usize, column: usize) -> Val {
    let means = match (&table.pool[row][column], &table.columns[column].means) {
        (Some(cell), _) => &cell.means,
        (None, Means::Known(means)) => means,
        (None, Means::Unknown | Means::Fresh) => return NULL,
    };
    means.clone().unwrap_or(NULL)
}

/// The condition that is true of the rows with the keys of these rows of the pool.
fn keyed(table: &Modelled, rows: &[usize], facts: &Facts) -> String {
    let names: Vec<_> = table.key.iter().map(|&c| quote_ident(&table.columns[c].name)).collect();
    let literals =
        |row: usize| table.key.iter().map(move |&column| text(table, row, column, facts));
    if let ([name], false) = (names.as_slice(), rows.len() == 1) {
        let values: Vec<_> = rows.iter().flat_map(|row| literals(*row)).collect();
        if values.iter().all(Option::is_some) {
            let values: Vec<_> = values.iter().map(literal).collect();
            return format!("{name} IN ({})", values.join(", "));
        }
    }
    let one = |row: &usize| {
        let parts = names.iter().zip(literals(*row)).map(|(name, value)| match value {
            None => format!("{name} IS NULL"),
            value => format!("{name} = {}", literal(&value)),
        });
        parts.collect::<Vec<_>>().join(" AND ")
    };
    let all: Vec<_> = rows.iter().map(one).collect();
    match all.as_slice() {
        [one] => one.clone(),
        many => format!("({})", many.join(") OR (")),
    }
}
