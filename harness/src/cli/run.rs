//! `shakedown run`

mod parts;

use std::cell::Cell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use shakedown::error::{Error, Result};
use shakedown::server::{Profile, Request};
use shakedown::source::{self, Project};
use shakedown::whole::{self, Shares, Whole};
use tokio::sync::watch;

use super::args::RunArgs;
use super::config::Config;
use super::signals::Signals;
use super::{Verdict, config, drive, on_server, output};

/// How long all of it may take where nobody says.
const BUDGET: Duration = Duration::from_secs(120);

/// The page that is written where nobody says.
const PAGE: &str = "report.html";

/// Two servers are started, and their data made.
const SERVERS: Duration = Duration::from_secs(10);

/// What all parts have in common.
struct Job<'a> {
    config: &'a Config,
    project: &'a Project,
    folder: &'a PathBuf,
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

    fn gated(&self) -> bool {
        self.config.gate.against.is_some() || !self.config.gate.limits.is_empty()
    }
}

pub(super) async fn run(args: RunArgs, signals: &mut Signals) -> anyhow::Result<Verdict> {
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
    let page = args.out.is_empty();
    let wanted = if page { vec![format!("html={PAGE}")] } else { args.out };
    let outs = output::open(&wanted)?;

    let mut job = Job {
        config: &config,
        project: &project,
        folder: &folder,
        whole: Whole::default(),
        until: Instant::now() + budget.saturating_sub(SERVERS),
        stopped: Cell::new(false),
        stop: watch::Sender::new(false),
    };
    correctness(&mut job, &fast, signals).await?;
    let applies = job.whole.last().is_some_and(parts::applies);
    if applies {
        performance(&mut job, &durable, signals).await?;
    } else {
        let why = "the migrations cannot be applied, so that there is no schema to try it on";
        for part in ["pool", "index"].into_iter().chain(job.gated().then_some("gate")) {
            job.whole.missing(part, Instant::now(), why.to_owned());
        }
    }
    let report = job.whole.report(&project);
    output::report(&report, outs, args.common.color)?;
    if page {
        output::notice(&format!("the page to look at: {PAGE}"));
    }
    Ok(report.outcome.into())
}

/// What is proved of the schema, on a fast server.
async fn correctness(job: &mut Job<'_>, request: &Request, signals: &mut Signals) -> Result<()> {
    let server = on_server::start(request, signals).await?;
    parts::verify(job, &server, signals).await?;
    let Shares { invariants, .. } = whole::shares(job.left(), job.gated());
    parts::invariants(job, &server, invariants, signals).await?;
    server.stop().await
}

/// What is measured of it, on a server with the settings of Postgres.
async fn performance(job: &mut Job<'_>, request: &Request, signals: &mut Signals) -> Result<()> {
    let server = on_server::start(request, signals).await?;
    // What the promises did not need is for the rest.
    let Shares { pool, indexes, gate, .. } = whole::shares(job.left(), job.gated());
    let all = pool + indexes + gate;
    let share = job.left().mul_f64(pool.as_secs_f64() / all.as_secs_f64().max(1e-9));
    parts::pool(job, &server, request, share, signals).await?;
    let share = job.left().saturating_sub(gate);
    parts::index(job, &server, request, share, signals).await?;
    if job.gated() {
        parts::gate(job, &server, request, signals).await?;
    }
    server.stop().await
}
