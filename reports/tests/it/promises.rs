//! What people and CI systems get to see of the promises of a schema.

use insta::assert_snapshot;
use shakedown_reports::Report;
use shakedown_reports::model::{Finding, Invariants, Kept, Outcome, Severity};
use shakedown_reports::render::{self, Colour, by_name};

use crate::render::{assert_harmless, parsed, without_codes};
use crate::support::{finding, promise, promises, risk};

#[test]
fn what_is_broken_comes_first_then_each_risk_once_then_a_line_per_invariant() {
    assert_snapshot!(text(&promises()));
}

#[test]
fn a_schema_that_holds_is_told_in_its_numbers() {
    let report = with(|invariants| {
        invariants.promises.retain(|promise| matches!(promise.verdict, Kept::Holds { .. }));
        invariants.soft_deletes.clear();
        invariants.not_reached.clear();
    });
    let report = Report { findings: Vec::new(), outcome: Outcome::Held, ..report };
    assert_snapshot!(text(&Report { allowed: Default::default(), ..report }), @r"
    migrations: format sqlx (`0001_create_users.up.sql` has a down beside it)
    PostgreSQL 16.14, container, fast profile
    seed 42

      invariant  promises  cases
      unique            2 13,603  holds
      cascade           1      7  holds

    held: 3 promises, 13,610 cases
    ");
}

#[test]
fn risks_alone_do_not_fail() {
    let mut report = with(|invariants| {
        invariants.promises.retain(|promise| {
            matches!(promise.verdict, Kept::Holds { .. } | Kept::Risk | Kept::Allowed { .. })
        });
    });
    report.findings.retain(|finding| finding.severity == Severity::Risk);
    report.outcome = Outcome::Held;
    assert_eq!(last(&report), "held: 3 promises, 13,610 cases; 2 risks, 1 allowed");
    assert!(text(&report).contains("\nrisk[unique-ignores-case]: "), "{}", text(&report));
    assert_eq!(failures(&report), Vec::<String>::new());
    // Denied, they are warnings, which do.
    for finding in &mut report.findings {
        finding.severity = Severity::Warning;
    }
    report.outcome = Outcome::Found;
    assert_eq!(
        last(&report),
        "found 2 warnings: 3 promises held, 13,610 cases; 2 risks, 1 allowed"
    );
    assert_eq!(failures(&report).len(), 2);
}

#[test]
fn what_could_not_be_tried_does_not_read_as_held() {
    let mut report = with(|invariants| {
        invariants.promises.retain(|promise| {
            matches!(promise.verdict, Kept::Holds { .. } | Kept::Untested { .. })
        });
    });
    report.findings.clear();
    report.outcome = Outcome::Incomplete;
    assert_eq!(
        last(&report),
        "not all could be tested: 3 promises held, 13,610 cases; 1 not tested"
    );
}

#[test]
fn of_many_places_with_the_same_risk_some_are_listed_and_the_rest_is_counted() {
    let mut report = promises();
    let all =
        (0..20).map(|n| promise("unique-ignores-case", &format!("public.t{n}"), "k", Kept::Risk));
    report.findings = all.map(|promise| risk(&promise, 1)).collect();
    let text = text(&report);
    assert_eq!(text.matches("risk[unique-ignores-case]").count(), 1, "{text}");
    assert!(text.contains(" in case alone, and 19 more like it\n"), "{text}");
    assert!(text.contains("public.t5:k 0001_create_users.up.sql:1\n"), "{text}");
    assert!(!text.contains("public.t6:k"), "{text}");
    assert!(text.contains("and 14 more\n"), "{text}");
    assert_eq!(text.matches("CREATE UNIQUE INDEX").count(), 20, "each has its way out: {text}");
}

#[test]
fn statements_that_share_a_comment_have_it_once() {
    let mut report = promises();
    for finding in &mut report.findings {
        finding.mend = finding.mend.as_deref().map(|mend| format!("-- Or lower it.\n{mend}"));
    }
    let text = text(&report);
    assert_eq!(text.matches("-- Or lower it.\nCREATE UNIQUE INDEX").count(), 1, "{text}");
    assert_eq!(text.matches("\nCREATE UNIQUE INDEX").count(), 2, "{text}");
}

#[test]
fn what_could_not_be_tried_is_told_once_for_each_kind_of_reason() {
    let untested = |table: &str, object: &str, reason: &str| {
        promise("unique", table, object, Kept::Untested { reason: reason.to_owned() })
    };
    let refused = "a trigger refuses every row";
    let needs = |table: &str| format!("it needs rows of {table}, which takes none");
    let report = with(|invariants| {
        invariants.promises = vec![
            untested("public.a", "x", refused),
            untested("public.b", "y", refused),
            untested("public.a", "z", refused),
            untested("public.c", "x", &needs("public.a")),
            untested("public.d", "x", &needs("public.b")),
            untested("public.e", "x", &needs("public.a")),
            untested("public.f", "x", "its check `c` takes no value"),
        ];
        invariants.not_reached = (0..20).map(|n| format!("unique:public.t{n}:k")).collect();
    });
    let text = text(&report);
    let told = "\
        not tested: 3 promises of public.a and public.b, since a trigger refuses every row\n\
        not tested: 3 promises of public.c, public.d and 1 more table, the first since it needs \
        rows of public.a, which takes none\n\
        not tested: unique:public.f:x, since its check `c` takes no value\n";
    assert!(text.contains(told), "{text}");
    let late = "\n  unique:public.t11:k\n  and 8 more\n";
    assert!(text.contains(late), "{text}");
}

#[test]
fn a_table_that_is_not_modelled_neither_holds_nor_fails() {
    let mut report = with(|invariants| {
        let reason = "it is a partitioned table".to_owned();
        let left = ["public.a", "public.b", "public.c"].map(|table| {
            let verdict = Kept::OutOfScope { reason: reason.clone() };
            promise("rows-follow-the-model", table, "rows", verdict)
        });
        invariants.promises.retain(|promise| matches!(promise.verdict, Kept::Holds { .. }));
        invariants.promises.extend(left);
    });
    report.findings.clear();
    report.outcome = Outcome::Held;
    assert_eq!(last(&report), "held: 3 promises, 13,610 cases; 3 not modelled");
    let told = "not modelled: public.a, public.b and 1 more table, since it is a partitioned table";
    assert!(text(&report).contains(told), "{}", text(&report));
    assert_eq!(junit(&report).matches("not modelled: it is a partitioned table").count(), 3);
}

#[test]
fn a_long_script_is_cut_and_it_is_said_where_all_of_it_is() {
    let mut report = promises();
    for finding in &mut report.findings {
        finding.script = Some("SELECT 1;\n".repeat(40));
    }
    let text = text(&report);
    assert_eq!(text.matches("SELECT 1;\n").count(), 25, "{text}");
    let rest = "-- and 15 more lines: all of it is in its stored .sql file and the field `script`";
    assert!(text.contains(rest), "{text}");
}

#[test]
fn a_database_is_named_as_one() {
    let mut report = promises();
    report.project.folder = "shop".to_owned();
    report.project.format = "database".to_owned();
    report.project.detected_by = Some("a clone of it was tested".to_owned());
    assert_eq!(text(&report).lines().next(), Some("database shop (a clone of it was tested)"));
}

#[test]
fn junit_has_a_case_per_promise() {
    let mut report = promises();
    report.findings.push(Finding {
        severity: Severity::Warning,
        migration: None,
        file: "shakedown.toml".to_owned(),
        line: Some(7),
        ..finding("allowance-unused", "", "`unique:public.gone` allows nothing")
    });
    assert_snapshot!(junit(&report));
}

#[test]
fn colours_change_nothing_but_the_colour_and_no_line_ends_in_blanks() {
    let plain = text(&promises());
    let coloured = render::text(&promises(), Colour::Yes);
    assert!(coloured.contains("\u{1b}["), "{coloured}");
    assert_eq!(without_codes(&coloured), plain);
    assert!(plain.lines().all(|line| line.trim_end() == line), "{plain}");
    assert!(!plain.contains("\n\n\n"), "{plain}");
}

#[test]
fn nothing_from_the_schema_steers_the_terminal_or_breaks_out_of_junit() {
    let evil = "\u{1b}[2J]]><script>\nheld: all is well\u{202e}";
    let report = with(|invariants| {
        for promise in &mut invariants.promises {
            promise.table = evil.to_owned();
            promise.says = evil.to_owned();
            promise.invariant = evil.to_owned();
            if let Kept::Untested { reason } | Kept::Allowed { reason } = &mut promise.verdict {
                *reason = evil.to_owned();
            }
        }
        invariants.soft_deletes[0].live = evil.to_owned();
        invariants.not_reached = vec![evil.to_owned()];
    });
    let plain = text(&report);
    assert_harmless(&plain);
    assert_eq!(plain.lines().filter(|line| line.starts_with("held:")).count(), 0, "{plain}");
    assert_harmless(&junit(&report));
    parsed(&junit(&report));
}

/// The report with every verdict, changed.
fn with(change: impl FnOnce(&mut Invariants)) -> Report {
    let mut report = promises();
    change(report.invariants.as_mut().unwrap());
    report
}

fn text(report: &Report) -> String {
    render::text(report, Colour::No)
}

fn last(report: &Report) -> String {
    text(report).lines().last().unwrap().to_owned()
}

fn junit(report: &Report) -> String {
    (by_name("junit").unwrap().render)(report, Colour::No)
}

/// The names of the cases that failed.
fn failures(report: &Report) -> Vec<String> {
    let xml = junit(report);
    let document = parsed(&xml);
    let failed = document.descendants().filter(|node| node.has_tag_name("failure"));
    failed.map(|node| node.parent().unwrap().attribute("name").unwrap().to_owned()).collect()
}
