//! Where things are on this machine, as its environment says. The command line and tests both
//! ask here; nothing else of the library reads the environment.

use std::env;
use std::path::PathBuf;

use nix::unistd::geteuid;

use crate::error::{Error, Result};

/// `$XDG_CACHE_HOME/shakedown`, else `~/.cache/shakedown`. Root keeps its cache where the
/// unprivileged user that Postgres runs as can read it.
///
/// # Errors
/// When neither `XDG_CACHE_HOME` nor `HOME` is set.
pub fn default_cache() -> Result<PathBuf> {
    // The XDG base directory specification asks for relative paths to be passed over.
    let set = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(folder) = set("XDG_CACHE_HOME") {
        return Ok(folder.join("shakedown"));
    }
    if geteuid().is_root() {
        return Ok(PathBuf::from("/var/cache/shakedown"));
    }
    set("HOME").map(|home| home.join(".cache/shakedown")).ok_or_else(|| {
        Error::new(
            "there is no folder for a cache, since neither `HOME` nor `XDG_CACHE_HOME` is set",
        )
        .hint("set XDG_CACHE_HOME to a folder with 200 MB of space")
    })
}

/// The folders of `PATH`.
pub fn search_path() -> Vec<PathBuf> {
    env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default()
}
