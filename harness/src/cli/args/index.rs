//! The arguments of `index`, and the keys of `[index]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Parser;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{CommonOptions, ServerOptions, TargetOptions, WorkloadOptions};

/// Try index strategies and measure what each gives to reads, costs in writes and takes in bytes
///
/// Every strategy is built on a clone of one database with realistic rows. Counted is what does
/// not vary with the machine: pages, rows, write-ahead log, HOT updates. Then times are measured
/// in turns with the schema as it is. Without strategies it proposes some, from the plans of the
/// workload and from what the catalog speaks against.
#[derive(Debug, Clone, Parser)]
#[command(after_help = "\
Examples:
  shakedown index                                  the workload that the catalog suggests
  shakedown index --scenario working-day --rows 100000
  shakedown index --strategy newest.sql --strategy brin.sql
  shakedown index --queries .sqlx --write-migration
  shakedown index --queries queries/ --budget 20m
  shakedown index --statements postgres://reader@db/shop    what pg_stat_statements saw there

Strategies:
  A file with CREATE INDEX or DROP INDEX statements, and behind a line `-- drop` what undoes
  them. Or in shakedown.toml:
    [index.strategies]
    newest = { create = \"CREATE INDEX newest ON items (created_at)\" }")]
pub(in crate::cli) struct IndexArgs {
    #[command(flatten)]
    pub(in crate::cli) target: TargetOptions,
    #[command(flatten)]
    pub(in crate::cli) workload: WorkloadOptions,
    /// Queries as the workload: a `.sqlx` folder, a file of SQL, or a folder of them. Arguments
    /// are taken from rows; may be repeated
    #[arg(long, value_name = "PATH", conflicts_with_all = ["scenario", "script"], help_heading = "Workload")]
    pub(in crate::cli) queries: Vec<PathBuf>,
    /// The statements that pg_stat_statements counted in the database of this address, by their
    /// calls. It is only read
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["scenario", "script", "queries"], help_heading = "Workload")]
    pub(in crate::cli) statements: Option<String>,

    /// A strategy to try, in a file; may be repeated. Without any, and without some in
    /// shakedown.toml, strategies are proposed
    #[arg(long, value_name = "FILE", help_heading = "Strategies")]
    pub(in crate::cli) strategy: Vec<PathBuf>,
    /// Propose strategies too, beside those given
    #[arg(long, help_heading = "Strategies")]
    pub(in crate::cli) propose: bool,
    /// Also advise to drop indexes that nothing in the workload uses: it is all that is ever asked
    /// of the schema
    #[arg(long, help_heading = "Strategies")]
    pub(in crate::cli) drop_unused: bool,
    /// How long counting and timing may take, once tables are filled; what that does not suffice
    /// for is told [default: 5m]
    #[arg(long, value_name = "TIME", help_heading = "Strategies")]
    pub(in crate::cli) budget: Option<String>,
    /// Measure no times, only what does not vary with the machine
    #[arg(long, help_heading = "Strategies")]
    pub(in crate::cli) counters_only: bool,
    /// Write the advice as a migration, up and down, in the format of the project
    #[arg(long, conflicts_with = "database", help_heading = "Strategies")]
    pub(in crate::cli) write_migration: bool,
    #[command(flatten)]
    pub(in crate::cli) server: ServerOptions,
    #[command(flatten)]
    pub(in crate::cli) common: CommonOptions,
}

/// For `shakedown index`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::cli) struct IndexConfig {
    /// How long counting and timing may take, once tables are filled [default: 5m].
    pub(in crate::cli) budget: Option<String>,
    /// The strategies to try, by name. Without any they are proposed.
    pub(in crate::cli) strategies: BTreeMap<String, WrittenStrategy>,
}

/// A strategy of shakedown.toml: its statements, or a file with them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::cli) struct WrittenStrategy {
    /// CREATE INDEX and DROP INDEX statements.
    pub(in crate::cli) create: Option<String>,
    /// What undoes them.
    pub(in crate::cli) drop: Option<String>,
    /// A file with both, relative to the configuration.
    pub(in crate::cli) file: Option<PathBuf>,
}
