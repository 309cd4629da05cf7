//! `shakedown gate`

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use shakedown::database::Databases;
use shakedown::error::{Error, Result};
use shakedown::gate::git::Revision;
use shakedown::gate::{Asked, Base, Event};
use shakedown::load::Setting;
use shakedown::run;
use shakedown::server::{Profile, Request};
use shakedown::source::{self, Project};
use shakedown_reports::Report;
use shakedown_reports::gate::{Inconclusive, Limit, MEASURES, Tolerances};
use tokio::sync::watch;

use super::args::{Drive, GateArgs};
use super::config::Config;
use super::drive::Defaults;
use super::live::Live;
use super::load::{LOAD, given_up};
use super::signals::Signals;
use super::{Verdict, config, drive, on_server, output, report};

/// How long times may be measured where nobody says.
const BUDGET: Duration = Duration::from_secs(60);

/// The load that limits are judged by.
const DRIVEN: Defaults =
    Defaults { time: Duration::from_secs(10), warmup: Duration::from_secs(2), ..LOAD };

pub(super) async fn run(args: GateArgs, signals: &mut Signals) -> anyhow::Result<Verdict> {
    let config = config::load(args.common.config.as_deref())?;
    if let (Some(folder), Some(baseline)) = (&args.criterion, &args.baseline) {
        return criterion(&args, &config, folder, baseline);
    }
    let request = config.request(&args.server, Profile::Durable)?;
    let folder = config.folder(args.project.folder.clone());
    let format = args.project.format.clone().or_else(|| config.migrations.format.clone());
    let project = source::load(&folder, format.as_deref())?;
    let outs = output::open(&args.project.out)?;
    let asked = asked(&args, &config, &folder, &project, &request)?;
    if asked.base.is_none() && asked.limits.is_empty() && args.project.out.is_empty() {
        return Err(Error::new("there is nothing to compare with, and no limit")
            .hint(
                "name a commit: --against origin/main; or count what is there for later: \
                 --out json=baseline.json; or write `limits = [\"p99 < 50ms\"]` under [gate]",
            )
            .into());
    }

    let server = on_server::start(&request, signals).await?;
    let (stop, stopped) = watch::channel(false);
    let work = async |databases: &mut Databases<'_>, live: &mut Live| {
        let mut show = |event: Event<'_>| self::show(live, &event);
        run::gates(&project, &server, databases, &asked, stopped, &mut show).await
    };
    let report = on_server::live(&server, given_up(signals, stop), work).await?;
    server.stop().await?;
    tell(&args, outs, &report)
}

/// Finds out what is wrong with the words of the configuration, whatever there is to compare with.
pub(super) fn check(args: &GateArgs, config: &Config) -> Result<()> {
    tolerances(config, args)?;
    limits(config)?;
    allow(config)?;
    budget(config, args).map(drop)
}

/// All that is asked, with what can be wrong with it found out.
pub(super) fn asked(
    args: &GateArgs,
    config: &Config,
    folder: &Path,
    project: &Project,
    request: &Request,
) -> Result<Asked> {
    let wanted = Drive { time: args.time.clone(), ..args.workload.drive() }.or(config.load.clone());
    let base = match (args.against.as_deref().or(config.gate.against.as_deref()), &args.baseline) {
        (_, Some(file)) => Some(stored(file)?),
        (Some(against), None) => {
            // Its migrations are read while its files are there.
            let files: Vec<&Path> = config.file().into_iter().collect();
            let revision = Revision::of(folder, &files, against)?;
            Some(of_commit(&revision, config, folder, project, request)?)
        }
        (None, None) => None,
    };
    Ok(Asked {
        load: drive::asked(config, &wanted, request, DRIVEN)?,
        base,
        tolerances: tolerances(config, args)?,
        limits: limits(config)?,
        allow: allow(config)?,
        budget: budget(config, args)?,
        timed: !args.counters_only,
        inconclusive: inconclusive(config, args),
    })
}

fn criterion(
    args: &GateArgs,
    config: &Config,
    folder: &Path,
    baseline: &str,
) -> anyhow::Result<Verdict> {
    let outs = output::open(&args.project.out)?;
    let tolerance = tolerances(config, args)?.time;
    let (allow, inconclusive) = (allow(config)?, inconclusive(config, args));
    let mut report = run::criterion(folder, baseline, tolerance, &allow, inconclusive)?;
    if let Some(gates) = report.gates.as_mut().filter(|_| !config.gate.limits.is_empty()) {
        gates.left_out.push("the limits of shakedown.toml, since no server takes part".to_owned());
    }
    tell(args, outs, &report)
}

fn tell(args: &GateArgs, outs: Vec<output::Out>, report: &Report) -> anyhow::Result<Verdict> {
    output::report(report, outs, args.common.color)?;
    Ok(report.outcome.into())
}

/// The migrations of another commit, and how its shakedown.toml drives them.
fn of_commit(
    revision: &Revision,
    config: &Config,
    folder: &Path,
    candidate: &Project,
    request: &Request,
) -> Result<Base> {
    let there = revision.path(folder)?;
    if !there.is_dir() {
        return Err(Error::new(format!(
            "`{}` has no folder `{}`",
            revision.name,
            folder.display()
        ))
        .hint("name a commit that has the migrations, or the folder that both have"));
    }
    let name = revision.name.clone();
    let mut project = source::load(&there, Some(candidate.format.name)).map_err(|error| {
        Error::new(format!("the migrations of `{name}` cannot be read: {}", error.whole()))
            .hint("name a commit whose migrations are whole: --against main~1")
    })?;
    // As the user knows it, not where it was unpacked.
    project.folder = folder.to_owned();
    let (setting, unread) = match setting(revision, config, request) {
        Ok(setting) => (setting.map(Box::new), None),
        // An older version may have known other keys, and a newer one others again.
        Err(error) => {
            let file = format!("the shakedown.toml of `{name}`");
            (None, Some(format!("{file} cannot be read: {}", error.whole())))
        }
    };
    Ok(Base::Project { name, project, setting, unread })
}

/// How the base is driven, if its shakedown.toml says so.
fn setting(revision: &Revision, config: &Config, request: &Request) -> Result<Option<Setting>> {
    let Some(file) = config.file() else { return Ok(None) };
    // A configuration outside of the repository is that of both.
    let Ok(there) = revision.path(file) else { return Ok(None) };
    if !there.is_file() {
        return Ok(None);
    }
    let old = config::load(Some(&there))?;
    // The workload is that of the candidate's configuration; only the pool is of interest.
    let wanted = Drive { scenario: None, script: Vec::new(), ..old.load.clone() };
    let asked = drive::asked(&old, &wanted, request, DRIVEN)?;
    Ok(asked.settings.into_iter().next())
}

fn stored(file: &str) -> Result<Base> {
    let report = report::read(Path::new(file))?;
    Ok(Base::Stored { name: file.to_owned(), report: Box::new(report) })
}

fn inconclusive(config: &Config, args: &GateArgs) -> Inconclusive {
    args.inconclusive.or(config.gate.inconclusive).map(Into::into).unwrap_or_default()
}

fn tolerances(config: &Config, args: &GateArgs) -> Result<Tolerances> {
    let usual = Tolerances::default();
    let given = |flag: &Option<String>, key: &Option<String>, usual: f64| {
        flag.as_deref().or(key.as_deref()).map_or(Ok(usual), part)
    };
    let mut of = BTreeMap::new();
    for (measure, text) in &config.gate.tolerances {
        let known = MEASURES.iter().map(|measure| measure.name).chain(["size"]);
        if !known.clone().any(|name| name == measure) {
            let known: Vec<&str> = known.collect();
            return Err(Error::new(format!("there is no count `{measure}` to tolerate more of"))
                .hint(format!("known are {}", known.join(", "))));
        }
        of.insert(measure.clone(), part(text)?);
    }
    Ok(Tolerances {
        counters: given(&args.counter_tolerance, &config.gate.counter_tolerance, usual.counters)?,
        time: given(&args.tolerance, &config.gate.tolerance, usual.time)?,
        of,
    })
}

/// A part of a whole, as `5%` or `0.05`.
fn part(text: &str) -> Result<f64> {
    let (digits, of) = match text.trim().strip_suffix('%') {
        Some(digits) => (digits.trim_end(), 100.0),
        None => (text.trim(), 1.0),
    };
    match digits.parse::<f64>() {
        Ok(part) if part.is_finite() && part >= 0.0 => Ok(part / of),
        _ => Err(Error::new(format!("`{text}` is no part by which something may rise"))
            .hint("write it as 5% or 0.05")),
    }
}

fn limits(config: &Config) -> Result<Vec<Limit>> {
    let read = config.gate.limits.iter().map(|text| {
        Limit::parse(text).map_err(|why| {
            Error::new(why).hint("mend it in `limits` under [gate] of shakedown.toml")
        })
    });
    read.collect()
}

fn allow(config: &Config) -> Result<BTreeMap<String, String>> {
    match config.gate.allow.iter().find(|(_, reason)| reason.trim().is_empty()) {
        Some((id, _)) => Err(Error::new(format!("`{id}` is allowed without a reason"))
            .hint(format!("say why: \"{id}\" = \"the audit trigger is wanted\""))),
        None => Ok(config.gate.allow.clone()),
    }
}

fn budget(config: &Config, args: &GateArgs) -> Result<Duration> {
    args.budget.as_deref().or(config.gate.budget.as_deref()).map_or(Ok(BUDGET), drive::duration)
}

/// Shows what happens.
pub(super) fn show(live: &mut Live, event: &Event<'_>) {
    live.say(&match event {
        Event::Load(event) => return live.show(event),
        Event::Migrating { id } => format!("running {id} over the rows of the base"),
        Event::Counting { side } => format!("counting {side}"),
        Event::Timing { undecided, of } => {
            format!("timing both in turns: {undecided} of {of} operations are undecided")
        }
        Event::Pooled => "users on both pools in turns".to_owned(),
    });
}
