//! Users who share a pool, on the base with its settings and on the candidate with its own, in
//! turns: what a smaller pool or another `max_lifetime` costs.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use shakedown_reports::gate::{self, Gate, Kind, Verdict};
use shakedown_reports::load::PoolSettings;
use shakedown_reports::stats::median;
use shakedown_scenarios::engine::{Crew, Did};

use super::run::Stage;
use super::{Event, timed};
use crate::database::Databases;
use crate::error::Result;
use crate::load::Setting;

/// About how long a slice lasts.
const SLICE: Duration = Duration::from_millis(150);

/// The fewest turns, the most, and how many operations a user does at most in a slice.
const AT_LEAST: usize = 8;
const MOST: usize = 60;
const EACH: u64 = 500;

/// The pool of a setting; each user has a connection of its own without one.
fn pool(setting: &Setting) -> PoolSettings {
    let own = u32::try_from(setting.users).unwrap_or(u32::MAX);
    setting.pool.clone().unwrap_or_else(|| PoolSettings {
        max_connections: own,
        min_connections: 0,
        ..PoolSettings::default()
    })
}

/// What the gate is on.
const MEASURE: &str = "response with the pool";

/// By so many parts more of the operations may fail on the candidate: a busy machine may time out
/// once.
const FAILING: f64 = 0.01;

/// Measures until it is decided or the time is over.
pub(super) async fn pooled(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    names: [&str; 2],
    settings: [&Setting; 2],
    wanted: &(dyn Fn(usize) -> bool + Sync),
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Gate> {
    let (bench, load) = (&stage.bench, stage.bench.load);
    // The second clone of the base is the noise floor here, too.
    let sides = [(names[0], settings[0]), (names[1], settings[1]), (names[0], settings[0])];
    let (mut crews, mut clones) = (Vec::new(), Vec::new());
    for (from, setting) in sides {
        let clone = databases.create(Some(from)).await?;
        let (options, draw) = (bench.timeouts(&clone)?, (load.seed, load.scale.into()));
        let (scenario, users) = (&bench.scenario, setting.users);
        crews.push(Crew::open(&options, &pool(setting), scenario, wanted, users, draw).await?);
        clones.push(clone);
    }
    let gate = measure(stage, &crews, show).await;
    for crew in crews {
        crew.close().await;
    }
    for clone in clones {
        databases.drop(&clone).await?;
    }
    let mut gate = gate?;
    let told = |setting: &Setting| {
        format!("{} users and {} connections", setting.users, pool(setting).max_connections)
    };
    let (base, candidate) = (told(settings[0]), told(settings[1]));
    gate.notes.insert(0, format!("the base has {base}, the candidate {candidate}"));
    Ok(gate)
}

async fn measure(
    stage: &Stage<'_>,
    crews: &[Crew],
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Gate> {
    show(Event::Pooled);
    let users = |did: &[Did]| did.len().max(1) as u64;
    // The first slices open connections and read what is read for the first time.
    let mut slowest = Duration::ZERO;
    let mut from = 0;
    for crew in crews {
        crew.slice(0, 5).await?;
        let begun = Instant::now();
        from = users(&crew.slice(1_000, 10).await?).max(from);
        slowest = slowest.max(begun.elapsed());
    }
    let each = (10.0 * SLICE.as_secs_f64() / slowest.as_secs_f64().max(1e-6)) as u64;
    let each = each.clamp(2, EACH);
    let step = from * each;
    let mut next = 1 << 20;
    let (mut ratios, mut floors) = (Vec::new(), Vec::new());
    let mut seconds = [Vec::new(), Vec::new()];
    let mut outcomes: [Outcomes; 3] = Default::default();
    for turn in 0..MOST {
        if stage.stopped() || Instant::now() >= stage.until {
            break;
        }
        let there: Vec<usize> = (0..crews.len()).map(|at| (at + turn) % crews.len()).collect();
        let mut sums = [0.0; 3];
        for way in [there.clone(), there.into_iter().rev().collect()] {
            for crew in way {
                let did = crews[crew].slice(next, each).await?;
                sums[crew] += response(stage, &did) / 2.0;
                outcomes[crew].add(&did);
            }
            next += step;
        }
        // Where nothing of a slice succeeded, it has no time.
        if sums.contains(&0.0) {
            continue;
        }
        ratios.push((sums[1] / sums[0]).ln());
        floors.push((sums[2] / sums[0]).ln());
        seconds[0].push(sums[0]);
        seconds[1].push(sums[1]);
        if turn + 1 >= AT_LEAST
            && decided(stage, &ratios, &floors, &mut seconds)
                .is_some_and(|gate| gate.verdict != Verdict::Inconclusive)
        {
            break;
        }
    }
    let [base, candidate, _] = &outcomes;
    if candidate.part() > base.part() + FAILING {
        return Ok(failing(base, candidate));
    }
    let open = || timed::undecided(MEASURE, stage.asked.tolerances.time, timed::too_short(stage));
    Ok(decided(stage, &ratios, &floors, &mut seconds).unwrap_or_else(open))
}

/// How much of what users tried failed, and with what.
#[derive(Debug, Default)]
struct Outcomes {
    tried: u64,
    failed: u64,
    why: Option<String>,
}

impl Outcomes {
    fn add(&mut self, did: &[Did]) {
        self.tried += did.len() as u64;
        for failure in did.iter().filter_map(|one| one.failure.as_ref()) {
            self.failed += 1;
            self.why.get_or_insert_with(|| failure.clone());
        }
    }

    fn part(&self) -> f64 {
        self.failed as f64 / self.tried.max(1) as f64
    }
}

/// More fails than on the base, such as the wait for a connection; that fast failures take less
/// time is then no gain.
fn failing(base: &Outcomes, candidate: &Outcomes) -> Gate {
    Gate {
        kind: Kind::Time,
        subject: None,
        measure: "failures with the pool".to_owned(),
        unit: "%".to_owned(),
        base: Some(100.0 * base.part()),
        candidate: Some(100.0 * candidate.part()),
        ratio: None,
        floor: None,
        tolerance: None,
        of: candidate.tried,
        verdict: Verdict::Regress,
        notes: candidate.why.clone().into_iter().collect(),
    }
}

fn decided(
    stage: &Stage<'_>,
    ratios: &[f64],
    floors: &[f64],
    seconds: &mut [Vec<f64>; 2],
) -> Option<Gate> {
    let (ratio, floor) = (gate::ratio(ratios)?, gate::ratio(floors)?);
    let middle = seconds.each_mut().map(|all| {
        all.sort_by(f64::total_cmp);
        median(all).unwrap_or(0.0)
    });
    let tolerance = stage.asked.tolerances.time;
    Some(gate::time(None, MEASURE, middle, ratio, tolerance, Some(&floor)))
}

/// The medians of waiting and querying together, by the share of the operations, in seconds, of
/// what did not fail.
fn response(stage: &Stage<'_>, did: &[Did]) -> f64 {
    let mut by: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for one in did.iter().filter(|one| one.failure.is_none()) {
        by.entry(one.operation).or_default().push((one.wait + one.query).as_secs_f64());
    }
    let weighed = by.iter_mut().map(|(operation, all)| {
        all.sort_by(f64::total_cmp);
        stage.bench.share(*operation) * median(all).unwrap_or(0.0)
    });
    weighed.sum()
}
