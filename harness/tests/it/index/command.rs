//! `shakedown index` as a user meets it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use shakedown::server::Server;
use tempfile::TempDir;

use super::project;
use crate::support::{durable, server};

/// A project with a table that is read by a column without an index, and the queries of its
/// application.
fn shop() -> TempDir {
    let folder = project(
        "CREATE TABLE goods (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, \
           price int NOT NULL);
         INSERT INTO goods (name, price) SELECT 'good ' || n, n % 100 FROM generate_series(1, 5000) AS n;",
    );
    fs::create_dir(folder.path().join("migrations")).unwrap();
    for file in ["1_schema.up.sql", "1_schema.down.sql"] {
        fs::rename(folder.path().join(file), folder.path().join("migrations").join(file)).unwrap();
    }
    fs::write(folder.path().join("migrations/1_schema.down.sql"), "DROP TABLE goods;").unwrap();
    let queries = "-- name: by_name :one\n-- weight: 9\nSELECT id, price FROM goods WHERE name = $1;\n\n\
                   -- name: reprice :exec\nUPDATE goods SET price = $2 WHERE id = $1;\n\n\
                   -- name: broken :one\nSELECT colour FROM goods WHERE id = $1;\n";
    fs::write(folder.path().join("queries.sql"), queries).unwrap();
    folder
}

fn run_on(server: &Server, folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shakedown"))
        .args(arguments)
        .current_dir(folder)
        .env("SHAKEDOWN_POSTGRES", server.address("postgres"))
        .env_remove("NO_COLOR")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// The verdict.
fn verdict(output: &Output) -> String {
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    report.trim_end().lines().last().unwrap_or_default().to_owned()
}

/// Rows of the migration only, and no times.
const QUICK: [&str; 4] = ["index", "--rows", "0", "--counters-only"];

#[track_caller]
fn check_refused(folder: &Path, arguments: &[&str], sentence: &str, hint: &str) {
    let output = run_on(durable(), folder, &[&QUICK, arguments].concat());
    let said = said(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    let hints = said.split_once("\n\nhint: ").map_or("", |(_, hint)| hint);
    assert!(said.contains(sentence) && hints.contains(hint), "{said}");
}

#[test]
fn queries_of_an_application_become_a_migration_that_verify_holds() {
    let folder = shop();
    let arguments = [&QUICK[..], &["--queries", "queries.sql", "--write-migration"]].concat();
    let output = run_on(durable(), folder.path(), &arguments);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("`broken` of `queries.sql` is left out: it does not prepare"), "{told}");
    assert!(verdict(&output).starts_with("advised: `goods_name_"), "{told}");
    let written = fs::read_dir(folder.path().join("migrations")).unwrap();
    let names: Vec<String> =
        written.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect();
    let up =
        names.iter().find(|name| name.starts_with("2_tune_indexes") && name.ends_with(".up.sql"));
    let up = up.unwrap_or_else(|| panic!("{names:?}"));
    let up = fs::read_to_string(folder.path().join("migrations").join(up)).unwrap();
    assert!(up.contains("CREATE INDEX CONCURRENTLY goods_name_"), "{up}");
    let verified = run_on(server(), folder.path(), &["verify"]);
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
    assert!(said(&verified).contains("held: 2 reversible"), "{}", said(&verified));
}

#[test]
fn strategies_of_the_configuration_are_tried_instead_of_proposals() {
    let folder = shop();
    let config = "[index.strategies]\n\
                  hash = { create = \"CREATE INDEX goods_hash ON goods USING hash (name)\" }\n\
                  tree = { file = \"tree.sql\" }\n";
    fs::write(folder.path().join("shakedown.toml"), config).unwrap();
    fs::write(
        folder.path().join("tree.sql"),
        "CREATE INDEX goods_tree ON goods (name);\n-- drop\nDROP INDEX goods_tree;\n",
    )
    .unwrap();
    let output =
        run_on(durable(), folder.path(), &[&QUICK[..], &["--queries", "queries.sql"]].concat());
    let told = said(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(
        told.contains("USING hash (name)") && told.contains("goods_tree ON goods (name)"),
        "{told}"
    );
    assert!(verdict(&output).ends_with("2 strategies measured"), "{told}");
}

#[test]
fn a_strategy_that_fails_or_never_ends_is_told_and_the_others_are_tried() {
    let folder = shop();
    fs::write(folder.path().join("wrong.sql"), "CREATE INDEX wrong ON goods (colour);").unwrap();
    fs::write(folder.path().join("endless.sql"), "SELECT pg_sleep(1000);\n-- drop\nSELECT 1;")
        .unwrap();
    fs::write(folder.path().join("right.sql"), "CREATE INDEX goods_right ON goods (name);")
        .unwrap();
    let strategies =
        ["--strategy", "wrong.sql", "--strategy", "right.sql", "--strategy", "endless.sql"];
    let arguments =
        [&QUICK[..], &["--queries", "queries.sql", "--budget", "15s"], &strategies].concat();
    let output = run_on(durable(), folder.path(), &arguments);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(2), "what could not be tried is no success: {told}");
    assert!(told.contains("`wrong`: column \"colour\" does not exist"), "{told}");
    assert!(told.contains("`endless`: it took longer than there is time"), "{told}");
    assert!(told.contains("1. right, which saves"), "{told}");
    assert!(told.contains("`by_name` reads 3.0 instead of 32 pages each time"), "{told}");
}

#[test]
fn a_budget_that_is_too_small_says_what_was_left_out() {
    let folder = shop();
    let output = run_on(
        durable(),
        folder.path(),
        &[&QUICK[..], &["--queries", "queries.sql", "--budget", "1ms"]].concat(),
    );
    let told = said(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("the time did not suffice"), "{told}");
    assert!(verdict(&output).contains("give a larger `--budget`"), "{told}");
    assert!(verdict(&output).contains("0 strategies measured"), "{told}");
}

#[test]
fn a_workload_of_writes_only_asks_for_nothing() {
    let folder = shop();
    fs::write(
        folder.path().join("write.sql"),
        "\\set p random(1, 5000)\nUPDATE goods SET price = price + 1 WHERE id = :p;\n",
    )
    .unwrap();
    let output =
        run_on(durable(), folder.path(), &[&QUICK[..], &["--script", "write.sql"]].concat());
    let told = said(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("100 % of all operations write"), "{told}");
    assert!(verdict(&output).starts_with("keep the schema as it is: "), "{told}");
}

#[test]
fn what_is_wrong_is_said_with_the_way_out() {
    let folder = shop();
    let path = folder.path();
    fs::write(path.join("fails.sql"), "SELECT 1 / (id - id) FROM goods LIMIT 1;\n").unwrap();
    fs::write(path.join("typo.sql"), "SELECT colour FROM goods;\n").unwrap();
    fs::write(path.join("keys.sql"), "\\set id key(empty.id)\nSELECT :id;\n").unwrap();
    fs::write(path.join("storage.sql"), "ALTER TABLE goods ALTER name SET STORAGE plain;").unwrap();
    check_refused(
        path,
        &["--script", "fails.sql"],
        "every operation of the workload fails; `fails`: division by zero",
        "shakedown load",
    );
    check_refused(
        path,
        &["--script", "typo.sql"],
        "column \"colour\" does not exist",
        "correct it",
    );
    check_refused(
        path,
        &["--script", "keys.sql"],
        "keys cannot be taken from `empty`",
        "name a table",
    );
    check_refused(
        path,
        &["--strategy", "storage.sql"],
        "nothing says how to undo the strategy `storage`",
        "-- drop",
    );
    check_refused(
        path,
        &["--strategy", "nowhere.sql"],
        "the strategy `nowhere.sql` cannot be read",
        "CREATE INDEX",
    );
    check_refused(path, &["--budget", "0s"], "nothing can be tried in no time", "--budget 5m");
    let statements = server().address("postgres");
    check_refused(
        path,
        &["--statements", &statements],
        "pg_stat_statements",
        "shared_preload_libraries",
    );
}

#[test]
fn a_server_that_counts_no_statements_is_refused_with_what_to_do() {
    let folder = shop();
    let output =
        run_on(server(), folder.path(), &[&QUICK[..], &["--queries", "queries.sql"]].concat());
    let told = said(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("the server does not count what statements cost"), "{told}");
    assert!(told.contains("CREATE EXTENSION pg_stat_statements"), "{told}");
}
