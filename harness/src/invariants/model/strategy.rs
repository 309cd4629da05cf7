//! Strategies of proptest: rows to begin with, and operations on them.

use std::ops::RangeInclusive;

use proptest::collection::vec;
use proptest::sample::{select, subsequence};
use proptest::strategy::{BoxedStrategy, Just, Strategy, Union};

use super::Model;
use super::op::{Op, value};
use super::predict::Start;
use super::schema::{Modelled, Part};

/// Some of the rows that can be begun with.
pub(super) fn start(model: &Model) -> BoxedStrategy<Start> {
    let order = model.order.clone();
    let count = order.len();
    subsequence(order, 0..=count).boxed()
}

/// So many operations; none if there is nothing to operate on. A simpler one comes before those
/// that it is simpler than, since shrinking goes that way.
pub(super) fn ops(
    model: &Model,
    count: RangeInclusive<usize>,
    nested: bool,
) -> Option<BoxedStrategy<Vec<Op>>> {
    let flat = op(model)?;
    let one = if nested {
        let undone = vec(flat.clone(), 1..=3).prop_map(Op::Undone);
        Union::new_weighted(vec![(15, flat.boxed()), (1, undone.boxed())]).boxed()
    } else {
        flat
    };
    Some(vec(one, count).boxed())
}

/// Transactions of a few operations each.
pub(super) fn transactions(model: &Model) -> Option<BoxedStrategy<Vec<Op>>> {
    let end = Union::new_weighted(vec![(3, Just(Op::Commit)), (1, Just(Op::Rollback))]);
    let one = Union::new_weighted(vec![(3, op(model)?), (1, end.boxed())]);
    Some(vec(one, 5..=20).boxed())
}

fn op(model: &Model) -> Option<BoxedStrategy<Op>> {
    let mut each = Vec::new();
    for table in 0..model.schema.tables.len() {
        each.extend(on(model, table).map(|strategy| (1, strategy)));
    }
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
