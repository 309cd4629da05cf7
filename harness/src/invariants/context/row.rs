//! A row as a value, and the statements that deal with it.

use std::collections::BTreeMap;

use super::shape::Shape;
use crate::catalog::{Name, quote_ident};
use crate::values::{Value, literal};

/// A row to be put into a table. Columns that have no cell take their default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub table: Name,
    pub cells: BTreeMap<String, Value>,
    /// The rows it refers to, each as a table and the number of the row there.
    pub needs: Vec<(Name, usize)>,
    /// The columns that tell it from other rows of its table.
    pub identity: Vec<String>,
}

impl Row {
    /// The same row with another value in a column.
    #[must_use]
    pub fn with(mut self, column: &str, value: Value) -> Self {
        self.cells.insert(column.to_owned(), value);
        self
    }

    /// The same row with the values that another row has in these columns.
    #[must_use]
    pub fn like(mut self, other: &Self, columns: &[&str]) -> Self {
        for column in columns {
            match other.cells.get(*column) {
                Some(value) => self.cells.insert((*column).to_owned(), value.clone()),
                None => self.cells.remove(*column),
            };
        }
        for need in &other.needs {
            if !self.needs.contains(need) {
                self.needs.push(need.clone());
            }
        }
        self
    }

    /// The same row that leaves a column to its default.
    #[must_use]
    pub fn without(mut self, column: &str) -> Self {
        self.cells.remove(column);
        self
    }

    /// The value in a column, if it is given and not NULL.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.cells.get(column)?.as_deref()
    }

    /// `INSERT INTO ...` for this row.
    pub fn insert(&self) -> String {
        insert(&[self])
    }

    /// `UPDATE ... SET column = value` for this row.
    pub fn update(&self, column: &str, value: &Value) -> String {
        self.set(&format!("{} = {}", quote_ident(column), literal(value)))
    }

    /// `UPDATE ... SET` with any list of assignments, for this row.
    pub fn set(&self, assignments: &str) -> String {
        format!("UPDATE {} SET {assignments} WHERE {}", self.table, self.condition())
    }

    pub fn delete(&self) -> String {
        format!("DELETE FROM {} WHERE {}", self.table, self.condition())
    }

    /// A query that gives the number of rows that are this one: `1` while it is there.
    pub fn count(&self) -> String {
        format!("SELECT count(*) FROM {} WHERE {}", self.table, self.condition())
    }

    /// A query that gives an expression over this row.
    pub fn select(&self, expression: &str) -> String {
        format!("SELECT {expression} FROM {} WHERE {}", self.table, self.condition())
    }

    /// The condition that only this row satisfies.
    pub fn condition(&self) -> String {
        let columns: Vec<&String> = match self.identity.as_slice() {
            [] => self.cells.keys().collect(),
            identity => identity.iter().collect(),
        };
        let equal = columns.into_iter().filter_map(|column| {
            let value = self.cells.get(column)?;
            let column = quote_ident(column);
            Some(match value {
                None => format!("{column} IS NULL"),
                Some(_) => format!("{column} = {}", literal(value)),
            })
        });
        equal.collect::<Vec<_>>().join(" AND ")
    }
}

/// Whether the type of the column has an equality.
pub fn is_comparable(shape: &Shape, column: &str) -> bool {
    shape.column(column).is_some_and(|(column, _)| {
        !matches!(column.data_type.name.as_str(), "json" | "xml" | "point")
    })
}

/// One statement that puts several rows of one table in, all with the columns of the first.
pub fn insert(rows: &[&Row]) -> String {
    let Some(first) = rows.first() else { return String::new() };
    if first.cells.is_empty() {
        return format!("INSERT INTO {} DEFAULT VALUES", first.table);
    }
    let columns: Vec<String> = first.cells.keys().map(|column| quote_ident(column)).collect();
    let tuples: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells = first.cells.keys().map(|column| match row.cells.get(column) {
                Some(value) => literal(value),
                None => "DEFAULT".to_owned(),
            });
            format!("({})", cells.collect::<Vec<_>>().join(", "))
        })
        .collect();
    // A row that is known through and through also gives what a sequence would.
    format!(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES {}",
        first.table,
        columns.join(", "),
        tuples.join(", ")
    )
}
