//! One run from its first connection to its cell.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use goose::metrics::GooseMetrics;
use shakedown_reports::load::{Cell, Client, PoolMeasured, ServerMeasured, Setup};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use super::compiled::compile;
use super::recorder::Recorder;
use super::schedule::{Arrivals, Mix};
use super::user::{Shared, Source};
use super::{Connections, End, Pace, Plan, Progress, Storm, Watch, drive};
use crate::error::{Error, Result};
use crate::observe::{self, Observer};
use crate::pool::Pool;

/// How long users may take to connect, all of them.
const CONNECTING: Duration = Duration::from_secs(60);
/// How long goose needs, once all users are there, to forget what it counted until then.
const SETTLING: Duration = Duration::from_millis(200);
/// How long closing the connections of a pool may take.
const CLOSING: Duration = Duration::from_secs(5);
/// How often is looked whether something has to be done.
const TICK: Duration = Duration::from_millis(20);

/// Runs one cell to its end.
///
/// `Err` if it could not be run at all: a script is wrong, a table without keys, no connection.
/// Operations that fail are counted in the cell. Goose keeps its state in the process, so that
/// a run waits until no other is under way there.
pub async fn run(plan: &Plan, watch: Watch) -> Result<Cell> {
    static ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _one = ONE.lock().await;
    silence();
    let options = options(plan);
    let mut connection = options.connect().await.map_err(|error| {
        Error::new("the database under test cannot be connected to").because(error)
    })?;
    // So that the rows of a large table are read from its beginning, in the same order each time.
    let _ = sqlx::raw_sql("SET synchronize_seqscans = off").execute(&mut connection).await;
    let compiled = compile(&mut connection, &plan.scenario, |_| true).await?;
    let mut observer = match &plan.observe {
        Some(options) => Some(Observer::start(options, &database(&mut connection).await?).await?),
        None => None,
    };
    drop(connection);
    let source = match &plan.connections {
        Connections::Own(_) => Source::Own(Box::new(options)),
        Connections::Pool(_, settings) => Source::Pool(Pool::open(options, settings).await?),
    };
    let names: Vec<String> =
        plan.scenario.operations.iter().map(|operation| operation.name.clone()).collect();
    let limit = match plan.pace {
        Pace::Open { limit, .. } => limit,
        Pace::Closed => None,
    };
    let shared = Arc::new(Shared {
        mix: Mix::of(&plan.scenario),
        compiled,
        source,
        recorder: Recorder::new(&names, processors(), limit),
        outages: super::outage::Outages::default(),
        began: OnceLock::new(),
        begin: watch::Sender::new(false),
        arrivals: Arrivals::of(plan).map(Mutex::new),
        due: Semaphore::new(0),
        left: AtomicU64::new(0),
        warming: AtomicU64::new(0),
        measuring: AtomicU64::new(0),
        ready: AtomicU64::new(0),
        waiting: AtomicU64::new(0),
        counted: AtomicU64::new(0),
        last: AtomicU64::new(0),
        over: AtomicBool::new(false),
        fatal: OnceLock::new(),
        plan: plan.clone(),
    });
    let attack = drive::attack(&shared)?;
    let attack = tokio::spawn(attack.execute());
    let cpu = mind(&shared, &watch, observer.as_mut(), || attack.is_finished()).await;
    shared.end();
    shared.begin.send_replace(true);
    drive::stop();
    let goose = finished(attack, patience(plan)).await?;
    let cpu = observe::own_cpu().saturating_sub(cpu);
    let stopped = *watch.stop.borrow();
    let pool = match &shared.source {
        Source::Pool(pool) => {
            let measured = pool.measured(ran(&shared));
            // It waits for connections that it may still be opening, to a server that is away.
            let _ = tokio::time::timeout(CLOSING, pool.close()).await;
            // Of a warm-up nothing is told.
            (!ran(&shared).is_zero()).then_some(measured)
        }
        Source::Own(_) => None,
    };
    // Now that all connections are closed, the server has counted everything.
    let server = match observer {
        Some(observer) => Some(observer.end().await),
        None => None,
    };
    let cell = cell(&shared, stopped, cpu, goose.as_ref(), pool, server);
    if let Some(why) = shared.fatal.get().filter(|_| cell.done() == 0) {
        return Err(Error::new(why.clone())
            .hint("correct the script, or give fewer `--users` where they cannot connect"));
    }
    Ok(cell)
}

/// The database under test. A PgBouncer may know it by another name than its server.
async fn database(connection: &mut PgConnection) -> Result<String> {
    sqlx::query_scalar("SELECT current_database()::text")
        .fetch_one(connection)
        .await
        .map_err(|error| Error::new("the database under test does not answer").because(error))
}

/// The connections of users: with a timeout for their statements, and without a line in the log
/// for each of them.
fn options(plan: &Plan) -> PgConnectOptions {
    let (Connections::Own(options) | Connections::Pool(options, _)) = &plan.connections;
    let options = options.clone().disable_statement_logging();
    if plan.bouncer.is_some() {
        return options;
    }
    let timeout = plan.statement_timeout.as_millis().to_string();
    options.options([("statement_timeout", &timeout), ("lock_timeout", &timeout)])
}

/// Waits for the users, lets them begin, and minds the clock until the run is over. Returns this
/// program's processor time when the measurement began. Users that are `gone` before they were
/// ready are not waited for.
async fn mind(
    shared: &Arc<Shared>,
    watch: &Watch,
    mut observer: Option<&mut Observer>,
    gone: impl Fn() -> bool,
) -> Duration {
    let plan = &shared.plan;
    let waiting = Instant::now();
    while shared.ready.load(Ordering::Relaxed) < plan.users as u64 {
        let late = waiting.elapsed() > CONNECTING;
        if late {
            let _ = shared.fatal.set("the users did not come by their connections".to_owned());
        }
        if shared.is_over() || late || gone() || *watch.stop.borrow() {
            return observe::own_cpu();
        }
        tokio::time::sleep(TICK).await;
    }
    tokio::time::sleep(SETTLING).await;
    let mut measuring = plan.warmup.is_zero();
    let mut cpu = if measuring {
        // Whatever the users do counts, from their first statement.
        begin(shared, observer.as_deref_mut()).await
    } else {
        observe::own_cpu()
    };
    let began = *shared.began.get_or_init(Instant::now);
    let dispatcher = dispatch(shared, began);
    shared.begin.send_replace(true);
    let mut expired = false;
    let (mut shown, mut before) = (Instant::now(), 0);
    let mut stop = watch.stop.clone();
    loop {
        let since = shared.since();
        if !measuring && since >= plan.warmup {
            measuring = true;
            cpu = begin(shared, observer.as_deref_mut()).await;
        }
        if let (Some(Storm::Lifetimes { at }), Source::Pool(pool)) = (plan.storm, &shared.source)
            && !expired
            && since >= plan.warmup + at
        {
            expired = true;
            pool.expire();
        }
        if is_done(shared, since) || shared.is_over() || *stop.borrow() {
            break;
        }
        if shown.elapsed() >= Duration::from_secs(1) {
            let counted = shared.counted.load(Ordering::Relaxed);
            let rate = (counted - before) as f64 / shown.elapsed().as_secs_f64();
            let _ = watch.progress.send(progress(shared, since, rate, measuring));
            (shown, before) = (Instant::now(), counted);
        }
        // The sender may be gone, which means that nobody will ask for an end.
        let asked = tokio::time::timeout(TICK, stop.wait_for(|stop| *stop)).await;
        if matches!(asked, Ok(Err(_))) {
            tokio::time::sleep(TICK).await;
        }
    }
    shared.end();
    if let Some(dispatcher) = dispatcher {
        let _ = tokio::task::spawn_blocking(move || dispatcher.join()).await;
    }
    cpu
}

/// Begins the measurement. Returns this program's processor time until then.
async fn begin(shared: &Shared, observer: Option<&mut Observer>) -> Duration {
    let cpu = observe::own_cpu();
    if let Source::Pool(pool) = &shared.source {
        pool.reset();
    }
    if let Some(observer) = observer {
        observer.begin().await;
    }
    cpu
}

fn is_done(shared: &Shared, since: Duration) -> bool {
    match shared.plan.end {
        End::Time(time) => since >= shared.plan.warmup + time,
        End::Operations(all) => {
            let recorded = shared.recorder.counted();
            recorded >= all
        }
    }
}

/// Tells when operations of an open loop are due, from a thread of its own: the timers of the
/// runtime count in whole milliseconds, a thread sleeps to a tenth of one.
fn dispatch(shared: &Arc<Shared>, began: Instant) -> Option<thread::JoinHandle<()>> {
    let arrivals = Arrivals::of(&shared.plan)?;
    let shared = Arc::clone(shared);
    let tell = move || {
        for turn in arrivals {
            let due = began + turn.due.unwrap_or_default();
            loop {
                let left = due.saturating_duration_since(Instant::now());
                if left.is_zero() || shared.is_over() {
                    break;
                }
                thread::sleep(left.min(TICK));
            }
            if shared.is_over() {
                return;
            }
            shared.due.add_permits(1);
        }
    };
    thread::Builder::new().name("arrivals".to_owned()).spawn(tell).ok()
}

fn progress(shared: &Shared, since: Duration, rate: f64, measuring: bool) -> Progress {
    let (live, failed) = shared.recorder.live();
    let left = match shared.plan.end {
        End::Time(time) => Some((shared.plan.warmup + time).saturating_sub(since)),
        End::Operations(_) => None,
    };
    Progress {
        measuring,
        elapsed: since,
        left,
        rate,
        p50: live.percentile(0.5),
        p99: live.percentile(0.99),
        waiting: shared.waiting.load(Ordering::Relaxed),
        failed,
    }
}

/// How long an operation that is under way may take: waiting for a connection, a statement, what
/// a user thinks, and what goose needs.
fn patience(plan: &Plan) -> Duration {
    let acquire = match &plan.connections {
        Connections::Pool(_, settings) => Duration::from_millis(settings.acquire_timeout_ms),
        Connections::Own(_) => Duration::ZERO,
    };
    plan.statement_timeout + acquire + plan.think + Duration::from_secs(10)
}

/// Waits for the end of the attack. It is asked to end again and again, since goose forgets what
/// it was told before it began.
async fn finished(
    mut attack: JoinHandle<std::result::Result<GooseMetrics, goose::GooseError>>,
    patience: Duration,
) -> Result<Option<GooseMetrics>> {
    let ended = async {
        loop {
            tokio::select! {
                ended = &mut attack => return ended,
                () = tokio::time::sleep(Duration::from_millis(100)) => drive::stop(),
            }
        }
    };
    match tokio::time::timeout(patience, ended).await {
        Ok(Ok(Ok(metrics))) => Ok(Some(metrics)),
        Ok(Ok(Err(error))) => {
            // goose makes an HTTP client for each user, whether it is used or not.
            let mut causes =
                std::iter::successors(std::error::Error::source(&error), |cause| cause.source());
            let uncertified = causes.any(|cause| cause.to_string().contains("CA certificates"));
            let error = Error::new("goose did not run the users").because(error);
            Err(match uncertified {
                true => error.hint("it wants some, though none is used: install ca-certificates"),
                false => error,
            })
        }
        Ok(Err(error)) => Err(Error::new("goose ended in a panic").because(error)),
        Err(_) => {
            // A connection that never answers must not keep the report from being made.
            attack.abort();
            Ok(None)
        }
    }
}

/// From the beginning of the measurement to the end of its last operation.
fn ran(shared: &Shared) -> Duration {
    let last = Duration::from_nanos(shared.last.load(Ordering::Relaxed));
    last.saturating_sub(shared.plan.warmup)
}

fn cell(
    shared: &Shared,
    stopped: bool,
    cpu: Duration,
    goose: Option<&GooseMetrics>,
    pool: Option<PoolMeasured>,
    server: Option<ServerMeasured>,
) -> Cell {
    let plan = &shared.plan;
    let kept = shared.recorder.finish();
    let ran = ran(shared);
    let measured = match plan.end {
        // What was under way when the time was over was waited for, and counts.
        End::Time(time) if !stopped && shared.fatal.get().is_none() => ran.max(time),
        End::Time(_) | End::Operations(_) => ran,
    };
    let own_count = shared.counted.load(Ordering::Relaxed);
    let mut remarks = Vec::new();
    if goose.is_none() {
        remarks.push("some users did not end: their statements hung".to_owned());
    }
    let mut cell = Cell {
        name: plan.name.clone(),
        setup: setup(plan),
        measured_s: measured.as_secs_f64(),
        digest: format!("{:016x}", kept.digest),
        operations: kept.operations,
        seconds: kept.seconds,
        pool,
        client: Client {
            cpu_s: cpu.as_secs_f64(),
            processors: processors(),
            goose_count: goose.map_or(0, drive::counted),
            own_count,
        },
        server,
        outages: shared.outages.finish(),
        remarks,
        ended_early: ended_early(shared, stopped),
    };
    let doubts = [unreached(&cell), unbegun(shared), miscounted(&cell)];
    cell.remarks.extend(doubts.into_iter().flatten());
    cell
}

fn ended_early(shared: &Shared, stopped: bool) -> Option<String> {
    if let Some(why) = shared.fatal.get() {
        return Some(why.clone());
    }
    stopped.then(|| "it was interrupted".to_owned())
}

/// Says that the rate was not reached, and what was.
fn unreached(cell: &Cell) -> Option<String> {
    let wanted = cell.setup.rate?;
    let skipped: u64 = cell.operations.iter().map(|operation| operation.skipped).sum();
    let done = (cell.done() + cell.failed() + skipped) as f64;
    let expected = wanted * cell.measured_s;
    let reached = done / cell.measured_s.max(f64::MIN_POSITIVE);
    // As many as arrive at random differ by the square root of their number.
    let least = expected * 0.95 - 3.0 * expected.sqrt();
    (done < least && cell.setup.storm.is_none()).then(|| {
        format!(
            "the rate of {wanted:.0} operations in a second was not reached: {reached:.0} were; \
             give more `--users`, or a lower `--rate`"
        )
    })
}

/// Says that the histograms lack what would have been the worst of them.
fn unbegun(shared: &Shared) -> Option<String> {
    let left = shared.left.load(Ordering::Relaxed);
    // A few are always on their way.
    (left > shared.plan.users as u64).then(|| {
        format!(
            "{left} operations were due and had not begun at the end; their times are in no percentile"
        )
    })
}

/// Says that goose counted otherwise than we did.
fn miscounted(cell: &Cell) -> Option<String> {
    let Client { goose_count, own_count, .. } = cell.client;
    (goose_count != own_count && goose_count > 0)
        .then(|| format!("goose counted {goose_count} operations and the recorder {own_count}"))
}

fn setup(plan: &Plan) -> Setup {
    let (rate, limit) = match plan.pace {
        Pace::Closed => (None, None),
        Pace::Open { rate, limit, .. } => (Some(rate), limit),
    };
    let (time, operations) = match plan.end {
        End::Time(time) => (Some(time.as_secs_f64()), None),
        End::Operations(operations) => (None, Some(operations)),
    };
    Setup {
        users: plan.users,
        rate,
        latency_limit_ms: limit.map(|limit| limit.as_secs_f64() * 1000.0),
        think_ms: plan.think.as_secs_f64() * 1000.0,
        warmup_s: plan.warmup.as_secs_f64(),
        time_s: time,
        operations,
        prepared: plan.prepared,
        pool: match &plan.connections {
            Connections::Pool(_, settings) => Some(settings.clone()),
            Connections::Own(_) => None,
        },
        profile: plan.profile.clone(),
        bouncer: plan.bouncer.clone(),
        storm: plan.storm.map(|storm| {
            match storm {
                Storm::ColdStart => "cold start",
                Storm::Lifetimes { .. } => "all lifetimes end",
                Storm::Restart { .. } => "server restart",
                Storm::Burst => "burst",
            }
            .to_owned()
        }),
    }
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Keeps goose's own log from the terminal: it would set up one unless there is one.
fn silence() {
    struct Silent;
    impl log::Log for Silent {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            false
        }
        fn log(&self, _: &log::Record<'_>) {}
        fn flush(&self) {}
    }
    // Whoever has a logger keeps it.
    let _ = log::set_logger(&Silent);
}
