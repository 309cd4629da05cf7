//! Figures of strategies as people read them.

use crate::figures::{bytes, percent};
use crate::index::{Change, Turn};
use crate::stats::Interval;

/// `-12.3 %` of the work, where it is surely more or less; else `=`.
pub(in crate::render) fn part(change: &Change) -> String {
    if change.surely() == 0.0 {
        return "=".to_owned();
    }
    let part = -change.part();
    let sign = if part > 0.0 { "+" } else { "-" };
    format!("{sign}{}", percent(part.abs(), 1.0))
}

/// `+279 kB`
pub(in crate::render) fn signed_bytes(count: i64) -> String {
    let sign = match count {
        0 => return "=".to_owned(),
        count if count < 0 => "-",
        _ => "+",
    };
    format!("{sign}{}", bytes(count.unsigned_abs() as f64))
}

/// For which shares of writes a strategy saves more than it costs, in a column.
pub(in crate::render) fn turn(turn: Turn) -> String {
    match turn {
        Turn::Always => "always".to_owned(),
        Turn::Never => "never".to_owned(),
        Turn::Same => "no difference".to_owned(),
        Turn::Below { share } => format!("writes < {}", percent(share, 1.0)),
        Turn::Above { share } => format!("writes > {}", percent(share, 1.0)),
    }
}

/// A ratio of times with its interval: `0.82 (0.80 to 0.84)`.
pub(in crate::render) fn interval(interval: &Interval) -> String {
    format!("{:.2} ({:.2} to {:.2})", interval.median, interval.low, interval.high)
}

/// What the clock says of a ratio of times.
pub(in crate::render) fn clock(interval: &Interval) -> &'static str {
    match interval {
        one if one.high < 1.0 => "faster",
        one if one.low > 1.0 => "slower",
        _ => "no difference",
    }
}
