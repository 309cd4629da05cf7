//! `shakedown index`

mod migration;

use std::path::{Path, PathBuf};
use std::time::Duration;

use shakedown::database::Databases;
use shakedown::error::{Error, Result};
use shakedown::index::{Asked, Event, Proposal, given};
use shakedown::invariants::report::Subject;
use shakedown::load::{Target, Workload, queries};
use shakedown::run;
use shakedown::server::{Profile, parse_url};
use tokio::sync::watch;

use super::args::{IndexArgs, WrittenStrategy};
use super::config::Config;
use super::live::Live;
use super::load::{LOAD, given_up};
use super::signals::Signals;
use super::{Verdict, config, drive, on_server, output};

/// How long it may take where nobody says.
const BUDGET: Duration = Duration::from_secs(5 * 60);

pub(super) async fn run(args: IndexArgs, signals: &mut Signals) -> anyhow::Result<Verdict> {
    let config = config::load(args.common.config.as_deref())?;
    let wanted = args.workload.drive().or(config.load.clone());
    let request = config.request(&args.server, Profile::Durable)?;
    let target = drive::target(&config, &args.target, &wanted, &request)?;
    if args.write_migration && !matches!(target, Target::Subject(Subject::Project(_))) {
        return Err(Error::new("there is no migration folder to write a migration into")
            .hint("name one: shakedown index db/migrations --write-migration")
            .into());
    }
    let mut load = drive::asked(&config, &wanted, &request, LOAD)?;
    if let Some(queries) = queries(&args).await? {
        load.workload = queries;
    }
    let asked = Asked {
        load,
        given: strategies(&config, &args.strategy)?,
        propose: args.propose,
        drop_unused: args.drop_unused,
        budget: budget(&config, &args)?,
        timed: !args.counters_only,
    };
    let outs = output::open(&args.target.project.out)?;

    let server = on_server::start(&request, signals).await?;
    let (stop, stopped) = watch::channel(false);
    let work = async |databases: &mut Databases<'_>, live: &mut Live| {
        let mut show = |event: Event<'_>| self::show(live, &event);
        run::indexes(&target, &server, databases, &asked, stopped, &mut show).await
    };
    let report = on_server::live(&server, given_up(signals, stop), work).await?;
    output::report(&report, outs, args.common.color)?;
    if let (true, Target::Subject(Subject::Project(project))) = (args.write_migration, &target) {
        migration::write_advice(project, &report)?;
    }
    server.stop().await?;
    Ok(report.outcome.into())
}

/// The queries that are given as a workload, if some are.
async fn queries(args: &IndexArgs) -> Result<Option<Workload>> {
    if let Some(address) = &args.statements {
        let options = parse_url(address)?;
        let database = options.get_database().unwrap_or("postgres").to_owned();
        let (queries, left_out) = queries::of_server(&options, &database).await?;
        let origin = format!("what `pg_stat_statements` counted in `{database}`");
        return Ok(Some(Workload::Queries { queries, origin, left_out, found: false }));
    }
    if args.queries.is_empty() {
        return Ok(None);
    }
    let mut queries = Vec::new();
    for path in &args.queries {
        queries.extend(queries::of_path(path)?);
    }
    let paths: Vec<String> = args.queries.iter().map(|path| path.display().to_string()).collect();
    let origin = format!("the queries of {}", paths.join(", "));
    Ok(Some(Workload::Queries { queries, origin, left_out: Vec::new(), found: false }))
}

fn budget(config: &Config, args: &IndexArgs) -> Result<Duration> {
    let given = args.budget.as_deref().or(config.index.budget.as_deref());
    let budget = given.map_or(Ok(BUDGET), drive::duration)?;
    if budget.is_zero() {
        return Err(Error::new("nothing can be tried in no time").hint("give `--budget 5m`"));
    }
    Ok(budget)
}

/// The strategies of the command line, else those of the configuration.
pub(super) fn strategies(config: &Config, files: &[PathBuf]) -> Result<Vec<Proposal>> {
    if !files.is_empty() {
        return files.iter().map(|file| of_file(file, None)).collect();
    }
    let one = |(name, written): (&String, &WrittenStrategy)| match (&written.create, &written.file)
    {
        (Some(create), None) => given::of(name, create, written.drop.as_deref()),
        (None, Some(file)) if written.drop.is_none() => {
            of_file(&config.home().join(file), Some(name))
        }
        _ => Err(Error::new(format!("the strategy `{name}` needs statements, in one place")).hint(
            "give either create = \"...\" and perhaps drop = \"...\", or file = \"strategy.sql\"",
        )),
    };
    config.index.strategies.iter().map(one).collect()
}

/// A strategy that is named after its file, if nothing else says its name.
fn of_file(file: &Path, name: Option<&str>) -> Result<Proposal> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Error::new(format!("the strategy `{}` cannot be read", file.display()))
            .because(error)
            .hint("name a file with CREATE INDEX or DROP INDEX statements")
    })?;
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = name.map(str::to_owned).or(stem).unwrap_or_default();
    given::read(&name, &text)
}

/// Shows what happens.
pub(super) fn show(live: &mut Live, event: &Event<'_>) {
    live.say(&match event {
        Event::Load(event) => return live.show(event),
        Event::Base => "counting the schema as it is".to_owned(),
        Event::Planning { proposals } => format!("asking the planner about {proposals} proposals"),
        Event::Counting { name, number, of } => format!("{number}/{of} counting with {name}"),
        Event::Adding { name, to } => format!("counting with {name} beside {to} others"),
        Event::Timing { name, number, of } => format!("{number}/{of} timing {name}"),
    });
}
