//! The documents: pages that are made from the program, and examples that it takes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use shakedown::checks::RULES;
use shakedown::invariants::catalogue::INVARIANTS;
use shakedown::{error::Result, source};
use tempfile::TempDir;

use crate::generate::{check_committed, generated};
use crate::support::repository;

fn shakedown(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shakedown")).args(arguments).output().unwrap()
}

/// README.md and every guide, by name.
fn documents() -> BTreeMap<String, String> {
    let guides = fs::read_dir(repository("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = guides.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    let all: Vec<PathBuf> = pages.chain([repository(".").join("README.md")]).collect();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    all.into_iter().map(read).collect()
}

/// The blocks of a language in a document.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let begin = format!("```{language}\n");
    text.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// A cell of a table.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

/// What a value of the configuration may be.
fn kind(key: &Value) -> &'static str {
    let of = |kind: &str| match kind {
        "string" => "text",
        "integer" => "whole number",
        "number" => "number",
        "boolean" => "true or false",
        "array" => "list",
        "object" => "table",
        _ => "",
    };
    match &key["type"] {
        Value::String(one) => of(one),
        Value::Array(some) => of(some[0].as_str().unwrap()),
        _ => "one of the words that its flag takes",
    }
}

#[test]
fn the_page_on_the_configuration_is_made_from_its_schema() {
    let schema: Value = serde_json::from_str(&generated(&["schema", "config"])).unwrap();
    let mut page = "# The configuration\n\n\
        `shakedown.toml` is looked for in the folder at hand and those above it, or named with \
        `--config`.\nFlags come before it. `shakedown init` writes one with comments, and \
        `shakedown generate schema` the\nschema that this page is made from.\n"
        .to_owned();
    for (section, value) in schema["properties"].as_object().unwrap() {
        write!(page, "\n## [{section}]\n\n{}\n", value["description"].as_str().unwrap()).unwrap();
        let Some(name) = value["$ref"].as_str() else { continue };
        let of = &schema["$defs"][name.rsplit('/').next().unwrap()];
        page.push_str("\n| key | value | what it is |\n|---|---|---|\n");
        for (key, value) in of["properties"].as_object().unwrap() {
            let told = cell(value["description"].as_str().unwrap());
            writeln!(page, "| `{key}` | {} | {told} |", kind(value)).unwrap();
        }
    }
    check_committed(&repository("docs").join("configuration.md"), &page, "UPDATE_GENERATED");
}

#[test]
fn the_page_on_rules_and_invariants_is_made_from_their_pages() {
    let mut page = "# Rules and invariants\n\n\
        `shakedown rule <id>` prints the whole page of each, with examples that are its tests.\n"
        .to_owned();
    let rules = RULES.iter().chain(shakedown::invariants::RULES);
    let rules: Vec<_> = rules.map(|rule| (rule.id, rule.summary())).collect();
    let invariants: Vec<_> = INVARIANTS.iter().map(|one| (one.id, one.summary())).collect();
    for (title, all) in [("Rules", rules), ("Invariants", invariants)] {
        write!(page, "\n## {title}\n\n| id | |\n|---|---|\n").unwrap();
        for (id, summary) in all {
            writeln!(page, "| `{id}` | {} |", cell(&summary)).unwrap();
        }
    }
    check_committed(&repository("docs").join("rules.md"), &page, "UPDATE_GENERATED");
}

#[test]
fn every_command_in_the_documents_is_one_and_has_the_flags_that_it_is_shown_with() {
    let mut seen = 0;
    for (name, text) in documents() {
        for line in blocks(&text, "console").into_iter().flat_map(str::lines) {
            let line = line.split(" #").next().unwrap();
            let Some(words) = line.trim().strip_prefix("shakedown ") else { continue };
            let words: Vec<&str> = words.split_whitespace().collect();
            // `report diff` and the like have a help of their own.
            let nested = words.get(1).filter(|word| {
                matches!(**word, "diff" | "merge" | "replay" | "list" | "completions" | "man")
            });
            let command: Vec<&str> = words[..1].iter().chain(nested).copied().collect();
            let help = shakedown(&[&command[..], &["--help"]].concat());
            assert!(help.status.success(), "{name}: `{line}` is no command");
            let help = String::from_utf8(help.stdout).unwrap();
            for flag in words.iter().filter(|word| word.starts_with("--")) {
                let flag = flag.split('=').next().unwrap();
                let mut flags = help.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
                assert!(flags.any(|word| word == flag), "{name}: `{line}` has no {flag}");
            }
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen} commands were found");
}

/// A project in which the examples of the documents can be typed: our own schema in a repository
/// with the refs and files that they name.
fn example_project() -> TempDir {
    let project = tempfile::tempdir().unwrap();
    let root = project.path();
    fs::create_dir(root.join("migrations")).unwrap();
    for entry in fs::read_dir(repository("migrations")).unwrap().map(|entry| entry.unwrap()) {
        if entry.path().extension().is_some_and(|ending| ending == "sql") {
            fs::copy(entry.path(), root.join("migrations").join(entry.file_name())).unwrap();
        }
    }
    let strategy = repository("docs").join("folklore/bulk.strategy.sql");
    for name in ["newest.sql", "brin.sql"] {
        fs::copy(&strategy, root.join(name)).unwrap();
    }
    for name in ["browse.sql", "buy.sql"] {
        fs::write(root.join(name), "SELECT 1;\n").unwrap();
    }
    fs::create_dir(root.join(".sqlx")).unwrap();
    let query = r#"{"db_name": "PostgreSQL", "query": "SELECT id FROM users", "hash": "a"}"#;
    fs::write(root.join(".sqlx/query-a.json"), query).unwrap();
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "--all"],
        &["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "--message", "a"],
        &["update-ref", "refs/remotes/origin/main", "HEAD"],
        &["tag", "v1.4"],
    ] {
        let done = Command::new("git").args(arguments).current_dir(root).status().unwrap();
        assert!(done.success(), "git {arguments:?}");
    }
    project
}

/// The commands of the documents are run as they stand, up to where they would connect to a server:
/// everything that can be wrong with what was typed is found out before that.
#[test]
fn every_example_in_the_documents_runs_up_to_the_server() {
    // What needs the report of an earlier run.
    const LATER: &[&str] = &["--baseline", "report report.json"];
    let (mut connected, mut done) = (0, 0);
    for (name, text) in documents() {
        for line in blocks(&text, "console").into_iter().flat_map(str::lines) {
            let line = line.split(" #").next().unwrap().trim();
            let Some(words) = line.strip_prefix("shakedown ") else { continue };
            if LATER.iter().any(|part| line.contains(part)) {
                continue;
            }
            let project = example_project();
            let output = Command::new(env!("CARGO_BIN_EXE_shakedown"))
                .args(words.replace("localhost", "127.0.0.1:1").split_whitespace())
                .current_dir(project.path())
                .env("SHAKEDOWN_POSTGRES", "postgres://nobody@127.0.0.1:1/none")
                .env("SHAKEDOWN_NEONCTL", "/nowhere/neonctl")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            if output.status.success() {
                done += 1;
                continue;
            }
            let absent = ["no Postgres answers at", "there is no program `/nowhere/neonctl`"];
            let reached = absent.iter().any(|sentence| said.contains(sentence));
            assert!(output.status.code() == Some(2) && reached, "{name}: `{line}`\n{said}");
            connected += 1;
        }
    }
    assert!(connected > 25 && done >= 2, "{connected} asked for a server, {done} need none");
}

#[test]
fn every_configuration_in_the_documents_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shakedown.toml");
    let mut seen = 0;
    for (name, text) in documents() {
        for block in blocks(&text, "toml") {
            fs::write(&file, block).unwrap();
            // It is read before the folder is looked for.
            let path = file.to_str().unwrap();
            let output = shakedown(&["verify", "/nowhere/at/all", "--config", path]);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains("/nowhere/at/all"), "{name}: {block}\n{said}");
            seen += 1;
        }
    }
    assert!(seen >= 4, "{seen} configurations were found");
}

#[test]
fn every_link_in_the_documents_leads_somewhere() -> Result<()> {
    for (name, text) in documents() {
        let folder = if name == "README.md" { repository(".") } else { repository("docs") };
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let file = link.split('#').next().unwrap();
            if !file.is_empty() && !link.contains("://") {
                assert!(folder.join(file).exists(), "{name}: {link}");
            }
        }
    }
    // The formats that the README names are those that there are.
    let readme = fs::read_to_string(repository(".").join("README.md")).unwrap();
    for format in source::FORMATS {
        assert!(readme.contains(&format!("`{}`", format.name)), "{}", format.name);
    }
    Ok(())
}
