//! Makes a strategy on a clone: how long it takes, what it writes, what it locks, how large it is.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use shakedown_reports::index::Build;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::error::Result;
use crate::measure::execute;
use crate::measure::tables::{Touched, failed};
use crate::sql;

/// The modes of locks on tables, the weakest first, with what each keeps waiting. The others let
/// reads and writes through.
const WAITING: [(&str, &str, bool); 4] = [
    ("ShareLock", "writes wait", true),
    ("ShareRowExclusiveLock", "writes wait", true),
    ("ExclusiveLock", "writes wait", true),
    ("AccessExclusiveLock", "reads and writes wait", false),
];

/// What is said of statements that were given up.
pub(super) const TOO_LONG: &str = "it took longer than there is time";

/// What came of making a strategy.
pub(super) type Built = std::result::Result<Build, String>;

/// Runs the statements in one transaction and commits them; those that refuse one, outside of it.
/// `touched` tells what the workload does with each table. `Ok(Err(..))` is what the server says
/// where it refuses them.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn build(
    connection: &mut PgConnection,
    statements: &[String],
    touched: &Touched,
    patience: Duration,
) -> Result<Built> {
    let patience = patience.as_millis().max(1);
    execute(
        connection,
        &format!("SET statement_timeout = {patience}; SET lock_timeout = {patience}"),
    )
    .await?;
    let before = size(connection).await?;
    let from = written(connection).await?;
    let begun = Instant::now();
    let locks = match run(connection, statements).await? {
        Ok(locks) => locks,
        Err(message) => return Ok(Err(message)),
    };
    let ms = begun.elapsed().as_secs_f64() * 1000.0;
    let wal_bytes = u64::try_from(written(connection).await? - from).unwrap_or(0);
    execute(connection, "RESET statement_timeout; RESET lock_timeout").await?;
    analyze_expressions(connection).await?;
    let bytes = size(connection).await? - before;
    // Postgres makes no index of a partitioned table so.
    let partitioned = locks.iter().any(|lock| lock.partitioned);
    let concurrently = !partitioned && locks.iter().any(|lock| lock.keeps_waiting(touched));
    Ok(Ok(Build {
        ms,
        wal_bytes,
        bytes,
        locks: locks.iter().map(Lock::told).collect(),
        concurrently,
    }))
}

/// A lock that statements took on a table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lock {
    table: String,
    mode: String,
    /// Whether the table has partitions.
    partitioned: bool,
}

impl Lock {
    /// `SHARE on public.items: writes wait`
    fn told(&self) -> String {
        let mut words = String::new();
        for letter in self.mode.trim_end_matches("Lock").chars() {
            if letter.is_uppercase() && !words.is_empty() {
                words.push(' ');
            }
            words.push(letter.to_ascii_uppercase());
        }
        let waits = WAITING.iter().find(|(mode, ..)| *mode == self.mode);
        let waits = waits.map_or("reads and writes go on", |(_, waits, _)| waits);
        format!("{words} on {}: {waits}", self.table)
    }

    /// Whether something that the workload does would wait for it.
    fn keeps_waiting(&self, touched: &Touched) -> bool {
        let waits = WAITING.iter().find(|(mode, ..)| *mode == self.mode);
        waits.is_some_and(|(.., only_writes)| {
            let tables = if *only_writes { &touched.written } else { &touched.any };
            tables.contains(&self.table)
        })
    }
}

async fn run(
    connection: &mut PgConnection,
    statements: &[String],
) -> Result<std::result::Result<Vec<Lock>, String>> {
    execute(connection, "BEGIN").await?;
    for statement in statements {
        // On a clone there is nobody to wait for, and within a transaction there is no other way.
        let sql = sql::without_concurrently(statement);
        if let Err(error) = send(connection, &sql).await {
            let refused = refusal(error)?;
            execute(connection, "ROLLBACK").await?;
            if refused.0 != "25001" {
                return Ok(Err(refused.1));
            }
            return outside(connection, statements).await;
        }
    }
    let locks = locks(connection).await?;
    if let Err(error) = send(connection, "COMMIT").await {
        return Ok(Err(refusal(error)?.1));
    }
    Ok(Ok(locks))
}

/// Statements that cannot be run in a transaction, whose locks nobody sees.
async fn outside(
    connection: &mut PgConnection,
    statements: &[String],
) -> Result<std::result::Result<Vec<Lock>, String>> {
    for statement in statements {
        if let Err(error) = send(connection, statement).await {
            return Ok(Err(refusal(error)?.1));
        }
    }
    Ok(Ok(Vec::new()))
}

async fn send(connection: &mut PgConnection, sql: &str) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map(drop)
}

/// The state and the sentence of what the server refused.
fn refusal(error: sqlx::Error) -> Result<(String, String)> {
    match &error {
        sqlx::Error::Database(refused) => {
            let state = refused.code().unwrap_or_default().into_owned();
            let message = match state.as_str() {
                "57014" => TOO_LONG.to_owned(),
                _ => refused.message().to_owned(),
            };
            Ok((state, message))
        }
        _ => Err(failed("building a strategy")(error)),
    }
}

/// The strongest lock of this transaction on each table of the user.
async fn locks(connection: &mut PgConnection) -> Result<Vec<Lock>> {
    let rows: Vec<(String, String, bool)> = sqlx::query_as(
        "SELECT format('%I.%I', n.nspname, c.relname), l.mode, c.relkind = 'p' FROM pg_catalog.pg_locks AS l \
         JOIN pg_catalog.pg_class AS c ON c.oid = l.relation \
         JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' \
           AND c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' \
           AND n.nspname <> 'information_schema' ORDER BY 1",
    )
    .fetch_all(connection)
    .await
    .map_err(failed("reading the locks of a strategy"))?;
    let strength = |mode: &str| WAITING.iter().position(|(known, ..)| *known == mode);
    let tables: BTreeSet<&String> = rows.iter().map(|(table, ..)| table).collect();
    let strongest = tables.into_iter().filter_map(|table| {
        let own = rows.iter().filter(|(of, ..)| of == table);
        let (table, mode, partitioned) =
            own.max_by_key(|(_, mode, _)| strength(mode).map_or(0, |at| at + 1))?;
        // Whoever only looked at a table is in nobody's way.
        let looked = mode == "AccessShareLock" || mode == "RowShareLock";
        let (table, mode) = (table.clone(), mode.clone());
        (!looked).then_some(Lock { table, mode, partitioned: *partitioned })
    });
    Ok(strongest.collect())
}

/// The bytes of all indexes of the user.
async fn size(connection: &mut PgConnection) -> Result<i64> {
    sqlx::query_scalar(
        "SELECT coalesce(sum(pg_catalog.pg_relation_size(c.oid)), 0)::int8 \
         FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE c.relkind = 'i' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'",
    )
    .fetch_one(connection)
    .await
    .map_err(failed("reading the size of the indexes"))
}

/// How far the write-ahead log is written, in bytes.
async fn written(connection: &mut PgConnection) -> Result<i64> {
    sqlx::query_scalar("SELECT (pg_catalog.pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::int8")
        .fetch_one(connection)
        .await
        .map_err(failed("reading the place in the write-ahead log"))
}

/// Makes the statistics of indexes on expressions that have none yet: the planner needs them, and
/// only ANALYZE makes them.
pub(super) async fn analyze_expressions(connection: &mut PgConnection) -> Result<()> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT format('%I.%I', n.nspname, t.relname) FROM pg_catalog.pg_index AS i \
         JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid \
         JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace \
         WHERE i.indexprs IS NOT NULL AND n.nspname !~ '^pg_' AND t.reltuples > 0 \
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_stats AS s JOIN pg_catalog.pg_class AS c \
             ON c.relname = s.tablename AND c.oid = i.indexrelid)",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed("looking for indexes on expressions"))?;
    for table in tables {
        execute(connection, &format!("ANALYZE {table}")).await?;
    }
    Ok(())
}
