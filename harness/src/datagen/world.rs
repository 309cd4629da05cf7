//! What the rows of all tables are, as formulas: the value of any column of any row can be had
//! from the row's number alone. So a foreign key is right by construction, whatever it points
//! to, and nothing has to be kept.

use crate::catalog::Name;
use crate::values::types::Base;

use super::datum::Kept;
use super::dice::Dice;
use super::types::Hints;
use super::wire::Wire;

/// The tables, as they stand in the catalog.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    pub(super) tables: Vec<Table>,
}

/// What the rows of one table are.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) name: Name,
    /// Where its dice stand.
    pub(super) key: u64,
    pub(super) rows: Rows,
    /// As they stand in the catalog.
    pub(super) columns: Vec<Column>,
    pub(super) references: Vec<Reference>,
    /// What checks allow, for each group of columns that they link.
    pub(super) groups: Vec<Group>,
    /// For each partition, what the columns of the key may be there.
    pub(super) partitions: Vec<Vec<(usize, Place)>>,
}

/// Which rows a table has.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rows {
    /// So many, with numbers from the first on.
    Made { first: u64, count: u64 },
    /// Those with these numbers: the server refused others.
    Some(Vec<u64>),
    /// What it held already, or what its triggers made of our rows: the values of each column that
    /// something may refer to.
    Read(Vec<Vec<(usize, Kept)>>),
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) base: Base,
    /// The type to cast text to, below all domains.
    pub(super) cast: String,
    pub(super) wire: Option<Wire>,
    pub(super) key: u64,
    pub(super) not_null: bool,
    /// What of a hundred rows have no value, where none is needed.
    pub(super) absent: u8,
    pub(super) hints: Hints,
    pub(super) source: Source,
    /// The group of columns it belongs to, and its place there.
    pub(super) group: Option<(usize, usize)>,
}

/// Where the values of a column come from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Source {
    /// The server: it is generated, or its default has to do.
    Server,
    Null,
    /// Made for its name and type.
    Plain,
    /// As `Plain`, and no two the same.
    Distinct,
    /// Whole numbers: the first, and the step to the next.
    Count(i64, i64),
    /// The n-th of its values, where n is a digit of the row's number.
    Digit(Digit),
    /// The beginning or the end of a span that overlaps with no other row's.
    Slot(u64),
    /// The column of the row that the reference points to.
    Reference(usize, usize),
    /// These values, any of them.
    OneOf(Vec<Kept>),
    /// These values, by a digit of the row's number.
    Listed(Vec<Kept>, Digit),
    /// What the row's partition takes.
    Partition,
    /// As `Partition`, and no two the same.
    PartitionNth,
}

/// A digit of a row's number, if that is written in a mixed base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Digit {
    /// The product of the bases of the digits below.
    pub(super) weight: u64,
    pub(super) base: u64,
    /// The row to count from.
    pub(super) first: u64,
}

impl Digit {
    pub(super) fn of(self, row: u64) -> u64 {
        row.saturating_sub(self.first) / self.weight % self.base.max(1)
    }
}

/// A foreign key, as far as it decides values.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    /// The table it points to, by its place.
    pub(super) to: usize,
    /// Its columns whose values something else decides, with those they point to, by their places.
    pub(super) shared: Vec<(usize, usize)>,
    /// Whether all its columns may be NULL, and whether they are, for now.
    pub(super) optional: bool,
    pub(super) postponed: bool,
    pub(super) absent: u8,
    /// How the row is found.
    pub(super) digit: Option<Digit>,
    pub(super) key: u64,
}

/// What columns are together, each with its weight.
pub(super) type Shapes = Vec<(u64, Vec<Cell>)>;

/// Columns that checks link, and what they may be together.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    pub(super) shapes: Shapes,
    /// Those for rows from this number on: they are outside of partial unique indexes.
    pub(super) others: Option<(u64, Shapes)>,
    pub(super) key: u64,
}

/// What one column is in a shape.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    /// What the column would be without checks, but never NULL.
    Own,
    Fixed(Kept),
}

/// What a partition takes in one column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Place {
    /// One of these.
    OneOf(Vec<Kept>),
    /// From the first to below the second: microseconds, days or numbers.
    Between(i64, i64),
}

impl Rows {
    pub(super) fn count(&self) -> u64 {
        match self {
            Self::Made { count, .. } => *count,
            Self::Some(rows) => rows.len() as u64,
            Self::Read(rows) => rows.len() as u64,
        }
    }

    /// The number of the n-th row.
    pub(super) fn number(&self, n: u64) -> u64 {
        match self {
            Self::Made { first, .. } => first + n,
            Self::Some(rows) => {
                usize::try_from(n).ok().and_then(|n| rows.get(n)).copied().unwrap_or(0)
            }
            Self::Read(_) => n,
        }
    }

    /// The place of a row among the rows, from its number.
    pub(super) fn place(&self, number: u64) -> Option<u64> {
        match self {
            Self::Made { first, count } => number.checked_sub(*first).filter(|n| n < count),
            Self::Some(rows) => rows.binary_search(&number).ok().map(|n| n as u64),
            Self::Read(rows) => (number < rows.len() as u64).then_some(number),
        }
    }
}

impl Group {
    /// What the columns are in this row.
    pub(super) fn shape(&self, row: u64) -> Option<&[Cell]> {
        let shapes = match &self.others {
            Some((from, others)) if row >= *from => others,
            _ => &self.shapes,
        };
        let total = shapes.iter().map(|(weight, _)| weight).sum();
        let mut at = Dice::at(self.key, row).below(total);
        let found = shapes.iter().find(|(weight, _)| {
            let found = at < *weight;
            at = at.saturating_sub(*weight);
            found
        });
        found.map(|(_, shape)| shape.as_slice())
    }
}
