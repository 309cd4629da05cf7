//! Chooses the values of a row: parents first, then what goes with them.

use std::collections::{BTreeMap, BTreeSet};

use super::row::{self, Row};
use super::shape::Link;
use super::solve::{Combo, Component};
use super::{Context, Solved};
use crate::values::Value;

impl Context {
    /// Chooses a row: parents first, then values that go with them.
    pub(super) fn build(
        &self,
        solved: &Solved,
        n: usize,
        fixed: &BTreeMap<String, Value>,
    ) -> Option<Row> {
        let shape = &solved.shape;
        let mut cells = fixed.clone();
        let mut needs = Vec::new();
        // Values that the row refers to itself by are known only at the end.
        let mut own: Vec<&Link> = Vec::new();
        // Parents whose keys checks speak of are chosen with the other values of those checks.
        let mut by_checks: Vec<&Link> = Vec::new();
        for link in &shape.links {
            if link.columns.iter().all(|column| cells.contains_key(column)) {
                continue;
            }
            if solved.is_checked(link) {
                by_checks.push(link);
            } else if !link.required {
                for column in link.columns.iter().filter(|column| !shape.not_null(column)) {
                    cells.entry(column.clone()).or_insert(None);
                }
            } else if link.parent == link.child {
                own.push(link);
            } else {
                let varies = solved.varying_links.contains(&link.name);
                let m = if varies { n % self.room(&link.parent).max(1) } else { 0 };
                let parent = self.row(&link.parent, m)?;
                for (column, theirs) in link.columns.iter().zip(&link.parent_columns) {
                    let value = parent.cells.get(theirs)?.clone();
                    cells.entry(column.clone()).or_insert(value);
                }
                needs.push((link.parent.clone(), m));
            }
        }
        for component in &solved.components {
            let combo = choose(component, solved, n, &cells)?;
            for (column, value) in component.columns.iter().zip(combo) {
                cells.entry(column.clone()).or_insert(value);
            }
        }
        for link in by_checks {
            if cells.get(&link.columns[0]).is_some_and(Option::is_some) {
                let is_it = |m: &usize| {
                    let parent = self.row(&link.parent, *m);
                    parent.is_some_and(|parent| {
                        cells.get(&link.columns[0]) == parent.cells.get(&link.parent_columns[0])
                    })
                };
                needs.push((link.parent.clone(), (0..self.room(&link.parent)).find(is_it)?));
            }
        }
        for link in own {
            for (column, theirs) in link.columns.iter().zip(&link.parent_columns) {
                let value = cells.get(theirs)?.clone();
                cells.insert(column.clone(), value);
            }
        }
        let identity = shape
            .identity()
            .map_or_else(Vec::new, |key| key.columns().into_iter().map(str::to_owned).collect());
        let identity = match identity.is_empty() {
            true => cells.keys().filter(|name| row::is_comparable(shape, name)).cloned().collect(),
            false => identity,
        };
        Some(Row { table: shape.name().clone(), cells, needs, identity })
    }
}

/// The values of a component for the `n`-th row that go with the cells chosen so far.
fn choose(
    component: &Component,
    solved: &Solved,
    n: usize,
    cells: &BTreeMap<String, Value>,
) -> Option<Vec<Value>> {
    let fits = |combo: &&Combo| {
        let mut pairs = component.columns.iter().zip(&combo.cells);
        pairs.all(|(column, value)| cells.get(column).is_none_or(|fixed| fixed == value))
    };
    let free = component.columns.iter().any(|column| !cells.contains_key(column));
    if !free
        || component.checks.is_empty()
            && component.columns.len() == 1
            && cells.contains_key(&component.columns[0])
    {
        return Some(
            component.columns.iter().map(|column| cells.get(column).cloned().flatten()).collect(),
        );
    }
    let free_of = |names: &BTreeSet<String>| -> Vec<usize> {
        let named = |at: &usize| names.contains(&component.columns[*at]);
        let open = |at: &usize| !cells.contains_key(&component.columns[*at]);
        (0..component.columns.len()).filter(named).filter(open).collect()
    };
    let (varying, changing) = (free_of(&solved.varying), free_of(&solved.changing));
    let good = component.combos.iter().filter(|combo| combo.is_good()).filter(fits);
    // Different also to a key that does not tell case and blanks.
    let different = |places: &[usize]| -> Vec<&Combo> {
        let mut seen = BTreeSet::new();
        let given = |combo: &&Combo| places.iter().all(|at| combo.cells[*at].is_some());
        let folded = |combo: &Combo| -> Vec<String> {
            let fold = |at: &usize| combo.cells[*at].as_deref().unwrap_or("").trim().to_lowercase();
            places.iter().map(fold).collect()
        };
        good.clone().filter(given).filter(|combo| seen.insert(folded(combo))).collect()
    };
    let combo = match (varying.is_empty(), changing.is_empty()) {
        (true, true) => good.clone().next(),
        (false, _) => different(&varying).get(n).copied(),
        (true, false) => {
            let found = different(&changing);
            found.get(n % found.len().max(1)).copied()
        }
    };
    match combo {
        Some(combo) => Some(combo.cells.clone()),
        // Values that were given may be outside of what was tried: the rest is as in any row.
        None => {
            let good = component.combos.iter().find(|combo| combo.is_good())?;
            let given = component.columns.iter().any(|column| cells.contains_key(column));
            given.then(|| good.cells.clone())
        }
    }
}
