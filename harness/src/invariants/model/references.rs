//! What foreign keys do: Postgres does it in triggers that fire after a statement, in the order
//! in which they were queued, and what those change is queued behind them.

use std::sync::Arc;

use super::facts::{NULL, Refusal, UNKNOWN, Val};
use super::schema::{Foreign, Means};
use super::state::Row;
use super::statement::Statement;
use crate::catalog::Action;

/// How many triggers a statement may fire before we take it that it will not end.
const MANY: usize = 2000;

/// Something to be done after the statement, or at the end of the transaction.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// Look whether the row that a new version refers to is there.
    Child { foreign: usize, version: u32 },
    /// A row that may be referred to went away, or its key changed.
    Parent { foreign: usize, old: Arc<[Val]>, new: Option<Arc<[Val]>> },
    /// Look whether another row has the same key.
    Unique { table: usize, number: usize, version: u32 },
}

impl Statement<'_> {
    /// Puts something off to the end of the statement, or of the transaction.
    pub(super) fn enqueue(&mut self, constraint: Option<usize>, event: Event) {
        if constraint.is_some_and(|constraint| self.state.deferred[constraint]) {
            self.state.pending.push(event);
        } else {
            self.queue.push_back(event);
        }
    }

    /// Queues what a change of a row entails: first what happens to rows that refer to it.
    pub(super) fn changed(&mut self, table: usize, old: Option<&Row>, new: Option<&Row>) {
        let schema = self.schema;
        let mut actions = schema.tables[table].referenced_by.clone();
        self.arrange(&mut actions);
        for number in actions {
            let foreign = &schema.foreign[number];
            let key = |row: &Row| -> Arc<[Val]> {
                foreign.parent_columns.iter().map(|&column| row.cells[column]).collect()
            };
            let Some(old) = old.map(key) else { continue };
            let new = new.map(key);
            // A key that looks different counts as changed, even if it is equal.
            if old.contains(&NULL) || new.as_ref() == Some(&old) {
                continue;
            }
            let action = if new.is_none() { foreign.on_delete } else { foreign.on_update };
            let deferrable = foreign.deferrable.filter(|_| action == Action::NoAction);
            self.enqueue(deferrable, Event::Parent { foreign: number, old, new });
        }
        let Some(new) = new else { return };
        for &number in &schema.tables[table].references {
            let foreign = &schema.foreign[number];
            if old.is_none_or(|old| self.recheck(foreign, old, new)) {
                let version = new.version;
                self.enqueue(foreign.deferrable, Event::Child { foreign: number, version });
            }
        }
    }

    /// Whether an update has to look for the referenced row: if the reference changed, or the
    /// row was written in this transaction, when the first look may not have been taken yet.
    fn recheck(&self, foreign: &Foreign, old: &Row, new: &Row) -> bool {
        let nulls = foreign.columns.iter().filter(|&&column| new.cells[column] == NULL).count();
        if nulls == foreign.columns.len() || nulls > 0 && !foreign.full {
            return false;
        }
        let class = |row: &Row, column: usize| self.facts.class(row.cells[column]);
        let differs = |&column: &usize| class(old, column) != class(new, column);
        old.transaction == self.state.transaction || foreign.columns.iter().any(differs)
    }

    /// Does what is queued until nothing is left.
    pub(super) fn drain(&mut self) {
        let mut count = 0;
        while let Some(event) = self.queue.pop_front() {
            count += 1;
            if count > MANY {
                self.refusals.insert(Refusal::new("54000", ""));
                return;
            }
            match event {
                Event::Child { foreign, version } => self.look_for_parent(foreign, version),
                Event::Parent { foreign, old, new } => self.act(foreign, &old, new.as_deref()),
                Event::Unique { table, number, version } => {
                    let unique = &self.schema.tables[table].uniques[number];
                    if let Some(row) = self.row(table, version)
                        && self.twice(table, unique, &row)
                    {
                        self.refusals.insert(Refusal::new("23505", &unique.name));
                    }
                }
            }
        }
    }

    fn look_for_parent(&mut self, number: usize, version: u32) {
        let foreign = &self.schema.foreign[number];
        // A version that is no more needs no look: its successor had its own queued.
        let Some(row) = self.row(foreign.child, version) else { return };
        let key: Vec<_> = foreign.columns.iter().map(|&column| row.cells[column]).collect();
        let nulls = key.iter().filter(|value| **value == NULL).count();
        let fails = match nulls {
            0 => !self.has_parent(foreign, &key),
            some => foreign.full && some < key.len(),
        };
        if fails {
            self.refusals.insert(Refusal::new("23503", &foreign.name));
        }
    }

    fn equal(&self, row: &Row, columns: &[usize], key: &[Val]) -> bool {
        columns.iter().zip(key).all(|(&column, value)| {
            row.cells[column] != NULL
                && self.facts.class(row.cells[column]) == self.facts.class(*value)
        })
    }

    fn has_parent(&self, foreign: &Foreign, key: &[Val]) -> bool {
        let rows = &self.state.tables[foreign.parent];
        rows.iter().any(|row| self.equal(row, &foreign.parent_columns, key))
    }

    fn children(&self, foreign: &Foreign, key: &[Val]) -> Vec<Row> {
        let rows = self.state.tables[foreign.child].iter();
        let mut rows: Vec<_> =
            rows.filter(|row| self.equal(row, &foreign.columns, key)).cloned().collect();
        self.arrange(&mut rows);
        rows
    }

    /// Does to the rows that refer to a key what the foreign key says.
    fn act(&mut self, number: usize, old: &[Val], new: Option<&[Val]>) {
        let schema = self.schema;
        let foreign = &schema.foreign[number];
        let action = if new.is_some() { foreign.on_update } else { foreign.on_delete };
        let columns = if new.is_some() { &foreign.columns } else { &foreign.set_columns };
        match action {
            Action::NoAction => self.refuse_if_referenced(foreign, old, "23503"),
            Action::Restrict => {
                if !self.children(foreign, old).is_empty() {
                    // Version 18 tells the one from the other.
                    self.refusals.insert(Refusal::new("23503", &foreign.name));
                    self.refusals.insert(Refusal::new("23001", &foreign.name));
                }
            }
            Action::Cascade => {
                for child in self.children(foreign, old) {
                    match new {
                        None => self.remove(foreign.child, child.version),
                        Some(new) => {
                            let set = foreign.columns.iter().zip(new);
                            let set =
                                set.map(|(&at, &to)| (at, self.facts.cast(foreign.child, at, to)));
                            let set: Vec<_> = set.collect();
                            self.set(foreign.child, &child, set);
                        }
                    }
                }
            }
            Action::SetNull => {
                for child in self.children(foreign, old) {
                    let null = |&at: &usize| (at, self.facts.cast(foreign.child, at, NULL));
                    let set: Vec<_> = columns.iter().map(null).collect();
                    self.set(foreign.child, &child, set);
                }
            }
            Action::SetDefault => {
                let means = |&at: &usize| match &schema.tables[foreign.child].columns[at].means {
                    Means::Known(means) => (at, means.clone()),
                    Means::Unknown | Means::Fresh => (at, Ok(UNKNOWN)),
                };
                for child in self.children(foreign, old) {
                    self.set(foreign.child, &child, columns.iter().map(means).collect());
                }
                // The default may be the very key that went away.
                self.refuse_if_referenced(foreign, old, "23503");
            }
        }
    }

    fn refuse_if_referenced(&mut self, foreign: &Foreign, key: &[Val], sqlstate: &str) {
        if !self.has_parent(foreign, key) && !self.children(foreign, key).is_empty() {
            self.refusals.insert(Refusal::new(sqlstate, &foreign.name));
        }
    }

    fn set(&mut self, table: usize, row: &Row, set: Vec<(usize, Result<Val, Refusal>)>) {
        let mut cells: Vec<_> = row.cells.iter().map(|cell| Ok(*cell)).collect();
        for (column, value) in set {
            cells[column] = value;
        }
        if let Some(cells) = self.sound(cells) {
            self.write(table, Some(row.version), cells);
        }
    }
}
