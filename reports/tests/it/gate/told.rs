//! Gates as people read them.

use insta::assert_snapshot;
use shakedown_reports::gate::{Gates, Verdict};
use shakedown_reports::render::{Colour, text};

use super::{gated, gates};
use crate::support::held;
use shakedown_reports::Report;

fn told(gates: Gates) -> String {
    text(&Report { outcome: gates.outcome(), gates: Some(gates), ..held() }, Colour::No)
}

#[test]
fn what_does_not_pass_comes_first_and_the_verdict_last() {
    assert_snapshot!(text(&gated(), Colour::No));
}

#[test]
fn what_passes_is_counted() {
    let mut gates = gates();
    gates.gates.retain(|gate| gate.verdict == Verdict::Pass);
    gates.left_out.clear();
    assert_snapshot!(told(gates));
}

#[test]
fn a_base_is_counted_for_later() {
    let gates = Gates { base: None, gates: Vec::new(), floor: None, ..gates() };
    let told = told(gates);
    assert_eq!(
        told.lines().last(),
        Some("counted: 2 operations, for a later run to be compared with")
    );
    assert!(!told.contains("passed"), "{told}");
}

#[test]
fn a_hundred_regressions_are_cut_and_counted() {
    let mut gates = gates();
    let one = gates.gates[0].clone();
    gates.gates = vec![one; 100];
    let told = told(gates);
    assert!(told.contains("... 60 more, all in the JSON"), "{told}");
    assert!(
        told.ends_with(
            "regress: 100 of 100 gates are beyond what is allowed (first first-page: buffers)\n"
        ),
        "{told}"
    );
}
