//! The existing rows that keys come from, read once before a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::Rng;
use rand::distr::Distribution;
use rand::rngs::SmallRng;
use rand_distr::Zipf;
use sqlx::{AssertSqlSafe, Column, Executor, PgConnection, Row, SqlSafeStr, Statement, TypeInfo};

use crate::error::{Error, Result};
use crate::workload::{Choice, Operation, Pick, Value};

/// From tables with more rows, about so many are taken.
const ENOUGH: i64 = 200_000;

/// The rows of one pick, in the order in which they lie in the table, which is about that in
/// which they were made.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    rows: Arc<[Box<[Value]>]>,
    how: How,
}

#[derive(Debug, Clone)]
enum How {
    Uniform,
    Newest(usize),
    /// The rank, and the step that spreads the ranks over the table.
    Zipf(Zipf<f64>, usize),
}

/// What was read for the operations of a scenario so far, by table and columns.
pub(super) type Read = BTreeMap<(String, Vec<String>), Arc<[Box<[Value]>]>>;

/// The rows of each pick of an operation. What another one has read is not read again.
pub(super) async fn load(
    connection: &mut PgConnection,
    operation: &Operation,
    read: &mut Read,
) -> Result<Vec<Rows>> {
    let mut picks = Vec::new();
    for pick in &operation.picks {
        let key = (pick.table.clone(), pick.columns.clone());
        let rows = match read.get(&key) {
            Some(rows) => Arc::clone(rows),
            None => {
                let rows = in_order(connection, operation, pick).await?;
                read.insert(key, Arc::clone(&rows));
                rows
            }
        };
        picks.push(Rows::of(rows, pick, operation)?);
    }
    Ok(picks)
}

/// The settings without which a table is not read from its first page to its last: an index of
/// the same columns has them in another order, and a scan may begin where another one is.
const IN_ORDER: &str = "BEGIN READ ONLY; SET LOCAL enable_indexscan = off; \
                        SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off; \
                        SET LOCAL synchronize_seqscans = off; \
                        SET LOCAL max_parallel_workers_per_gather = 0";

/// The rows in the order of the table, whatever indexes it has: the same seed picks the same.
async fn in_order(
    connection: &mut PgConnection,
    operation: &Operation,
    pick: &Pick,
) -> Result<Arc<[Box<[Value]>]>> {
    let failed = |error: sqlx::Error| {
        Error::new(format!("`{}`: keys cannot be read", operation.file)).because(error)
    };
    connection.execute(sqlx::raw_sql(IN_ORDER)).await.map_err(failed)?;
    let rows = rows(connection, operation, pick).await;
    connection.execute("ROLLBACK").await.map_err(failed)?;
    rows
}

async fn rows(
    connection: &mut PgConnection,
    operation: &Operation,
    pick: &Pick,
) -> Result<Arc<[Box<[Value]>]>> {
    let (table, columns) = (&pick.table, pick.columns.join(", "));
    let failed = |error: sqlx::Error| {
        Error::new(format!(
            "`{}`: keys cannot be taken from `{table}` ({columns}): {}",
            operation.file,
            told(&error)
        ))
        .hint("name a table and its columns as `key(schema.table.column)`")
    };
    let typed = format!("SELECT {columns} FROM {table}");
    let typed = connection.prepare(AssertSqlSafe(typed).into_sql_str()).await.map_err(failed)?;
    let integer: Vec<bool> = typed
        .columns()
        .iter()
        .map(|column| matches!(column.type_info().name(), "INT2" | "INT4" | "INT8"))
        .collect();
    let texts: Vec<String> =
        pick.columns.iter().map(|column| format!("({column})::text")).collect();
    // What the planner thinks there is decides, so that a large table need not be counted.
    let there: f64 =
        sqlx::query_scalar("SELECT reltuples::float8 FROM pg_class WHERE oid = $1::text::regclass")
            .bind(table)
            .fetch_one(&mut *connection)
            .await
            .unwrap_or(0.0);
    let sample = if there > ENOUGH as f64 {
        let percent = 100.0 * ENOUGH as f64 / there;
        format!(" TABLESAMPLE BERNOULLI ({percent}) REPEATABLE (1)")
    } else {
        String::new()
    };
    let query = format!(
        "SELECT {} FROM {table}{sample} WHERE ({columns}) IS NOT NULL LIMIT {}",
        texts.join(", "),
        ENOUGH * 2
    );
    let found = sqlx::query(AssertSqlSafe(query)).fetch_all(connection).await.map_err(failed)?;
    let value = |row: &sqlx::postgres::PgRow, at: usize| {
        let text: String = row.try_get(at).map_err(failed)?;
        Ok(match integer[at].then(|| text.parse()) {
            Some(Ok(integer)) => Value::Integer(integer),
            _ => Value::Text(text.into()),
        })
    };
    found.iter().map(|row| (0..texts.len()).map(|at| value(row, at)).collect()).collect()
}

impl Rows {
    fn of(rows: Arc<[Box<[Value]>]>, pick: &Pick, operation: &Operation) -> Result<Self> {
        if rows.is_empty() {
            return Err(Error::new(format!(
                "`{}` takes keys from `{}`, which has no rows with a value in `{}`",
                operation.name,
                pick.table,
                pick.columns.join("`, `")
            ))
            .hint("give each table some with `--rows 1000`, or leave the operation out"));
        }
        let how = match pick.how {
            Choice::Uniform => How::Uniform,
            Choice::Newest => {
                How::Newest((rows.len() / 100).clamp(1, rows.len()).max(10.min(rows.len())))
            }
            Choice::Zipf(exponent) => {
                let zipf = Zipf::new(rows.len() as f64, exponent).map_err(|error| {
                    Error::new(format!("`{}`: a Zipf exponent of {exponent}", operation.file))
                        .because(error)
                })?;
                How::Zipf(zipf, coprime(rows.len()))
            }
        };
        Ok(Self { rows, how })
    }

    /// Draws a row.
    pub(super) fn draw(&self, random: &mut SmallRng) -> &[Value] {
        let all = self.rows.len();
        let at = match &self.how {
            How::Uniform => random.random_range(0..all),
            How::Newest(newest) => all - 1 - random.random_range(0..*newest),
            How::Zipf(zipf, step) => {
                let rank = zipf.sample(random) as usize - 1;
                // Neighbouring ranks would share pages, which popular rows do not.
                (rank % all) * step % all
            }
        };
        &self.rows[at]
    }
}

/// A number without a divisor in common with `all`, so that its multiples reach every row once.
fn coprime(all: usize) -> usize {
    let common = |mut a: usize, mut b: usize| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    // The golden section spreads best.
    let from = (all as f64 * 0.618_033_988_75) as usize;
    (from.max(1)..).find(|step| common(*step, all) == 1).unwrap_or(1)
}

/// What Postgres says, without the words of the library around it.
pub(crate) fn told(error: &sqlx::Error) -> String {
    match error.as_database_error() {
        Some(database) => database.message().to_owned(),
        None => error.to_string(),
    }
}
