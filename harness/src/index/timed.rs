//! Times of a strategy beside those of the schema as it is: two clones, in turns, in short slices.
//! What is told is the median of the turns with its interval.

use std::time::{Duration, Instant};

use shakedown_reports::index::Timed;
use shakedown_reports::stats::{Interval, median_interval};
use shakedown_scenarios::engine::Session;

use super::Proposal;
use super::build::build;
use super::search::Base;
use super::stage::Stage;
use crate::database::Databases;
use crate::error::Result;
use crate::measure::count::Cost;
use crate::measure::turns::{self, Part};

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
            let bench = &stage.bench;
            let mut pair =
                [bench.session(&as_is, |_| true).await?, bench.session(&changed, |_| true).await?];
            let timed = turns(stage, base, set, &mut pair, time).await?;
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

/// An operation that a strategy may change.
struct Weighed {
    part: Part,
    share: f64,
    writes: bool,
}

/// What the operations take in one database, in seconds by their share.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    reads: f64,
    writes: f64,
}

impl Sum {
    fn add(&mut self, writes: bool, seconds: f64) {
        *(if writes { &mut self.writes } else { &mut self.reads }) += seconds;
    }
}

async fn turns(
    stage: &Stage<'_>,
    base: &Base,
    set: &[&Proposal],
    pair: &mut [Session; 2],
    time: Duration,
) -> Result<std::result::Result<Option<Timed>, String>> {
    let (weighed, rest) = weighed(stage, base, set, pair).await?;
    if weighed.is_empty() {
        return Ok(Ok(None));
    }
    let mut parts: Vec<Part> = weighed.iter().map(|one| one.part.clone()).collect();
    turns::share_out(&mut parts);
    let until = Instant::now() + time;
    let (mut all, mut reads, mut writes) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0.. {
        if Instant::now() >= until || stage.stopped() {
            break;
        }
        let turn = turns::turn(pair, &mut parts, round).await?;
        // What fails is fast, and no gain.
        if let Some((_, failure)) = turn.failure {
            return Ok(Err(failure));
        }
        let [before, after] = [0, 1].map(|side: usize| {
            let mut sum = rest;
            for (one, seconds) in weighed.iter().zip(&turn.seconds) {
                sum.add(one.writes, one.share * seconds[side]);
            }
            sum
        });
        all.push(ratio(before.reads + before.writes, after.reads + after.writes));
        reads.push(ratio(before.reads, after.reads));
        writes.push(ratio(before.writes, after.writes));
    }
    Ok(Ok(told(&all).map(|all| Timed { all, reads: told(&reads), writes: told(&writes) })))
}

/// The operations that have to do with the tables of a set; and the sum of those that do not, which
/// take as long as before.
async fn weighed(
    stage: &Stage<'_>,
    base: &Base,
    set: &[&Proposal],
    pair: &mut [Session; 2],
) -> Result<(Vec<Weighed>, Sum)> {
    let tables: Vec<String> =
        set.iter().flat_map(|one| &one.tables).map(ToString::to_string).collect();
    let concerns = |cost: &Cost| {
        tables.is_empty() || tables.iter().any(|table| cost.touched.any.contains(table))
    };
    let (mut parts, mut rest) = (Vec::new(), Sum::default());
    for (operation, cost) in base.costs.iter().enumerate() {
        let share = stage.bench.share(operation);
        if share == 0.0 {
            continue;
        }
        let writes = base.samples[operation].writes;
        let part = turns::part(pair, operation, cost.counted.failed > 0).await?;
        if concerns(cost) {
            parts.push(Weighed { part, share, writes });
        } else {
            rest.add(writes, share * part.seconds);
        }
    }
    Ok((parts, rest))
}

fn ratio(before: f64, after: f64) -> f64 {
    if before > 0.0 { (after / before).ln() } else { f64::NAN }
}

/// The interval of ratios, from their logarithms.
fn told(logarithms: &[f64]) -> Option<Interval> {
    let Interval { low, median, high, of } = median_interval(logarithms)?;
    Some(Interval { low: low.exp(), median: median.exp(), high: high.exp(), of })
}
