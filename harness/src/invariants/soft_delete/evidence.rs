//! What else in a schema speaks for a column that may mean a soft delete.

use super::sign::{self, Sign};
use crate::catalog::{Catalog, ConstraintKind, Enabled, Event, Table, Timing};
use crate::sql::{expression, mentions};

/// How much speaks for a column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    pub score: u32,
    /// How many indexes, views and policies ask for the column.
    pub used: usize,
    /// A phrase for each thing that speaks for it.
    pub because: Vec<String>,
}

impl Evidence {
    /// What the schema has for a column besides its name and type.
    pub(super) fn of(catalog: &Catalog, table: &Table, sign: &Sign) -> Self {
        let mut evidence =
            Self { score: sign.weight, used: 0, because: vec![sign.because.clone()] };
        let column = sign.column.as_str();
        for index in &table.indexes {
            if index.predicate.as_deref().is_some_and(|predicate| asks(predicate, column)) {
                let kind = if index.unique { "unique index" } else { "index" };
                evidence.used += 1;
                let weight = if index.unique { 2 } else { 1 };
                evidence.add(weight, format!("the {kind} `{}` leaves rows out by it", index.name));
            }
        }
        for view in catalog.views.iter().filter(|view| filters(&view.definition, table, column)) {
            evidence.used += 1;
            evidence.add(1, format!("the view `{}` filters by it", view.name.name));
        }
        for policy in &table.policies {
            if policy.using.as_deref().is_some_and(|using| asks(using, column)) {
                evidence.used += 1;
                evidence.add(1, format!("the policy `{}` asks for it", policy.name));
            }
        }
        for other in sign::all(catalog, table).iter().filter(|other| other.column != column) {
            if tied(table, column, &other.column) {
                evidence.add(1, format!("a check ties it to `{}`", other.column));
            }
        }
        evidence.writers(catalog, table, column);
        let like = |other: &&Table| {
            other.partition.is_none()
                && sign::all(catalog, other).iter().any(|found| found.column == column)
        };
        let tables = catalog.tables.iter().filter(like).count();
        if tables > 1 {
            evidence.add(1, format!("{tables} tables have the same column"));
        }
        evidence
    }

    /// The triggers and rules that set it: above all those that do so instead of a DELETE.
    fn writers(&mut self, catalog: &Catalog, table: &Table, column: &str) {
        for trigger in table.triggers.iter().filter(|found| found.enabled != Enabled::Disabled) {
            let body = body(catalog, &trigger.function);
            if !body.is_some_and(|body| mentions(body, column)) {
                continue;
            }
            if trigger.timing == Timing::Before && trigger.events.contains(&Event::Delete) {
                self.add(3, format!("the trigger `{}` sets it instead of deleting", trigger.name));
            } else if body.is_some_and(|body| mentions(body, &format!("new.{column}"))) {
                self.add(1, format!("the trigger `{}` sets it", trigger.name));
            }
        }
        for rule in table.rules.iter().filter(|rule| rule.definition.contains("ON DELETE TO")) {
            if rule.definition.contains("DO INSTEAD") && mentions(&rule.definition, column) {
                self.add(3, format!("the rule `{}` sets it instead of deleting", rule.name));
            }
        }
    }

    /// The same kind of evidence counts as often as it is found.
    fn add(&mut self, weight: u32, phrase: String) {
        self.score += weight;
        self.because.push(phrase);
    }
}

/// The source of a function, by its signature.
pub(super) fn body<'a>(catalog: &'a Catalog, signature: &str) -> Option<&'a str> {
    let routine = catalog.routines.iter().find(|routine| routine.signature == signature)?;
    Some(routine.sql_body.as_deref().unwrap_or(&routine.body))
}

/// Whether a check speaks of both columns.
pub(super) fn tied(table: &Table, one: &str, other: &str) -> bool {
    let checks = table.constraints.iter().filter(|found| found.kind == ConstraintKind::Check);
    checks
        .filter_map(|check| check.expression.as_deref())
        .any(|expression| expression::columns(expression, &[one, other]).len() == 2)
}

fn asks(condition: &str, column: &str) -> bool {
    !expression::columns(condition, &[column]).is_empty()
}

/// Whether a view of the table has the column in a condition, as opposed to only showing it.
fn filters(definition: &str, table: &Table, column: &str) -> bool {
    let condition = definition.split_once(" WHERE ").or_else(|| definition.split_once(" ON "));
    mentions(definition, &table.name.name)
        && condition.is_some_and(|(_, condition)| mentions(condition, column))
}
