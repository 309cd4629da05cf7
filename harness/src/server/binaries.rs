//! The Postgres programs of one version.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the programs are and what they are.
#[derive(Debug, Clone)]
pub(super) struct Binaries {
    /// The folder that holds `initdb` and `postgres`.
    pub(super) bin: PathBuf,
    /// As `postgres --version` says it: `16.14`.
    pub(super) version: String,
}

impl Binaries {
    /// The programs in a folder, if they are there and run.
    pub(super) fn within(bin: PathBuf) -> Option<Self> {
        let version = version_in(&bin)?;
        Some(Self { bin, version })
    }

    /// Whether the server can load this module. Its folder is told by how distributions lay out
    /// theirs, since `pg_config` is often not there.
    pub(super) fn have(&self, module: &str) -> bool {
        // The program may be a link into the folder that holds the rest.
        let program = std::fs::canonicalize(self.bin.join("postgres"));
        let Ok(Some(root)) = program.as_ref().map(|program| program.ancestors().nth(2)) else {
            return false;
        };
        ["lib/postgresql", "lib", "lib64/pgsql", "lib64"].iter().any(|folder| {
            ["so", "dylib"]
                .iter()
                .any(|end| root.join(folder).join(format!("{module}.{end}")).is_file())
        })
    }

    /// The number in front: 16 of `16.14`.
    pub(super) fn major(&self) -> Option<u16> {
        self.version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    }
}

/// What `postgres --version` in this folder says: `16.14`.
fn version_in(bin: &Path) -> Option<String> {
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // `postgres (PostgreSQL) 16.14 (Debian 16.14-1)`
    text.split_whitespace().nth(2).map(str::to_owned)
}
