//! Checks of tables.

use super::Change;
use super::ddl::{constraints, redefine};
use crate::catalog::{Catalog, Constraint, ConstraintKind, Table};
use crate::sql::edit;

/// The six operators that compare, each to be exchanged for each other.
const OPERATORS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];

pub(super) fn dropped(catalog: &Catalog) -> Vec<Change> {
    let all = constraints(catalog, &[ConstraintKind::Check]);
    let change = |(table, check): (&Table, &Constraint)| Change {
        table: table.name.clone(),
        object: check.name.clone(),
        says: format!("drops the check {}", check.name),
        ddl: redefine(catalog, table, check, None),
    };
    all.map(change).collect()
}

pub(super) fn element_removed(catalog: &Catalog) -> Vec<Change> {
    edited(catalog, elements_removed)
}

pub(super) fn operator_exchanged(catalog: &Catalog) -> Vec<Change> {
    edited(catalog, operators_exchanged)
}

/// A mutant for each way in which `edit` changes an expression.
fn edited(catalog: &Catalog, edit: fn(&str) -> Vec<(String, String)>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, check) in constraints(catalog, &[ConstraintKind::Check]) {
        let expression = check.expression.as_deref().unwrap_or_default();
        for (says, expression) in edit(expression) {
            let no_inherit = if check.no_inherit { " NO INHERIT" } else { "" };
            let definition = format!("CHECK ({expression}){no_inherit}");
            changes.push(Change {
                table: table.name.clone(),
                object: check.name.clone(),
                says: format!("{says} in the check {}", check.name),
                ddl: redefine(catalog, table, check, Some(&definition)),
            });
        }
    }
    changes
}

/// The expression without each element of each list in it, and what was taken out. A list of one
/// is left alone, since without it there is no expression.
pub(super) fn elements_removed(expression: &str) -> Vec<(String, String)> {
    let mut edits = Vec::new();
    for elements in edit::lists(expression).into_iter().filter(|elements| elements.len() > 1) {
        let whole = elements[0].start..elements[elements.len() - 1].end;
        for (at, removed) in elements.iter().enumerate() {
            let rest = elements.iter().enumerate().filter(|(other, _)| *other != at);
            let rest: Vec<_> = rest.map(|(_, element)| &expression[element.clone()]).collect();
            edits.push((
                format!("drops {}", &expression[removed.clone()]),
                edit::replaced(expression, &whole, &rest.join(", ")),
            ));
        }
    }
    edits
}

/// The expression with each comparison exchanged for each other one, and what was exchanged.
pub(super) fn operators_exchanged(expression: &str) -> Vec<(String, String)> {
    let mut edits = Vec::new();
    let places = edit::comparisons(expression);
    for (at, place) in places.iter().enumerate() {
        let own = &expression[place.clone()];
        // Which one it is, where the same stands there twice.
        let same = |place: &&std::ops::Range<usize>| expression[(*place).clone()] == *own;
        let which = match places[..at].iter().filter(same).count() {
            0 => String::new(),
            before => format!(" (number {})", before + 1),
        };
        for other in OPERATORS.iter().filter(|other| **other != own) {
            edits.push((
                format!("compares by {other} instead of {own}{which}"),
                edit::replaced(expression, place, other),
            ));
        }
    }
    edits
}
