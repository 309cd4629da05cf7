//! One script, run as the runner of its format runs it.

use std::ops::Range;

use futures_util::StreamExt;
use sqlx::postgres::{PgConnection, PgDatabaseError, PgErrorPosition};
use sqlx::{AssertSqlSafe, Either};

use crate::error::{Error, Result};
use crate::source::Script;
use crate::sql;

/// Why Postgres did not take a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Postgres's own sentence.
    pub message: String,
    pub sqlstate: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// Where it failed.
    pub at: At,
}

impl Failure {
    /// Whether it failed only since another scratch database uses what all databases of a
    /// server share, such as a role.
    pub(crate) fn is_held_by_a_sibling(&self) -> bool {
        const DEPENDENT_OBJECTS_STILL_EXIST: &str = "2BP01";
        self.sqlstate == DEPENDENT_OBJECTS_STILL_EXIST
            && self.detail.as_ref().is_some_and(|detail| {
                detail.lines().all(|line| line.contains(" in database shakedown_"))
            })
    }
}

/// Where a script failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// At this byte of its file: where Postgres points, else where the failing statement begins.
    Byte(usize),
    /// At the end, when its transaction was committed.
    Commit,
    /// Nobody knows, since the script could not be taken apart into statements.
    Unknown,
}

/// Runs a script with its runner's own transactions, committed as far as it succeeds.
///
/// # Errors
/// When the connection or the server fails, as opposed to the script.
pub async fn run(connection: &mut PgConnection, script: &Script) -> Result<Result<(), Failure>> {
    for batch in &script.batches {
        if batch.in_transaction
            && let Err(failure) = send(connection, script, "BEGIN", None).await?
        {
            return Ok(Err(failure));
        }
        let mut outcome = send_all(connection, script, &batch.messages).await?;
        if outcome.is_ok() && batch.in_transaction {
            outcome = send(connection, script, "COMMIT", None).await?;
        }
        if outcome.is_err() {
            // Also without a transaction of the runner's: the script may have opened one.
            // A session that does not answer any more is closed by its caller.
            let _ = send(connection, script, "ROLLBACK", None).await;
            return Ok(outcome);
        }
    }
    Ok(Ok(()))
}

/// Runs a script inside the transaction that is open on the connection.
///
/// # Errors
/// When the connection or the server fails, as opposed to the script.
pub async fn run_inside(
    connection: &mut PgConnection,
    script: &Script,
) -> Result<Result<(), Failure>> {
    for batch in &script.batches {
        let outcome = send_all(connection, script, &batch.messages).await?;
        if outcome.is_err() {
            return Ok(outcome);
        }
    }
    Ok(Ok(()))
}

async fn send_all(
    connection: &mut PgConnection,
    script: &Script,
    messages: &[Range<usize>],
) -> Result<Result<(), Failure>> {
    for message in messages {
        let text = &script.text[message.clone()];
        if let Some(failure) = copy_with_client(text, message.start) {
            return Ok(Err(failure));
        }
        let outcome = send(connection, script, text, Some(message.start)).await?;
        if outcome.is_err() {
            return Ok(outcome);
        }
    }
    Ok(Ok(()))
}

/// The failure of a script that has the client take part in a COPY, as only psql does. It is
/// not sent where it is seen in time, since no driver of a runner gets out of that again.
fn copy_with_client(text: &str, offset: usize) -> Option<Failure> {
    let statements = sql::statements(text)?;
    let copy = statements.iter().find(|statement| {
        let words = &text[statement.range.clone()];
        statement.kind == "COPY"
            && (sql::mentions(words, "stdin") || sql::mentions(words, "stdout"))
    });
    copy.map(|statement| needs_psql(At::Byte(offset + statement.range.start)))
}

fn needs_psql(at: At) -> Failure {
    Failure {
        message: "COPY FROM STDIN and TO STDOUT need psql, no migration runner does them"
            .to_owned(),
        sqlstate: "0A000".to_owned(),
        detail: None,
        hint: Some("write the rows as INSERT".to_owned()),
        at,
    }
}

/// Sends one simple query. `offset` is its first byte in the file, if it stands there.
async fn send(
    connection: &mut PgConnection,
    script: &Script,
    text: &str,
    offset: Option<usize>,
) -> Result<Result<(), Failure>> {
    let mut completed = 0;
    let mut results = sqlx::raw_sql(AssertSqlSafe(text.to_owned())).fetch_many(connection);
    while let Some(result) = results.next().await {
        match result {
            Ok(Either::Left(_)) => completed += 1,
            Ok(Either::Right(_)) => {}
            Err(error) => return failure(error, script, text, offset, completed).map(Err),
        }
    }
    Ok(Ok(()))
}

/// SQLSTATEs that say something of the machine and nothing of the script: a full disk, too
/// many connections, a shutdown or a crash, an error of input or output.
const NOT_THE_SCRIPT: &[&str] = &["53100", "53300", "57P01", "57P02", "57P03", "58030"];

fn failure(
    error: sqlx::Error,
    script: &Script,
    text: &str,
    offset: Option<usize>,
    completed: usize,
) -> Result<Failure> {
    let interrupted = |why: String| {
        Error::new(format!("the server failed while it ran `{}`: {why}", script.file.display()))
            .hint("see that the disk is not full and that the server still runs, and start again")
    };
    let database = match error {
        sqlx::Error::Database(database) => database,
        sqlx::Error::Protocol(why) if why.contains("Copy") => return Ok(needs_psql(At::Unknown)),
        other => return Err(interrupted(other.to_string())),
    };
    let Some(database) = database.try_downcast_ref::<PgDatabaseError>() else {
        return Err(interrupted(database.to_string()));
    };
    if NOT_THE_SCRIPT.contains(&database.code()) {
        return Err(interrupted(database.message().to_owned()));
    }
    let within = match database.position() {
        // Postgres counts characters from one.
        Some(PgErrorPosition::Original(position)) => {
            text.char_indices().nth(position.saturating_sub(1)).map(|(byte, _)| byte)
        }
        _ => start_of_statement(text, completed),
    };
    Ok(Failure {
        message: database.message().to_owned(),
        sqlstate: database.code().to_owned(),
        detail: database.detail().map(str::to_owned),
        hint: database.hint().map(str::to_owned),
        at: match (offset, within) {
            (None, _) => At::Commit,
            (Some(offset), Some(within)) => At::Byte(offset + within),
            (Some(_), None) => At::Unknown,
        },
    })
}

/// Where the statement after `completed` others begins.
fn start_of_statement(text: &str, completed: usize) -> Option<usize> {
    let statements = sql::statements(text)?;
    Some(statements.get(completed)?.range.start)
}
