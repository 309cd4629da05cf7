//! The value of a column in a row, from the row's number.

use super::datum::Datum;
use super::dice::Dice;
use super::distinct::{nth, slot};
use super::types::{self, Row};
use super::world::{Cell, Place, Rows, Source, Table, World};
use crate::values::types::Base;

impl World {
    /// The value of a column in the row of this number; a text is put into the empty buffer.
    pub(super) fn value(&self, table: usize, column: usize, row: u64, text: &mut Vec<u8>) -> Datum {
        let home = &self.tables[table];
        let about = &home.columns[column];
        let needed = match about.group.and_then(|(group, at)| {
            home.groups
                .get(group)
                .and_then(|group| group.shape(row))
                .and_then(|shape| shape.get(at))
        }) {
            Some(Cell::Null) => return Datum::Null,
            Some(Cell::Fixed(kept)) => return kept.get(text),
            Some(Cell::Own) => true,
            None => about.not_null,
        };
        self.own(table, column, row, needed, text)
    }

    /// The value that a column would have without checks. `needed`: whether it must have one.
    pub(super) fn own(
        &self,
        table: usize,
        column: usize,
        row: u64,
        needed: bool,
        text: &mut Vec<u8>,
    ) -> Datum {
        let home = &self.tables[table];
        if let Rows::Read(rows) = &home.rows {
            let cells = usize::try_from(row).ok().and_then(|row| rows.get(row));
            let cell = cells.and_then(|cells| cells.iter().find(|(at, _)| *at == column));
            return cell.map_or(Datum::Null, |(_, kept)| kept.get(text));
        }
        let about = &home.columns[column];
        let mut dice = Dice::at(about.key, row);
        let made = match &about.source {
            Source::Server | Source::Null => None,
            Source::Plain => {
                if !needed && dice.percent(about.absent) {
                    return Datum::Null;
                }
                types::ordinary(&about.base, about.hints, &home.row(row), &mut dice, text)
            }
            Source::Distinct => match &about.base {
                base if base.is_text() => {
                    let (words, longest) = (about.hints.words, types::longest(base));
                    let person = home.row(row).person;
                    super::words::write(words, &mut dice, person, Some(row), longest, text);
                    Some(Datum::Text)
                }
                Base::Uuid => Some(types::uuid(&mut dice)),
                base => nth(base, row, text),
            },
            Source::Count(first, step) => {
                let steps = step.saturating_mul(row.cast_signed());
                Some(whole(&about.base, first.saturating_add(steps), text))
            }
            Source::Digit(digit) => nth(&about.base, digit.of(row), text),
            Source::Slot(end) => slot(&about.base, row + end, text),
            Source::Reference(reference, to) => {
                let parent = home.references[*reference].to;
                match self.parent(table, *reference, row, needed) {
                    Some(at) => return self.value(parent, *to, at, text),
                    None => None,
                }
            }
            Source::OneOf(kept) => {
                let at = usize::try_from(dice.below(kept.len() as u64)).unwrap_or(0);
                return kept.get(at).map_or(Datum::Null, |kept| kept.get(text));
            }
            Source::Listed(kept, digit) => {
                let kept = usize::try_from(digit.of(row)).ok().and_then(|at| kept.get(at));
                return kept.map_or(Datum::Null, |kept| kept.get(text));
            }
            Source::Partition => home.placed(column, row, None, &mut dice, text),
            Source::PartitionNth => {
                let nth = row / home.partitions.len().max(1) as u64;
                home.placed(column, row, Some(nth), &mut dice, text)
            }
        };
        made.unwrap_or(Datum::Null)
    }
}

impl Table {
    fn row(&self, row: u64) -> Row {
        Row {
            person: Dice::at(self.key.wrapping_add(1), row),
            life: Dice::at(self.key.wrapping_add(2), row),
        }
    }

    /// A value that the row's partition takes: any of them, or the n-th.
    fn placed(
        &self,
        column: usize,
        row: u64,
        nth: Option<u64>,
        dice: &mut Dice,
        text: &mut Vec<u8>,
    ) -> Option<Datum> {
        let base = &self.columns[column].base;
        let partition = row.checked_rem(self.partitions.len() as u64)?;
        let places = self.partitions.get(usize::try_from(partition).ok()?)?;
        let mut below = |n: u64| nth.unwrap_or_else(|| dice.below(n)) % n.max(1);
        match places.iter().find(|(at, _)| *at == column) {
            Some((_, Place::OneOf(kept))) => {
                let at = usize::try_from(below(kept.len() as u64)).ok()?;
                kept.get(at).map(|kept| kept.get(text))
            }
            Some((_, Place::Between(low, high))) => {
                let number = low.saturating_add_unsigned(below(high.abs_diff(*low)));
                Some(match base {
                    Base::Date => Datum::Day(number),
                    Base::Timestamp | Base::TimestampTz => Datum::Instant(number),
                    _ => whole(base, number, text),
                })
            }
            None => {
                let hints = self.columns[column].hints;
                types::ordinary(base, hints, &self.row(row), dice, text)
            }
        }
    }

    /// For how many rows the partitions have different values of the column.
    pub(super) fn spread(&self, column: usize) -> u64 {
        let width = |places: &Vec<(usize, Place)>| match places.iter().find(|(at, _)| *at == column)
        {
            Some((_, Place::OneOf(kept))) => kept.len() as u64,
            Some((_, Place::Between(low, high))) => high.abs_diff(*low),
            None => 0,
        };
        let least = self.partitions.iter().map(width).min().unwrap_or(0);
        least.saturating_mul(self.partitions.len() as u64)
    }
}

/// A whole number as a value of this type.
fn whole(base: &Base, number: i64, text: &mut Vec<u8>) -> Datum {
    if matches!(base, Base::Int(_)) {
        return Datum::Int(number);
    }
    super::calendar::write_number(number, text);
    Datum::Text
}
