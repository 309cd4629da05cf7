//! The words for connection pools.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Histogram;

/// The settings of a pool, in the terms of sqlx's `PoolOptions`, and what other pools have
/// beyond them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PoolSettings {
    /// The most connections there are at a time, those beyond `kept` included.
    pub max_connections: u32,
    /// Connections that are opened ahead and kept.
    pub min_connections: u32,
    /// The most connections that are kept when they are returned; more are closed at once, as
    /// SQLAlchemy does with those of `max_overflow`. Equal to `max_connections` elsewhere.
    pub kept: u32,
    /// How long one waits for a connection before that fails, in milliseconds.
    pub acquire_timeout_ms: u64,
    /// Whether a connection is tried before it is handed out.
    pub validate: Validate,
    /// How long a connection is used, in milliseconds; for ever if nothing.
    pub max_lifetime_ms: Option<u64>,
    /// How long a connection may be idle before it is closed, in milliseconds.
    pub idle_timeout_ms: Option<u64>,
    /// How many prepared statements a connection keeps; none are kept with 0.
    pub statement_cache: usize,
    /// A statement that is run when a connection is returned, as asyncpg does.
    pub reset: Option<String>,
}

/// Whether a connection is tried before it is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[schemars(deny_unknown_fields)]
pub enum Validate {
    /// Never.
    Never,
    /// Each time: `test_before_acquire` of sqlx, `pool_pre_ping` of SQLAlchemy.
    Always,
    /// Only one that was idle for longer, as HikariCP does after half a second.
    IdleFor {
        /// In milliseconds.
        ms: u64,
    },
}

impl Default for PoolSettings {
    /// What sqlx 0.9 does if nothing is set.
    fn default() -> Self {
        Self {
            max_connections: 10,
            min_connections: 0,
            kept: 10,
            acquire_timeout_ms: 30_000,
            validate: Validate::Always,
            max_lifetime_ms: Some(30 * 60 * 1000),
            idle_timeout_ms: Some(10 * 60 * 1000),
            statement_cache: 100,
            reset: None,
        }
    }
}

/// Settings as they were written for another pool, and how they became those of sqlx.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Profile {
    /// Whose settings they are: `SQLAlchemy`.
    pub of: String,
    /// As they were written: `pool_size` and its value.
    pub written: BTreeMap<String, String>,
    /// How they were translated and where that is not the same, a sentence each.
    pub notes: Vec<String>,
}

/// What a pool did during a measurement.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PoolMeasured {
    /// Waiting for a connection to become free, or for the permission to open one.
    pub permit: Histogram,
    /// Opening a connection while an operation waits for it.
    pub connect: Histogram,
    /// Trying a connection before it is handed out.
    pub validate: Histogram,
    /// Having the connection: from when it was handed out until it was given back.
    pub hold: Histogram,
    /// Giving a connection back, which goes on behind the operation that had it.
    pub release: Histogram,
    /// Operations that got no connection in time.
    pub timeouts: u64,
    /// Connections that were opened, those ahead of use included.
    pub connects: u64,
    /// The mean of connections in use, over time.
    pub mean_in_use: f64,
    /// The most connections in use at a time.
    pub max_in_use: u32,
}

impl PoolMeasured {
    /// Adds what a pool did in another measurement. `own` and `others` are how long each was.
    pub fn add(&mut self, other: &Self, own: f64, others: f64) {
        self.permit.add(&other.permit);
        self.connect.add(&other.connect);
        self.validate.add(&other.validate);
        self.hold.add(&other.hold);
        self.release.add(&other.release);
        self.timeouts += other.timeouts;
        self.connects += other.connects;
        let all = own + others;
        if all > 0.0 {
            self.mean_in_use = (self.mean_in_use * own + other.mean_in_use * others) / all;
        }
        self.max_in_use = self.max_in_use.max(other.max_in_use);
    }
}

/// Which setting to take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Advice {
    /// The name of the cell to take, if one can be named.
    pub take: Option<String>,
    /// Why, and what it rests on, a sentence each.
    pub because: Vec<String>,
    /// What speaks against trusting it: this program was the bottleneck.
    pub warnings: Vec<String>,
    /// The sizes that were tried, smallest first.
    pub sizes: Vec<Sizing>,
    /// The size from which on more connections give no more.
    pub knee: Option<u32>,
    /// Connections that are busy on average at the rate of the cell to take, by Little's law:
    /// the rate times the mean time that an operation has its connection.
    pub needed: Option<f64>,
    /// How many instances of the application fit into the server's `max_connections`.
    pub instances: Option<u32>,
}

/// One size of the pool and what it gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Sizing {
    /// Its `max_connections`.
    pub size: u32,
    /// The name of the cell.
    pub cell: String,
    /// Operations done in a second.
    pub rate: f64,
    /// The 99th percentile of waiting for a connection, in milliseconds.
    pub p99_wait_ms: f64,
}
