//! Exclusion constraints.

use super::Change;
use super::ddl::{constraints, redefine};
use crate::catalog::{Catalog, Constraint, ConstraintKind, Table};
use crate::sql::edit;

/// Operators of which one may stand for another; the server refuses those that the index does
/// not know for the type.
const OPERATORS: [&str; 4] = ["=", "<>", "&&", "-|-"];

pub(super) fn dropped(catalog: &Catalog) -> Vec<Change> {
    let change = |(table, exclusion): (&Table, &Constraint)| {
        let says = format!("drops the exclusion {}", exclusion.name);
        Change {
            table: table.name.clone(),
            object: exclusion.name.clone(),
            says,
            ddl: redefine(catalog, table, exclusion, None),
        }
    };
    constraints(catalog, &[ConstraintKind::Exclusion]).map(change).collect()
}

pub(super) fn element_removed(catalog: &Catalog) -> Vec<Change> {
    edited(catalog, |elements| {
        let removed = elements.iter().enumerate().filter(|_| elements.len() > 1);
        let without = |(at, element): (usize, &&str)| {
            let mut rest: Vec<String> = elements.iter().map(|it| (*it).to_owned()).collect();
            rest.remove(at);
            (format!("drops {element} from"), rest)
        };
        removed.map(without).collect()
    })
}

pub(super) fn operator_exchanged(catalog: &Catalog) -> Vec<Change> {
    edited(catalog, |elements| {
        let mut variants = Vec::new();
        for (at, element) in elements.iter().enumerate() {
            let Some((what, own)) = element.rsplit_once(" WITH ") else { continue };
            for other in OPERATORS.into_iter().filter(|other| *other != own) {
                let mut all: Vec<String> = elements.iter().map(|it| (*it).to_owned()).collect();
                all[at] = format!("{what} WITH {other}");
                variants.push((format!("excludes by {what} {other} instead of {own} in"), all));
            }
        }
        variants
    })
}

/// What is said of a list of elements, and the list.
type Variant = (String, Vec<String>);

/// A mutant for each list of elements that `edit` makes of those of an exclusion.
fn edited(catalog: &Catalog, edit: fn(&[&str]) -> Vec<Variant>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, exclusion) in constraints(catalog, &[ConstraintKind::Exclusion]) {
        let text = &exclusion.definition;
        let open = text.find('(').unwrap_or_default();
        let Some(place) = edit::parenthesized(text, open) else { continue };
        for (says, elements) in edit(&edit::items(&text[place.clone()])) {
            let definition = edit::replaced(text, &place, &elements.join(", "));
            changes.push(Change {
                table: table.name.clone(),
                object: exclusion.name.clone(),
                says: format!("{says} the exclusion {}", exclusion.name),
                ddl: redefine(catalog, table, exclusion, Some(&definition)),
            });
        }
    }
    changes
}
