//! Whether a change to checks makes a difference at all, settled by the server.
//!
//! Where columns have few values there are, all are tried (see [`finite`]). Else:
//! whether comparisons of columns with each other and with constants hold depends on nothing but
//! how the values lie to each other. So it is enough to try as many values between two constants,
//! and beyond the outermost, as there are columns.

use std::collections::BTreeSet;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};

use super::finite;
use crate::catalog::{Catalog, Column, ConstraintKind, Table, quote_ident, quote_literal};
use crate::error::{Error, Result};
use crate::sql::edit::{Compared, compared};

/// More columns make too many combinations.
const MOST_COLUMNS: usize = 3;

/// More combinations take too long.
pub(super) const MOST_ROWS: usize = 200_000;

/// Whether both let in the same rows, where they are one table and differ in its checks only.
/// `false` if that is not known: what these checks do must be known from the values in question.
/// `catalog` has the types.
pub(super) async fn checks_agree(
    conn: &mut PgConnection,
    catalog: &Catalog,
    before: &Catalog,
    after: &Catalog,
) -> Result<bool> {
    let Some(difference) = changed(before, after) else { return Ok(false) };
    let queries = [ordered(&difference), finite::query(catalog, &difference)];
    for query in queries.into_iter().flatten() {
        if ask(conn, query).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a query says; `false` where the server cannot compute it.
async fn ask(conn: &mut PgConnection, query: String) -> Result<bool> {
    let guarded = format!(
        "SELECT pg_temp.shakedown_value({}) IS NOT DISTINCT FROM 'true'",
        quote_literal(&query)
    );
    let row = sqlx::raw_sql(AssertSqlSafe(guarded)).fetch_one(conn).await;
    row.and_then(|row| row.try_get_unchecked(0)).map_err(|error| {
        Error::new("whether two checks are the same could not be asked").because_sql(error)
    })
}

/// A table whose checks were changed.
pub(super) struct Difference<'c> {
    pub(super) table: &'c Table,
    pub(super) old: BTreeSet<&'c str>,
    pub(super) new: BTreeSet<&'c str>,
}

impl Difference<'_> {
    /// A query that says whether the checks among `known` refuse the same of all combinations of
    /// these values.
    pub(super) fn query(&self, sources: &[String], known: &[&str]) -> String {
        let demand = |checks: &BTreeSet<&str>| {
            let known = known.iter().filter(|check| checks.contains(*check));
            let each = known.map(|check| format!("({check}) IS NOT FALSE"));
            let all: Vec<_> = each.chain(["true".to_owned()]).collect();
            all.join(" AND ")
        };
        format!(
            "SELECT NOT EXISTS (SELECT FROM {} WHERE ({}) <> ({}))",
            sources.join(" CROSS JOIN "),
            demand(&self.old),
            demand(&self.new)
        )
    }
}

/// The values of a column as a table, each as an SQL expression.
pub(super) fn source(column: &Column, values: &[String], cast: &str) -> String {
    let (name, array) = (quote_ident(&column.name), values.join(", "));
    format!("(SELECT unnest(ARRAY[{array}]::{cast}[]) AS {name}) AS {name}")
}

/// The one table, if its checks are all that differs.
fn changed<'c>(before: &'c Catalog, after: &'c Catalog) -> Option<Difference<'c>> {
    let ([old], [new]) = (&before.tables[..], &after.tables[..]) else { return None };
    let tables =
        |catalog: &Catalog| Catalog { tables: catalog.tables.clone(), ..Catalog::default() };
    let same_otherwise = without_checks(old) == without_checks(new)
        && tables(before) == *before
        && tables(after) == *after;
    let difference = Difference { table: old, old: checks(old), new: checks(new) };
    (same_otherwise && difference.old != difference.new).then_some(difference)
}

/// Asks about checks that only compare columns and whole numbers.
fn ordered(difference: &Difference<'_>) -> Option<String> {
    let mut all = Compared::default();
    let mut common = Vec::new();
    for check in difference.old.union(&difference.new) {
        match compared(check) {
            Some(found) => {
                all.columns.extend(found.columns);
                all.numbers.extend(found.numbers);
                common.push(*check);
            }
            // What both demand besides is demanded of the same rows.
            None if difference.old.contains(check) && difference.new.contains(check) => {}
            None => return None,
        }
    }
    let columns: Option<Vec<&Column>> =
        all.columns.iter().map(|name| difference.table.column(name)).collect();
    let columns = columns.filter(|columns| columns.len() <= MOST_COLUMNS)?;
    let values: Option<Vec<Vec<String>>> =
        columns.iter().map(|column| values(column, &columns, &all.numbers)).collect();
    let values = values?;
    if values.iter().map(Vec::len).product::<usize>() > MOST_ROWS {
        return None;
    }
    let sources = columns.iter().zip(&values);
    let sources: Vec<String> =
        sources.map(|(column, values)| source(column, values, &column.data_type.name)).collect();
    Some(difference.query(&sources, &common))
}

fn without_checks(table: &Table) -> Table {
    let mut table = table.clone();
    table.constraints.retain(|constraint| constraint.kind != ConstraintKind::Check);
    table
}

fn checks(table: &Table) -> BTreeSet<&str> {
    let checks = table.constraints.iter().filter(|it| it.kind == ConstraintKind::Check);
    checks.filter_map(|check| check.expression.as_deref()).collect()
}

/// The values to try for a column, if all columns are of one kind of number.
fn values(column: &Column, columns: &[&Column], numbers: &BTreeSet<i64>) -> Option<Vec<String>> {
    let limit = |column: &Column| match column.data_type.name.as_str() {
        "int2" => Some(i64::from(i16::MAX)),
        "int4" => Some(i64::from(i32::MAX)),
        "int8" => Some(i64::MAX),
        _ => None,
    };
    let count = i64::try_from(columns.len()).ok()?;
    let numeric = |column: &&Column| column.data_type.name == "numeric";
    let is_built_in =
        |column: &&Column| column.data_type.schema == "pg_catalog" && !column.data_type.array;
    let numbers: BTreeSet<i64> = numbers.iter().copied().chain([0]).collect();
    let mut values = BTreeSet::new();
    if !columns.iter().all(is_built_in) {
        return None;
    }
    if columns.iter().all(numeric) {
        for number in numbers {
            // Between two whole numbers lie as many values as there are columns.
            values.extend(
                (-count..=count).map(|step| format!("{number} + {step} / {}.0", count + 1)),
            );
        }
    } else {
        for number in numbers {
            let (low, high) = (number.checked_sub(count)?, number.checked_add(count)?);
            let fits =
                |column: &&Column| limit(column).is_some_and(|max| -max <= low && high <= max);
            if !columns.iter().all(fits) {
                return None;
            }
            values.extend((low..=high).map(|value| value.to_string()));
        }
    }
    let null = (!column.not_null).then(|| "NULL".to_owned());
    Some(values.into_iter().chain(null).collect())
}
