//! Gates on the estimates that criterion saves, which it gives no exit code for.

use serde_json::Value;

use super::{Gate, Kind, decide};
use crate::stats::Interval;

/// A benchmark and its medians in nanoseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// As criterion names it: `catalog/80 tables`.
    pub name: String,
    pub base: Interval,
    pub candidate: Interval,
}

impl Estimate {
    /// Reads what criterion wrote to `estimates.json` of the saved baseline and of the newest run,
    /// and how many samples `sample.json` of that has.
    ///
    /// `Err` is a sentence that says what is missing.
    pub fn read(name: &str, base: &str, candidate: &str, samples: u64) -> Result<Self, String> {
        Ok(Self {
            name: name.to_owned(),
            base: median(base, samples)?,
            candidate: median(candidate, samples)?,
        })
    }
}

/// The median with its interval, as criterion estimates them by resampling.
fn median(text: &str, of: u64) -> Result<Interval, String> {
    let all: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let number = |path: &str| {
        let number = all.pointer(path).and_then(Value::as_f64);
        number.filter(|number| *number > 0.0).ok_or_else(|| format!("`{path}` is no time"))
    };
    let interval = Interval {
        low: number("/median/confidence_interval/lower_bound")?,
        median: number("/median/point_estimate")?,
        high: number("/median/confidence_interval/upper_bound")?,
        of,
    };
    match interval.low <= interval.median && interval.median <= interval.high {
        true => Ok(interval),
        false => Err("its median is not within its confidence interval".to_owned()),
    }
}

/// A gate on each benchmark. The two were not measured in turns, so that the interval of their
/// ratio is as wide as both intervals allow.
pub fn criterion(estimates: &[Estimate], tolerance: f64) -> Vec<Gate> {
    let gate = |estimate: &Estimate| {
        let Estimate { name, base, candidate } = estimate;
        let ratio = Interval {
            low: candidate.low / base.high,
            median: candidate.median / base.median,
            high: candidate.high / base.low,
            of: candidate.of,
        };
        Gate {
            kind: Kind::Criterion,
            subject: Some(name.clone()),
            measure: "time".to_owned(),
            unit: "ms".to_owned(),
            base: Some(base.median / 1e6),
            candidate: Some(candidate.median / 1e6),
            ratio: Some(ratio),
            floor: None,
            tolerance: Some(tolerance),
            of: candidate.of,
            verdict: decide(&ratio, tolerance, None),
            notes: Vec::new(),
        }
    };
    estimates.iter().map(gate).collect()
}
