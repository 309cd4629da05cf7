//! Gates: what they decide, and how that is told.

mod any;
mod decide;
mod limits;
mod told;

pub(crate) use any::{any_environment, any_gates, any_part};

use std::collections::BTreeMap;

use shakedown_reports::Report;
use shakedown_reports::gate::{Gate, Gates, Inconclusive, Kind, Side, Verdict};
use shakedown_reports::index::{Counted, Plan};
use shakedown_reports::load::Workload;
use shakedown_reports::model::{Environment, Outcome};
use shakedown_reports::stats::Interval;

use crate::index::{reading, writing};
use crate::support::held;

/// An interval around a ratio, of 24 quads.
pub(crate) fn around(low: f64, median: f64, high: f64) -> Interval {
    Interval { low, median, high, of: 24 }
}

/// A gate on a count.
pub(crate) fn counter(subject: &str, measure: &str, base: f64, candidate: f64) -> Gate {
    let verdict = if candidate > base * 1.01 { Verdict::Regress } else { Verdict::Pass };
    Gate {
        kind: Kind::Counter,
        subject: Some(subject.to_owned()),
        measure: measure.to_owned(),
        unit: if measure == "wal_bytes" { "bytes" } else { "pages" }.to_owned(),
        base: Some(base),
        candidate: Some(candidate),
        ratio: None,
        floor: None,
        tolerance: Some(0.01),
        of: 100,
        verdict,
        notes: Vec::new(),
    }
}

/// A gate on times.
pub(crate) fn time(subject: Option<&str>, ratio: Interval, verdict: Verdict) -> Gate {
    Gate {
        kind: Kind::Time,
        subject: subject.map(str::to_owned),
        measure: "time".to_owned(),
        unit: "ms".to_owned(),
        base: Some(1.2),
        candidate: Some(1.2 * ratio.median),
        ratio: Some(ratio),
        floor: Some(around(0.988, 1.002, 1.013)),
        tolerance: Some(0.05),
        of: ratio.of,
        verdict,
        notes: Vec::new(),
    }
}

/// A gate on a limit.
pub(crate) fn limit(expression: &str, value: f64, verdict: Verdict) -> Gate {
    Gate {
        kind: Kind::Limit,
        subject: None,
        measure: expression.to_owned(),
        unit: if expression.contains('%') { "%" } else { "ms" }.to_owned(),
        base: None,
        candidate: Some(value),
        ratio: None,
        floor: None,
        tolerance: None,
        of: 43_210,
        verdict,
        notes: Vec::new(),
    }
}

fn side(name: &str, operations: Vec<Counted>) -> Side {
    Side {
        name: name.to_owned(),
        migrations: Some(14),
        operations,
        sizes: BTreeMap::from([("public.items".to_owned(), 8_192_000)]),
        times: BTreeMap::from([("first-page".to_owned(), 0.31), ("add-item".to_owned(), 0.84)]),
    }
}

fn plan(shape: &str) -> Plan {
    Plan {
        statement: "SELECT title FROM items WHERE owner_id = 'a' ORDER BY created_at DESC LIMIT 20"
            .to_owned(),
        shape: shape.to_owned(),
        tree: vec![shape.to_owned()],
        indexes: Vec::new(),
    }
}

/// A candidate that lost an index: one of everything that can be decided.
pub(crate) fn gates() -> Gates {
    let before = Counted {
        plans: vec![plan("Limit > Index Scan items_owner_newest_idx")],
        ..reading("first-page", 0.8, 24, 20)
    };
    let after = Counted {
        plans: vec![plan("Limit > Sort > Seq Scan items")],
        ..reading("first-page", 0.8, 412, 20_000)
    };
    let mut buffers = counter("first-page", "buffers", 24.0, 412.0);
    buffers.notes = vec![
        "the plan was `Limit > Index Scan items_owner_newest_idx` and is \
         `Limit > Sort > Seq Scan items`"
            .to_owned(),
    ];
    let allowed = Gate {
        verdict: Verdict::Allowed { reason: "the audit trigger is wanted".to_owned() },
        ..counter("add-item", "wal_bytes", 320.0, 480.0)
    };
    Gates {
        candidate: side("migrations", vec![after, writing("add-item", 0.2, 9, 480)]),
        base: Some(side("origin/main (3f2a91c)", vec![before, writing("add-item", 0.2, 9, 320)])),
        scenario: Some(Workload {
            name: "working-day".to_owned(),
            origin: "built in".to_owned(),
            operations: Vec::new(),
        }),
        rows: BTreeMap::from([("public.items".to_owned(), 10_000)]),
        seed: 1,
        floor: Some(around(0.988, 1.002, 1.013)),
        gates: vec![
            buffers,
            counter("add-item", "buffers", 9.0, 9.0),
            allowed,
            time(Some("first-page"), around(3.1, 3.4, 3.8), Verdict::Regress),
            time(Some("add-item"), around(0.96, 1.04, 1.12), Verdict::Inconclusive),
            limit("p99 < 50ms", 12.4, Verdict::Pass),
            limit("wait_share < 20%", 31.0, Verdict::Regress),
        ],
        inconclusive: Inconclusive::Undecided,
        left_out: vec!["`rename-item` fails on the base as well: relation is missing".to_owned()],
        notes: vec!["both schemas were made from nothing".to_owned()],
        incomplete: None,
    }
}

/// A report of those gates.
pub(crate) fn gated() -> Report {
    let gates = gates();
    Report {
        outcome: gates.outcome(),
        migrations: Vec::new(),
        gates: Some(gates),
        environment: Some(Environment {
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            processor: Some("A Processor of 2026".to_owned()),
            processors: 2,
            memory: Some(25_769_803_776),
            load_average: Some(1.25),
        }),
        ..held()
    }
}

#[test]
fn a_regression_is_found_whatever_else_passes() {
    let mut gates = gates();
    assert_eq!(gates.outcome(), Outcome::Found);
    gates.gates.retain(|gate| gate.verdict != Verdict::Regress);
    assert_eq!(gates.outcome(), Outcome::Incomplete, "something is undecided yet");
    gates.gates.retain(|gate| gate.verdict != Verdict::Inconclusive);
    assert_eq!(gates.outcome(), Outcome::Held, "what is allowed does not fail");
}

#[test]
fn what_is_undecided_ends_as_the_user_says() {
    let mut gates = gates();
    gates.gates.retain(|gate| gate.verdict != Verdict::Regress);
    for (inconclusive, outcome) in [
        (Inconclusive::Undecided, Outcome::Incomplete),
        (Inconclusive::Pass, Outcome::Held),
        (Inconclusive::Fail, Outcome::Found),
    ] {
        assert_eq!(Gates { inconclusive, ..gates.clone() }.outcome(), outcome);
    }
}

#[test]
fn what_decided_nothing_or_was_cut_off_has_not_held() {
    let mut gates = gates();
    gates.gates.retain(|gate| gate.verdict == Verdict::Pass);
    assert_eq!(gates.outcome(), Outcome::Held);
    let cut_off = Gates { incomplete: Some("the server went away".to_owned()), ..gates.clone() };
    assert_eq!(cut_off.outcome(), Outcome::Incomplete);
    let none = Gates { gates: Vec::new(), ..gates };
    assert_eq!(none.outcome(), Outcome::Incomplete);
    assert_eq!(Gates { base: None, ..none }.outcome(), Outcome::Held, "it was only counted");
}
