//! SQLAlchemy's `create_engine`, with the defaults of its `QueuePool` (SQLAlchemy 2.0, "Engine
//! Configuration" and "Connection Pooling"; `pool/impl.py`): `pool_size` 5, `max_overflow` 10,
//! `pool_timeout` 30, `pool_recycle` -1, `pool_pre_ping` and `pool_use_lifo` off.

use shakedown_reports::load::{PoolSettings, Validate};

use super::read::Written;
use super::{Parts, PoolProfile, of_sqlx};
use crate::error::{Error, Result};

pub(super) const PROFILE: PoolProfile = PoolProfile {
    name: "sqlalchemy",
    summary: "SQLAlchemy's create_engine: pool_size, max_overflow, pool_pre_ping and the like",
    settings: &[
        "pool_size",
        "max_overflow",
        "pool_timeout",
        "pool_recycle",
        "pool_pre_ping",
        "pool_use_lifo",
        "pool_reset_on_return",
        "poolclass",
    ],
    example: &[("pool_size", "5"), ("max_overflow", "10"), ("pool_pre_ping", "True")],
    translate,
};

/// `pool_size` and `max_overflow` where nothing is written.
const DEFAULTS: (u32, i64) = (5, 10);
/// How many connections are allowed where `NullPool` sets no limit: what a server with its
/// defaults has for applications, 100 less 3 that are reserved.
const WITHOUT_LIMIT: u32 = 97;

fn translate(written: &Written<'_>) -> Result<Parts> {
    let mut notes = Vec::new();
    let settings = settings(written, DEFAULTS, &mut notes)?;
    of_sqlx(&mut notes);
    Ok(Parts { of: "SQLAlchemy", settings, notes, bouncer: None })
}

/// The settings, with these defaults of `pool_size` and `max_overflow`, and what is to be said of
/// them.
pub(super) fn settings(
    written: &Written<'_>,
    defaults: (u32, i64),
    notes: &mut Vec<String>,
) -> Result<PoolSettings> {
    let (max_connections, kept) = sizes(written, defaults, notes)?;
    let timeout = written.seconds("pool_timeout", Some(30_000))?.ok_or_else(|| {
        written.wrong("pool_timeout", "a number of seconds, at least 0, since a run must end")
    })?;
    let recycle = written.seconds("pool_recycle", None)?;
    if let Some(ms) = recycle {
        notes.push(format!(
            "`pool_recycle`: SQLAlchemy replaces a connection older than {} s when it is next \
             taken; sqlx closes it when it is returned, or while it is idle",
            ms / 1000
        ));
    }
    let pre_ping = written.truth("pool_pre_ping", false)?;
    if pre_ping {
        notes.push(
            "`pool_pre_ping`: sqlx's own ping, each time before a connection is handed out"
                .to_owned(),
        );
    }
    if written.truth("pool_use_lifo", false)? {
        notes.push(
            "`pool_use_lifo` is not translated: sqlx hands out the connection that was idle \
             longest"
                .to_owned(),
        );
    }
    reset(written, notes)?;
    notes.push(
        "there is no idle timeout, and no connection is opened ahead, as in SQLAlchemy".to_owned(),
    );
    Ok(PoolSettings {
        max_connections,
        min_connections: 0,
        kept,
        acquire_timeout_ms: timeout,
        validate: if pre_ping { Validate::Always } else { Validate::Never },
        max_lifetime_ms: recycle,
        idle_timeout_ms: None,
        ..PoolSettings::default()
    })
}

/// The most connections at a time, and how many of them are kept.
fn sizes(
    written: &Written<'_>,
    (size, overflow): (u32, i64),
    notes: &mut Vec<String>,
) -> Result<(u32, u32)> {
    // A class is written as one names it: `sqlalchemy.pool.NullPool`.
    let class = written.text("poolclass").unwrap_or("QueuePool");
    match class.rsplit('.').next().unwrap_or(class) {
        "QueuePool" | "AsyncAdaptedQueuePool" => {}
        "NullPool" => {
            if let Some(size) = ["pool_size", "max_overflow"].iter().find(|size| written.has(size))
            {
                return Err(Error::new(format!("`NullPool` takes no `{size}`"))
                    .hint(format!("leave out `{size}` or `poolclass`")));
            }
            notes.push(format!(
                "`NullPool`: each connection is closed when it is returned; SQLAlchemy sets no \
                 limit, here there are {WITHOUT_LIMIT} at a time at most"
            ));
            return Ok((WITHOUT_LIMIT, 0));
        }
        _ => return Err(written.wrong("poolclass", "QueuePool, AsyncAdaptedQueuePool or NullPool")),
    }
    let size = written.connections("pool_size", size, 0)?;
    let overflow = written.integer("max_overflow", overflow)?;
    // SQLAlchemy takes a size of 0 for one without a limit.
    if size == 0 || overflow < 0 {
        let which = if size == 0 { "pool_size = 0" } else { "max_overflow = -1" };
        return Err(Error::new(format!("`{which}` sets no limit to the connections")).hint(
            "write the most connections that may be open: `pool_size = 5`, `max_overflow = 10`",
        ));
    }
    let most = u32::try_from(overflow).ok().and_then(|overflow| size.checked_add(overflow));
    let most = most.ok_or_else(|| written.wrong("max_overflow", "a number of connections"))?;
    notes.push(match overflow {
        0 => format!(
            "`pool_size` {size} without `max_overflow`: at most {size} connections, all kept"
        ),
        _ => format!(
            "`pool_size` {size} + `max_overflow` {overflow}: at most {most} connections, of which \
             {size} are kept and the others closed when they are returned"
        ),
    });
    Ok((most, size))
}

/// A rollback is a round trip, and so is the one that sqlx makes: it stands for it.
fn reset(written: &Written<'_>, notes: &mut Vec<String>) -> Result<()> {
    match written.text("pool_reset_on_return").unwrap_or("rollback") {
        "rollback" | "commit" => notes.push(
            "`pool_reset_on_return`: sqlx's round trip on return stands for SQLAlchemy's"
                .to_owned(),
        ),
        "None" => notes.push(
            "`pool_reset_on_return` is not translated: sqlx cannot return a connection without a \
             round trip"
                .to_owned(),
        ),
        _ => return Err(written.wrong("pool_reset_on_return", "rollback, commit or None")),
    }
    Ok(())
}
