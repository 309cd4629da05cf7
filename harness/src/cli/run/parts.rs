//! The parts of a run, each as its own command does it, in less time.

use std::time::{Duration, Instant};

use clap::Parser;
use shakedown::database::Databases;
use shakedown::error::{Error, Result};
use shakedown::invariants::check;
use shakedown::invariants::report::{Judgement, Subject};
use shakedown::load::{Target, Workload, queries};
use shakedown::server::{Request, Server};
use shakedown::whole::{self, LEAST};
use shakedown::{gate, index, run, verify};
use shakedown_reports::Report;
use shakedown_reports::model::Verdict;

use super::Job;
use crate::cli::args::{Deny, Drive, GateArgs};
use crate::cli::drive::{self, Defaults};
use crate::cli::live::Live;
use crate::cli::progress::Progress;
use crate::cli::signals::Signals;
use crate::cli::verify::known_rule;
use crate::cli::{gate as gates, index as indexes, on_server, output};

/// The sizes of a pool that are tried, and the users who share it.
const SIZES: &str = "2,4,8,16";
const HOW_MANY: u32 = 4;
const USERS: usize = 16;

/// Whether all migrations could be applied.
pub(super) fn applies(report: &Report) -> bool {
    let reached = |verdict: &Verdict| !matches!(verdict, Verdict::NotReached);
    let fails = report.findings.iter().any(|finding| finding.rule == "up-fails");
    !fails && report.migrations.iter().all(|migration| reached(&migration.verdict))
}

/// Ends with the error that says so when the program is asked to stop.
async fn interrupted(stopped: &std::cell::Cell<bool>, signals: &mut Signals) -> Error {
    let error = signals.interrupted().await;
    stopped.set(true);
    error
}

/// The first Ctrl-C ends the run early, with its report; the second gives this part up.
async fn given_up(job: &Job<'_>, signals: &mut Signals) -> Error {
    signals.interrupted().await;
    job.stopped.set(true);
    output::notice("ending early; what was found is reported");
    let _ = job.stop.send(true);
    signals.interrupted().await
}

/// Adds what came of a part.
fn keep(
    job: &mut Job<'_>,
    name: &str,
    begun: Instant,
    done: Result<Report>,
    left_out: Vec<String>,
) {
    match done {
        Ok(report) => job.whole.add(name, begun, report, left_out),
        Err(error) => job.whole.missing(name, begun, error.whole()),
    }
}

/// Whether a part is not to be begun; then it is said why.
fn skipped(job: &mut Job<'_>, name: &str, time: Option<Duration>) -> bool {
    if job.stopped.get() {
        job.whole.missing(name, Instant::now(), "the run was ended early".to_owned());
        return true;
    }
    if time.is_some_and(|time| time < LEAST) {
        job.whole.no_time(name);
        return true;
    }
    false
}

pub(super) async fn verify(
    job: &mut Job<'_>,
    server: &Server,
    signals: &mut Signals,
) -> Result<()> {
    let begun = Instant::now();
    let allow = job.config.verify.allow.iter().cloned().map(known_rule);
    let options = verify::Options {
        allow: allow.collect::<Result<_>>()?,
        irreversible: job.config.irreversible()?,
        ..verify::Options::default()
    };
    let progress = Progress::start("reading the catalog");
    let mut show = |event: verify::Event<'_>| progress.show(&event);
    let project = job.project;
    let work = async |databases: &mut Databases<'_>| {
        run::verify(project, server, databases, &options, &mut show).await
    };
    let done = on_server::with_databases(server, interrupted(&job.stopped, signals), work).await;
    progress.end();
    keep(job, "verify", begun, done.map(|(report, _)| report), Vec::new());
    Ok(())
}

pub(super) async fn invariants(
    job: &mut Job<'_>,
    server: &Server,
    time: Duration,
    signals: &mut Signals,
) -> Result<()> {
    let begun = Instant::now();
    if job.whole.last().is_some_and(|report| !applies(report)) {
        let why =
            "the migrations cannot be applied, so that there is no schema that promises anything";
        job.whole.missing("invariants", begun, why.to_owned());
        return Ok(());
    }
    if skipped(job, "invariants", None) {
        return Ok(());
    }
    let config = job.config;
    let usual = check::Options::default();
    // A run is to end in its budget, so that this may not have the time that it needs.
    let asked = run::Asked {
        options: check::Options {
            cases: config.invariants.cases.unwrap_or(usual.cases),
            time: Some(time.max(Duration::from_secs(2))),
            seed: rand::random::<u32>().into(),
            soft_deletes: config.soft_deletes()?,
            irreversible: config.irreversible()?,
            ..usual
        },
        suite: None,
        judgement: Judgement {
            allow: config.allowed()?,
            deny_risk: config.invariants.deny.contains(&Deny::Risk),
            whole: true,
        },
        make_suite: false,
    };
    let progress = Progress::start("making the schema");
    let mut show = |event: check::Event<'_>| progress.show_promises(event);
    let subject = Subject::Project(job.project.clone());
    let work = async |databases: &mut Databases<'_>| {
        run::invariants(&subject, server, databases, &asked, &mut show).await
    };
    let done = on_server::with_databases(server, interrupted(&job.stopped, signals), work).await;
    progress.end();
    let report = done.map(|tested| tested.report);
    let late = report.as_ref().ok().and_then(|report| report.invariants.as_ref());
    let late = late.map_or(0, |invariants| invariants.not_reached.len());
    let left_out = (late > 0)
        .then(|| format!("{late} promises or tables were not reached in {}", seconds(time)));
    keep(job, "invariants", begun, report, left_out.into_iter().collect());
    Ok(())
}

pub(super) async fn pool(
    job: &mut Job<'_>,
    server: &Server,
    request: &Request,
    time: Duration,
    signals: &mut Signals,
) -> Result<()> {
    if skipped(job, "pool", Some(time)) {
        return Ok(());
    }
    let begun = Instant::now();
    let each = whole::of_each_size(time, HOW_MANY);
    let defaults = Defaults {
        users: USERS,
        time: each,
        warmup: Duration::from_millis(500),
        rounds: 1,
        sizes: Some(SIZES),
        advise: true,
    };
    let config = job.config;
    let wanted = config.pool.clone().or(config.load.clone());
    // How long is said by the budget.
    let wanted = Drive { time: None, operations: None, warmup: None, rounds: None, ..wanted };
    let asked = asked(job, &wanted, request, defaults)?;
    let mut left_out = vec![format!(
        "each size was measured for {}, in one round; `shakedown pool` takes more",
        seconds(each)
    )];
    left_out.extend(fewer_rows(asked.rows));
    let mut live = Live::start();
    let mut show = |event: shakedown::load::Event<'_>| live.show(&event);
    let target = Target::Subject(Subject::Project(job.project.clone()));
    let stop = job.stop.subscribe();
    let work = async |databases: &mut Databases<'_>| {
        run::load(&target, server, databases, &asked, stop, &mut show).await
    };
    let done = on_server::with_databases(server, given_up(job, signals), work).await;
    live.end();
    keep(job, "pool", begun, done, left_out);
    Ok(())
}

pub(super) async fn index(
    job: &mut Job<'_>,
    server: &Server,
    request: &Request,
    time: Duration,
    signals: &mut Signals,
) -> Result<()> {
    if skipped(job, "index", Some(time)) {
        return Ok(());
    }
    let begun = Instant::now();
    let load = asked(job, &job.config.load.clone(), request, super::super::load::LOAD)?;
    let mut left_out: Vec<String> = fewer_rows(load.rows).into_iter().collect();
    let asked = index::Asked {
        load,
        given: indexes::strategies(job.config, &[])?,
        propose: false,
        drop_unused: false,
        budget: whole::of_strategies(time),
        timed: true,
    };
    let mut live = Live::start();
    let mut show = |event: index::Event<'_>| match event {
        index::Event::Load(event) => live.show(&event),
        other => live.say(&indexes::told(&other)),
    };
    let target = Target::Subject(Subject::Project(job.project.clone()));
    let stop = job.stop.subscribe();
    let work = async |databases: &mut Databases<'_>| {
        run::indexes(&target, server, databases, &asked, stop, &mut show).await
    };
    let done = on_server::with_databases(server, given_up(job, signals), work).await;
    live.end();
    let unmeasured = done.as_ref().ok().and_then(|report| report.indexes.as_ref()).map(|indexes| {
        use shakedown_reports::index::Standing;
        let late = |standing: &Standing| {
            matches!(standing, Standing::NotMeasured { reason } if reason.contains("time"))
        };
        indexes.strategies.iter().filter(|one| late(&one.standing)).count()
    });
    if let Some(count) = unmeasured.filter(|count| *count > 0) {
        left_out.push(format!(
            "{count} strategies were not measured in {}; `shakedown index` takes more",
            seconds(asked.budget)
        ));
    }
    keep(job, "index", begun, done, left_out);
    Ok(())
}

pub(super) async fn gate(
    job: &mut Job<'_>,
    server: &Server,
    request: &Request,
    signals: &mut Signals,
) -> Result<()> {
    let time = job.left();
    let begun = Instant::now();
    // As if nobody had given a flag.
    let none = GateArgs::parse_from(["gate"]);
    let asked = match gates::asked(&none, job.config, job.folder, job.project, request) {
        Ok(asked) => gate::Asked { budget: whole::of_strategies(time), ..asked },
        Err(error) => {
            job.whole.missing("gate", begun, error.whole());
            return Ok(());
        }
    };
    if skipped(job, "gate", Some(time)) {
        return Ok(());
    }
    let mut live = Live::start();
    let mut show = |event: gate::Event<'_>| match event {
        gate::Event::Load(event) => live.show(&event),
        other => live.say(&gates::told(&other)),
    };
    let (project, stop) = (job.project, job.stop.subscribe());
    let work = async |databases: &mut Databases<'_>| {
        run::gates(project, server, databases, &asked, stop, &mut show).await
    };
    let done = on_server::with_databases(server, given_up(job, signals), work).await;
    live.end();
    keep(job, "gate", begun, done, Vec::new());
    Ok(())
}

/// What is driven: the scenario of the configuration, else the queries of the application, else
/// what the catalog suggests.
fn asked(
    job: &Job<'_>,
    wanted: &Drive,
    request: &Request,
    defaults: Defaults,
) -> Result<shakedown::load::Asked> {
    let invariants = job.whole.last().and_then(|report| report.invariants.as_ref());
    let tables = invariants.map_or(0, |invariants| {
        let names: std::collections::BTreeSet<&str> =
            invariants.promises.iter().map(|promise| promise.table.as_str()).collect();
        names.len()
    });
    let wanted = Drive { rows: wanted.rows.or(Some(whole::rows(tables))), ..wanted.clone() };
    let mut asked = drive::asked(job.config, &wanted, request, defaults)?;
    let folder = job.config.home().join(".sqlx");
    if matches!(asked.workload, Workload::Derived) && folder.is_dir() {
        let queries = queries::of_path(&folder)?;
        if !queries.is_empty() {
            let origin = format!("the queries of {}", folder.display());
            asked.workload = Workload::Queries { queries, origin, left_out: Vec::new() };
        }
    }
    Ok(asked)
}

fn fewer_rows(rows: u64) -> Option<String> {
    (rows < whole::rows(0)).then(|| {
        format!("each table has {rows} rows, since there are many; `rows` under [load] sets them")
    })
}

fn seconds(time: Duration) -> String {
    format!("{:.0} s", time.as_secs_f64())
}
