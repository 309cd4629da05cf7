//! Looks up everything that the model needs of a catalog.

use std::collections::BTreeMap;

use super::cover::Covered;
use super::facts::Refusal;
use super::schema::{
    Check, ColumnOf, Deferrable, Foreign, Means, Modelled, Part, Question, Schema, Unique, mentions,
};
use crate::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Index, Match, Name, Table, quote_ident,
};
use crate::values::types::resolve;

/// Looks the covered tables up; without pools, values and the order of foreign keys.
pub(super) fn compile(catalog: &Catalog, covered: &BTreeMap<Name, Covered>) -> Schema {
    let mut schema = Schema::default();
    let tables = covered.iter().filter_map(|(name, found)| Some((catalog.table(name)?, found)));
    let tables: Vec<_> = tables.collect();
    for (table, found) in &tables {
        let columns = table.columns.iter();
        schema.tables.push(Modelled {
            name: table.name.clone(),
            columns: columns.map(|c| column(catalog, c, &found.assigned)).collect(),
            checks: Vec::new(),
            uniques: Vec::new(),
            references: Vec::new(),
            referenced_by: Vec::new(),
            key: Vec::new(),
            pool: Vec::new(),
            live: Vec::new(),
        });
    }
    for (at, (table, _)) in tables.iter().enumerate() {
        schema.add_checks(at, table);
        for index in table.indexes.iter().filter(|index| index.unique && index.ready) {
            schema.add_unique(at, table, index);
        }
        for constraint in table.constraints.iter().filter(|c| enforced(c)) {
            schema.add_foreign(at, constraint);
        }
        schema.tables[at].key = schema.key_of(at, table);
    }
    schema
}

fn column(catalog: &Catalog, column: &Column, assigned: &[String]) -> ColumnOf {
    let resolved = resolve(catalog, &column.data_type);
    let of_domain = resolved.domains.iter().find_map(|domain| domain.default.clone());
    ColumnOf {
        name: column.name.clone(),
        data_type: column.data_type.text.clone(),
        not_null: column.not_null,
        default: column.default.clone().or(of_domain),
        means: Means::Unknown,
        generated: column.generated.as_ref().map(|generated| generated.expression.clone()),
        identity_always: column.identity.as_ref().is_some_and(|identity| identity.always),
        identity: column.identity.is_some(),
        assigned: assigned.contains(&column.name),
        guarded: resolved.not_null(),
    }
}

/// Constraints of version 18 can be written down without being enforced.
fn enforced(constraint: &Constraint) -> bool {
    !constraint.definition.contains("NOT ENFORCED")
}

impl Schema {
    /// The number of the question, for the columns that its expression mentions.
    fn question(&mut self, table: usize, expression: &str) -> usize {
        let columns = &self.tables[table].columns;
        let direct = |text: &str| -> Vec<usize> {
            (0..columns.len()).filter(|&at| mentions(text, &columns[at].name)).collect()
        };
        let mut needed = direct(expression);
        for at in needed.clone() {
            if let Some(generated) = &columns[at].generated {
                needed.extend(direct(generated));
            }
        }
        needed.retain(|&at| columns[at].generated.is_none());
        needed.sort_unstable();
        needed.dedup();
        self.questions.push(Question { table, columns: needed, expression: expression.to_owned() });
        self.questions.len() - 1
    }

    fn add_checks(&mut self, at: usize, table: &Table) {
        let checks = table.constraints.iter().filter(|c| enforced(c));
        for constraint in checks.filter(|c| c.kind == ConstraintKind::Check) {
            let Some(expression) = &constraint.expression else { continue };
            let question = self.question(at, expression);
            let refusal = Refusal::new("23514", &constraint.name);
            self.tables[at].checks.push(Check { question, refusal });
        }
        for column in table.columns.iter().filter(|c| c.generated.is_some() && c.not_null) {
            let question = self.question(at, &format!("{} IS NOT NULL", quote_ident(&column.name)));
            self.tables[at].checks.push(Check { question, refusal: Refusal::new("23502", "") });
        }
    }

    fn add_unique(&mut self, at: usize, table: &Table, index: &Index) {
        let mut parts = Vec::with_capacity(index.columns.len());
        for part in &index.columns {
            let named = part.column.as_ref().and_then(|name| {
                table.columns.iter().position(|c| c.name == *name && c.generated.is_none())
            });
            let expression =
                part.expression.clone().or_else(|| part.column.as_deref().map(quote_ident));
            parts.push(match (named, expression) {
                (Some(column), _) => Part::Column(column),
                (None, text) => Part::Expression(self.question(at, &text.unwrap_or_default())),
            });
        }
        let predicate = index.predicate.as_ref().map(|text| self.question(at, text));
        let constraint = table.constraint(&index.name).filter(|_| index.of_constraint);
        let deferrable = constraint.and_then(|constraint| self.deferral(at, constraint));
        self.tables[at].uniques.push(Unique {
            name: index.name.clone(),
            parts,
            predicate,
            nulls_not_distinct: index.nulls_not_distinct,
            deferrable,
        });
    }

    fn add_foreign(&mut self, child: usize, constraint: &Constraint) {
        let Some(references) = &constraint.references else { return };
        let named = |table: &Modelled, names: &[String]| -> Vec<usize> {
            let at = |name: &String| table.columns.iter().position(|c| c.name == *name);
            names.iter().filter_map(at).collect()
        };
        let Some(parent) = self.tables.iter().position(|table| table.name == references.table)
        else {
            return;
        };
        let columns = named(&self.tables[child], &constraint.columns);
        let set_columns = named(&self.tables[child], &references.set_columns);
        let deferrable = self.deferral(child, constraint);
        let number = self.foreign.len();
        self.foreign.push(Foreign {
            name: constraint.name.clone(),
            child,
            parent,
            parent_columns: named(&self.tables[parent], &references.columns),
            on_delete: references.on_delete,
            on_update: references.on_update,
            set_columns: if set_columns.is_empty() { columns.clone() } else { set_columns },
            columns,
            full: references.matching == Match::Full,
            deferrable,
        });
        self.tables[child].references.push(number);
        self.tables[parent].referenced_by.push(number);
    }

    fn deferral(&mut self, table: usize, constraint: &Constraint) -> Option<usize> {
        if !constraint.deferrable {
            return None;
        }
        let name = self.tables[table].name.sibling(&constraint.name);
        self.deferrable.push(Deferrable { name, initially: constraint.initially_deferred });
        Some(self.deferrable.len() - 1)
    }

    /// The columns of the primary key, else of a unique key of columns alone.
    fn key_of(&self, at: usize, table: &Table) -> Vec<usize> {
        let primary = table.primary_key().map(|key| key.name.as_str());
        let plain = |unique: &&Unique| {
            let parts = &unique.parts;
            unique.predicate.is_none() && parts.iter().all(|part| matches!(part, Part::Column(_)))
        };
        let mut uniques = self.tables[at].uniques.iter().filter(plain).collect::<Vec<_>>();
        uniques.sort_by_key(|unique| Some(unique.name.as_str()) != primary);
        let parts = uniques.first().map(|unique| unique.parts.iter()).into_iter().flatten();
        parts
            .filter_map(|part| match part {
                Part::Column(column) => Some(*column),
                Part::Expression(_) => None,
            })
            .collect()
    }
}
