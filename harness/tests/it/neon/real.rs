//! The real `neonctl`, with the service that it talks to as a stand-in: what we give it, it takes,
//! and what it prints, we read. The branch is a Postgres and a PgBouncer on this machine, both of
//! which take encrypted connections only.
//!
//! `SHAKEDOWN_TEST_NEONCTL` names the program. Without it the test cannot run: that is told, and
//! with `CI` set it is a failure.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::unistd::Uid;
use shakedown::server::{self, Choice, Request, Server};
use sqlx::{AssertSqlSafe, Connection, Row};
use tempfile::TempDir;

use super::PROJECT;
use super::service::{self, Service};
use crate::bouncer;
use crate::support::{repository, request};

/// The program, if it is here.
fn program() -> Option<PathBuf> {
    let named = std::env::var_os("SHAKEDOWN_TEST_NEONCTL").map(PathBuf::from);
    if named.is_none() {
        assert!(std::env::var_os("CI").is_none(), "SHAKEDOWN_TEST_NEONCTL is not set, but CI is");
        eprintln!("not run: SHAKEDOWN_TEST_NEONCTL names no neonctl (npm install neonctl@5.0.1)");
    }
    named
}

/// A server as Neon has one: encrypted, and with a pooler beside it.
struct Branch {
    _server: Server,
    port: u16,
    password: String,
    pooler: Child,
    pooler_port: u16,
    folder: TempDir,
}

impl Branch {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // What PgBouncer reads as another user.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        certificate(folder.path());
        let server =
            server::start(&Request { choice: Choice::Embedded, ..request() }).await.unwrap();
        encrypt(&server, folder.path()).await;
        let address = url::Url::parse(&server.address("postgres")).unwrap();
        let (port, password) = (address.port().unwrap(), address.password().unwrap().to_owned());
        let pooler_port = free_port();
        let pooler = pooler(folder.path(), port, &password, pooler_port);
        Self { _server: server, port, password, pooler, pooler_port, folder }
    }

    /// The program, but for one thing that is a stand-in: the names of Neon's hosts lead here.
    fn program(&self, real: &Path) -> PathBuf {
        let (direct, pooled) = (service::HOST, service::HOST.replace(".neon", "-pooler.neon"));
        let script = format!(
            "#!/bin/sh\nset -e\nsaid=$('{}' \"$@\")\nprintf '%s\\n' \"$said\" |\n\
             sed -e 's/@{pooled}/@127.0.0.1:{}/' -e 's/@{direct}/@127.0.0.1:{}/'\n",
            real.display(),
            self.pooler_port,
            self.port,
        );
        let program = self.folder.path().join("neonctl");
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        program
    }

    /// The transactions that went through the pooler, by database.
    async fn pooled(&self) -> Vec<(String, i64)> {
        let address = format!(
            "postgres://postgres:{}@127.0.0.1:{}/pgbouncer?sslmode=require",
            self.password, self.pooler_port
        );
        let mut console = sqlx::postgres::PgConnection::connect(&address).await.unwrap();
        let rows = sqlx::raw_sql("SHOW STATS").fetch_all(&mut console).await.unwrap();
        let count = |row| -> String { sqlx::Row::get_unchecked(row, "total_xact_count") };
        rows.iter().map(|row| (row.get("database"), count(row).parse().unwrap())).collect()
    }
}

impl Drop for Branch {
    fn drop(&mut self) {
        let _ = self.pooler.kill();
        let _ = self.pooler.wait();
    }
}

fn certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "certificate.pem"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .status();
    assert!(made.expect("`openssl` makes the certificate").success());
    fs::set_permissions(folder.join("key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
}

/// Has the server take encrypted connections, and no others over TCP.
async fn encrypt(server: &Server, folder: &Path) {
    let mut connection = server.connect(None).await.unwrap();
    let run = async |connection: &mut _, sql: String| {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
    };
    // The server accepts only a key that is its own, and that nobody else can read.
    for file in ["key.pem", "certificate.pem"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let sql = format!(
            "COPY (SELECT string_to_table('{}', E'\\n')) TO PROGRAM 'umask 077; cat > {file}'",
            text.trim()
        );
        run(&mut connection, sql).await;
    }
    for setting in ["ssl_cert_file = 'certificate.pem'", "ssl_key_file = 'key.pem'", "ssl = on"] {
        run(&mut connection, format!("ALTER SYSTEM SET {setting}")).await;
    }
    let only = "COPY (SELECT 'hostssl all all 127.0.0.1/32 scram-sha-256' \
                UNION ALL SELECT 'local all all trust') TO PROGRAM 'cat > pg_hba.conf'";
    run(&mut connection, only.to_owned()).await;
    run(&mut connection, "SELECT pg_reload_conf()".to_owned()).await;
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A PgBouncer like that of Neon: in transaction mode, for all databases, encrypted.
fn pooler(folder: &Path, server: u16, password: &str, port: u16) -> Child {
    let file = |name: &str| folder.join(name).display().to_string();
    let config = format!(
        "[databases]\n* = host=127.0.0.1 port={server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
         listen_port = {port}\nunix_socket_dir =\nauth_type = md5\nauth_file = {}\n\
         pool_mode = transaction\nadmin_users = postgres\nclient_tls_sslmode = require\n\
         client_tls_key_file = {}\nclient_tls_cert_file = {}\nserver_tls_sslmode = require\n\
         ignore_startup_parameters = extra_float_digits\n",
        file("users.txt"),
        file("key.pem"),
        file("certificate.pem"),
    );
    fs::write(folder.join("pgbouncer.ini"), config).unwrap();
    fs::write(folder.join("users.txt"), format!("\"postgres\" \"{password}\"\n")).unwrap();
    let mut command = Command::new("pgbouncer");
    if Uid::effective().is_root() {
        // It refuses to be root.
        command.args(["-u", "nobody"]);
    }
    let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap());
    let log = fs::File::create(folder.join("log")).unwrap();
    let child = command
        .arg(file("pgbouncer.ini"))
        .env("PATH", path)
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        let log = fs::read_to_string(folder.join("log")).unwrap();
        assert!(Instant::now() < deadline, "PgBouncer does not come up: {log}");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

#[tokio::test]
async fn migrations_go_the_direct_way_and_load_through_the_pooler_both_encrypted() {
    let Some(real) = program() else { return };
    if !bouncer::installed() {
        return;
    }
    let branch = Branch::start().await;
    let service = Service::start("postgres", &branch.password);
    let program = branch.program(&real);
    let home = tempfile::tempdir().unwrap();
    let shakedown = |arguments: &[&str], key: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shakedown"));
        command
            .args(arguments)
            .current_dir(repository("."))
            .env("SHAKEDOWN_POSTGRES", format!("neon:{PROJECT}/main"))
            .env("SHAKEDOWN_NEONCTL", &program)
            .env("NEON_API_HOST", &service.address)
            .env("HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path())
            .env("XDG_CACHE_HOME", request().cache.parent().unwrap())
            .env_remove("NEON_API_KEY");
        command.envs(key.map(|key| ("NEON_API_KEY", key)));
        let output = command.output().unwrap();
        let said =
            String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned();
        assert!(!said.contains(&branch.password) && !said.contains("napi_"), "{said}");
        (output.status.code(), said)
    };

    let (code, said) = shakedown(&["verify"], Some(service::KEY));
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(service.branches(), ["main"], "it is deleted");
    let made = service.calls().into_iter().find(|call| call.starts_with("POST")).unwrap();
    assert!(made.contains(r#""name":"shakedown-"#), "{made}");
    assert!(made.contains(r#""parent_id":"br-main-1""#), "{made}");
    assert!(made.contains(r#""expires_at":"20"#), "{made}");
    assert!(made.contains(r#""type":"read_write""#), "{made}");
    let through = branch.pooled().await;
    assert!(through.iter().all(|(name, _)| !name.starts_with("shakedown_")), "{through:?}");

    // PgBouncer 1.18 keeps no prepared statements, unlike that of Neon.
    let script = branch.folder.path().join("one.sql");
    fs::write(&script, "BEGIN;\nSELECT 1;\nCOMMIT;\n").unwrap();
    let script = script.display().to_string();
    let load = ["load", "--script", &script, "--prepared", "off", "--time", "1s", "--users", "2"];
    let (code, said) =
        shakedown(&[&load[..], &["--warmup", "0s", "--rows", "10"]].concat(), Some(service::KEY));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("through Neon's PgBouncer in transaction mode"), "{said}");
    let through = branch.pooled().await;
    let (_, transactions) =
        through.iter().find(|(name, _)| name.starts_with("shakedown_")).expect("load went through");
    assert!(*transactions > 10, "{through:?}");
    assert_eq!(service.branches(), ["main"]);

    // What the real program says where nobody has signed in, the key is wrong, or there is no
    // such branch.
    let (code, said) = shakedown(&["verify"], None);
    assert_eq!(code, Some(2));
    assert!(said.contains("hint: set NEON_API_KEY, or sign in once"), "{said}");
    let (code, said) = shakedown(&["verify"], Some("napi_wrong"));
    assert_eq!(code, Some(2));
    assert!(said.contains("hint: check the key in NEON_API_KEY"), "{said}");
    let other = format!("neon:{PROJECT}/mian");
    let (code, said) = shakedown(&["verify", "--postgres", &other], Some(service::KEY));
    assert_eq!(code, Some(2));
    assert!(said.contains("Branch mian not found"), "{said}");
    assert_eq!(service.branches(), ["main"]);
    // A later start looks whether anything is left of those that were not let in.
    let deadline = Instant::now() + Duration::from_secs(60);
    while super::notes(&program) > 0 {
        assert!(Instant::now() < deadline, "a note stays");
        shakedown(&["verify", "--only", "20250106090500"], Some(service::KEY));
    }
}
