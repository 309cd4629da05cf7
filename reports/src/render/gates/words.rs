//! Gates in words.

use std::cmp::Ordering;

use crate::figures::{bytes, grouped, listed, milliseconds, number, percent, plural};
use crate::gate::{Gate, Gates, Kind, Side, Verdict};
use crate::stats::Interval;

/// `origin/main (3f2a91c) with 14 migrations`
pub(crate) fn side(side: &Side) -> String {
    match side.migrations {
        Some(count) => {
            let count = count as u64;
            format!("{} with {} migration{}", side.name, grouped(count), plural(count))
        }
        None => side.name.clone(),
    }
}

/// What is judged: `first-page: buffers`.
pub(crate) fn what(gate: &Gate) -> String {
    match (&gate.subject, gate.kind) {
        // A limit names its subject itself.
        (_, Kind::Limit) | (None, _) => gate.measure.clone(),
        (Some(subject), _) => format!("{subject}: {}", gate.measure),
    }
}

/// A value with its unit.
pub(crate) fn value(value: f64, unit: &str) -> String {
    match unit {
        "ms" => milliseconds(value),
        "bytes" => bytes(value),
        "%" => percent(value, 100.0),
        "" => number(value),
        unit => format!("{} {unit}", number(value)),
    }
}

/// The values of both: `24.0 -> 412 pages`; that of the candidate alone where there is no base.
pub(crate) fn values(gate: &Gate) -> String {
    let of = |one: Option<f64>| one.map(|one| value(one, &gate.unit)).unwrap_or_default();
    match (gate.base, gate.candidate) {
        (Some(_), _) => format!("{} -> {}", of(gate.base), of(gate.candidate)),
        (None, _) => of(gate.candidate),
    }
}

/// By how much the candidate is more, where that can be said.
pub(crate) fn change(gate: &Gate) -> String {
    match (&gate.ratio, gate.base, gate.candidate) {
        (Some(ratio), _, _) => interval(ratio),
        (None, Some(base), Some(candidate)) if base > 0.0 => signed(candidate / base - 1.0),
        (None, Some(_), Some(candidate)) if candidate > 0.0 => "new".to_owned(),
        _ => String::new(),
    }
}

/// `+4.0 % (-4.0 % to +12.0 %)`
pub(crate) fn interval(ratio: &Interval) -> String {
    let [low, median, high] = [ratio.low, ratio.median, ratio.high].map(|one| signed(one - 1.0));
    format!("{median} ({low} to {high})")
}

/// A part with its sign: `+12.3 %`.
pub(crate) fn signed(part: f64) -> String {
    match part {
        part if !part.is_finite() => "?".to_owned(),
        part if part.abs() < 0.000_5 => "0 %".to_owned(),
        part if part < 0.0 => format!("-{}", percent(-part, 1.0)),
        part if part >= 9.995 => format!("+{} %", grouped((part * 100.0).round() as u64)),
        part => format!("+{}", percent(part, 1.0)),
    }
}

/// How much more the candidate may be: `+5.0 %`.
pub(crate) fn tolerance(gate: &Gate) -> String {
    gate.tolerance.map(|part| format!("+{}", percent(part, 1.0))).unwrap_or_default()
}

/// What it is allowed to be, and what it comes from: `1 % allowed, 100 times`.
pub(crate) fn basis(gate: &Gate) -> String {
    let of = match gate.kind {
        Kind::Counter if gate.measure == "size" => String::new(),
        Kind::Counter => format!("{} time{}", grouped(gate.of), plural(gate.of)),
        Kind::Time => format!("{} turn{}", grouped(gate.of), plural(gate.of)),
        Kind::Criterion => format!("{} sample{}", grouped(gate.of), plural(gate.of)),
        Kind::Limit => format!("of {}", grouped(gate.of)),
    };
    let allowed = gate.tolerance.map(|part| format!("{} allowed", percent(part, 1.0)));
    let facts: Vec<String> = allowed.into_iter().chain((!of.is_empty()).then_some(of)).collect();
    facts.join(", ")
}

/// How many gates passed, by their kind: `passed: 34 counts and 5 times`.
pub(crate) fn passed(gates: &Gates) -> String {
    let kinds = [
        (Kind::Counter, "count"),
        (Kind::Time, "time"),
        (Kind::Limit, "limit"),
        (Kind::Criterion, "benchmark"),
    ];
    let told = kinds.iter().filter_map(|(kind, word)| {
        let of = gates.gates.iter().filter(|gate| gate.kind == *kind);
        let count = of.filter(|gate| gate.verdict == Verdict::Pass).count() as u64;
        (count > 0).then(|| format!("{} {word}{}", grouped(count), plural(count)))
    });
    let told: Vec<String> = told.collect();
    match told.is_empty() {
        true => "passed: nothing".to_owned(),
        false => format!("passed: {}", listed(&told)),
    }
}

/// The kind of evidence.
pub(crate) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Counter => "counter",
        Kind::Time => "time",
        Kind::Limit => "limit",
        Kind::Criterion => "criterion",
    }
}

/// What was decided, in a word.
pub(crate) fn verdict(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "passes",
        Verdict::Regress => "regresses",
        Verdict::Inconclusive => "inconclusive",
        Verdict::Allowed { .. } => "allowed",
    }
}

/// All of it as one sentence: `first-page: buffers regresses, 24.0 pages -> 412 pages`.
pub(crate) fn sentence(gate: &Gate) -> String {
    let mut told = format!("{} {}", what(gate), verdict(&gate.verdict));
    for fact in [values(gate), change(gate), basis(gate)] {
        if !fact.is_empty() {
            told.push_str(", ");
            told.push_str(&fact);
        }
    }
    told
}

/// The worst verdict first, and of those with the same one, what is by the largest part more.
pub(crate) fn worst_first(one: &Gate, other: &Gate) -> Ordering {
    let part = |gate: &Gate| {
        let exact = gate.candidate.zip(gate.base).map(|(candidate, base)| candidate / base);
        let part = gate.ratio.map(|ratio| ratio.median).or(exact);
        // Nothing that stays nothing has not become more.
        part.filter(|part| !part.is_nan()).unwrap_or(0.0)
    };
    rank(&one.verdict).cmp(&rank(&other.verdict)).then(part(other).total_cmp(&part(one)))
}

/// From the worst to the best.
fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Regress => 0,
        Verdict::Inconclusive => 1,
        Verdict::Allowed { .. } => 2,
        Verdict::Pass => 3,
    }
}
