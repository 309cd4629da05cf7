//! sqlx's `PoolOptions` (docs.rs/sqlx, `sqlx::pool::PoolOptions` and
//! `PgConnectOptions::statement_cache_capacity`), which need no translation.

use shakedown_reports::load::{PoolSettings, Validate};

use super::read::Written;
use super::{Parts, PoolProfile};
use crate::error::Result;

pub(super) const PROFILE: PoolProfile = PoolProfile {
    name: "sqlx",
    summary: "sqlx's PoolOptions, as they are; times as 30s, 500ms or none",
    settings: &[
        "max_connections",
        "min_connections",
        "acquire_timeout",
        "test_before_acquire",
        "max_lifetime",
        "idle_timeout",
        "statement_cache_capacity",
    ],
    example: &[
        ("max_connections", "20"),
        ("test_before_acquire", "false"),
        ("acquire_timeout", "5s"),
    ],
    translate,
};

fn translate(written: &Written<'_>) -> Result<Parts> {
    let default = PoolSettings::default();
    let max_connections = written.connections("max_connections", default.max_connections, 1)?;
    let timeout = written.time("acquire_timeout", Some(default.acquire_timeout_ms))?;
    let cache = written.integer("statement_cache_capacity", default.statement_cache as i64)?;
    let settings = PoolSettings {
        max_connections,
        min_connections: written.connections("min_connections", default.min_connections, 0)?,
        kept: max_connections,
        acquire_timeout_ms: timeout
            .ok_or_else(|| written.wrong("acquire_timeout", "a time as `30s` or `500ms`"))?,
        validate: if written.truth("test_before_acquire", true)? {
            Validate::Always
        } else {
            Validate::Never
        },
        max_lifetime_ms: written.time("max_lifetime", default.max_lifetime_ms)?,
        idle_timeout_ms: written.time("idle_timeout", default.idle_timeout_ms)?,
        statement_cache: usize::try_from(cache)
            .map_err(|_| written.wrong("statement_cache_capacity", "a number of statements"))?,
        reset: None,
    };
    Ok(Parts { of: "sqlx", settings, notes: Vec::new(), bouncer: None })
}
