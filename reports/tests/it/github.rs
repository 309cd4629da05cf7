//! Annotations as the runner of GitHub Actions reads them.

use proptest::prelude::*;
use shakedown_reports::Report;
use shakedown_reports::gate::{Inconclusive, Verdict};
use shakedown_reports::model::{Finding, Outcome, Part, Severity};
use shakedown_reports::render::{Colour, by_name};

use crate::gate::gated;
use crate::schema::any_report;
use crate::support::{column_order, finding, held, report, trace};

fn annotations(report: &Report) -> String {
    (by_name("github").unwrap().render)(report, Colour::No)
}

/// A report with these findings and nothing else.
fn found(findings: Vec<Finding>) -> Report {
    Report { findings, outcome: Outcome::Found, ..held() }
}

/// A line as the runner reads it: the command, its properties, and the message.
fn read(line: &str) -> (&str, Vec<(&str, String)>, String) {
    let (command, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
    let (name, properties) = command.split_once(' ').unwrap_or((command, ""));
    let unescaped = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n");
        text.replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
    };
    let properties = properties.split(',').map(|property| {
        let (name, value) = property.split_once('=').unwrap();
        (name, unescaped(value))
    });
    (name, properties.collect(), unescaped(message))
}

#[test]
fn a_finding_stands_beside_its_line_with_what_mends_it() {
    let mend = Some("DROP TYPE public.mood;".to_owned());
    let annotations = annotations(&found(vec![Finding { mend, ..trace() }, column_order()]));
    let lines: Vec<&str> = annotations.lines().collect();
    let (name, properties, message) = read(lines[0]);
    assert_eq!(name, "error");
    let file = "migrations/0003_add_mood.down.sql".to_owned();
    let expected =
        vec![("file", file), ("line", "1".to_owned()), ("title", "down-leaves-trace".to_owned())];
    assert_eq!(properties, expected);
    assert!(message.starts_with("taking back `0003_add_mood` leaves 3 objects"), "{message}");
    assert!(message.ends_with("\nDROP TYPE public.mood;"), "{message}");
    assert!(lines[1].starts_with("::warning file="), "{}", lines[1]);
    assert_eq!(lines.len(), 2);
}

#[test]
fn what_held_has_nothing_to_say() {
    assert_eq!(annotations(&held()), "");
}

#[test]
fn a_regression_is_an_error_and_what_is_undecided_as_the_user_says() {
    let mut report = gated();
    let told = annotations(&report);
    let first = told.lines().next().unwrap();
    let (kind, _, message) = read(first);
    assert_eq!(kind, "error");
    assert!(
        message.starts_with("first-page: buffers regresses, 24.0 pages -> 412 pages, +1,617 %, "),
        "{message}"
    );
    assert!(message.contains("\nthe plan was `Limit"), "{message}");
    assert_eq!(told.matches("::error ").count(), 3, "{told}");
    assert_eq!(told.matches("::warning ").count(), 1, "{told}");
    let gates = report.gates.as_mut().unwrap();
    gates.inconclusive = Inconclusive::Fail;
    gates.gates.retain(|gate| gate.verdict == Verdict::Inconclusive);
    assert!(annotations(&report).starts_with("::error title=gate::add-item: time inconclusive"));
}

#[test]
fn operations_that_failed_and_parts_that_did_not_run_are_told() {
    let mut report = crate::load::everything();
    let cell = &mut report.load.as_mut().unwrap().cells[0];
    (cell.setup.storm, cell.setup.bouncer) = (None, None);
    report.parts = vec![Part {
        name: "index".to_owned(),
        outcome: None,
        duration_ms: 0.0,
        reason: Some("the budget was spent".to_owned()),
        late: false,
        left_out: Vec::new(),
    }];
    let told = annotations(&report);
    assert!(told.starts_with("::error title=load::16 users: 363 of "), "{told}");
    assert!(told.contains("\n::warning title=not all was done::index: the budget was spent\n"));
}

#[test]
fn of_more_than_ten_of_a_kind_nine_are_told_and_the_rest_counted() {
    let many = |count: usize, severity| {
        let one = |at| Finding { severity, ..finding("down-fails", "1", &format!("no {at}")) };
        (0..count).map(one).collect::<Vec<_>>()
    };
    let ten = annotations(&found(many(10, Severity::Error)));
    assert_eq!(ten.lines().count(), 10);
    assert!(!ten.contains("more"), "{ten}");
    let all = [many(3, Severity::Warning), many(1_234, Severity::Error)].concat();
    let told = annotations(&found(all));
    let errors: Vec<&str> = told.lines().filter(|line| line.starts_with("::error ")).collect();
    assert_eq!(errors.len(), 10);
    assert_eq!(errors[9], "::error title=shakedown::and 1,225 more, all in the report");
    assert_eq!(told.matches("::warning ").count(), 3);
}

#[test]
fn no_name_and_no_message_is_a_command_of_its_own() {
    let mean = Finding {
        rule: "a,file=/etc/passwd::x\n::stop-commands::y".to_owned(),
        file: "m/50%,line=7:\r\n::set-env name=PATH::x".to_owned(),
        line: Some(3),
        help: Some("\n::add-mask::e\n##[error]".to_owned()),
        ..finding("x", "1", "100 %0A\n::stop-commands::token\r::debug::\u{85}x")
    };
    let told = annotations(&report(Vec::new(), held().chain, vec![mean]));
    assert_eq!(told.lines().count(), 1, "{told}");
    let (name, properties, message) = read(told.trim_end());
    assert_eq!(name, "error");
    let names: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["file", "line", "title"]);
    assert_eq!(properties[0].1, "m/50%,line=7: ::set-env name=PATH::x");
    assert!(message.starts_with("100 %0A\n::stop-commands::token"), "{message:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_report_has_at_most_ten_whole_annotations_of_a_kind(report in any_report()) {
        let told = annotations(&report);
        for line in told.split_terminator(['\n', '\r']) {
            let (name, ..) = read(line);
            prop_assert!(["error", "warning", "notice"].contains(&name), "{}", line);
        }
        for kind in ["::error ", "::warning ", "::notice "] {
            prop_assert!(told.lines().filter(|line| line.starts_with(kind)).count() <= 10);
        }
    }
}
