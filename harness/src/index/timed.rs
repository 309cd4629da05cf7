//! Times of a strategy beside those of the schema as it is: two clones, in turns, in short slices.
//!
//! On a machine that others use too, one run after the other says more of the others than of the
//! strategy. So each slice of one is paired with one of the other that does the same operations
//! with the same arguments, four slices make a quad (ABBA, then BAAB, so that neither is always
//! the first), and what is told is the median of the quads with its interval.

use std::time::{Duration, Instant};

use shakedown_reports::index::Timed;
use shakedown_reports::stats::{Interval, median, median_interval};
use shakedown_scenarios::engine::Session;

use super::Proposal;
use super::build::build;
use super::count::Cost;
use super::search::Base;
use super::stage::Stage;
use crate::database::Databases;
use crate::error::Result;

/// About how long a slice lasts: shorter ones measure who went first.
const SLICE: Duration = Duration::from_millis(100);

/// The most repetitions of an operation in a slice.
const MOST: u64 = 50;

/// Each operation of a scenario has so many numbers of its own, from which its arguments follow.
const NUMBERS: u64 = 1 << 32;

/// Those before are for finding out how long it takes.
const FIRST: u64 = 10;

/// The sums of a slice, in seconds: medians of the operations by their share.
#[derive(Debug, Clone, Default)]
struct Slice {
    reads: f64,
    writes: f64,
    /// What an operation failed with that did not while it was counted.
    failure: Option<String>,
}

/// Measures for about this long. No times if that does not suffice for an interval; `Ok(Err(..))`
/// says why there can be none.
pub(super) async fn timed(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    base: &Base,
    set: &[&Proposal],
    time: Duration,
) -> Result<std::result::Result<Option<Timed>, String>> {
    let as_is = databases.create(Some(&stage.seeded)).await?;
    let changed = databases.create(Some(&stage.seeded)).await?;
    let mut connection = databases.connect(&changed).await?;
    let statements: Vec<String> = set.iter().flat_map(|one| one.create.iter().cloned()).collect();
    let touched = base.touched();
    let built = build(&mut connection, &statements, &touched, stage.left().max(time)).await?;
    drop(connection);
    let timed = match built {
        Ok(_) => {
            let mut pair = [open(stage, &as_is).await?, open(stage, &changed).await?];
            let timed = quads(stage, base, set, &mut pair, time).await?;
            for session in pair {
                session.close().await;
            }
            timed
        }
        Err(message) => Err(message),
    };
    databases.drop(&as_is).await?;
    databases.drop(&changed).await?;
    Ok(timed)
}

async fn open(stage: &Stage<'_>, database: &str) -> Result<Session> {
    let load = &stage.asked.load;
    let timeout = load.statement_timeout.as_millis().to_string();
    let options = stage
        .server
        .options(database)?
        .options([("statement_timeout", timeout.as_str()), ("lock_timeout", &timeout)]);
    Ok(Session::open(&options, &stage.scenario, |_| true, load.seed, load.scale.into(), true)
        .await?)
}

/// An operation that a strategy may change, and how often it is done in a slice.
struct Part {
    operation: usize,
    /// Whether it failed as the schema is, too.
    fails: bool,
    share: f64,
    writes: bool,
    times: u64,
}

async fn quads(
    stage: &Stage<'_>,
    base: &Base,
    set: &[&Proposal],
    pair: &mut [Session; 2],
    time: Duration,
) -> Result<std::result::Result<Option<Timed>, String>> {
    let (mut parts, rest) = parts(stage, base, set, pair).await?;
    if parts.is_empty() {
        return Ok(Ok(None));
    }
    let each: f64 = parts.iter().map(|(_, seconds)| seconds).sum();
    let times = ((SLICE.as_secs_f64() / each.max(1e-6)) as u64).clamp(1, MOST);
    let parts: Vec<Part> = parts.drain(..).map(|(part, _)| Part { times, ..part }).collect();
    let until = Instant::now() + time;
    let mut number = FIRST;
    let (mut all, mut reads, mut writes) = (Vec::new(), Vec::new(), Vec::new());
    for quad in 0.. {
        if Instant::now() >= until || stage.stopped() {
            break;
        }
        let order = if quad % 2 == 0 { [0, 1, 1, 0] } else { [1, 0, 0, 1] };
        let mut sums = [Slice::default(), Slice::default()];
        for (turn, side) in order.into_iter().enumerate() {
            // Both sides do the same in the first half of a quad, and in the second.
            let from = number + (turn as u64 / 2) * times;
            let slice = slice(&mut pair[side], &parts, from).await?;
            // What fails is fast, and no gain.
            if let Some(failure) = slice.failure {
                return Ok(Err(failure));
            }
            sums[side].reads += slice.reads / 2.0;
            sums[side].writes += slice.writes / 2.0;
        }
        number += 2 * times;
        let [before, after] = sums;
        all.push(ratio(
            before.reads + before.writes + rest.0 + rest.1,
            after.reads + after.writes + rest.0 + rest.1,
        ));
        reads.push(ratio(before.reads + rest.0, after.reads + rest.0));
        writes.push(ratio(before.writes + rest.1, after.writes + rest.1));
    }
    Ok(Ok(told(&all).map(|all| Timed { all, reads: told(&reads), writes: told(&writes) })))
}

/// The operations that have to do with the tables of a set, with their times in seconds as the
/// schema is; and the sums of the reads and writes that do not, which take as long as before.
async fn parts(
    stage: &Stage<'_>,
    base: &Base,
    set: &[&Proposal],
    pair: &mut [Session; 2],
) -> Result<(Vec<(Part, f64)>, (f64, f64))> {
    let tables: Vec<String> =
        set.iter().flat_map(|one| &one.tables).map(ToString::to_string).collect();
    let concerns = |cost: &Cost| {
        tables.is_empty() || tables.iter().any(|table| cost.touched.any.contains(table))
    };
    let (mut parts, mut rest) = (Vec::new(), (0.0, 0.0));
    for (operation, cost) in base.costs.iter().enumerate() {
        let share = stage.share(operation);
        if share == 0.0 {
            continue;
        }
        let writes = base.samples[operation].writes;
        let mut seconds = Vec::new();
        let first = operation as u64 * NUMBERS;
        for number in first..first + 3 {
            let [as_is, changed] = &mut *pair;
            seconds.push(as_is.perform(operation, number).await?.time.as_secs_f64());
            changed.perform(operation, number).await?;
        }
        seconds.sort_by(f64::total_cmp);
        let seconds = median(&seconds).unwrap_or(0.0);
        if concerns(cost) {
            let fails = cost.counted.failed > 0;
            parts.push((Part { operation, fails, share, writes, times: 1 }, seconds));
        } else if writes {
            rest.1 += share * seconds;
        } else {
            rest.0 += share * seconds;
        }
    }
    Ok((parts, rest))
}

async fn slice(session: &mut Session, parts: &[Part], from: u64) -> Result<Slice> {
    let mut slice = Slice::default();
    for part in parts {
        let mut seconds = Vec::new();
        let from = part.operation as u64 * NUMBERS + from;
        for number in from..from + part.times {
            let done = session.perform(part.operation, number).await?;
            seconds.push(done.time.as_secs_f64());
            slice.failure = slice.failure.or(done.failure.filter(|_| !part.fails));
        }
        seconds.sort_by(f64::total_cmp);
        let sum = if part.writes { &mut slice.writes } else { &mut slice.reads };
        *sum += part.share * median(&seconds).unwrap_or(0.0);
    }
    Ok(slice)
}

fn ratio(before: f64, after: f64) -> f64 {
    if before > 0.0 { (after / before).ln() } else { f64::NAN }
}

/// The interval of ratios, from their logarithms.
fn told(logarithms: &[f64]) -> Option<Interval> {
    let Interval { low, median, high, of } = median_interval(logarithms)?;
    Some(Interval { low: low.exp(), median: median.exp(), high: high.exp(), of })
}
