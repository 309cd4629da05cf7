//! Completions, man pages and schemas: what is committed is what the program says of itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::repository;

pub(crate) fn generated(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_shakedown"))
        .arg("generate")
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Compares a committed file with what it must be, or makes it so if `variable` is 1.
pub(crate) fn check_committed(file: &Path, text: &str, variable: &str) {
    if std::env::var_os(variable).is_some_and(|value| value == "1") {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let committed = fs::read_to_string(file).unwrap_or_default();
    assert!(
        committed == text,
        "{} is not what the program says. If that is meant, run\n\
         \n    {variable}=1 cargo test -p shakedown --test it generate\n",
        file.display()
    );
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(Result::unwrap);
    let one = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read_to_string(entry.path()).unwrap())
    };
    entries.map(one).collect()
}

#[test]
fn the_committed_completions_are_those_of_the_program() {
    let folder = repository("docs").join("completions");
    for (shell, file) in
        [("bash", "shakedown.bash"), ("zsh", "_shakedown"), ("fish", "shakedown.fish")]
    {
        let script = generated(&["completions", shell]);
        assert!(script.contains("pgbouncer-pool-size"), "{shell} knows the flags of commands");
        check_committed(&folder.join(file), &script, "UPDATE_GENERATED");
    }
}

#[test]
fn the_committed_man_pages_are_those_of_the_program_and_no_others_are_there() {
    let made = tempfile::tempdir().unwrap();
    generated(&["man", "--to", made.path().to_str().unwrap()]);
    let pages = files(made.path());
    for page in ["shakedown.1", "shakedown-verify.1", "shakedown-invariants-replay.1"] {
        assert!(pages.contains_key(page), "{:?}", pages.keys());
    }
    assert_eq!(generated(&["man"]), pages["shakedown.1"]);
    let folder = repository("docs").join("man");
    for (name, page) in &pages {
        check_committed(&folder.join(name), page, "UPDATE_GENERATED");
    }
    assert_eq!(
        files(&folder).into_keys().collect::<Vec<_>>(),
        pages.into_keys().collect::<Vec<_>>()
    );
}

#[test]
fn a_folder_that_is_not_there_gets_no_man_pages() {
    let output = Command::new(env!("CARGO_BIN_EXE_shakedown"))
        .args(["generate", "man", "--to", "/nowhere/at/all"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("man pages cannot be written to `/nowhere/at/all`"), "{text}");
}

#[test]
fn the_committed_schema_of_the_configuration_is_that_of_the_program() {
    let file = repository("docs").join("schema/shakedown.json");
    check_committed(&file, &generated(&["schema", "config"]), "UPDATE_SCHEMA");
}

#[test]
fn the_schema_of_reports_is_that_which_is_committed_for_them() {
    let committed = fs::read_to_string(repository("reports/schema/report.json")).unwrap();
    assert_eq!(generated(&["schema", "report"]), committed);
}

#[test]
fn the_schema_describes_every_key_of_the_configuration() {
    let schema: Value = serde_json::from_str(&generated(&["schema"])).unwrap();
    assert_eq!(schema["title"], "shakedown.toml");
    let tables = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    let bare: Vec<&String> = tables
        .filter_map(|table| table["properties"].as_object())
        .flatten()
        .filter(|(_, key)| key.get("description").is_none())
        .map(|(name, _)| name)
        .collect();
    assert!(bare.is_empty(), "without a description: {bare:?}");
}

#[test]
fn the_schema_takes_what_the_program_takes_and_nothing_else() {
    let schema: Value = serde_json::from_str(&generated(&["schema"])).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for good in [
        json!({}),
        json!({ "migrations": { "folder": "db", "format": "sqlx" }, "irreversible": { "1": "so" } }),
        json!({ "load": { "users": [1, 2], "rate": [0.5], "tables": { "items": 9 } } }),
        json!({ "pool": { "pool_size": "1..8", "test_before_acquire": ["on", "off"] } }),
        json!({ "invariants": { "deny": ["risk"], "allow": { "a": "b" } } }),
        json!({ "index": { "strategies": { "a": { "create": "CREATE INDEX ON a (b)" } } } }),
        json!({ "scenario": { "s": { "buy": { "weight": 2, "sql": "SELECT 1" } } } }),
    ] {
        assert!(validator.is_valid(&good), "{good:#}");
    }
    for bad in [
        json!({ "migration": {} }),
        json!({ "migrations": { "file": "db" } }),
        json!({ "server": { "pg_version": 9 } }),
        json!({ "irreversible": { "1": 1 } }),
        json!({ "load": { "users": "many" } }),
        json!({ "load": { "worker": "1/2" } }),
        json!({ "invariants": { "deny": ["all"] } }),
    ] {
        assert!(!validator.is_valid(&bad), "{bad:#}");
    }
}
