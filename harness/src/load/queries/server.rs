//! The queries that a running server counted. Nothing there is changed.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};

use super::Query;
use super::described;
use super::files::summary;
use crate::error::{Error, Result};
use crate::server;
use crate::sql::{self, written};

/// How many queries are taken, those that took the most time.
const MOST: usize = 100;

/// What weights sum up to at most, but for those that are rounded up.
const WHOLE: f64 = 1_000_000.0;

/// What the server shows in place of the texts of other roles.
const HIDDEN: &str = "<insufficient privilege>";

/// A statement as it was counted.
#[derive(Debug)]
struct Counted {
    id: i64,
    text: String,
    calls: i64,
    /// In milliseconds, of all calls.
    time: f64,
}

/// The queries that took the most time in a database, with weights in proportion to their calls,
/// and a sentence for each kind of statement that is left out. Only texts and counts are read, in
/// a session that may not write; each query is prepared there, which tells texts that were cut
/// off, and none is run.
///
/// # Errors
/// When the server does not count statements, or the role may not see any text.
pub async fn of_server(
    options: &PgConnectOptions,
    database: &str,
) -> Result<(Vec<Query>, Vec<String>)> {
    let options = options.clone().database(database).disable_statement_logging();
    let mut connection = server::open(&options).await?;
    connection
        .execute("SET default_transaction_read_only = on")
        .await
        .map_err(|error| Error::new("the session cannot be made read only").because_sql(error))?;
    let counted = counted(&mut connection, database).await?;
    let found = queries(&mut connection, database, counted).await?;
    // All that is needed was read; whether the server hears the end does not matter.
    let _ = connection.close().await;
    Ok(found)
}

async fn counted(connection: &mut PgConnection, database: &str) -> Result<Vec<Counted>> {
    let refused = |error: sqlx::Error| {
        let code = error.as_database_error().and_then(|error| error.code());
        // object_not_in_prerequisite_state
        if code.as_deref() == Some("55000") {
            return Error::new("the server does not load `pg_stat_statements`").hint(
                "add it to `shared_preload_libraries`, restart the server, and let it count for a \
                 while",
            );
        }
        Error::new(format!("`pg_stat_statements` of `{database}` cannot be read"))
            .because_sql(error)
    };
    let place = "SELECT quote_ident(n.nspname) FROM pg_catalog.pg_extension AS e \
                 JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace \
                 WHERE e.extname = 'pg_stat_statements'";
    let place: Option<String> =
        sqlx::query_scalar(place).fetch_optional(&mut *connection).await.map_err(refused)?;
    let Some(schema) = place else {
        let message = format!("there is no `pg_stat_statements` in the database `{database}`");
        return Err(Error::new(message).hint(
            "load it by `shared_preload_libraries`, and say `CREATE EXTENSION pg_stat_statements` \
             there",
        ));
    };
    // As JSON, since older versions have other columns. What functions did within a statement
    // that is counted itself is not counted twice.
    let sql = format!(
        "SELECT coalesce((s ->> 'queryid')::int8, 0) AS id, min(s ->> 'query') AS text, \
         sum((s ->> 'calls')::int8)::int8 AS calls, \
         sum(coalesce(s ->> 'total_exec_time', s ->> 'total_time')::float8) AS time \
         FROM (SELECT to_jsonb(p) AS s FROM {schema}.pg_stat_statements AS p WHERE dbid = \
             (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())) AS all_of \
         WHERE coalesce((s ->> 'toplevel')::bool, true) AND s ->> 'query' IS NOT NULL \
         GROUP BY coalesce((s ->> 'queryid')::int8, 0) ORDER BY time DESC"
    );
    let rows: Vec<(i64, String, i64, f64)> =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(connection).await.map_err(refused)?;
    let one = |(id, text, calls, time): (i64, String, i64, f64)| Counted {
        id,
        text: castable(&text),
        calls,
        time,
    };
    Ok(rows.into_iter().map(one).collect())
}

/// The statements that are queries, and what became of the others.
async fn queries(
    connection: &mut PgConnection,
    database: &str,
    counted: Vec<Counted>,
) -> Result<(Vec<Query>, Vec<String>)> {
    let (mut notes, mut taken) = (Vec::new(), Vec::new());
    let (mut hidden, mut others, mut beyond, mut rest) = (false, 0, 0, 0.0);
    for one in counted {
        if one.text == HIDDEN {
            hidden = true;
        } else if !is_query(&one.text) {
            others += 1;
        } else if taken.len() == MOST {
            (beyond, rest) = (beyond + 1, rest + one.time);
        } else if let Err(why) = described::of(connection, &one.text).await? {
            let start: String = one.text.chars().take(60).collect();
            notes.push(format!("`{start}` is left out, since its text may be cut off: {why}"));
        } else {
            taken.push(one);
        }
    }
    if taken.is_empty() && hidden {
        return Err(Error::new("the texts of the statements may not be seen by this role")
            .hint("say `GRANT pg_read_all_stats TO` the role that asks"));
    }
    if taken.is_empty() {
        let message = format!("the server counted no query on tables of `{database}`");
        return Err(Error::new(message)
            .hint("let the application run for a while, or name the database that it uses"));
    }
    if hidden {
        notes.push(
            "the statements of other roles may not be seen; say `GRANT pg_read_all_stats TO` the \
             role that asks"
                .to_owned(),
        );
    }
    if others > 0 {
        notes.push(format!(
            "{others} statements are left out that are no queries on tables of the database"
        ));
    }
    if beyond > 0 {
        let time: f64 = taken.iter().map(|one| one.time).sum();
        let percent = 100.0 * rest / (time + rest).max(f64::MIN_POSITIVE);
        notes.push(format!(
            "{beyond} queries beyond the first {MOST} are left out, which took {percent:.1} % of \
             the time"
        ));
    }
    let (queries, raised) = weighted(&taken);
    if raised > 0 {
        notes.push(format!("{raised} rare queries are done more often than they were, since no weight is less than 1"));
    }
    Ok((queries, notes))
}

/// The server shows `interval '1 day'` as `interval $1`, which is no SQL: the parameter with a cast.
fn castable(text: &str) -> String {
    let mut out = text.to_owned();
    for name in ["interval", "date", "time", "timestamp", "timestamptz"] {
        let (typed, mut from) = (format!("{name} $"), 0);
        while let Some(found) = out[from..].to_ascii_lowercase().find(&typed) {
            let start = from + found;
            let parameter = start + name.len() + 1;
            let digits = out[parameter + 1..].bytes().take_while(u8::is_ascii_digit).count();
            let end = parameter + 1 + digits;
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            if digits > 0 && !out[..start].ends_with(is_word) {
                let cast = format!("{}::{name}", &out[parameter..end]);
                out.replace_range(start..end, &cast);
            }
            from = end;
        }
    }
    out
}

/// Whether a statement reads or writes rows of tables that are not the server's own.
fn is_query(text: &str) -> bool {
    let planned = ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "PAREN", "TABLE"];
    let Some(statements) = sql::statements(text) else {
        // It may be cut off, which is told where it does not prepare.
        let first = text.split(|c: char| !c.is_alphabetic()).find(|word| !word.is_empty());
        return first.is_some_and(|first| planned.contains(&first.to_uppercase().as_str()));
    };
    let kind = statements.first().and_then(|one| one.kind.split(' ').next());
    let own = |(schema, name): &(Option<String>, String)| {
        // Extensions put theirs into any schema, as `public.pg_stat_statements`.
        name.starts_with("pg_") || schema.as_deref() == Some("information_schema")
    };
    kind.is_some_and(|kind| planned.contains(&kind))
        && written::relations(text).is_some_and(|all| !all.iter().all(own))
}

/// Queries with their weights, and how many weights were raised to 1.
fn weighted(taken: &[Counted]) -> (Vec<Query>, usize) {
    let calls: f64 = taken.iter().map(|one| one.calls as f64).sum();
    let scale = (WHOLE / calls.max(1.0)).min(1.0);
    let mut raised = 0;
    let one = |one: &Counted| {
        let weight = one.calls as f64 * scale;
        raised += usize::from(weight < 0.5);
        let short: String = format!("{:016x}", one.id).chars().take(8).collect();
        Query {
            name: format!("{} {short}", summary(&one.text)),
            sql: one.text.trim().trim_end_matches(';').trim_end().to_owned(),
            weight: weight.round().max(1.0) as u32,
            file: "pg_stat_statements".to_owned(),
        }
    };
    let queries = taken.iter().map(one).collect();
    (queries, raised)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_on_tables_of_the_database_are_queries() {
        for (text, expected) in [
            ("SELECT * FROM users WHERE id = $1", true),
            ("WITH a AS (SELECT $1) SELECT * FROM a JOIN users ON true", true),
            ("UPDATE users SET a = $1", true),
            // Cut off.
            ("SELECT * FROM users WHERE (id = $1 AND", true),
            ("SELECT oid FROM pg_class", false),
            ("SELECT 1 FROM pg_catalog.pg_class JOIN information_schema.tables ON true", false),
            ("SELECT pg_sleep($1)", false),
            ("BEGIN", false),
            ("SET a = $1", false),
            ("CREATE INDEX ON users (a)", false),
            ("VACUUM users", false),
        ] {
            assert_eq!(is_query(text), expected, "{text}");
        }
    }

    #[test]
    fn constants_with_their_type_before_them_are_cast() {
        for (text, expected) in [
            ("now() - INTERVAL $1 < $2", "now() - $1::interval < $2"),
            ("a > date $1 AND b < date $12", "a > $1::date AND b < $12::date"),
            ("at time zone $1", "at time zone $1"),
            ("update $1", "update $1"),
        ] {
            assert_eq!(castable(text), expected);
        }
    }

    #[test]
    fn weights_are_in_proportion_to_calls_and_at_least_one() {
        let counted =
            |id, calls| Counted { id, text: "SELECT 1 FROM a".to_owned(), calls, time: 1.0 };
        let weights = |all: &[Counted]| {
            let (queries, raised) = weighted(all);
            (queries.into_iter().map(|query| query.weight).collect::<Vec<_>>(), raised)
        };
        assert_eq!(weights(&[counted(1, 900), counted(2, 100)]), (vec![900, 100], 0));
        let many = [counted(1, 9_000_000_000), counted(2, 1_000_000_000), counted(3, 7)];
        assert_eq!(weights(&many), (vec![900_000, 100_000, 1], 1));
        assert_eq!(weights(&[counted(-1, 0)]), (vec![1], 1));
    }
}
