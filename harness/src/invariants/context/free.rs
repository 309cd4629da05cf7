//! Whether anything but types, checks and foreign keys has to do with a column.

use super::Context;
use super::shape::Shape;
use crate::sql::{expression, mentions};

impl Context {
    /// Whether these checks compare the column with constants and compute nothing that could
    /// overflow, and nothing else computes with its values.
    pub(super) fn is_judged_alone(&self, shape: &Shape, column: &str, checks: &[usize]) -> bool {
        let plain = |sql: &str| {
            ![" + ", " - ", " * ", " / ", "^", "<<"].iter().any(|sign| sql.contains(sign))
        };
        let mut checks = checks.iter().map(|check| &shape.checks[*check]);
        checks.all(|check| check.columns == [column] && plain(&check.expression))
            && !self.is_computed_with(shape, column)
    }

    /// Whether a trigger, a generated column, an index expression, an exclusion or the partition
    /// key may compute with the values of a column, so that not every one can be put in.
    pub fn is_computed_with(&self, shape: &Shape, column: &str) -> bool {
        let speaks = |sql: &str| !expression::columns(sql, &[column]).is_empty();
        let table = &shape.table;
        let computed = table.columns.iter().filter_map(|other| other.generated.as_ref());
        let indexed = table.indexes.iter().flat_map(|index| {
            let parts = index.columns.iter().filter_map(|part| part.expression.as_ref());
            parts.chain(&index.predicate)
        });
        let body = |name: &str| {
            self.catalog
                .routines
                .iter()
                .find(|r| name.starts_with(&r.name.to_string()) || name.starts_with(&r.name.name))
        };
        // A trigger may compute with the value, and a function that cannot be seen may do anything.
        let triggered = table.triggers.iter().any(|trigger| {
            body(&trigger.function).is_none_or(|routine| {
                mentions(&routine.body, column) || routine.body.contains("EXECUTE")
            })
        });
        triggered
            || computed.map(|generated| generated.expression.as_str()).any(speaks)
            || indexed.map(String::as_str).any(speaks)
            || table.constraints.iter().any(|found| !found.operators.is_empty())
            || table.partition_key.as_deref().is_some_and(speaks)
    }
}
