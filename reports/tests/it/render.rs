//! What people and CI systems get to see.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use roxmltree::Document;
use shakedown_reports::Report;
use shakedown_reports::model::{
    Chain, Change, Finding, How, Migration, Outcome, Stop, Timings, Verdict,
};
use shakedown_reports::render::{self, Colour, RENDERERS, by_name};
use unicode_width::UnicodeWidthStr;

use crate::support::{column_order, everything, finding, held, migration, place, report, trace};

#[test]
fn every_format_goes_by_its_own_name() {
    let names: BTreeSet<&str> = RENDERERS.iter().map(|renderer| renderer.name).collect();
    assert_eq!(
        names,
        BTreeSet::from(["comment", "github", "html", "json", "junit", "markdown", "sarif", "text"])
    );
    assert_eq!(names.len(), RENDERERS.len());
    for renderer in RENDERERS {
        assert_eq!(by_name(renderer.name).unwrap().summary, renderer.summary);
    }
    assert!(by_name("yaml").is_none());
}

#[test]
fn everything_held() {
    assert_snapshot!(text(&held()));
}

#[test]
fn a_down_that_leaves_traces_is_shown_with_both_scripts_and_what_to_add() {
    let mut report = held();
    report.migrations.truncate(4);
    report.migrations[2] = migration("0003_add_mood", Verdict::Flawed);
    report.migrations[2].timings.reapply_ms = None;
    report.chain = Chain::Broken { steps: 4, told_by_steps: true };
    report.findings = vec![trace()];
    report.outcome = Outcome::Found;
    assert_snapshot!(text(&report));
}

#[test]
fn an_up_that_fails_ends_the_run() {
    let sql = "CREATE TABLE books (id bigint REFERENCES shelves);";
    let mut failed = migration("0002_create_books", Verdict::Flawed);
    failed.timings = Timings::default();
    failed.round_trip = None;
    let report = report(
        vec![
            migration("0001_create_users", Verdict::Reversible),
            failed,
            migration("0003_add_mood", Verdict::NotReached),
            migration("0004_index_email", Verdict::NotReached),
        ],
        Chain::NotRun { reason: "`0002_create_books` cannot be applied".to_owned() },
        vec![Finding {
            line: Some(7),
            notes: vec!["SQLSTATE 42P01".to_owned()],
            places: vec![place("0002_create_books.up.sql", 7, sql, "shelves);", "")],
            ..finding(
                "up-fails",
                "0002_create_books",
                "`0002_create_books` cannot be applied: relation \"shelves\" does not exist",
            )
        }],
    );
    assert_snapshot!(text(&report));
}

#[test]
fn columns_in_another_order_are_a_warning() {
    let report = report(
        vec![
            migration("0001_create_users", Verdict::Reversible),
            migration("0002_drop_email", Verdict::Flawed),
        ],
        Chain::Broken { steps: 2, told_by_steps: true },
        vec![column_order()],
    );
    assert_snapshot!(text(&report));
}

#[test]
fn what_is_allowed_is_counted_by_rule() {
    let mut report = held();
    report.migrations.truncate(1);
    report.chain = Chain::Broken { steps: 1, told_by_steps: true };
    report.allowed.insert("column-order".to_owned(), 2);
    report.allowed.insert("down-missing".to_owned(), 1);
    assert_snapshot!(text(&report), @r"
    migrations: 1 migration, format sqlx (`0001_create_users.up.sql` has a down beside it)
    PostgreSQL 16.14, container, fast profile

      reversible 0001_create_users  up 1.2 ms  down 0.5 ms  up again 1.0 ms

    allowed: 2 column-order, 1 down-missing
    head to base to head: not restored, for reasons that are allowed
    held: 1 reversible, 3 allowed
    ");
}

#[test]
fn what_is_irreversible_on_purpose_says_why_and_leaves_the_columns_alone() {
    let reason = "the old numbers are gone\nand nobody has a copy of them, not even the archive";
    let report = report(
        vec![
            migration("0001_create_users", Verdict::Reversible),
            migration("0002_forget", Verdict::Irreversible { reason: reason.to_owned() }),
            migration("0003_add_mood", Verdict::Reversible),
        ],
        stopped_at("0002_forget", "it is irreversible"),
        Vec::new(),
    );
    assert_snapshot!(text(&report));
}

#[test]
fn a_long_history_is_folded_where_nothing_happened() {
    let mut all: Vec<Migration> =
        (1..=60).map(|number| migration(&format!("{number:04}"), Verdict::Reversible)).collect();
    all[20].verdict = Verdict::Flawed;
    all[21].verdict = Verdict::Flawed;
    all[22].verdict = Verdict::Flawed;
    all[40] = migration("0041", Verdict::Irreversible { reason: "rows are gone".to_owned() });
    let findings =
        (21..24).map(|number| finding("down-missing", &format!("{number:04}"), "none")).collect();
    let report = report(all, stopped_at("0041", "it is irreversible"), findings);
    let table = text(&report).split("\n\n").nth(1).unwrap().to_owned();
    assert_snapshot!(table);
}

#[test]
fn forty_migrations_are_shown_one_by_one_and_runs_of_two_always() {
    let all = |count: u32| -> Vec<Migration> {
        (1..=count).map(|number| migration(&number.to_string(), Verdict::Reversible)).collect()
    };
    let shown = |all| text(&report(all, not_run(), Vec::new())).matches("reversible ").count();
    assert_eq!(shown(all(40)), 40);
    assert_eq!(shown(all(41)), 1);
    let mut parted = all(41);
    parted[2].verdict = Verdict::ForwardOnly;
    assert_eq!(shown(parted), 3);
}

#[test]
fn what_only_goes_forward_is_applied() {
    let report = report(
        vec![migration("V1__init", Verdict::ForwardOnly), migration("V2__b", Verdict::ForwardOnly)],
        Chain::NotRun {
            reason: "since `V2__b` cannot be taken back: its format only goes forward".to_owned(),
        },
        Vec::new(),
    );
    assert_snapshot!(text(&report), @r"
    migrations: 2 migrations, format sqlx (`0001_create_users.up.sql` has a down beside it)
    PostgreSQL 16.14, container, fast profile

      applied V1__init  up 3.2 ms
      applied V2__b     up 3.2 ms

    head to base to head: not run, since `V2__b` cannot be taken back: its format only goes forward
    held: 2 applied, forward only
    ");
}

#[test]
fn the_way_from_the_head_and_back_is_told_in_one_line() {
    let of = |chain, findings| {
        let all = vec![migration("1", Verdict::Reversible)];
        let text = text(&report(all, chain, findings));
        text.lines().rev().nth(1).unwrap().to_owned()
    };
    let findings = || vec![finding("down-fails", "1", "it fails")];
    let chains = [
        of(Chain::Restored { steps: 12, stops: Vec::new(), untried: None }, Vec::new()),
        of(Chain::Restored { steps: 1, stops: Vec::new(), untried: None }, Vec::new()),
        of(stopped_at("0002_forget", "it is irreversible"), Vec::new()),
        of(Chain::Broken { steps: 12, told_by_steps: false }, findings()),
        of(Chain::Broken { steps: 12, told_by_steps: true }, findings()),
        of(Chain::Broken { steps: 12, told_by_steps: true }, Vec::new()),
        of(not_run(), Vec::new()),
    ];
    assert_snapshot!(chains.join("\n"), @r"
    head to base to head: 12 steps down and up again, restored
    head to base to head: 1 step down and up again, restored
    head to base to head: 3 steps down and up again, restored; not across `0002_forget`: it is irreversible
    head to base to head: 12 steps down and up again, not restored
    head to base to head: not restored, for the reasons above
    head to base to head: not restored, for reasons that are allowed
    head to base to head: not run, since there is nothing to take back
    ");
}

#[test]
fn a_finding_without_a_script_names_the_file_and_the_line() {
    let unused = Finding {
        migration: None,
        file: "shakedown.toml".to_owned(),
        line: Some(4),
        help: Some("remove the declaration".to_owned()),
        notes: vec!["the reason given is: rows are gone".to_owned()],
        ..finding("irreversible-unused", "x", "`0009` is declared, but there is no such migration")
    };
    assert_snapshot!(found(unused), @r"
    error[irreversible-unused]: `0009` is declared, but there is no such migration
    --> shakedown.toml:4
     = note: the reason given is: rows are gone
     = help: remove the declaration
    ");
}

#[test]
fn many_changes_are_counted() {
    let change = |number: u32| Change {
        object: format!("index public.i{number}"),
        how: How::Lost,
        details: Vec::new(),
        mend: None,
    };
    let many = Finding { changes: (1..=15).map(change).collect(), ..finding("r", "1", "lost") };
    let shown = found(many);
    assert!(shown.contains("lost: index public.i12\n"), "{shown}");
    assert!(!shown.contains("public.i13"), "{shown}");
    assert!(shown.contains("and 3 more\n"), "{shown}");
}

/// A finding in which nothing is a single line, and some end as on Windows.
fn many_lines() -> Finding {
    Finding {
        message: "`1` cannot be applied: one \r\ntwo".to_owned(),
        help: Some("add to `1.down.sql`:\n  DROP TYPE mood;\n  DROP TABLE users;\n".to_owned()),
        notes: vec!["Key (id)=(1)\r\nis not there\r\n\r\nat all".to_owned()],
        places: vec![place("1.sql", 9, "SELECT 1;\n\nSELECT 2;", "SELECT 2;", "here")],
        ..finding("up-fails", "1", "")
    }
}

#[test]
fn lines_below_the_first_stand_under_it() {
    assert_snapshot!(found(many_lines()), @r"
    error[up-fails]: `1` cannot be applied: one
                     two
      --> migrations/1.sql:11:1
       |
     9 | SELECT 1;
    10 |
    11 | SELECT 2;
       | ^^^^^^^^^ here
       |
       = note: Key (id)=(1)
               is not there

               at all
       = help: add to `1.down.sql`:
                 DROP TYPE mood;
                 DROP TABLE users;
    ");
}

#[test]
fn the_verdict_is_the_last_line() {
    for report in everything() {
        let text = text(&report);
        let last = text.lines().last().unwrap();
        let wanted = match report.outcome {
            Outcome::Held => "held: 12 reversible",
            Outcome::Incomplete => unreachable!("no example of it among these"),
            Outcome::Found if report.allowed.is_empty() => {
                "found 2 errors and 1 warning: 1 reversible, 1 irreversible on purpose, \
                 1 applied, forward only, 1 flawed, 1 with flaws that are allowed, 1 not tested, 1 not selected, 1 not reached"
            }
            Outcome::Found => {
                "found 2 errors and 1 warning, 2 allowed: 1 reversible, 1 irreversible on \
                 purpose, 1 applied, forward only, 1 flawed, 1 with flaws that are allowed, 1 not tested, 1 not selected, 1 not reached"
            }
        };
        assert_eq!(last, wanted);
        assert!(text.ends_with('\n'));
    }
    let nothing = report(Vec::new(), not_run(), Vec::new());
    assert_eq!(text(&nothing).lines().last(), Some("held: no migrations"));
}

#[test]
fn no_line_ends_in_blanks_and_no_two_are_empty() {
    for report in everything() {
        for colour in [Colour::No, Colour::Yes] {
            let text = without_codes(&render::text(&report, colour));
            assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
            assert!(!text.contains("\n\n\n"), "{text}");
        }
    }
}

#[test]
fn colours_change_nothing_but_the_colour() {
    let lines = report(vec![migration("1", Verdict::Flawed)], not_run(), vec![many_lines()]);
    for report in everything().into_iter().chain([lines]) {
        let plain = text(&report);
        let coloured = render::text(&report, Colour::Yes);
        assert!(!plain.contains('\u{1b}'));
        assert!(coloured.contains("\u{1b}["), "{coloured}");
        assert_eq!(without_codes(&coloured), plain);
    }
    let last = render::text(&held(), Colour::Yes).lines().last().unwrap().to_owned();
    assert_eq!(last, "\u{1b}[32mheld\u{1b}[0m: 12 reversible");
}

#[test]
fn columns_line_up_whatever_the_ids_are_written_in() {
    let ids = ["0001_user", "0002_日本語", "0003_e\u{301}te\u{301}", "0004_пользователи", "5"];
    let all = ids.iter().map(|id| migration(id, Verdict::Reversible)).collect();
    let text = text(&report(all, not_run(), Vec::new()));
    let at = |wanted: &str| -> BTreeSet<usize> {
        let rows = text.lines().filter_map(|line| line.split_once(wanted));
        rows.map(|(before, _)| before.width()).collect()
    };
    for wanted in [" up 3.2", " down 1.5", " up again 12.0"] {
        assert_eq!(at(wanted).len(), 1, "{wanted} is not in one column:\n{text}");
    }
}

#[test]
fn numbers_of_other_lengths_end_in_one_column() {
    let mut all = vec![migration("1", Verdict::Reversible), migration("2", Verdict::Reversible)];
    all[1].timings = Timings { up_ms: Some(1234.56), down_ms: None, reapply_ms: Some(0.04) };
    let text = text(&report(all, not_run(), Vec::new()));
    let table = text.split("\n\n").nth(1).unwrap();
    assert_snapshot!(format!("table\n{table}"), @r"
    table
      reversible 1  up    3.2 ms  down 1.5 ms  up again 12.0 ms
      reversible 2  up 1234.6 ms               up again  0.0 ms
    ");
}

const HOSTILE: &str = "<script>\"x\" 'y' & ]]>\u{1b}[2J\u{1b}]0;t\u{7}\0\u{8}\u{7f}\u{9b}31m\u{202e}\u{2066}\u{fffe}\rz";

/// A report in which every word that comes from the project is hostile.
fn hostile() -> Report {
    let evil = |word: &str| format!("{word} {HOSTILE}\nheld: all is well");
    let mut place = place("x.sql", 1, "SELECT 1;", "1", "");
    place.text = format!("{HOSTILE}\nSELECT {HOSTILE}");
    place.start = HOSTILE.len() + 1;
    place.end = place.text.len();
    place.file = evil("file");
    place.label = evil("label");
    let finding = Finding {
        severity: trace().severity,
        rule: evil("rule"),
        migration: Some(evil("id")),
        file: evil("file"),
        line: Some(1),
        message: evil("message"),
        help: Some(evil("help")),
        // Its lines stand at the left edge, so that they can be copied.
        mend: Some(evil("mend").replace(['\n', '\r'], " ")),
        promise: Some(evil("promise")),
        script: Some(evil("script").replace(['\n', '\r'], " ")),
        notes: vec![evil("note")],
        places: vec![place],
        changes: vec![Change {
            object: evil("object"),
            how: How::Differs,
            details: vec![evil("detail")],
            mend: Some(evil("mend")),
        }],
    };
    let bare = Finding { places: Vec::new(), migration: None, ..finding.clone() };
    let mut report = report(
        vec![
            migration(&evil("id"), Verdict::Flawed),
            migration(&evil("other"), Verdict::Irreversible { reason: evil("reason") }),
        ],
        stopped_at(&evil("stop"), &evil("why")),
        vec![finding, bare],
    );
    report.project.folder = evil("folder");
    report.project.format = evil("format");
    report.project.detected_by = Some(evil("by"));
    report.server.version = evil("version");
    report.server.way = evil("way");
    report.server.profile = Some(evil("profile"));
    report.allowed.insert(evil("allowed"), 1);
    report
}

#[test]
fn nothing_from_the_project_steers_the_terminal() {
    let report = hostile();
    let plain = text(&report);
    assert_harmless(&plain);
    assert_eq!(without_codes(&render::text(&report, Colour::Yes)), plain);
    for chain in [
        Chain::NotRun { reason: HOSTILE.to_owned() },
        Chain::Restored {
            steps: 1,
            stops: vec![Stop { migration: HOSTILE.to_owned(), reason: HOSTILE.to_owned() }],
            untried: None,
        },
    ] {
        assert_harmless(&text(&Report { chain, ..report.clone() }));
    }
    // Shown as pictures rather than dropped: two names that differ look different.
    assert!(plain.contains("id <script>\"x\" 'y' & ]]>␛[2J␛]0;t␇␀␈␡�31m���␍z held: all is well"));
    // Only the words themselves may hold line breaks, and then they are indented.
    assert_eq!(plain.lines().filter(|line| line.starts_with("held:")).count(), 0, "{plain}");
}

#[test]
fn a_mark_stays_on_its_words_when_those_before_it_are_cleaned() {
    let clean = place("x.sql", 1, "ab SELECT é;", "SELECT é;", "here");
    let mut dirty = place("x.sql", 1, "\u{1b}\u{9b} SELECT é;", "SELECT é;", "here");
    let of = |place| found(Finding { places: vec![place], ..finding("r", "1", "m") });
    let wanted = of(clean).replace("ab SELECT", "␛� SELECT");
    assert_eq!(of(dirty.clone()), wanted);
    // A report changed by hand may have marks that lie outside, or the wrong way round.
    for (start, end) in [(0, 999), (999, 0), (1, 2), (8, 3)] {
        (dirty.start, dirty.end) = (start, end);
        assert!(of(dirty.clone()).contains("SELECT é;"));
    }
}

#[test]
fn junit_has_a_case_per_migration_and_one_for_the_chain() {
    let mut report = report(
        vec![
            migration("0001_create_users", Verdict::Reversible),
            migration("0002_forget", Verdict::Irreversible { reason: "gone".to_owned() }),
            migration("0003_add_mood", Verdict::Flawed),
            migration("0004_later", Verdict::NotSelected),
            migration("0005_last", Verdict::NotReached),
        ],
        not_run(),
        vec![trace()],
    );
    report.findings[0].notes.clear();
    assert_snapshot!(junit(&report));
}

#[test]
fn junit_says_for_each_case_whether_it_failed() {
    let all = || vec![migration("1", Verdict::Reversible), migration("2", Verdict::Flawed)];
    let status = |chain, findings| -> Vec<String> {
        let xml = junit(&report(all(), chain, findings));
        let document = parsed(&xml);
        let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
        let status = cases.map(|case| {
            let inner = case.first_element_child();
            inner.map_or("passed", |node| node.tag_name().name()).to_owned()
        });
        status.collect()
    };
    let restored = || Chain::Restored { steps: 2, stops: Vec::new(), untried: None };
    let broken = |told_by_steps| Chain::Broken { steps: 2, told_by_steps };
    let step = || vec![finding("down-fails", "2", "fails")];
    let nothing = Vec::new;
    assert_eq!(status(restored(), nothing()), ["passed", "passed", "passed"]);
    assert_eq!(status(restored(), step()), ["passed", "failure", "passed"]);
    assert_eq!(status(not_run(), step()), ["passed", "failure", "skipped"]);
    assert_eq!(status(broken(true), step()), ["passed", "failure", "failure"]);
    // Told by a step, but allowed: no failure, and no success either.
    assert_eq!(status(broken(true), nothing()), ["passed", "passed", "skipped"]);
    // It names the migration to look at, which is not flawed itself.
    let way = vec![finding("chain-differs", "1", "differs")];
    assert_eq!(status(broken(false), way), ["passed", "passed", "failure"]);
    let nobody = vec![finding("irreversible-unused", "9", "no such migration")];
    assert_eq!(status(restored(), nobody), ["passed", "passed", "failure"]);
}

#[test]
fn a_failure_in_junit_carries_the_finding_as_the_terminal_shows_it() {
    let report = report(
        vec![migration("0003_add_mood", Verdict::Flawed)],
        not_run(),
        vec![trace(), Finding { migration: Some("0003_add_mood".to_owned()), ..column_order() }],
    );
    let xml = junit(&report);
    let document = parsed(&xml);
    let failures: Vec<_> =
        document.descendants().filter(|node| node.has_tag_name("failure")).collect();
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].attribute("type"), Some("down-leaves-trace"));
    assert_eq!(failures[0].attribute("message"), Some(trace().message.as_str()));
    let body = failures[0].text().unwrap();
    let terminal = text(&report);
    assert!(terminal.contains(body), "{body}\n--\n{terminal}");
    assert!(body.contains("[down-leaves-trace]") && body.contains("[column-order]"), "{body}");
}

#[test]
fn nothing_from_the_project_breaks_out_of_junit() {
    let xml = junit(&hostile());
    assert!(!xml.contains("<script>") && !xml.contains("]]>"), "{xml}");
    let document = parsed(&xml);
    let names: Vec<&str> = document
        .descendants()
        .filter(|node| node.has_tag_name("testcase"))
        .map(|case| case.attribute("name").unwrap())
        .collect();
    assert_eq!(names.len(), 3);
    assert_eq!(names[0], "id <script>\"x\" 'y' & ]]>␛[2J␛]0;t␇␀␈␡�31m���␍z held: all is well");
    let tags: BTreeSet<&str> = document
        .descendants()
        .map(|node| node.tag_name().name())
        .filter(|t| !t.is_empty())
        .collect();
    assert_eq!(tags, BTreeSet::from(["testsuites", "testsuite", "testcase", "failure"]));
    assert_harmless(&xml);
    let skipped = junit(&Report {
        chain: Chain::NotRun { reason: HOSTILE.to_owned() },
        findings: Vec::new(),
        ..hostile()
    });
    parsed(&skipped);
    assert_harmless(&skipped);
}

fn text(report: &Report) -> String {
    render::text(report, Colour::No)
}

fn junit(report: &Report) -> String {
    (by_name("junit").unwrap().render)(report, Colour::Yes)
}

/// A single finding as it is shown.
fn found(finding: Finding) -> String {
    let all = vec![migration("1", Verdict::Flawed)];
    let text = text(&report(all, not_run(), vec![finding]));
    let (_, rest) = text.split_once("12.0 ms\n\n").unwrap();
    let (finding, _) = rest.rsplit_once("\n\nhead to base").unwrap();
    format!("{finding}\n")
}

fn not_run() -> Chain {
    Chain::NotRun { reason: "since there is nothing to take back".to_owned() }
}

fn stopped_at(migration: &str, reason: &str) -> Chain {
    let stop = Stop { migration: migration.to_owned(), reason: reason.to_owned() };
    Chain::Restored { steps: 3, stops: vec![stop], untried: None }
}

/// The document, if it is well-formed.
pub(crate) fn parsed(xml: &str) -> Document<'_> {
    Document::parse(xml).unwrap_or_else(|error| panic!("{error} in\n{xml}"))
}

/// Nothing in it that a terminal obeys, but line breaks and tabs.
pub(crate) fn assert_harmless(text: &str) {
    let bad = text.chars().find(|&char| {
        (char.is_control() && char != '\n' && char != '\t')
            || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    });
    assert_eq!(bad, None, "{text:?}");
}

/// The text without colour codes.
pub(crate) fn without_codes(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap().to_owned();
    pieces.fold(first, |plain, piece| {
        let (code, rest) = piece.split_once('m').unwrap();
        assert!(code.chars().all(|char| char.is_ascii_digit() || char == ';'), "{text:?}");
        plain + rest
    })
}

#[test]
fn the_mending_sql_stands_at_the_left_edge_and_a_long_one_is_cut() {
    let mut finding = finding("down-empty", "2", "does nothing");
    finding.help = Some("write into `2.down.sql`:".to_owned());
    finding.mend = Some("CREATE FUNCTION f() ...\n  body\n;".to_owned());
    let of = |finding: &Finding| text(&report(Vec::new(), not_run(), vec![finding.clone()]));
    assert!(of(&finding).contains("\n\nCREATE FUNCTION f() ...\n  body\n;\n"), "{}", of(&finding));
    finding.mend = Some("SELECT 1;\n".repeat(35));
    let cut = of(&finding);
    assert_eq!(cut.matches("SELECT 1;").count(), 25);
    assert!(
        cut.contains(
            "\n-- and 10 more lines: all of it is in the field `mend` of the JSON report\n"
        ),
        "{cut}"
    );
}

#[test]
fn what_could_not_be_tested_does_not_read_as_held() {
    let untested = Verdict::Untested { reason: "a role is shared".to_owned() };
    let all = vec![migration("1", Verdict::Reversible), migration("2", untested)];
    let mut report = report(all, not_run(), Vec::new());
    report.outcome = Outcome::Incomplete;
    let text = text(&report);
    assert_eq!(text.lines().last(), Some("not all could be tested: 1 reversible, 1 not tested"));
    assert!(text.contains("not tested") && text.contains("a role is shared"), "{text}");
}
