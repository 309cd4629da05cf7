//! From what was measured of both to a verdict.

use super::{Gate, Kind, Verdict};
use crate::stats::{Interval, interval_at};

/// The probability with which the interval of a ratio misses it. It is smaller than usual, since
/// there are many operations and each is looked at several times.
pub const OUTSIDE: f64 = 0.01;

/// Whether a ratio is beyond the tolerance. It only is, or is not, if the whole interval is; what
/// two clones of the base differ by, the noise floor, proves nothing either.
pub fn decide(ratio: &Interval, tolerance: f64, floor: Option<&Interval>) -> Verdict {
    let noise = floor.map_or(1.0, |floor| floor.high.max(1.0 / floor.low));
    let allowed = 1.0 + tolerance;
    if ratio.low > allowed && ratio.low > noise {
        Verdict::Regress
    } else if ratio.high < allowed {
        Verdict::Pass
    } else {
        Verdict::Inconclusive
    }
}

/// The interval of ratios from their logarithms, one for each turn. Nothing for too few of them.
pub fn ratio(logarithms: &[f64]) -> Option<Interval> {
    let Interval { low, median, high, of } = interval_at(logarithms, OUTSIDE)?;
    Some(Interval { low: low.exp(), median: median.exp(), high: high.exp(), of })
}

/// The gate on a time. `seconds` are the medians of the base and of the candidate.
pub fn time(
    subject: Option<&str>,
    measure: &str,
    seconds: [f64; 2],
    ratio: Interval,
    tolerance: f64,
    floor: Option<&Interval>,
) -> Gate {
    Gate {
        kind: Kind::Time,
        subject: subject.map(str::to_owned),
        measure: measure.to_owned(),
        unit: "ms".to_owned(),
        base: Some(seconds[0] * 1_000.0),
        candidate: Some(seconds[1] * 1_000.0),
        ratio: Some(ratio),
        floor: floor.copied(),
        tolerance: Some(tolerance),
        of: ratio.of,
        verdict: decide(&ratio, tolerance, floor),
        notes: Vec::new(),
    }
}
