//! What is decided of counts, times, limits and criterion's estimates.

use std::collections::BTreeMap;

use shakedown_reports::gate::{
    Estimate, Kind, Tolerances, Verdict, counters, criterion, decide, ratio, sizes, time,
};
use shakedown_reports::index::{Counted, Counters};

use super::{around, plan};
use crate::index::{reading, writing};

fn verdicts(base: &Counted, candidate: &Counted) -> BTreeMap<String, Verdict> {
    let gates = counters(
        std::slice::from_ref(base),
        std::slice::from_ref(candidate),
        &Tolerances::default(),
    );
    gates.into_iter().map(|gate| (gate.measure, gate.verdict)).collect()
}

#[test]
fn a_count_that_rises_by_more_than_the_tolerance_is_a_regression() {
    let base = reading("first-page", 1.0, 400, 1_000);
    let more = |pages| reading("first-page", 1.0, pages, 1_000);
    assert_eq!(verdicts(&base, &more(401))["buffers"], Verdict::Pass, "half a per cent is allowed");
    assert_eq!(verdicts(&base, &more(404))["buffers"], Verdict::Regress, "one is not");
    assert_eq!(verdicts(&base, &more(20))["buffers"], Verdict::Pass);
    assert_eq!(verdicts(&base, &more(405))["rows_read"], Verdict::Pass);
}

#[test]
fn counts_that_neither_has_are_no_gates() {
    let same = verdicts(&reading("a", 1.0, 4, 4), &reading("a", 1.0, 4, 4));
    assert!(!same.contains_key("wal_bytes") && !same.contains_key("seq_scans"), "{same:?}");
}

#[test]
fn one_page_in_all_is_no_difference_and_two_are() {
    let base = reading("a", 1.0, 1, 1);
    let with = |buffers| {
        let counters = Counters { buffers, ..base.counters };
        verdicts(&base, &Counted { counters, ..base.clone() })["buffers"].clone()
    };
    assert_eq!((with(101), with(102)), (Verdict::Pass, Verdict::Regress));
}

#[test]
fn updates_that_no_longer_are_hot_are_a_regression() {
    let with = |hot_updates| {
        let base = writing("edit", 1.0, 9, 320);
        Counted { counters: Counters { updates: 100, hot_updates, ..base.counters }, ..base }
    };
    assert_eq!(verdicts(&with(98), &with(0))["non_hot_updates"], Verdict::Regress);
    assert_eq!(verdicts(&with(98), &with(98))["non_hot_updates"], Verdict::Pass);
}

#[test]
fn what_only_fails_in_the_candidate_is_a_regression_and_its_cheap_counts_say_nothing() {
    let base = reading("first-page", 1.0, 400, 1_000);
    let failing = Counted {
        failed: 100,
        failure: Some("column \"title\" does not exist (42703)".to_owned()),
        ..reading("first-page", 1.0, 0, 0)
    };
    let gates = counters(&[base], &[failing], &Tolerances::default());
    assert_eq!(gates.len(), 1, "{gates:?}");
    assert_eq!((gates[0].measure.as_str(), &gates[0].verdict), ("failures", &Verdict::Regress));
    assert!(gates[0].notes[0].contains("title"), "{gates:?}");
}

#[test]
fn a_regression_shows_the_plan_before_and_after() {
    let with = |pages, shape| Counted {
        plans: vec![plan(shape)],
        ..reading("first-page", 1.0, pages, 1_000)
    };
    let (base, candidate) = (with(24, "Index Scan items_owner_idx"), with(412, "Seq Scan items"));
    let gates = counters(&[base], &[candidate], &Tolerances::default());
    let buffers = gates.iter().find(|gate| gate.measure == "buffers").unwrap();
    assert_eq!(
        buffers.notes,
        ["the plan was `Index Scan items_owner_idx` and is `Seq Scan items`"]
    );
    let rows = gates.iter().find(|gate| gate.measure == "rows_read").unwrap();
    assert!(rows.notes.is_empty(), "what passes needs no explanation");
}

#[test]
fn a_measure_may_have_a_tolerance_of_its_own() {
    let of = BTreeMap::from([("buffers".to_owned(), 0.5)]);
    let wide = Tolerances { of, ..Tolerances::default() };
    let gates = counters(&[reading("a", 1.0, 10, 10)], &[reading("a", 1.0, 14, 14)], &wide);
    let verdict = |name: &str| &gates.iter().find(|gate| gate.measure == name).unwrap().verdict;
    assert_eq!((verdict("buffers"), verdict("rows_read")), (&Verdict::Pass, &Verdict::Regress));
}

#[test]
fn relations_that_grow_are_regressions_and_new_ones_are_not_compared() {
    let of = |sizes: &[(&str, u64)]| -> BTreeMap<String, u64> {
        sizes.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect()
    };
    let gates = sizes(
        &of(&[("public.items", 81_920), ("public.users", 81_920)]),
        &of(&[("public.items", 90_112), ("public.users", 81_920), ("public.new_idx", 8_192)]),
        &Tolerances::default(),
    );
    let told: Vec<_> =
        gates.iter().map(|gate| (gate.subject.as_deref().unwrap(), &gate.verdict)).collect();
    assert_eq!(told, [("public.items", &Verdict::Regress), ("public.users", &Verdict::Pass)]);
}

#[test]
fn a_time_is_only_decided_where_its_whole_interval_lies_on_one_side() {
    let of = |low, high| decide(&around(low, 1.0_f64.midpoint(high), high), 0.05, None);
    assert_eq!(of(1.06, 1.20), Verdict::Regress);
    assert_eq!(of(0.97, 1.04), Verdict::Pass);
    assert_eq!(of(1.01, 1.09), Verdict::Inconclusive);
    assert_eq!(of(0.40, 0.60), Verdict::Pass);
}

#[test]
fn what_two_clones_of_the_base_differ_by_proves_nothing() {
    let ratio = around(1.08, 1.10, 1.12);
    let quiet = around(0.99, 1.00, 1.01);
    assert_eq!(decide(&ratio, 0.05, Some(&quiet)), Verdict::Regress);
    for noisy in [around(0.98, 1.04, 1.10), around(0.90, 0.96, 1.02)] {
        assert_eq!(decide(&ratio, 0.05, Some(&noisy)), Verdict::Inconclusive, "{noisy:?}");
    }
}

#[test]
fn a_ratio_takes_eight_turns() {
    let twice = 2.0_f64.ln();
    assert_eq!(ratio(&[twice; 7]), None);
    let ratio = ratio(&[twice; 8]).unwrap();
    assert!((ratio.low - 2.0).abs() < 1e-9 && (ratio.high - 2.0).abs() < 1e-9 && ratio.of == 8);
    let gate = time(Some("a"), "time", [0.001, 0.002], ratio, 0.05, None);
    assert_eq!((gate.base, gate.candidate, gate.of), (Some(1.0), Some(2.0), 8));
    assert_eq!(gate.verdict, Verdict::Regress);
}

fn estimates(low: f64, median: f64, high: f64) -> String {
    format!(
        r#"{{"median":{{"confidence_interval":{{"confidence_level":0.95,"lower_bound":{low},
        "upper_bound":{high}}},"point_estimate":{median},"standard_error":1.0}},"slope":null}}"#
    )
}

#[test]
fn estimates_of_criterion_are_compared_by_their_medians_as_wide_as_both_allow() {
    let base = estimates(98e3, 100e3, 102e3);
    let of = |candidate: &str| {
        let estimate = Estimate::read("parse", &base, candidate, 100).unwrap();
        criterion(&[estimate], 0.05).remove(0)
    };
    let slower = of(&estimates(118e3, 120e3, 122e3));
    assert_eq!((slower.kind, &slower.verdict), (Kind::Criterion, &Verdict::Regress));
    assert_eq!((slower.base, slower.candidate, slower.of), (Some(0.1), Some(0.12), 100));
    assert_eq!(of(&base).verdict, Verdict::Pass);
    assert_eq!(of(&estimates(104e3, 106e3, 108e3)).verdict, Verdict::Inconclusive);
}

#[test]
fn estimates_that_are_none_are_refused() {
    let good = estimates(98e3, 100e3, 102e3);
    let turned = estimates(102e3, 100e3, 98e3);
    let none = good.replace("100000", "null");
    for bad in ["", "{}", "[1]", &estimates(0.0, 100e3, 102e3), &none, &turned] {
        assert!(Estimate::read("parse", &good, bad, 100).is_err(), "{bad}");
    }
}
