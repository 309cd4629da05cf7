//! The server's own counters.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgConnection};

use crate::engine::told;

/// Counters by the view that they stand in, and their name.
pub(super) type Counters = BTreeMap<&'static str, BTreeMap<String, f64>>;

struct View {
    name: &'static str,
    /// The server's version from which on there is one.
    since: u32,
    /// Which of its rows are taken; they are added up. `$1` is the database under test.
    rows: &'static str,
    /// Which of its columns are taken; all numbers if none are named.
    columns: &'static [&'static str],
}

const VIEWS: &[View] = &[
    View { name: "pg_stat_database", since: 0, rows: "v.datname = $1::text", columns: &[] },
    View { name: "pg_stat_wal", since: 140_000, rows: "$1::text <> ''", columns: &[] },
    View {
        name: "pg_stat_io",
        since: 160_000,
        rows: "$1::text <> ''",
        columns: &["reads", "writes", "extends", "hits", "evictions"],
    },
    View { name: "pg_stat_bgwriter", since: 0, rows: "$1::text <> ''", columns: &[] },
    View { name: "pg_stat_checkpointer", since: 170_000, rows: "$1::text <> ''", columns: &[] },
];

/// Numbers that count nothing, so that a difference of them means nothing.
const NO_COUNTERS: [&str; 2] = ["datid", "numbackends"];

/// All counters, and a sentence for each view that cannot be read.
pub(super) async fn ask(connection: &mut PgConnection, database: &str) -> (Counters, Vec<String>) {
    let (mut counters, mut missing) = (Counters::new(), Vec::new());
    let version = connection.server_version_num().unwrap_or(0);
    for view in VIEWS.iter().filter(|view| version >= view.since) {
        match read(connection, view, database).await {
            Ok(read) => {
                counters.insert(view.name, read);
            }
            Err(error) => {
                missing.push(format!("`{}` cannot be read: {}", view.name, told(&error)));
            }
        }
    }
    (counters, missing)
}

async fn read(
    connection: &mut PgConnection,
    view: &View,
    database: &str,
) -> sqlx::Result<BTreeMap<String, f64>> {
    // By way of JSON, since the columns differ from version to version.
    let sql = format!(
        "SELECT key, sum(value::text::float8) FROM pg_catalog.{} AS v, \
         jsonb_each(to_jsonb(v)) WHERE jsonb_typeof(value) = 'number' AND {} GROUP BY key",
        view.name, view.rows
    );
    let rows: Vec<(String, f64)> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(database).fetch_all(connection).await?;
    let is_taken = |name: &str| {
        !NO_COUNTERS.contains(&name) && (view.columns.is_empty() || view.columns.contains(&name))
    };
    Ok(rows.into_iter().filter(|(name, _)| is_taken(name)).collect())
}

/// What was added to each counter, by its whole name, and a sentence for each view whose counters
/// began anew meanwhile.
pub(super) fn between(before: &Counters, after: &Counters) -> (BTreeMap<String, f64>, Vec<String>) {
    let (mut added, mut reset) = (BTreeMap::new(), Vec::new());
    for (view, after) in after {
        let Some(before) = before.get(view) else { continue };
        let since = |(name, value): (&String, &f64)| {
            (format!("{view}.{name}"), value - before.get(name).copied().unwrap_or(0.0))
        };
        let differences: BTreeMap<String, f64> = after.iter().map(since).collect();
        if differences.values().any(|difference| *difference < 0.0) {
            reset.push(format!(
                "the counters of `{view}` began anew during the measurement, as after a crash or \
                 `pg_stat_reset`"
            ));
        } else {
            added.extend(differences);
        }
    }
    (added, reset)
}
