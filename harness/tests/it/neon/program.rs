//! A stand-in for `neonctl`: its branches are files in a folder, and each of them is the same
//! server on this machine. It takes the few commands that are given, and says what the real one
//! (5.0.1) says.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::support::server;

/// `ADDRESS` is where each branch is, `FOLDER` holds everything.
const SCRIPT: &str = r#"#!/bin/sh
# A stand-in for Neon's program, for tests.
folder='FOLDER'
echo "$*" >> "$folder/calls"
[ "$CI" = 1 ] || { echo 'a browser would be opened' >> "$folder/calls"; }
for word in "$@"; do
  case $word in
    --name=*) name=${word#*=} ;;
    --parent=*) parent=${word#*=} ;;
    --expires-at=*) expires=\"${word#*=}\" ;;
    --role-name=*) role=${word#*=} ;;
  esac
done
fail() { printf 'ERROR: %s\n' "$@" >&2; exit 1; }
[ ! -e "$folder/refusal" ] || fail "$(cat "$folder/refusal")"
case "$1 $2" in
  'branches create')
    case ${parent:-main} in main) ;; *) fail "Branch $parent not found" ;; esac
    [ ! -e "$folder/old" ] || expires=null
    [ ! -e "$folder/slow" ] || sleep "$(cat "$folder/slow")"
    : > "$folder/branches/$name"
    printf '{"branch": {"id": "br-1", "name": "%s", "expires_at": %s}, "endpoints": []}' "$name" "$expires"
    ;;
  'branches delete')
    [ -e "$folder/branches/$3" ] || fail "Branch $3 not found.
Available branches: main"
    [ ! -e "$folder/lock" ] || fail 'project has running operations'
    rm "$folder/branches/$3"
    echo '{}'
    ;;
  connection-string*)
    [ ! -e "$folder/roles" ] || [ -n "$role" ] ||
      fail 'Multiple roles found for the branch, please provide one with the --role-name option: app, admin'
    echo 'ADDRESS'
    ;;
  *) fail "Unknown command: $1" ;;
esac
"#;

/// The stand-in, and what it was asked for.
pub(super) struct StandIn {
    folder: TempDir,
}

impl StandIn {
    /// Its branches are the shared server.
    pub(super) fn new() -> Self {
        Self::at(&server().address("postgres"))
    }

    /// Its branches are the server at this address.
    pub(super) fn at(address: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("branches")).unwrap();
        let script = SCRIPT
            .replace("FOLDER", &folder.path().display().to_string())
            .replace("ADDRESS", address);
        let program = folder.path().join("neonctl");
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    pub(super) fn program(&self) -> PathBuf {
        self.folder.path().join("neonctl")
    }

    /// Makes it behave in another way: `slow` for so many seconds, `old`, `lock`,
    /// `roles`, or `refusal` with what it says.
    pub(super) fn is(&self, way: &str, said: &str) {
        fs::write(self.folder.path().join(way), said).unwrap();
    }

    pub(super) fn is_no_longer(&self, way: &str) {
        fs::remove_file(self.folder.path().join(way)).unwrap();
    }

    /// The names of the branches that are there.
    pub(super) fn branches(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("branches")).unwrap().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }

    /// The commands that were given, a line each.
    pub(super) fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}
