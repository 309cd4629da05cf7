//! A pool under test: sqlx's own, as applications have it, with a clock on every stage of it.
//!
//! sqlx tells nothing of how long its stages take. So every acquire first takes one of our own
//! permits, of which there are as many as the pool has connections, in the same order of arrival;
//! whoever has one finds a connection of sqlx's free, or opens one. The permit is given back when
//! the connection really is, after the round trip that sqlx makes to return it. What is tried
//! before a connection is handed out is tried by a callback instead of by sqlx, in the same place.

pub mod profiles;

mod held;
mod stages;
mod statistics;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use shakedown_reports::load::{PoolMeasured, PoolSettings, Validate};
use sqlx::pool::PoolConnectionMetadata;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection, PgConnection};
use tokio::sync::Semaphore;

pub use held::Held;

use crate::error::{Error, Result};
use statistics::Statistics;

/// A pool that can be shared.
#[derive(Debug, Clone)]
pub struct Pool {
    pool: PgPool,
    permits: Arc<Semaphore>,
    shared: Arc<Shared>,
}

/// What those who have a connection, and the callbacks of sqlx, need to know of the pool.
#[derive(Debug)]
struct Shared {
    settings: PoolSettings,
    statistics: Statistics,
    began: Instant,
    /// Connections that were made before this, in nanoseconds since `began`, are at the end of
    /// their lifetime.
    expired: AtomicU64,
    in_use: AtomicU32,
    /// Connections that are on their way back and will stay.
    returning: AtomicU32,
}

/// Why no connection was had.
#[derive(Debug)]
pub enum Refused {
    /// It took longer than the pool lets one wait.
    Timeout,
    /// One could not be opened.
    Failed(sqlx::Error),
}

impl Pool {
    /// Makes a pool, with the connections that are to be opened ahead.
    ///
    /// # Errors
    /// If it has no connections, or none can be opened.
    pub async fn open(options: PgConnectOptions, settings: &PoolSettings) -> Result<Self> {
        if settings.max_connections == 0 {
            return Err(Error::new("a pool of `0` connections gives none")
                .hint("give it at least one: `--pool-size 1`"));
        }
        let shared = Arc::new(Shared {
            settings: settings.clone(),
            statistics: Statistics::default(),
            began: Instant::now(),
            expired: AtomicU64::new(0),
            in_use: AtomicU32::new(0),
            returning: AtomicU32::new(0),
        });
        let time = Duration::from_millis;
        let (before, after, made) = (Arc::clone(&shared), Arc::clone(&shared), Arc::clone(&shared));
        let pool = PgPoolOptions::new()
            .max_connections(settings.max_connections)
            .min_connections(settings.min_connections)
            .acquire_timeout(time(settings.acquire_timeout_ms))
            .max_lifetime(settings.max_lifetime_ms.map(time))
            .idle_timeout(settings.idle_timeout_ms.map(time))
            // The callback below does so, where it can be timed.
            .test_before_acquire(false)
            .before_acquire(move |connection, about| {
                let shared = Arc::clone(&before);
                Box::pin(async move { shared.hand_out(connection, &about).await })
            })
            .after_release(move |connection, about| {
                let shared = Arc::clone(&after);
                Box::pin(async move { shared.take_back(connection, &about).await })
            })
            .after_connect(move |_, _| {
                stages::opened();
                made.statistics.connected();
                Box::pin(async { Ok(()) })
            });
        let options = options.statement_cache_capacity(settings.statement_cache);
        let pool = if settings.min_connections > 0 {
            pool.connect_with(options).await.map_err(|error| {
                Error::new("the pool cannot open its connections").because(error)
            })?
        } else {
            pool.connect_lazy_with(options)
        };
        let permits = Arc::new(Semaphore::new(settings.max_connections as usize));
        Ok(Self { pool, permits, shared })
    }

    /// Waits for a connection.
    ///
    /// # Errors
    /// If none was had in time, or one could not be opened.
    pub async fn acquire(&self) -> std::result::Result<Held, Refused> {
        let limit = Duration::from_millis(self.shared.settings.acquire_timeout_ms);
        match tokio::time::timeout(limit, self.wait()).await {
            Ok(Ok(held)) => Ok(held),
            Ok(Err(sqlx::Error::PoolTimedOut)) | Err(_) => {
                self.shared.statistics.timed_out();
                Err(Refused::Timeout)
            }
            Ok(Err(error)) => Err(Refused::Failed(error)),
        }
    }

    async fn wait(&self) -> std::result::Result<Held, sqlx::Error> {
        let asked = Instant::now();
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| sqlx::Error::PoolClosed)?;
        let (connection, stages) = stages::timed(asked, self.pool.acquire()).await;
        let connection = connection?;
        self.shared.statistics.acquired(&stages);
        let in_use = self.shared.in_use.fetch_add(1, Ordering::Relaxed) + 1;
        self.shared.statistics.in_use(in_use);
        Ok(Held { connection, permit, pool: self.clone(), since: Instant::now() })
    }

    /// Connections that somebody has at the moment.
    pub fn in_use(&self) -> u32 {
        self.shared.in_use.load(Ordering::Relaxed)
    }

    /// Lets the lifetimes of all connections end that there are now. As with `max_lifetime`, each
    /// is closed when it is returned.
    pub fn expire(&self) {
        let now = u64::try_from(self.shared.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.shared.expired.store(now, Ordering::Relaxed);
    }

    /// What the pool did since it was made or reset, which is `time` ago without what ended it.
    pub fn measured(&self, time: Duration) -> PoolMeasured {
        self.shared.statistics.measured(time)
    }

    /// Forgets what the pool did until now.
    pub fn reset(&self) {
        self.shared.statistics.reset(self.in_use());
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

impl Shared {
    /// Whether a connection that is given back may stay beside the idle ones.
    fn keep(&self, idle: usize) -> bool {
        let kept = self.settings.kept;
        let returning = self.returning.fetch_add(1, Ordering::Relaxed);
        let stays =
            kept >= self.settings.max_connections || idle + (returning as usize) < kept as usize;
        if !stays {
            self.returning.fetch_sub(1, Ordering::Relaxed);
        }
        stays
    }

    /// Whether a connection may be handed out that was idle; it is closed if not.
    async fn hand_out(
        &self,
        connection: &mut PgConnection,
        about: &PoolConnectionMetadata,
    ) -> std::result::Result<bool, sqlx::Error> {
        let tries = match self.settings.validate {
            Validate::Never => false,
            Validate::Always => true,
            Validate::IdleFor { ms } => about.idle_for > Duration::from_millis(ms),
        };
        stages::found();
        if tries {
            let tried = connection.ping().await;
            stages::tried();
            tried?;
        }
        Ok(true)
    }

    /// Whether a connection that is returned may stay; it is closed if not.
    async fn take_back(
        &self,
        connection: &mut PgConnection,
        about: &PoolConnectionMetadata,
    ) -> std::result::Result<bool, sqlx::Error> {
        if self.is_expired(about) {
            return Ok(false);
        }
        if let Some(reset) = &self.settings.reset {
            sqlx::raw_sql(sqlx::AssertSqlSafe(reset.clone())).execute(connection).await?;
        }
        Ok(true)
    }

    fn is_expired(&self, about: &PoolConnectionMetadata) -> bool {
        let expired = Duration::from_nanos(self.expired.load(Ordering::Relaxed));
        !expired.is_zero() && self.began.elapsed().saturating_sub(about.age) < expired
    }
}
