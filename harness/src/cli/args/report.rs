//! The arguments of `shakedown report`.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::CommonOptions;

/// Make every format again from a report that was written as JSON
///
/// The exit code is that of the run that the report is of.
#[derive(Debug, Parser)]
#[command(
    arg_required_else_help = true,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Examples:
  shakedown report report.json                         as it was printed
  shakedown report report.json --out sarif=report.sarif --out markdown=summary.md
  shakedown report report.json --out github=-          annotations for GitHub Actions
  shakedown report diff before.json after.json         what changed between two runs"
)]
pub(in crate::cli) struct ReportArgs {
    #[command(subcommand)]
    pub(in crate::cli) action: Option<ReportAction>,
    /// The report
    #[arg(required = true, value_name = "REPORT.json")]
    pub(in crate::cli) report: Option<PathBuf>,
    /// Also write the report to a file: json=report.json, sarif=report.sarif; may be repeated. With
    /// `-` as the file it is printed instead of the text: github=-
    #[arg(long, value_name = "FORMAT=FILE")]
    pub(in crate::cli) out: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) common: CommonOptions,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ReportAction {
    Merge(MergeArgs),
    Diff(DiffArgs),
}

/// Add the reports of all workers of one load; their histograms add exactly
#[derive(Debug, Parser)]
#[command(after_help = "\
Examples:
  shakedown report merge worker-*.json
  shakedown report merge 1.json 2.json --out json=whole.json")]
pub(in crate::cli) struct MergeArgs {
    /// The reports, one for each worker
    #[arg(required = true, value_name = "REPORT.json")]
    pub(in crate::cli) reports: Vec<PathBuf>,
    /// Also write the sum to a file: json=report.json, sarif=report.sarif; may be repeated. With
    /// `-` as the file it is printed instead of the text: github=-
    #[arg(long, value_name = "FORMAT=FILE")]
    pub(in crate::cli) out: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) common: CommonOptions,
}

/// Compare two reports of one project: verdicts, findings, promises, load, gates and counters
///
/// Exit codes: 0 nothing got worse, 1 something did, 2 they cannot be compared. Times are only
/// told where both ran on the same machine, and decide nothing: `shakedown gate` measures them.
#[derive(Debug, Parser)]
#[command(after_help = "\
Examples:
  shakedown report diff before.json after.json
  shakedown report diff before.json after.json --json   for programs")]
pub(in crate::cli) struct DiffArgs {
    /// The report of the first run
    #[arg(value_name = "BEFORE.json")]
    pub(in crate::cli) before: PathBuf,
    /// The report of the second run
    #[arg(value_name = "AFTER.json")]
    pub(in crate::cli) after: PathBuf,
    /// Print JSON instead of text
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) common: CommonOptions,
}
