//! What the invariants about keys share: rows that meet in a key, and the statements that look
//! for them.

use crate::catalog::quote_ident;
use crate::invariants::context::Context;
use crate::invariants::context::entries::Entry;
use crate::invariants::context::prefer::{Cells, alike};
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::{Key, Part, Shape};
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::values::literal;

/// Rows of a table that a key counts.
pub(super) struct Rows {
    pub one: Row,
    /// Has the key of `one`, and as little else as can be.
    pub twin: Row,
    /// Has as little of `one` as can be, the key least of all.
    pub other: Row,
}

/// The promise of a key, without its evidence.
pub(super) fn promise(
    invariant: &str,
    shape: &Shape,
    object: &str,
    says: String,
    otherwise: Otherwise,
    evidence: Evidence,
) -> Promise {
    Promise {
        invariant: invariant.to_owned(),
        table: shape.name().clone(),
        object: object.to_owned(),
        says,
        otherwise,
        evidence,
    }
}

/// The keys of all tables that are in force.
pub(super) fn keys(context: &Context) -> impl Iterator<Item = (&Shape, &Key)> {
    let all = context.shapes().flat_map(|shape| shape.keys.iter().map(move |key| (shape, key)));
    all.filter(|(_, key)| key.valid)
}

/// Rows that try the key; nothing if no row was found that it counts with a value in each of its
/// columns.
pub(super) fn rows(context: &Context, shape: &Shape, key: &Key) -> Option<Rows> {
    let (one, counted) = first(context, shape, key)?;
    let mut same = counted.clone();
    same.extend(cells(&one, &key.columns()));
    let twin = context.unlike(&one, &same)?;
    let other = context.unlike(&one, &counted)?;
    Some(Rows { one, twin, other })
}

/// A row that the key counts, with the values by which its predicate does.
fn first(context: &Context, shape: &Shape, key: &Key) -> Option<(Row, Cells)> {
    let whole = |row: &Row| {
        let mut columns = key.parts.iter().filter_map(|part| part.column.as_deref());
        columns.all(|column| row.text(column).is_some())
    };
    let entries = context.entries(shape.name(), &key.name);
    if key.predicate.is_none() && key.parts.iter().all(|part| part.column.is_some()) {
        let one = context.full(shape.name(), 0, &Cells::new()).filter(whole)?;
        return Some((one, Cells::new()));
    }
    let counts = |entry: &&Entry| entry.counts && entry.values.iter().all(Option::is_some);
    entries.iter().filter(counts).find_map(|entry| {
        let one = context.full(shape.name(), 0, &entry.cells).filter(whole)?;
        let own = key.columns();
        let mut counted = entry.cells.clone();
        counted.retain(|column, _| !own.contains(&column.as_str()));
        Some((one, counted))
    })
}

/// The values that a row has in these columns.
pub(super) fn cells(row: &Row, columns: &[&str]) -> Cells {
    let own = |column: &&str| Some(((*column).to_owned(), row.cells.get(*column)?.clone()));
    columns.iter().filter_map(own).collect()
}

/// Whether two rows meet in the key: whether it counts both and each of its parts is the same.
/// Nothing where that is not known.
pub(super) fn meet(
    context: &Context,
    shape: &Shape,
    key: &Key,
    one: &Row,
    other: &Row,
) -> Option<bool> {
    let entries = context.entries(shape.name(), &key.name);
    let entry = |row: &Row| {
        let has = |(column, value): (&String, &_)| row.cells.get(column) == Some(value);
        entries.iter().find(|entry| entry.cells.iter().all(has))
    };
    let (mine, theirs) = (entry(one), entry(other));
    if [mine, theirs].into_iter().flatten().any(|entry| !entry.counts) {
        return Some(false);
    }
    let mut computed = 0;
    let mut same = |part: &Part| match &part.column {
        Some(column) => {
            let value = one.cells.get(column)?;
            let null = value.is_none() && !key.nulls_not_distinct;
            Some(!null && alike(value, other.cells.get(column)))
        }
        None => {
            let at = computed;
            computed += 1;
            let (mine, theirs) = (mine?.values.get(at)?, theirs?.values.get(at)?);
            Some(mine.is_some() && mine == theirs)
        }
    };
    let parts: Vec<Option<bool>> = key.parts.iter().map(&mut same).collect();
    if parts.contains(&Some(false)) {
        return Some(false);
    }
    parts.into_iter().collect::<Option<Vec<bool>>>().map(|_| true)
}

/// Whether the rows may meet in a key other than this one, or in an exclusion.
pub(super) fn meet_elsewhere(
    context: &Context,
    shape: &Shape,
    but: Option<&Key>,
    one: &Row,
    other: &Row,
) -> bool {
    let keys = shape.keys.iter().filter(|key| key.valid && but.is_none_or(|but| but != *key));
    let mut keys = keys.map(|key| meet(context, shape, key, one, other));
    let exclusions = shape.table.constraints.iter().filter(|found| !found.operators.is_empty());
    let mut exclusions = exclusions.map(|found| {
        let mut elements =
            found.columns.iter().filter_map(|column| one.cells.get_key_value(column));
        elements.all(|(column, value)| alike(value, other.cells.get(column)))
    });
    keys.any(|met| met != Some(false)) || exclusions.any(|met| met)
}

/// The condition that rows with the key of this row satisfy.
pub(super) fn condition(context: &Context, shape: &Shape, key: &Key, row: &Row) -> Option<String> {
    let entries = context.entries(shape.name(), &key.name);
    let has = |(column, value): (&String, &_)| row.cells.get(column) == Some(value);
    let entry = entries.iter().find(|entry| entry.cells.iter().all(has));
    let mut computed = 0;
    let mut equal = Vec::new();
    for part in &key.parts {
        let value = match &part.column {
            Some(column) => row.cells.get(column)?.clone(),
            None => {
                computed += 1;
                entry?.values.get(computed - 1)?.clone()
            }
        };
        equal.push(match value {
            None => format!("{} IS NULL", part.sql),
            value => format!("{} = {}", part.sql, literal(&value)),
        });
    }
    equal.extend(key.predicate.clone());
    Some(equal.join(" AND "))
}

/// `SET a = 1, b = 2`, without the word: the values that a row has in these columns.
pub(super) fn assignments(row: &Row, columns: &[&str]) -> Option<String> {
    let assign = |column: &&str| {
        Some(format!("{} = {}", quote_ident(column), literal(row.cells.get(*column)?)))
    };
    let all: Option<Vec<String>> = columns.iter().map(assign).collect();
    all.map(|all| all.join(", "))
}

/// Whether an UPDATE may give the columns values.
pub(super) fn updatable(shape: &Shape, columns: &[&str]) -> bool {
    columns.iter().all(|name| {
        shape.column(name).is_some_and(|(column, _)| {
            column.identity.as_ref().is_none_or(|identity| !identity.always)
        })
    })
}
