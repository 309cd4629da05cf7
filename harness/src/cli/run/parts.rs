//! The parts of a run, each as its own command does it, in less time. What hinders one is told of it
//! and keeps no other from running.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use shakedown::database::Databases;
use shakedown::error::{Error, Result};
use shakedown::invariants::check;
use shakedown::invariants::report::Subject;
use shakedown::load::{self, Target};
use shakedown::server::Server;
use shakedown::whole::{self, LEAST};
use shakedown::{gate, index, run, verify};
use shakedown_reports::Report;
use shakedown_reports::index::Standing;
use shakedown_reports::model::Verdict;
use shakedown_scenarios::engine::End;

use super::asked::{Asked, SIZES};
use super::{Job, STOPPED};
use crate::cli::live::Live;
use crate::cli::progress::Progress;
use crate::cli::signals::Signals;
use crate::cli::{gate as gates, index as indexes, on_server, output};

/// Whether all migrations could be applied.
pub(super) fn applies(report: &Report) -> bool {
    let reached = |verdict: &Verdict| !matches!(verdict, Verdict::NotReached);
    let fails = report.findings.iter().any(|finding| finding.rule == "up-fails");
    !fails && report.migrations.iter().all(|migration| reached(&migration.verdict))
}

pub(super) async fn verify(
    job: &mut Job<'_>,
    asked: &Asked,
    server: &Server,
    signals: &mut Signals,
) {
    let begun = Instant::now();
    let progress = Progress::start("reading the catalog");
    let mut show = |event: verify::Event<'_>| progress.show(&event);
    let project = job.project;
    let work = async |databases: &mut Databases<'_>| {
        run::verify(project, server, databases, &asked.verify, &mut show).await
    };
    let done = on_server::with_databases(server, interrupted(&job.stopped, signals), work).await;
    progress.end();
    keep(job, "verify", begun, done.map(|(report, _)| report), Vec::new());
}

pub(super) async fn invariants(
    job: &mut Job<'_>,
    asked: &Asked,
    server: &Server,
    time: Duration,
    signals: &mut Signals,
) {
    let begun = Instant::now();
    let time = time.max(Duration::from_secs(2));
    let options = check::Options { time: Some(time), ..asked.invariants.options.clone() };
    let asked = run::Asked { options, ..asked.invariants.clone() };
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
}

pub(super) async fn pool(
    job: &mut Job<'_>,
    asked: &Asked,
    server: &Server,
    time: Duration,
    signals: &mut Signals,
) {
    if skipped(job, "pool", time, false) {
        return;
    }
    let begun = Instant::now();
    let each = whole::of_each_size(time, SIZES);
    let mut left_out = asked.notes.clone();
    left_out.push(format!(
        "each size was measured for {}, in one round; `shakedown pool` takes more",
        seconds(each)
    ));
    let mut load = load::Asked { end: End::Time(each), ..asked.pool.clone() };
    left_out.extend(fit_rows(job, asked, &mut load));
    let target = Target::Subject(Subject::Project(job.project.clone()));
    let stop = job.stop.subscribe();
    let work = async |databases: &mut Databases<'_>, live: &mut Live| {
        let mut show = |event: load::Event<'_>| live.show(&event);
        run::load(&target, server, databases, &load, stop, &mut show).await
    };
    let done = on_server::live(server, given_up(job, signals), work).await;
    keep(job, "pool", begun, done, left_out);
}

pub(super) async fn index(
    job: &mut Job<'_>,
    asked: &Asked,
    server: &Server,
    time: Duration,
    signals: &mut Signals,
) {
    if skipped(job, "index", time, false) {
        return;
    }
    let begun = Instant::now();
    let mut strategies = index::Asked { budget: whole::of_strategies(time), ..asked.index.clone() };
    let mut left_out = asked.notes.clone();
    left_out.extend(fit_rows(job, asked, &mut strategies.load));
    let target = Target::Subject(Subject::Project(job.project.clone()));
    let stop = job.stop.subscribe();
    let work = async |databases: &mut Databases<'_>, live: &mut Live| {
        let mut show = |event: index::Event<'_>| indexes::show(live, &event);
        run::indexes(&target, server, databases, &strategies, stop, &mut show).await
    };
    let done = on_server::live(server, given_up(job, signals), work).await;
    let late = done.as_ref().ok().and_then(|report| report.indexes.as_ref()).map(|indexes| {
        let late = indexes.strategies.iter().filter(|one| {
            // What is kept back on purpose has a reason of its own.
            one.keep.is_none() && matches!(one.standing, Standing::NotMeasured { .. })
        });
        late.count()
    });
    if let Some(count) = late.filter(|count| *count > 0 && !job.stopped.get()) {
        left_out.push(format!(
            "{count} strategies were not measured in {}; `shakedown index` takes more",
            seconds(strategies.budget)
        ));
    }
    keep(job, "index", begun, done, left_out);
}

pub(super) async fn gate(
    job: &mut Job<'_>,
    asked: &Result<gate::Asked>,
    server: &Server,
    signals: &mut Signals,
) {
    let (begun, time) = (Instant::now(), job.left());
    let asked = match asked {
        Ok(asked) => gate::Asked { budget: whole::of_strategies(time), ..asked.clone() },
        Err(error) => return job.whole.missing("gate", None, error.whole()),
    };
    if skipped(job, "gate", time, true) {
        return;
    }
    let (project, stop) = (job.project, job.stop.subscribe());
    let work = async |databases: &mut Databases<'_>, live: &mut Live| {
        let mut show = |event: gate::Event<'_>| gates::show(live, &event);
        run::gates(project, server, databases, &asked, stop, &mut show).await
    };
    let done = on_server::live(server, given_up(job, signals), work).await;
    keep(job, "gate", begun, done, Vec::new());
}

/// Ends with the error that says so when the program is asked to stop.
async fn interrupted(stopped: &Cell<bool>, signals: &mut Signals) -> Error {
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
fn keep(job: &mut Job<'_>, name: &str, begun: Instant, done: Result<Report>, left: Vec<String>) {
    match done {
        Ok(report) => job.whole.add(name, begun, report, left, job.stopped.get()),
        Err(error) => job.whole.missing(name, Some(begun), error.whole()),
    }
}

/// Whether a part is not to be begun; then it is said why. `asked`: whether the user asks for it.
fn skipped(job: &mut Job<'_>, name: &str, time: Duration, asked: bool) -> bool {
    if job.stopped.get() {
        job.missing(&[name], STOPPED);
    } else if time < LEAST {
        job.whole.no_time(name, time, asked);
    } else {
        return false;
    }
    true
}

/// Chooses the rows of each table by how many there are, if nobody said how many it gets.
fn fit_rows(job: &Job<'_>, asked: &Asked, load: &mut load::Asked) -> Option<String> {
    let promises = job.whole.of("invariants").and_then(|report| report.invariants.as_ref())?;
    let tables: BTreeSet<&str> =
        promises.promises.iter().map(|promise| promise.table.as_str()).collect();
    let rows = whole::rows(tables.len());
    if !asked.any_rows || rows >= load.rows {
        return None;
    }
    load.rows = rows;
    let tables = tables.len();
    Some(format!("each of {tables} tables has {rows} rows; `rows` under [load] sets them"))
}

fn seconds(time: Duration) -> String {
    format!("{:.0} s", time.as_secs_f64())
}
