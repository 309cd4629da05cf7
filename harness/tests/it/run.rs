//! `shakedown run` as a user meets it: all parts, what hinders one, and a budget that is too small.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use shakedown_reports::Report;
use shakedown_reports::model::Outcome;
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::support::{block_on, durable};

/// One after another, so that each has the processors to itself as far as these tests go.
static TURN: Mutex<()> = Mutex::const_new(());

const GOOD: &str = "CREATE TABLE owners (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
                    name text NOT NULL);";

/// A project of these pairs of up and down scripts.
fn project(steps: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("migrations");
    fs::create_dir(&folder).unwrap();
    for (number, (up, down)) in (1..).zip(steps) {
        fs::write(folder.join(format!("{number}_step.up.sql")), up).unwrap();
        fs::write(folder.join(format!("{number}_step.down.sql")), down).unwrap();
    }
    root
}

fn command(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shakedown"));
    command
        .arg("run")
        .args(arguments)
        .current_dir(root)
        .env("SHAKEDOWN_POSTGRES", durable().address("postgres"));
    command
}

fn run(root: &Path, arguments: &[&str]) -> Output {
    let _turn = block_on(TURN.lock());
    command(root, arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

fn report(root: &Path) -> Report {
    serde_json::from_str(&fs::read_to_string(root.join("r.json")).unwrap()).unwrap()
}

/// Each part by its name, with what came of it.
fn parts(report: &Report) -> Vec<(&str, Option<Outcome>)> {
    report.parts.iter().map(|part| (part.name.as_str(), part.outcome)).collect()
}

#[test]
fn everything_is_done_and_the_page_is_written_where_nobody_says_otherwise() {
    let root = project(&[(GOOD, "DROP TABLE owners;")]);
    let output = run(root.path(), &["--budget", "50s"]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    for part in ["done verify", "done invariants", "done pool", "done index"] {
        assert!(told.contains(part), "no `{part}` in:\n{told}");
    }
    assert!(told.contains("held: all of 4 parts") && told.contains("report.html"), "{told}");
    let page = fs::read_to_string(root.path().join("report.html")).unwrap();
    assert!(page.starts_with("<!") && page.contains("owners"), "{}", page.len());
}

#[test]
fn what_one_part_finds_does_not_keep_the_others_from_running() {
    let root = project(&[(GOOD, "SELECT 1;")]);
    let output = run(root.path(), &["--budget", "5s", "--out", "json=r.json"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let report = report(root.path());
    assert_eq!(parts(&report)[0], ("verify", Some(Outcome::Found)));
    assert_eq!(parts(&report)[1], ("invariants", Some(Outcome::Held)));
    assert!(report.parts[2..].iter().all(|part| part.late && part.outcome.is_none()));
    assert!(report.findings.iter().any(|finding| finding.rule == "down-leaves-trace"));
    assert!(report.invariants.is_some());
    assert!(!root.path().join("report.html").exists(), "another output was asked for");
}

#[test]
fn without_a_schema_the_other_parts_say_why_they_did_not_run() {
    let root = project(&[(GOOD, "DROP TABLE owners;"), ("SELECT no_such;", "SELECT 1;")]);
    let output = run(root.path(), &["--out", "json=r.json"]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let report = report(root.path());
    for part in &report.parts[1..] {
        assert_eq!(part.outcome, None);
        assert!(part.reason.as_deref().unwrap().contains("cannot be applied"), "{part:?}");
    }
    assert!(told.contains("not run") && told.contains("found: 1 of 4 parts"), "{told}");
}

#[test]
fn a_budget_that_is_too_small_says_what_it_left_out_and_is_no_failure() {
    let root = project(&[(GOOD, "DROP TABLE owners;")]);
    let output = run(root.path(), &["--budget", "5s", "--out", "json=r.json"]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("left out"), "{told}");
    assert!(told.contains("`shakedown index` does it alone"), "{told}");
    assert!(report(root.path()).load.is_none());
}

#[test]
fn the_gate_of_the_configuration_is_a_part_and_its_mistakes_hide_nothing() {
    let root = project(&[(GOOD, "DROP TABLE owners;")]);
    let config = "[gate]\nagainst = \"main\"\n";
    fs::write(root.path().join("shakedown.toml"), config).unwrap();
    let output = run(root.path(), &["--budget", "5s", "--out", "json=r.json"]);
    let told = said(&output);
    // The folder is in no git repository, so that there is nothing to compare with.
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("is in no git repository"), "{told}");
    let report = report(root.path());
    assert_eq!(parts(&report)[4], ("gate", None));
    assert!(report.invariants.is_some());
}

#[test]
fn ctrl_c_ends_it_early_with_a_report_of_what_was_done() {
    let root = project(&[(GOOD, "DROP TABLE owners;")]);
    let _turn = block_on(TURN.lock());
    let child = command(root.path(), &["--budget", "10m", "--out", "json=r.json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // Long before it is done, and after it has begun to listen.
    std::thread::sleep(Duration::from_secs(4));
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = said(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    let report = report(root.path());
    assert_eq!(report.parts.len(), 4, "{told}");
    // Whichever part it was that was interrupted, those behind it were not reached.
    let reasons: Vec<_> = report.parts.iter().filter_map(|part| part.reason.as_deref()).collect();
    assert_eq!(*reasons.last().unwrap(), "the run was ended early");
    assert!(!told.contains("cannot be applied"), "{told}");
}

#[test]
fn mistakes_of_the_configuration_are_told_before_anything_runs() {
    let root = project(&[(GOOD, "DROP TABLE owners;")]);
    for (config, says) in [
        ("[load]\nscenario = \"shopp\"\n", "there is no scenario `shopp`"),
        ("[gate]\nlimits = [\"p98 < 5ms\"]\n", "there is no measure `p98`"),
        (
            "[index.strategies]\nmine = { create = \"SELECT 1\" }\n",
            "how to undo the strategy `mine`",
        ),
        ("[verify]\nallow = [\"down-emty\"]\n", "there is no rule `down-emty`"),
    ] {
        fs::write(root.path().join("shakedown.toml"), config).unwrap();
        let output = command(root.path(), &["--out", "json=r.json"]).output().unwrap();
        let told = said(&output);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(says), "{told}");
        assert!(!told.contains("verify "), "nothing ran: {told}");
        assert!(!root.path().join("r.json").exists());
    }
}

#[test]
fn queries_of_an_application_that_cannot_be_read_are_told_and_others_are_driven() {
    let root = project(&[(GOOD, "DROP TABLE owners;")]);
    fs::create_dir(root.path().join(".sqlx")).unwrap();
    fs::write(root.path().join(".sqlx/query-1.json"), "{").unwrap();
    let output = run(root.path(), &["--budget", "40s", "--out", "json=r.json"]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("index: the queries of `.sqlx`"), "{told}");
    assert_eq!(report(root.path()).indexes.unwrap().scenario.name, "derived");
}

#[test]
fn a_gate_of_the_configuration_for_which_there_is_no_time_has_not_passed() {
    let root = project(&[(GOOD, "DROP TABLE owners;")]);
    fs::write(root.path().join("shakedown.toml"), "[gate]\nlimits = [\"p99 < 1us\"]\n").unwrap();
    let output = run(root.path(), &["--budget", "6s", "--out", "json=r.json"]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    let report = report(root.path());
    let gate = report.parts.iter().find(|part| part.name == "gate").unwrap();
    assert_eq!((gate.outcome, gate.late), (None, false));
    assert!(told.contains("not all could be done: 2 of 5 parts done"), "{told}");
}

#[test]
fn migrations_and_queries_are_looked_for_where_nobody_names_them() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("db/migrations")).unwrap();
    fs::create_dir(root.path().join("queries")).unwrap();
    let file = |name: &str, text: &str| fs::write(root.path().join(name), text).unwrap();
    file("db/migrations/1_a.up.sql", GOOD);
    file("db/migrations/1_a.down.sql", "DROP TABLE owners;");
    file("queries/owners.sql", "-- name: GetOwner :one\nSELECT name FROM owners WHERE id = $1;\n");
    let output = run(root.path(), &["--budget", "40s", "--out", "json=r.json"]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("taking the migrations of `db/migrations`"), "{told}");
    let report = report(root.path());
    let driven = report.indexes.map(|indexes| indexes.scenario).or(report.load.map(|l| l.scenario));
    let driven = driven.unwrap();
    assert_eq!(driven.origin, "the queries of queries", "{told}");
    assert_eq!(driven.operations[0].name, "GetOwner");

    // Those of another schema are told, and the catalog's are driven.
    file("queries/owners.sql", "-- name: GetCat :one\nSELECT name FROM cats WHERE id = $1;\n");
    let output = run(root.path(), &["--budget", "40s", "--out", "json=r.json"]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let text = fs::read_to_string(root.path().join("r.json")).unwrap();
    assert!(text.contains("the queries of queries are not driven"), "{told}");
    assert!(text.contains("\"derived\""), "{told}");
}

#[test]
fn whoever_closes_the_pipe_early_gets_no_panic() {
    let root = project(&[(GOOD, "DROP TABLE owners;")]);
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = command(root.path(), &["--budget", "3s"]);
    let mut child = command.stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
    drop((command, reader));
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_output_that_cannot_be_written_is_told_at_once() {
    let root = project(&[(GOOD, "DROP TABLE owners;")]);
    let output = command(root.path(), &["--out", "html=no/such/folder.html"]).output().unwrap();
    let told = said(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("`no/such/folder.html` cannot be written"), "{told}");
    let output = command(root.path(), &["--budget", "0s"]).output().unwrap();
    assert!(said(&output).contains("nothing can be done in no time"));
}
