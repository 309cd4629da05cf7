//! What a statement does to rows: what its values come to, which constraints refuse them, and
//! what is left to do after it.

use std::collections::VecDeque;

use super::facts::{Answer, Facts, NULL, Refusal, UNKNOWN, Val};
use super::op::value;
use super::references::Event;
use super::schema::{Means, Modelled, Part, Schema, Unique};
use super::state::{Refusals, Row, State};

/// A statement under way.
pub(super) struct Statement<'a> {
    pub(super) schema: &'a Schema,
    pub(super) facts: &'a mut Facts,
    pub(super) state: State,
    pub(super) queue: VecDeque<Event>,
    pub(super) refusals: Refusals,
    /// Whether everything that has no promised order goes the other way round.
    pub(super) reversed: bool,
}

/// Where an update takes its values from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    Pool(usize),
    Soft { deletes: bool },
}

impl Source {
    /// What it has for a column.
    fn value(self, table: &Modelled, column: usize) -> Result<Val, Refusal> {
        match self {
            Self::Pool(row) => match (&table.pool[row][column], &table.columns[column].means) {
                (Some(cell), _) => cell.means.clone(),
                (None, Means::Known(means)) => means.clone(),
                (None, Means::Unknown | Means::Fresh) => Ok(UNKNOWN),
            },
            Self::Soft { deletes } => {
                let set = table.live.iter().find(|live| live.0 == column);
                let cell = set.map(|(_, deleted, live)| if deletes { deleted } else { live });
                cell.map_or(Ok(NULL), |cell| cell.means.clone())
            }
        }
    }
}

impl Statement<'_> {
    pub(super) fn check(&mut self) {
        self.state.deferred.fill(false);
        self.queue.extend(std::mem::take(&mut self.state.pending));
        self.drain();
        for (now, constraint) in self.state.deferred.iter_mut().zip(&self.schema.deferrable) {
            *now = constraint.initially;
        }
    }

    pub(super) fn insert(&mut self, table: usize, rows: &[usize]) {
        let schema = self.schema;
        for &row in rows {
            let columns = &schema.tables[table].columns;
            let cells: Vec<_> = columns.iter().zip(&schema.tables[table].pool[row]).collect();
            let cells = cells.into_iter().map(|(column, cell)| match (cell, &column.means) {
                (Some(cell), _) => cell.means.clone(),
                (None, Means::Known(means)) => means.clone(),
                (None, Means::Unknown) => Ok(UNKNOWN),
                (None, Means::Fresh) => {
                    self.state.fresh += 1;
                    Ok(self.state.fresh)
                }
            });
            let cells: Vec<_> = cells.collect();
            if let Some(cells) = self.sound(cells) {
                self.write(table, None, cells);
            }
        }
    }

    pub(super) fn delete(&mut self, table: usize, rows: &[usize]) {
        let mut versions: Vec<_> = rows.iter().flat_map(|&row| self.found(table, row)).collect();
        self.arrange(&mut versions);
        for version in versions {
            self.remove(table, version);
        }
    }

    pub(super) fn update(&mut self, table: usize, rows: &[(usize, Source)], columns: &[usize]) {
        let mut targets = Vec::new();
        for (row, source) in rows {
            targets.extend(self.found(table, *row).into_iter().map(|version| (version, *source)));
        }
        targets.sort_by_key(|(version, _)| *version);
        targets.dedup_by_key(|(version, _)| *version);
        self.arrange(&mut targets);
        let modelled = &self.schema.tables[table];
        for (_, source) in rows {
            let set = columns.iter().map(|&column| source.value(modelled, column));
            // What the type itself refuses is refused when the statement is planned, whether
            // there is such a row or not; what a domain refuses, when a row gets it.
            let planned = |refusal: &Refusal| !refusal.sqlstate.starts_with("23");
            self.refusals.extend(set.filter_map(Result::err).filter(planned));
        }
        for (version, source) in targets {
            let Some(old) = self.row(table, version) else { continue };
            let mut cells: Vec<_> = old.cells.iter().map(|cell| Ok(*cell)).collect();
            for &column in columns {
                cells[column] = source.value(modelled, column);
            }
            if let Some(cells) = self.sound(cells) {
                self.write(table, Some(version), cells);
            }
        }
    }

    /// The values, if their columns take all of them.
    pub(super) fn sound(&mut self, cells: Vec<Result<Val, Refusal>>) -> Option<Vec<Val>> {
        let count = cells.len();
        let mut sound = Vec::with_capacity(count);
        for cell in cells {
            match cell {
                Ok(value) => sound.push(value),
                Err(refusal) => drop(self.refusals.insert(refusal)),
            }
        }
        (sound.len() == count).then_some(sound)
    }

    /// The rows that have the key of a row of the pool.
    fn found(&self, table: usize, row: usize) -> Vec<u32> {
        let modelled = &self.schema.tables[table];
        let matches = |candidate: &&Row| {
            modelled.key.iter().all(|&column| {
                let wanted = value(modelled, row, column);
                self.facts.class(wanted) == self.facts.class(candidate.cells[column])
            })
        };
        self.state.tables[table].iter().filter(matches).map(|row| row.version).collect()
    }

    pub(super) fn row(&self, table: usize, version: u32) -> Option<Row> {
        self.state.tables[table].iter().find(|row| row.version == version).cloned()
    }

    pub(super) fn arrange<T>(&self, things: &mut [T]) {
        if self.reversed {
            things.reverse();
        }
    }

    pub(super) fn remove(&mut self, table: usize, version: u32) {
        if let Some(old) = self.row(table, version) {
            self.state.tables[table].retain(|row| row.version != version);
            self.changed(table, Some(&old), None);
        }
    }

    /// Inserts a row, or puts it in the place of a version.
    pub(super) fn write(&mut self, table: usize, over: Option<u32>, cells: Vec<Val>) {
        let modelled = &self.schema.tables[table];
        for (column, cell) in modelled.columns.iter().zip(&cells) {
            if column.not_null && *cell == NULL && column.generated.is_none() && !column.assigned {
                self.refusals.insert(Refusal::new("23502", ""));
            }
        }
        for check in &modelled.checks {
            match self.answer(check.question, &cells) {
                Answer::False => drop(self.refusals.insert(check.refusal.clone())),
                Answer::Refused(refusal) => drop(self.refusals.insert(refusal)),
                _ => {}
            }
        }
        self.state.versions += 1;
        let new = Row {
            version: self.state.versions,
            transaction: self.state.transaction,
            cells: cells.into(),
        };
        let old = over.and_then(|version| self.row(table, version));
        let rows = &mut self.state.tables[table];
        match rows.iter_mut().find(|row| Some(row.version) == over) {
            Some(row) => *row = new.clone(),
            None => rows.push(new.clone()),
        }
        for number in 0..modelled.uniques.len() {
            let unique = &modelled.uniques[number];
            if !self.twice(table, unique, &new) {
                continue;
            }
            match unique.deferrable {
                None => drop(self.refusals.insert(Refusal::new("23505", &unique.name))),
                Some(constraint) => {
                    let version = new.version;
                    self.enqueue(Some(constraint), Event::Unique { table, number, version });
                }
            }
        }
        self.changed(table, old.as_ref(), Some(&new));
    }

    /// Whether another row has the same key.
    pub(super) fn twice(&mut self, table: usize, unique: &Unique, row: &Row) -> bool {
        let Some(key) = self.key(unique, &row.cells) else { return false };
        let others = self.state.tables[table].clone();
        others.iter().any(|other| {
            other.version != row.version && self.key(unique, &other.cells).as_ref() == Some(&key)
        })
    }

    /// What an index holds of a row; none if it does not matter.
    fn key(&mut self, unique: &Unique, cells: &[Val]) -> Option<Vec<Option<Val>>> {
        if let Some(predicate) = unique.predicate {
            match self.answer(predicate, cells) {
                Answer::True => {}
                Answer::Refused(refusal) => {
                    self.refusals.insert(refusal);
                    return None;
                }
                _ => return None,
            }
        }
        let mut key = Vec::with_capacity(unique.parts.len());
        for part in &unique.parts {
            let value = match part {
                Part::Column(column) if cells[*column] == NULL => None,
                Part::Column(column) => Some(self.facts.class(cells[*column])),
                Part::Expression(question) => match self.answer(*question, cells) {
                    Answer::Null => None,
                    Answer::True => Some(1),
                    Answer::False => Some(0),
                    Answer::Is(text) => Some(text),
                    Answer::Refused(refusal) => {
                        self.refusals.insert(refusal);
                        return None;
                    }
                },
            };
            if value.is_none() && !unique.nulls_not_distinct {
                return None;
            }
            key.push(value);
        }
        Some(key)
    }

    fn answer(&mut self, question: usize, cells: &[Val]) -> Answer {
        let columns = &self.schema.questions[question].columns;
        let values = columns.iter().map(|&column| cells[column]).collect();
        self.facts.answer(question, values)
    }
}
