//! The command as a user meets it: exit codes, sentences, files, and nothing left behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use shakedown::server::{self, Choice, Request, Server};
use shakedown_reports::model::Fate;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use tempfile::TempDir;

use crate::support::{block_on, repository, request, server as shared};

/// Runs the command in `folder` on the shared server.
fn shakedown(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shakedown"))
        .args(arguments)
        .current_dir(folder)
        .env("SHAKEDOWN_POSTGRES", shared().address("postgres"))
        .env_remove("NO_COLOR")
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder with `migrations/` in it.
fn project(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("migrations")).unwrap();
    for (name, text) in files {
        fs::write(folder.path().join("migrations").join(name), text).unwrap();
    }
    folder
}

fn good() -> TempDir {
    project(&[("1_a.up.sql", b"CREATE TABLE a (id int);"), ("1_a.down.sql", b"DROP TABLE a;")])
}

/// Bad input ends with exit code 2, one sentence and a hint, and says nothing on stdout.
fn check_refused(folder: &Path, arguments: &[&str], sentence: &str, hint: &str) {
    let output = shakedown(folder, arguments);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert_eq!(stdout(&output), "");
    let (error, hints) = text.split_once("\n\nhint: ").unwrap_or((&text, ""));
    assert!(error.starts_with("error: ") && error.contains(sentence), "{text}");
    assert!(hints.contains(hint), "{text}");
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn a_project_that_holds_ends_with_0_and_the_verdict_last() {
    let output = shakedown(good().path(), &["verify"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    assert_eq!(text.lines().last(), Some("held: 1 reversible"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours in a pipe");
    assert_eq!(stderr(&output), "", "nothing but data in a pipe");
}

#[test]
fn a_project_with_findings_ends_with_1() {
    for rule in ["down-fails", "column-order"] {
        let output = shakedown(&repository("migrations/bad").join(rule), &["verify", "."]);
        assert_eq!(output.status.code(), Some(1), "{rule}: {}", stderr(&output));
        assert!(stdout(&output).contains(&format!("[{rule}]")));
    }
}

#[test]
fn several_reports_are_written_at_once_and_all_are_whole() {
    let folder = project(&[("1_a.up.sql", b"CREATE TABLE a (id int);"), ("1_a.down.sql", b"")]);
    let arguments = [
        "verify",
        "--out",
        "json=report.json",
        "--out",
        "junit=report.xml",
        "--out",
        "text=report.txt",
    ];
    let output = shakedown(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    let json = fs::read_to_string(folder.path().join("report.json")).unwrap();
    let report: shakedown_reports::Report = serde_json::from_str(&json).unwrap();
    let finding = &report.findings[0];
    assert_eq!((finding.rule.as_str(), finding.line), ("down-empty", Some(1)));
    assert_eq!(finding.file, "migrations/1_a.down.sql");
    let timings = report.migrations[0].timings;
    assert!(timings.up_ms.is_some_and(|ms| ms > 0.0), "{timings:?}");
    let xml = fs::read_to_string(folder.path().join("report.xml")).unwrap();
    assert!(xml.contains("<failure") && xml.contains("down-empty"), "{xml}");
    assert_eq!(fs::read_to_string(folder.path().join("report.txt")).unwrap(), stdout(&output));
}

#[test]
fn the_json_of_a_real_run_is_as_its_schema_says() {
    let schema = fs::read_to_string(repository("reports/schema/report.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let out = tempfile::tempdir().unwrap();
    for rule in fs::read_dir(repository("migrations/bad")).unwrap() {
        let file = out.path().join("report.json");
        let wanted = format!("json={}", file.display());
        shakedown(&rule.unwrap().path(), &["verify", ".", "--out", &wanted]);
        let report = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn colours_are_there_when_asked_for_and_only_then() {
    let folder = good();
    let coloured = shakedown(folder.path(), &["verify", "--color", "always"]);
    assert!(stdout(&coloured).contains('\u{1b}'));
    let plain = shakedown(folder.path(), &["verify", "--color", "never"]);
    assert!(!stdout(&plain).contains('\u{1b}'));
}

#[test]
fn the_configuration_names_folder_format_allowed_rules_and_what_is_irreversible() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("db/steps")).unwrap();
    fs::create_dir_all(folder.path().join("src/deep")).unwrap();
    fs::write(folder.path().join("db/steps/1_a.up.sql"), "CREATE TABLE a (id int);").unwrap();
    fs::write(folder.path().join("db/steps/1_a.down.sql"), "").unwrap();
    fs::write(folder.path().join("db/steps/2_b.up.sql"), "CREATE TABLE b (id int);").unwrap();
    fs::write(folder.path().join("db/steps/2_b.down.sql"), "").unwrap();
    let config = "[migrations]\nfolder = \"db/steps\"\nformat = \"golang-migrate\"\n\n\
                  [verify]\nallow = [\"down-empty\"]\n\n[irreversible]\n\"2_b\" = \"no way back\"\n\"9_x\" = \"typo\"\n";
    fs::write(folder.path().join("shakedown.toml"), config).unwrap();
    let output = shakedown(folder.path(), &["verify"]);
    let text = stdout(&output);
    assert!(
        text.contains("golang-migrate") && text.contains("no way back"),
        "{text}{}",
        stderr(&output)
    );
    assert!(text.contains("1 allowed"), "{text}");
    // What is declared of a migration that does not exist is told with its line.
    assert!(text.contains("irreversible-unused") && text.contains("shakedown.toml"), "{text}");
    // It is found from a folder below as well.
    let below = shakedown(&folder.path().join("src/deep"), &["verify"]);
    assert!(stdout(&below).contains("no way back"), "{}", stderr(&below));
}

#[test]
fn a_configuration_with_a_typo_is_refused_with_its_line() {
    let folder = good();
    fs::write(folder.path().join("shakedown.toml"), "[verify]\nalow = []\n").unwrap();
    check_refused(folder.path(), &["verify"], "alow", "");
    fs::write(folder.path().join("shakedown.toml"), "[irreversible]\n\"1_a\" = \"\"\n").unwrap();
    check_refused(
        folder.path(),
        &["verify"],
        "declares `1_a` irreversible without a reason",
        "say why",
    );
}

#[test]
fn bad_folders_are_refused() {
    let empty = project(&[]);
    check_refused(empty.path(), &["verify"], "`migrations`", "");
    check_refused(empty.path(), &["verify", "nowhere"], "`nowhere`", "");
    let mixed = project(&[
        ("1_a.up.sql", b"SELECT 1;"),
        ("1_a.down.sql", b"SELECT 1;"),
        ("2_b.sql", b"-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 1;\n"),
    ]);
    check_refused(mixed.path(), &["verify"], "goose", "--format");
    let twice = project(&[
        ("1_a.up.sql", b"SELECT 1;"),
        ("1_a.down.sql", b""),
        ("1_b.up.sql", b"SELECT 1;"),
        ("1_b.down.sql", b""),
    ]);
    check_refused(
        twice.path(),
        &["verify", "--format", "sqlx"],
        "`migrations/1_b.down.sql` have the same version",
        "a version of its own",
    );
    let latin = project(&[("1_a.up.sql", b"-- caf\xe9\nSELECT 1;"), ("1_a.down.sql", b"")]);
    check_refused(latin.path(), &["verify"], "UTF-8", "");
}

#[test]
fn bad_words_are_refused_before_the_server_starts() {
    let folder = good();
    let path = folder.path();
    check_refused(
        path,
        &["verify", "--format", "rails"],
        "there is no migration format `rails`",
        "sqlx",
    );
    check_refused(
        path,
        &["verify", "--allow", "everything"],
        "there is no rule `everything`",
        "down-fails",
    );
    check_refused(path, &["verify", "--out", "pdf=x"], "`pdf` is no report format", "json");
    check_refused(path, &["verify", "--out", "json"], "`--out json` names no file", "json");
    check_refused(
        path,
        &["verify", "--out", "json=no/such/folder/x"],
        "cannot be written",
        "folder that exists",
    );
    check_refused(path, &["verify", "--only", "7"], "there is no migration `7`", "1_a");
    check_refused(path, &["rule", "nonsense"], "there is no rule `nonsense`", "shakedown rule");
    let wrong = shakedown(path, &["verify", "--postgres", "mysql://h/db"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("is no Postgres address"), "{}", stderr(&wrong));
}

#[test]
fn keeping_databases_says_how_to_reach_them_and_they_are_there() {
    let folder =
        project(&[("1_a.up.sql", b"CREATE TABLE a (id int);"), ("1_a.down.sql", b"SELECT 1;")]);
    let output = shakedown(folder.path(), &["verify", "--keep"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let text = stderr(&output);
    assert!(text.contains("kept: `1_a` after its round trip"), "{text}");
    let address = text.split('\'').nth(1).expect("an address").to_owned();
    block_on(async {
        use sqlx::Connection;
        let mut connection = sqlx::postgres::PgConnection::connect(&address).await.unwrap();
        let there: bool = sqlx::query_scalar("SELECT to_regclass('public.a') IS NOT NULL")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert!(there);
    });
}

#[test]
fn at_an_address_nothing_stays_and_nothing_in_its_database_changes() {
    let server = own_server();
    let address = server.address("postgres");
    let folder = project(&[("1_a.up.sql", b"CREATE TABLE a (id int);"), ("1_a.down.sql", b"")]);
    let output = shakedown(folder.path(), &["verify", "--postgres", &address]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(left_at(&server), (Vec::new(), 0));
}

/// A server that no other test uses.
fn own_server() -> Server {
    block_on(server::start(&Request { choice: Choice::Embedded, ..request() })).unwrap()
}

/// The databases that are there beyond Postgres's own, and the number of tables in the one
/// that an address names.
fn left_at(server: &Server) -> (Vec<String>, i64) {
    block_on(async {
        let mut connection = server.connect(None).await.unwrap();
        let databases = "SELECT datname FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')";
        let databases = sqlx::query_scalar(databases).fetch_all(&mut connection).await.unwrap();
        let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
        let tables = sqlx::query_scalar(tables).fetch_one(&mut connection).await.unwrap();
        (databases, tables)
    })
}

/// A project whose only up takes a minute.
fn slow() -> TempDir {
    project(&[
        ("1_a.up.sql", b"CREATE TABLE a (id int); SELECT pg_sleep(60);"),
        ("1_a.down.sql", b"DROP TABLE a;"),
    ])
}

/// Starts a command on the slow project and waits until its script runs.
fn in_the_middle(
    command: &str,
    folder: &Path,
    way: &str,
    seen_at: Option<&Server>,
) -> std::process::Child {
    let child = Command::new(env!("CARGO_BIN_EXE_shakedown"))
        .args([command, "--postgres", way])
        .current_dir(folder)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let sleeps = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()";
    let Some(server) = seen_at else {
        std::thread::sleep(Duration::from_secs(2));
        return child;
    };
    block_on(async {
        let mut connection = server.connect(None).await.unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        while sqlx::query_scalar::<_, i64>(sleeps).fetch_one(&mut connection).await.unwrap() == 0 {
            assert!(Instant::now() < deadline, "the script never ran");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    child
}

#[test]
fn a_signal_in_the_middle_of_a_run_ends_it_at_once_and_leaves_no_database() {
    let server = own_server();
    let folder = slow();
    for (command, signal) in [
        ("verify", Signal::SIGINT),
        ("verify", Signal::SIGTERM),
        ("verify", Signal::SIGHUP),
        ("invariants", Signal::SIGINT),
    ] {
        let child =
            in_the_middle(command, folder.path(), &server.address("postgres"), Some(&server));
        let sent = Instant::now();
        kill(Pid::from_raw(child.id() as i32), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("error: interrupted"), "{}", stderr(&output));
        assert!(sent.elapsed() < Duration::from_secs(20));
        assert_eq!(left_at(&server).0, Vec::<String>::new(), "{signal}");
    }
}

#[test]
fn what_a_killed_verify_left_at_an_address_is_dropped_by_the_next() {
    let server = own_server();
    let mut child =
        in_the_middle("verify", slow().path(), &server.address("postgres"), Some(&server));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(left_at(&server).0.len(), 1);
    // Its script may go on for a while, which must not keep the next one from dropping it.
    let output = shakedown(good().path(), &["verify", "--postgres", &server.address("postgres")]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(left_at(&server).0, Vec::<String>::new());
}

#[test]
fn a_killed_verify_leaves_no_server_behind() {
    let folders = || {
        let entries = std::fs::read_dir("/dev/shm").into_iter().flatten().flatten();
        entries
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("shakedown-"))
            .count()
    };
    let before = folders();
    let mut child = in_the_middle("verify", slow().path(), "embedded", None);
    child.kill().unwrap();
    child.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    // Other tests start and stop servers meanwhile, so that the number only has to come back.
    while folders() > before && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(Instant::now() < deadline);
}

#[test]
fn an_address_that_is_none_is_refused_without_showing_its_password() {
    for (name, value) in [
        ("SHAKEDOWN_POSTGRES", "postgres://u:geheim@h:port/x"),
        ("SHAKEDOWN_POSTGRES", "mysql://u:geheim@h/x"),
        ("SHAKEDOWN_POSTGRES", "postgres://u:geh?eim@h:port/x"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_shakedown"))
            .args(["verify"])
            .current_dir(good().path())
            .env(name, value)
            .output()
            .unwrap();
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains("is no Postgres address") && !text.contains("geheim"), "{text}");
    }
}

#[test]
fn a_report_that_cannot_be_written_costs_neither_the_verdict_nor_the_old_report() {
    let folder = good();
    let old = folder.path().join("report.json");
    fs::write(&old, "old").unwrap();
    let refused =
        shakedown(folder.path(), &["verify", "--out", "json=report.json", "--only", "nosuch"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&old).unwrap(), "old");
    let full = shakedown(folder.path(), &["verify", "--out", "json=/dev/full"]);
    assert_eq!(full.status.code(), Some(2));
    assert!(stdout(&full).ends_with("held: 1 reversible\n"), "{}", stdout(&full));
    let left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn what_could_not_be_tested_ends_with_2_and_is_told_last() {
    let role = format!("shakedown_cli_{}", std::process::id());
    let up = format!("CREATE ROLE {role}; GRANT SELECT ON t TO {role}; COMMIT;");
    let down = format!("REVOKE SELECT ON t FROM {role}; DROP ROLE {role}; COMMIT;");
    let folder = project(&[
        ("1_t.up.sql", b"CREATE TABLE t (a int);"),
        ("1_t.down.sql", b"DROP TABLE t;"),
        // Its own COMMIT asks for a clone, which shares the role with the original.
        ("2_r.up.sql", up.as_bytes()),
        ("2_r.down.sql", down.as_bytes()),
    ]);
    let server = own_server();
    let output = shakedown(folder.path(), &["verify", "--postgres", &server.address("postgres")]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let text = stdout(&output);
    assert_eq!(text.lines().last(), Some("not all could be tested: 1 reversible, 1 not tested"));
}

#[test]
fn every_rule_can_be_explained() {
    let list = stdout(&shakedown(&repository("."), &["rule"]));
    let rules = shakedown::checks::RULES.iter().chain(shakedown::invariants::RULES);
    for rule in rules {
        assert!(list.contains(rule.id), "{list}");
        assert_eq!(stdout(&shakedown(&repository("."), &["rule", rule.id])), rule.page);
    }
}

#[test]
fn the_help_has_examples_and_names_every_command() {
    let help = stdout(&shakedown(&repository("."), &["--help"]));
    for command in ["verify", "invariants", "server", "doctor", "rule"] {
        assert!(help.contains(command), "{help}");
    }
    for command in ["verify", "invariants"] {
        let help = stdout(&shakedown(&repository("."), &[command, "--help"]));
        assert!(help.contains("Examples:"), "{help}");
    }
}

#[test]
fn doctor_tells_each_way_and_which_one_auto_takes() {
    let output = shakedown(&repository("."), &["doctor"]);
    let text = stdout(&output);
    for way in ["url", "container", "local", "embedded"] {
        assert!(text.lines().any(|line| line.starts_with(way)), "{text}");
    }
    assert_eq!(output.status.code(), Some(0), "{text}");
    let without: Vec<&str> = text.lines().filter(|line| line.contains("does not work")).collect();
    assert_eq!(without.len(), text.matches("hint: ").count(), "each has its hint: {text}");
}

#[test]
fn a_machine_without_ca_certificates_is_told_so_and_nothing_panics() {
    let nothing = tempfile::tempdir().unwrap();
    let without = |command: &mut Command| {
        command
            .env("SSL_CERT_FILE", "/nowhere/at/all")
            .env("SSL_CERT_DIR", "/nowhere/at/all")
            .output()
            .unwrap()
    };
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_shakedown"));
    doctor
        .args(["doctor", "--postgres", "embedded"])
        .env("XDG_CACHE_HOME", nothing.path())
        .env("PATH", nothing.path());
    let output = without(&mut doctor);
    let told = format!("{}{}", stdout(&output), stderr(&output));
    assert!(told.contains("this machine has no CA certificates"), "{told}");
    assert!(!told.contains("panicked"), "{told}");

    let mut load = Command::new(env!("CARGO_BIN_EXE_shakedown"));
    load.args(["load", "migrations", "--rows", "10", "--time", "1s", "--warmup", "0s"])
        .current_dir(repository("."))
        .env("SHAKEDOWN_POSTGRES", shared().address("postgres"));
    let output = without(&mut load);
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("hint: it wants some, though none is used"), "{told}");
}

/// The temporary folder of the tests is on a disk of its own that is full.
#[test]
fn a_full_disk_is_told_and_nothing_is_left() {
    let Some(disk) = SmallDisk::new() else {
        assert!(std::env::var_os("CI").is_none(), "no small disk can be mounted");
        eprintln!("not run: mounting a small disk needs root");
        return;
    };
    let output = Command::new(env!("CARGO_BIN_EXE_shakedown"))
        .args(["server", "--empty", "--postgres", "embedded", "--profile", "durable"])
        .env("TMPDIR", &disk.0)
        .output()
        .unwrap();
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("No space left on device") && text.contains("hint: "), "{text}");
    assert_eq!(fs::read_dir(&disk.0).unwrap().count(), 0);
}

/// A file system of two megabytes.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("small-disk-").tempdir().unwrap().keep();
        fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m,mode=777", "shakedown-test"])
            .arg(&folder)
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
        let _ = fs::remove_dir(&self.0);
    }
}

/// A project whose table can be tested in every way, unlike one whose rows nothing tells apart.
fn keyed() -> TempDir {
    let up = b"CREATE TABLE a (id int PRIMARY KEY);";
    project(&[("1_a.up.sql", up), ("1_a.down.sql", b"DROP TABLE a;")])
}

#[test]
fn invariants_end_with_0_and_the_verdict_last_and_leave_nothing() {
    let folder = keyed();
    let output = shakedown(folder.path(), &["invariants", "--only", "a", "--seed", "7"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.lines().last().unwrap().starts_with("held: "), "{text}");
    assert!(text.contains("\nseed 7\n"), "{text}");
    assert!(!text.contains("head to base"), "{text}");
    assert_eq!(stderr(&output), "", "nothing but data in a pipe");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no failures, no folder for them");
}

#[test]
fn invariants_write_their_reports_and_a_suite_that_can_be_run() {
    let folder = keyed();
    let arguments =
        ["invariants", "--out", "json=r.json", "--out", "junit=r.xml", "--save-suite", "s.json"];
    let output = shakedown(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let json = fs::read_to_string(folder.path().join("r.json")).unwrap();
    let report: shakedown_reports::Report = serde_json::from_str(&json).unwrap();
    assert!(report.invariants.is_some() && report.migrations.is_empty());
    let schema = fs::read_to_string(repository("reports/schema/report.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&json));
    let xml = fs::read_to_string(folder.path().join("r.xml")).unwrap();
    assert!(xml.contains("shakedown invariants"), "{xml}");
    let again = shakedown(folder.path(), &["invariants", "--suite", "s.json"]);
    assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
}

#[test]
fn bad_words_for_invariants_are_refused() {
    let folder = good();
    let path = folder.path();
    check_refused(path, &["invariants", "--only", "nosuch"], "no table `nosuch`", "public.a");
    check_refused(path, &["invariants", "--time", "soon"], "`soon` is no time", "30s");
    check_refused(path, &["invariants", "--time", "30"], "`30` is no time", "30s");
    check_refused(path, &["invariants", "--time=-5s"], "`-5s` is no time", "30s");
    check_refused(
        path,
        &["invariants", "--suite", "x.json"],
        "`x.json` cannot be read",
        "--save-suite",
    );
    fs::write(path.join("garbage.json"), "garbage").unwrap();
    check_refused(
        path,
        &["invariants", "--suite", "garbage.json"],
        "`garbage.json` is no suite",
        "--save-suite",
    );
    check_refused(path, &["invariants", "--save-suite", "no/such/s.json"], "cannot be written", "");
    check_refused(
        path,
        &["invariants", "--postgres", "embedded", "--database", "shop"],
        "`--database shop` needs the address of the server",
        "--postgres postgres://",
    );
    check_refused(path, &["invariants", "nowhere"], "`nowhere`", "");
    let unknown = shakedown(path, &["invariants", "--deny", "everything"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("possible values: risk"), "{}", stderr(&unknown));
    let failing = project(&[("1_a.up.sql", b"CREATE TABLE a (id nosuch);"), ("1_a.down.sql", b"")]);
    check_refused(failing.path(), &["invariants"], "`1_a` cannot be applied", "shakedown verify");
}

#[test]
fn the_configuration_of_invariants_is_read_and_refused_with_what_is_wrong_in_it() {
    let folder = good();
    let config = |text: &str| fs::write(folder.path().join("shakedown.toml"), text).unwrap();
    config(
        "[invariants]\ncases = 5\ntime = \"30s\"\ndeny = [\"risk\"]\n\n[invariants.soft_delete]\n\
         \"public.a\" = \"none\"\n\n[invariants.allow]\n\"unique:public.gone\" = \"it was there once\"\n",
    );
    let output = shakedown(folder.path(), &["invariants"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.contains("[allowance-unused]") && text.contains("shakedown.toml:10"), "{text}");
    for (text, sentence, hint) in [
        ("[invariants]\ncase = 5\n", "unknown field `case`", ""),
        ("[invariants]\ndeny = [\"all\"]\n", "unknown variant `all`", ""),
        ("[invariants]\ntime = \"long\"\n", "`long` is no time", "30s"),
        ("[invariants.allow]\nunique = \" \"\n", "allows `unique` without a reason", "say why"),
        ("[invariants.soft_delete]\nusers = \"x\"\n", "`users` is not a name", "public.users"),
        ("[invariants.soft_delete]\n\"public.a\" = \"\"\n", "empty condition", "none"),
    ] {
        config(text);
        check_refused(folder.path(), &["invariants"], sentence, hint);
    }
}

/// A suite of [`good`] in which one promise is broken, one is a risk and one cannot be tried.
const SUITE: &str = r#"{"version": 1, "made_by": "hand", "schema": "3f9a", "seed": 3,
    "promises": [
        {"invariant": "not-null", "table": "public.a", "object": "id",
         "says": "every row has an id", "otherwise": "broken", "evidence": {"cases": [{"cases": [
            {"about": "a row without an id", "ops": ["INSERT INTO a VALUES (NULL)"],
             "expect": {"rejected": {"sqlstates": ["23502"]}}}]}]}},
        {"invariant": "unique-maybe", "table": "public.a", "object": "a_id",
         "says": "no two rows agree in id",
         "otherwise": {"risk": {"trap": "two rows can have one id", "way_out": "ALTER TABLE a ADD UNIQUE (id)"}},
         "evidence": {"cases": [{"setup": ["INSERT INTO a VALUES (1)"], "cases": [
            {"about": "the same id", "ops": ["INSERT INTO a VALUES (1)"],
             "expect": {"rejected": {"sqlstates": ["23505"]}}}]}]}},
        {"invariant": "unique", "table": "public.a", "object": "x", "says": "x is unique",
         "otherwise": "broken", "evidence": {"cases": [{"setup": ["INSERT INTO nosuch VALUES (1)"],
         "cases": [{"about": "x", "ops": ["SELECT 1"], "expect": "accepted"}]}]}}
    ],
    "baseline": [[["accepted"]], [["accepted"]], [["accepted"]]]}"#;

#[test]
fn what_is_broken_ends_with_1_and_is_kept_and_replayed() {
    let folder = good();
    let path = folder.path();
    fs::write(path.join("suite.json"), SUITE).unwrap();
    let output = shakedown(path, &["invariants", "--suite", "suite.json"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.contains("error[not-null]: ") && text.contains("risk[unique-maybe]: "), "{text}");
    assert!(text.contains("--> migrations/1_a.up.sql:1:17\n"), "{text}");
    assert!(text.contains("\nINSERT INTO a VALUES (NULL);\n"), "the script is there: {text}");
    assert!(text.contains("\nALTER TABLE a ADD UNIQUE (id);\n"), "the way out is there: {text}");
    assert!(
        text.contains("not tested: unique:public.a:x, since the rows that it starts from"),
        "{text}"
    );
    assert!(text.ends_with("found 1 error: 0 promises held, 3 cases; 1 risk, 1 not tested\n"));
    let notice = "what failed is kept in .shakedown/failures; `shakedown invariants replay` runs";
    assert!(stderr(&output).starts_with(notice), "{}", stderr(&output));
    let replayed = shakedown(path, &["invariants", "replay"]);
    assert_eq!(replayed.status.code(), Some(1), "{}", stderr(&replayed));
    assert!(stdout(&replayed).starts_with("still fails: not-null:public.a:id\n"));
}

#[test]
fn a_risk_fails_only_when_denied_and_what_is_untested_ends_with_2() {
    let folder = good();
    let path = folder.path();
    fs::write(path.join("suite.json"), SUITE).unwrap();
    let code = |arguments: &[&str]| {
        let all = [&["invariants", "--suite", "suite.json"], arguments].concat();
        shakedown(path, &all).status.code()
    };
    let broken = "[invariants.allow]\n\"not-null:public.a:id\" = \"old rows\"\n";
    fs::write(path.join("shakedown.toml"), broken).unwrap();
    assert_eq!(code(&[]), Some(2), "one could not be tried");
    assert_eq!(code(&["--deny", "risk"]), Some(1));
    fs::write(path.join("shakedown.toml"), format!("[invariants]\ndeny = [\"risk\"]\n{broken}"))
        .unwrap();
    assert_eq!(code(&[]), Some(1));
}

/// A failure as it is stored, of the table of [`good`].
const STORED: &str = r#"{"promise": {"invariant": "not-null", "table": "public.a", "object": "id",
    "says": "every row has an id", "otherwise": "broken", "evidence": {"cases": []}},
    "schema": "3f9a", "counterexample": {"case": {"setup": [], "outcome": "accepted",
    "case": {"about": "a row without an id", "ops": ["INSERT INTO a VALUES (NULL)"],
    "expect": {"rejected": {"sqlstates": ["23502"]}}}}}}"#;

#[test]
fn a_stored_failure_is_replayed_and_leaves_the_store_when_it_holds() {
    let folder = good();
    let path = folder.path();
    assert_eq!(stdout(&shakedown(path, &["invariants", "replay"])), "no failures are stored\n");
    let file = path
        .join(".shakedown/failures")
        .join(shakedown::invariants::store::name("not-null:public.a:id"));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, STORED).unwrap();
    let fails = shakedown(path, &["invariants", "replay", "not-null:public.a"]);
    assert_eq!(fails.status.code(), Some(1), "{}", stderr(&fails));
    let text = stdout(&fails);
    assert!(text.starts_with("still fails: not-null:public.a:id\n"), "{text}");
    assert!(text.contains("-- Seen: accepted\n") && text.contains("ROLLBACK;\n"), "{text}");
    assert!(text.ends_with("\nfail still: 1, hold now: 0\n"), "{text}");
    check_refused(
        path,
        &["invariants", "replay", "x:y"],
        "name `x:y` is stored",
        "not-null:public.a:id",
    );

    fs::write(path.join("migrations/2_n.up.sql"), "ALTER TABLE a ALTER id SET NOT NULL;").unwrap();
    fs::write(path.join("migrations/2_n.down.sql"), "").unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    let mended = shakedown(path, &["invariants", "replay", name]);
    assert_eq!(mended.status.code(), Some(0), "{}", stderr(&mended));
    assert_eq!(stdout(&mended), "holds now: not-null:public.a:id\nfail still: 0, hold now: 1\n");
    assert!(!file.exists());
}

#[test]
fn a_stored_failure_that_does_not_fit_stays_and_a_broken_file_is_named() {
    let folder = good();
    let store = folder.path().join("kept");
    fs::create_dir(&store).unwrap();
    let unfit = STORED.replace("\"setup\": []", "\"setup\": [\"INSERT INTO gone VALUES (1)\"]");
    fs::write(store.join("x.json"), unfit).unwrap();
    let output = shakedown(folder.path(), &["invariants", "replay", "--failures", "kept"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stdout(&output).starts_with("could not be run: not-null:public.a:id"));
    assert!(store.join("x.json").exists());
    fs::write(store.join("x.json"), "garbage").unwrap();
    for arguments in
        [&["invariants", "replay", "--failures", "kept"][..], &["invariants", "--failures", "kept"]]
    {
        check_refused(
            folder.path(),
            arguments,
            "x.json` holds no stored failure",
            "remove the file",
        );
    }
}

#[test]
fn a_database_is_cloned_without_cutting_anybody_off() {
    let server = own_server();
    let address = server.address("postgres");
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        ["invariants", "--postgres", &address, "--database", "shop", "--only", "public.a"];
    check_refused(folder.path(), &arguments, "\"shop\" does not exist", "is there");
    let sql = |database: &str, sql: &str| {
        block_on(async {
            let mut connection = server.connect(Some(database)).await.unwrap();
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
                .execute(&mut connection)
                .await
                .unwrap();
        });
    };
    sql("postgres", "CREATE DATABASE shop");
    sql("shop", "CREATE TABLE a (id int PRIMARY KEY)");
    let output = shakedown(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).starts_with("database shop (a clone of it was tested)\n"));
    assert_eq!(left_at(&server).0, ["shop"]);
    // Who works there goes on working, and the error says why that is in the way.
    block_on(async {
        let mut at_work = server.connect(Some("shop")).await.unwrap();
        check_refused(
            folder.path(),
            &arguments,
            "is being accessed by other users",
            "nobody is connected",
        );
        sqlx::query("SELECT 1").execute(&mut at_work).await.unwrap();
    });
}

#[test]
fn mutants_are_counted_and_survivors_fail_nothing() {
    let table = "CREATE TABLE a (id int PRIMARY KEY, age int NOT NULL CHECK (age > 17));";
    let folder = project(&[("1_a.up.sql", table.as_bytes()), ("1_a.down.sql", b"DROP TABLE a;")]);
    let path = folder.path();
    let output = shakedown(path, &["invariants", "--mutate", "--out", "json=report.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.lines().any(|line| line.trim().starts_with("CCNullifier")), "{text}");
    let verdict = text.lines().last().unwrap();
    assert!(verdict.starts_with("killed ") && verdict.contains(" mutants ("), "{text}");
    let report: shakedown_reports::Report =
        serde_json::from_str(&fs::read_to_string(path.join("report.json")).unwrap()).unwrap();
    let mutants = report.strength.unwrap().mutants;
    let dropped = mutants.iter().find(|mutant| mutant.operator == "CCNullifier").unwrap();
    assert!(matches!(dropped.fate, Fate::Killed { .. }), "{dropped:?}");
    assert!(mutants.iter().all(|mutant| mutant.table == "public.a"), "the runner's are not");
    let refused = shakedown(path, &["invariants", "--mutate", "--suite", "x"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn a_scratch_server_is_filled_and_names_what_takes_no_rows() {
    let up = b"CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL UNIQUE);
        CREATE TABLE closed (id int PRIMARY KEY CHECK (false));";
    let folder = project(&[("1_a.up.sql", up), ("1_a.down.sql", b"DROP TABLE users, closed;")]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_shakedown"))
        .args(["server", "--rows", "30", "--seed", "7", "--postgres", "embedded"])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.as_mut().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
    let rows = line.trim().strip_prefix("DATABASE_URL=").map(|address| {
        block_on(async {
            let mut connection = PgConnection::connect(address).await.unwrap();
            let count = "SELECT count(*) FROM users";
            sqlx::query_scalar::<_, i64>(count).fetch_one(&mut connection).await.unwrap()
        })
    });
    kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = stderr(&output);
    assert_eq!(rows, Some(30), "{line}{text}");
    assert!(text.contains("public.closed has 0 of 30 rows: "), "{text}");
    assert!(!text.contains("public.users"), "{text}");
}
