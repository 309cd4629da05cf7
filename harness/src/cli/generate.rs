//! `shakedown generate`

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use shakedown::error::{Error, Result};
use shakedown_reports::model;

use super::args::{Args, GenerateAction, GenerateArgs, SchemaOf};
use super::{Verdict, config, output};

pub(super) fn run(args: GenerateArgs) -> anyhow::Result<Verdict> {
    match args.action {
        GenerateAction::Completions { shell } => output::print(&completions(shell)),
        GenerateAction::Man { to: None } => output::print(&page()?),
        GenerateAction::Man { to: Some(folder) } => pages(&folder)?,
        GenerateAction::Schema { of } => output::print(&schema(of)),
    }
    Ok(Verdict::Held)
}

fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "shakedown", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The man page of the program, which names those of its commands.
fn page() -> anyhow::Result<String> {
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// Writes a man page for each command.
fn pages(folder: &Path) -> Result<()> {
    clap_mangen::generate_to(Args::command(), folder).map_err(|error| {
        Error::new(format!("man pages cannot be written to `{}`", folder.display()))
            .because(error)
            .hint("name a folder that exists and can be written")
    })
}

/// A schema, with its keys in order: another crate of the same build may let serde_json keep
/// them as they come.
pub(super) fn schema(of: SchemaOf) -> String {
    let mut schema = match of {
        SchemaOf::Config => config::schema(),
        SchemaOf::Report => model::json_schema(),
    };
    schema.sort_all_objects();
    format!("{schema:#}\n")
}
