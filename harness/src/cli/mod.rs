//! The command line: the only place that prints, reads the environment, or exits.
//!
//! Exit codes: 0 all held, 1 something was found, 2 the job, or a part of it, could not be done.

mod args;
mod config;
mod doctor;
mod drive;
mod gate;
mod generate;
mod index;
mod init;
mod invariants;
mod live;
mod load;
mod on_server;
mod output;
mod progress;
mod replay;
mod report;
mod rule;
mod run;
mod server;
mod signals;
mod verify;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use shakedown::error::Error;
use shakedown_reports::model::Outcome;
use signals::Signals;

/// What a command that did its job has to say to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Held,
    Found,
    /// A part could not be tested; the report says which and why.
    Incomplete,
}

impl From<Outcome> for Verdict {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Held => Self::Held,
            Outcome::Found => Self::Found,
            Outcome::Incomplete => Self::Incomplete,
        }
    }
}

/// Runs the command and says how it went.
pub(crate) fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return failed(&Error::new("no threads can be started").because(error).into());
        }
    };
    match runtime.block_on(run(args)) {
        Ok(Verdict::Held) => ExitCode::SUCCESS,
        Ok(Verdict::Found) => ExitCode::from(1),
        Ok(Verdict::Incomplete) => ExitCode::from(2),
        Err(error) => failed(&error),
    }
}

async fn run(args: Args) -> anyhow::Result<Verdict> {
    let mut signals = Signals::listen();
    match args.command {
        Command::Init(args) => init::run(&args),
        Command::Run(args) => run::run(args, &mut signals).await,
        Command::Verify(args) => verify::run(args, &mut signals).await,
        Command::Invariants(args) => invariants::run(*args, &mut signals).await,
        Command::Load(args) => load::load(*args, &mut signals).await,
        Command::Pool(args) => load::pool(*args, &mut signals).await,
        Command::Index(args) => index::run(*args, &mut signals).await,
        Command::Gate(args) => gate::run(*args, &mut signals).await,
        Command::Report(args) => report::run(args),
        Command::Server(args) => server::run(args, &mut signals).await,
        Command::Doctor(args) => doctor::run(args, &mut signals).await,
        Command::Rule(args) => rule::run(args),
        Command::Generate(args) => generate::run(args),
    }
}

/// Prints an error, what led to it, and the way out.
fn failed(error: &anyhow::Error) -> ExitCode {
    let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
    output::notice(&format!("error: {}", chain.join(": ")));
    if let Some(hint) = error.downcast_ref::<Error>().and_then(Error::hint_text) {
        output::notice(&format!("\nhint: {hint}"));
    }
    ExitCode::from(2)
}
