//! A run of several parts, in every format that tells of it.

use insta::assert_snapshot;
use shakedown_reports::Report;
use shakedown_reports::model::{Outcome, Part};
use shakedown_reports::render::{Colour, by_name, text};

use crate::gate::gated;
use crate::support::{held, promises};

fn part(name: &str, outcome: Option<Outcome>, reason: Option<&str>) -> Part {
    Part {
        name: name.to_owned(),
        outcome,
        duration_ms: if outcome.is_some() { 1_500.0 } else { 0.0 },
        reason: reason.map(str::to_owned),
        late: false,
        left_out: Vec::new(),
    }
}

/// A part for which there was no time.
fn late(name: &str) -> Part {
    Part { late: true, ..part(name, None, Some("it takes 12 s, and 3 s were left")) }
}

/// Migrations that held, a broken promise, a pool that could not be tried, and a gate.
fn several() -> Report {
    let found = promises();
    let mut pool = part("pool", None, Some("the server went away"));
    pool.left_out = vec!["each size was measured for 7 s, in one round".to_owned()];
    Report {
        outcome: Outcome::Found,
        findings: found.findings,
        invariants: found.invariants,
        gates: gated().gates,
        parts: vec![
            part("verify", Some(Outcome::Held), None),
            part("invariants", Some(Outcome::Found), None),
            pool,
            late("index"),
            part("gate", Some(Outcome::Found), None),
        ],
        ..held()
    }
}

#[test]
fn what_was_found_comes_first_and_a_line_for_each_part_before_the_verdict() {
    assert_snapshot!(text(&several(), Colour::No));
}

#[test]
fn the_last_line_says_whether_all_held_and_what_was_left_out() {
    let held = Report {
        outcome: Outcome::Held,
        parts: vec![part("verify", Some(Outcome::Held), None), late("index")],
        ..held()
    };
    let last = |report: &Report| text(report, Colour::No).lines().last().unwrap().to_owned();
    assert_eq!(last(&held), "held: 1 of 2 parts; there was no time for index");
    let broke = Report {
        outcome: Outcome::Incomplete,
        parts: vec![part("verify", None, Some("no server"))],
        ..held
    };
    assert_eq!(last(&broke), "not all could be done: 0 of 1 parts done");
}

#[test]
fn junit_has_a_suite_for_each_part_and_what_did_not_run_has_not_passed() {
    let mut report = several();
    report.findings.push(crate::support::finding(
        "down-empty",
        "0001_create_users",
        "does nothing",
    ));
    report.parts.push(part("load", Some(Outcome::Incomplete), None));
    let xml = (by_name("junit").unwrap().render)(&report, Colour::No);
    let document = crate::render::parsed(&xml);
    let suites: Vec<&str> = document
        .descendants()
        .filter(|node| node.has_tag_name("testsuite"))
        .filter_map(|node| node.attribute("name"))
        .collect();
    assert_eq!(
        suites,
        ["shakedown verify", "shakedown invariants", "shakedown gate", "shakedown run"]
    );
    let case = |name: &str| {
        let found = document
            .descendants()
            .find(|node| node.has_tag_name("testcase") && node.attribute("name") == Some(name));
        let child = found.unwrap().children().find(roxmltree::Node::is_element);
        child.map(|child| child.tag_name().name().to_owned())
    };
    assert_eq!(case("pool").as_deref(), Some("error"));
    assert_eq!(case("index").as_deref(), Some("skipped"));
    assert_eq!(case("load").as_deref(), Some("error"), "it was not done to its end");
    assert_eq!(case("verify"), None);
    assert_eq!(case("head to base to head"), None, "a risk of a promise is none of the way");
    assert_eq!(case("allowances"), None, "a finding of a migration is none of an allowance");
    assert_eq!(case("first-page: buffers").as_deref(), Some("failure"));
    assert_eq!(case("add-item: time").as_deref(), Some("error"), "undecided is not passed");
    assert_eq!(case("add-item: wal_bytes").as_deref(), Some("skipped"));
}

#[test]
fn annotations_tell_the_worst_of_every_part_and_sarif_what_has_a_place() {
    let mut report = several();
    report.findings.push(crate::support::finding("down-empty", "2", "does nothing"));
    let annotations = (by_name("github").unwrap().render)(&report, Colour::No);
    for what in
        ["does nothing", "a user with orders", "the server went away", "first-page: buffers"]
    {
        let line = annotations.lines().find(|line| line.contains(what));
        assert!(line.is_some_and(|line| line.starts_with("::")), "no {what}: {annotations}");
    }
    let sarif = (by_name("sarif").unwrap().render)(&report, Colour::No);
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), report.findings.len(), "of migrations and of promises: {sarif}");
}

#[test]
fn every_other_format_has_all_parts_too() {
    for name in ["html", "markdown", "comment"] {
        let told = (by_name(name).unwrap().render)(&several(), Colour::No);
        for part in ["verify", "invariants", "pool", "index", "gate"] {
            assert!(told.contains(part), "{name} leaves out {part}");
        }
        assert!(told.contains("the server went away"), "{name} does not say why");
        assert!(told.contains("first-page"), "{name} leaves out the gate");
    }
}
