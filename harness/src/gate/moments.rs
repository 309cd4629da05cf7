//! Times of the candidate beside those that a stored report has of an earlier moment.
//!
//! Base and candidate in turns differ by a few parts in a hundred if they are the same. Two moments
//! of one machine differ by far more: the same workload of the same commit took 144 to 197 µs in
//! six runs within five minutes, three of them beside a test run. So what is told is only whether
//! something takes twice as long, of the mix and not of each operation.

use std::collections::BTreeMap;

use shakedown_reports::gate::{self, Gate};

use super::timed::{Times, undecided};
use crate::environment;

/// The part by which the mix may be slower than at another moment.
const TWICE: f64 = 1.0;

/// The gate on the mix. `then` and `now` are the times of each operation in milliseconds, `share`
/// its part of all operations. Where not the same operations have times there is none, and a
/// sentence says so.
pub(super) fn gate(
    then: &BTreeMap<String, f64>,
    now: &Times,
    share: impl Fn(&str) -> f64,
    load_then: Option<f64>,
) -> Result<Gate, String> {
    if let Some(name) = now.candidate.keys().find(|name| !then.contains_key(*name)) {
        return Err(format!(
            "times of the stored report are not compared: `{name}` has none there"
        ));
    }
    // Seconds, as those of the turns.
    let before: f64 = now.candidate.keys().map(|name| share(name) * then[name] / 1_000.0).sum();
    let ratios: Vec<f64> = now.mix.iter().map(|seconds| (seconds / before).ln()).collect();
    let Some(ratio) = gate::ratio(&ratios) else {
        // The gate on the mix, which has no turns either, says why.
        let why = now.gates.iter().find_map(|gate| gate.notes.first().cloned());
        return Ok(undecided("time", TWICE, why.unwrap_or_default()));
    };
    let seconds = [before, before * ratio.median];
    let mut gate = gate::time(None, "time", seconds, ratio, TWICE, now.floor.as_ref());
    let busy = |load: Option<f64>| load.map_or("unknown".to_owned(), |load| format!("{load:.1}"));
    gate.notes.push(format!(
        "not in turns but at two moments of this machine: its load average was {} and is {}",
        busy(load_then),
        busy(environment::here().load_average)
    ));
    Ok(gate)
}
