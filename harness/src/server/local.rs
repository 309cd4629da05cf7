//! An installed Postgres: its programs are used to run a scratch server of our own. The
//! server that the machine may run from the same installation is left alone.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::cluster::{self, Binaries};
use super::runs::RunId;
use super::{Request, Started};
use crate::error::{Error, Result};

pub(super) async fn start(request: &Request, run: &RunId) -> Result<Started> {
    let binaries = find(request.major, &request.path)?;
    cluster::start(&binaries, request, run).await
}

/// The installed Postgres of this major version, else the oldest newer one.
pub(super) fn find(major: u16, path: &[PathBuf]) -> Result<Binaries> {
    let mut found: Vec<(u16, Binaries)> = places(path)
        .into_iter()
        .filter_map(|bin| version_in(&bin).map(|version| Binaries { bin, version }))
        .filter_map(|binaries| Some((major_of(&binaries.version)?, binaries)))
        .collect();
    found.sort_by_key(|(major, _)| *major);
    let fitting = found.iter().position(|(found, _)| *found >= major);
    if let Some(index) = fitting {
        return Ok(found.swap_remove(index).1);
    }
    let message = match found.last() {
        Some((_, newest)) => {
            format!(
                "the newest PostgreSQL installed here is {}, but {major} is asked for",
                newest.version
            )
        }
        None => "no PostgreSQL is installed here".to_owned(),
    };
    Err(Error::new(message)
        .hint(format!("install PostgreSQL {major}, or use `--postgres embedded`")))
}

/// Where installations keep their programs: what `pg_config` says, PATH, and the folders of
/// Debian, Red Hat, Homebrew and Postgres.app.
fn places(path: &[PathBuf]) -> Vec<PathBuf> {
    let mut places = Vec::new();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output()
        && output.status.success()
    {
        places.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    places.extend_from_slice(path);
    for (parent, bin) in [
        ("/usr/lib/postgresql", "bin"),
        ("/usr", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "bin"),
    ] {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        places.extend(entries.map(|entry| entry.path().join(bin)));
    }
    places.retain(|bin| bin.join("initdb").is_file() && bin.join("postgres").is_file());
    places.dedup();
    places
}

/// What `postgres --version` in this folder says: `16.14`.
pub(super) fn version_in(bin: &Path) -> Option<String> {
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // `postgres (PostgreSQL) 16.14 (Debian 16.14-1)`
    text.split_whitespace().nth(2).map(str::to_owned)
}

fn major_of(version: &str) -> Option<u16> {
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}
