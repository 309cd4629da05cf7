//! The folder of a server: where it lies, how its data gets there, and what its
//! configuration says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::sys::statvfs::statvfs;

use super::account::{self, Account};
use super::binaries::Binaries;
use super::{Profile, SUPERUSER, process, runs};
use crate::error::{Error, Result};

/// Data is kept in memory only where so much is free.
const ROOM_IN_MEMORY: u64 = 2 << 30;

/// A data folder as `initdb` makes it, made once for each version and copied ever after.
pub(super) fn prepare(
    binaries: &Binaries,
    cache: &Path,
    account: Option<&Account>,
) -> Result<PathBuf> {
    let prepared =
        cache.join("prepared").join(format!("{}-{}", binaries.version, name_of(&binaries.bin)));
    if prepared.join("PG_VERSION").exists() {
        return Ok(prepared);
    }
    let failed = |what: &str, why: String| {
        Error::new(format!("{what} failed: {}", why.trim()))
            .hint("see that the disk is not full and that XDG_CACHE_HOME can be written")
    };
    let parent = cache.join("prepared");
    let io = |error: std::io::Error| failed("preparing a data folder", error.to_string());
    fs::create_dir_all(&parent).map_err(io)?;
    account::check_reach(&parent.join("data"), account)?;
    let making = runs::making(cache, &parent)?;
    account::give(making.path(), account).map_err(io)?;
    let mut command = Command::new(binaries.bin.join("initdb"));
    command
        .arg("--pgdata")
        .arg(making.path().join("data"))
        .args([
            "--username",
            SUPERUSER,
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

/// Where the folder of a server goes: in memory for the fast profile, where there is room,
/// else where temporary files go.
pub(super) fn parent(profile: Profile) -> PathBuf {
    let memory = Path::new("/dev/shm");
    #[allow(clippy::unnecessary_cast, reason = "the numbers are narrower on macOS")]
    let free = statvfs(memory)
        .map_or(0, |stat| stat.blocks_available() as u64 * stat.fragment_size() as u64);
    if profile == Profile::Fast && free > ROOM_IN_MEMORY {
        memory.to_owned()
    } else {
        process::temporary()
    }
}

/// Makes a folder that only the account can enter, with the prepared data and the settings.
pub(super) fn fill(
    folder: &Path,
    prepared: &Path,
    settings: &BTreeMap<String, String>,
    account: Option<&Account>,
) -> Result<()> {
    let data = folder.join("data");
    let fill = || -> std::io::Result<()> {
        DirBuilder::new().mode(0o700).create(folder)?;
        account::give(folder, account)?;
        copy_folder(prepared, &data, account)?;
        configure(&data, folder, settings)
    };
    fill().map_err(|error| {
        Error::new(format!("the folder `{}` for a server cannot be filled", folder.display()))
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
    OpenOptions::new().append(true).open(file)?.write_all(text.as_bytes())
}
