//! Several things in one run: how its time is shared out, and one report of all of them.

use std::time::{Duration, Instant};

use shakedown_reports::Report;
use shakedown_reports::index::{Origin, Standing, Strategy};
use shakedown_reports::model::{Kept, Outcome, Part, Promise};

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
    /// By the name of their part.
    reports: Vec<(String, Report)>,
}

impl Default for Whole {
    fn default() -> Self {
        Self { begun: run::Begun::now(), parts: Vec::new(), reports: Vec::new() }
    }
}

impl Whole {
    /// Adds what a part found. What the budget left out is told, and is no failure; what was left
    /// out since somebody `stopped` the run is not done.
    pub fn add(
        &mut self,
        name: &str,
        begun: Instant,
        report: Report,
        left_out: Vec<String>,
        stopped: bool,
    ) {
        let outcome = match report.outcome {
            Outcome::Incomplete if !stopped && only_late(&report) => Outcome::Held,
            outcome => outcome,
        };
        self.parts.push(Part {
            name: name.to_owned(),
            outcome: Some(outcome),
            duration_ms: begun.elapsed().as_secs_f64() * 1_000.0,
            reason: None,
            late: false,
            left_out,
        });
        self.reports.push((name.to_owned(), report));
    }

    /// Adds a part that could not be done, or was not reached, for this reason. `begun` is left out
    /// where it never was.
    pub fn missing(&mut self, name: &str, begun: Option<Instant>, reason: String) {
        let took = begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        self.parts.push(Part {
            name: name.to_owned(),
            outcome: None,
            duration_ms: took.as_secs_f64() * 1_000.0,
            reason: Some(reason),
            late: false,
            left_out: Vec::new(),
        });
    }

    /// Adds a part for which not enough time is `left`. That is a choice of the budget and no
    /// failure, unless the user has `asked` for this part.
    pub fn no_time(&mut self, name: &str, left: Duration, asked: bool) {
        let (least, left) = (LEAST.as_secs_f64(), left.as_secs_f64());
        self.missing(
            name,
            None,
            format!("it takes {least:.0} s, and {left:.0} s of the budget were left"),
        );
        if let (Some(part), false) = (self.parts.last_mut(), asked) {
            part.late = true;
            part.left_out = vec![format!("all of it; `shakedown {name}` does it alone")];
        }
    }

    /// What the part of this name found, if it ran.
    pub fn of(&self, name: &str) -> Option<&Report> {
        self.reports.iter().find(|(part, _)| part == name).map(|(_, report)| report)
    }

    /// One report of everything.
    pub fn report(self, project: &Project) -> Report {
        let any = |outcome: Outcome| self.parts.iter().any(|part| part.outcome == Some(outcome));
        let broke = self.parts.iter().any(|part| part.outcome.is_none() && !part.late);
        let outcome = if any(Outcome::Found) {
            Outcome::Found
        } else if broke || any(Outcome::Incomplete) {
            Outcome::Incomplete
        } else {
            Outcome::Held
        };
        let mut whole = self.begun.whole(outcome, project);
        for (_, report) in self.reports {
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

/// Whether nothing stood in the way of what was not done but the time.
fn only_late(report: &Report) -> bool {
    if let Some(invariants) = &report.invariants {
        let untested = |promise: &Promise| matches!(promise.verdict, Kept::Untested { .. });
        return !invariants.not_reached.is_empty() && !invariants.promises.iter().any(untested);
    }
    // A strategy of the user that failed was tried, and is no matter of time.
    report.indexes.as_ref().is_some_and(|indexes| {
        let failed = |one: &Strategy| {
            one.origin == Origin::Given && matches!(one.standing, Standing::Failed { .. })
        };
        !indexes.strategies.iter().any(failed)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use shakedown_reports::index::Indexes;
    use shakedown_reports::load::Workload;
    use shakedown_reports::model;

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

    /// A report of an index part that could not do all of it.
    fn of_indexes(standing: Standing, incomplete: Option<&str>) -> Report {
        let strategy = Strategy {
            name: "mine".to_owned(),
            origin: Origin::Given,
            tables: Vec::new(),
            create: Vec::new(),
            drop: Vec::new(),
            because: Vec::new(),
            keep: None,
            build: None,
            operations: Vec::new(),
            effect: None,
            timed: None,
            standing,
        };
        let indexes = Indexes {
            scenario: Workload {
                name: "test".to_owned(),
                origin: "of this test".to_owned(),
                operations: Vec::new(),
            },
            rows: BTreeMap::new(),
            seed: 1,
            write_share: 0.0,
            base: Vec::new(),
            strategies: vec![strategy],
            advice: None,
            left_out: Vec::new(),
            notes: Vec::new(),
            incomplete: incomplete.map(str::to_owned),
        };
        Report { outcome: indexes.outcome(), indexes: Some(indexes), ..nothing() }
    }

    /// A report without anything, of a part that could not do all of it.
    fn nothing() -> Report {
        let project = model::Project {
            folder: "migrations".to_owned(),
            format: "plain".to_owned(),
            detected_by: None,
            began_with: None,
        };
        let server = model::Server {
            version: "16".to_owned(),
            way: "embedded".to_owned(),
            profile: None,
            settings: BTreeMap::new(),
        };
        run::Begun::now().report(Outcome::Incomplete, project, server, "")
    }

    fn outcome_of(report: Report, stopped: bool) -> Option<Outcome> {
        let mut whole = Whole::default();
        whole.add("part", Instant::now(), report, Vec::new(), stopped);
        whole.parts[0].outcome
    }

    #[test]
    fn what_the_time_did_not_suffice_for_is_no_failure_and_what_failed_is() {
        let late = || Standing::NotMeasured { reason: "the time did not suffice".to_owned() };
        let failed = Standing::Failed { message: "syntax error".to_owned() };
        let none = Some("the time sufficed for no strategy");
        assert_eq!(outcome_of(of_indexes(late(), None), false), Some(Outcome::Held));
        assert_eq!(outcome_of(of_indexes(late(), none), false), Some(Outcome::Held));
        assert_eq!(outcome_of(of_indexes(failed, None), false), Some(Outcome::Incomplete));
        assert_eq!(outcome_of(of_indexes(late(), none), true), Some(Outcome::Incomplete));
        assert_eq!(outcome_of(nothing(), false), Some(Outcome::Incomplete));
    }

    #[test]
    fn what_there_is_no_time_for_is_a_failure_only_if_it_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("1_a.up.sql"), "SELECT 1;").unwrap();
        std::fs::write(folder.path().join("1_a.down.sql"), "SELECT 1;").unwrap();
        let project = crate::source::load(folder.path(), None).unwrap();
        let outcome = |asked: bool| {
            let mut whole = Whole::default();
            whole.no_time("gate", Duration::from_secs(3), asked);
            let report = whole.report(&project);
            assert_eq!(report.parts[0].outcome, None, "it has not passed");
            let why = report.parts[0].reason.as_deref();
            assert_eq!(why, Some("it takes 12 s, and 3 s of the budget were left"));
            report.outcome
        };
        assert_eq!((outcome(false), outcome(true)), (Outcome::Held, Outcome::Incomplete));
    }

    #[test]
    fn promises_that_were_not_reached_are_no_failure_and_those_that_cannot_be_tried_are() {
        let with = |verdict: Kept, not_reached: &[&str]| {
            let promise = Promise {
                invariant: "unique".to_owned(),
                table: "public.users".to_owned(),
                object: "users_pkey".to_owned(),
                says: "no two rows agree in id".to_owned(),
                verdict,
            };
            let invariants = model::Invariants {
                schema: String::new(),
                seed: 1,
                cases: 1,
                promises: vec![promise],
                soft_deletes: Vec::new(),
                not_reached: not_reached.iter().map(|one| (*one).to_owned()).collect(),
            };
            Report { invariants: Some(invariants), ..nothing() }
        };
        let holds = || Kept::Holds { cases: 1 };
        let untested = || Kept::Untested { reason: "a trigger refuses every row".to_owned() };
        assert_eq!(outcome_of(with(holds(), &["public.items"]), false), Some(Outcome::Held));
        for (verdict, late) in
            [(untested(), &["public.items"][..]), (untested(), &[]), (holds(), &[])]
        {
            assert_eq!(outcome_of(with(verdict, late), false), Some(Outcome::Incomplete));
        }
    }

    #[test]
    fn many_tables_get_fewer_rows() {
        assert_eq!((rows(0), rows(8), rows(100), rows(9_000)), (10_000, 10_000, 2_000, 100));
    }
}
