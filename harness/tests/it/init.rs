//! `shakedown init`: what it finds in a project, what it writes, and what it leaves alone.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::support::server as shared;

fn shakedown(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shakedown"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").output().unwrap()
}

fn out(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", err(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A project with these files.
fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    folder
}

const UP: (&str, &str) = ("db/migrations/1_a.up.sql", "CREATE TABLE a (id int);");
const DOWN: (&str, &str) = ("db/migrations/1_a.down.sql", "DROP TABLE a;");
const GITHUB: (&str, &str) =
    (".git/config", "[remote \"origin\"]\n url = git@github.com:a/b.git\n");

fn read(project: &TempDir, file: &str) -> String {
    fs::read_to_string(project.path().join(file)).unwrap()
}

/// What is in `[migrations]` of the configuration that was written.
fn migrations(project: &TempDir) -> (String, String) {
    let config: toml::Table = read(project, "shakedown.toml").parse().unwrap();
    let value = |key: &str| config["migrations"][key].as_str().unwrap().to_owned();
    (value("folder"), value("format"))
}

#[test]
fn what_it_writes_is_a_configuration_that_runs() {
    let project = project(&[UP, DOWN]);
    let text = out(&shakedown(project.path(), &["init"]));
    assert!(text.contains("wrote      shakedown.toml\n"), "{text}");
    assert!(text.contains("next: shakedown run\n"), "{text}");
    let output = Command::new(env!("CARGO_BIN_EXE_shakedown"))
        .arg("verify")
        .current_dir(project.path())
        .env("SHAKEDOWN_POSTGRES", shared().address("postgres"))
        .output()
        .unwrap();
    let text = out(&output);
    assert_eq!(text.lines().last(), Some("held: 1 reversible"), "{text}");
}

#[test]
fn every_setting_in_a_comment_can_be_taken_as_it_is() {
    let project =
        project(&[UP, DOWN, ("db/other/2_b.sql", "SELECT 1"), ("odd\n\"#x\"/1_a.up.sql", "")]);
    out(&shakedown(project.path(), &["init"]));
    let text = read(&project, "shakedown.toml");
    let setting = |line: &&str| {
        let rest = line.strip_prefix('#').unwrap_or_default();
        !rest.is_empty() && !rest.starts_with([' ', ':'])
    };
    assert!(text.lines().filter(setting).count() > 10, "{text}");
    let taken: String = text
        .lines()
        .map(|line| if setting(&line) { &line[1..] } else { line })
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(project.path().join("shakedown.toml"), &taken).unwrap();
    // Refused for its scenario, and so after the configuration was read.
    let output = shakedown(project.path(), &["load", "--scenario", "help"]);
    assert_eq!(output.status.code(), Some(0), "{}\n{taken}", err(&output));
    let schema = serde_json::from_str(&read(&project, ".shakedown/schema.json")).unwrap();
    let table: toml::Table = taken.parse().unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&serde_json::to_value(table).unwrap())
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}\n{taken}");
}

#[test]
fn a_second_time_changes_nothing_and_says_so() {
    let project = project(&[UP, DOWN, GITHUB]);
    let first = out(&shakedown(project.path(), &["init", "--pre-commit"]));
    let files = [
        "shakedown.toml",
        ".shakedown/schema.json",
        ".github/workflows/shakedown.yml",
        ".pre-commit-config.yaml",
    ];
    let before = files.map(|file| read(&project, file));
    let second = out(&shakedown(project.path(), &["init", "--pre-commit"]));
    for file in files {
        assert!(first.contains(&format!("wrote      {file}\n")), "{first}");
        assert!(second.contains(&format!("unchanged  {file}\n")), "{second}");
    }
    assert_eq!(files.map(|file| read(&project, file)), before);
}

#[test]
fn what_is_there_with_another_text_is_never_overwritten() {
    let mine = [
        ("shakedown.toml", "# mine\n"),
        (".github/workflows/shakedown.yml", "# mine\n"),
        (".pre-commit-config.yaml", "repos: []\n"),
    ];
    let project = project(&[&[UP, DOWN], &mine[..]].concat());
    let output = shakedown(project.path(), &["init", "--pre-commit"]);
    for (file, text) in mine {
        assert!(out(&output).contains(&format!("kept       {file}\n")), "{}", out(&output));
        assert!(err(&output).contains(&format!("`{file}` is there and stays as it is; ")));
        assert_eq!(read(&project, file), text);
    }
    let told = err(&output);
    assert!(
        told.contains("add this to its `repos:`") && told.contains("- id: shakedown"),
        "{told}"
    );
}

#[test]
fn a_hook_that_is_there_already_is_not_told_again() {
    let hooks = "repos:\n  - repo: local\n    hooks:\n      - id: shakedown\n";
    let project = project(&[UP, DOWN, (".pre-commit-config.yaml", hooks)]);
    let text = out(&shakedown(project.path(), &["init", "--pre-commit"]));
    assert!(text.contains("unchanged  .pre-commit-config.yaml\n"), "{text}");
}

#[test]
fn the_workflow_is_written_where_github_looks_and_only_if_the_project_is_there() {
    let elsewhere = project(&[UP, DOWN]);
    let output = shakedown(elsewhere.path(), &["init"]);
    assert!(err(&output).contains("no workflow is written"), "{}", err(&output));
    assert!(!elsewhere.path().join(".github").exists());

    // A part of a repository.
    let whole = project(&[
        GITHUB,
        ("parts/my shop/db/1_a.up.sql", "SELECT 1"),
        ("parts/my shop/db/1_a.down.sql", "SELECT 1"),
    ]);
    let output = shakedown(&whole.path().join("parts/my shop"), &["init", "--pre-commit"]);
    out(&output);
    assert!(err(&output).contains("whose Shakedown the workflow uses"), "{}", err(&output));
    let workflow = read(&whole, ".github/workflows/shakedown.yml");
    for line in [
        "  contents: read",
        "  pull-requests: write",
        "          fetch-depth: 0",
        "          command: run",
        "          working-directory: \"parts/my shop\"",
    ] {
        assert!(workflow.lines().any(|there| there == line), "{line}\n{workflow}");
    }
    let hooks = read(&whole, ".pre-commit-config.yaml");
    assert!(hooks.contains("args: [--config, \"parts/my shop/shakedown.toml\"]"), "{hooks}");
    assert_eq!(
        hooks,
        "repos:\n  - repo: local\n    hooks:\n      - id: shakedown\n        \
         name: every migration can be taken back\n        entry: shakedown verify\n        \
         args: [--config, \"parts/my shop/shakedown.toml\"]\n        language: system\n        \
         files: \"^parts/my shop/db/\"\n        pass_filenames: false\n"
    );
    // Migrations in the root of the repository, which a further worktree has a file for.
    let root = project(&[("1_a.up.sql", "SELECT 1"), ("1_a.down.sql", "SELECT 1")]);
    let common = project(&[GITHUB, (".git/worktrees/w/commondir", "../..\n")]);
    let named = format!("gitdir: {}\n", common.path().join(".git/worktrees/w").display());
    fs::write(root.path().join(".git"), named).unwrap();
    out(&shakedown(root.path(), &["init", "--pre-commit"]));
    let hooks = read(&root, ".pre-commit-config.yaml");
    assert!(hooks.contains("        files: \"^[^/]*\\\\.sql$\"\n"), "{hooks}");
    assert!(root.path().join(".github/workflows/shakedown.yml").exists());
    assert!(whole.path().join("parts/my shop/shakedown.toml").exists());
}

#[test]
fn migrations_for_postgres_come_before_others_and_those_of_tests_last() {
    let many = [
        ("store/sqlite/0001_a.up.sql", ""),
        ("store/sqlite/0001_a.down.sql", ""),
        ("store/sqlite/0002_a.up.sql", ""),
        ("store/sqlite/0002_a.down.sql", ""),
        ("store/postgres/0001_a.up.sql", ""),
        ("store/postgres/0001_a.down.sql", ""),
        ("testdata/postgres/0001_a.up.sql", ""),
        ("testdata/postgres/0002_a.up.sql", ""),
        ("node_modules/x/0001_a.up.sql", ""),
        ("a/0001_a.up.sql", ""),
        ("a/0002_a.up.sql", ""),
    ];
    let project = project(&many);
    out(&shakedown(project.path(), &["init"]));
    assert_eq!(migrations(&project), ("store/postgres".to_owned(), "golang-migrate".to_owned()));
    let text = read(&project, "shakedown.toml");
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}\n{text}"));
    assert!(
        place("#   \"a\" (2, golang-migrate)")
            < place("#   \"testdata/postgres\" (2, golang-migrate)")
    );
    assert!(!text.contains("sqlite") && !text.contains("node_modules"), "{text}");
}

#[test]
fn queries_of_the_application_are_named() {
    let query = "{\"db_name\": \"PostgreSQL\", \"query\": \"SELECT 1\", \"hash\": \"abc\"}";
    let project = project(&[
        UP,
        DOWN,
        ("app/.sqlx/query-abc.json", query),
        ("sql/users.sql", "-- name: GetUser :one\nSELECT 1;\n-- name: Two :one\nSELECT 2;\n"),
        ("sql/more/plain.sql", "SELECT 3;"),
        ("lite/.sqlx/query-abc.json", &query.replace("PostgreSQL", "SQLite")),
    ]);
    out(&shakedown(project.path(), &["init"]));
    let text = read(&project, "shakedown.toml");
    assert!(text.contains("#   shakedown index --queries app/.sqlx    (1 query)\n"), "{text}");
    assert!(text.contains("#   shakedown index --queries sql    (3 queries)\n"), "{text}");
    assert!(!text.contains("lite/"), "{text}");
}

/// Exit code 2, a sentence and a hint, and nothing was written.
fn check_refused(project: &TempDir, sentence: &str, hint: &str) {
    let output = shakedown(project.path(), &["init"]);
    let text = err(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    let (error, hints) = text.split_once("\n\nhint: ").unwrap_or((&text, ""));
    assert!(error.contains(sentence), "{text}");
    assert!(hints.contains(hint), "{text}");
    assert!(!project.path().join("shakedown.toml").exists());
    assert!(!project.path().join(".shakedown").is_dir());
}

#[test]
fn a_folder_without_migrations_for_postgres_is_refused() {
    check_refused(
        &project(&[("readme.md", "")]),
        "there are no migrations in `.` or below it",
        "golang-migrate: ",
    );
    let lite = project(&[("sqlite/0001_a.up.sql", ""), ("sqlite/0001_a.down.sql", "")]);
    check_refused(&lite, "`sqlite` are for another database than Postgres", "write shakedown.toml");
    let gone = shakedown(lite.path(), &["init", "nowhere"]);
    assert_eq!(gone.status.code(), Some(2));
    assert!(err(&gone).contains("there is no folder `nowhere`"), "{}", err(&gone));
}

#[test]
fn migrations_that_their_runner_would_refuse_are_told_as_such() {
    let twice = project(&[("db/1_a.up.sql", ""), ("db/1_b.up.sql", "")]);
    check_refused(&twice, "1_b.up.sql", "");
}

#[test]
fn what_cannot_be_written_is_found_out_before_anything_is() {
    let blocked = project(&[UP, DOWN, GITHUB, (".github", "a file, where a folder has to be")]);
    check_refused(
        &blocked,
        "`./.github/workflows/shakedown.yml` cannot be written",
        "can be written",
    );
}

#[test]
fn a_read_only_folder_is_told_before_anything_is_written() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let project = project(&[UP, DOWN]);
    fs::set_permissions(project.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let program =
        tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir().unwrap();
    fs::copy(env!("CARGO_BIN_EXE_shakedown"), program.path().join("shakedown")).unwrap();
    let mut command = Command::new(program.path().join("shakedown"));
    command.arg("init").current_dir(project.path());
    if nix::unistd::geteuid().is_root() {
        // Root may write everywhere.
        let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
        command.uid(nobody.uid.as_raw());
    }
    let output = command.output().unwrap();
    let text = err(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("`./shakedown.toml` cannot be written"), "{text}");
    assert!(text.contains("hint: give a folder that can be written"), "{text}");
}
