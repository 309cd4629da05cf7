//! Which row a foreign key points to.

use super::datum::to_text;
use super::dice::Dice;
use super::world::{Digit, Rows, Source, World};

/// How often a row is looked for that agrees with what other foreign keys decided.
const TRIES: u32 = 64;

impl World {
    /// The number of the row that a reference of this row points to; `None` for NULL.
    /// `needed`: whether it must point to one.
    pub(super) fn parent(&self, table: usize, at: usize, row: u64, needed: bool) -> Option<u64> {
        let home = &self.tables[table];
        let reference = &home.references[at];
        if reference.postponed {
            return None;
        }
        self.target(table, at, row, needed)
    }

    /// As `parent`, also of a reference that is NULL for now.
    pub(super) fn target(&self, table: usize, at: usize, row: u64, needed: bool) -> Option<u64> {
        let home = &self.tables[table];
        let reference = &home.references[at];
        let to = &self.tables[reference.to].rows;
        let mut dice = Dice::at(reference.key, row);
        if !needed && reference.optional && dice.percent(reference.absent) {
            return None;
        }
        let count = match to.count() {
            // A row refers to an earlier one; the first to itself, if it must.
            count if reference.to == table => match home.rows.place(row).unwrap_or(0).min(count) {
                0 if reference.optional && !needed => return None,
                0 => return Some(row),
                earlier if reference.digit.is_some() => return Some(home.rows.number(earlier - 1)),
                earlier => earlier,
            },
            0 => return None,
            count => count,
        };
        if reference.shared.is_empty() {
            let n =
                reference.digit.map_or_else(|| dice.below(count), |digit| digit.of(row) % count);
            return Some(to.number(n));
        }
        self.agreeing(table, at, row, count, &mut dice)
    }

    /// A row of the parent that agrees in the columns that other references decided.
    fn agreeing(
        &self,
        table: usize,
        at: usize,
        row: u64,
        count: u64,
        dice: &mut Dice,
    ) -> Option<u64> {
        let reference = &self.tables[table].references[at];
        let (own, theirs) = *reference.shared.first()?;
        let goal = self.origin(table, own, row)?;
        let mut digit = reference.digit.map(|digit| digit.of(row));
        for _ in 0..TRIES {
            let number = match self.with(reference.to, theirs, goal, count, digit, dice) {
                Some(number) => number,
                // Not by formula: any row, and then the next.
                None => self.tables[reference.to].rows.number(dice.below(count)),
            };
            if reference
                .shared
                .iter()
                .all(|pair| self.agree(table, row, reference.to, number, *pair))
            {
                return Some(number);
            }
            digit = None;
        }
        // A row may refer to itself where no other will do.
        (reference.to == table).then_some(row)
    }

    fn agree(&self, table: usize, row: u64, to: usize, number: u64, pair: (usize, usize)) -> bool {
        let (mut one, mut other) = (Vec::new(), Vec::new());
        let here = self.value(table, pair.0, row, &mut one);
        let there = self.value(to, pair.1, number, &mut other);
        to_text(here, &one) == to_text(there, &other)
    }

    /// Where the value of a column comes from in the end: the table, the column and the row that
    /// references lead to.
    fn origin(&self, table: usize, column: usize, row: u64) -> Option<(usize, usize, u64)> {
        let home = &self.tables[table];
        match home.columns[column].source {
            Source::Reference(at, to) if !matches!(home.rows, Rows::Read(_)) => {
                let parent = home.references[at].to;
                if parent == table {
                    return None;
                }
                self.origin(parent, to, self.parent(table, at, row, true)?)
            }
            _ => Some((table, column, row)),
        }
    }

    /// A row among the first `count` of the table whose column has its value from there: the
    /// `nth` of them, or any. `None` if there is none, or if no formula says.
    fn with(
        &self,
        table: usize,
        column: usize,
        goal: (usize, usize, u64),
        count: u64,
        nth: Option<u64>,
        dice: &mut Dice,
    ) -> Option<u64> {
        if (table, column) == (goal.0, goal.1) {
            return Some(goal.2);
        }
        let home = &self.tables[table];
        let Source::Reference(at, to) = home.columns[column].source else { return None };
        let reference = &home.references[at];
        let Digit { weight, base, first: from } = reference.digit?;
        let all = self.tables[reference.to].rows.count();
        let parent = self.with(reference.to, to, goal, all, None, dice)?;
        let digit = self.tables[reference.to].rows.place(parent)?;
        // Rows that have this digit: from + digit * weight + below + above * weight * base.
        let Rows::Made { first, .. } = home.rows else { return None };
        let (start, span) = (from + digit * weight, weight * base);
        let repeats = (first + count).checked_sub(start + 1)? / span + 1;
        let nth = nth.unwrap_or_else(|| dice.below(repeats * weight));
        let number = start + nth % weight + nth / weight % repeats * span;
        (number >= first && number < first + count).then_some(number)
    }
}
