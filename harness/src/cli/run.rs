//! `shakedown run`

mod asked;
mod parts;

use std::cell::Cell;
use std::time::{Duration, Instant};

use shakedown::error::{Error, Result};
use shakedown::server::{Profile, Request, Server};
use shakedown::source::{self, Project};
use shakedown::whole::{self, Shares, Whole};
use tokio::sync::watch;

use super::args::RunArgs;
use super::signals::Signals;
use super::{Verdict, config, drive, on_server, output};
use asked::Asked;

/// How long all of it may take where nobody says.
const BUDGET: Duration = Duration::from_secs(120);

/// The page that is written where nobody says.
const PAGE: &str = "report.html";

/// Two servers are started, and their data made.
const SERVERS: Duration = Duration::from_secs(10);

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
            self.whole.missing(name, Instant::now(), why.to_owned());
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
    let folder = config.folder(args.folder);
    let format = args.format.or_else(|| config.migrations.format.clone());
    let project = source::load(&folder, format.as_deref())?;
    let asked = asked::asked(&config, &folder, &project, &durable)?;
    let page = args.out.is_empty();
    let wanted = if page { vec![format!("html={PAGE}")] } else { args.out };
    let outs = output::open(&wanted)?;

    let mut job = Job {
        project: &project,
        whole: Whole::default(),
        until: Instant::now() + budget.saturating_sub(SERVERS),
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
        Err(error) => return job.missing(names, &error.whole()),
    };
    // What the promises did not need is for the rest.
    let Shares { pool, indexes, gate, .. } = whole::shares(job.left(), asked.gate.is_some());
    let all = pool + indexes + gate;
    let share = job.left().mul_f64(pool.as_secs_f64() / all.as_secs_f64().max(1e-9));
    parts::pool(job, asked, &server, share, signals).await;
    let share = job.left().saturating_sub(gate);
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
