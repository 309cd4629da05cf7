//! From the flags of `load` and `pool` to what is asked of the library.

use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use shakedown::catalog::Name;
use shakedown::error::{Error, Result};
use shakedown::invariants::report::Subject;
use shakedown::load::axes::{self, Axes};
use shakedown::load::{Asked, BouncerFrom, StormKind, Target, Worker, Workload};
use shakedown::server::{Request, bouncer};
use shakedown::source;
use shakedown_reports::load as reports;
use shakedown_scenarios::builtin::{self, SCENARIOS, Schema};
use shakedown_scenarios::engine::End;
use shakedown_scenarios::pool::profiles;
use shakedown_scenarios::{Operation, Scenario, script};

use super::args::{BouncerArg, Drive, StormArg, Switch, TargetOptions};
use super::config::{self, Config};

/// What a command does where nobody says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defaults {
    pub(super) users: usize,
    pub(super) time: Duration,
    pub(super) warmup: Duration,
    pub(super) rounds: u32,
    /// The sizes of the pool; each user has a connection of its own if there are none.
    pub(super) sizes: Option<&'static str>,
    /// Whether a setting is advised.
    pub(super) advise: bool,
}

/// The schema to drive.
pub(super) fn target(
    config: &Config,
    given: &TargetOptions,
    drive: &Drive,
    request: &Request,
) -> Result<Target> {
    if let Some(name) = &given.database {
        config::holds(request, name)?;
        return Ok(Target::Subject(Subject::Database(name.to_owned())));
    }
    let of_pgbench = drive
        .scenario
        .as_deref()
        .and_then(builtin::named)
        .is_some_and(|builtin| builtin.schema == Schema::Pgbench);
    let project = &given.project;
    if project.folder.is_none() && (drive.pgbench_tables || of_pgbench) {
        return Ok(Target::Pgbench);
    }
    let format = project.format.as_deref().or(config.migrations.format.as_deref());
    let project = source::load(&config.folder(project.folder.clone()), format)?;
    Ok(Target::Subject(Subject::Project(project)))
}

/// All that is asked, with what can be wrong with it found out.
pub(super) fn asked(
    config: &Config,
    drive: &Drive,
    request: &Request,
    defaults: Defaults,
) -> Result<Asked> {
    let worker = drive.worker.as_deref().map(worker).transpose()?;
    let think = or(drive.think.as_deref(), Duration::ZERO)?;
    if !think.is_zero() && !drive.rate.is_empty() {
        return Err(Error::new("users do not think where operations arrive at a rate")
            .hint("give either `--think` or `--rate`"));
    }
    // A number of operations is not parted into rounds.
    let rounds = match drive.operations {
        Some(_) => 1,
        None => drive.rounds.unwrap_or(defaults.rounds).max(1),
    };
    let statement_timeout = or(drive.statement_timeout.as_deref(), Duration::from_secs(30))?;
    let tries = drive.max_tries.unwrap_or(1);
    let axes = axes(drive, worker, statement_timeout, defaults)?;
    let tables = drive.tables.iter().map(|(table, rows)| {
        let name = table
            .parse::<Name>()
            .map_err(|error| error.hint("name the table with its schema: \"public.users\" = 1000"));
        name.map(|name| (name, *rows))
    });
    Ok(Asked {
        workload: workload(config, drive, tries)?,
        rows: drive.rows.unwrap_or(10_000),
        tables: tables.collect::<Result<_>>()?,
        scale: drive.scale.unwrap_or(1).max(1),
        seed: drive.seed.unwrap_or(1),
        tries,
        think,
        warmup: or(drive.warmup.as_deref(), defaults.warmup)?,
        end: match drive.operations {
            Some(operations) => End::Operations(shared(worker, operations)),
            // Each round has its part of the time.
            None => End::Time(at_least_a_second(drive.time.as_deref(), defaults.time)? / rounds),
        },
        statement_timeout,
        soft_deletes: config.soft_deletes()?,
        settings: axes::settings(&axes)?,
        rounds,
        advise: match defaults.advise {
            true => Some(reports::Asked {
                max_wait_ms: drive
                    .max_wait
                    .as_deref()
                    .map(duration)
                    .transpose()?
                    .map(|wait| wait.as_secs_f64() * 1000.0),
                ..reports::Asked::default()
            }),
            false => None,
        },
        storms: drive.storm.iter().map(|storm| storm_of(*storm)).collect(),
        worker,
        start_at: drive.start_at,
        bouncer: BouncerFrom {
            path: request.path.clone(),
            cache: request.cache.clone(),
            image: drive.pgbouncer_image.clone(),
        },
    })
}

fn storm_of(storm: StormArg) -> StormKind {
    match storm {
        StormArg::ColdStart => StormKind::ColdStart,
        StormArg::Lifetimes => StormKind::Lifetimes,
        StormArg::Restart => StormKind::Restart,
        StormArg::Burst => StormKind::Burst,
    }
}

fn axes(
    drive: &Drive,
    worker: Option<Worker>,
    statement_timeout: Duration,
    defaults: Defaults,
) -> Result<Axes> {
    fn many<T: Clone>(given: &[T], default: T) -> Vec<T> {
        if given.is_empty() { vec![default] } else { given.to_vec() }
    }
    let switches = |given: &[Switch]| -> Vec<bool> {
        many(given, Switch::On).into_iter().map(|switch| switch == Switch::On).collect()
    };
    let times = |given: &[String], default: Duration| -> Result<Vec<Option<Duration>>> {
        if given.is_empty() {
            Ok(vec![Some(default)])
        } else {
            given.iter().map(|text| or_none(text)).collect()
        }
    };
    let sizes = drive.pool_size.as_deref().or(defaults.sizes);
    let like: Vec<_> = drive.like.iter().map(|text| profile(text)).collect::<Result<_>>()?;
    // Whoever names only other pools wants only those.
    let sizes = sizes.filter(|_| drive.pool_size.is_some() || like.is_empty());
    let users = many(&drive.users, defaults.users);
    if users.contains(&0) {
        return Err(Error::new("`--users 0` drives nothing").hint("give at least one"));
    }
    if let Some(worker) = worker
        && users.iter().any(|users| *users < worker.of as usize)
    {
        return Err(Error::new(format!("{} workers cannot share fewer users", worker.of))
            .hint(format!("give `--users {}` or more, of all workers together", worker.of)));
    }
    let rates = drive.rate.iter().map(|rate| {
        if rate.is_finite() && *rate > 0.0 {
            Ok(Some(*rate))
        } else {
            Err(Error::new(format!("`--rate {rate}` is no number of operations in a second"))
                .hint("give one above zero"))
        }
    });
    let rates: Vec<_> = rates.collect::<Result<_>>()?;
    if drive.latency_limit.is_some() && rates.is_empty() {
        return Err(Error::new(
            "`--latency-limit` counts from when operations are due, which they are only at a rate",
        )
        .hint("add `--rate 500`"));
    }
    let acquire =
        drive.acquire_timeout.iter().map(|text| duration(text)).collect::<Result<Vec<_>>>()?;
    Ok(Axes {
        users,
        worker,
        rates: many(&rates, None),
        latency_limit: drive.latency_limit.as_deref().map(duration).transpose()?,
        sizes: sizes.map(axes::sizes).transpose()?.unwrap_or_default(),
        min_connections: many(&drive.min_connections, 0),
        acquire_timeouts: many(&acquire, Duration::from_secs(30)),
        test_before_acquire: switches(&drive.test_before_acquire),
        max_lifetimes: times(&drive.max_lifetime, Duration::from_secs(30 * 60))?,
        idle_timeouts: times(&drive.idle_timeout, Duration::from_secs(10 * 60))?,
        statement_caches: many(&drive.statement_cache, 100),
        prepared: switches(&drive.prepared),
        profiles: like,
        bouncers: drive
            .pgbouncer
            .iter()
            .map(|mode| match mode {
                BouncerArg::Transaction => bouncer::Mode::Transaction,
                BouncerArg::Session => bouncer::Mode::Session,
            })
            .collect(),
        bouncer_sizes: axes::sizes(drive.pgbouncer_pool_size.as_deref().unwrap_or("20"))?,
        statement_timeout,
    })
}

/// `sqlalchemy:pool_size=5,max_overflow=10`
fn profile(text: &str) -> Result<profiles::Translated> {
    let (name, settings) = text.split_once(':').unwrap_or((text, ""));
    let mut written = std::collections::BTreeMap::new();
    for setting in settings.split(',').filter(|setting| !setting.trim().is_empty()) {
        let (key, value) = setting.split_once('=').ok_or_else(|| {
            Error::new(format!("`{setting}` gives no value to a setting of `{name}`"))
                .hint("write --like sqlalchemy:pool_size=5,max_overflow=10")
        })?;
        written.insert(key.trim().to_owned(), value.trim().to_owned());
    }
    Ok(profiles::translate(name, &written)?)
}

fn workload(config: &Config, drive: &Drive, tries: u32) -> Result<Workload> {
    if !drive.script.is_empty() {
        return weighted(scripts(&drive.script, tries)?);
    }
    let Some(name) = &drive.scenario else { return Ok(Workload::Derived) };
    let found = config
        .written(name, tries)
        .or_else(|| builtin::scenario(name, tries).map(|found| found.map_err(Error::from)));
    match found {
        Some(scenario) => weighted(scenario?),
        None => {
            let own = config.scenario.keys().map(String::as_str);
            let known: Vec<&str> =
                own.chain(SCENARIOS.iter().map(|builtin| builtin.name)).collect();
            Err(Error::new(format!("there is no scenario `{name}`")).hint(format!(
                "known are {}; without `--scenario` one is derived from the catalog",
                known.join(", ")
            )))
        }
    }
}

/// A scenario of which something is done.
fn weighted(scenario: Scenario) -> Result<Workload> {
    let all: u64 = scenario.operations.iter().map(|one| u64::from(one.weight)).sum();
    if all == 0 || u32::try_from(all).is_err() {
        return Err(Error::new(format!(
            "the weights of `{}` sum to {all}, by which nothing can be drawn",
            scenario.name
        ))
        .hint("give at least one operation a weight above zero, and none a very large one"));
    }
    Ok(Workload::Given(scenario))
}

/// Scripts in files, each an operation that is named after its file.
fn scripts(given: &[String], tries: u32) -> Result<Scenario> {
    let one = |text: &String| -> Result<Operation> {
        // A file may have an `@` in its name.
        let (file, weight) = if Path::new(text).is_file() {
            (text.as_str(), 1)
        } else {
            script::split_weight(text)?
        };
        let path = Path::new(file);
        let name = path
            .file_stem()
            .map_or_else(|| file.to_owned(), |stem| stem.to_string_lossy().into_owned());
        Ok(script::read(&name, weight, tries, file, &config::read_script(path)?)?)
    };
    let operations: Vec<Operation> = given.iter().map(one).collect::<Result<_>>()?;
    let names: Vec<&str> = operations.iter().map(|operation| operation.name.as_str()).collect();
    Ok(Scenario { name: names.join(", "), origin: "given as scripts".to_owned(), operations })
}

/// `2/4`
fn worker(text: &str) -> Result<Worker> {
    let parts = text
        .split_once('/')
        .and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    match parts {
        Some((number, of)) if (1..=of).contains(&number) => Ok(Worker { number, of }),
        _ => Err(Error::new(format!("`{text}` is no worker of several"))
            .hint("write --worker 1/4 to --worker 4/4")),
    }
}

fn shared(worker: Option<Worker>, operations: u64) -> u64 {
    let all = usize::try_from(operations).unwrap_or(usize::MAX);
    worker.map_or(operations, |worker| worker.share(all) as u64)
}

fn or(text: Option<&str>, default: Duration) -> Result<Duration> {
    text.map_or(Ok(default), duration)
}

fn or_none(text: &str) -> Result<Option<Duration>> {
    if text.trim() == "none" { Ok(None) } else { duration(text).map(Some) }
}

fn at_least_a_second(text: Option<&str>, default: Duration) -> Result<Duration> {
    let time = or(text, default)?;
    if time < Duration::from_secs(1) {
        return Err(Error::new(format!("nothing can be told of a measurement of {time:?}"))
            .hint("give `--time 10s` or longer"));
    }
    Ok(time)
}

/// A time as people write it: `30s`, `5m`, `100ms`, `0s`.
pub(super) fn duration(text: &str) -> Result<Duration> {
    let wrong =
        || Error::new(format!("`{text}` is no time")).hint("write it as 500ms, 30s, 5m or 1h30m");
    let time: SignedDuration = text.parse().map_err(|_| wrong())?;
    Duration::try_from(time).map_err(|_| wrong())
}
