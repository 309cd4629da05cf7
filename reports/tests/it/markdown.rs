//! Markdown as GitHub shows it: the verdict first, limits that hold, and nothing of a project that
//! becomes more than words.

use insta::assert_snapshot;
use proptest::prelude::*;
use shakedown_reports::Report;
use shakedown_reports::model::{Finding, Outcome, Verdict};
use shakedown_reports::render::{Colour, by_name, markdown};

use crate::gate::gated;
use crate::schema::any_report;
use crate::support::{finding, held, migration, promises, report, trace};

fn summary(report: &Report) -> String {
    (by_name("markdown").unwrap().render)(report, Colour::No)
}

fn comment(report: &Report) -> String {
    (by_name("comment").unwrap().render)(report, Colour::No)
}

/// What is neither in a fence nor in a span of code: there, GitHub looks for elements, links,
/// mentions and references.
fn outside_of_code(markdown: &str) -> String {
    let mut out = String::new();
    let mut fence: Option<String> = None;
    for line in markdown.lines() {
        let ticks = line.chars().take_while(|char| *char == '`').count();
        match &fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if ticks >= 3 => fence = Some("`".repeat(ticks)),
            None => {
                // Spans of code never go over the end of a line here.
                let pieces: Vec<&str> = line.split('`').collect();
                assert!(pieces.len() % 2 == 1, "a span of code that does not end: {line}");
                out.extend(pieces.iter().step_by(2).copied());
                out.push('\n');
            }
        }
    }
    assert_eq!(fence, None, "a fence that does not end: {markdown}");
    out
}

/// Every element is one of ours, closed as often as opened, and nothing can become a link, a
/// mention or a reference.
fn check_harmless(markdown: &str) {
    let mut text = outside_of_code(markdown).replace("<!-- shakedown -->", "");
    for element in ["details", "summary", "sub", "code"] {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        assert_eq!(text.matches(&open).count(), text.matches(&close).count(), "{text}");
        text = text.replace(&open, "").replace(&close, "");
    }
    assert!(!text.contains(['<', '>']), "an element of the project: {text}");
    let text = text.replace("&#8203;", "\u{200b}");
    for (entity, char) in [("&#64;", '@'), ("&#35;", '#')] {
        for (at, _) in text.match_indices(entity) {
            let next = text[at + entity.len()..].chars().next();
            let coded = next.is_none_or(|next| next == '\u{200b}') || entity == "&#35;";
            assert!(coded, "{char} before {next:?}: {text}");
        }
    }
    let words = text.lines().map(|line| line.trim_start_matches(['#', '|', '-', ' ', ':']));
    for line in words {
        assert!(!line.contains(['@', '[', ']', '~', '$']), "{line}");
        assert!(!line.contains("://") && !line.contains("www."), "{line}");
    }
    crate::render::assert_harmless(markdown);
}

#[test]
fn the_verdict_comes_first_then_what_it_rests_on_and_the_machine_last() {
    let mut report = gated();
    report.migrations = vec![
        migration("0001_create_users", Verdict::Reversible),
        migration("0003_add_mood", Verdict::Flawed),
        migration("0004_drop", Verdict::Irreversible { reason: "the numbers are gone".to_owned() }),
    ];
    let mend = Some("DROP TYPE public.mood;".to_owned());
    report.findings = vec![Finding { mend, ..trace() }];
    assert_snapshot!(summary(&report));
}

#[test]
fn promises_load_and_advice_have_a_section_each() {
    assert_snapshot!(summary(&promises()));
    let told = summary(&crate::load::everything());
    assert!(told.contains("\n#### Load\n\n|  | done | done/s | p50 "), "{told}");
    assert!(told.contains("\n| `create-item` | 24,000 | 800 | 4.90 ms |"), "{told}");
    let told = summary(&crate::index::everything());
    assert!(told.contains("\n#### Indexes\n\n- `"), "{told}");
    assert!(told.contains("<details><summary>up</summary>\n\n```sql\nCREATE INDEX"), "{told}");
}

#[test]
fn a_comment_begins_with_its_mark() {
    assert!(comment(&held()).starts_with("<!-- shakedown -->\n### shakedown: held\n"));
    assert!(summary(&held()).starts_with("### shakedown: held\n"));
}

#[test]
fn a_project_is_only_words() {
    let mean = [
        "<script>alert(1)</script>",
        "a | b \\| c \\",
        "`` ` ``` ```sql",
        "line\n# heading\n\n<details>\n| a |\n|---|",
        "@everyone and #123 GH-7 org/repo#8",
        "[text](https://evil.example) www.evil.example me@evil.example ![x](y)",
        "- [ ] item",
        "1. item",
        "$x$ ~~y~~ **z** __w__ &lt;",
        "<!-- shakedown -->",
        "`<b>` and `half",
    ];
    for words in mean {
        let words = words.to_owned();
        let mut report = gated();
        report.project.folder = words.clone();
        report.server.version = words.clone();
        report.migrations = vec![
            migration(&words, Verdict::Flawed),
            migration("2", Verdict::Untested { reason: words.clone() }),
        ];
        report.findings = vec![Finding {
            file: words.clone(),
            help: Some(words.clone()),
            mend: Some(words.clone()),
            notes: vec![words.clone()],
            ..finding(&words, "1", &words)
        }];
        let gates = report.gates.as_mut().unwrap();
        gates.gates[0].subject = Some(words.clone());
        gates.gates[0].notes = vec![words.clone()];
        gates.candidate.name = words.clone();
        let told = summary(&report);
        check_harmless(&told);
        // A table keeps its columns: pipes that are not escaped are ours.
        for row in told.lines().filter(|line| line.starts_with("| regresses |")) {
            assert_eq!(row.matches('|').count(), 10, "{row}");
        }
        assert_eq!(comment(&report).matches("<!-- shakedown -->").count(), 1 + mend_has(&words));
    }
}

/// Within a fence, SQL is as it is.
fn mend_has(words: &str) -> usize {
    usize::from(words.contains("<!-- shakedown -->"))
}

#[test]
fn what_does_not_fit_is_counted_and_no_section_hides_another() {
    let one = |at: usize| {
        finding("down-fails", "1", &format!("number {at} of many, {}", "x".repeat(200)))
    };
    let mut all: Vec<Finding> = (0..5_000).map(one).collect();
    all.iter_mut().for_each(|one| one.mend = Some("SELECT 1;\n".repeat(20)));
    let report = Report { findings: all, outcome: Outcome::Found, ..gated() };
    let told = comment(&report);
    assert!(told.len() <= 65_536 && told.len() > 64_000, "{}", told.len());
    let shown = told.matches("**error**").count();
    let more = format!(
        "\nand {},{:03} more findings, all in the JSON report\n",
        (5_000 - shown) / 1_000,
        (5_000 - shown) % 1_000
    );
    assert!(told.contains(&more), "{more}{told}");
    assert!(told.contains("#### Gates") && told.contains("limit"), "{told}");
    assert!(told.trim_end().ends_with("</sub>"), "the machine is told");
    check_harmless(&told);
    assert!(summary(&report).matches("**error**").count() > shown);
}

#[test]
fn sql_that_is_too_long_is_left_out_and_not_cut() {
    let mend = Some("SELECT 1;\n".repeat(1_000));
    let told = summary(&report(Vec::new(), held().chain, vec![Finding { mend, ..trace() }]));
    assert!(!told.contains("SELECT 1"), "{told}");
    assert!(told.contains("- its SQL is too long for here: see the JSON report\n"), "{told}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_report_keeps_within_the_limit_and_is_only_words(report in any_report()) {
        for limit in [1_000, 4_000, 65_536] {
            let told = markdown(&report, limit);
            prop_assert!(told.len() <= limit, "{} of {}", told.len(), limit);
            check_harmless(&told);
        }
        prop_assert!(comment(&report).len() <= 65_536);
        prop_assert!(summary(&report).len() <= 1_048_576);
    }
}
