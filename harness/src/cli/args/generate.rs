//! The arguments of `generate`.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Print what other programs want to know of this one: completions, man pages, JSON schemas
#[derive(Debug, Parser)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  shakedown generate completions bash > /etc/bash_completion.d/shakedown
  shakedown generate completions zsh > \"${fpath[1]}/_shakedown\"
  shakedown generate completions fish > ~/.config/fish/completions/shakedown.fish
  shakedown generate man --to /usr/local/share/man/man1
  shakedown generate schema > .shakedown/schema.json"
)]
pub(in crate::cli) struct GenerateArgs {
    #[command(subcommand)]
    pub(in crate::cli) action: GenerateAction,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum GenerateAction {
    /// Completions for a shell
    Completions {
        #[arg(value_enum)]
        shell: Shell,
    },
    /// The man page of `shakedown`, or the pages of all its commands
    Man {
        /// Write a page for each command into this folder, instead of printing one
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
    },
    /// A JSON schema, by which editors complete and check
    Schema {
        /// Of what
        #[arg(value_enum, default_value_t = SchemaOf::Config)]
        of: SchemaOf,
    },
}

/// What has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SchemaOf {
    /// `shakedown.toml`
    Config,
    /// What `--out json=FILE` writes
    Report,
}
