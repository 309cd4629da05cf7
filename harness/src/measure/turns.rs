//! Times of databases beside each other: the same operations on each, in turns, in short slices.
//!
//! On a machine that others use too, one run after the other says more of the others than of the
//! databases. So a slice on one database is paired with slices on the others that do the same
//! operations with the same arguments, and told is the median of each. The slices of a turn are
//! woven into each other, one execution here, one there. Where one came after the other (ABBA, 50 ms
//! each), 7 of 22 operations of two equal databases were undecided after 68 turns beside a build;
//! woven, none was after 36.

use std::time::Duration;

use shakedown_reports::stats::median;
use shakedown_scenarios::engine::Session;

use crate::error::Result;

/// About how long the slice of a database lasts.
const SLICE: Duration = Duration::from_millis(100);

/// The most repetitions of an operation in a slice.
const MOST: u64 = 200;

/// Each operation of a scenario has so many numbers of its own, from which its arguments follow.
const NUMBERS: u64 = 1 << 32;

/// Those before are for finding out how long it takes.
const FIRST: u64 = 10;

/// An operation and how often it is done in a slice.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Its place in the scenario.
    pub(crate) operation: usize,
    /// Whether it fails, which is no news then.
    pub(crate) fails: bool,
    /// What it takes as far as is known, in seconds.
    pub(crate) seconds: f64,
    times: u64,
    /// The number with which the next slice begins.
    next: u64,
}

/// What one turn measured.
#[derive(Debug)]
pub(crate) struct Turn {
    /// The median time of each part in each database, in seconds: `seconds[part][database]`.
    pub(crate) seconds: Vec<Vec<f64>>,
    /// What an operation failed with first that does not fail otherwise, and in which database.
    pub(crate) failure: Option<(usize, String)>,
}

/// Finds out how long an operation takes in the first of the databases.
pub(crate) async fn part(sessions: &mut [Session], operation: usize, fails: bool) -> Result<Part> {
    let first = operation as u64 * NUMBERS;
    let mut seconds = Vec::new();
    for number in first..first + 3 {
        for (at, session) in sessions.iter_mut().enumerate() {
            let done = session.perform(operation, number).await?;
            if at == 0 {
                seconds.push(done.time.as_secs_f64());
            }
        }
    }
    let seconds = middle(&mut seconds);
    Ok(Part { operation, fails, seconds, times: 1, next: first + FIRST })
}

/// Gives each part the same time in a slice, as far as its operation is not too slow for that.
pub(crate) fn share_out(parts: &mut [Part]) {
    let each = SLICE.as_secs_f64() / parts.len().max(1) as f64;
    for part in parts {
        part.times = ((each / part.seconds.max(1e-6)) as u64).clamp(1, MOST);
    }
}

/// Does each part in all databases, one execution after the other: there and back, beginning with
/// another database each time, so that each is as often the first, and follows each of the others
/// as often.
pub(crate) async fn turn(
    sessions: &mut [Session],
    parts: &mut [Part],
    round: usize,
) -> Result<Turn> {
    let databases = sessions.len();
    let mut turn = Turn { seconds: Vec::new(), failure: None };
    for part in &mut *parts {
        let mut seconds: Vec<Vec<f64>> = vec![Vec::new(); databases];
        for (at, number) in (part.next..part.next + part.times).enumerate() {
            for place in 0..databases {
                let turned =
                    if (at + round).is_multiple_of(2) { place } else { databases - 1 - place };
                let database = (turned + (at + round) / 2) % databases;
                let done = sessions[database].perform(part.operation, number).await?;
                seconds[database].push(done.time.as_secs_f64());
                if let (false, Some(failure)) = (part.fails, done.failure) {
                    turn.failure.get_or_insert((database, failure));
                }
            }
        }
        part.next += part.times;
        turn.seconds.push(seconds.iter_mut().map(|one| middle(one)).collect());
    }
    Ok(turn)
}

fn middle(seconds: &mut [f64]) -> f64 {
    seconds.sort_by(f64::total_cmp);
    median(seconds).unwrap_or(0.0)
}
