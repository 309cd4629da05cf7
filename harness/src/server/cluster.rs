//! A Postgres of our own, started from binaries on this machine in a private folder.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::statvfs::statvfs;
use nix::unistd::Pid;
use rand::distr::{Alphanumeric, SampleString};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;

use super::account::{self, Account};
use super::reaper::{self, Reaper};
use super::runs::{self, Note, RunId};
use super::{Guard, Profile, Request, Started, settings, url};
use crate::error::{Error, Result};

/// The Postgres programs of one version.
#[derive(Debug, Clone)]
pub(super) struct Binaries {
    /// The folder that holds `initdb` and `postgres`.
    pub(super) bin: PathBuf,
    /// As `postgres --version` says it: `16.14`.
    pub(super) version: String,
}

/// A server process of ours. Dropping it stops the server and removes its folder.
#[derive(Debug)]
pub(super) struct Cluster {
    process: Option<Child>,
    reaper: Option<Reaper>,
    folder: TempDir,
    note: Note,
}

/// The superuser of every scratch server.
const USER: &str = "postgres";
/// A server that does not answer by then is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// Data is kept in memory only where so much is free.
const ROOM_IN_MEMORY: u64 = 2 << 30;
/// How often another free port is tried when somebody else was quicker.
const PORT_TRIES: usize = 5;

/// Starts a server with fresh data on loopback and on a socket in its private folder.
pub(super) async fn start(binaries: &Binaries, request: &Request, run: &RunId) -> Result<Started> {
    let account = account::to_drop_to()?;
    account::check_reach(&binaries.bin.join("postgres"), account.as_ref())?;
    let prepared = prepare(binaries, request, account.as_ref())?;
    let folder = private_folder(request.profile, account.as_ref())?;
    let started = runs::Started { folder: Some(folder.path().to_owned()), container: None };
    let note = runs::note(&request.cache, run, &started)?;
    let data = folder.path().join("data");
    copy_data(&prepared, &data, account.as_ref())?;
    let settings = settings::of(request.profile);
    configure(&data, folder.path(), &settings).map_err(|error| {
        Error::new(format!("the data folder `{}` cannot be written", data.display())).because(error)
    })?;

    // From here on dropping the cluster stops whatever it started.
    let mut cluster = Cluster { process: None, reaper: None, folder, note };
    let port = cluster.launch(binaries, request.port, account.as_ref()).await?;
    let password = set_password(cluster.folder.path(), port).await?;
    let address = url::scratch("127.0.0.1", port, USER, &password)?;
    // Over the socket nobody has to prove who they are, which is a good part of connecting.
    let admin = over_socket(cluster.folder.path(), port);
    Ok(Started { address, admin, settings, guard: Guard::Cluster(cluster) })
}

/// A data folder as `initdb` makes it, made once for each version and copied ever after.
fn prepare(binaries: &Binaries, request: &Request, account: Option<&Account>) -> Result<PathBuf> {
    let prepared = request.cache.join("prepared").join(format!(
        "{}-{}",
        binaries.version,
        name_of(&binaries.bin)
    ));
    if prepared.join("PG_VERSION").exists() {
        return Ok(prepared);
    }
    let failed = |what: &str, why: String| {
        Error::new(format!("{what} failed: {}", why.trim()))
            .hint("see that the disk is not full and that XDG_CACHE_HOME can be written")
    };
    let parent = request.cache.join("prepared");
    let io = |error: std::io::Error| failed("preparing a data folder", error.to_string());
    fs::create_dir_all(&parent).map_err(io)?;
    account::check_reach(&parent.join("data"), account)?;
    let making = TempDir::new_in(&parent).map_err(io)?;
    account::give(making.path(), account).map_err(io)?;
    let mut command = Command::new(binaries.bin.join("initdb"));
    command
        .arg("--pgdata")
        .arg(making.path().join("data"))
        .args([
            "--username",
            USER,
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--auth",
            "trust",
            "--no-sync",
        ])
        .current_dir("/")
        .stdin(Stdio::null());
    account::become_account(&mut command, account);
    let output = command.output().map_err(|error| failed("`initdb`", error.to_string()))?;
    if !output.status.success() {
        return Err(failed("`initdb`", String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    // Another process may have been quicker; what it made is as good.
    match fs::rename(making.path().join("data"), &prepared) {
        Err(error) if !prepared.join("PG_VERSION").exists() => Err(io(error)),
        _ => Ok(prepared),
    }
}

/// A short name for the place the binaries come from, since two installations of one
/// version may differ in what `initdb` writes.
fn name_of(bin: &Path) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    bin.hash(&mut hasher);
    format!("{:08x}", hasher.finish() as u32)
}

/// A folder that only we and the account can enter: in memory for the fast profile, where
/// there is room, else where temporary files go.
fn private_folder(profile: Profile, account: Option<&Account>) -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    #[allow(clippy::unnecessary_cast, reason = "the numbers are narrower on macOS")]
    let free = statvfs(memory)
        .map_or(0, |stat| stat.blocks_available() as u64 * stat.fragment_size() as u64);
    let parent = if profile == Profile::Fast && free > ROOM_IN_MEMORY {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    let make = || -> std::io::Result<TempDir> {
        let folder = tempfile::Builder::new()
            .prefix("shakedown-")
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(&parent)?;
        account::give(folder.path(), account)?;
        Ok(folder)
    };
    make().map_err(|error| {
        Error::new(format!("no folder for a server can be made in `{}`", parent.display()))
            .because(error)
            .hint("set TMPDIR to a folder with some space")
    })
}

fn copy_data(from: &Path, to: &Path, account: Option<&Account>) -> Result<()> {
    copy_folder(from, to, account).map_err(|error| {
        Error::new(format!("the prepared data folder cannot be copied to `{}`", to.display()))
            .because(error)
            .hint("a server needs 50 MB of space to begin with; set TMPDIR to a folder that has it")
    })
}

fn copy_folder(from: &Path, to: &Path, account: Option<&Account>) -> std::io::Result<()> {
    fs::create_dir(to)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o700))?;
    account::give(to, account)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target, account)?;
        } else {
            fs::copy(entry.path(), &target)?;
            account::give(&target, account)?;
        }
    }
    Ok(())
}

/// Writes the settings and who may connect: over the socket, which lies in our private
/// folder, anybody; over loopback with the password only.
fn configure(
    data: &Path,
    socket: &Path,
    settings: &BTreeMap<String, String>,
) -> std::io::Result<()> {
    let mut text = String::new();
    for (name, value) in settings {
        let _ = writeln!(text, "{name} = {value}");
    }
    let _ = writeln!(text, "listen_addresses = '127.0.0.1'");
    let _ = writeln!(text, "unix_socket_directories = '{}'", socket.display());
    append(&data.join("postgresql.conf"), &text)?;
    let access = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
    OpenOptions::new().write(true).truncate(true).open(data.join("pg_hba.conf"))?.set_len(0)?;
    append(&data.join("pg_hba.conf"), access)
}

fn append(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    OpenOptions::new().append(true).open(file)?.write_all(text.as_bytes())
}

impl Cluster {
    /// Starts the server process, waits until it takes connections, and returns its port.
    async fn launch(
        &mut self,
        binaries: &Binaries,
        wanted: Option<u16>,
        account: Option<&Account>,
    ) -> Result<u16> {
        let mut tries = 0;
        loop {
            tries += 1;
            let port = wanted.map_or_else(free_port, Ok)?;
            let folder = self.folder.path();
            let process = self.process.insert(spawn(binaries, folder, port, account)?);
            let reaper = reaper::watch(process.id(), folder, self.note.path());
            self.reaper = Some(
                reaper.map_err(|error| Error::new("`/bin/sh` cannot be started").because(error))?,
            );
            let Err(error) = wait_until_ready(process, folder, port).await else { return Ok(port) };
            self.stop();
            let taken = log_of(self.folder.path()).contains("could not bind");
            if taken && wanted.is_some() {
                return Err(Error::new(format!("the port {port} on 127.0.0.1 is taken"))
                    .hint("give another one with `--port`, or none for any that is free"));
            }
            if !taken || tries == PORT_TRIES {
                return Err(error);
            }
        }
    }

    /// Stops the server. Nobody needs its data: SIGQUIT is Postgres's immediate shutdown.
    fn stop(&mut self) {
        if let Some(process) = &mut self.process {
            quit(process);
        }
        self.process = None;
        // Only now, so that a SIGKILL in between still finds somebody to clear up.
        self.reaper = None;
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
        self.note.remove();
    }
}

fn quit(process: &mut Child) {
    let Ok(id) = i32::try_from(process.id()) else { return };
    if matches!(process.try_wait(), Ok(None)) {
        let _ = kill(Pid::from_raw(id), Signal::SIGQUIT);
        let deadline = Instant::now() + Duration::from_secs(10);
        while matches!(process.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = process.kill();
    }
    let _ = process.wait();
}

fn free_port() -> Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Error::new("no free port was found on 127.0.0.1").because(error))
}

fn spawn(
    binaries: &Binaries,
    folder: &Path,
    port: u16,
    account: Option<&Account>,
) -> Result<Child> {
    let program = binaries.bin.join("postgres");
    let spawn = || -> std::io::Result<Child> {
        let log =
            OpenOptions::new().create(true).append(true).mode(0o600).open(folder.join("log"))?;
        let mut command = Command::new(&program);
        command
            .arg("-D")
            .arg(folder.join("data"))
            .args(["-p", &port.to_string()])
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(File::try_clone(&log)?)
            .stderr(log)
            // A Ctrl-C on the terminal must reach us only; we stop the server in order.
            .process_group(0);
        account::become_account(&mut command, account);
        command.spawn()
    };
    spawn().map_err(|error| {
        Error::new(format!("`{}` cannot be started", program.display())).because(error)
    })
}

async fn wait_until_ready(process: &mut Child, folder: &Path, port: u16) -> Result<()> {
    let failed = |what: &str| {
        let log = log_of(folder);
        let tail: Vec<&str> = log.lines().rev().take(5).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        Error::new(format!("the Postgres server {what}; its log ends with: {}", tail.join(" / ")))
            .hint("`shakedown doctor` tries each way to a server")
    };
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Ok(connection) = over_socket(folder, port).connect().await {
            let _ = connection.close().await;
            return Ok(());
        }
        if let Ok(Some(status)) = process.try_wait() {
            return Err(failed(&format!("ended at once ({status})")));
        }
        if Instant::now() > deadline {
            return Err(failed(&format!("did not answer within {} s", PATIENCE.as_secs())));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn log_of(folder: &Path) -> String {
    fs::read(folder.join("log"))
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

fn over_socket(folder: &Path, port: u16) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(folder)
        .port(port)
        .username(USER)
        .database("postgres")
        .ssl_mode(PgSslMode::Disable)
        .application_name("shakedown")
}

/// Gives the superuser a random password and returns it.
async fn set_password(folder: &Path, port: u16) -> Result<String> {
    // Letters and digits only, so that it can stand in SQL and in an address as it is.
    let password = Alphanumeric.sample_string(&mut rand::rng(), 24);
    let set = async {
        let mut connection = over_socket(folder, port).connect().await?;
        let sql = format!("ALTER ROLE {USER} PASSWORD '{password}'");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        connection.close().await
    };
    set.await.map_err(|error: sqlx::Error| {
        Error::new("the new server refuses its own superuser").because(error)
    })?;
    Ok(password)
}
