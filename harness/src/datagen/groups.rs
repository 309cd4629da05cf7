//! What checks allow: for columns that checks link, shapes that the server was seen to accept.
//!
//! A shape says of each column whether it is NULL, a fixed value, or what it would be without
//! checks. So a check that ties a flag to a time keeps the flags and leaves the times their
//! variety. Where only values themselves can be told to satisfy a check, those are kept.

use sqlx::postgres::PgConnection;

use super::conditions::{Condition, satisfied};
use super::datum::to_text;
use super::dice::key;
use super::server;
use super::world::{Cell, Group, Shapes, Source, World};
use crate::catalog::Catalog;
use crate::values::candidates;
use crate::values::types::{Base, Resolved, resolve};

/// How many rows are made to choose values from.
const POOL: u64 = 2000;

/// How many shapes are tried, and how many kept.
const SHAPES: usize = 3000;
const KEPT: usize = 64;

/// From how many rows those are picked that satisfy checks on keys.
const MOST: u64 = 50_000;

type Texts = Vec<Option<String>>;

/// Asks about the rows of one table.
pub(super) struct Asker<'a> {
    pub(super) conn: &'a mut PgConnection,
    pub(super) catalog: &'a Catalog,
    pub(super) table: usize,
    /// How many rows it is going to have.
    pub(super) rows: u64,
    /// On how many rows is tried whether they satisfy conditions as they are.
    pub(super) sample: u64,
}

/// Conditions that share columns, with all their columns.
pub(super) fn linked(conditions: &[Condition]) -> Vec<(Vec<usize>, Vec<&Condition>)> {
    let mut groups: Vec<(Vec<usize>, Vec<&Condition>)> = Vec::new();
    for condition in conditions {
        let mut columns = condition.columns.clone();
        let mut members = vec![condition];
        groups.retain(|(others, more)| {
            let apart = !others.iter().any(|column| columns.contains(column));
            if !apart {
                columns.extend(others);
                members.extend(more);
            }
            apart
        });
        columns.sort_unstable();
        columns.dedup();
        groups.push((columns, members));
    }
    groups
}

impl Asker<'_> {
    async fn ask(
        &mut self,
        world: &World,
        columns: &[usize],
        conditions: &[&Condition],
        rows: &[Texts],
    ) -> Result<Vec<bool>, sqlx::Error> {
        let about = &self.catalog.tables[self.table];
        let table = &world.tables[self.table];
        satisfied(&mut *self.conn, about, table, columns, conditions, rows).await
    }

    /// The numbers of some rows: the first ones and the last.
    fn some(&self, size: u64) -> impl Iterator<Item = u64> + use<> {
        let rows = self.rows.max(size);
        (0..size / 2).chain(rows - size / 2..rows)
    }

    fn own(&self, world: &World, column: usize, row: u64, needed: bool) -> Option<String> {
        let mut text = Vec::new();
        let datum = world.own(self.table, column, row, needed, &mut text);
        to_text(datum, &text)
    }

    fn resolved(&self, column: usize) -> Resolved {
        resolve(self.catalog, &self.catalog.tables[self.table].columns[column].data_type)
    }

    /// Finds what the columns may be; `None` if they may be whatever they would be anyway, a
    /// group without shapes if nothing was found.
    pub(super) async fn group(
        &mut self,
        world: &World,
        columns: &[usize],
        conditions: &[&Condition],
    ) -> Result<Option<Group>, sqlx::Error> {
        let about = &world.tables[self.table].columns;
        let natural = |asker: &Self, row| -> Texts {
            columns.iter().map(|at| asker.own(world, *at, row, about[*at].not_null)).collect()
        };
        let rows: Vec<Texts> = self.some(self.sample).map(|row| natural(self, row)).collect();
        let passed = self.ask(world, columns, conditions, &rows).await?;
        if passed.iter().all(|passed| *passed) {
            return Ok(None);
        }
        let mut shapes = self.shapes(world, columns, conditions).await?;
        // Shapes that fix what could vary, only where no variety is to be had.
        let varied =
            |cell: &Cell, at: usize| !matches!(cell, Cell::Fixed(_)) || few(&about[at].base);
        let good = |shape: &[Cell]| shape.iter().zip(columns).all(|(cell, at)| varied(cell, *at));
        let plain = |at: &usize| matches!(about[*at].source, Source::Plain | Source::Partition);
        let alive = |shape: &[Cell]| shape.iter().any(|cell| *cell != Cell::Null);
        if shapes.iter().any(|(_, shape)| good(shape) && alive(shape)) {
            shapes.retain(|(_, shape)| good(shape));
        } else if columns.iter().all(plain) {
            let rows: Vec<Texts> = (0..POOL).map(|row| natural(self, row)).collect();
            let passed = self.ask(world, columns, conditions, &rows).await?;
            let mut pool: Vec<_> = rows
                .into_iter()
                .zip(passed)
                .filter(|(_, passed)| *passed)
                .map(|(row, _)| row)
                .collect();
            pool.sort_unstable();
            pool.dedup();
            if pool.len() > shapes.len() {
                shapes = self.fixed(world, columns, pool).await?;
            }
        }
        let key = key(world.tables[self.table].key, &[&conditions[0].sql]);
        Ok(Some(Group { shapes, others: None, key }))
    }

    /// The numbers of those of the table's rows that satisfy the conditions as they are. For keys,
    /// of which no other values can be taken.
    pub(super) async fn passing(
        &mut self,
        world: &World,
        columns: &[usize],
        conditions: &[&Condition],
    ) -> Result<Vec<u64>, sqlx::Error> {
        let about = &world.tables[self.table];
        let mut numbers: Vec<u64> =
            (0..about.rows.count().min(MOST)).map(|n| about.rows.number(n)).collect();
        let row = |row: &u64| -> Texts {
            let needed = |at: &usize| about.columns[*at].not_null;
            columns.iter().map(|at| self.own(world, *at, *row, needed(at))).collect()
        };
        let rows: Vec<Texts> = numbers.iter().map(row).collect();
        let mut passed = self.ask(world, columns, conditions, &rows).await?.into_iter();
        numbers.retain(|_| passed.next() == Some(true));
        Ok(numbers)
    }

    /// Shapes of which every one passed on some rows.
    async fn shapes(
        &mut self,
        world: &World,
        columns: &[usize],
        conditions: &[&Condition],
    ) -> Result<Shapes, sqlx::Error> {
        let mut choices = Vec::new();
        for column in columns {
            choices.push(self.choices(world, *column, conditions).await?);
        }
        while choices.iter().map(Vec::len).product::<usize>() > SHAPES {
            match choices.iter_mut().max_by_key(|choices| choices.len()) {
                Some(longest) => longest.truncate(longest.len() - 1),
                None => break,
            }
        }
        let mut shapes: Shapes = vec![(1, Vec::new())];
        for choices in &choices {
            let longer = |(weight, shape): &(u64, Vec<Cell>)| {
                let with = |(more, cell): &(u64, Cell)| {
                    let cells = shape.iter().cloned().chain([cell.clone()]).collect();
                    (weight.saturating_mul(*more), cells)
                };
                choices.iter().map(with).collect::<Vec<_>>()
            };
            shapes = shapes.iter().flat_map(longer).collect();
        }
        // Of linked columns one brings the other along, so that their shares are not multiplied.
        for (weight, shape) in &mut shapes {
            *weight = ((*weight as f64).powf(1.0 / shape.len().max(1) as f64) as u64).max(1);
        }
        // A few rows each at first, then many of those that are left.
        for rows in [4, self.sample / 4] {
            let tried: Vec<u64> = self.some(rows).collect();
            let mut texts = Vec::new();
            for (_, shape) in &shapes {
                let rows = if shape.contains(&Cell::Own) { tried.as_slice() } else { &tried[..1] };
                texts.extend(rows.iter().map(|row| self.texts(world, columns, shape, *row)));
            }
            let mut passed = self.ask(world, columns, conditions, &texts).await?.into_iter();
            shapes.retain(|(_, shape)| {
                let rows = if shape.contains(&Cell::Own) { tried.len() } else { 1 };
                passed.by_ref().take(rows).filter(|passed| *passed).count() == rows
            });
            shapes.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
            shapes.truncate(KEPT);
        }
        Ok(shapes)
    }

    fn texts(&self, world: &World, columns: &[usize], shape: &[Cell], row: u64) -> Texts {
        let text = |(column, cell): (&usize, &Cell)| match cell {
            Cell::Null => None,
            Cell::Own => self.own(world, *column, row, true),
            Cell::Fixed(kept) => to_text(kept.datum, &kept.text),
        };
        columns.iter().zip(shape).map(text).collect()
    }

    /// What a column may be, each with its weight, the most wanted first.
    async fn choices(
        &mut self,
        world: &World,
        column: usize,
        conditions: &[&Condition],
    ) -> Result<Vec<(u64, Cell)>, sqlx::Error> {
        let about = &world.tables[self.table].columns[column];
        let absent = u64::from(about.absent);
        let mut choices = vec![(100 - absent, Cell::Own)];
        let fixed = matches!(about.source, Source::Plain | Source::OneOf(_) | Source::Partition);
        if !about.not_null && (fixed || matches!(about.source, Source::Reference(..))) {
            choices.push((absent.max(1), Cell::Null));
        }
        if !fixed {
            return Ok(choices);
        }
        if about.base == Base::Bool {
            let share = u64::from(about.hints.share);
            choices.extend([
                (share, Cell::Fixed(server::bool(true))),
                (100 - share, Cell::Fixed(server::bool(false))),
            ]);
            return Ok(choices);
        }
        let texts = self.candidates(column, conditions);
        let kept = server::read(&mut *self.conn, about, &texts).await?;
        choices.extend(kept.into_iter().map(|kept| (10, Cell::Fixed(kept))));
        Ok(choices)
    }

    /// Values to try on a column: what the conditions name, labels, and ordinary ones.
    fn candidates(&self, column: usize, conditions: &[&Condition]) -> Vec<String> {
        let resolved = self.resolved(column);
        let mut texts = Vec::new();
        for condition in conditions.iter().filter(|condition| condition.columns.contains(&column)) {
            texts.extend(candidates::mined(&condition.sql, &resolved));
            texts.extend(super::patterns::examples(&condition.sql, 40));
        }
        if let Base::Enum(labels) = &resolved.base {
            texts.clear();
            texts.extend(labels.iter().cloned());
        } else {
            texts.extend(candidates::ordinary(&resolved));
        }
        let mut seen = std::collections::BTreeSet::new();
        texts.retain(|text| seen.insert(text.clone()));
        texts
    }

    async fn fixed(
        &mut self,
        world: &World,
        columns: &[usize],
        pool: Vec<Texts>,
    ) -> Result<Shapes, sqlx::Error> {
        let about = &world.tables[self.table].columns;
        let mut shapes = Vec::new();
        for row in pool.into_iter().take(500) {
            let mut shape = Vec::new();
            for (column, text) in columns.iter().zip(row) {
                let kept = match text {
                    None => Vec::new(),
                    Some(text) => server::read(&mut *self.conn, &about[*column], &[text]).await?,
                };
                shape.push(kept.into_iter().next().map_or(Cell::Null, Cell::Fixed));
            }
            shapes.push((1, shape));
        }
        Ok(shapes)
    }

    /// Different values of a key's column that satisfy the conditions on it alone; `None` if
    /// those that are made for keys do anyway.
    pub(super) async fn listed(
        &mut self,
        world: &mut World,
        column: usize,
        conditions: &[&Condition],
    ) -> Result<Option<Vec<super::datum::Kept>>, sqlx::Error> {
        let about = &mut world.tables[self.table].columns[column];
        let before = about.source.clone();
        about.source = match about.base {
            Base::Int(_) => Source::Count(1, 1),
            _ => Source::Distinct,
        };
        let sample: Vec<Texts> =
            self.some(self.sample).map(|row| vec![self.own(world, column, row, true)]).collect();
        let passed = self.ask(world, &[column], conditions, &sample).await?;
        world.tables[self.table].columns[column].source = before;
        if passed.iter().all(|passed| *passed) {
            return Ok(None);
        }
        let resolved = self.resolved(column);
        let mut texts = self.candidates(column, conditions);
        for condition in conditions {
            texts.extend(super::patterns::examples(&condition.sql, self.rows.min(20_000)));
        }
        texts.extend((0..1000).map_while(|n| candidates::distinct(&resolved, n)));
        texts.extend((0..POOL).filter_map(|row| self.own(world, column, row, true)));
        let mut seen = std::collections::BTreeSet::new();
        texts.retain(|text| seen.insert(text.to_lowercase()));
        let rows: Vec<Texts> = texts.iter().map(|text| vec![Some(text.clone())]).collect();
        let mut passed = self.ask(world, &[column], conditions, &rows).await?.into_iter();
        texts.retain(|_| passed.next() == Some(true));
        let about = &world.tables[self.table].columns[column];
        Ok(Some(server::read(&mut *self.conn, about, &texts).await?))
    }
}

/// Whether a type has only few values, so that fixing them takes no variety away.
fn few(base: &Base) -> bool {
    matches!(base, Base::Bool | Base::Enum(_))
}
