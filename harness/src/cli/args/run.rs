//! The arguments of `run`, and the keys of `[run]`.

use std::path::PathBuf;

use clap::Parser;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{CommonOptions, ServerOptions};

/// Do everything that can be done for a schema, within a budget, and write a page to look at
///
/// Every migration up, down and up again; what the schema promises; sizes of a pool under load;
/// index strategies; and the gate, if shakedown.toml has one. Nothing needs to be configured: the
/// migration folder is found, the workload is that of shakedown.toml, or the queries of a `.sqlx`
/// folder or of a folder with named ones, or derived from the catalog. Sizes are chosen to end within the budget, and each part
/// says what that left out.
#[derive(Debug, Clone, Parser)]
#[command(after_help = "\
Examples:
  shakedown run                              two minutes, and report.html
  shakedown run --budget 20m                 more time for load and for indexes
  shakedown run --out html=out/report.html --out json=out/report.json
  shakedown run db/migrations --out github=-")]
pub(in crate::cli) struct RunArgs {
    /// The migration folder
    pub(in crate::cli) folder: Option<PathBuf>,
    /// The format of the migrations, found out from the folder if left out: sqlx, golang-migrate,
    /// dbmate, goose, diesel, maragudk-migrate or plain
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) format: Option<String>,
    /// About how long all of it may take: 30s, 2m, 1h [default: 2m]
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) budget: Option<String>,
    /// Write the report to these files instead of report.html: html=report.html, json=report.json
    /// and the like, or FORMAT=- to print one; may be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub(in crate::cli) out: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) server: ServerOptions,
    #[command(flatten)]
    pub(in crate::cli) common: CommonOptions,
}

/// `[run]` of shakedown.toml.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::cli) struct RunConfig {
    /// About how long all of it may take: 30s, 2m, 1h.
    pub(in crate::cli) budget: Option<String>,
}
