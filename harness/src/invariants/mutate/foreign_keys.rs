//! The columns of foreign keys.

use super::Change;
use super::ddl::{constraints, listed, redefine, said};
use crate::catalog::{Action, Catalog, Constraint, ConstraintKind, Match, References, Table};

/// A column and the one it points to.
type Pair = (String, String);

pub(super) fn pair_removed(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, key, to) in foreign_keys(catalog) {
        let pairs = pairs(key, to);
        for removed in &pairs {
            let rest: Vec<_> = pairs.iter().filter(|pair| *pair != removed).cloned().collect();
            let definition = (!rest.is_empty()).then(|| with_pairs(key, to, &rest));
            let says = match definition {
                Some(_) => format!("drops {} from the foreign key {}", removed.0, key.name),
                None => format!("drops the foreign key {}", key.name),
            };
            let ddl = redefine(catalog, table, key, definition.as_deref());
            changes.push(change(table, key, says, ddl));
        }
    }
    changes
}

/// Exchanges one side of a pair for each other column of its table. Other pairs that have a
/// column of the new one go, as in the published operator. Whether the types fit and the columns
/// pointed to are unique is for the server to say.
pub(super) fn pair_exchanged(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, key, to) in foreign_keys(catalog) {
        let Some(parent) = catalog.table(&to.table) else { continue };
        let pairs = pairs(key, to);
        let mut seen: Vec<Vec<Pair>> = Vec::new();
        for (own, theirs) in &pairs {
            let others = table.columns.iter().filter(|column| column.name != *own);
            let by_own = others.map(|column| (column.name.clone(), theirs.clone()));
            let others = parent.columns.iter().filter(|column| column.name != *theirs);
            let by_theirs = others.map(|column| (own.clone(), column.name.clone()));
            for new in by_own.chain(by_theirs) {
                let apart = |pair: &&Pair| pair.0 != new.0 && pair.1 != new.1;
                let rest = pairs.iter().filter(apart).filter(|pair| pair.0 != *own);
                let mut changed: Vec<Pair> = rest.cloned().collect();
                changed.push(new.clone());
                let mut sorted = changed.clone();
                sorted.sort();
                if seen.contains(&sorted) {
                    continue;
                }
                seen.push(sorted);
                let says = format!(
                    "has {} point to {} instead of {} to {} in the foreign key {}",
                    said(table, &new.0),
                    said(parent, &new.1),
                    said(table, own),
                    said(parent, theirs),
                    key.name
                );
                let definition = with_pairs(key, to, &changed);
                let ddl = redefine(catalog, table, key, Some(&definition));
                changes.push(change(table, key, says, ddl));
            }
        }
    }
    changes
}

pub(super) fn foreign_keys(
    catalog: &Catalog,
) -> impl Iterator<Item = (&Table, &Constraint, &References)> {
    constraints(catalog, &[ConstraintKind::ForeignKey])
        .filter_map(|(table, key)| key.references.as_ref().map(|to| (table, key, to)))
}

pub(super) fn change(table: &Table, key: &Constraint, says: String, ddl: Vec<String>) -> Change {
    Change { table: table.name.clone(), object: key.name.clone(), says, ddl }
}

fn pairs(key: &Constraint, to: &References) -> Vec<Pair> {
    key.columns.iter().cloned().zip(to.columns.iter().cloned()).collect()
}

fn with_pairs(key: &Constraint, to: &References, pairs: &[Pair]) -> String {
    let (own, theirs): (Vec<_>, Vec<_>) = pairs.iter().cloned().unzip();
    let mut to = to.clone();
    to.set_columns.retain(|column| own.contains(column));
    to.columns = theirs;
    defined(&Constraint { columns: own, ..key.clone() }, &to)
}

/// A foreign key as `ADD CONSTRAINT` has it.
pub(super) fn defined(key: &Constraint, to: &References) -> String {
    let mut text = format!(
        "FOREIGN KEY ({}) REFERENCES {} ({})",
        listed(&key.columns),
        to.table,
        listed(&to.columns)
    );
    if to.matching == Match::Full {
        text.push_str(" MATCH FULL");
    }
    text.push_str(&format!(" ON UPDATE {}", words(to.on_update)));
    text.push_str(&format!(" ON DELETE {}", words(to.on_delete)));
    if !to.set_columns.is_empty() {
        text.push_str(&format!(" ({})", listed(&to.set_columns)));
    }
    if key.deferrable {
        text.push_str(" DEFERRABLE");
    }
    if key.initially_deferred {
        text.push_str(" INITIALLY DEFERRED");
    }
    text
}

/// An action as SQL has it.
pub(super) fn words(action: Action) -> &'static str {
    match action {
        Action::NoAction => "NO ACTION",
        Action::Restrict => "RESTRICT",
        Action::Cascade => "CASCADE",
        Action::SetNull => "SET NULL",
        Action::SetDefault => "SET DEFAULT",
    }
}
