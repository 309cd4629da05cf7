//! The statements of the users, as `pg_stat_statements` counts them.

use std::collections::BTreeMap;

use shakedown_reports::load::Statement;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, Row};

use crate::engine::told;

/// How many statements are told of.
const MOST: usize = 10;

/// What was counted of each statement, by its `queryid`.
pub(super) type Statements = BTreeMap<i64, Figures>;

/// What was counted of a statement, of all roles together.
#[derive(Debug)]
pub(super) struct Figures {
    /// Nothing for statements of other roles that may not be seen.
    id: Option<i64>,
    text: Option<String>,
    calls: i64,
    total_ms: f64,
    rows: i64,
    hit: i64,
    read: i64,
    wal_bytes: f64,
}

impl FromRow<'_, PgRow> for Figures {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("queryid")?,
            text: row.try_get("query")?,
            calls: row.try_get("calls")?,
            total_ms: row.try_get("total_ms")?,
            rows: row.try_get("rows")?,
            hit: row.try_get("hit")?,
            read: row.try_get("read")?,
            wal_bytes: row.try_get("wal_bytes")?,
        })
    }
}

/// Every statement on the database, and a sentence if some may not be seen. `Err` is the sentence
/// that says why there are none, and what to do.
pub(super) async fn ask(
    connection: &mut PgConnection,
    database: &str,
    texts: bool,
) -> Result<(Statements, Option<String>), String> {
    let refused = |error: sqlx::Error| {
        let database_error = error.as_database_error().and_then(|error| error.code());
        match database_error.as_deref() {
            // object_not_in_prerequisite_state
            Some("55000") => "the statements are not told, since the server does not load \
                 `pg_stat_statements`; add it to `shared_preload_libraries` and restart the server"
                .to_owned(),
            _ => format!("the statements are not told: {}", told(&error)),
        }
    };
    let place = "SELECT quote_ident(n.nspname) FROM pg_catalog.pg_extension AS e \
                 JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace \
                 WHERE e.extname = 'pg_stat_statements'";
    let place: Option<String> =
        sqlx::query_scalar(place).fetch_optional(&mut *connection).await.map_err(refused)?;
    let Some(schema) = place else { return Err(absent(connection).await) };
    let sql = format!(
        "SELECT queryid, min(query) AS query, sum(calls)::int8 AS calls, \
         sum(total_exec_time) AS total_ms, sum(rows)::int8 AS rows, \
         sum(shared_blks_hit)::int8 AS hit, sum(shared_blks_read)::int8 AS read, \
         sum(wal_bytes)::float8 AS wal_bytes \
         FROM {schema}.pg_stat_statements($2) \
         WHERE dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = $1::text) \
         GROUP BY queryid"
    );
    let asked = sqlx::query_as(AssertSqlSafe(sql)).bind(database).bind(texts);
    let rows: Vec<Figures> = asked.fetch_all(connection).await.map_err(refused)?;
    let hidden = rows.iter().any(|row| row.id.is_none()).then(|| {
        "the statements of other roles may not be seen; say `GRANT pg_read_all_stats TO` the role \
         that watches"
            .to_owned()
    });
    let known = rows.into_iter().filter_map(|row| Some((row.id?, row)));
    Ok((known.collect(), hidden))
}

async fn absent(connection: &mut PgConnection) -> String {
    let here: Option<String> = sqlx::query_scalar("SELECT quote_ident(current_database())")
        .fetch_one(connection)
        .await
        .ok();
    let here = here.map_or_else(String::new, |name| format!(" in the database `{name}`"));
    format!(
        "the statements are not told, since there is no `pg_stat_statements`{here}; load it by \
         `shared_preload_libraries`, and say `CREATE EXTENSION pg_stat_statements` there"
    )
}

/// The statements that took the most time between two moments, the slowest first.
pub(super) fn between(before: &Statements, after: Statements) -> Vec<Statement> {
    let added = after.into_iter().filter_map(|(id, figures)| {
        // One that was counted less often than before was forgotten and counted anew.
        let before = before.get(&id).filter(|before| before.calls <= figures.calls);
        statement(id, before, figures)
    });
    let mut all: Vec<Statement> = added.collect();
    all.sort_by(|one, other| other.total_ms.total_cmp(&one.total_ms));
    all.truncate(MOST);
    all
}

/// What was added since; nothing if it was not executed.
fn statement(id: i64, before: Option<&Figures>, after: Figures) -> Option<Statement> {
    let since = |count: fn(&Figures) -> i64| {
        u64::try_from(count(&after) - before.map_or(0, count)).unwrap_or(0)
    };
    let calls = since(|figures| figures.calls);
    let total_ms = (after.total_ms - before.map_or(0.0, |before| before.total_ms)).max(0.0);
    let wal_bytes = (after.wal_bytes - before.map_or(0.0, |before| before.wal_bytes)).max(0.0);
    let (rows, blocks_hit, blocks_read) = (
        since(|figures| figures.rows),
        since(|figures| figures.hit),
        since(|figures| figures.read),
    );
    (calls > 0).then(|| Statement {
        query_id: id,
        text: after.text.unwrap_or_default(),
        calls,
        total_ms,
        mean_ms: total_ms / calls as f64,
        rows,
        blocks_hit,
        blocks_read,
        wal_bytes: wal_bytes as u64,
        plan: None,
        plan_of: None,
    })
}
