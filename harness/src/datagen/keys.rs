//! Makes keys distinct, by formula from the row's number.

use crate::catalog::{self, Catalog, ConstraintKind, quote_ident};
use crate::values::types::Base;

use super::build::foreign_keys;
use super::conditions;
use super::distinct::distinct;
use super::world::{Digit, Rows, Source, World};

/// What no two rows may agree in.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// The columns, also those within its expressions.
    pub(super) columns: Vec<usize>,
    /// The columns of a range that must not overlap, or the two ends of one.
    pub(super) spans: Vec<usize>,
    /// Whether NULL is a value like any other.
    pub(super) nulls: bool,
    /// As for people: `(email)`.
    pub(super) says: String,
    /// The condition of a partial index.
    pub(super) predicate: Option<String>,
}

/// The keys of a table, those of few columns first.
pub(super) fn keys(table: &catalog::Table) -> Vec<Key> {
    let mut keys = Vec::new();
    for index in table.indexes.iter().filter(|index| index.unique) {
        let parts =
            index.columns.iter().map(|key| (key.column.as_deref(), key.expression.as_deref()));
        let says: Vec<_> = parts.clone().filter_map(|(column, part)| column.or(part)).collect();
        keys.push(Key {
            columns: parts.flat_map(|(column, part)| columns(table, column, part)).collect(),
            spans: Vec::new(),
            nulls: index.nulls_not_distinct,
            says: format!("({})", says.join(", ")),
            predicate: index.predicate.clone(),
        });
    }
    for exclusion in table.constraints.iter().filter(|c| c.kind == ConstraintKind::Exclusion) {
        let parts = exclusion.columns.iter().zip(&exclusion.operators);
        let found = |wanted: &[&str]| {
            let parts = parts.clone().filter(|(_, operator)| wanted.contains(&operator.as_str()));
            parts.flat_map(|(part, _)| columns(table, Some(part), Some(part))).collect()
        };
        keys.push(Key {
            columns: found(&["=", "&&"]),
            spans: found(&["&&"]),
            nulls: false,
            says: format!("({})", exclusion.columns.join(", ")),
            predicate: None,
        });
    }
    keys.sort_by_key(|key| key.columns.len());
    keys
}

/// The column of that name, or else those that an expression names.
fn columns(table: &catalog::Table, column: Option<&str>, part: Option<&str>) -> Vec<usize> {
    let about = column.and_then(|name| table.columns.iter().position(|about| about.name == name));
    match about {
        Some(at) if table.columns[at].generated.is_none() => vec![at],
        Some(at) => conditions::columns(table, &quote_ident(&table.columns[at].name)),
        None => part.map_or_else(Vec::new, |text| conditions::columns(table, text)),
    }
}

/// Makes the key distinct for `rows` rows, numbered from `first`; returns for how many it could.
pub(super) fn arrange(world: &mut World, at: usize, key: &Key, first: u64, rows: u64) -> u64 {
    if key.nulls {
        for column in &key.columns {
            world.tables[at].columns[*column].not_null = true;
        }
    }
    let spans: Vec<_> = key.spans.iter().copied().filter(|at_| is_free(world, at, *at_)).collect();
    match spans.as_slice() {
        [range] if matches!(world.tables[at].columns[*range].base, Base::Range(..)) => {
            world.tables[at].columns[*range].source = Source::Distinct;
            world.tables[at].columns[*range].not_null = true;
            return rows;
        }
        [start, end] => {
            world.tables[at].columns[*start].source = Source::Slot(0);
            world.tables[at].columns[*end].source = Source::Slot(1);
            return rows;
        }
        _ => {}
    }
    let columns = &key.columns;
    let table = &mut world.tables[at];
    let is_distinct = |column: &usize| {
        let source = &table.columns[*column].source;
        let kinds = matches!(source, Source::Distinct | Source::Count(..) | Source::Slot(_));
        kinds || *source == Source::PartitionNth
    };
    if columns.iter().any(is_distinct) {
        return rows;
    }
    let free = columns.iter().copied().filter(|column| {
        is_free(world, at, *column) || world.tables[at].columns[*column].source == Source::Partition
    });
    let roomy = free.filter(|column| room(world, at, *column) >= first + rows);
    if let Some(column) = roomy.min_by_key(|column| rank(&world.tables[at].columns[*column].base)) {
        let column = &mut world.tables[at].columns[column];
        column.source = match (&column.source, &column.base) {
            (Source::OneOf(kept), _) => {
                let base = kept.len() as u64;
                Source::Listed(kept.clone(), Digit { weight: 1, base, first: 0 })
            }
            (Source::Partition, _) => Source::PartitionNth,
            (_, Base::Int(_)) => Source::Count(1, 1),
            _ => Source::Distinct,
        };
        return rows;
    }
    let placed = |column: &&usize| world.tables[at].columns[**column].source == Source::Partition;
    if let Some(column) = columns.iter().find(placed) {
        let spread = world.tables[at].spread(*column);
        world.tables[at].columns[*column].source = Source::PartitionNth;
        return spread.saturating_sub(first).min(rows);
    }
    // New rows that point to new rows differ from all that were there; others might not.
    let new = |column: &usize| match world.tables[at].columns[*column].source {
        Source::Reference(reference, _) => {
            let to = world.tables[at].references[reference].to;
            to != at && matches!(world.tables[to].rows, Rows::Made { .. })
        }
        _ => false,
    };
    let from = if columns.iter().any(new) { first } else { 0 };
    digits(world, at, columns, from, first - from + rows).saturating_sub(first - from)
}

/// Gives the columns digits of the row's number, so that together they tell all rows apart.
/// Returns for how many rows they do, counted from `first`.
fn digits(world: &mut World, at: usize, columns: &[usize], first: u64, rows: u64) -> u64 {
    let mut covered = 1_u64;
    while covered < rows {
        let given = columns.iter().filter_map(|column| digit(world, at, *column));
        let given = given.filter(|digit| digit.first == first);
        let above = |digit: &Digit| digit.weight.saturating_mul(digit.base);
        let next =
            given.filter(|digit| covered.is_multiple_of(digit.weight) && above(digit) > covered);
        if let Some(reach) = next.map(|digit| above(&digit)).max() {
            covered = reach;
            continue;
        }
        let open = columns.iter().copied().filter(|column| {
            digit(world, at, *column).is_none()
                && (is_free(world, at, *column)
                    || matches!(world.tables[at].columns[*column].source, Source::Reference(..)))
        });
        let Some(column) = open.max_by_key(|column| room(world, at, *column)) else { break };
        let base = room(world, at, column).max(1);
        let given = Digit { weight: covered, base, first };
        let table = &mut world.tables[at];
        match table.columns[column].source {
            Source::Reference(reference, _) => table.references[reference].digit = Some(given),
            Source::OneOf(ref kept) => {
                table.columns[column].source = Source::Listed(kept.clone(), given);
            }
            _ => table.columns[column].source = Source::Digit(given),
        }
        if given.base == 1 {
            continue;
        }
        covered = covered.saturating_mul(given.base);
    }
    covered
}

fn digit(world: &World, at: usize, column: usize) -> Option<Digit> {
    let table = &world.tables[at];
    match table.columns[column].source {
        Source::Digit(digit) | Source::Listed(_, digit) => Some(digit),
        Source::Reference(reference, _) => table.references[reference].digit,
        // It has a value of its own, and none to tell rows apart by.
        _ => None,
    }
}

fn is_free(world: &World, at: usize, column: usize) -> bool {
    matches!(world.tables[at].columns[column].source, Source::Plain | Source::OneOf(_))
}

/// How many rows the column can tell apart.
fn room(world: &World, at: usize, column: usize) -> u64 {
    let table = &world.tables[at];
    let reference = match &table.columns[column].source {
        Source::Reference(reference, _) => *reference,
        Source::OneOf(kept) => return kept.len() as u64,
        Source::Partition => return table.spread(column),
        _ => return distinct(&table.columns[column].base),
    };
    let reference = &table.references[reference];
    let all = world.tables[reference.to].rows.count();
    match reference.shared.first() {
        _ if reference.to == at => u64::MAX,
        None => all,
        // As many as there are for each of what is shared.
        Some((shared, _)) => all / world.tables[home(world, at, *shared)].rows.count().max(1),
    }
}

/// The table that the values of a column come from in the end.
fn home(world: &World, at: usize, column: usize) -> usize {
    match world.tables[at].columns[column].source {
        Source::Reference(reference, to) if world.tables[at].references[reference].to != at => {
            home(world, world.tables[at].references[reference].to, to)
        }
        _ => at,
    }
}

/// Which type is rather made distinct: texts keep looking real, times lose their order.
fn rank(base: &Base) -> u8 {
    match base {
        Base::Text(_) | Base::Citext | Base::Char(_) | Base::Uuid => 0,
        Base::Int(_) => 1,
        Base::Timestamp | Base::TimestampTz | Base::Date => 3,
        _ => 2,
    }
}

/// Makes it known by formula which rows of the table share what another table's foreign key of
/// several columns points to, such as a tenant.
pub(super) fn invert(world: &mut World, catalog: &Catalog, at: usize) {
    let pointed = |column: &str| {
        catalog.tables.iter().flat_map(|other| foreign_keys(catalog, other)).any(|(key, to)| {
            let columns = key.references.iter().flat_map(|references| &references.columns);
            to == at && key.columns.len() > 1 && columns.into_iter().any(|name| name == column)
        })
    };
    for column in 0..world.tables[at].columns.len() {
        let about = &world.tables[at].columns[column];
        let Source::Reference(reference, _) = about.source else { continue };
        let reference = &world.tables[at].references[reference];
        let open = reference.digit.is_none() && reference.shared.is_empty() && reference.to != at;
        if open && pointed(&about.name) {
            let base = world.tables[reference.to].rows.count();
            if let Source::Reference(reference, _) = world.tables[at].columns[column].source {
                let digit = Some(Digit { weight: 1, base, first: 0 });
                world.tables[at].references[reference].digit = digit;
            }
        }
    }
}
