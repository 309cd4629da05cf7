//! A connection that somebody has.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sqlx::PgConnection;
use sqlx::pool::PoolConnection;
use sqlx::postgres::Postgres;
use tokio::sync::OwnedSemaphorePermit;

use super::Pool;

/// How long sqlx lets a connection take to close.
const CLOSING: Duration = Duration::from_secs(5);

/// A connection of a pool, to be given back.
#[derive(Debug)]
pub struct Held {
    pub(super) connection: PoolConnection<Postgres>,
    pub(super) permit: OwnedSemaphorePermit,
    pub(super) pool: Pool,
    pub(super) since: Instant,
}

impl Held {
    /// Gives it back, which goes on in the background as with sqlx: one that is broken is found
    /// out there and closed.
    pub fn give_back(self) {
        let Self { mut connection, permit, pool, since } = self;
        let shared = pool.shared;
        shared.in_use.fetch_sub(1, Ordering::Relaxed);
        let begun = Instant::now();
        shared.statistics.held(begun - since);
        let stays = shared.keep(pool.pool.num_idle());
        tokio::spawn(async move {
            if stays {
                // Hidden from its documentation, but what dropping it does in a task of its own.
                connection.return_to_pool().await;
                shared.returning.fetch_sub(1, Ordering::Relaxed);
            } else {
                // Whether the farewell arrives or not, the connection is gone.
                let _ = tokio::time::timeout(CLOSING, connection.close()).await;
            }
            shared.statistics.released(begun.elapsed());
            drop(permit);
        });
    }
}

impl Deref for Held {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}
