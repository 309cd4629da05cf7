//! A small process that outlives this one: when this process ends in whatever way, also by
//! SIGKILL, it stops the server and removes its folder.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::Signal;

use super::runs::Folder;

/// The waiting process. Dropping it calls it off.
#[derive(Debug)]
pub(super) struct Reaper(Child);

/// The shell waits for its standard input to close, which happens when we die.
const SCRIPT: &str = r#"
read -r _
kill -s "$4" "$1" 2>/dev/null
tries=0
while kill -0 "$1" 2>/dev/null && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -KILL "$1" 2>/dev/null
rm -rf -- "$2" "$3"
"#;

/// Watches over the process `server`, which `end` stops at once, its folder and the note on it.
pub(super) fn watch(server: u32, end: Signal, folder: &Folder) -> std::io::Result<Reaper> {
    Command::new("/bin/sh")
        .args(["-c", SCRIPT, "shakedown-reaper"])
        .arg(server.to_string())
        .args([folder.path(), folder.note()])
        // The standard names signals without the prefix.
        .arg(end.as_str().trim_start_matches("SIG"))
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
