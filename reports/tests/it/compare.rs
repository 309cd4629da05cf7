//! Two reports beside each other.

use insta::assert_snapshot;
use proptest::prelude::*;
use shakedown_reports::Report;
use shakedown_reports::compare::{Change, Course, Difference, Incomparable, compare};
use shakedown_reports::gate::{Gate, Verdict as GateVerdict};
use shakedown_reports::model::{Finding, Kept, Outcome, Severity, Verdict};
use shakedown_reports::render::{Colour, difference};

use crate::gate::{gated, limit};
use crate::load::{pooled, report as loaded};
use crate::schema::any_report;
use crate::support::{finding, held, migration, promises, trace};

fn section<'a>(difference: &'a Difference, name: &str) -> &'a [Change] {
    let found = difference.sections.iter().find(|section| section.name == name);
    &found.unwrap_or_else(|| panic!("no {name} in {difference:#?}")).changes
}

fn told(change: &Change) -> (&str, Option<&str>, Option<&str>, Course) {
    (&change.what, change.before.as_deref(), change.after.as_deref(), change.course)
}

/// The same migrations with one that is not as it was.
fn flawed() -> Report {
    let mut report = held();
    report.migrations[2].verdict = Verdict::Flawed;
    report.migrations[2].id = "0003_add_email".to_owned();
    report.findings = vec![trace()];
    report.outcome = Outcome::Found;
    report
}

#[test]
fn a_report_beside_itself_has_not_changed() {
    for report in [held(), flawed(), promises(), gated(), crate::index::everything()] {
        let difference = compare(&report, &report).unwrap();
        let all = difference.sections.iter().flat_map(|section| &section.changes);
        assert_eq!(all.count(), 0, "{difference:#?}");
    }
}

#[test]
fn a_flaw_that_comes_is_worse_and_one_that_goes_is_better() {
    let (good, bad) = (held(), flawed());
    let worse = compare(&good, &bad).unwrap();
    let id = "0003_add_email";
    let expected = (id, Some("reversible"), Some("flawed"), Course::Worse);
    assert_eq!(told(&section(&worse, "migrations")[0]), expected);
    let found = &section(&worse, "findings")[0];
    assert_eq!(found.what, "down-leaves-trace at migrations/0003_add_mood.down.sql:1");
    assert_eq!((found.before.as_deref(), found.course), (None, Course::Worse));
    let better = compare(&bad, &good).unwrap();
    assert_eq!((better.count(Course::Worse), better.count(Course::Better)), (0, 2));
}

#[test]
fn a_finding_is_the_same_wherever_its_lines_and_words_moved_to() {
    let mut moved = flawed();
    moved.findings[0].line = Some(77);
    moved.findings[0].message = "other words".to_owned();
    moved.findings[0].changes.truncate(1);
    assert!(section(&compare(&flawed(), &moved).unwrap(), "findings").is_empty());
    // Of two of a kind, the one whose objects are gone is the one that went.
    let other = |object: &str| {
        let mut one = trace();
        one.changes.truncate(1);
        one.changes[0].object = object.to_owned();
        one.message = object.to_owned();
        one
    };
    let both = Report { findings: vec![other("a"), other("b")], ..flawed() };
    let one = Report { findings: vec![other("b")], ..flawed() };
    let difference = compare(&both, &one).unwrap();
    let gone = section(&difference, "findings");
    assert_eq!((gone.len(), gone[0].before.as_deref()), (1, Some("a")));
}

#[test]
fn what_was_not_looked_for_again_is_not_better() {
    let mut untested = held();
    untested.migrations[2] =
        migration("0003_add_mood", Verdict::Untested { reason: "a role is shared".to_owned() });
    let mut bad = flawed();
    bad.migrations[2].id = "0003_add_mood".to_owned();
    let difference = compare(&bad, &untested).unwrap();
    assert_eq!(section(&difference, "findings")[0].course, Course::Other);
    // Promises that only one of them tested are neither gone nor new.
    let mut one = promises();
    one.migrations = held().migrations;
    let difference = compare(&one, &held()).unwrap();
    assert!(section(&difference, "findings").is_empty());
    let note = "only the first report has promises, which are not compared";
    assert!(difference.notes.iter().any(|one| one == note), "{:?}", difference.notes);
}

#[test]
fn a_promise_that_breaks_is_worse_and_a_new_risk_fails_nothing() {
    let (before, mut after) = (promises(), promises());
    after.invariants.as_mut().unwrap().promises[0].verdict = Kept::Broken;
    let difference = compare(&before, &after).unwrap();
    let change = &section(&difference, "promises")[0];
    let expected = ("unique:public.users:users_pkey", Some("holds"), Some("broken"), Course::Worse);
    assert_eq!(told(change), expected);
    let mut after = promises();
    after.findings.push(Finding { severity: Severity::Risk, ..finding("trap", "1", "a trap") });
    assert_eq!(compare(&before, &after).unwrap().count(Course::Worse), 0);
}

#[test]
fn times_are_told_on_one_machine_only_and_decide_nothing() {
    let with = |rate, machine: bool| {
        let mut report = loaded(vec![pooled(8, rate, 1.0, 2.0)]);
        report.environment = gated().environment.filter(|_| machine);
        report
    };
    let difference = compare(&with(1_000, true), &with(100, true)).unwrap();
    let changes = section(&difference, "load");
    assert_eq!(changes[0].what, "pool of 8: operations a second");
    assert_eq!(
        (changes[0].before.as_deref(), changes[0].after.as_deref()),
        (Some("1,000"), Some("100"))
    );
    assert_eq!(difference.count(Course::Worse), 0);
    let mut other = with(100, true);
    other.environment.as_mut().unwrap().processors = 64;
    for (after, why) in [
        (with(100, false), "not both reports say what machine they are of"),
        (other, "the machines are not the same"),
        (
            Report { server: held().server, ..with(100, true) },
            "the servers, or their settings, are not the same",
        ),
    ] {
        let difference = compare(&with(1_000, true), &after).unwrap();
        assert!(section(&difference, "load").is_empty());
        let note = format!("times and rates are left out, since {why}");
        assert!(difference.notes.contains(&note), "{:?}", difference.notes);
    }
}

#[test]
fn operations_that_begin_to_fail_are_worse_on_any_machine() {
    let before = loaded(vec![pooled(8, 1_000, 1.0, 2.0)]);
    let mut after = before.clone();
    let operation = &mut after.load.as_mut().unwrap().cells[0].operations[0];
    operation.failed.insert("40001".to_owned(), 30);
    let difference = compare(&before, &after).unwrap();
    let expected = ("pool of 8: failed", Some("0 (0 %)"), Some("30 (0.1 %)"), Course::Worse);
    assert_eq!(told(&section(&difference, "load")[0]), expected);
}

#[test]
fn counters_of_candidates_are_compared_to_one_percent_for_the_same_work() {
    let (before, mut after) = (gated(), gated());
    let operation = &mut after.gates.as_mut().unwrap().candidate.operations[0];
    operation.counters.buffers += operation.counters.buffers / 50;
    let difference = compare(&before, &after).unwrap();
    let changes = section(&difference, "counters of the candidates");
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert_eq!((changes[0].what.as_str(), changes[0].course), ("first-page: pages", Course::Worse));
    after.gates.as_mut().unwrap().seed = 7;
    let difference = compare(&before, &after).unwrap();
    assert!(section(&difference, "counters of the candidates").is_empty());
    assert!(difference.notes.iter().any(|note| note.starts_with("counters are not compared")));
}

#[test]
fn a_gate_that_regresses_now_is_worse() {
    let (mut before, after) = (gated(), gated());
    for gate in &mut before.gates.as_mut().unwrap().gates {
        gate.verdict = GateVerdict::Pass;
    }
    let difference = compare(&before, &after).unwrap();
    let changes = section(&difference, "gates");
    let expected =
        ("first-page: buffers (counter)", Some("passes"), Some("regresses"), Course::Worse);
    assert_eq!(told(&changes[0]), expected);
}

#[test]
fn an_operation_that_fails_now_is_worse_and_its_counts_are_no_gain() {
    let (before, mut after) = (gated(), gated());
    let operation = &mut after.gates.as_mut().unwrap().candidate.operations[0];
    operation.failed = operation.times;
    operation.counters = Default::default();
    let difference = compare(&before, &after).unwrap();
    let changes = section(&difference, "counters of the candidates");
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert_eq!(
        (changes[0].what.as_str(), changes[0].course),
        ("first-page: failures", Course::Worse)
    );
}

#[test]
fn verdicts_against_another_base_are_another_question_but_limits_are_not() {
    let (mut before, mut after) = (gated(), gated());
    for gate in &mut before.gates.as_mut().unwrap().gates {
        gate.verdict = GateVerdict::Pass;
    }
    let limit = limit("p99 < 50ms", 40.0, GateVerdict::Regress);
    before.gates.as_mut().unwrap().gates.push(Gate { verdict: GateVerdict::Pass, ..limit.clone() });
    let gates = after.gates.as_mut().unwrap();
    gates.gates.push(limit);
    // Another commit of the same branch is the same question.
    gates.base.as_mut().unwrap().name = "origin/main (fffffff)".to_owned();
    assert!(section(&compare(&before, &after).unwrap(), "gates").len() > 1);
    after.gates.as_mut().unwrap().base.as_mut().unwrap().name = "v1 (0000000)".to_owned();
    let difference = compare(&before, &after).unwrap();
    let changes = section(&difference, "gates");
    assert!(changes.iter().all(|change| change.what.ends_with("(limit)")), "{changes:#?}");
    let own = changes.iter().find(|change| change.what == "p99 < 50ms (limit)").unwrap();
    assert_eq!(own.course, Course::Worse);
    assert!(difference.notes.iter().any(|note| note.contains("`v1 (0000000)`")), "{difference:?}");
}

#[test]
fn what_was_cut_off_says_so_and_different_projects_are_refused() {
    let mut cut_off = gated();
    cut_off.gates.as_mut().unwrap().incomplete = Some("the server went away".to_owned());
    let difference = compare(&gated(), &cut_off).unwrap();
    assert_eq!(difference.notes[0], "the second run ended early: the server went away");
    let other = |edit: fn(&mut Report)| {
        let mut report = held();
        edit(&mut report);
        compare(&held(), &report).unwrap_err()
    };
    assert!(matches!(
        other(|report| report.migrations.iter_mut().for_each(|one| one.id.push('x'))),
        Incomparable::Projects { .. }
    ));
    let format = other(|report| report.project.format = "dbmate\u{1b}".to_owned());
    let told =
        "the reports are of different projects: `migrations (sqlx)` and `migrations (dbmate␛)`";
    assert_eq!(format.to_string(), told);
    let mut load = loaded(vec![pooled(8, 1, 1.0, 1.0)]);
    assert_eq!(compare(&gated(), &load), Err(Incomparable::NothingInCommon));
    load.project.folder = "./migrations/".to_owned();
    assert!(compare(&load, &loaded(vec![pooled(8, 1, 1.0, 1.0)])).is_ok());
    load.project.folder = "elsewhere".to_owned();
    assert!(compare(&load, &loaded(vec![pooled(8, 1, 1.0, 1.0)])).is_err());
}

#[test]
fn the_text_has_what_got_worse_first_and_the_verdict_last() {
    let mut before = gated();
    before.migrations = held().migrations;
    let gates = &mut before.gates.as_mut().unwrap().gates;
    gates[0].verdict = GateVerdict::Pass;
    gates[4].verdict = GateVerdict::Regress;
    let mut after = gated();
    after.migrations = flawed().migrations;
    after.findings = flawed().findings;
    after.gates.as_mut().unwrap().candidate.operations[0].counters.buffers += 4_000;
    assert_snapshot!(difference(&compare(&before, &after).unwrap(), Colour::No));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_reports_are_compared_or_refused(before in any_report().boxed(), after in any_report().boxed()) {
        let same = Report { project: before.project.clone(), migrations: before.migrations.clone(), ..after.clone() };
        for after in [&before, &after, &same] {
            match compare(&before, after) {
                Ok(changed) => {
                    let text = difference(&changed, Colour::No);
                    crate::render::assert_harmless(&text);
                    let coloured = difference(&changed, Colour::Yes);
                    prop_assert_eq!(crate::render::without_codes(&coloured), text);
                }
                Err(why) => crate::render::assert_harmless(&why.to_string()),
            }
        }
    }
}
