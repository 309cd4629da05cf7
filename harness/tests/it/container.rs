//! Containers, through a real Docker engine.
//!
//! `SHAKEDOWN_TEST_IMAGE` names the image; without it the official one is used. Where no
//! engine answers, nothing can be tested: that is told, and with `CI` set it is a failure.

use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use shakedown::server::{self, Choice, Profile, Request, Way};
use sqlx::ConnectOptions;

use tokio::sync::{Mutex, MutexGuard};

use crate::support::request;

/// What one test starts must not be taken for what another one left.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// A request for a container, if a Docker engine answers, and the right to run one.
async fn container() -> Option<(Request, MutexGuard<'static, ()>)> {
    let answers =
        Command::new("docker").arg("info").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if answers.is_ok_and(|status| status.success()) {
        let image = std::env::var("SHAKEDOWN_TEST_IMAGE").ok();
        let request = Request { choice: Choice::Container, image, ..request() };
        return Some((request, ONE_AT_A_TIME.lock().await));
    }
    assert!(std::env::var_os("CI").is_none(), "no Docker engine answers, but CI is set");
    eprintln!("not run: no Docker engine answers");
    None
}

fn containers() -> String {
    let output = Command::new("docker")
        .args([
            "ps",
            "--all",
            "--filter",
            "label=shakedown.run",
            "--format",
            "{{.ID}} {{.Label \"shakedown.run\"}}",
        ])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

async fn show(server: &server::Server, name: &str) -> String {
    let mut connection = server.connect(None).await.unwrap();
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SHOW {name}")))
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_container_is_postgres_16_with_the_settings_of_its_profile_and_goes_when_stopped() {
    let Some((request, _turn)) = container().await else { return };
    let server = server::start(&request).await.unwrap();
    assert_eq!(server.way, Way::Container);
    assert!(server.version.starts_with("16."), "{}", server.version);
    for (name, value) in &server.settings {
        assert_eq!(&show(&server, name).await, value, "{name}");
    }
    assert_eq!(show(&server, "fsync").await, "off");
    let run = server.address("x");
    server.stop().await.unwrap();
    assert!(<sqlx::PgConnection as sqlx::Connection>::connect(&run).await.is_err());

    let server = server::start(&Request { profile: Profile::Durable, ..request }).await.unwrap();
    // The module that runs the container would turn it off.
    assert_eq!(show(&server, "fsync").await, "on");
    assert_eq!(show(&server, "full_page_writes").await, "on");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_durable_container_is_restarted_at_its_address_with_its_data_and_a_fast_one_is_not() {
    let Some((request, _turn)) = container().await else { return };
    let durable = Request { profile: Profile::Durable, ..request.clone() };
    let server = server::start(&durable).await.unwrap();
    let user = server.options("postgres").unwrap();
    let mut before = user.connect().await.unwrap();
    let made = "CREATE TABLE t AS SELECT 7 AS n; SELECT calls FROM pg_stat_statements";
    sqlx::raw_sql(made).execute(&mut before).await.unwrap();
    server.restart().await.unwrap();
    let cut_off = sqlx::query("SELECT 1").execute(&mut before).await.unwrap_err();
    assert_eq!(cut_off.as_database_error().unwrap().code().unwrap(), "57P01", "{cut_off}");
    let mut after = user.connect().await.unwrap();
    let kept: i32 = sqlx::query_scalar("SELECT n FROM t").fetch_one(&mut after).await.unwrap();
    assert_eq!(kept, 7);
    server.stop().await.unwrap();

    let fast = server::start(&request).await.unwrap();
    let refused = fast.restart().await.unwrap_err();
    assert!(refused.to_string().contains("keeps its data in memory"), "{refused}");
    fast.stop().await.unwrap();
}

#[tokio::test]
async fn an_image_that_cannot_be_had_is_told() {
    let Some((request, _turn)) = container().await else { return };
    let image = Some("shakedown/no-such-image:1".to_owned());
    let Err(error) = server::start(&Request { image, ..request }).await else {
        panic!("there is no such image")
    };
    assert!(error.to_string().contains("`shakedown/no-such-image:1`"), "{error}");
    assert!(error.hint_text().unwrap().contains("--image"));
}

#[tokio::test]
async fn auto_takes_a_container_where_one_can_be_had_and_verify_holds_on_it() {
    let Some((request, _turn)) = container().await else { return };
    let mut command = Command::new(env!("CARGO_BIN_EXE_shakedown"));
    command.args(["verify", "--postgres", "auto"]).current_dir(crate::support::repository("."));
    command.env_remove("SHAKEDOWN_POSTGRES");
    if let Some(image) = request.image {
        command.args(["--image", &image]);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains(", container, fast profile"), "{text}");
}

#[tokio::test]
async fn what_a_killed_run_left_is_removed_by_the_next_start_and_ctrl_c_leaves_nothing() {
    let Some((request, _turn)) = container().await else { return };
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shakedown"));
        command.args(["server", "--empty", "--postgres", "container"]);
        if let Some(image) = &request.image {
            command.args(["--image", image]);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        let mut reader = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut reader, &mut line).unwrap();
        assert!(line.starts_with("DATABASE_URL=postgres://"), "{line}");
        child
    };
    let before = containers();
    let mut child = start();
    let of_killed: Vec<String> =
        containers().lines().filter(|line| !before.contains(*line)).map(str::to_owned).collect();
    assert!(!of_killed.is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    let mut next = start();
    let now = containers();
    assert!(of_killed.iter().all(|line| !now.contains(line)), "{of_killed:?} in {now}");
    kill(Pid::from_raw(next.id() as i32), Signal::SIGINT).unwrap();
    assert!(next.wait().unwrap().success());
    let own: Vec<&str> = now.lines().filter(|line| !before.contains(*line)).collect();
    let after = containers();
    assert!(own.iter().all(|line| !after.contains(line)), "{own:?} in {after}");
}
