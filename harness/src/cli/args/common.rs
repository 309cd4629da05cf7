//! What several commands begin with.

use std::path::PathBuf;

use clap::Args;

use super::Drive;

/// Migrations, and where the report on them goes.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct ProjectOptions {
    /// The migration folder
    pub(in crate::cli) folder: Option<PathBuf>,
    /// The format of the migrations, found out from the folder if left out: sqlx, golang-migrate,
    /// dbmate, goose, diesel, maragudk-migrate or plain
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) format: Option<String>,
    /// Also write the report to a file: json=report.json, sarif=report.sarif; may be repeated. With
    /// `-` as the file it is printed instead of the text: github=-
    #[arg(long, value_name = "FORMAT=FILE")]
    pub(in crate::cli) out: Vec<String>,
}

/// Migrations or a database to measure, and where the report on it goes.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct TargetOptions {
    #[command(flatten)]
    pub(in crate::cli) project: ProjectOptions,
    /// Use clones of this database of the server that `--postgres` gives the address of, with the
    /// rows that it has. Nobody may be connected to it while it is cloned
    #[arg(long, value_name = "NAME", conflicts_with_all = ["folder", "format"])]
    pub(in crate::cli) database: Option<String>,
}

/// What is done and on which rows, for commands that count and time the same operations on several
/// databases.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Workload")]
pub(in crate::cli) struct WorkloadOptions {
    /// The workload: one that is built in, or of shakedown.toml; `shakedown load --scenario help`
    /// lists them. Derived from the catalog if left out
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) scenario: Option<String>,
    /// A script of pgbench as an operation, with its weight; may be repeated
    #[arg(long, value_name = "FILE[@WEIGHT]", conflicts_with = "scenario")]
    pub(in crate::cli) script: Vec<String>,
    /// Realistic rows in each table [default: 10000]
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) rows: Option<u64>,
    /// The variable :scale of scripts, and the size of pgbench's tables [default: 1]
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) scale: Option<u32>,
    /// Where rows and arguments come from: the same number gives the same counts [default: 1]
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) seed: Option<u64>,
    /// How long a statement of the workload may take [default: 30s]
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) statement_timeout: Option<String>,
}

impl WorkloadOptions {
    /// The same as `load` takes it.
    pub(in crate::cli) fn drive(&self) -> Drive {
        Drive {
            scenario: self.scenario.clone(),
            script: self.script.clone(),
            rows: self.rows,
            scale: self.scale,
            seed: self.seed,
            statement_timeout: self.statement_timeout.clone(),
            ..Drive::default()
        }
    }
}
