//! Values that columns get by themselves: defaults, generated columns, identities.

use super::Change;
use super::ddl::{alter_column, columns, said, without_views};
use crate::catalog::{Catalog, Column, Generated, Index, Table, diff, quote_literal};
use crate::sql::mentions;
use crate::values::types::{Base, resolve};

pub(super) fn dropped(catalog: &Catalog) -> Vec<Change> {
    let with_default = columns(catalog).filter(|(_, column)| column.default.is_some());
    with_default
        .map(|(table, column)| altered(table, column, "drops the default", "DROP DEFAULT"))
        .collect()
}

pub(super) fn changed(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, column) in columns(catalog) {
        let Some(default) = &column.default else { continue };
        // One more than the next value of a sequence is as good as the next value.
        if default.contains("nextval(") {
            continue;
        }
        if let Some(other) = other_value(catalog, column, default) {
            let says = format!("has {other} for the default");
            changes.push(altered(table, column, &says, &format!("SET DEFAULT {other}")));
        }
    }
    changes
}

pub(super) fn generated_dropped(catalog: &Catalog) -> Vec<Change> {
    let generated = columns(catalog).filter(|(_, column)| column.generated.is_some());
    generated
        .map(|(table, column)| altered(table, column, "drops the expression", "DROP EXPRESSION"))
        .collect()
}

/// The column is made anew, with what hangs on it: before version 17 there is no other way.
pub(super) fn generated_changed(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, column) in columns(catalog) {
        let Some(generated) = &column.generated else { continue };
        let Some(other) = other_value(catalog, column, &generated.expression) else { continue };
        let mut wanted = catalog.clone();
        let mut stripped = catalog.clone();
        for it in wanted.tables.iter_mut().filter(|it| it.name == table.name) {
            for it in it.columns.iter_mut().filter(|it| it.name == column.name) {
                it.generated = Some(Generated { expression: other.clone(), ..generated.clone() });
            }
        }
        for it in stripped.tables.iter_mut().filter(|it| it.name == table.name) {
            it.constraints.retain(|constraint| !mentions(&constraint.definition, &column.name));
            it.indexes.retain(|index| !is_on(index, &column.name));
        }
        let mends = diff(&wanted, &stripped).into_iter().filter_map(|change| change.mend);
        changes.push(Change {
            table: table.name.clone(),
            object: column.name.clone(),
            says: format!("generates {other} as {}", said(table, &column.name)),
            ddl: without_views(catalog, table, &column.name, mends.collect()),
        });
    }
    changes
}

pub(super) fn identity_exchanged(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, column) in columns(catalog) {
        let Some(identity) = &column.identity else { continue };
        let other = if identity.always { "BY DEFAULT" } else { "ALWAYS" };
        let says = format!("has GENERATED {other} for the identity");
        changes.push(altered(table, column, &says, &format!("SET GENERATED {other}")));
    }
    changes
}

fn altered(table: &Table, column: &Column, says: &str, action: &str) -> Change {
    Change {
        table: table.name.clone(),
        object: column.name.clone(),
        says: format!("{says} of {}", said(table, &column.name)),
        ddl: vec![alter_column(table, &column.name, action)],
    }
}

fn is_on(index: &Index, column: &str) -> bool {
    index.columns.iter().any(|key| {
        key.column.as_deref() == Some(column)
            || key.expression.as_ref().is_some_and(|expression| mentions(expression, column))
    }) || index.predicate.as_ref().is_some_and(|predicate| mentions(predicate, column))
}

/// An expression that never gives the value that `expression` does, for the types that have a
/// simple one.
fn other_value(catalog: &Catalog, column: &Column, expression: &str) -> Option<String> {
    Some(match resolve(catalog, &column.data_type).base {
        Base::Bool => format!("NOT ({expression})"),
        Base::Int(_) | Base::Numeric(_) | Base::Float(_) | Base::Date => {
            format!("({expression}) + 1")
        }
        Base::Text(_) | Base::Citext => format!("({expression}) || 'x'"),
        Base::Timestamp | Base::TimestampTz => format!("({expression}) + interval '1 day'"),
        Base::Uuid => "'00000000-0000-0000-0000-000000000000'::uuid".to_owned(),
        Base::Enum(labels) => {
            let quoted = labels.iter().map(|label| quote_literal(label));
            let other = quoted.into_iter().find(|label| !expression.starts_with(label.as_str()))?;
            format!("{other}::{}", column.data_type.text)
        }
        _ => return None,
    })
}
