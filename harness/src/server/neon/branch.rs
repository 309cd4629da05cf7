//! The life of a branch: noted, made, kept for a run, and deleted.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ::url::Url;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Neon;
use super::cli::{NOBODY_IS_THERE, NOT_THERE, Neonctl, refused};
use crate::error::{Error, Result};
use crate::server::runs::{self, Note, RunId};

/// A branch of ours, as a note names it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::server) struct Mark {
    pub(super) name: String,
    /// When Neon deletes it by itself.
    pub(super) expires: Timestamp,
    pub(super) neonctl: Neonctl,
}

impl Mark {
    /// Deletes the branch of a run that is no longer alive.
    pub(in crate::server) async fn clear(&self) -> Result<()> {
        if Timestamp::now() > self.expires {
            return Ok(());
        }
        self.neonctl.delete(&self.name).await
    }
}

/// A branch of this run. Dropping it deletes it.
#[derive(Debug)]
pub(in crate::server) struct Branch {
    mark: Mark,
    /// Deletes the branch as soon as it hears nothing more of us.
    keeper: Child,
    // Held as long as we live, so that no other start takes the branch for abandoned.
    _note: Note,
}

/// Waits until its standard input closes, which also happens when we are killed, and deletes the
/// branch. It read the id of the process that makes it, and lets that come to its end first, since
/// the branch may come as late as then. It ends with 0 if nothing is left, and removes the note;
/// otherwise the next start goes on.
const KEEPER: &str = r#"
making=
while read -r word; do making=$word; done
absent=$1 note=$2
shift 2
tries=0
while [ -n "$making" ] && kill -0 "$making" 2>/dev/null && [ "$tries" -lt 600 ]; do
  case $(ps -o stat= -p "$making" 2>/dev/null) in Z*) break ;; esac
  sleep 1
  tries=$((tries + 1))
done
tries=3
while :; do
  said=$("$@" 2>&1 </dev/null) && break
  code=$?
  tries=$((tries - 1))
  # The shell says of a program that it is not found, too, with this code.
  case $code:$said in 127:*) ;; *"$absent"*) break ;; esac
  # What is not let in now will not be in a moment.
  case $said in *"API key"* | *"interactive auth"*) tries=0 ;; esac
  if [ "$tries" -eq 0 ]; then
    printf '%s\n' "$said" >&2
    exit 1
  fi
  sleep 2
done
rm -f -- "$note"
"#;

/// How long the deletion is waited for. It goes on by itself after that.
const PATIENCE: Duration = Duration::from_secs(60);

impl Branch {
    /// Makes the branch. From before it is there until it is gone, somebody sees to it that it is
    /// deleted.
    pub(super) async fn create(
        mark: Mark,
        parent: Option<&str>,
        run: &RunId,
        cache: &Path,
    ) -> Result<Self> {
        let started = runs::Started { branch: Some(mark.clone()), ..runs::Started::default() };
        let note = runs::note(cache, run, &started)?;
        let keeper = Command::new("/bin/sh")
            .args(["-c", KEEPER, "shakedown-keeper", NOT_THERE])
            .arg(note.path())
            .arg(&mark.neonctl.program)
            .args(mark.neonctl.deletion(&mark.name))
            .env(NOBODY_IS_THERE.0, NOBODY_IS_THERE.1)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // A Ctrl-C on the terminal goes to the whole process group; it must survive that.
            .process_group(0)
            .spawn()
            .map_err(|error| Error::new("`/bin/sh` cannot be started").because(error))?;
        let mut branch = Self { mark, keeper, _note: note };
        let Self { mark, keeper, .. } = &mut branch;
        let stdin = &mut keeper.stdin;
        let began = |process: u32| {
            if let Some(stdin) = stdin {
                let _ = writeln!(stdin, "{process}");
            }
        };
        mark.neonctl.create(&mark.name, parent, mark.expires, began).await?;
        Ok(branch)
    }

    /// Its name.
    pub(in crate::server) fn name(&self) -> &str {
        &self.mark.name
    }

    pub(super) async fn address(&self, wanted: &Neon, pooled: bool) -> Result<Url> {
        self.mark.neonctl.address(&self.mark.name, wanted, pooled).await
    }

    /// Deletes it, and says whether that worked.
    pub(in crate::server) async fn delete(mut self) -> Result<()> {
        drop(self.keeper.stdin.take());
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.keeper.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(None) if Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                _ => return Err(self.not_deleted()),
            }
        }
    }

    fn not_deleted(&mut self) -> Error {
        let mut said = String::new();
        if let (Ok(Some(_)), Some(stderr)) = (self.keeper.try_wait(), &mut self.keeper.stderr) {
            let _ = stderr.read_to_string(&mut said);
        }
        let Mark { name, expires, neonctl } = &self.mark;
        Error::new(format!("the branch `{name}` of Neon is not deleted yet"))
            .because(refused("neonctl branches delete", &said))
            .hint(format!(
                "neonctl branches delete {name} --project-id {}; the next start tries it again, and \
                 Neon does it at {expires}",
                neonctl.project
            ))
    }
}

impl Drop for Branch {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let deadline = Instant::now() + PATIENCE;
        while matches!(self.keeper.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
