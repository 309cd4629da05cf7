//! asyncpg's `create_pool` (asyncpg, "API Reference", "Connection Pools"; `pool.py`,
//! `connection.py`): `min_size` and `max_size` 10, `max_queries` 50000,
//! `max_inactive_connection_lifetime` 300, `statement_cache_size` 100, and a query that resets
//! the session when a connection is released.

use shakedown_reports::load::{PoolSettings, Validate};

use super::read::Written;
use super::{Parts, PoolProfile, of_sqlx};
use crate::error::{Error, Result};

pub(super) const PROFILE: PoolProfile = PoolProfile {
    name: "asyncpg",
    summary: "asyncpg's create_pool, with its reset on release; timeout is that of acquire",
    settings: &[
        "min_size",
        "max_size",
        "max_queries",
        "max_inactive_connection_lifetime",
        "statement_cache_size",
        "timeout",
    ],
    example: &[("min_size", "5"), ("max_size", "20"), ("statement_cache_size", "0")],
    translate,
};

/// What asyncpg sends to Postgres when a connection is released.
const RESET: &str = "SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL;";

/// How long is waited where asyncpg waits for ever, in milliseconds.
const FOR_EVER: u64 = 30_000;

fn translate(written: &Written<'_>) -> Result<Parts> {
    let max = written.connections("max_size", 10, 1)?;
    let min = written.connections("min_size", 10, 0)?;
    if min > max {
        return Err(Error::new(format!("`min_size` {min} is larger than `max_size` {max}"))
            .hint("write a `min_size` too; it is 10 if it is not written"));
    }
    let queries = written.integer("max_queries", 50_000)?;
    if queries < 1 {
        return Err(written.wrong("max_queries", "a number of queries, 1 or more"));
    }
    let cache = written.integer("statement_cache_size", 100)?;
    let statement_cache = usize::try_from(cache)
        .map_err(|_| written.wrong("statement_cache_size", "a number of statements, 0 or more"))?;
    // 0 turns it off.
    let idle = written.seconds("max_inactive_connection_lifetime", Some(300_000))?;
    let idle = idle.filter(|ms| *ms > 0);
    let timeout = written.seconds("timeout", None)?;
    let mut notes = vec![
        format!(
            "`max_queries` {queries} is not translated: sqlx replaces no connection for the \
             number of its queries"
        ),
        format!("on return asyncpg's own reset is run: `{RESET}`"),
        "asyncpg hands out the connection that was returned last, sqlx the one that was idle \
         longest"
            .to_owned(),
    ];
    if timeout.is_none() {
        notes.push(format!(
            "`timeout`: asyncpg waits for a connection for ever; here it fails after {} s",
            FOR_EVER / 1000
        ));
    }
    if idle.is_some() {
        notes.push(
            "`max_inactive_connection_lifetime`: asyncpg closes idle connections even if fewer \
             than `min_size` are left, sqlx opens these again"
                .to_owned(),
        );
    }
    of_sqlx(&mut notes);
    let settings = PoolSettings {
        max_connections: max,
        min_connections: min,
        kept: max,
        acquire_timeout_ms: timeout.unwrap_or(FOR_EVER),
        validate: Validate::Never,
        max_lifetime_ms: None,
        idle_timeout_ms: idle,
        statement_cache,
        reset: Some(RESET.to_owned()),
    };
    Ok(Parts { of: "asyncpg", settings, notes, bouncer: None })
}
