//! The arguments. Their doc comments are the help.

mod common;
mod gate;
mod generate;
mod index;
mod init;
mod load;
mod report;
mod run;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use schemars::JsonSchema;
use serde::Deserialize;
use shakedown::server::Profile;

pub(super) use common::{ProjectOptions, TargetOptions, WorkloadOptions};
pub(super) use gate::{GateArgs, GateConfig};
pub(super) use generate::{GenerateAction, GenerateArgs, SchemaOf};
pub(super) use index::{IndexArgs, IndexConfig, WrittenStrategy};
pub(super) use init::InitArgs;
pub(super) use load::{BouncerArg, Drive, LoadArgs, StormArg, Switch};
pub(super) use report::{DiffArgs, MergeArgs, ReportAction, ReportArgs};
pub(super) use run::{RunArgs, RunConfig};

/// Puts a PostgreSQL schema through its paces before production does.
///
/// Exit codes: 0 all held, 1 something was found, 2 the job, or a part of it, could not be done.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, arg_required_else_help = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Run(RunArgs),
    Init(InitArgs),
    Verify(VerifyArgs),
    Invariants(Box<InvariantsArgs>),
    /// Drive the schema with users and measure: rates, percentiles, waiting apart from querying
    ///
    /// Tables are filled with realistic rows on a durable scratch server. Each setting runs on a
    /// clone of its own. Ctrl-C ends a run early and still reports what was measured.
    #[command(after_help = "\
Examples:
  shakedown load                                   the workload that the catalog suggests
  shakedown load --scenario working-day --users 32 --time 1m
  shakedown load --rate 500 --latency-limit 100ms  arrivals at random, counted from when due
  shakedown load --script browse.sql@9 --script buy.sql@1
  shakedown load --scenario tpcb-like --scale 10   pgbench's default, on its own tables
  shakedown load --pool-size 10 --storm restart    what a restart of the server costs")]
    Load(Box<LoadArgs>),
    /// Try settings of connection pools and say which to take
    ///
    /// Each setting is run on sqlx's own pool as users have it, and waiting for a connection is
    /// told apart from running the query. Takes what `load` takes; lists are tried in every
    /// combination.
    #[command(after_help = "\
Examples:
  shakedown pool                                       sizes 1 to 64 with 64 users
  shakedown pool --pool-size 4,8,16 --rate 1000 --max-wait 5ms
  shakedown pool --test-before-acquire on,off
  shakedown pool --like sqlalchemy:pool_size=5,max_overflow=10 --like asyncpg
  shakedown pool --pgbouncer transaction,session --prepared on,off
  shakedown pool --storm cold-start,lifetimes,restart,burst")]
    Pool(Box<LoadArgs>),
    Index(Box<IndexArgs>),
    Gate(Box<GateArgs>),
    Report(ReportArgs),
    Server(ServerArgs),
    Doctor(DoctorArgs),
    Rule(RuleArgs),
    Generate(GenerateArgs),
}

/// Prove that every migration can be taken back: up, down and up again on a real Postgres
///
/// Each down must restore the catalog exactly, and each up must then give the same catalog
/// again. At the end the whole way from the head to the base and back is made.
#[derive(Debug, Parser)]
#[command(after_help = "\
Examples:
  shakedown verify                            the folder migrations/, or that of shakedown.toml
  shakedown verify db/migrations --only 0042  one migration while you write it
  shakedown verify --watch                    each one again as soon as it is saved
  shakedown verify --out junit=junit.xml      for a CI
  shakedown verify --postgres postgres://postgres@localhost/postgres
  shakedown verify --postgres neon:<project>/main --database shop  pending ones, on its rows")]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    pub(super) project: ProjectOptions,
    /// Test only this migration; may be repeated. An id or the beginning of one
    #[arg(long, value_name = "ID", conflicts_with_all = ["from", "to"])]
    pub(super) only: Vec<String>,
    /// Test from this migration on; those before it are applied, but not tested
    #[arg(long, value_name = "ID")]
    pub(super) from: Option<String>,
    /// Test up to this migration; those after it are not applied
    #[arg(long, value_name = "ID")]
    pub(super) to: Option<String>,
    /// Test what is pending on a clone of this database of the server that `--postgres` gives, with
    /// the rows that it has. What its runner noted is taken for applied, or all before `--from`.
    /// Nobody may be connected to it while it is cloned
    #[arg(long, value_name = "NAME", conflicts_with = "watch")]
    pub(super) database: Option<String>,
    /// Count the findings of this rule, but do not fail on them; may be repeated
    #[arg(long, value_name = "RULE")]
    pub(super) allow: Vec<String>,
    /// Keep the databases in which something was found, and say how to connect to them
    #[arg(long)]
    pub(super) keep: bool,
    /// Go on until Ctrl-C: when the folder changes, test what was edited
    #[arg(long, conflicts_with_all = ["out", "keep"])]
    pub(super) watch: bool,
    #[command(flatten)]
    pub(super) server: ServerOptions,
    #[command(flatten)]
    pub(super) common: CommonOptions,
}

/// Test what the schema promises: uniqueness, cascades, soft deletes, checks and the rest
///
/// Everything is derived from the catalog, so that there is nothing to write. What is broken
/// fails the run and is kept as a psql script; a risk, which is declared that way but is a known
/// trap, is only told.
#[derive(Debug, Parser)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  shakedown invariants                           the schema that migrations/ makes
  shakedown invariants --only public.users       one table; or one invariant by its id
  shakedown invariants --time 5m --cases 100000  longer, with more generated cases
  shakedown invariants --deny risk               for a CI that lets no trap pass
  shakedown invariants replay                    what failed before, and nothing else
  shakedown invariants --mutate                  how much these tests would notice
  shakedown invariants --postgres postgres://postgres@localhost/postgres --database shop

Files:
  .shakedown/failures   what failed, one JSON and one psql script each, beside shakedown.toml or
                        in this folder. It runs first the next time, and goes once it holds.
                        Commit it to share it, or ignore it."
)]
pub(super) struct InvariantsArgs {
    #[command(subcommand)]
    pub(super) action: Option<InvariantsAction>,
    /// The migration folder
    #[arg(conflicts_with = "database")]
    pub(super) folder: Option<PathBuf>,
    /// Generated cases for each table, besides the fixed ones [default: 1000]
    #[arg(long, value_name = "NUMBER")]
    pub(super) cases: Option<usize>,
    /// How long all of it may take: 30s, 5m, 1h30m. What it does not suffice for is told
    #[arg(long, value_name = "TIME")]
    pub(super) time: Option<String>,
    /// Where generated values come from, as a report tells it; another one each time if left out
    #[arg(long, value_name = "NUMBER")]
    pub(super) seed: Option<u64>,
    /// Test only this invariant or table; may be repeated
    #[arg(long, value_name = "ID|TABLE")]
    pub(super) only: Vec<String>,
    /// Fail on risks too
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) deny: Vec<Deny>,
    /// Also write the report to a file: json=report.json, sarif=report.sarif; may be repeated. With
    /// `-` as the file it is printed instead of the text: github=-
    #[arg(long, value_name = "FORMAT=FILE")]
    pub(super) out: Vec<String>,
    /// Keep the promises that were tried by cases, with these, in a file
    #[arg(long, value_name = "FILE")]
    pub(super) save_suite: Option<PathBuf>,
    /// Test the promises of such a file instead of what this schema itself promises
    #[arg(long, value_name = "FILE", conflicts_with_all = ["save_suite", "cases", "seed", "only"])]
    pub(super) suite: Option<PathBuf>,
    /// Instead, change the schema in one place at a time and count the changes that the derived
    /// cases notice. What they do not notice is listed; it fails nothing
    #[arg(long, conflicts_with_all = ["suite", "save_suite", "cases", "seed", "only", "time", "deny"])]
    pub(super) mutate: bool,
    #[command(flatten)]
    pub(super) schema: SchemaOptions,
}

#[derive(Debug, Subcommand)]
pub(super) enum InvariantsAction {
    Replay(Box<ReplayArgs>),
    /// List every invariant; `shakedown rule <id>` explains one
    List,
}

/// Run stored failures again; what no longer fails leaves the store
#[derive(Debug, Parser)]
pub(super) struct ReplayArgs {
    /// The id of a promise or its first parts, or the name of a stored file; all if left out
    pub(super) name: Option<String>,
    /// The migration folder
    #[arg(long, value_name = "FOLDER", conflicts_with = "database")]
    pub(super) migrations: Option<PathBuf>,
    #[command(flatten)]
    pub(super) schema: SchemaOptions,
}

#[derive(Debug, Clone, Parser)]
pub(super) struct SchemaOptions {
    /// The format of the migrations, found out from the folder if left out: sqlx, golang-migrate,
    /// dbmate, goose, diesel, maragudk-migrate or plain
    #[arg(long, value_name = "NAME")]
    pub(super) format: Option<String>,
    /// Test this database of the server that `--postgres` gives the address of, instead of
    /// migrations. It is cloned and only read; nobody may be connected to it meanwhile
    #[arg(long, value_name = "NAME", conflicts_with = "format")]
    pub(super) database: Option<String>,
    /// Where failures are kept [default: .shakedown/failures]
    #[arg(long, value_name = "FOLDER")]
    pub(super) failures: Option<PathBuf>,
    #[command(flatten)]
    pub(super) server: ServerOptions,
    #[command(flatten)]
    pub(super) common: CommonOptions,
}

/// What may fail a run that does not by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Deny {
    Risk,
}

/// Run a scratch server with the migrations applied, and print its address, until Ctrl-C
#[derive(Debug, Parser)]
#[command(after_help = "\
Examples:
  shakedown server                  with migrations/ applied
  shakedown server --empty          with an empty database
  shakedown server --rows 1000      with 1000 realistic rows in each table
  shakedown server --port 5433      on a port that stays the same")]
pub(super) struct ServerArgs {
    /// The migration folder
    pub(super) folder: Option<PathBuf>,
    /// The format of the migrations, found out from the folder if left out: sqlx, golang-migrate,
    /// dbmate, goose, diesel, maragudk-migrate or plain
    #[arg(long, value_name = "NAME")]
    pub(super) format: Option<String>,
    /// Apply no migrations
    #[arg(long, conflicts_with = "folder")]
    pub(super) empty: bool,
    /// Put so many realistic rows into each table; those that refuse them are named
    #[arg(long, value_name = "NUMBER", conflicts_with = "empty")]
    pub(super) rows: Option<u64>,
    /// Where the rows come from: the same number gives the same rows
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "rows")]
    pub(super) seed: u64,
    /// The port on 127.0.0.1; any that is free if left out
    #[arg(long)]
    pub(super) port: Option<u16>,
    /// What the server is for: fast loses everything in a crash, durable is as Postgres comes
    #[arg(long, value_enum, default_value_t = ProfileArg::Fast)]
    pub(super) profile: ProfileArg,
    #[command(flatten)]
    pub(super) server: ServerOptions,
    #[command(flatten)]
    pub(super) common: CommonOptions,
}

/// Try each way to a Postgres server and say what to do about those that do not work
#[derive(Debug, Parser)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    pub(super) server: ServerOptions,
    #[command(flatten)]
    pub(super) common: CommonOptions,
}

/// Explain a rule or an invariant: what it means, how it comes about, what to do
#[derive(Debug, Parser)]
pub(super) struct RuleArgs {
    /// The id, as findings name it; all are listed if left out
    pub(super) id: Option<String>,
}

#[derive(Debug, Clone, Parser)]
#[command(next_help_heading = "Server")]
pub(super) struct ServerOptions {
    /// Where Postgres comes from: auto, container, embedded, local, a postgres:// address, or
    /// neon:<project>/<branch> for a branch of that branch of Neon.
    ///
    /// At an address, scratch databases are made and dropped beside those there. Scripts that
    /// reach beyond their database (CREATE ROLE, ALTER SYSTEM) do so there too.
    #[arg(long, env = "SHAKEDOWN_POSTGRES", hide_env_values = true, value_name = "WAY")]
    pub(super) postgres: Option<String>,
    /// The major version of a server that is started [default: 16]
    #[arg(long, value_name = "MAJOR", value_parser = clap::value_parser!(u16).range(16..=18))]
    pub(super) pg_version: Option<u16>,
    /// The image for a container [default: postgres:<MAJOR>-alpine]
    #[arg(long, env = "SHAKEDOWN_IMAGE")]
    pub(super) image: Option<String>,
    /// A Postgres archive to install from instead of downloading one
    #[arg(long, env = "SHAKEDOWN_POSTGRES_ARCHIVE", value_name = "FILE")]
    pub(super) archive: Option<PathBuf>,
    /// Neon's own program, for neon:<project> [default: neonctl on the PATH]
    #[arg(long, env = "SHAKEDOWN_NEONCTL", value_name = "FILE")]
    pub(super) neonctl: Option<PathBuf>,
}

#[derive(Debug, Clone, Parser)]
#[command(next_help_heading = "General")]
pub(super) struct CommonOptions {
    /// The configuration [default: shakedown.toml here or in a folder above]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// When to use colours; NO_COLOR is heeded as well
    #[arg(long, value_enum, default_value_t = ColorArg::Auto, value_name = "WHEN")]
    pub(super) color: ColorArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorArg {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ProfileArg {
    Fast,
    Durable,
}

impl From<ProfileArg> for Profile {
    fn from(arg: ProfileArg) -> Self {
        match arg {
            ProfileArg::Fast => Self::Fast,
            ProfileArg::Durable => Self::Durable,
        }
    }
}
