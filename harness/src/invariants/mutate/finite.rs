//! Checks over columns that have few values: labels of an enum, true and false, or no more than
//! NULL and not NULL where only that is asked for. All combinations of them are tried.

use super::proof::{Difference, MOST_ROWS, source};
use crate::catalog::{Catalog, Column, quote_literal};
use crate::sql::expression;
use crate::values::candidates;
use crate::values::types::{Base, Resolved, resolve};

/// A query that says whether the checks refuse the same of all values; nothing if there is no
/// end of these.
pub(super) fn query(catalog: &Catalog, difference: &Difference<'_>) -> Option<String> {
    let names: Vec<&str> = difference.table.columns.iter().map(|it| it.name.as_str()).collect();
    let mut differing = difference.old.symmetric_difference(&difference.new).copied();
    let columns: Vec<&str> =
        expression::columns(&differing.clone().collect::<Vec<_>>().join(" AND "), &names);
    if columns.is_empty() || !differing.all(speaks_of_columns) {
        return None;
    }
    // What both demand besides is demanded of the same rows, but may leave fewer of them.
    let known: Vec<&str> = difference
        .old
        .union(&difference.new)
        .copied()
        .filter(|check| {
            speaks_of_columns(check)
                && expression::columns(check, &names).iter().all(|name| columns.contains(name))
        })
        .collect();
    let mut sources = Vec::new();
    let mut rows = 1;
    for name in columns {
        let column = difference.table.column(name)?;
        let resolved = resolve(catalog, &column.data_type);
        let values = values(column, &resolved, &known)?;
        rows *= values.len();
        sources.push(source(column, &values, &resolved.cast));
        if rows > MOST_ROWS {
            return None;
        }
    }
    Some(difference.query(&sources, &known))
}

/// Whether what a check says hangs on nothing but the values of columns that it names.
fn speaks_of_columns(check: &str) -> bool {
    expression::functions(check).is_empty() && !check.contains(".*") && !check.contains("tableoid")
}

/// All values that a column can have, as far as these checks tell them apart.
fn values(column: &Column, resolved: &Resolved, checks: &[&str]) -> Option<Vec<String>> {
    let values = match &resolved.base {
        Base::Enum(labels) => labels.clone(),
        Base::Bool => vec!["false".to_owned(), "true".to_owned()],
        _ if checks.iter().all(|check| asks_for_null(check, &column.name)) => {
            candidates::ordinary(resolved).into_iter().take(1).collect()
        }
        _ => return None,
    };
    let null = (!column.not_null).then(|| "NULL".to_owned());
    let quoted = values.iter().map(|value| quote_literal(value));
    (!values.is_empty()).then(|| quoted.chain(null).collect())
}

/// Whether a check only asks whether the column is NULL, if it names it at all.
fn asks_for_null(check: &str, column: &str) -> bool {
    let quoted = crate::catalog::quote_ident(column);
    let rest = check
        .replace(&format!("({quoted} IS NOT NULL)"), "true")
        .replace(&format!("({quoted} IS NULL)"), "true");
    expression::columns(&rest, &[column]).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_asked_for_null_alone_if_it_is_named_nowhere_else() {
        assert!(asks_for_null("((kind = 'paid'::kind) = (paid_at IS NOT NULL))", "paid_at"));
        assert!(!asks_for_null("((paid_at IS NULL) OR (paid_at > made_at))", "paid_at"));
        assert!(!asks_for_null("((unpaid_at IS NULL) OR (paid_at > made_at))", "paid_at"));
    }

    #[test]
    fn what_calls_functions_is_not_known_from_columns() {
        assert!(speaks_of_columns("((kind)::text <> 'paid'::text)"));
        assert!(!speaks_of_columns("(kind < random())"));
    }
}
