//! `shakedown gate` as a user meets it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::{SHOP, project};
use crate::support::durable;

/// A repository whose first commit has the shop, and whose second drops an index.
fn repository() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    git(root.path(), &["init", "--quiet", "--initial-branch=main"]);
    let migrations = project(&[SHOP, "DROP INDEX goods_owner_idx;"]);
    fs::create_dir(root.path().join("migrations")).unwrap();
    for number in [1, 2] {
        for way in ["up", "down"] {
            let file = format!("{number}_step.{way}.sql");
            let to = root.path().join("migrations").join(&file);
            fs::copy(migrations.path().join(&file), to).unwrap();
        }
        fs::write(root.path().join("shakedown.toml"), TOML).unwrap();
        commit(root.path(), &format!("step {number}"));
    }
    root
}

const TOML: &str = r#"
[load]
scenario = "shop"
rows = 0

[scenario.shop.of-owner]
sql = '''
\set owner random(0, 499)
SELECT name FROM goods WHERE owner = :owner;
'''
"#;

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    let done =
        Command::new("git").current_dir(folder).args(identity).args(arguments).output().unwrap();
    assert!(done.status.success(), "{done:?}");
}

fn commit(folder: &Path, message: &str) {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", message]);
}

fn gate(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shakedown"))
        .arg("gate")
        .args(arguments)
        .current_dir(folder)
        .env("SHAKEDOWN_POSTGRES", durable().address("postgres"))
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[track_caller]
fn check(folder: &Path, arguments: &[&str], code: i32, says: &[&str]) {
    let output = gate(folder, arguments);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    for sentence in says {
        assert!(said.contains(sentence), "no `{sentence}` in:\n{said}");
    }
}

const COUNTS: &str = "--counters-only";

#[test]
fn a_regression_of_the_last_commit_is_found_and_the_commit_itself_passes() {
    let root = repository();
    check(
        root.path(),
        &["--against", "HEAD~1", COUNTS],
        1,
        &[
            "`2_step` run over the rows of HEAD~1 (",
            "regress of-owner: buffers",
            "the plan was `",
            "regress: ",
            "at an address", // Its log holds images of pages, which are not compared.
        ],
    );
    check(root.path(), &["--against", "main", COUNTS], 0, &["none is added", "pass: all of "]);
    // Neither the working tree nor the index was touched.
    let mut status = Command::new("git");
    status.current_dir(root.path()).args(["status", "--porcelain"]);
    assert_eq!(String::from_utf8_lossy(&status.output().unwrap().stdout), "");
}

#[test]
fn what_is_edited_and_not_committed_is_the_candidate() {
    let root = repository();
    fs::remove_file(root.path().join("migrations/2_step.up.sql")).unwrap();
    fs::remove_file(root.path().join("migrations/2_step.down.sql")).unwrap();
    check(root.path(), &["--against", "HEAD", COUNTS], 0, &["were changed", "pass: "]);
}

#[test]
fn a_base_can_be_counted_once_and_read_again() {
    let root = repository();
    let base = root.path().join("base.json");
    let base = base.to_str().unwrap();
    check(
        root.path(),
        &["--out", &format!("json={base}")],
        0,
        &["counted: 1 operation, for a later run"],
    );
    check(root.path(), &["--baseline", base], 0, &["times of `", "pass: "]);
    fs::write(root.path().join("migrations/2_step.up.sql"), "SELECT 1;").unwrap();
    check(
        root.path(),
        &["--baseline", base, COUNTS],
        0,
        &["only in the candidate: `public.goods_owner_idx`", "pass: "],
    );
}

#[test]
fn mistakes_are_told_before_a_server_is_started() {
    let root = repository();
    let elsewhere = tempfile::tempdir().unwrap();
    check(root.path(), &[], 2, &["there is nothing to compare with", "--against origin/main"]);
    check(
        root.path(),
        &["--against", "origin/main"],
        2,
        &["there is no commit `origin/main`", "git fetch"],
    );
    check(root.path(), &["--against=--help"], 2, &["`--help` is no git reference"]);
    check(root.path(), &["--against", "HEAD", "--baseline", "x"], 2, &["cannot be used with"]);
    check(root.path(), &["--baseline", "no.json"], 2, &["`no.json` cannot be read"]);
    check(root.path(), &["--against", "HEAD", "--tolerance", "five"], 2, &["`five` is no part"]);
    check(
        root.path(),
        &["--against", "HEAD", "--out", "json=/nowhere/r.json"],
        2,
        &["`/nowhere/r.json` cannot be written"],
    );
    check(root.path(), &["--criterion", "target"], 2, &["--baseline"]);
    let outside = project(&[SHOP]);
    fs::rename(outside.path(), elsewhere.path().join("migrations")).unwrap();
    check(
        elsewhere.path(),
        &["--against", "HEAD"],
        2,
        &["is in no git repository", "--baseline report.json"],
    );
}

#[test]
fn a_commit_without_the_folder_or_with_broken_migrations_is_named() {
    let root = repository();
    git(root.path(), &["checkout", "--quiet", "--orphan", "empty"]);
    git(root.path(), &["rm", "-r", "--quiet", "--cached", "migrations"]);
    git(root.path(), &["commit", "--quiet", "--message", "without"]);
    check(root.path(), &["--against", "HEAD", COUNTS], 2, &["has no folder `migrations`"]);
    fs::write(root.path().join("migrations/2_step.up.sql"), "SELECT no_such_thing;").unwrap();
    commit(root.path(), "broken");
    fs::write(root.path().join("migrations/2_step.up.sql"), "SELECT 1;").unwrap();
    check(
        root.path(),
        &["--against", "HEAD", COUNTS],
        2,
        &["the base `HEAD (", "cannot be made: `2_step`"],
    );
}

#[test]
fn the_configuration_says_what_is_allowed_and_its_mistakes_are_named() {
    let root = repository();
    let with = |gate: &str| {
        fs::write(root.path().join("shakedown.toml"), format!("{TOML}\n{gate}")).unwrap();
    };
    with("[gate]\nagainst = \"HEAD~1\"\n[gate.allow]\nof-owner = \"owners are few\"\n");
    check(root.path(), &[COUNTS], 0, &["allowed of-owner: rows_read", "since owners are few"]);
    with("[gate]\nlimits = [\"buffers(of-owner) < 1\"]\n");
    check(root.path(), &[COUNTS], 1, &["regress buffers(of-owner) < 1"]);
    with("[gate]\nlimits = [\"bufers < 5\"]\n");
    check(root.path(), &[], 2, &["no measure `bufers`", "perhaps `buffers` is meant"]);
    with("[gate.tolerances]\nwall = \"5%\"\n");
    check(root.path(), &["--against", "HEAD"], 2, &["there is no count `wall`", "wal_bytes"]);
    with("[gate.allow]\n\"of-owner\" = \" \"\n");
    check(root.path(), &["--against", "HEAD"], 2, &["is allowed without a reason"]);
}
