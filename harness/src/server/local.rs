//! An installed Postgres: its programs are used to run a scratch server of our own. The
//! server that the machine may run from the same installation is left alone.

use std::path::PathBuf;
use std::process::Command;

use super::binaries::Binaries;
use super::cluster;
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
        .filter_map(Binaries::within)
        .filter_map(|binaries| Some((binaries.major()?, binaries)))
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
