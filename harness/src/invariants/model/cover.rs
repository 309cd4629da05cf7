//! Which tables the model can speak for, and why not for the others.

use std::collections::BTreeMap;

use super::triggers::{self, Effect};
use crate::catalog::{Catalog, ConstraintKind, Enabled, Name, Table, TableKind, Timing};
use crate::values::types::{Base, resolve};

/// A table that the model says nothing of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    pub table: Name,
    /// As the end of a sentence: `its rule users_log may do anything instead`.
    pub reason: String,
}

/// What triggers make of a table that the model can speak for.
#[derive(Debug, Clone, Default)]
pub(super) struct Covered {
    /// The columns that triggers assign, so that nothing is known of their values.
    pub(super) assigned: Vec<String>,
}

/// The tables of `wanted` that can be modelled, and the others with the reason, which is already
/// known of those that are `excluded`.
pub(super) fn cover(
    catalog: &Catalog,
    wanted: &[Name],
    excluded: &BTreeMap<Name, String>,
) -> (BTreeMap<Name, Covered>, Vec<LeftOut>) {
    let mut covered = BTreeMap::new();
    let mut reasons = excluded.clone();
    for name in wanted.iter().filter(|name| !excluded.contains_key(*name)) {
        match catalog.table(name).map(|table| (table, obstacle(catalog, table))) {
            None => drop(reasons.insert(name.clone(), "there is no such table".to_owned())),
            Some((_, Some(reason))) => drop(reasons.insert(name.clone(), reason)),
            Some((table, None)) => match by_triggers(catalog, table) {
                Ok(found) => drop(covered.insert(name.clone(), found)),
                Err(reason) => drop(reasons.insert(name.clone(), reason)),
            },
        }
    }
    // A table hangs on what it refers to: without those rows nothing can be said of its own.
    while let Some((name, to)) = dangling(catalog, &covered) {
        covered.remove(&name);
        reasons.insert(name, format!("it refers to `{to}`, which is left out"));
    }
    let left_out = reasons.into_iter().map(|(table, reason)| LeftOut { table, reason });
    let left_out = left_out.collect();
    (covered, left_out)
}

fn dangling(catalog: &Catalog, covered: &BTreeMap<Name, Covered>) -> Option<(Name, Name)> {
    covered.keys().find_map(|name| {
        let to = catalog.table(name)?.constraints.iter().filter_map(|c| c.references.as_ref());
        let to = to.map(|references| &references.table).find(|to| !covered.contains_key(*to))?;
        Some((name.clone(), to.clone()))
    })
}

/// What keeps a table out, triggers aside.
fn obstacle(catalog: &Catalog, table: &Table) -> Option<String> {
    if table.kind != TableKind::Ordinary || table.partition.is_some() {
        return Some("it is a partitioned or foreign table, or a part of one".to_owned());
    }
    let child = catalog.tables.iter().find(|other| other.inherits.contains(&table.name));
    if !table.inherits.is_empty() || child.is_some() {
        return Some("it inherits, or is inherited from".to_owned());
    }
    if let Some(rule) = table.rules.iter().find(|rule| rule.enabled != Enabled::Disabled) {
        return Some(format!("its rule `{}` may do anything instead", rule.name));
    }
    for constraint in &table.constraints {
        let what = &constraint.definition;
        let odd = constraint.kind == ConstraintKind::Exclusion
            || ["PERIOD ", "WITHOUT OVERLAPS"].iter().any(|word| what.contains(word));
        if odd {
            return Some(format!("`{}` excludes rows by operators", constraint.name));
        }
        if constraint.disabled {
            return Some(format!("the triggers of `{}` are disabled", constraint.name));
        }
        if let Some(reason) = unlike_columns(catalog, table, &constraint.name) {
            return Some(reason);
        }
    }
    let texts = table.constraints.iter().filter_map(|c| c.expression.as_deref());
    let keys = table.indexes.iter().filter(|index| index.unique);
    let keys = keys.flat_map(|index| {
        let parts = index.columns.iter().filter_map(|column| column.expression.as_deref());
        parts.chain(index.predicate.as_deref())
    });
    texts.chain(keys).find_map(|text| volatile_call(catalog, text))
}

/// Whether a foreign key compares columns of different types, in words.
fn unlike_columns(catalog: &Catalog, table: &Table, constraint: &str) -> Option<String> {
    let constraint = table.constraint(constraint)?;
    let references = constraint.references.as_ref()?;
    let parent = catalog.table(&references.table)?;
    let family = |table: &Table, column: &str| {
        let column = table.column(column)?;
        let resolved = resolve(catalog, &column.data_type);
        let family = match resolved.base {
            Base::Int(_) => "integer".to_owned(),
            Base::Text(_) => "text".to_owned(),
            Base::Numeric(_) => "numeric".to_owned(),
            other => format!("{other:?}"),
        };
        Some((family, column.collation.clone()))
    };
    let mut pairs = constraint.columns.iter().zip(&references.columns);
    pairs.find(|(from, to)| family(table, from) != family(parent, to)).map(|(from, to)| {
        format!("`{}` compares `{from}` with `{to}`, which is of another type", constraint.name)
    })
}

/// The first function of the user's own in an expression that need not answer twice alike.
fn volatile_call(catalog: &Catalog, text: &str) -> Option<String> {
    let called = |name: &Name| text.contains(&format!("{name}("));
    let mut routines = catalog.routines.iter();
    routines
        .find(|routine| routine.volatility != "immutable" && called(&routine.name))
        .map(|routine| format!("a condition calls `{}`, which is not immutable", routine.name))
}

fn by_triggers(catalog: &Catalog, table: &Table) -> Result<Covered, String> {
    let mut covered = Covered::default();
    for trigger in &table.triggers {
        if matches!(trigger.enabled, Enabled::Disabled | Enabled::Replica) {
            continue;
        }
        match triggers::effect(catalog, trigger) {
            Effect::Unknown(why) => return Err(format!("its trigger `{}` {why}", trigger.name)),
            Effect::Assigns(columns) if trigger.timing == Timing::Before => {
                covered.assigned.extend(columns);
            }
            Effect::Assigns(_) => {}
        }
    }
    covered.assigned.sort();
    covered.assigned.dedup();
    match covered.assigned.iter().find(|column| decides(table, column)) {
        None => Ok(covered),
        Some(column) => Err(format!("a trigger assigns `{column}`, which a constraint is about")),
    }
}

/// Whether a key, a foreign key, a check or a generated column depends on a column.
fn decides(table: &Table, column: &str) -> bool {
    let constrained = |c: &crate::catalog::Constraint| {
        c.kind != ConstraintKind::NotNull && c.columns.iter().any(|name| name == column)
    };
    let mentioned = |text: &Option<String>| {
        text.as_deref().is_some_and(|text| super::schema::mentions(text, column))
    };
    table.constraints.iter().any(constrained)
        || table.columns.iter().any(|c| {
            c.generated.as_ref().is_some_and(|g| super::schema::mentions(&g.expression, column))
        })
        || table.indexes.iter().filter(|index| index.unique).any(|index| {
            mentioned(&index.predicate)
                || index
                    .columns
                    .iter()
                    .any(|c| c.column.as_deref() == Some(column) || mentioned(&c.expression))
        })
}
