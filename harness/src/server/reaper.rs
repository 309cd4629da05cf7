//! A small process that outlives this one: when this process ends in whatever way, also by
//! SIGKILL, it stops the server and removes its folder.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The waiting process. Dropping it calls it off.
#[derive(Debug)]
pub(super) struct Reaper(Child);

/// The shell waits for its standard input to close, which happens when we die. SIGQUIT is
/// Postgres's immediate shutdown: the data is going to be removed anyway.
const SCRIPT: &str = r#"
read -r _
kill -QUIT "$1" 2>/dev/null
tries=0
while kill -0 "$1" 2>/dev/null && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -KILL "$1" 2>/dev/null
rm -rf -- "$2" "$3"
"#;

/// Watches over the server process `server`, its folder and the note on it.
pub(super) fn watch(server: u32, folder: &Path, note: &Path) -> std::io::Result<Reaper> {
    Command::new("/bin/sh")
        .args(["-c", SCRIPT, "shakedown-reaper"])
        .arg(server.to_string())
        .args([folder, note])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A Ctrl-C on the terminal goes to the whole process group; the reaper must survive it.
        .process_group(0)
        .spawn()
        .map(Reaper)
}

impl Drop for Reaper {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
