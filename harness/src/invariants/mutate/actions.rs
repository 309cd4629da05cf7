//! What foreign keys do, apart from which columns they join.

use super::Change;
use super::ddl::redefine;
use super::foreign_keys::{change, defined, foreign_keys, words};
use crate::catalog::{Action, Catalog, Match, References};

const ACTIONS: [Action; 5] =
    [Action::NoAction, Action::Restrict, Action::Cascade, Action::SetNull, Action::SetDefault];

pub(super) fn on_delete(catalog: &Catalog) -> Vec<Change> {
    let exchanged = |to: &mut References, action| {
        to.on_delete = action;
        // Only these two take a list of columns.
        if !matches!(action, Action::SetNull | Action::SetDefault) {
            to.set_columns.clear();
        }
    };
    exchanged_actions(catalog, "DELETE", |to| to.on_delete, exchanged)
}

pub(super) fn on_update(catalog: &Catalog) -> Vec<Change> {
    exchanged_actions(catalog, "UPDATE", |to| to.on_update, |to, action| to.on_update = action)
}

fn exchanged_actions(
    catalog: &Catalog,
    event: &str,
    get: fn(&References) -> Action,
    set: fn(&mut References, Action),
) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, key, to) in foreign_keys(catalog) {
        let own = get(to);
        for other in ACTIONS.into_iter().filter(|action| *action != own) {
            let mut changed = to.clone();
            set(&mut changed, other);
            let (new, old) = (words(other), words(own));
            let says =
                format!("has ON {event} {new} instead of {old} in the foreign key {}", key.name);
            let ddl = redefine(catalog, table, key, Some(&defined(key, &changed)));
            changes.push(change(table, key, says, ddl));
        }
    }
    changes
}

/// Of a single column both ways of matching are the same.
pub(super) fn matching(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, key, to) in foreign_keys(catalog).filter(|(_, key, _)| key.columns.len() > 1) {
        let (other, new) = match to.matching {
            Match::Simple => (Match::Full, "FULL"),
            _ => (Match::Simple, "SIMPLE"),
        };
        let changed = References { matching: other, ..to.clone() };
        let says = format!("has MATCH {new} in the foreign key {}", key.name);
        let ddl = redefine(catalog, table, key, Some(&defined(key, &changed)));
        changes.push(change(table, key, says, ddl));
    }
    changes
}
