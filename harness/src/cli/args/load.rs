//! The arguments of `load` and `pool`, which are also the keys of `[load]` and `[pool]`.

use std::collections::BTreeMap;

use clap::{Args, Parser, ValueEnum};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{CommonOptions, ServerOptions, TargetOptions};

/// What both commands take.
#[derive(Debug, Clone, Parser)]
pub(in crate::cli) struct LoadArgs {
    #[command(flatten)]
    pub(in crate::cli) target: TargetOptions,
    #[command(flatten)]
    pub(in crate::cli) drive: Drive,
    #[command(flatten)]
    pub(in crate::cli) server: ServerOptions,
    #[command(flatten)]
    pub(in crate::cli) common: CommonOptions,
}

/// What is driven, how fast, and over which connections. Lists are tried in every combination.
#[derive(Debug, Clone, Default, Args, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::cli) struct Drive {
    /// The workload: one that is built in, or of shakedown.toml; `--scenario help` lists them.
    /// Derived from the catalog if left out
    #[arg(long, value_name = "NAME", help_heading = "Workload")]
    pub(in crate::cli) scenario: Option<String>,
    /// A script of pgbench as an operation, with its weight; may be repeated
    #[arg(
        long,
        value_name = "FILE[@WEIGHT]",
        conflicts_with = "scenario",
        help_heading = "Workload"
    )]
    pub(in crate::cli) script: Vec<String>,
    /// Drive the tables that `pgbench -i` makes, at --scale, instead of migrations; pgbench's own
    /// scenarios imply it
    #[arg(long, conflicts_with_all = ["folder", "database"], help_heading = "Workload")]
    pub(in crate::cli) pgbench_tables: bool,
    /// Realistic rows in each table [default: 10000]
    #[arg(long, value_name = "NUMBER", help_heading = "Workload")]
    pub(in crate::cli) rows: Option<u64>,
    /// The rows of single tables, by their names
    #[arg(skip)]
    pub(in crate::cli) tables: BTreeMap<String, u64>,
    /// The size of pgbench's tables, and the variable :scale of scripts [default: 1]
    #[arg(long, value_name = "NUMBER", help_heading = "Workload")]
    pub(in crate::cli) scale: Option<u32>,
    /// Where rows, arguments and arrivals come from: the same number gives the same operations [default: 1]
    #[arg(long, value_name = "NUMBER", help_heading = "Workload")]
    pub(in crate::cli) seed: Option<u64>,
    /// How often a transaction is tried that fails with 40001 or 40P01 [default: 1]
    #[arg(long, value_name = "NUMBER", help_heading = "Workload")]
    pub(in crate::cli) max_tries: Option<u32>,

    /// Users at the same time
    #[arg(long, value_name = "NUMBER,...", value_delimiter = ',', help_heading = "Pace")]
    pub(in crate::cli) users: Vec<usize>,
    /// How long each setting is measured, in all its rounds together: 30s, 5m
    #[arg(long, value_name = "TIME", conflicts_with = "operations", help_heading = "Pace")]
    pub(in crate::cli) time: Option<String>,
    /// How many operations are done, instead of a time
    #[arg(long, value_name = "NUMBER", help_heading = "Pace")]
    pub(in crate::cli) operations: Option<u64>,
    /// How long it runs before anything is measured
    #[arg(long, value_name = "TIME", help_heading = "Pace")]
    pub(in crate::cli) warmup: Option<String>,
    /// Operations that arrive in a second, at random moments. Latency then counts from the
    /// moment an operation was due, as with pgbench. Each user begins one when the last is done
    /// if left out
    #[arg(long, value_name = "NUMBER,...", value_delimiter = ',', help_heading = "Pace")]
    pub(in crate::cli) rate: Vec<f64>,
    /// With --rate: skip operations that are later than this before they begin, and count those
    /// that end later as late
    #[arg(long, value_name = "TIME", help_heading = "Pace")]
    pub(in crate::cli) latency_limit: Option<String>,
    /// What each user waits between two operations
    #[arg(long, value_name = "TIME", conflicts_with = "rate", help_heading = "Pace")]
    pub(in crate::cli) think: Option<String>,
    /// How long a statement may take, and wait for a lock [default: 30s]
    #[arg(long, value_name = "TIME", help_heading = "Pace")]
    pub(in crate::cli) statement_timeout: Option<String>,
    /// How often every setting is run, in turns forwards and backwards
    #[arg(long, value_name = "NUMBER", help_heading = "Pace")]
    pub(in crate::cli) rounds: Option<u32>,
    /// What goes wrong on purpose, after the rest, with the setting that was advised
    #[arg(
        long,
        value_name = "STORM,...",
        value_delimiter = ',',
        value_enum,
        help_heading = "Pace"
    )]
    pub(in crate::cli) storm: Vec<StormArg>,

    /// The most connections of the pool, in lists and ranges that double: 1,2,4..64
    #[arg(long, value_name = "SIZES", help_heading = "Pool")]
    pub(in crate::cli) pool_size: Option<String>,
    /// Connections that are opened ahead [default: 0]
    #[arg(long, value_name = "NUMBER,...", value_delimiter = ',', help_heading = "Pool")]
    pub(in crate::cli) min_connections: Vec<u32>,
    /// How long one waits for a connection [default: 30s]
    #[arg(long, value_name = "TIME,...", value_delimiter = ',', help_heading = "Pool")]
    pub(in crate::cli) acquire_timeout: Vec<String>,
    /// Whether a connection is tried before it is handed out [default: on]
    #[arg(long, value_name = "on,off", value_delimiter = ',', value_enum, help_heading = "Pool")]
    pub(in crate::cli) test_before_acquire: Vec<Switch>,
    /// How long a connection is used, or none [default: 30m]
    #[arg(long, value_name = "TIME,...", value_delimiter = ',', help_heading = "Pool")]
    pub(in crate::cli) max_lifetime: Vec<String>,
    /// How long a connection may be idle, or none [default: 10m]
    #[arg(long, value_name = "TIME,...", value_delimiter = ',', help_heading = "Pool")]
    pub(in crate::cli) idle_timeout: Vec<String>,
    /// Prepared statements that a connection keeps [default: 100]
    #[arg(long, value_name = "NUMBER,...", value_delimiter = ',', help_heading = "Pool")]
    pub(in crate::cli) statement_cache: Vec<usize>,
    /// Whether statements are prepared once for each connection [default: on]
    #[arg(long, value_name = "on,off", value_delimiter = ',', value_enum, help_heading = "Pool")]
    pub(in crate::cli) prepared: Vec<Switch>,
    /// The settings of another pool (sqlx, sqlalchemy, asyncpg, hikaricp, neon):
    /// sqlalchemy:pool_size=5,max_overflow=10; may be repeated
    #[arg(long, value_name = "POOL[:NAME=VALUE,...]", help_heading = "Pool")]
    pub(in crate::cli) like: Vec<String>,
    /// The longest that 99 of 100 operations may wait for a connection, for the advice
    #[arg(long, value_name = "TIME", help_heading = "Pool")]
    pub(in crate::cli) max_wait: Option<String>,
    /// Also go through a PgBouncer in this mode
    #[arg(
        long,
        value_name = "transaction,session",
        value_delimiter = ',',
        value_enum,
        help_heading = "PgBouncer"
    )]
    pub(in crate::cli) pgbouncer: Vec<BouncerArg>,
    /// Its default_pool_size, as --pool-size has it [default: 20]
    #[arg(long, value_name = "SIZES", help_heading = "PgBouncer")]
    pub(in crate::cli) pgbouncer_pool_size: Option<String>,
    /// The image for a container, if no PgBouncer is installed
    #[arg(long, value_name = "IMAGE", help_heading = "PgBouncer")]
    pub(in crate::cli) pgbouncer_image: Option<String>,

    /// One of several workers that share the users and the rate: 2/4. `shakedown report merge`
    /// adds what they write
    #[arg(long, value_name = "K/N", help_heading = "Several machines")]
    #[serde(skip)]
    pub(in crate::cli) worker: Option<String>,
    /// When the load begins, so that all workers do together: 2026-12-01T09:00:00Z
    #[arg(long, value_name = "MOMENT", help_heading = "Several machines")]
    #[serde(skip)]
    pub(in crate::cli) start_at: Option<jiff::Timestamp>,
}

/// On or off, so that both can be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::cli) enum Switch {
    On,
    Off,
}

/// The modes of a PgBouncer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::cli) enum BouncerArg {
    Transaction,
    Session,
}

/// What goes wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::cli) enum StormArg {
    /// All users come at once, and no connection is there yet.
    ColdStart,
    /// The lifetimes of all connections end at the same moment.
    Lifetimes,
    /// The server is restarted.
    Restart,
    /// Operations arrive at ten times the rate for a while.
    Burst,
}

impl Drive {
    /// This, and what `other` says where this says nothing.
    pub(in crate::cli) fn or(self, other: Self) -> Self {
        fn many<T>(one: Vec<T>, other: Vec<T>) -> Vec<T> {
            if one.is_empty() { other } else { one }
        }
        // A script and a scenario, and a time and a number of operations, take each other's place.
        let workload = self.scenario.is_some() || !self.script.is_empty();
        let end = self.time.is_some() || self.operations.is_some();
        let mut tables = other.tables;
        tables.extend(self.tables);
        Self {
            scenario: if workload { self.scenario } else { other.scenario },
            script: if workload { self.script } else { other.script },
            pgbench_tables: self.pgbench_tables || (!workload && other.pgbench_tables),
            rows: self.rows.or(other.rows),
            tables,
            scale: self.scale.or(other.scale),
            seed: self.seed.or(other.seed),
            max_tries: self.max_tries.or(other.max_tries),
            users: many(self.users, other.users),
            time: if end { self.time } else { other.time },
            operations: if end { self.operations } else { other.operations },
            warmup: self.warmup.or(other.warmup),
            rate: many(self.rate, other.rate),
            latency_limit: self.latency_limit.or(other.latency_limit),
            think: self.think.or(other.think),
            statement_timeout: self.statement_timeout.or(other.statement_timeout),
            rounds: self.rounds.or(other.rounds),
            storm: many(self.storm, other.storm),
            pool_size: self.pool_size.or(other.pool_size),
            min_connections: many(self.min_connections, other.min_connections),
            acquire_timeout: many(self.acquire_timeout, other.acquire_timeout),
            test_before_acquire: many(self.test_before_acquire, other.test_before_acquire),
            max_lifetime: many(self.max_lifetime, other.max_lifetime),
            idle_timeout: many(self.idle_timeout, other.idle_timeout),
            statement_cache: many(self.statement_cache, other.statement_cache),
            prepared: many(self.prepared, other.prepared),
            like: many(self.like, other.like),
            max_wait: self.max_wait.or(other.max_wait),
            pgbouncer: many(self.pgbouncer, other.pgbouncer),
            pgbouncer_pool_size: self.pgbouncer_pool_size.or(other.pgbouncer_pool_size),
            pgbouncer_image: self.pgbouncer_image.or(other.pgbouncer_image),
            worker: self.worker.or(other.worker),
            start_at: self.start_at.or(other.start_at),
        }
    }
}
