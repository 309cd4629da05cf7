//! A server on which nothing happens by itself, while it is counted.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::error::{Error, Result};
use crate::server::Server;

/// What would add to the counts of whoever happens to run: cleaning up, writing pages before they
/// are changed again, and images of whole pages after each checkpoint.
const SETTINGS: [(&str, &str); 4] = [
    ("autovacuum", "off"),
    ("bgwriter_lru_maxpages", "0"),
    ("checkpoint_timeout", "1d"),
    ("full_page_writes", "off"),
];

/// Makes a scratch server quiet. A server of the user is left as it is, and a sentence says what
/// that means for the counts.
pub(crate) async fn begin(server: &Server) -> Result<Option<String>> {
    if !server.is_scratch() {
        return Ok(Some(
            "the settings of a server at an address are left alone: bytes of the write-ahead log \
             hold images of whole pages, and its autovacuum, or whoever else writes there, may add \
             to the counts"
                .to_owned(),
        ));
    }
    let set = SETTINGS.map(|(name, value)| format!("ALTER SYSTEM SET {name} = '{value}'"));
    change(server, &set).await?;
    Ok(None)
}

/// Gives a scratch server its own settings back.
pub(crate) async fn end(server: &Server) -> Result<()> {
    if !server.is_scratch() {
        return Ok(());
    }
    change(server, &SETTINGS.map(|(name, _)| format!("ALTER SYSTEM RESET {name}"))).await
}

async fn change(server: &Server, statements: &[String]) -> Result<()> {
    let mut connection = server.connect(None).await?;
    for sql in statements {
        run(&mut connection, sql).await?;
    }
    // Sessions read the new settings between two of their statements; new ones begin with them.
    run(&mut connection, "SELECT pg_catalog.pg_reload_conf()").await?;
    run(&mut connection, "CHECKPOINT").await
}

async fn run(connection: &mut PgConnection, sql: &str) -> Result<()> {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await;
    done.map(drop).map_err(|error| {
        Error::new(format!("the scratch server does not take `{sql}`")).because_sql(error)
    })
}
