//! Gates on what the server counted, which does not vary with the machine.

use std::collections::BTreeMap;

use super::{Gate, Kind, Verdict};
use crate::index::{Counted, Counters};

/// A count on which there is a gate.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// As limits and tolerances name it.
    pub name: &'static str,
    pub unit: &'static str,
    /// What one reads it from.
    pub of: fn(&Counters) -> u64,
    /// So much more, in all, is none: counts in bytes vary by a few.
    slack: u64,
}

/// Every count on which there is a gate.
pub static MEASURES: &[Measure] = &[
    Measure { name: "buffers", unit: "pages", of: |counters| counters.buffers, slack: 1 },
    Measure { name: "rows_read", unit: "rows", of: |counters| counters.rows_read, slack: 1 },
    Measure {
        name: "rows_returned",
        unit: "rows",
        of: |counters| counters.rows_returned,
        slack: 1,
    },
    Measure { name: "seq_scans", unit: "scans", of: |counters| counters.seq_scans, slack: 1 },
    Measure { name: "wal_records", unit: "records", of: |counters| counters.wal_records, slack: 2 },
    Measure { name: "wal_bytes", unit: "bytes", of: |counters| counters.wal_bytes, slack: 256 },
    Measure {
        name: "non_hot_updates",
        unit: "rows",
        of: |counters| counters.updates.saturating_sub(counters.hot_updates),
        slack: 1,
    },
    Measure {
        name: "statements",
        unit: "round trips",
        of: |counters| counters.statements,
        slack: 0,
    },
];

/// By which part a candidate may be more than the base.
#[derive(Debug, Clone, PartialEq)]
pub struct Tolerances {
    /// Of counts and sizes.
    pub counters: f64,
    /// Of times.
    pub time: f64,
    /// Of single measures, by name.
    pub of: BTreeMap<String, f64>,
}

impl Default for Tolerances {
    fn default() -> Self {
        Self { counters: 0.005, time: 0.05, of: BTreeMap::new() }
    }
}

impl Tolerances {
    /// That of a count.
    pub fn of(&self, measure: &str) -> f64 {
        self.of.get(measure).copied().unwrap_or(self.counters)
    }
}

/// The gates on each operation that both have: one for each count that either has, those first
/// that do not pass. What fails in the candidate only is a gate of its own.
pub fn counters(base: &[Counted], candidate: &[Counted], tolerances: &Tolerances) -> Vec<Gate> {
    let mut gates = Vec::new();
    for after in candidate {
        let Some(before) = base.iter().find(|before| before.name == after.name) else { continue };
        if after.failed > before.failed {
            gates.push(failing(before, after));
            // What fails is cheap.
            continue;
        }
        if before.failed > 0 {
            continue;
        }
        let notes = changed_plans(before, after);
        let own = MEASURES.iter().filter_map(|measure| one(measure, before, after, tolerances));
        gates.extend(own.map(|gate| match gate.verdict {
            Verdict::Pass => gate,
            _ => Gate { notes: notes.clone(), ..gate },
        }));
    }
    gates
}

/// What cannot be compared, a sentence each: operations that failed on the base, and no less often
/// than in the candidate. What fails is cheap.
pub fn failing_on_both(base: &[Counted], candidate: &[Counted]) -> Vec<String> {
    let pairs = candidate.iter().filter_map(|after| {
        let before = base.iter().find(|before| before.name == after.name)?;
        (before.failed > 0 && after.failed <= before.failed).then_some((before, after))
    });
    pairs
        .map(|(before, after)| {
            let why = before.failure.as_deref().unwrap_or("it does not say why");
            let there = if after.failed > 0 { "on both sides" } else { "on the base only" };
            format!("`{}` fails {there}, which is compared with nothing: {why}", after.name)
        })
        .collect()
}

/// Gates on what fails where there is no base: a workload that does not run says nothing.
pub fn failures(candidate: &[Counted]) -> Vec<Gate> {
    let failed = candidate.iter().filter(|one| one.failed > 0);
    failed.map(|after| Gate { base: None, tolerance: None, ..failing(after, after) }).collect()
}

/// A gate on the size of each relation that both have.
pub fn sizes(
    base: &BTreeMap<String, u64>,
    candidate: &BTreeMap<String, u64>,
    tolerances: &Tolerances,
) -> Vec<Gate> {
    let both = candidate.iter().filter_map(|(name, after)| Some((name, *base.get(name)?, *after)));
    let tolerance = tolerances.of("size");
    let gate = |(name, before, after): (&String, u64, u64)| Gate {
        kind: Kind::Counter,
        subject: Some(name.clone()),
        measure: "size".to_owned(),
        unit: "bytes".to_owned(),
        base: Some(before as f64),
        candidate: Some(after as f64),
        ratio: None,
        floor: None,
        tolerance: Some(tolerance),
        of: 1,
        verdict: verdict(before as f64, after as f64, tolerance),
        notes: Vec::new(),
    };
    both.map(gate).collect()
}

fn one(
    measure: &Measure,
    before: &Counted,
    after: &Counted,
    tolerances: &Tolerances,
) -> Option<Gate> {
    let [base, candidate] = [before, after].map(|counted| counted.each(measure.of));
    if base == 0.0 && candidate == 0.0 {
        return None;
    }
    let tolerance = tolerances.of(measure.name);
    let more = (candidate - base) * after.done() as f64;
    Some(Gate {
        kind: Kind::Counter,
        subject: Some(after.name.clone()),
        measure: measure.name.to_owned(),
        unit: measure.unit.to_owned(),
        base: Some(base),
        candidate: Some(candidate),
        ratio: None,
        floor: None,
        tolerance: Some(tolerance),
        of: after.done(),
        verdict: match more.round() <= measure.slack as f64 {
            true => Verdict::Pass,
            false => verdict(base, candidate, tolerance),
        },
        notes: Vec::new(),
    })
}

fn verdict(base: f64, candidate: f64, tolerance: f64) -> Verdict {
    match candidate > base * (1.0 + tolerance) {
        true => Verdict::Regress,
        false => Verdict::Pass,
    }
}

/// An operation that worked and no longer does.
fn failing(before: &Counted, after: &Counted) -> Gate {
    Gate {
        kind: Kind::Counter,
        subject: Some(after.name.clone()),
        measure: "failures".to_owned(),
        unit: String::new(),
        base: Some(before.failed as f64),
        candidate: Some(after.failed as f64),
        ratio: None,
        floor: None,
        tolerance: Some(0.0),
        of: after.times,
        verdict: Verdict::Regress,
        notes: after.failure.iter().cloned().collect(),
    }
}

/// What the plans were and are, where they differ.
pub fn changed_plans(before: &Counted, after: &Counted) -> Vec<String> {
    let both = before.plans.iter().zip(&after.plans);
    let differ = both.filter(|(before, after)| before.shape != after.shape);
    let told = differ
        .map(|(before, after)| format!("the plan was `{}` and is `{}`", before.shape, after.shape));
    told.collect()
}
