//! What the server is asked: values in their own form, and what tables hold already.

use sqlx::postgres::{PgConnection, PgRow, PgValueFormat};
use sqlx::{AssertSqlSafe, Connection as _, Row as _, ValueRef as _};

use super::datum::{Datum, Kept};
use super::world::{Column, Source, Table};
use crate::catalog::{self, quote_ident};
use crate::values::types::Base;

/// How a value is asked for, so that `kept` can read it: as it is where its form is known, else
/// as text.
pub(super) fn asked(base: &Base, expression: &str) -> String {
    match base {
        Base::Bool | Base::Int(_) | Base::Float(_) | Base::Uuid | Base::Date | Base::Time => {
            expression.to_owned()
        }
        Base::Timestamp | Base::TimestampTz => expression.to_owned(),
        _ => format!("({expression})::text"),
    }
}

/// Reads a value that was asked for so.
pub(super) fn kept(row: &PgRow, at: usize, base: &Base) -> Kept {
    let Ok(value) = row.try_get_raw(at) else { return Kept::NULL };
    if value.is_null() || value.format() != PgValueFormat::Binary {
        return Kept::NULL;
    }
    let bytes = value.as_bytes().unwrap_or_default();
    let number = || bytes.iter().fold(0_i128, |sum, byte| sum << 8 | i128::from(*byte));
    let signed = || {
        let bits = 128 - 8 * u32::try_from(bytes.len()).unwrap_or(16).clamp(1, 16);
        i64::try_from(number() << bits >> bits).unwrap_or(0)
    };
    let datum = match base {
        Base::Bool => Datum::Bool(bytes == [1]),
        Base::Int(_) => Datum::Int(signed()),
        Base::Float(32) => Datum::Float(f64::from(f32::from_bits(number() as u32))),
        Base::Float(_) => Datum::Float(f64::from_bits(number() as u64)),
        Base::Uuid => Datum::Uuid(number().cast_unsigned()),
        Base::Date => Datum::Day(signed()),
        Base::Time => Datum::Time(signed()),
        Base::Timestamp | Base::TimestampTz => Datum::Instant(signed()),
        _ => return Kept { datum: Datum::Text, text: bytes.to_vec() },
    };
    Kept { datum, text: Vec::new() }
}

/// Values of a column's type from texts; those it does not take are left out.
pub(super) async fn read(
    conn: &mut PgConnection,
    column: &Column,
    texts: &[String],
) -> Result<Vec<Kept>, sqlx::Error> {
    if column.base.is_text() || matches!(column.base, Base::Enum(_)) {
        let fits = |text: &&String| text.chars().count() <= super::types::longest(&column.base);
        let kept = |text: &String| Kept { datum: Datum::Text, text: text.clone().into_bytes() };
        return Ok(texts.iter().filter(fits).map(kept).collect());
    }
    let mut all = Vec::with_capacity(texts.len());
    let one = asked(&column.base, &format!("$1::text::{}", column.cast));
    for text in texts {
        let query = sqlx::query(AssertSqlSafe(format!("SELECT {one}"))).bind(text);
        let mut savepoint = conn.begin().await?;
        match query.fetch_one(&mut *savepoint).await {
            Ok(row) => {
                savepoint.commit().await?;
                all.push(kept(&row, 0, &column.base));
            }
            Err(sqlx::Error::Database(_)) => savepoint.rollback().await?,
            Err(other) => return Err(other),
        }
    }
    Ok(all)
}

/// The table as it stands after `FROM`: without the rows of those that inherit from it.
pub(super) fn from(table: &catalog::Table) -> String {
    let only = if table.partition_key.is_some() { "" } else { "ONLY " };
    format!("{only}{}", table.name)
}

/// Rows that a table holds, as far as `columns` go: at most `most`.
pub(super) async fn rows(
    conn: &mut PgConnection,
    from: &str,
    table: &Table,
    columns: &[usize],
    most: u64,
) -> Result<Vec<Vec<(usize, Kept)>>, sqlx::Error> {
    let about = |at: &usize| &table.columns[*at];
    let list = columns.iter().map(|at| asked(&about(at).base, &quote_ident(&about(at).name)));
    let list = list.collect::<Vec<_>>().join(", ");
    let order = (1..=columns.len()).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    let query = format!("SELECT {list} FROM {from} ORDER BY {order} LIMIT {most}");
    let found = sqlx::query(AssertSqlSafe(query)).fetch_all(conn).await?;
    let cell = |row: &PgRow, n: usize, at: usize| (at, kept(row, n, &table.columns[at].base));
    let row = |row: PgRow| columns.iter().enumerate().map(|(n, at)| cell(&row, n, *at)).collect();
    Ok(found.into_iter().map(row).collect())
}

/// A flag.
pub(super) fn bool(value: bool) -> Kept {
    Kept { datum: Datum::Bool(value), text: Vec::new() }
}

/// What a table holds before anything is added.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) rows: u64,
    /// The largest value of each column that is counted; of those counted downwards the smallest.
    pub(super) reached: Vec<(usize, i64)>,
}

/// Looks what a table holds; nothing, where that may not be seen.
pub(super) async fn held(
    conn: &mut PgConnection,
    from: &str,
    table: &Table,
) -> Result<Held, sqlx::Error> {
    let mut savepoint = conn.begin().await?;
    let some = format!("SELECT EXISTS (SELECT FROM {from})");
    let some = sqlx::query(AssertSqlSafe(some)).fetch_one(&mut *savepoint).await;
    let some = some.and_then(|row| row.try_get::<bool, _>(0));
    match some {
        Ok(true) => {}
        Ok(false) | Err(sqlx::Error::Database(_)) => {
            savepoint.rollback().await?;
            return Ok(Held::default());
        }
        Err(other) => return Err(other),
    }
    let whole = |column: &Column| matches!(column.base, Base::Int(_));
    let numbers: Vec<_> =
        (0..table.columns.len()).filter(|at| whole(&table.columns[*at])).collect();
    let reached = numbers.iter().map(|at| {
        let column = &table.columns[*at];
        let down = matches!(column.source, Source::Count(_, step) if step < 0);
        let end = if down { "min" } else { "max" };
        format!(", {end}({})::int8", quote_ident(&column.name))
    });
    let reached = reached.collect::<String>();
    let query = format!("SELECT count(*){reached} FROM {from}");
    let row = sqlx::query(AssertSqlSafe(query)).fetch_one(&mut *savepoint).await?;
    savepoint.commit().await?;
    let value = |n: usize| row.try_get::<Option<i64>, _>(n).ok().flatten();
    let reached = numbers.iter().enumerate().filter_map(|(n, at)| Some((*at, value(n + 1)?)));
    Ok(Held { rows: value(0).unwrap_or(0).unsigned_abs(), reached: reached.collect() })
}
