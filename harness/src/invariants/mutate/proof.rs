//! Whether a change to checks makes a difference at all, settled by the server.
//!
//! Whether comparisons of columns with each other and with constants hold depends on nothing but
//! how the values lie to each other. So it is enough to try as many values between two constants,
//! and beyond the outermost, as there are columns.

use std::collections::BTreeSet;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};

use crate::catalog::{Catalog, Column, ConstraintKind, Table, quote_ident};
use crate::error::{Error, Result};
use crate::sql::edit::{Compared, compared};

/// More columns make too many combinations.
const MOST_COLUMNS: usize = 3;

/// More combinations take too long.
const MOST_ROWS: usize = 200_000;

/// Whether both let in the same rows, where they are one table and differ in its checks only, and
/// these only compare columns and whole numbers. `false` if that is not known.
pub(super) async fn checks_agree(
    conn: &mut PgConnection,
    before: &Catalog,
    after: &Catalog,
) -> Result<bool> {
    let Some(query) = query(before, after) else { return Ok(false) };
    let row = sqlx::raw_sql(AssertSqlSafe(query)).fetch_one(conn).await;
    row.and_then(|row| row.try_get_unchecked(0)).map_err(|error| {
        Error::new("whether two checks are the same could not be asked").because_sql(error)
    })
}

fn query(before: &Catalog, after: &Catalog) -> Option<String> {
    let ([old], [new]) = (&before.tables[..], &after.tables[..]) else { return None };
    let tables =
        |catalog: &Catalog| Catalog { tables: catalog.tables.clone(), ..Catalog::default() };
    let same_otherwise = without_checks(old) == without_checks(new)
        && tables(before) == *before
        && tables(after) == *after;
    let (old_checks, new_checks) = (checks(old), checks(new));
    if !same_otherwise || old_checks == new_checks {
        return None;
    }
    let mut all = Compared::default();
    let mut common = Vec::new();
    for check in old_checks.union(&new_checks) {
        match compared(check) {
            Some(found) => {
                all.columns.extend(found.columns);
                all.numbers.extend(found.numbers);
                common.push(*check);
            }
            // What both demand besides is demanded of the same rows.
            None if old_checks.contains(check) && new_checks.contains(check) => {}
            None => return None,
        }
    }
    let columns: Option<Vec<&Column>> = all.columns.iter().map(|name| old.column(name)).collect();
    let columns = columns.filter(|columns| columns.len() <= MOST_COLUMNS)?;
    let values: Option<Vec<Vec<String>>> =
        columns.iter().map(|column| values(column, &columns, &all.numbers)).collect();
    let values = values?;
    if values.iter().map(Vec::len).product::<usize>() > MOST_ROWS {
        return None;
    }
    let sources = columns.iter().zip(&values).map(|(column, values)| {
        let (name, array) = (quote_ident(&column.name), values.join(", "));
        format!("(SELECT unnest(ARRAY[{array}]::{}[]) AS {name}) AS {name}", column.data_type.name)
    });
    let sources = sources.collect::<Vec<_>>().join(" CROSS JOIN ");
    let demand = |checks: &BTreeSet<&str>| {
        let known = common.iter().filter(|check| checks.contains(*check));
        let each = known.map(|check| format!("({check}) IS NOT FALSE"));
        let all: Vec<_> = each.chain(["true".to_owned()]).collect();
        all.join(" AND ")
    };
    Some(format!(
        "SELECT NOT EXISTS (SELECT FROM {sources} WHERE ({}) <> ({}))",
        demand(&old_checks),
        demand(&new_checks)
    ))
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
