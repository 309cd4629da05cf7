//! PgBouncer in front of a server.
//!
//! `SHAKEDOWN_TEST_BOUNCER_IMAGE` names an image with one. What is not here cannot be tested:
//! that is told, and with `CI` set it is a failure.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpgid};
use shakedown::error::Error;
use shakedown::server::bouncer::{self, Bouncer, Mode, Wanted};
use shakedown::server::{self, Choice, Request, Server};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use crate::support::{request, scratch, server as shared};

const WANTED: Wanted = Wanted {
    mode: Mode::Transaction,
    pool_size: 1,
    max_client_conn: 50,
    prepared_statements: 0,
    statement_timeout: Duration::from_secs(20),
};

/// Whether a PgBouncer is installed.
pub(crate) fn installed() -> bool {
    let mut folders = server::search_path();
    folders.push(PathBuf::from("/usr/sbin"));
    if folders.iter().any(|folder| folder.join("pgbouncer").is_file()) {
        return true;
    }
    assert!(std::env::var_os("CI").is_none(), "no PgBouncer is installed, but CI is set");
    eprintln!("not run: no PgBouncer is installed (apt-get install pgbouncer)");
    false
}

async fn start(
    server: &Server,
    database: &str,
    wanted: Wanted,
    image: Option<&str>,
) -> Result<Bouncer, Error> {
    let path = server::search_path();
    bouncer::start(server, database, &wanted, &path, &request().cache, image).await
}

async fn on(server: &Server, database: &str, wanted: Wanted) -> Bouncer {
    start(server, database, wanted, None).await.unwrap()
}

/// A client that prepares nothing under a name.
async fn client(bouncer: &Bouncer) -> PgConnection {
    connect(bouncer.options().statement_cache_capacity(0)).await
}

async fn connect(options: PgConnectOptions) -> PgConnection {
    options.connect().await.unwrap()
}

async fn backend(client: &mut PgConnection) -> i32 {
    let query = sqlx::query_scalar("SELECT pg_backend_pid()").persistent(false);
    query.fetch_one(client).await.unwrap()
}

async fn timeout_of(client: &mut PgConnection) -> String {
    let query = sqlx::query_scalar("SHOW statement_timeout").persistent(false);
    query.fetch_one(client).await.unwrap()
}

#[tokio::test]
async fn a_query_goes_through_in_both_modes_with_the_timeout_of_the_server_side() {
    if !installed() {
        return;
    }
    let scratch = scratch().await;
    for mode in [Mode::Transaction, Mode::Session] {
        let bouncer = on(shared(), &scratch.name, Wanted { mode, ..WANTED }).await;
        assert!(bouncer.version.starts_with("1."), "{}", bouncer.version);
        let mut first = connect(bouncer.options().options([("statement_timeout", "1")])).await;
        let name: String = sqlx::query_scalar("SELECT current_database()::text")
            .persistent(false)
            .fetch_one(&mut first)
            .await
            .unwrap();
        assert_eq!(name, scratch.name);
        assert_eq!(timeout_of(&mut first).await, "20s", "{mode}");
        let server_side = backend(&mut first).await;
        first.close().await.unwrap();
        // The next one comes by the same server connection, and in session mode after a reset.
        let mut second = client(&bouncer).await;
        assert_eq!(backend(&mut second).await, server_side);
        assert_eq!(timeout_of(&mut second).await, "20s", "{mode}");
        bouncer.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_session_takes_nothing_of_the_one_before_it() {
    if !installed() {
        return;
    }
    let scratch = scratch().await;
    let bouncer = on(shared(), &scratch.name, Wanted { mode: Mode::Session, ..WANTED }).await;
    let mut first = client(&bouncer).await;
    let left = "SET work_mem = '1MB'; CREATE TEMP TABLE t (); SELECT pg_advisory_lock(7); \
                PREPARE p AS SELECT 1; LISTEN c; DECLARE d CURSOR WITH HOLD FOR SELECT 1";
    sqlx::raw_sql(left).execute(&mut first).await.unwrap();
    first.close().await.unwrap();
    let mut second = client(&bouncer).await;
    let found: (String, i64, i64, i64, i64, i64) = sqlx::query_as(
        "SELECT current_setting('work_mem'), \
           (SELECT count(*) FROM pg_class WHERE relpersistence = 't' \
              AND pg_table_is_visible(oid) AND relname = 't'), \
           (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), \
           (SELECT count(*) FROM pg_prepared_statements WHERE name <> ''), \
           (SELECT count(*) FROM pg_listening_channels()), \
           (SELECT count(*) FROM pg_cursors WHERE is_holdable)",
    )
    .persistent(false)
    .fetch_one(&mut second)
    .await
    .unwrap();
    assert_eq!(found, ("4MB".to_owned(), 0, 0, 0, 0, 0));
}

#[tokio::test]
async fn statements_prepared_by_name_fail_over_transactions_where_it_keeps_none() {
    if !installed() {
        return;
    }
    let scratch = scratch().await;
    let bouncer = on(shared(), &scratch.name, WANTED).await;
    assert_eq!(bouncer.prepared_statements, 0);
    let (mut one, mut other) = (connect(bouncer.options()).await, connect(bouncer.options()).await);
    let by_name = sqlx::query_scalar::<_, i32>("SELECT 1").fetch_one(&mut one).await;
    assert_eq!(by_name.unwrap(), 1);
    // Both name their first statement alike, on one server connection.
    let clash = sqlx::query_scalar::<_, i32>("SELECT 2").fetch_one(&mut other).await;
    let clash = clash.unwrap_err();
    let code = clash.as_database_error().unwrap().code().unwrap().into_owned();
    assert!(["42P05", "26000"].contains(&code.as_str()), "{code}: {clash}");
    for client in [&mut one, &mut other] {
        let unnamed = sqlx::query_scalar::<_, i32>("SELECT 3").persistent(false);
        assert_eq!(unnamed.fetch_one(client).await.unwrap(), 3);
    }
}

#[tokio::test]
async fn statements_prepared_by_name_work_where_it_keeps_them_and_it_says_whether_it_does() {
    if !installed() {
        return;
    }
    let scratch = scratch().await;
    let wanted = Wanted { prepared_statements: 100, ..WANTED };
    let bouncer = on(shared(), &scratch.name, wanted).await;
    let minor = bouncer.version.split('.').nth(1).unwrap();
    if minor.parse::<u32>().unwrap() < 21 {
        assert_eq!(bouncer.prepared_statements, 0, "{}", bouncer.version);
        return;
    }
    assert_eq!(bouncer.prepared_statements, 100);
    for number in [1, 2] {
        let mut client = connect(bouncer.options()).await;
        let query = sqlx::query_scalar::<_, i32>("SELECT $1::int").bind(number);
        assert_eq!(query.fetch_one(&mut client).await.unwrap(), number);
    }
}

#[tokio::test]
async fn clients_share_a_server_connection_over_transactions_and_wait_over_sessions() {
    if !installed() {
        return;
    }
    let scratch = scratch().await;
    let shares = on(shared(), &scratch.name, WANTED).await;
    let (mut one, mut other) = (client(&shares).await, client(&shares).await);
    assert_eq!(backend(&mut one).await, backend(&mut other).await);

    let keeps = on(shared(), &scratch.name, Wanted { mode: Mode::Session, ..WANTED }).await;
    let mut one = client(&keeps).await;
    let first = backend(&mut one).await;
    let mut waits = client(&keeps).await;
    let asked = tokio::spawn(async move { backend(&mut waits).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!asked.is_finished(), "the only server connection is taken");
    one.close().await.unwrap();
    assert_eq!(asked.await.unwrap(), first);
}

/// The process of the PgBouncer that `options` lead to, and its folder.
fn process_and_folder(bouncer: &Bouncer) -> (Pid, PathBuf) {
    let port = format!("listen_port = {}\n", bouncer.options().get_port());
    let found = processes().find_map(|(pid, line)| {
        let folder = Path::new(line.split('\0').nth(1)?).parent()?.to_owned();
        let text = std::fs::read_to_string(folder.join("pgbouncer.ini")).ok()?;
        text.contains(&port).then_some((pid, folder))
    });
    found.expect("a PgBouncer")
}

fn processes() -> impl Iterator<Item = (Pid, String)> {
    std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let mut line = Vec::new();
        std::fs::File::open(entry.path().join("cmdline")).ok()?.read_to_end(&mut line).ok()?;
        Some((Pid::from_raw(pid), String::from_utf8_lossy(&line).into_owned()))
    })
}

#[tokio::test]
async fn stopping_it_leaves_no_process_and_no_folder() {
    if !installed() {
        return;
    }
    let scratch = scratch().await;
    let bouncer = on(shared(), &scratch.name, WANTED).await;
    let (pid, folder) = process_and_folder(&bouncer);
    assert!(kill(pid, None).is_ok());
    drop(bouncer);
    assert!(kill(pid, None).is_err() && !folder.exists());
}

#[tokio::test]
async fn nobody_else_reads_its_passwords_and_ctrl_c_does_not_reach_it() {
    if !installed() {
        return;
    }
    let scratch = scratch().await;
    let bouncer = on(shared(), &scratch.name, WANTED).await;
    let (pid, folder) = process_and_folder(&bouncer);
    assert_eq!(getpgid(Some(pid)).unwrap(), pid, "it has a process group of its own");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in ["pgbouncer.ini", "users.txt", "log"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
    let wrong = bouncer.options().password("wrong").connect().await.unwrap_err();
    assert!(wrong.as_database_error().is_some(), "{wrong}");
}

/// The environment variable that makes this test the one that is killed.
const KILLED: &str = "SHAKEDOWN_TEST_KILLED";

/// Not a test of its own: the program that the next test kills.
#[tokio::test]
async fn the_one_that_is_killed() {
    let Some(told) = std::env::var_os(KILLED) else { return };
    let choice = Choice::Url(std::fs::read_to_string(&told).unwrap());
    let server = server::start(&Request { choice, ..request() }).await.unwrap();
    let bouncer = on(&server, "postgres", WANTED).await;
    let (pid, folder) = process_and_folder(&bouncer);
    std::fs::write(&told, format!("pid {pid} {}\n", folder.display())).unwrap();
    std::thread::sleep(Duration::from_secs(60));
}

/// Runs the one that is killed up to where it has a PgBouncer.
fn killed_one() -> (std::process::Child, Pid, PathBuf) {
    let told = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(told.path(), shared().address("postgres")).unwrap();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "bouncer::the_one_that_is_killed"])
        .env(KILLED, told.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..3000 {
        let text = std::fs::read_to_string(told.path()).unwrap();
        if let Some((pid, folder)) =
            text.strip_prefix("pid ").and_then(|rest| rest.strip_suffix('\n')?.split_once(' '))
        {
            return (child, Pid::from_raw(pid.parse().unwrap()), PathBuf::from(folder));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("no PgBouncer was started within 30 s");
}

fn wait_until_gone(pid: Pid, folder: &Path) {
    for _ in 0..1000 {
        if kill(pid, None).is_err() && !folder.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("process {pid} or folder {} is still there", folder.display());
}

#[test]
fn a_killed_run_leaves_no_bouncer_behind() {
    if !installed() {
        return;
    }
    let (mut child, pid, folder) = killed_one();
    assert!(kill(pid, None).is_ok() && folder.exists());
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until_gone(pid, &folder);
}

#[tokio::test]
async fn the_next_start_clears_the_bouncer_that_a_killed_run_and_its_reaper_left() {
    if !installed() {
        return;
    }
    let (mut child, pid, folder) = tokio::task::spawn_blocking(killed_one).await.unwrap();
    let reaper = processes().find(|(_, line)| {
        line.contains("shakedown-reaper") && line.contains(&*folder.to_string_lossy())
    });
    kill(reaper.expect("a reaper").0, Signal::SIGKILL).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert!(kill(pid, None).is_ok() && folder.exists(), "it is left for the next start");
    let choice = Choice::Url(shared().address("postgres"));
    server::start(&Request { choice, ..request() }).await.unwrap();
    wait_until_gone(pid, &folder);
}

#[tokio::test]
async fn a_server_that_refuses_it_is_told_with_what_its_log_says() {
    if !installed() {
        return;
    }
    let error = start(shared(), "no such'db", WANTED, None).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("PgBouncer does not work"), "{text}");
    assert!(text.contains("database \"no such'db\" does not exist"), "{text}");
    let password = shared().address("x");
    let password = password.split([':', '@']).nth(2).unwrap();
    assert!(!text.contains(password), "{text}");
}

#[tokio::test]
async fn a_pgbouncer_that_is_not_there_is_told_with_how_to_install_it() {
    let image = Some("shakedown/no-such-image:1");
    let error = start(shared(), "postgres", WANTED, image).await.unwrap_err();
    assert!(error.to_string().starts_with("PgBouncer does not run in a container: "), "{error}");
    assert!(error.hint_text().unwrap().contains("apt-get install pgbouncer"));
}

#[tokio::test]
async fn an_image_is_run_where_one_is_named_and_goes_when_it_is_stopped() {
    let Some(image) = std::env::var("SHAKEDOWN_TEST_BOUNCER_IMAGE").ok() else {
        assert!(std::env::var_os("CI").is_none(), "no image is named, but CI is set");
        eprintln!("not run: SHAKEDOWN_TEST_BOUNCER_IMAGE names no image with a PgBouncer");
        return;
    };
    let scratch = scratch().await;
    let bouncer = start(shared(), &scratch.name, WANTED, Some(&image)).await.unwrap();
    let options = bouncer.options();
    let (mut one, mut other) = (client(&bouncer).await, client(&bouncer).await);
    assert_eq!(backend(&mut one).await, backend(&mut other).await);
    assert_eq!(timeout_of(&mut one).await, "20s");
    bouncer.stop().await.unwrap();
    assert!(options.connect().await.is_err());
}
