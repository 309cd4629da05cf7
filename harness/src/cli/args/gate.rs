//! The arguments of `gate`, and the keys of `[gate]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use schemars::JsonSchema;
use serde::Deserialize;
use shakedown_reports::gate::Inconclusive;

use super::{CommonOptions, ProjectOptions, ServerOptions, WorkloadOptions};

/// Judge whether a release is worse than what is there: by counts, by times in turns, by limits
///
/// Both schemas are built on one server, with the same rows, and do the same operations. What the
/// server counts does not vary with the machine, so that one per cent more is found. Times are
/// measured in turns, in short slices, beside a second clone of the base that says what this
/// machine can tell apart; what cannot be decided in the budget is said to be inconclusive.
#[derive(Debug, Clone, Parser)]
#[command(after_help = "\
Examples:
  shakedown gate --against origin/main              the migrations here beside those of another commit
  shakedown gate --against v1.4 --counters-only     what does not vary with the machine, in seconds
  shakedown gate --out json=baseline.json           measure once, here or elsewhere ...
  shakedown gate --baseline baseline.json           ... and compare with that: counts, and times
                                                    if machine and server are the same
  shakedown gate --criterion target/criterion --baseline main
                                                    an exit code for what criterion measured

Limits and what is allowed, in shakedown.toml:
  [gate]
  limits = [\"p99 < 50ms\", \"p99(first-page) < 10ms\", \"wait_share < 20%\", \"migration_time < 2s\"]
  [gate.tolerances]
  wal_bytes = \"5%\"
  [gate.allow]
  \"add-item:wal_bytes\" = \"the audit trigger is wanted\"

Exit codes:
  0 within what is allowed, 1 a regression, 2 not decided or not done; --inconclusive pass|fail
  says what becomes of what could not be decided")]
pub(in crate::cli) struct GateArgs {
    #[command(flatten)]
    pub(in crate::cli) project: ProjectOptions,
    /// Compare with the migrations, and the pool of shakedown.toml, of this git commit
    #[arg(long, value_name = "COMMIT", conflicts_with = "baseline", help_heading = "Base")]
    pub(in crate::cli) against: Option<String>,
    /// Compare with what this report measured; with --criterion, the name of a saved baseline
    #[arg(long, value_name = "FILE|NAME", help_heading = "Base")]
    pub(in crate::cli) baseline: Option<String>,
    /// Judge the estimates that criterion saved in this folder; no server takes part
    #[arg(long, value_name = "FOLDER", requires = "baseline", conflicts_with_all = ["against", "folder", "format"], help_heading = "Base")]
    pub(in crate::cli) criterion: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) workload: WorkloadOptions,
    /// How long a load is driven that limits are judged by [default: 10s]
    #[arg(long, value_name = "TIME", help_heading = "Workload")]
    pub(in crate::cli) time: Option<String>,

    /// By how much times may rise [default: 5%]
    #[arg(long, value_name = "PART", help_heading = "Verdict")]
    pub(in crate::cli) tolerance: Option<String>,
    /// By how much counts may rise [default: 0.5%]
    #[arg(long, value_name = "PART", help_heading = "Verdict")]
    pub(in crate::cli) counter_tolerance: Option<String>,
    /// How long times may be measured until all are decided [default: 1m]
    #[arg(long, value_name = "TIME", help_heading = "Verdict")]
    pub(in crate::cli) budget: Option<String>,
    /// Measure no times, only what does not vary with the machine
    #[arg(long, help_heading = "Verdict")]
    pub(in crate::cli) counters_only: bool,
    /// Exit with 0 or 1, instead of 2, where something could not be decided
    #[arg(long, value_enum, value_name = "WHAT", help_heading = "Verdict")]
    pub(in crate::cli) inconclusive: Option<InconclusiveArg>,
    #[command(flatten)]
    pub(in crate::cli) server: ServerOptions,
    #[command(flatten)]
    pub(in crate::cli) common: CommonOptions,
}

/// What becomes of what could not be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::cli) enum InconclusiveArg {
    /// As if it had passed: exit code 0.
    Pass,
    /// As if it had been worse: exit code 1.
    Fail,
}

/// `[gate]` of shakedown.toml.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::cli) struct GateConfig {
    /// The git commit whose migrations, and pool, the candidate is compared with.
    pub(in crate::cli) against: Option<String>,
    /// By how much times may rise: `5%`.
    pub(in crate::cli) tolerance: Option<String>,
    /// By how much counts may rise: `0.5%`.
    pub(in crate::cli) counter_tolerance: Option<String>,
    /// By the name of a count: its own tolerance.
    pub(in crate::cli) tolerances: BTreeMap<String, String>,
    /// What must hold of the candidate: `p99 < 50ms`, `p99(first-page) < 10ms`.
    pub(in crate::cli) limits: Vec<String>,
    /// By what it is about, as `add-item:wal_bytes`, or by the limit: why a regression is taken.
    pub(in crate::cli) allow: BTreeMap<String, String>,
    /// How long times may be measured until all are decided: `1m`.
    pub(in crate::cli) budget: Option<String>,
    /// What becomes of what could not be decided.
    pub(in crate::cli) inconclusive: Option<InconclusiveArg>,
}

impl From<InconclusiveArg> for Inconclusive {
    fn from(arg: InconclusiveArg) -> Self {
        match arg {
            InconclusiveArg::Pass => Self::Pass,
            InconclusiveArg::Fail => Self::Fail,
        }
    }
}
