//! HikariCP's properties (its README, "Configuration"): `maximumPoolSize` 10, `minimumIdle` the
//! same, `connectionTimeout` 30000, `idleTimeout` 600000, `maxLifetime` 1800000. A connection is
//! validated if it was idle for longer than half a second (`aliveBypassWindowMs` in
//! `HikariPool.java`).

use shakedown_reports::load::{PoolSettings, Validate};

use super::read::Written;
use super::{Parts, PoolProfile, of_sqlx};
use crate::error::{Error, Result};

pub(super) const PROFILE: PoolProfile = PoolProfile {
    name: "hikaricp",
    summary: "HikariCP's properties: maximumPoolSize, minimumIdle and the like, in milliseconds",
    settings: &[
        "maximumPoolSize",
        "minimumIdle",
        "connectionTimeout",
        "idleTimeout",
        "maxLifetime",
        "keepaliveTime",
        "validationTimeout",
        "leakDetectionThreshold",
        "prepareThreshold",
    ],
    example: &[
        ("maximumPoolSize", "20"),
        ("connectionTimeout", "3000"),
        ("maxLifetime", "1200000"),
    ],
    translate,
};

/// One that was used within this time is taken to be alive, in milliseconds.
const ALIVE: u64 = 500;

fn translate(written: &Written<'_>) -> Result<Parts> {
    let max = written.connections("maximumPoolSize", 10, 1)?;
    // HikariCP takes a larger `minimumIdle` for the size of the pool.
    let min = written.connections("minimumIdle", max, 0)?.min(max);
    let timeout = written.milliseconds("connectionTimeout", 30_000)?;
    if timeout < 250 {
        return Err(Error::new(format!("`connectionTimeout` {timeout} is below HikariCP's least"))
            .hint("write 250 milliseconds or more"));
    }
    let idle = written.milliseconds("idleTimeout", 600_000)?;
    let lifetime = written.milliseconds("maxLifetime", 1_800_000)?;
    let mut notes = vec![
        format!(
            "a connection is validated if it was idle for more than {ALIVE} ms, as HikariCP does"
        ),
        "HikariCP prefers the connection that the same thread had last, sqlx hands out the one \
         that was idle longest"
            .to_owned(),
        "`maxLifetime`: HikariCP ends each connection a little earlier by chance, sqlx all after \
         the same time"
            .to_owned(),
    ];
    if min == max {
        notes.push(
            "`minimumIdle` is the size of the pool, so that `idleTimeout` closes none".to_owned(),
        );
    } else {
        notes.push(
            "`minimumIdle`: HikariCP keeps so many idle beside those in use, sqlx so many in all"
                .to_owned(),
        );
    }
    for (name, why) in [
        ("keepaliveTime", "sqlx sends nothing on idle connections"),
        ("validationTimeout", "sqlx counts validating into the time to wait for a connection"),
        ("leakDetectionThreshold", "no connection leaks here"),
        ("prepareThreshold", "statements are prepared at their first use"),
    ] {
        if written.has(name) {
            written.milliseconds(name, 0)?;
            notes.push(format!("`{name}` is not translated: {why}"));
        }
    }
    of_sqlx(&mut notes);
    let settings = PoolSettings {
        max_connections: max,
        min_connections: min,
        kept: max,
        acquire_timeout_ms: timeout,
        validate: Validate::IdleFor { ms: ALIVE },
        // 0 is no limit, for both.
        max_lifetime_ms: Some(lifetime).filter(|ms| *ms > 0),
        idle_timeout_ms: Some(idle).filter(|ms| *ms > 0 && min < max),
        ..PoolSettings::default()
    };
    Ok(Parts { of: "HikariCP", settings, notes, bouncer: None })
}
