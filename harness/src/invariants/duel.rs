//! Runs two sessions against each other, with everything committed.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _, ValueRef as _};
use tokio::time::timeout;

use super::case::Rejection;
use super::promise::Duel;
use crate::error::{Error, Result};

/// After this long a statement that has not ended is taken to wait for the other session.
const WAIT: Duration = Duration::from_millis(150);

/// What both sessions are told first: to notice soon that each waits for the other, and not to
/// wait for ever. The first is only for those who may set it, and is not needed.
const SETTINGS: [&str; 2] = ["SET deadlock_timeout = '100ms'", "SET statement_timeout = '10s'"];

/// How a duel ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The query over what both left behind gave this value; `None` is NULL or no row.
    Gave(Option<String>),
    /// The rows that it starts from, or what the first session of two does before the second
    /// begins, were refused so, and nothing was tried.
    Refused(Rejection),
}

/// Runs a duel. Once both sessions are in it, either may be refused at any point, which undoes its
/// transaction; what counts is what the query gives afterwards.
///
/// The setup is one transaction of its own. What all three commit stays, and duels would meet
/// in each other's rows: each needs a clone of its own that is thrown away.
///
/// # Errors
/// When a connection is lost, or the query itself is refused.
pub async fn duel(
    first: &mut PgConnection,
    second: &mut PgConnection,
    duel: &Duel,
) -> Result<Ended> {
    for conn in [&mut *first, &mut *second] {
        for setting in SETTINGS {
            run(conn, setting).await?;
        }
    }
    let refused = transaction(first, &duel.setup).await?;
    let at_end = end(first).await?;
    if let Some(rejection) = refused.or(at_end) {
        return Ok(Ended::Refused(rejection));
    }
    let refused = transaction(first, &duel.first).await?;
    if let Some(rejection) = refused.filter(|_| !duel.second.is_empty()) {
        // Whoever comes second then meets nobody: what is left behind would say nothing.
        return Ok(Ended::Refused(rejection));
    }
    both(first, second, &duel.second).await?;
    let rows = sqlx::raw_sql(AssertSqlSafe(duel.then.as_str())).fetch_optional(first).await;
    let value = rows.and_then(|row| match row {
        Some(row) => {
            let value = row.try_get_raw(0)?;
            let text = (!value.is_null()).then(|| value.as_str().map(str::to_owned));
            text.transpose().map_err(sqlx::Error::Decode)
        }
        None => Ok(None),
    });
    value.map(Ended::Gave).map_err(|error| {
        Error::new(format!("what `{}` left behind could not be read", duel.about))
            .because_sql(error)
    })
}

/// Runs the second session's transaction while that of the first is open, and commits both, the
/// first one first. Either may wait for the other at any point.
async fn both(first: &mut PgConnection, second: &mut PgConnection, ops: &[String]) -> Result<()> {
    let mut opened = Box::pin(transaction(second, ops));
    let waits = match timeout(WAIT, &mut opened).await {
        Ok(refused) => refused.map(|_| false)?,
        Err(_) => true,
    };
    // The first may wait in its turn: for a row that a deferred constraint looks for.
    let mut committed = Box::pin(end(first));
    let rest = async {
        if waits {
            opened.await?;
        }
        Ok::<(), Error>(())
    };
    let (in_time, done) = tokio::join!(timeout(WAIT, &mut committed), rest);
    done?;
    match in_time {
        Ok(refused) => {
            refused?;
            end(second).await?;
        }
        Err(_) => {
            let (one, other) = tokio::join!(committed, end(second));
            one?;
            other?;
        }
    }
    Ok(())
}

/// Begins a transaction and runs statements in it up to the first that is refused.
async fn transaction(conn: &mut PgConnection, ops: &[String]) -> Result<Option<Rejection>> {
    run(conn, "BEGIN").await?;
    for (op, sql) in ops.iter().enumerate() {
        if let Some(rejection) = run(conn, sql).await? {
            return Ok(Some(Rejection { op, ..rejection }));
        }
    }
    Ok(None)
}

/// Commits; of a transaction in which something was refused nothing stays.
async fn end(conn: &mut PgConnection) -> Result<Option<Rejection>> {
    run(conn, "COMMIT").await
}

/// Runs one statement, and says how the server refuses it if it does.
async fn run(conn: &mut PgConnection, sql: &str) -> Result<Option<Rejection>> {
    match sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await {
        Ok(_) => Ok(None),
        Err(sqlx::Error::Database(error)) => Ok(Some(Rejection {
            op: 0,
            sqlstate: error.code().unwrap_or_default().into_owned(),
            constraint: error.constraint().unwrap_or_default().to_owned(),
            message: error.message().to_owned(),
        })),
        Err(error) => Err(Error::new("a session was lost").because_sql(error)),
    }
}
