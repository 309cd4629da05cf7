//! Branches of Neon: how they are asked for, and that they are gone however a run ends.
//!
//! Neon itself is not here. `program` is a stand-in for its command line program; in `real` that
//! program is the real one, and only the service that it talks to is a stand-in.

mod program;
mod real;
mod service;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use shakedown::server::{self, Choice, Neon, Request, Way};
use shakedown_reports::model::Report;

use crate::support::{repository, request, server as shared};
use program::StandIn;

const PROJECT: &str = "quiet-sun-123456";

fn command(neon: &StandIn, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shakedown"));
    command
        .args(arguments)
        .current_dir(repository("."))
        .env("SHAKEDOWN_POSTGRES", format!("neon:{PROJECT}/main"))
        .env("SHAKEDOWN_NEONCTL", neon.program())
        .env_remove("CI");
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned()
}

/// The library's way to a branch.
fn wanted(neon: &StandIn) -> Request {
    Request {
        choice: format!("neon:{PROJECT}").parse().unwrap(),
        neonctl: Some(neon.program()),
        ..request()
    }
}

/// A run on a branch that lasts until somebody ends it, once it has begun to measure.
fn lasting(neon: &StandIn) -> Child {
    let mut child = command(neon, &["load", "--scenario", "sign-in", "--rows", "10"])
        .args(["--time", "120s", "--warmup", "0s", "--users", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    let begun = BufReader::new(child.stderr.take().unwrap()).lines().any(|line| {
        said.push(line.unwrap());
        said.last().unwrap().contains("/s ")
    });
    if !begun {
        child.wait().unwrap();
        panic!("it never began: {said:?}");
    }
    assert_eq!(neon.branches().len(), 1);
    child
}

async fn the_next_start() {
    let next = Request { choice: Choice::Url(shared().address("postgres")), ..request() };
    server::start(&next).await.unwrap();
}

fn wait_until_gone(neon: &StandIn) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !neon.branches().is_empty() {
        assert!(Instant::now() < deadline, "{:?} is still there", neon.branches());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_project_a_branch_a_role_and_a_database_can_be_named() {
    let neon = |text: &str| text.parse::<Choice>().unwrap();
    let of = |parent: Option<&str>, role: Option<&str>, database: Option<&str>| {
        Choice::Neon(Neon {
            project: PROJECT.to_owned(),
            parent: parent.map(str::to_owned),
            role: role.map(str::to_owned),
            database: database.map(str::to_owned),
        })
    };
    assert_eq!(neon("neon:quiet-sun-123456"), of(None, None, None));
    assert_eq!(neon("neon:quiet-sun-123456/preview/pr-7"), of(Some("preview/pr-7"), None, None));
    assert_eq!(
        neon("neon:quiet-sun-123456/main?role=app&database=shop"),
        of(Some("main"), Some("app"), Some("shop"))
    );
    for (wrong, why) in [
        ("neon:", "names no project of Neon"),
        ("neon:--help", "names no project of Neon"),
        ("neon:a b/main", "names no project of Neon"),
        ("neon:p/main?rolle=app", "`rolle`, which means nothing"),
    ] {
        let error = wrong.parse::<Choice>().unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert!(error.hint_text().unwrap().contains("neon:<project>/<branch>"));
    }
}

#[test]
fn a_branch_is_made_for_a_run_and_deleted_after_it() {
    let neon = StandIn::new();
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("report.json");
    let output =
        command(&neon, &["verify", "--out", &format!("json={}", file.display())]).output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let calls = neon.calls();
    let name = calls[0].split("--name=").nth(1).unwrap().split(' ').next().unwrap();
    assert!(said.contains(&format!("using the branch `{name}` with Postgres")), "{said}");
    assert_eq!(name.len(), "shakedown-".len() + 16);
    // It is marked as ours, and goes by itself if all else fails.
    let expires = calls[0].split("--expires-at=").nth(1).unwrap().split(' ').next().unwrap();
    let left = expires.parse::<jiff::Timestamp>().unwrap().as_second()
        - jiff::Timestamp::now().as_second();
    assert!((11 * 3600..=12 * 3600).contains(&left), "{expires}");
    let common = format!("--project-id={PROJECT} --output=json --no-analytics");
    let made = format!(
        "branches create --name={name} --expires-at={expires} --no-secrets --parent=main {common}"
    );
    assert_eq!(
        calls,
        [
            made,
            format!("connection-string {name} --ssl=require {common}"),
            format!("connection-string {name} --ssl=require --pooled {common}"),
            format!("branches delete {name} {common}"),
        ]
    );
    assert!(neon.branches().is_empty());
    let report: Report = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(report.server.way, "neon");
}

#[test]
fn the_password_of_a_branch_is_in_no_output() {
    let neon = StandIn::new();
    let output =
        command(&neon, &["verify", "--out", "json=/dev/stdout", "--color", "never"]).output();
    let address = shared().address("postgres");
    let (_, rest) = address.split_once("postgres:").unwrap();
    let (password, _) = rest.trim_start_matches('/').split_once('@').unwrap();
    let password = password.rsplit(':').next().unwrap();
    assert!(password.len() > 10, "the shared server has a password");
    assert!(!text(&output.unwrap()).contains(password));
}

#[tokio::test]
async fn a_database_of_the_branch_is_measured_with_the_rows_it_has() {
    let production =
        server::start(&Request { choice: Choice::Embedded, ..request() }).await.unwrap();
    let mut connection = production.connect(None).await.unwrap();
    sqlx::raw_sql("CREATE DATABASE shop").execute(&mut connection).await.unwrap();
    let mut shop = production.connect(Some("shop")).await.unwrap();
    let sql = "CREATE TABLE orders AS SELECT n AS id FROM generate_series(1, 1234) AS n; \
               ALTER TABLE orders ADD PRIMARY KEY (id); ANALYZE orders";
    sqlx::raw_sql(sql).execute(&mut shop).await.unwrap();
    drop(shop);
    let neon = StandIn::at(&production.address("postgres"));
    let mut load = command(&neon, &["load", "--database", "shop", "--time", "1s", "--users", "1"]);
    let output = load.args(["--warmup", "0s"]).output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("public.orders 1,234"), "{said}");
    assert!(said.contains("through Neon's PgBouncer in transaction mode"), "{said}");
    assert_eq!(neon.branches(), Vec::<String>::new());
}

#[test]
fn ctrl_c_and_sigterm_delete_the_branch() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let neon = StandIn::new();
        let mut child = lasting(&neon);
        kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
        child.wait().unwrap();
        assert_eq!(neon.branches(), Vec::<String>::new(), "{signal}");
    }
}

#[test]
fn a_killed_run_leaves_no_branch() {
    let neon = StandIn::new();
    let mut child = lasting(&neon);
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until_gone(&neon);
}

#[test]
fn a_run_that_ends_while_its_branch_is_made_leaves_none() {
    for signal in [Signal::SIGKILL, Signal::SIGINT] {
        let neon = StandIn::new();
        neon.is("slow", "15");
        let mut child = command(&neon, &["verify"]).stderr(Stdio::null()).spawn().unwrap();
        while neon.calls().is_empty() {
            std::thread::sleep(Duration::from_millis(10));
        }
        kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
        child.wait().unwrap();
        // It comes late, and is not missed: nothing is deleted before.
        let deadline = Instant::now() + Duration::from_secs(40);
        let deleted = || neon.calls().iter().any(|call| call.starts_with("branches delete"));
        while !deleted() || !neon.branches().is_empty() {
            assert!(Instant::now() < deadline, "{:?}", neon.calls());
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(neon.calls().len(), 2, "{:?}", neon.calls());
    }
}

#[tokio::test]
async fn a_branch_that_should_not_stay_is_deleted_although_making_it_failed() {
    let neon = StandIn::new();
    neon.is("old", "");
    neon.is("lock", "");
    let error = server::start(&wanted(&neon)).await.unwrap_err();
    assert!(error.whole().contains(&neon.branches()[0]), "{}", error.whole());
    // Nobody could delete it at that moment, so that the next start does.
    neon.is_no_longer("lock");
    the_next_start().await;
    wait_until_gone(&neon);
}

#[tokio::test]
async fn the_next_start_deletes_what_a_killed_run_and_its_keeper_left() {
    let neon = StandIn::new();
    let mut child = lasting(&neon);
    kill(keeper(&neon.program()), Signal::SIGKILL).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(neon.branches().len(), 1, "it is left for the next start");
    the_next_start().await;
    wait_until_gone(&neon);
}

/// The shell that waits for the end of a run to delete the branch that this program made.
fn keeper(program: &Path) -> Pid {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let mut found = processes.filter_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let line = std::fs::read_to_string(entry.path().join("cmdline")).ok()?;
        (line.contains("shakedown-keeper") && line.contains(&*program.to_string_lossy()))
            .then_some(pid)
    });
    Pid::from_raw(found.next().expect("a keeper"))
}

#[test]
fn a_panic_deletes_the_branch() {
    let neon = StandIn::new();
    let request = wanted(&neon);
    let panicked = std::thread::spawn(move || {
        crate::support::block_on(async {
            let server = server::start(&request).await.unwrap();
            assert_eq!(server.way, Way::Neon);
            assert!(!server.is_scratch(), "its settings are not ours");
            panic!("on purpose");
        });
    });
    panicked.join().unwrap_err();
    assert_eq!(neon.branches(), Vec::<String>::new());
    assert!(neon.calls()[0].contains("branches create") && !neon.calls()[0].contains("--parent"));
}

#[tokio::test]
async fn a_branch_that_is_busy_is_deleted_when_it_is_no_longer() {
    let neon = StandIn::new();
    neon.is("lock", "");
    let server = server::start(&wanted(&neon)).await.unwrap();
    let stopping = tokio::spawn(server.stop());
    tokio::time::sleep(Duration::from_secs(1)).await;
    neon.is_no_longer("lock");
    stopping.await.unwrap().unwrap();
    assert_eq!(neon.branches(), Vec::<String>::new());
}

#[tokio::test]
async fn a_branch_that_cannot_be_deleted_is_told_with_the_command_and_tried_again() {
    let neon = StandIn::new();
    neon.is("lock", "");
    let server = server::start(&wanted(&neon)).await.unwrap();
    let name = server.branch().unwrap().to_owned();
    let error = server.stop().await.unwrap_err();
    assert!(error.whole().contains("project has running operations"), "{}", error.whole());
    let hint = error.hint_text().unwrap();
    assert!(hint.contains(&format!("neonctl branches delete {name} --project-id {PROJECT}")));
    neon.is_no_longer("lock");
    the_next_start().await;
    wait_until_gone(&neon);
}

#[tokio::test]
async fn a_program_that_is_gone_at_the_end_is_not_taken_for_a_branch_that_is() {
    let neon = StandIn::new();
    let server = server::start(&wanted(&neon)).await.unwrap();
    let elsewhere = neon.program().with_extension("elsewhere");
    std::fs::rename(neon.program(), &elsewhere).unwrap();
    server.stop().await.unwrap_err();
    std::fs::rename(&elsewhere, neon.program()).unwrap();
    assert_eq!(neon.branches().len(), 1);
    the_next_start().await;
    wait_until_gone(&neon);
}

/// How many notes speak of branches that this program made.
fn notes(program: &Path) -> usize {
    let program = program.display().to_string();
    let files = std::fs::read_dir(request().cache.join("runs")).unwrap().flatten();
    let texts = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
    texts.filter(|text| text.contains(&program)).count()
}

/// What a start fails with, and that nothing is left of it.
async fn refused(neon: &StandIn, request: &Request) -> (String, String) {
    let error = server::start(request).await.unwrap_err();
    assert_eq!(neon.branches(), Vec::<String>::new());
    (error.whole(), error.hint_text().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn what_neon_refuses_is_told_with_the_way_out() {
    let neon = StandIn::new();
    let of = |text: &str| Request { choice: text.parse().unwrap(), ..wanted(&neon) };
    let (said, _) = refused(&neon, &of("neon:p/mian")).await;
    assert_eq!(said, "`neonctl branches create` failed: Branch mian not found");

    neon.is("roles", "");
    let (said, hint) = refused(&neon, &of("neon:p/main")).await;
    assert!(said.contains("Multiple roles found"), "{said}");
    assert_eq!(hint, "--postgres 'neon:p/main?role=<name>'");
    server::start(&of("neon:p/main?role=app")).await.unwrap().stop().await.unwrap();

    neon.is("old", "");
    let (said, hint) = refused(&neon, &of("neon:p/main?role=app")).await;
    assert!(said.contains("does not expire"), "{said}");
    assert!(hint.contains("npm install -g neonctl"), "{hint}");

    neon.is("refusal", "Cannot run interactive auth in CI");
    let (_, hint) = refused(&neon, &of("neon:p")).await;
    assert!(hint.contains("NEON_API_KEY") && hint.contains("neonctl auth"), "{hint}");
    assert!(neon.calls().iter().all(|call| !call.contains("browser")), "{:?}", neon.calls());

    neon.is("refusal", "the key napi_geheim123 is not known");
    let (said, _) = refused(&neon, &of("neon:p")).await;
    assert_eq!(said, "`neonctl branches create` failed: the key *** is not known");

    // Whoever is not let in cannot look either, which the next start does.
    assert_eq!(notes(&neon.program()), 2);
    neon.is_no_longer("refusal");
    let next = Request { choice: Choice::Url(shared().address("postgres")), ..request() };
    let deadline = Instant::now() + Duration::from_secs(30);
    // A start of another test may be looking at the same note.
    while notes(&neon.program()) > 0 {
        assert!(Instant::now() < deadline, "a note stays");
        server::start(&next).await.unwrap();
    }
}

#[tokio::test]
async fn a_program_that_is_not_there_is_told_with_how_to_get_it() {
    let choice: Choice = "neon:p".parse().unwrap();
    let none = Request { choice: choice.clone(), path: Vec::new(), ..request() };
    let error = server::start(&none).await.unwrap_err();
    assert!(error.to_string().contains("`neonctl`, through which branches of Neon are made"));
    assert!(error.hint_text().unwrap().contains("npm install -g neonctl"));
    let named = Request { neonctl: Some("/nowhere/neonctl".into()), ..none };
    let error = server::start(&named).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no program `/nowhere/neonctl`");
}

#[test]
fn doctor_tries_the_branch_that_is_asked_for() {
    let neon = StandIn::new();
    let output = command(&neon, &["doctor"])
        .env("DOCKER_HOST", "unix:///nowhere/docker.sock")
        .output()
        .unwrap();
    let said = text(&output);
    assert!(said.starts_with("neon       works: PostgreSQL 16"), "{said}");
    assert!(said.contains("a branch of the project given is used"), "{said}");
    assert_eq!(neon.branches(), Vec::<String>::new());
}
