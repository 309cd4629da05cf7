//! Rows that are put in to see what becomes of them.

use std::collections::{BTreeMap, BTreeSet};

use super::fate::{Change, Course, follow, refers, values};
use super::paths::can_be_tried;
use crate::catalog::{Event, Name, Table, quote_ident, quote_literal};
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::{Link, Shape};
use crate::sql::expression::{self, Literal};
use crate::values::Value;

/// Rows with all that they refer to.
#[derive(Debug, Clone)]
pub struct Family<'c> {
    context: &'c Context,
    rows: Vec<Row>,
    /// By table, the number that its next row gets. Rows that others need without being asked
    /// for have low numbers, so these begin at 1.
    numbers: BTreeMap<Name, usize>,
}

impl<'c> Family<'c> {
    pub fn new(context: &'c Context) -> Self {
        Self { context, rows: Vec::new(), numbers: BTreeMap::new() }
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Adds a row of a table and gives its place; nothing if the table takes no more.
    pub fn root(&mut self, table: &Name) -> Option<usize> {
        self.next(table, |context, n| context.row(table, n))
    }

    /// Adds a row that refers to each of these rows by the foreign key beside it.
    pub fn child(&mut self, parents: &[(&Link, usize)]) -> Option<usize> {
        let (first, _) = parents.first()?;
        let mut fixed: BTreeMap<String, Value> = BTreeMap::new();
        for (link, place) in parents {
            let parent = self.rows.get(*place)?;
            for (column, value) in link.columns.iter().zip(values(parent, &link.parent_columns)) {
                // A column that two foreign keys share can have only one value.
                if fixed.insert(column.clone(), value.clone()).is_some_and(|other| other != value) {
                    return None;
                }
            }
        }
        if fixed.values().any(Option::is_none) {
            return None;
        }
        let needs: Vec<(Name, usize)> = parents
            .iter()
            .flat_map(|(_, place)| self.rows[*place].needs.clone())
            .filter(|need| need.0 != first.child)
            .collect();
        self.next(&first.child, |context, n| {
            let mut row = context.row_with(&first.child, n, &fixed)?;
            row.needs.extend(needs.clone());
            Some(row)
        })
    }

    /// Adds a row of the path's first table and one below the other along it. Gives their places.
    pub fn chain(&mut self, root: &Name, path: &[&Link]) -> Option<Vec<usize>> {
        let mut places = vec![self.root(root)?];
        for link in path {
            let above = *places.last()?;
            places.push(self.child(&[(link, above)])?);
        }
        Some(places)
    }

    /// Adds the next row of a table that is not one of those that are there.
    fn next(
        &mut self,
        table: &Name,
        row: impl Fn(&Context, usize) -> Option<Row>,
    ) -> Option<usize> {
        for n in *self.numbers.get(table).unwrap_or(&1)..self.context.room(table) {
            self.numbers.insert(table.clone(), n + 1);
            let row = row(self.context, n)?;
            if self.place(&row).is_none() {
                return self.add(row);
            }
        }
        None
    }

    /// Where the row is among those that are there, by its key.
    fn place(&self, row: &Row) -> Option<usize> {
        let key = |row: &Row| values(row, &row.identity);
        self.rows.iter().position(|other| other.table == row.table && key(other) == key(row))
    }

    /// Adds a row, and before it those that it refers to.
    fn add(&mut self, row: Row) -> Option<usize> {
        for (table, n) in row.needs.clone() {
            let needed = self.context.row(&table, n)?;
            if self.place(&needed).is_none() {
                self.add(needed)?;
            }
        }
        // Two foreign keys that share a column may ask for what is not there.
        let shape = self.context.shape(&row.table)?;
        let satisfied = |link: &Link| {
            let key = values(&row, &link.columns);
            let parents = self.rows.iter().chain([&row]).filter(|row| row.table == link.parent);
            key.contains(&None)
                || parents.map(|row| values(row, &link.parent_columns)).any(|there| there == key)
        };
        if !shape.links.iter().all(satisfied) {
            return None;
        }
        self.rows.push(row);
        Some(self.rows.len() - 1)
    }

    /// The statements that put all rows in.
    pub fn insert(&self) -> Vec<String> {
        self.rows.iter().map(Row::insert).collect()
    }

    /// All foreign keys by which its rows refer to each other.
    pub fn links(&self) -> Vec<&'c Link> {
        let tables: BTreeSet<&Name> = self.rows.iter().map(|row| &row.table).collect();
        let shapes = tables.into_iter().filter_map(|table| self.context.shape(table));
        shapes.flat_map(|shape| &shape.links).collect()
    }

    /// What comes of a change, and nothing if something but the foreign keys has a say in it:
    /// one that is not enforced, or a check or key over what an action writes.
    pub fn follow(&self, victim: usize, change: &Change) -> Option<Course> {
        let links = self.links();
        let key = |row: &Row, link: &Link| values(row, &link.parent_columns);
        let used = |link: &&&Link| {
            let parents = self.rows.iter().filter(|row| row.table == link.parent);
            parents
                .map(|row| key(row, link))
                .any(|key| self.rows.iter().any(|row| refers(link, row, &key)))
        };
        if !links.iter().filter(used).all(|link| can_be_tried(self.context, link)) {
            return None;
        }
        let default = |table: &Name, column: &str| constant_default(self.context, table, column);
        let course = follow(&links, &self.rows, victim, change, &default);
        let taken = |(place, row): &(usize, Row)| takes(self.context, &self.rows[*place], row);
        course.made.iter().all(taken).then_some(course)
    }

    /// A query that says in words which rows are there, and what it gives if they are left so.
    /// Nothing if a row cannot be told from others.
    pub fn look(&self, left: &[Option<Row>]) -> Option<(String, String)> {
        let mut counted: BTreeMap<String, (Vec<String>, usize)> = BTreeMap::new();
        for (before, after) in self.rows.iter().zip(left) {
            let shape = self.context.shape(&before.table)?;
            let name = &before.table.name;
            let (words, condition) = match after {
                None => (format!("{name} deleted"), before.condition()),
                Some(after) if after == before => (format!("{name} kept"), referring(shape, after)),
                Some(_) if shape.identity().is_none() => return None,
                Some(after) => {
                    let words = format!("{name} {}", difference(before, after));
                    (words, referring(shape, after))
                }
            };
            let count = format!("(SELECT count(*) FROM {} WHERE {condition})", before.table);
            let entry = counted.entry(words).or_default();
            entry.0.push(count);
            entry.1 += usize::from(after.is_some());
        }
        let asked = counted.iter().map(|(words, (counts, _))| {
            format!("{}, {}", quote_literal(&format!("{words}:")), counts.join(" + "))
        });
        let query = format!("SELECT concat_ws(' ', {})", asked.collect::<Vec<_>>().join(", "));
        let given = counted.iter().map(|(words, (_, rows))| format!("{words}: {rows}"));
        Some((query, given.collect::<Vec<_>>().join(" ")))
    }

    /// The names of the triggers and rules of users that see what happens to the rows.
    pub fn meddlers(&self, left: &[Option<Row>]) -> Vec<String> {
        let mut names = Vec::new();
        for (before, after) in self.rows.iter().zip(left) {
            let event = match after {
                None => Event::Delete,
                Some(after) if after != before => Event::Update,
                Some(_) => continue,
            };
            let Some(shape) = self.context.shape(&before.table) else { continue };
            for name in on(&shape.table, event) {
                let name = format!("{name} on {}", before.table.name);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }
}

/// The triggers and rules of users that run on an event of a table.
pub fn on(table: &Table, event: Event) -> Vec<String> {
    let word = match event {
        Event::Insert => "ON INSERT TO",
        Event::Update => "ON UPDATE TO",
        Event::Delete => "ON DELETE TO",
        Event::Truncate => "ON TRUNCATE TO",
    };
    let rules = table.rules.iter().filter(|rule| runs(rule.enabled));
    let rules = rules.filter(|rule| rule.definition.contains(word)).map(|rule| &rule.name);
    let triggers = table.triggers.iter().filter(|trigger| runs(trigger.enabled));
    let triggers = triggers.filter(|trigger| trigger.events.contains(&event));
    rules.chain(triggers.map(|trigger| &trigger.name)).cloned().collect()
}

fn runs(enabled: crate::catalog::Enabled) -> bool {
    use crate::catalog::Enabled::{Always, Origin};
    matches!(enabled, Origin | Always)
}

/// The condition that only this row satisfies, and only while it refers to what it refers to.
fn referring(shape: &Shape, row: &Row) -> String {
    let mut row = row.clone();
    for column in shape.links.iter().flat_map(|link| &link.columns) {
        if !row.identity.contains(column) {
            row.identity.push(column.clone());
        }
    }
    row.condition()
}

/// What is other in a row than before: `with owner_id NULL`.
fn difference(before: &Row, after: &Row) -> String {
    let other =
        after.cells.iter().filter(|(column, value)| before.cells.get(*column) != Some(*value));
    let words = other.map(|(column, value)| match value {
        None => format!("{} NULL", quote_ident(column)),
        Some(_) => format!("{} changed", quote_ident(column)),
    });
    format!("with {}", words.collect::<Vec<_>>().join(" and "))
}

/// The value that a column's default is, if it is written out.
pub fn constant_default(context: &Context, table: &Name, column: &str) -> Option<Value> {
    let (found, _) = context.shape(table)?.column(column)?;
    let Some(default) = found.default.as_deref() else {
        // A domain may have one of its own.
        let (_, resolved) = context.shape(table)?.column(column)?;
        return resolved.domains.iter().all(|domain| domain.default.is_none()).then_some(None);
    };
    if default.contains('(') {
        return None;
    }
    match expression::literals(default).as_slice() {
        [Literal::Number(text) | Literal::Text(text)] => Some(Some(text.clone())),
        [] if default.starts_with("NULL") => Some(None),
        _ => None,
    }
}

/// Whether not null constraints, checks and keys certainly take what an action made of a row.
pub fn takes(context: &Context, before: &Row, after: &Row) -> bool {
    let Some(shape) = context.shape(&after.table) else { return false };
    let other = |column: &String| before.cells.get(column) != after.cells.get(column);
    let changed: Vec<&String> = after.cells.keys().filter(|column| other(column)).collect();
    let is_null = |column: &str| after.cells.get(column).is_none_or(Option::is_none);
    if changed.iter().any(|column| is_null(column) && shape.not_null(column)) {
        return false;
    }
    let checked = context.components(&after.table).iter().filter(|component| {
        let judged = component.checks.iter().flat_map(|check| &shape.checks[*check].columns);
        judged.into_iter().any(|column| changed.contains(&column))
    });
    let known = checked.into_iter().all(|component| {
        let cells = values(after, &component.columns);
        // A new key of a parent is as good as the one before.
        let renamed = component.columns.len() == 1 && !cells.contains(&None);
        renamed || component.combos.iter().any(|combo| combo.cells == cells && combo.is_good())
    });
    let keys = shape
        .keys
        .iter()
        .filter(|key| key.columns().iter().any(|column| changed.iter().any(|name| name == column)));
    known
        && keys.into_iter().all(|key| {
            let mut columns = key.columns().into_iter();
            let plain = key.parts.iter().all(|part| part.column.is_some());
            plain && (!key.nulls_not_distinct || columns.all(|column| !is_null(column)))
        })
}
