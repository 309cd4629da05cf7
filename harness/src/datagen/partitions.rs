//! What the partitions of a table take, read from their bounds.

use sqlx::postgres::PgConnection;

use super::calendar::DAY;
use super::datum::{Datum, Kept};
use super::server;
use super::world::{Column, Place, Table};
use crate::catalog::{self, Catalog, Name};
use crate::sql::expression::{Literal, literals};

/// How far a partition without a lower or an upper bound is used: days, and numbers.
const DAYS: i64 = 365;
const NUMBERS: i64 = 1_000_000;

/// For each partition that rows go to, what its bounds and those above it say of the columns of
/// the keys. Default partitions are left out, but where there is no other.
pub(super) async fn places(
    conn: &mut PgConnection,
    catalog: &Catalog,
    root: &catalog::Table,
    table: &Table,
) -> Result<Vec<Vec<(usize, Place)>>, sqlx::Error> {
    let mut found = Vec::new();
    let mut open = vec![(&root.name, Vec::new())];
    while let Some((name, above)) = open.pop() {
        let Some(parent) = catalog.table(name) else { continue };
        let Some(key) = &parent.partition_key else {
            found.push(above);
            continue;
        };
        let parts = partitions(catalog, name);
        let bounded = parts.iter().any(|(_, bound)| *bound != "DEFAULT");
        for (part, bound) in parts {
            if bound == "DEFAULT" && bounded {
                continue;
            }
            let mut places = above.clone();
            if let Some(at) = first_column(key, table)
                && let Some(place) = place(conn, &table.columns[at], bound).await?
            {
                places.retain(|(column, _)| *column != at);
                places.push((at, place));
            }
            open.push((part, places));
        }
    }
    Ok(found)
}

fn partitions<'c>(catalog: &'c Catalog, of: &Name) -> Vec<(&'c Name, &'c str)> {
    let part = |table: &'c catalog::Table| {
        let partition = table.partition.as_ref().filter(|partition| partition.of == *of)?;
        Some((&table.name, partition.bound.as_str()))
    };
    catalog.tables.iter().filter_map(part).collect()
}

/// The first column of a partition key, unless that begins with an expression.
fn first_column(key: &str, table: &Table) -> Option<usize> {
    let inside = key.split_once('(')?.1;
    let begins = |column: &&Column| {
        let rest = inside.strip_prefix(&catalog::quote_ident(&column.name));
        rest.is_some_and(|rest| rest.starts_with([',', ')', ' ']))
    };
    table.columns.iter().position(|column| begins(&column))
}

/// What a bound says of the first column of the key.
async fn place(
    conn: &mut PgConnection,
    column: &Column,
    bound: &str,
) -> Result<Option<Place>, sqlx::Error> {
    if let Some(list) = bound.strip_prefix("FOR VALUES IN ") {
        let texts: Vec<_> = literals(list).into_iter().filter_map(constant).collect();
        let mut kept = server::read(conn, column, &texts).await?;
        if kept.is_empty() && !column.not_null {
            kept.push(Kept::NULL);
        }
        return Ok(Some(Place::OneOf(kept)));
    }
    let Some(range) = bound.strip_prefix("FOR VALUES FROM ") else { return Ok(None) };
    let Some((from, to)) = range.split_once(") TO (") else { return Ok(None) };
    let (low, high) = (end(conn, column, from).await?, end(conn, column, to).await?);
    let reach = match column.wire {
        Some(super::wire::Wire::Timestamp) => DAYS * DAY,
        Some(super::wire::Wire::Date) => DAYS,
        _ => NUMBERS,
    };
    Ok(match (low, high) {
        (Some(low), Some(high)) => Some(Place::Between(low, high.max(low + 1))),
        (Some(low), None) => Some(Place::Between(low, low + reach)),
        (None, Some(high)) => Some(Place::Between(high - reach, high)),
        (None, None) => None,
    })
}

/// One end of a range as a number; `None` if it has none, or none that is understood.
async fn end(
    conn: &mut PgConnection,
    column: &Column,
    tuple: &str,
) -> Result<Option<i64>, sqlx::Error> {
    let first = tuple.trim_start_matches('(');
    if first.starts_with("MINVALUE") || first.starts_with("MAXVALUE") {
        return Ok(None);
    }
    let Some(text) = literals(first).into_iter().find_map(constant) else { return Ok(None) };
    let kept = server::read(conn, column, &[text]).await?;
    Ok(kept.first().and_then(|kept| match kept.datum {
        Datum::Int(number) | Datum::Day(number) | Datum::Instant(number) => Some(number),
        Datum::Text => std::str::from_utf8(&kept.text).ok()?.parse().ok(),
        _ => None,
    }))
}

fn constant(literal: Literal) -> Option<String> {
    match literal {
        Literal::Number(text) | Literal::Text(text) | Literal::Interval(text) => Some(text),
        Literal::Pattern { .. } => None,
    }
}
