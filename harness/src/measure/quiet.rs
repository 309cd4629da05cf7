//! A server on which nothing happens by itself, while rows are made and counted.

use std::time::{Duration, Instant};

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::error::{Error, Result};
use crate::server::Server;

/// What cleans up: whether it came by decides which pages are known to be visible to all, and while
/// it is there, sessions of any database may leave pages unpruned.
const AUTOVACUUM: &str = "autovacuum";

/// What would add to the counts of whoever happens to run: writing pages before they are changed
/// again, and images of whole pages after each checkpoint.
const SETTINGS: [(&str, &str); 3] =
    [("bgwriter_lru_maxpages", "0"), ("checkpoint_timeout", "1d"), ("full_page_writes", "off")];

/// How long processes of the server are waited for that have to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Does something while a scratch server cleans nothing up by itself, from the first row that is
/// made to the last count. After it, the server has its own settings again, whatever came of it.
pub(crate) async fn during<T>(server: &Server, work: impl Future<Output = Result<T>>) -> Result<T> {
    if !server.is_scratch() {
        return work.await;
    }
    let mut connection = server.connect(None).await?;
    change(&mut connection, &[format!("ALTER SYSTEM SET {AUTOVACUUM} = off")]).await?;
    without_autovacuum(&mut connection).await?;
    let done = work.await;
    let own = SETTINGS.iter().map(|(name, _)| *name).chain([AUTOVACUUM]);
    let reset: Vec<String> = own.map(|name| format!("ALTER SYSTEM RESET {name}")).collect();
    let ended = change(&mut connection, &reset).await;
    // What went wrong first says more.
    let done = done?;
    ended?;
    run(&mut connection, "CHECKPOINT").await?;
    Ok(done)
}

/// Makes a scratch server quiet for the rest of what is done [`during`]. A server of the user is
/// left as it is, and a sentence says what that means for the counts.
pub(crate) async fn begin(server: &Server) -> Result<Option<String>> {
    if !server.is_scratch() {
        return Ok(Some(
            "the settings of a server at an address are left alone: bytes of the write-ahead log \
             hold images of whole pages, and its autovacuum, or whoever else writes there, may add \
             to the counts"
                .to_owned(),
        ));
    }
    let mut connection = server.connect(None).await?;
    let set = SETTINGS.map(|(name, value)| format!("ALTER SYSTEM SET {name} = '{value}'"));
    change(&mut connection, &set).await?;
    run(&mut connection, "CHECKPOINT").await?;
    Ok(None)
}

/// Ends what cleans up at this moment, and waits until nothing is left of it.
async fn without_autovacuum(connection: &mut PgConnection) -> Result<()> {
    let begun = Instant::now();
    loop {
        let left = sqlx::query(
            "SELECT CASE backend_type WHEN 'autovacuum worker' \
               THEN pg_catalog.pg_terminate_backend(pid) END \
             FROM pg_catalog.pg_stat_activity WHERE backend_type LIKE 'autovacuum %'",
        )
        .fetch_all(&mut *connection)
        .await
        .map_err(|error| {
            Error::new("the autovacuum of the scratch server cannot be ended").because_sql(error)
        })?;
        if left.is_empty() {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            return Err(Error::new(format!(
                "the autovacuum of the scratch server did not end within {} s",
                PATIENCE.as_secs()
            ))
            .hint("try again when the machine is less busy"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Changes settings. Sessions read them between two of their statements; new ones begin with them.
async fn change(connection: &mut PgConnection, statements: &[String]) -> Result<()> {
    for sql in statements {
        run(connection, sql).await?;
    }
    run(connection, "SELECT pg_catalog.pg_reload_conf()").await
}

async fn run(connection: &mut PgConnection, sql: &str) -> Result<()> {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await;
    done.map(drop).map_err(|error| {
        Error::new(format!("the scratch server does not take `{sql}`")).because_sql(error)
    })
}
