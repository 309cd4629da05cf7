//! Strategies of proptest: rows to begin with, and operations on them.

use std::ops::RangeInclusive;

use proptest::collection::vec;
use proptest::sample::{select, subsequence};
use proptest::strategy::{BoxedStrategy, Just, Strategy, Union};

use super::Model;
use super::op::{Op, value};
use super::predict::Start;
use super::schema::{Modelled, Part};

/// From how many tables on only some take part in a case.
const MANY: usize = 8;

/// The tables that take part in the case of this number: all, or where there are many, one
/// after the other with its neighbours and everything that those refer to.
pub(super) fn tables(model: &Model, number: usize) -> Vec<usize> {
    let schema = &model.schema;
    let count = schema.tables.len();
    if count <= MANY {
        return (0..count).collect();
    }
    let mut near = vec![number % count];
    let children = schema.tables[number % count].referenced_by.iter();
    near.extend(children.map(|&foreign| schema.foreign[foreign].child).take(MANY));
    let mut next = 0;
    while let Some(&table) = near.get(next) {
        for &foreign in &schema.tables[table].references {
            let parent = schema.foreign[foreign].parent;
            if !near.contains(&parent) {
                near.push(parent);
            }
        }
        next += 1;
    }
    near.sort_unstable();
    near.dedup();
    near
}

/// Some of the rows of these tables that can be begun with.
pub(super) fn start(model: &Model, tables: &[usize]) -> BoxedStrategy<Start> {
    let rows = model.order.iter().filter(|(table, _)| tables.contains(table));
    let order: Start = rows.copied().collect();
    let count = order.len();
    subsequence(order, 0..=count).boxed()
}

/// So many operations; none if there is nothing to operate on. A simpler one comes before those
/// that it is simpler than, since shrinking goes that way.
pub(super) fn ops(
    model: &Model,
    tables: &[usize],
    count: RangeInclusive<usize>,
) -> Option<BoxedStrategy<Vec<Op>>> {
    let flat = op(model, tables)?;
    if *count.end() <= 3 {
        return Some(vec(flat, count).boxed());
    }
    let undone = vec(flat.clone(), 1..=3).prop_map(Op::Undone);
    let one = Union::new_weighted(vec![(15, flat), (1, undone.boxed())]);
    Some(vec(one, count).boxed())
}

/// Transactions of a few operations each, after one that makes some rows.
pub(super) fn transactions(model: &Model, tables: &[usize]) -> Option<BoxedStrategy<Vec<Op>>> {
    let end = Union::new_weighted(vec![(3, Just(Op::Commit)), (1, Just(Op::Rollback))]);
    let one = Union::new_weighted(vec![(3, op(model, tables)?), (1, end.boxed())]);
    let all = (start(model, tables), vec(one, 1..=20)).prop_map(|(start, ops)| {
        let made = start.into_iter().map(|(table, row)| Op::Insert { table, rows: vec![row] });
        made.chain([Op::Commit]).chain(ops).collect()
    });
    Some(all.boxed())
}

fn op(model: &Model, tables: &[usize]) -> Option<BoxedStrategy<Op>> {
    let mut each: Vec<_> =
        tables.iter().filter_map(|&table| Some((1, on(model, table)?))).collect();
    if each.is_empty() {
        return None;
    }
    if !model.schema.deferrable.is_empty() {
        let weight = u32::try_from(each.len()).unwrap_or(1).div_ceil(8);
        each.push((weight, Just(Op::Check).boxed()));
    }
    Some(Union::new_weighted(each).boxed())
}

/// Operations on one table; none if its pool is empty.
fn on(model: &Model, table: usize) -> Option<BoxedStrategy<Op>> {
    let modelled = &model.schema.tables[table];
    let all: Vec<usize> = (0..modelled.pool.len()).collect();
    let told: Vec<usize> = all.iter().copied().filter(|&row| has_key(modelled, row)).collect();
    if all.is_empty() {
        return None;
    }
    let insert = move |rows| Op::Insert { table, rows };
    let mut kinds = vec![(4, select(all.clone()).prop_map(move |row| insert(vec![row])).boxed())];
    if !told.is_empty() {
        let delete = move |rows| Op::Delete { table, rows };
        kinds.push((3, select(told.clone()).prop_map(move |row| delete(vec![row])).boxed()));
        let sets = column_sets(model, table);
        if !sets.is_empty() {
            let parts = (select(told.clone()), select(all.clone()), select(sets));
            let update = parts.prop_map(move |(row, from, columns)| Op::Update {
                table,
                row,
                from,
                columns,
            });
            kinds.push((5, update.boxed()));
        }
        if !modelled.live.is_empty() {
            let row = select(told.clone());
            kinds.push((1, row.clone().prop_map(move |row| Op::SoftDelete { table, row }).boxed()));
            kinds.push((1, row.prop_map(move |row| Op::Restore { table, row }).boxed()));
        }
        if told.len() > 1 {
            let many = subsequence(told.clone(), 2..=told.len().min(4));
            kinds.push((1, many.prop_map(delete).boxed()));
        }
        kinds.extend(swaps(model, table, &told).map(|swap| (1, swap)));
    }
    if all.len() > 1 {
        let many = subsequence(all.clone(), 2..=all.len().min(3)).prop_shuffle();
        kinds.push((1, many.prop_map(insert).boxed()));
    }
    Some(Union::new_weighted(kinds).boxed())
}

/// Whether statements can name the row by its key.
fn has_key(table: &Modelled, row: usize) -> bool {
    table.key.iter().all(|&column| match &table.pool[row][column] {
        Some(cell) => cell.means.is_ok(),
        None => table.columns[column].means.is_known(),
    })
}

/// The columns that updates set together: those of each key, foreign key and condition, each
/// column alone, and all.
fn column_sets(model: &Model, table: usize) -> Vec<Vec<usize>> {
    let modelled = &model.schema.tables[table];
    let settable = |&at: &usize| {
        let column = &modelled.columns[at];
        let known = !column.identity || modelled.pool.iter().all(|row| row[at].is_some());
        known && !column.identity_always && !column.assigned && column.generated.is_none()
    };
    let mut sets = keyed_sets(model, table);
    let questions = model.schema.questions.iter().filter(|question| question.table == table);
    sets.extend(questions.map(|question| question.columns.clone()));
    sets.extend((0..modelled.columns.len()).map(|column| vec![column]));
    sets.push((0..modelled.columns.len()).filter(settable).collect());
    sets.retain(|set| !set.is_empty() && set.iter().all(settable));
    sets.sort_by_key(|set| (set.len(), set.clone()));
    sets.dedup();
    sets
}

/// The columns of each key and foreign key.
fn keyed_sets(model: &Model, table: usize) -> Vec<Vec<usize>> {
    let modelled = &model.schema.tables[table];
    let unique = modelled.uniques.iter().map(|unique| {
        let columns = unique.parts.iter().filter_map(|part| match part {
            Part::Column(column) => Some(*column),
            Part::Expression(_) => None,
        });
        columns.collect()
    });
    let foreign =
        modelled.references.iter().map(|&number| model.schema.foreign[number].columns.clone());
    unique.chain(foreign).collect()
}

fn swaps(model: &Model, table: usize, told: &[usize]) -> Option<BoxedStrategy<Op>> {
    let modelled = &model.schema.tables[table];
    let sound = |row: usize, column: usize| match &modelled.pool[row][column] {
        Some(cell) => cell.means.is_ok(),
        None => modelled.columns[column].means.is_known(),
    };
    let mut possible = Vec::new();
    for columns in keyed_sets(model, table) {
        let settable = columns.iter().all(|&c| {
            let column = &modelled.columns[c];
            !column.identity && !column.assigned && column.generated.is_none()
        });
        for (n, &one) in told.iter().enumerate() {
            for &other in &told[..n] {
                let differ =
                    columns.iter().any(|&c| value(modelled, one, c) != value(modelled, other, c));
                let sound = columns.iter().all(|&c| sound(one, c) && sound(other, c));
                if settable && differ && sound && !columns.is_empty() {
                    possible.push(Op::Swap { table, rows: [other, one], columns: columns.clone() });
                }
            }
        }
    }
    (!possible.is_empty()).then(|| select(possible).boxed())
}
