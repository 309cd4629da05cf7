//! Rows chosen by what is wanted of their values: as full as can be, or as unlike another row as
//! can be, so that two rows have nothing in common but what a case is about.

use std::collections::BTreeMap;

use super::shape::Link;
use super::solve::Combo;
use super::{Context, Row, Solved};
use crate::catalog::{Match, Name};
use crate::values::Value;

/// Values by column.
pub type Cells = BTreeMap<String, Value>;

/// How much a value is wanted in a column; the most wanted is taken.
type Wanted<'a> = &'a dyn Fn(&str, &Value) -> u32;

impl Context {
    /// The row with these values and as few NULLs as can be, otherwise like the `n`-th. Nothing
    /// if these values do not go together with any others that were tried.
    pub fn full(&self, table: &Name, n: usize, fixed: &Cells) -> Option<Row> {
        let like = self.row(table, n)?;
        self.preferred(table, fixed, &|column, value| match value {
            None => 0,
            Some(_) if like.cells.get(column) == Some(value) => 3,
            Some(_) => 2,
        })
    }

    /// The row with these values that differs from `one` in as many other columns as can be,
    /// above all in those of keys.
    pub fn unlike(&self, one: &Row, fixed: &Cells) -> Option<Row> {
        let solved = self.solved(&one.table)?;
        let like = self.row(&one.table, 1);
        let like = |column: &str| like.as_ref().and_then(|row| row.cells.get(column));
        self.preferred(&one.table, fixed, &|column, value| {
            let rated = match value {
                _ if alike(value, one.cells.get(column)) => 0,
                None => 1,
                Some(_) if like(column) == Some(value) => 3,
                Some(_) => 2,
            };
            if solved.in_key(column) { rated * 1000 } else { rated }
        })
    }

    /// The row with these values whose other values are wanted most.
    fn preferred(&self, table: &Name, fixed: &Cells, wanted: Wanted<'_>) -> Option<Row> {
        let solved = self.solved(table)?;
        if solved.unable.is_some() {
            return None;
        }
        let mut cells = fixed.clone();
        let mut needs = Vec::new();
        for link in &solved.shape.links {
            if let Some(need) = self.refer(solved, link, &mut cells, wanted)? {
                needs.push(need);
            }
        }
        for component in &solved.components {
            let open = |column: &String| !cells.contains_key(column);
            if !component.columns.iter().any(open) && component.checks.is_empty() {
                continue;
            }
            let rated = |combo: &Combo| -> u32 {
                let pairs = component.columns.iter().zip(&combo.cells);
                pairs.filter(|(column, _)| open(column)).map(|(c, value)| wanted(c, value)).sum()
            };
            let fits = |combo: &&Combo| {
                let mut pairs = component.columns.iter().zip(&combo.cells);
                combo.is_good() && pairs.all(|(c, value)| cells.get(c).is_none_or(|v| v == value))
            };
            // Of equals the first, since the most ordinary values come first.
            let best = component.combos.iter().filter(fits).rev().max_by_key(|c| rated(c))?;
            for (column, value) in component.columns.iter().zip(&best.cells) {
                cells.entry(column.clone()).or_insert_with(|| value.clone());
            }
        }
        let mut row = self.build(solved, 0, &cells)?;
        row.needs = needs;
        Some(row)
    }

    /// Chooses the parent, or none where the row can do without one. The outer nothing: no parent
    /// has the values that are given.
    #[expect(clippy::option_option, reason = "no such parent is not the same as no parent")]
    fn refer(
        &self,
        solved: &Solved,
        link: &Link,
        cells: &mut Cells,
        wanted: Wanted<'_>,
    ) -> Option<Option<(Name, usize)>> {
        let nullable = |column: &&String| !solved.shape.not_null(column);
        let given_null = link.columns.iter().any(|column| cells.get(column) == Some(&None));
        if given_null || link.parent == link.child {
            for column in link.columns.iter().filter(nullable) {
                let value = cells.entry(column.clone()).or_default();
                if link.matching == Match::Full {
                    *value = None;
                }
            }
            return Some(None);
        }
        let given = link.columns.iter().all(|own| cells.contains_key(own));
        let fits = |row: &Row| {
            let mut pairs = link.columns.iter().zip(&link.parent_columns);
            pairs.all(|(own, theirs)| {
                cells.get(own).is_none_or(|value| row.cells.get(theirs) == Some(value))
            })
        };
        let rated = |row: &Row| -> u32 {
            let pairs = link.columns.iter().zip(&link.parent_columns);
            pairs.map(|(own, theirs)| row.cells.get(theirs).map_or(0, |v| wanted(own, v))).sum()
        };
        let rows = (0..self.room(&link.parent).max(1)).rev();
        let rows = rows.filter_map(|n| Some((n, self.row(&link.parent, n)?)));
        let best = rows
            .filter(|(_, row)| fits(row) && !self.hangs_on(row, &link.child))
            .max_by_key(|(_, row)| rated(row));
        let none: u32 = link.columns.iter().map(|own| wanted(own, &None)).sum();
        match best {
            Some((n, parent)) if link.required || given || rated(&parent) >= none => {
                for (own, theirs) in link.columns.iter().zip(&link.parent_columns) {
                    cells.insert(own.clone(), parent.cells.get(theirs).cloned().flatten());
                }
                Some(Some((link.parent.clone(), n)))
            }
            _ if link.required || given => None,
            _ => {
                for column in link.columns.iter().filter(nullable) {
                    cells.entry(column.clone()).or_insert(None);
                }
                Some(None)
            }
        }
    }

    /// Whether the row needs a row of that table first, which could be the very one to be made.
    fn hangs_on(&self, row: &Row, table: &Name) -> bool {
        row.needs.iter().any(|(parent, n)| {
            parent == table
                || self.row(parent, *n).is_some_and(|parent| self.hangs_on(&parent, table))
        })
    }
}

impl Solved {
    /// Whether a key or an exclusion speaks of the column.
    fn in_key(&self, column: &str) -> bool {
        self.varying.contains(column)
            || self.changing.contains(column)
            || self.shape.keys.iter().any(|key| key.columns().contains(&column))
    }
}

/// Whether two values are the same to a key, also one that does not tell case and blanks.
pub fn alike(one: &Value, other: Option<&Value>) -> bool {
    let fold = |value: &Value| value.as_ref().map(|text| text.trim().to_lowercase());
    other.is_some_and(|other| fold(one) == fold(other))
}
