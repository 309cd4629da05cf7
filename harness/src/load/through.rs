//! What stands between the users and the clone that they use.

use shakedown_reports::load::Bouncer;
use sqlx::postgres::PgConnectOptions;

use super::Setting;
use super::cells::{self, Stage};
use crate::database::Databases;
use crate::error::Result;
use crate::server::bouncer;

/// How the users of a setting reach their clone.
pub(super) struct Through {
    pub(super) options: PgConnectOptions,
    /// What of it a report tells.
    pub(super) told: Option<Bouncer>,
    /// A PgBouncer of ours, which is stopped when nobody needs it any more.
    pub(super) ours: Option<bouncer::Bouncer>,
}

/// A PgBouncer that the setting asks for, else the pooler that belongs to the server, else
/// nothing.
pub(super) async fn reach(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    setting: &Setting,
    clone: &str,
) -> Result<Through> {
    let server = stage.server;
    if let Some(wanted) = &setting.bouncer {
        let from = &stage.asked.bouncer;
        let image = from.image.as_deref();
        let bouncer = bouncer::start(server, clone, wanted, &from.path, &from.cache, image).await?;
        let told = Bouncer {
            version: Some(bouncer.version.clone()),
            mode: wanted.mode.to_string(),
            pool_size: wanted.pool_size,
        };
        return Ok(Through { options: bouncer.options(), told: Some(told), ours: Some(bouncer) });
    }
    let Some(options) = server.pooled(clone)? else {
        return Ok(Through { options: server.options(clone)?, told: None, ours: None });
    };
    // It takes no settings from those who connect, so that they are given to the database.
    let timeout = stage.asked.statement_timeout.as_millis().to_string();
    for setting in ["statement_timeout", "lock_timeout"] {
        databases.set(clone, setting, &timeout).await?;
    }
    let pool_size = neon_pool_size(cells::allowed(server).await?.all);
    let told = Bouncer { version: None, mode: bouncer::Mode::Transaction.to_string(), pool_size };
    Ok(Through { options, told: Some(told), ours: None })
}

/// The connections that Neon's PgBouncer keeps for each user and database: nine tenths of
/// `max_connections` (neon.com/docs/connect/connection-pooling).
fn neon_pool_size(max_connections: u32) -> u32 {
    max_connections * 9 / 10
}
