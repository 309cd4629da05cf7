//! Unique indexes that no constraint owns.

use super::Change;
use super::ddl::{listed, tables};
use crate::catalog::{Catalog, Index, Table};
use crate::sql::{edit, mentions};

pub(super) fn dropped(catalog: &Catalog) -> Vec<Change> {
    let all = unique(catalog).into_iter();
    all.map(|(table, index, _)| {
        change(table, index, format!("drops the unique index {}", index.name), None)
    })
    .collect()
}

pub(super) fn key_removed(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, index, parts) in unique(catalog) {
        for (at, key) in parts.keys.iter().enumerate().filter(|_| parts.keys.len() > 1) {
            let mut less = parts.clone();
            less.keys.remove(at);
            let says = format!("drops {key} from the unique index {}", index.name);
            changes.push(change(table, index, says, Some(&less)));
        }
    }
    changes
}

pub(super) fn nulls_exchanged(catalog: &Catalog) -> Vec<Change> {
    let exchanged = |(table, index, parts): (&Table, &Index, Parts)| {
        let verb =
            if parts.nulls_not_distinct { "tells nulls apart" } else { "takes nulls for equal" };
        let says = format!("{verb} in the unique index {}", index.name);
        let other = Parts { nulls_not_distinct: !parts.nulls_not_distinct, ..parts };
        change(table, index, says, Some(&other))
    };
    unique(catalog).into_iter().map(exchanged).collect()
}

pub(super) fn predicate_removed(catalog: &Catalog) -> Vec<Change> {
    repredicated(catalog, |index, predicate| {
        (format!("drops the condition {predicate} of the unique index {}", index.name), None)
    })
}

pub(super) fn predicate_negated(catalog: &Catalog) -> Vec<Change> {
    repredicated(catalog, |index, predicate| {
        let says = format!("negates the condition {predicate} of the unique index {}", index.name);
        (says, Some(format!("NOT ({predicate})")))
    })
}

fn repredicated(
    catalog: &Catalog,
    changed: fn(&Index, &str) -> (String, Option<String>),
) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, index, parts) in unique(catalog) {
        let Some(predicate) = &parts.predicate else { continue };
        let (says, predicate) = changed(index, predicate);
        changes.push(change(table, index, says, Some(&Parts { predicate, ..parts.clone() })));
    }
    changes
}

/// `lower(email)` becomes `email`, where the expression is about one column only.
pub(super) fn bared(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, index, parts) in unique(catalog) {
        for (at, key) in index.columns.iter().enumerate() {
            let Some(expression) = &key.expression else { continue };
            let names = table.columns.iter().map(|column| &column.name);
            let named: Vec<_> = names.filter(|name| mentions(expression, name)).collect();
            let [column] = named[..] else { continue };
            let mut bare = parts.clone();
            if let Some(key) = bare.keys.get_mut(at) {
                *key = listed(std::slice::from_ref(column));
            }
            let says = format!("has {column} for {expression} in the unique index {}", index.name);
            changes.push(change(table, index, says, Some(&bare)));
        }
    }
    changes
}

/// The statement that makes an index, taken apart.
#[derive(Clone)]
struct Parts {
    /// Up to the parenthesis before the keys.
    head: String,
    keys: Vec<String>,
    include: Vec<String>,
    nulls_not_distinct: bool,
    options: Vec<String>,
    predicate: Option<String>,
}

fn unique(catalog: &Catalog) -> Vec<(&Table, &Index, Parts)> {
    let mut found = Vec::new();
    for table in tables(catalog) {
        let own =
            |index: &&Index| index.unique && !index.of_constraint && index.attached_to.is_none();
        for index in table.indexes.iter().filter(own) {
            if let Some(parts) = parts(index) {
                found.push((table, index, parts));
            }
        }
    }
    found
}

fn parts(index: &Index) -> Option<Parts> {
    let text = index.definition.as_deref()?;
    let open = text.find(&format!(" USING {} (", index.method))? + index.method.len() + 8;
    let keys = edit::items(&text[edit::parenthesized(text, open)?]);
    Some(Parts {
        head: text[..open].to_owned(),
        keys: keys.into_iter().map(str::to_owned).collect(),
        include: index.include.clone(),
        nulls_not_distinct: index.nulls_not_distinct,
        options: index.options.clone(),
        predicate: index.predicate.clone(),
    })
}

impl Parts {
    fn statement(&self) -> String {
        let mut text = format!("{}({})", self.head, self.keys.join(", "));
        if !self.include.is_empty() {
            text.push_str(&format!(" INCLUDE ({})", listed(&self.include)));
        }
        if self.nulls_not_distinct {
            text.push_str(" NULLS NOT DISTINCT");
        }
        if !self.options.is_empty() {
            text.push_str(&format!(" WITH ({})", self.options.join(", ")));
        }
        if let Some(predicate) = &self.predicate {
            text.push_str(&format!(" WHERE {predicate}"));
        }
        text
    }
}

fn change(table: &Table, index: &Index, says: String, made: Option<&Parts>) -> Change {
    let drop = format!("DROP INDEX {}", table.name.sibling(&index.name));
    let ddl = [drop].into_iter().chain(made.map(Parts::statement)).collect();
    Change { table: table.name.clone(), object: index.name.clone(), says, ddl }
}
