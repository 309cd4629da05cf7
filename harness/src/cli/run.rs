//! `shakedown run`

mod asked;
mod parts;

use std::cell::Cell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use shakedown::error::{Error, Result};
use shakedown::server::{Profile, Request, Server};
use shakedown::source::{self, Project};
use shakedown::whole::{self, LEAST, Shares, Whole};
use tokio::sync::watch;

use super::args::RunArgs;
use super::config::Config;
use super::init::found::{Candidate, migrations};
use super::signals::Signals;
use super::{Verdict, config, drive, on_server, output};
use asked::Asked;

/// How long all of it may take where nobody says.
const BUDGET: Duration = Duration::from_secs(120);

/// The page that is written where nobody says.
const PAGE: &str = "report.html";

/// The part of the budget that is kept for starting two servers and stopping them, at most.
const SERVERS: Duration = Duration::from_secs(10);
const OF_SERVERS: f64 = 0.1;

/// What is told of parts that nobody waited for.
const STOPPED: &str = "the run was ended early";

/// What all parts have in common.
struct Job<'a> {
    project: &'a Project,
    whole: Whole,
    until: Instant,
    /// Whether somebody asked to stop.
    stopped: Cell<bool>,
    stop: watch::Sender<bool>,
}

impl Job<'_> {
    fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Adds parts that cannot be done for this reason.
    fn missing(&mut self, names: &[&str], why: &str) {
        for name in names {
            self.whole.missing(name, None, why.to_owned());
        }
    }
}

pub(super) async fn run(args: RunArgs, signals: &mut Signals) -> anyhow::Result<Verdict> {
    // Whatever can be wrong with the words of the user is found out before the long part.
    let config = config::load(args.common.config.as_deref())?;
    let budget = args.budget.as_deref().or(config.run.budget.as_deref());
    let budget = budget.map_or(Ok(BUDGET), drive::duration)?;
    if budget.is_zero() {
        return Err(Error::new("nothing can be done in no time").hint("give `--budget 2m`").into());
    }
    let fast = config.request(&args.server, Profile::Fast)?;
    let durable = config.request(&args.server, Profile::Durable)?;
    let folder = match config.known_folder(args.folder) {
        Some(folder) => folder,
        None => found(&config)?,
    };
    let format = args.format.or_else(|| config.migrations.format.clone());
    let project = source::load(&folder, format.as_deref())?;
    let asked = asked::asked(&config, &folder, &project, &durable)?;
    let page = args.out.is_empty();
    let wanted = if page { vec![format!("html={PAGE}")] } else { args.out };
    let outs = output::open(&wanted)?;

    let mut job = Job {
        project: &project,
        whole: Whole::default(),
        until: Instant::now() + budget.saturating_sub(SERVERS.min(budget.mul_f64(OF_SERVERS))),
        stopped: Cell::new(false),
        stop: watch::Sender::new(false),
    };
    correctness(&mut job, &asked, &fast, signals).await?;
    performance(&mut job, &asked, &durable, signals).await;
    let report = job.whole.report(&project);
    output::report(&report, outs, args.common.color)?;
    if page {
        output::notice(&format!("the page to look at: {PAGE}"));
    }
    Ok(report.outcome.into())
}

/// The migrations that are looked for where nobody named a folder.
fn found(config: &Config) -> Result<PathBuf> {
    let home = config.home();
    let (taken, others) = migrations(&home.join("."))?;
    let told = |candidate: &Candidate| format!("`{}`", candidate.folder.display());
    let others: Vec<String> = others.iter().map(told).collect();
    let others = match others.is_empty() {
        true => String::new(),
        false => format!("; there are also {}, which can be named", others.join(", ")),
    };
    output::notice(&format!("taking the migrations of {}{others}", told(&taken)));
    Ok(home.join(taken.folder))
}

/// What is proved of the schema, on a fast server. Without any there is nothing to report.
async fn correctness(
    job: &mut Job<'_>,
    asked: &Asked,
    request: &Request,
    signals: &mut Signals,
) -> Result<()> {
    let server = on_server::start(request, signals).await?;
    parts::verify(job, asked, &server, signals).await;
    let Shares { invariants, .. } = whole::shares(job.left(), asked.gate.is_some());
    match hindrance(job) {
        Some(why) => job.missing(&["invariants"], why),
        None => parts::invariants(job, asked, &server, invariants, signals).await,
    }
    stop(server).await;
    Ok(())
}

/// What is measured of it, on a server with the settings of Postgres.
async fn performance(job: &mut Job<'_>, asked: &Asked, request: &Request, signals: &mut Signals) {
    let names = ["pool", "index", "gate"];
    let names = if asked.gate.is_some() { &names[..] } else { &names[..2] };
    if let Some(why) = hindrance(job) {
        return job.missing(names, why);
    }
    let server = match on_server::start(request, signals).await {
        Ok(server) => server,
        Err(_) if signals.stopped() => return job.missing(names, STOPPED),
        Err(error) => return job.missing(names, &error.whole()),
    };
    // What the promises did not need is for the rest. What is asked for gets its time first, and
    // where it does not suffice for all, the earlier parts get what they need.
    let Shares { pool, indexes, gate, .. } = whole::shares(job.left(), asked.gate.is_some());
    let gate = if asked.gate.is_some() { gate.max(LEAST) } else { gate };
    let left = |job: &Job<'_>| job.left().saturating_sub(gate);
    let part = pool.as_secs_f64() / (pool + indexes).as_secs_f64().max(1e-9);
    let share = left(job).mul_f64(part).max(LEAST).min(left(job));
    parts::pool(job, asked, &server, share, signals).await;
    let share = left(job);
    parts::index(job, asked, &server, share, signals).await;
    if let Some(gate) = &asked.gate {
        parts::gate(job, gate, &server, signals).await;
    }
    stop(server).await;
}

/// What was found is worth more than a tidy end; the next start clears what is left.
async fn stop(server: Server) {
    if let Err(error) = server.stop().await {
        output::notice(&format!("a server may be left behind: {}", error.whole()));
    }
}

/// Why there is nothing to do the other parts on, if so.
fn hindrance(job: &Job<'_>) -> Option<&'static str> {
    if job.stopped.get() {
        return Some(STOPPED);
    }
    let applies = job.whole.of("verify").is_none_or(parts::applies);
    (!applies)
        .then_some("the migrations cannot be applied, so that there is no schema to try it on")
}
