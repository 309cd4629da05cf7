//! The arguments of `init`.

use std::path::PathBuf;

use clap::Parser;

/// Set up a project: a commented shakedown.toml, and a workflow if it is on GitHub
///
/// The migrations and the queries of the application are looked for. What is there already is
/// never overwritten, so that a second time changes nothing.
#[derive(Debug, Parser)]
#[command(after_help = "\
Examples:
  shakedown init
  shakedown init --pre-commit   also a hook for https://pre-commit.com

Files:
  shakedown.toml                     where the migrations are, and what can be set
  .shakedown/schema.json             by which editors complete and check shakedown.toml
  .github/workflows/shakedown.yml    `shakedown run` for each pull request")]
pub(in crate::cli) struct InitArgs {
    /// The folder of the project [default: this one]
    pub(in crate::cli) folder: Option<PathBuf>,
    /// Also write .pre-commit-config.yaml, or say what to add to the one that is there
    #[arg(long)]
    pub(in crate::cli) pre_commit: bool,
}
