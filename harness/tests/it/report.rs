//! `shakedown report` as a user meets it: no server is needed.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use shakedown_reports::Report;
use shakedown_reports::model::{
    Chain, Finding, Migration, Outcome, Project, SCHEMA_VERSION, Server, Severity, Timings, Tool,
    Verdict,
};
use tempfile::TempDir;

fn shakedown(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shakedown"))
        .arg("report")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Ends with 2, nothing on stdout, a sentence and a hint without anything that steers a terminal.
fn check_refused(folder: &Path, arguments: &[&str], sentence: &str, hint: &str) {
    let output = shakedown(folder, arguments);
    let told = text(&output.stderr);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(2), ""), "{told}");
    let (error, hints) = told.split_once("\n\nhint: ").unwrap_or((&told, ""));
    assert!(error.starts_with("error: ") && error.contains(sentence), "{told}");
    assert!(hints.contains(hint), "{told}");
    assert!(!told.contains("panicked") && !told.contains('\u{1b}'), "{told:?}");
}

fn held() -> Report {
    Report {
        schema_version: SCHEMA_VERSION,
        outcome: Outcome::Held,
        tool: Tool { name: "shakedown".to_owned(), version: "0.1.0".to_owned() },
        started_at: "2026-11-22T19:37:25Z".to_owned(),
        duration_ms: 1234.5,
        project: Project {
            folder: "migrations".to_owned(),
            format: "sqlx".to_owned(),
            detected_by: None,
            began_with: None,
        },
        server: Server {
            version: "16.14".to_owned(),
            way: "embedded".to_owned(),
            profile: Some("fast".to_owned()),
            settings: std::collections::BTreeMap::new(),
        },
        migrations: vec![Migration {
            id: "1_a".to_owned(),
            verdict: Verdict::Reversible,
            round_trip: None,
            timings: Timings::default(),
        }],
        chain: Chain::Restored { steps: 1, stops: Vec::new(), untried: None },
        findings: Vec::new(),
        allowed: std::collections::BTreeMap::new(),
        invariants: None,
        strength: None,
        load: None,
        indexes: None,
        gates: None,
        parts: Vec::new(),
        environment: None,
    }
}

/// With one finding, whose words try to steer terminals and runners.
fn found() -> Report {
    let mut report = held();
    report.outcome = Outcome::Found;
    report.migrations[0].verdict = Verdict::Flawed;
    report.findings = vec![Finding {
        rule: "down-fails".to_owned(),
        severity: Severity::Error,
        migration: Some("1_a".to_owned()),
        file: "migrations/1_a.down.sql".to_owned(),
        line: Some(3),
        message: "\u{1b}[2J\u{1b}]0;x\u{7}the down fails\n::stop-commands::x".to_owned(),
        help: None,
        mend: Some("DROP TABLE a;".to_owned()),
        promise: None,
        script: None,
        notes: Vec::new(),
        places: Vec::new(),
        changes: Vec::new(),
    }];
    report
}

/// A folder with both reports in it.
fn stored() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, report) in [("held.json", held()), ("found.json", found())] {
        fs::write(folder.path().join(name), serde_json::to_string(&report).unwrap()).unwrap();
    }
    folder
}

#[test]
fn a_stored_report_is_printed_again_and_written_in_every_format() {
    let folder = stored();
    let mut arguments = vec!["found.json".to_owned()];
    for renderer in shakedown_reports::render::RENDERERS {
        arguments.extend(["--out".to_owned(), format!("{0}=out.{0}", renderer.name)]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = shakedown(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let printed = text(&output.stdout);
    assert_eq!(read("out.text"), printed);
    assert!(printed.contains("error[down-fails]") && !printed.contains(['\u{1b}', '\u{7}']));
    assert_eq!(serde_json::from_str::<Report>(&read("out.json")).unwrap(), found());
    assert!(read("out.sarif").contains("\"2.1.0\"") && read("out.junit").contains("<failure"));
    assert!(read("out.comment").starts_with("<!-- shakedown -->\n"));
    let held = shakedown(folder.path(), &["held.json"]);
    assert_eq!((held.status.code(), text(&held.stderr).as_str()), (Some(0), ""));
}

#[test]
fn a_format_for_stdout_takes_the_place_of_the_text() {
    let folder = stored();
    let output = shakedown(folder.path(), &["found.json", "--out", "github=-"]);
    let printed = text(&output.stdout);
    assert_eq!((output.status.code(), printed.lines().count()), (Some(1), 1), "{printed}");
    assert!(printed.starts_with("::error file=migrations/1_a.down.sql,line=3,title=down-fails::"));
    check_refused(
        folder.path(),
        &["found.json", "--out", "github=-", "--out", "json=-"],
        "only one format",
        "name a file",
    );
    assert!(!folder.path().join("-").exists());
}

#[test]
fn two_reports_are_compared_and_the_exit_code_says_whether_anything_got_worse() {
    let folder = stored();
    let worse = shakedown(folder.path(), &["diff", "held.json", "found.json"]);
    let told = text(&worse.stdout);
    assert_eq!(worse.status.code(), Some(1), "{}", text(&worse.stderr));
    assert!(told.contains("worse 1_a  reversible -> flawed\n"), "{told}");
    assert!(told.ends_with("\nworse: 2 changes for the worse\n") && !told.contains('\u{1b}'));
    let better = shakedown(folder.path(), &["diff", "found.json", "held.json"]);
    assert_eq!(better.status.code(), Some(0));
    let json = shakedown(folder.path(), &["diff", "held.json", "found.json", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["sections"][0]["changes"][0]["course"], "worse");
}

#[test]
fn reports_that_cannot_be_compared_are_refused() {
    let folder = stored();
    let mut other = held();
    other.migrations[0].id = "1_other".to_owned();
    fs::write(folder.path().join("other.json"), serde_json::to_string(&other).unwrap()).unwrap();
    let arguments = ["diff", "held.json", "other.json"];
    check_refused(folder.path(), &arguments, "of different projects", "the same migrations");
}

#[test]
fn a_file_that_is_no_report_is_refused_with_the_way_out() {
    let folder = stored();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let whole = serde_json::to_string(&held()).unwrap();
    write("cut.json", &whole.as_bytes()[..whole.len() / 2]);
    let newer = whole.replace("\"schema_version\":1", "\"schema_version\":2");
    write("newer.json", newer.as_bytes());
    write("empty.json", b"");
    write("junit.xml", b"<?xml version=\"1.0\"?><testsuites/>");
    write("binary.json", &[0xff, 0xfe, 0x00, 0x1b]);
    write("steering.json", b"{\"schema_version\": 1, \"outcome\": \"\\u001b[31mred\"}");
    fs::create_dir(folder.path().join("folder")).unwrap();
    for (name, sentence, hint) in [
        ("cut.json", "`cut.json` is cut off", "run it again"),
        ("newer.json", "version 2 of the format, written by shakedown 0.1.0", "update shakedown"),
        ("empty.json", "`empty.json` is empty", "--out json=FILE"),
        ("junit.xml", "is XML and no JSON report", "--out json=FILE"),
        ("binary.json", "it is not text in UTF-8", "--out json=FILE"),
        ("steering.json", "is no report of this program: unknown variant", "--out json=FILE"),
        ("folder", "`folder` is a folder and no report", "name a file in it"),
        ("nowhere.json", "the report `nowhere.json` cannot be read", "--out json=FILE"),
    ] {
        check_refused(folder.path(), &[name], sentence, hint);
        check_refused(folder.path(), &["diff", name, "held.json"], sentence, hint);
        check_refused(folder.path(), &["diff", "held.json", name], sentence, hint);
        check_refused(folder.path(), &["merge", name], sentence, hint);
    }
}

#[test]
fn two_hundred_megabytes_are_not_read_to_their_end() {
    let folder = stored();
    // A hole in a file takes no room on the disk.
    let file = fs::File::create(folder.path().join("long.json")).unwrap();
    file.set_len(200 * 1024 * 1024).unwrap();
    check_refused(folder.path(), &["long.json"], "has more than 128 MiB", "whole");
    check_refused(folder.path(), &["/dev/zero"], "has more than 128 MiB", "whole");
}

#[test]
fn a_run_that_was_cut_off_can_be_read_and_compared() {
    let folder = stored();
    let mut incomplete = held();
    incomplete.outcome = Outcome::Incomplete;
    let text_of = serde_json::to_string(&incomplete).unwrap();
    fs::write(folder.path().join("incomplete.json"), text_of).unwrap();
    assert_eq!(shakedown(folder.path(), &["incomplete.json"]).status.code(), Some(2));
    let output = shakedown(folder.path(), &["diff", "held.json", "incomplete.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let told = text(&output.stdout);
    assert!(told.contains("note: the second run could not test everything\n"), "{told}");
    assert!(told.ends_with("\nnothing got worse\n"), "{told}");
}
