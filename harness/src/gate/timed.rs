//! Times of the candidate beside those of the base, and of a second clone of the base beside the
//! first, by which one sees what this machine can tell apart.

use std::collections::BTreeMap;
use std::time::Instant;

use shakedown_reports::gate::{self, Gate, Kind, Verdict};
use shakedown_reports::stats::{Interval, median};
use shakedown_scenarios::engine::Session;

use super::Event;
use super::run::Stage;
use crate::database::Databases;
use crate::error::Result;
use crate::measure::turns::{self, Part};

/// With fewer turns there is no interval; then it is looked at what is decided after so many more.
const AT_LEAST: usize = 8;
const AGAIN: usize = 4;

/// The databases that take part, by their place in a turn.
const BASE: usize = 0;
const CANDIDATE: usize = 1;
const AGAIN_BASE: usize = 2;

/// What was decided of times.
#[derive(Debug, Default)]
pub(super) struct Times {
    pub(super) gates: Vec<Gate>,
    pub(super) floor: Option<Interval>,
    /// The medians of the base and the candidate by operation, in milliseconds.
    pub(super) base: BTreeMap<String, f64>,
    pub(super) candidate: BTreeMap<String, f64>,
    /// The seconds that the whole mix took on the candidate, turn by turn.
    pub(super) mix: Vec<f64>,
    /// What could not be told apart, a sentence.
    pub(super) left_out: Option<String>,
}

/// One operation, or all of them by their share, over all turns.
#[derive(Debug, Default)]
struct Course {
    /// The seconds of each database.
    seconds: [Vec<f64>; 3],
    /// The logarithms of the candidate, and of the second clone of the base, by the base.
    ratios: Vec<f64>,
    floors: Vec<f64>,
}

impl Course {
    fn add(&mut self, seconds: [f64; 3]) {
        if seconds.iter().all(|one| *one > 0.0) {
            self.ratios.push((seconds[CANDIDATE] / seconds[BASE]).ln());
            self.floors.push((seconds[AGAIN_BASE] / seconds[BASE]).ln());
            for (all, one) in self.seconds.iter_mut().zip(seconds) {
                all.push(one);
            }
        }
    }

    fn median(&self, database: usize) -> f64 {
        let mut sorted = self.seconds[database].clone();
        sorted.sort_by(f64::total_cmp);
        median(&sorted).unwrap_or(0.0)
    }

    fn gate(&self, subject: Option<&str>, tolerance: f64) -> Option<Gate> {
        let (ratio, floor) = (gate::ratio(&self.ratios)?, gate::ratio(&self.floors)?);
        let seconds = [self.median(BASE), self.median(CANDIDATE)];
        Some(gate::time(subject, "time", seconds, ratio, tolerance, Some(&floor)))
    }
}

/// Measures until every operation and the whole mix are decided, or the time is over. Operations
/// that fail in the candidate are not `wanted`.
pub(super) async fn timed(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    [base, candidate]: [&str; 2],
    wanted: &(dyn Fn(usize) -> bool + Sync),
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Times> {
    let mut names = Vec::new();
    for from in [base, candidate, base] {
        names.push(databases.create(Some(from)).await?);
    }
    let mut sessions = Vec::new();
    for name in &names {
        sessions.push(stage.bench.session(name, wanted).await?);
    }
    let times = measure(stage, &mut sessions, wanted, show).await;
    for session in sessions {
        session.close().await;
    }
    for name in &names {
        databases.drop(name).await?;
    }
    times
}

async fn measure(
    stage: &Stage<'_>,
    sessions: &mut [Session],
    wanted: &(dyn Fn(usize) -> bool + Sync),
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Times> {
    let operations = &stage.bench.scenario.operations;
    let mut parts = Vec::new();
    for (at, operation) in operations.iter().enumerate() {
        if wanted(at) && operation.weight > 0 {
            parts.push(turns::part(sessions, at, false).await?);
        }
    }
    turns::share_out(&mut parts);
    let (name, tolerance) = (|at: usize| operations[at].name.as_str(), stage.asked.tolerances.time);
    let all = parts.len();
    let mut courses: BTreeMap<usize, Course> = BTreeMap::new();
    let mut mix = Course::default();
    // What is read for the first time takes longer; the first turn is for that.
    turns::turn(sessions, &mut parts, 0).await?;
    let mut shown = 0;
    for number in 1.. {
        if stage.stopped() || Instant::now() >= stage.until || parts.is_empty() {
            break;
        }
        // Only what is new: somebody may read it in a log.
        if shown != parts.len() {
            shown = parts.len();
            show(Event::Timing { undecided: shown, of: all });
        }
        let turn = turns::turn(sessions, &mut parts, number).await?;
        if let Some((_, failure)) = turn.failure {
            let why = format!("an operation failed while it was timed: {failure}");
            return Ok(Times {
                gates: vec![undecided("time", tolerance, why)],
                ..Times::default()
            });
        }
        let mut sums = [0.0; 3];
        for (part, seconds) in parts.iter().zip(&turn.seconds) {
            let seconds = [BASE, CANDIDATE, AGAIN_BASE].map(|database| seconds[database]);
            courses.entry(part.operation).or_default().add(seconds);
            let share = stage.bench.share(part.operation);
            sums = [0, 1, 2].map(|database: usize| sums[database] + share * seconds[database]);
        }
        // The mix is only whole as long as all of it is done.
        if parts.len() == all {
            mix.add(sums);
        }
        if number >= AT_LEAST && number % AGAIN == 0 {
            let open = |course: &Course| {
                course
                    .gate(None, tolerance)
                    .is_none_or(|gate| gate.verdict == Verdict::Inconclusive)
            };
            if !open(&mix) {
                parts.retain(|part: &Part| open(&courses[&part.operation]));
                turns::share_out(&mut parts);
            }
        }
    }
    let of_mix = mix.gate(None, tolerance);
    let floor = gate::ratio(&mix.floors);
    let [_, of_candidate, _] = mix.seconds;
    let mut times = Times { floor, mix: of_candidate, ..Times::default() };
    times.gates.push(of_mix.unwrap_or_else(|| undecided("time", tolerance, too_short(stage))));
    let mut open = Vec::new();
    for (operation, course) in &courses {
        times.base.insert(name(*operation).to_owned(), course.median(BASE) * 1_000.0);
        times.candidate.insert(name(*operation).to_owned(), course.median(CANDIDATE) * 1_000.0);
        match course.gate(Some(name(*operation)), tolerance) {
            Some(gate) if gate.verdict != Verdict::Inconclusive => times.gates.push(gate),
            _ => open.push(format!("`{}`", name(*operation))),
        }
    }
    // The mix is decided by all of them together, and each by its counts.
    times.left_out = (!open.is_empty()).then(|| {
        format!("by its time alone, since that could not be told apart: {}", open.join(", "))
    });
    Ok(times)
}

/// Why nothing is known of times.
pub(super) fn too_short(stage: &Stage<'_>) -> String {
    match stage.stopped() {
        true => "the run was ended before that".to_owned(),
        false => "the time did not suffice to measure it".to_owned(),
    }
}

/// The gate on the mix where nothing is known of its times.
pub(super) fn undecided(measure: &str, tolerance: f64, why: String) -> Gate {
    Gate {
        kind: Kind::Time,
        subject: None,
        measure: measure.to_owned(),
        unit: "ms".to_owned(),
        base: None,
        candidate: None,
        ratio: None,
        floor: None,
        tolerance: Some(tolerance),
        of: 0,
        verdict: Verdict::Inconclusive,
        notes: vec![why],
    }
}
