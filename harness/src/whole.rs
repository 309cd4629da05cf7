//! Several things in one run: how its time is shared out, and one report of all of them.

use std::time::{Duration, Instant};

use shakedown_reports::Report;
use shakedown_reports::model::{Outcome, Part};

use crate::run;
use crate::source::Project;

/// How the time that is left may be used, by each part that can be made smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// For the promises of the schema.
    pub invariants: Duration,
    /// For sizes of a pool, tables and warm-up included.
    pub pool: Duration,
    /// For index strategies, tables included.
    pub indexes: Duration,
    /// For the gate, if there is one.
    pub gate: Duration,
}

/// Less than this is not worth making tables for.
pub const LEAST: Duration = Duration::from_secs(12);

/// Shares out what is left once the migrations were verified, which take the time that they take.
pub fn shares(left: Duration, gated: bool) -> Shares {
    let (invariants, pool, indexes) = if gated { (0.20, 0.25, 0.25) } else { (0.25, 0.30, 0.45) };
    let gate = if gated { 0.30 } else { 0.0 };
    Shares {
        invariants: left.mul_f64(invariants),
        pool: left.mul_f64(pool),
        indexes: left.mul_f64(indexes),
        gate: left.mul_f64(gate),
    }
}

/// What tables, their rows and a derived workload take about, before anything is measured.
const PREPARING: Duration = Duration::from_secs(6);

/// How long each size of a pool may be measured in so much time.
pub fn of_each_size(share: Duration, sizes: u32) -> Duration {
    let each = share.saturating_sub(PREPARING) / sizes.max(1);
    // Connections are opened and statistics read for each.
    let each = each.saturating_sub(Duration::from_millis(1_500));
    each.clamp(Duration::from_secs(1), Duration::from_secs(10))
}

/// How long strategies may be tried in so much time.
pub fn of_strategies(share: Duration) -> Duration {
    share.saturating_sub(PREPARING).max(Duration::from_secs(3))
}

/// The rows of each table that can be made in a few seconds, for so many tables.
pub fn rows(tables: usize) -> u64 {
    (200_000 / tables.max(1) as u64).clamp(100, 10_000)
}

/// A run of several parts.
#[derive(Debug)]
pub struct Whole {
    begun: run::Begun,
    parts: Vec<Part>,
    reports: Vec<Report>,
}

impl Default for Whole {
    fn default() -> Self {
        Self { begun: run::Begun::now(), parts: Vec::new(), reports: Vec::new() }
    }
}

impl Whole {
    /// Adds what a part found. What the budget left out is told, and is no failure.
    pub fn add(&mut self, name: &str, begun: Instant, report: Report, left_out: Vec<String>) {
        let outcome = match report.outcome {
            Outcome::Incomplete if only_cut_short(&report) => Outcome::Held,
            outcome => outcome,
        };
        self.parts.push(Part {
            name: name.to_owned(),
            outcome: Some(outcome),
            duration_ms: begun.elapsed().as_secs_f64() * 1_000.0,
            reason: None,
            left_out,
        });
        self.reports.push(report);
    }

    /// Adds a part that could not be done, or was not reached, for this reason.
    pub fn missing(&mut self, name: &str, begun: Instant, reason: String) {
        self.parts.push(Part {
            name: name.to_owned(),
            outcome: None,
            duration_ms: begun.elapsed().as_secs_f64() * 1_000.0,
            reason: Some(reason),
            left_out: Vec::new(),
        });
    }

    /// Adds a part for which there was no time, as a choice of the budget.
    pub fn no_time(&mut self, name: &str) {
        self.parts.push(Part {
            name: name.to_owned(),
            outcome: Some(Outcome::Held),
            duration_ms: 0.0,
            reason: Some("the budget left no time for it".to_owned()),
            left_out: vec![format!("all of it; `shakedown {name}` does it alone")],
        });
    }

    /// What was found of this name so far.
    pub fn last(&self) -> Option<&Report> {
        self.reports.last()
    }

    /// One report of everything.
    pub fn report(self, project: &Project) -> Report {
        let any = |outcome: Outcome| self.parts.iter().any(|part| part.outcome == Some(outcome));
        let broke = self.parts.iter().any(|part| part.outcome.is_none());
        let outcome = if any(Outcome::Found) {
            Outcome::Found
        } else if broke || any(Outcome::Incomplete) {
            Outcome::Incomplete
        } else {
            Outcome::Held
        };
        let mut whole = self.begun.whole(outcome, project);
        for report in self.reports {
            // The server of the last part, which is the one that times were measured on.
            whole.server = report.server;
            if !report.migrations.is_empty() {
                (whole.migrations, whole.chain) = (report.migrations, report.chain);
            }
            whole.findings.extend(report.findings);
            for (rule, count) in report.allowed {
                *whole.allowed.entry(rule).or_default() += count;
            }
            whole.invariants = whole.invariants.or(report.invariants);
            whole.load = whole.load.or(report.load);
            whole.indexes = whole.indexes.or(report.indexes);
            whole.gates = whole.gates.or(report.gates);
        }
        whole.parts = self.parts;
        whole
    }
}

/// Whether nothing stood in the way but the time.
fn only_cut_short(report: &Report) -> bool {
    use shakedown_reports::model::Kept;
    if let Some(invariants) = &report.invariants {
        let untested = |kept: &Kept| matches!(kept, Kept::Untested { .. });
        return !invariants.not_reached.is_empty()
            && !invariants.promises.iter().any(|promise| untested(&promise.verdict));
    }
    match &report.indexes {
        Some(indexes) => indexes.incomplete.is_none(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_all_that_is_left_and_no_more() {
        for gated in [false, true] {
            let left = Duration::from_secs(100);
            let Shares { invariants, pool, indexes, gate } = shares(left, gated);
            let all = invariants + pool + indexes + gate;
            assert!(all.abs_diff(left) < Duration::from_millis(1), "{all:?}");
            assert_eq!(gate.is_zero(), !gated);
        }
    }

    #[test]
    fn sizes_are_measured_for_as_long_as_all_of_them_fit() {
        let each = of_each_size(Duration::from_secs(36), 4);
        assert_eq!(each, Duration::from_secs(6));
        assert_eq!(of_each_size(Duration::ZERO, 4), Duration::from_secs(1));
        assert_eq!(of_each_size(Duration::from_secs(3_600), 4), Duration::from_secs(10));
    }

    #[test]
    fn many_tables_get_fewer_rows() {
        assert_eq!((rows(0), rows(8), rows(100), rows(9_000)), (10_000, 10_000, 2_000, 100));
    }
}
