//! Constraints and indexes.

use std::collections::BTreeMap;

use super::columns::{collation, named};
use super::rows::{ConstraintRow, IndexRow, Names, Remarks};
use super::{Columns, Oid, Statistics, numbers};
use crate::catalog::about::About;
use crate::catalog::{Constraint, ConstraintKind, Index, IndexColumn, References, Table};
use crate::error::Result;

pub(super) fn constraints(
    rows: Vec<ConstraintRow>,
    columns: &Columns,
    remarks: &Remarks,
) -> Result<BTreeMap<Oid, Vec<Constraint>>> {
    let mut constraints = BTreeMap::<_, Vec<_>>::new();
    for row in rows {
        let mut about = About::default();
        remarks.add(&mut about, "pg_constraint", row.oid, 0);
        let references = match row.references {
            None => None,
            Some(to) => Some(References {
                columns: named(columns, to.relation, &to.columns)?,
                set_columns: named(columns, row.relation, &to.set_columns.unwrap_or_default())?,
                table: to.table,
                on_update: to.on_update,
                on_delete: to.on_delete,
                matching: to.r#match,
            }),
        };
        constraints.entry(row.relation).or_default().push(Constraint {
            columns: named(columns, row.relation, &row.columns.unwrap_or_default())?,
            name: row.name,
            kind: row.kind,
            references,
            expression: row.expression,
            operators: row.operators.unwrap_or_default(),
            deferrable: row.deferrable,
            initially_deferred: row.initially_deferred,
            validated: row.validated,
            disabled: row.disabled,
            no_inherit: row.no_inherit,
            inherited: row.inherited,
            not_local: !row.local,
            attached_to: row.attached_to,
            definition: row.definition,
            about,
        });
    }
    Ok(constraints)
}

/// Takes what exclusions are about from their indexes, which know expressions too.
pub(super) fn name_exclusions(table: &mut Table) {
    for constraint in &mut table.constraints {
        let index = table.indexes.iter().find(|index| index.name == constraint.name);
        if let (ConstraintKind::Exclusion, Some(index)) = (constraint.kind, index) {
            let elements = index.columns.iter();
            constraint.columns = elements
                .filter_map(|element| element.column.clone().or_else(|| element.expression.clone()))
                .collect();
        }
    }
}

pub(super) fn indexes(
    rows: Vec<IndexRow>,
    columns: &Columns,
    statistics: &Statistics,
    names: &Names,
    remarks: &Remarks,
) -> Result<BTreeMap<Oid, Vec<Index>>> {
    let mut indexes = BTreeMap::<_, Vec<_>>::new();
    for row in rows {
        let mut about = About::default();
        remarks.add(&mut about, "pg_class", row.oid, 0);
        let numbers: Vec<i16> = numbers(&row.columns)?;
        let (keys, include) = numbers.split_at(row.keys.min(numbers.len()));
        indexes.entry(row.relation).or_default().push(Index {
            columns: index_columns(&row, keys, columns, names)?,
            include: named(columns, row.relation, include)?,
            name: row.name,
            method: row.method,
            of_constraint: row.of_constraint,
            unique: row.unique,
            nulls_not_distinct: row.nulls_not_distinct,
            predicate: row.predicate,
            valid: row.valid,
            ready: row.ready,
            clustered: row.clustered,
            options: row.options,
            tablespace: row.tablespace,
            attached_to: row.attached_to,
            statistics: statistics.get(&row.oid).cloned().unwrap_or_default(),
            definition: row.definition,
            about,
        });
    }
    Ok(indexes)
}

fn index_columns(
    row: &IndexRow,
    keys: &[i16],
    columns: &Columns,
    names: &Names,
) -> Result<Vec<IndexColumn>> {
    let classes: Vec<Oid> = numbers(&row.classes)?;
    let collations: Vec<Oid> = numbers(&row.collations)?;
    let ordering: Vec<i16> = numbers(&row.ordering)?;
    let mut expressions = row.expressions.iter().flatten();
    let mut found = Vec::new();
    for (((&key, class), &collated), order) in
        keys.iter().zip(classes).zip(&collations).zip(ordering)
    {
        let class = names.operator_classes.as_ref().and_then(|classes| classes.get(&class));
        found.push(IndexColumn {
            column: named(columns, row.relation, &[key])?.pop(),
            expression: if key == 0 { expressions.next().map(|e| unwrapped(e)) } else { None },
            collation: if collated == 0 { None } else { Some(collation(names, collated)?) },
            operator_class: class.cloned().unwrap_or_default(),
            descending: order & 1 != 0,
            nulls_first: order & 2 != 0,
        });
    }
    Ok(found)
}

/// An expression without the parentheses that an index puts around all but calls.
fn unwrapped(expression: &str) -> String {
    let inner = expression.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    inner.unwrap_or(expression).to_owned()
}
