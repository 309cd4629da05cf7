//! The few things that are asked of `neonctl`.
//!
//! Its flags and what it prints are those of version 5.0.1 of the npm package.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use ::url::Url;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::super::url::as_url;
use super::Neon;
use crate::error::{Error, Result};

/// What takes longer is given up.
const PATIENCE: Duration = Duration::from_secs(120);

/// The program, and the project that it is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Neonctl {
    pub(super) program: PathBuf,
    pub(super) project: String,
}

/// The program that is named, else the first on the path.
pub(super) fn find(named: Option<&Path>, path: &[PathBuf]) -> Result<PathBuf> {
    let found = match named {
        Some(program) => program.is_file().then(|| program.to_owned()),
        // Newer packages install it under both names.
        None => path
            .iter()
            .flat_map(|folder| ["neonctl", "neon"].map(|name| folder.join(name)))
            .find(|program| program.is_file()),
    };
    let found = found.and_then(|program| std::path::absolute(program).ok());
    found.ok_or_else(|| match named {
        Some(program) => Error::new(format!("there is no program `{}`", program.display())).hint(
            "name Neon's program with `--neonctl`, or leave that out to take the one on the PATH",
        ),
        None => {
            Error::new("`neonctl`, through which branches of Neon are made, is not installed here")
                .hint("npm install -g neonctl, or name it with `--neonctl FILE`")
        }
    })
}

impl Neonctl {
    /// Makes a branch with a compute of its own. `began` gets the id of the process that does it:
    /// until that has ended, the branch may yet come, also if nobody waits for it any more.
    pub(super) async fn create(
        &self,
        name: &str,
        parent: Option<&str>,
        expires: Timestamp,
        began: impl FnOnce(u32),
    ) -> Result<()> {
        let mut own = vec![
            "branches".to_owned(),
            "create".to_owned(),
            format!("--name={name}"),
            format!("--expires-at={expires}"),
            // The password is asked for with the address.
            "--no-secrets".to_owned(),
        ];
        own.extend(parent.map(|parent| format!("--parent={parent}")));
        let text = self.answer(&self.arguments(own), began).await?;
        let created: Created = serde_json::from_str(&text).map_err(|error| {
            Error::new(format!(
                "`neonctl branches create` printed something else than it used to of `{name}`, \
                 which is deleted again"
            ))
            .because(error)
            .hint("use the version of it that Shakedown knows: npm install -g neonctl@5")
        })?;
        if created.branch.expires_at.is_none() {
            return Err(Error::new(format!(
                "`neonctl` made a branch that does not expire, `{name}`: it would stay if nobody \
                 could delete it, and is deleted again"
            ))
            .hint("update it: npm install -g neonctl@latest"));
        }
        Ok(())
    }

    /// Where a branch is, with the password.
    pub(super) async fn address(&self, name: &str, neon: &Neon, pooled: bool) -> Result<Url> {
        let mut own =
            vec!["connection-string".to_owned(), name.to_owned(), "--ssl=require".to_owned()];
        own.extend(pooled.then(|| "--pooled".to_owned()));
        own.extend(neon.role.as_ref().map(|role| format!("--role-name={role}")));
        own.extend(neon.database.as_ref().map(|name| format!("--database-name={name}")));
        let text = self
            .answer(&self.arguments(own), |_| {})
            .await
            .map_err(|error| explain(error, neon))?;
        encrypted(text.trim())
    }

    /// Deletes a branch. One that is not there is as good as deleted.
    pub(super) async fn delete(&self, name: &str) -> Result<()> {
        match self.answer(&self.deletion(name), |_| {}).await {
            Err(error) if !error.to_string().contains(NOT_THERE) => Err(error),
            _ => Ok(()),
        }
    }

    /// What it is given to delete a branch, also by others than us.
    pub(super) fn deletion(&self, name: &str) -> Vec<String> {
        self.arguments(vec!["branches".to_owned(), "delete".to_owned(), name.to_owned()])
    }

    /// Those of a command, and those that each command is given.
    fn arguments(&self, mut own: Vec<String>) -> Vec<String> {
        own.push(format!("--project-id={}", self.project));
        own.push("--output=json".to_owned());
        // It reports home what it is used for, which is not ours to allow.
        own.push("--no-analytics".to_owned());
        own
    }

    /// What it prints. It goes on to its end also if nobody waits for that.
    async fn answer(&self, arguments: &[String], began: impl FnOnce(u32)) -> Result<String> {
        let shown = format!("neonctl {}", arguments[..2].join(" "));
        let not_started = |error| {
            Error::new(format!("`{}` cannot be started", self.program.display())).because(error)
        };
        let child = Command::new(&self.program)
            .args(arguments)
            .env(NOBODY_IS_THERE.0, NOBODY_IS_THERE.1)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A Ctrl-C on the terminal must reach us only.
            .process_group(0)
            .spawn()
            .map_err(not_started)?;
        began(child.id());
        // On a thread of its own, so that it is waited for whatever becomes of this future.
        let (send, ended) = oneshot::channel();
        std::thread::spawn(move || send.send(child.wait_with_output()));
        let ended = tokio::time::timeout(PATIENCE, ended).await.map_err(|_| {
            Error::new(format!("`{shown}` did not end within {} s", PATIENCE.as_secs()))
                .hint("see https://neonstatus.com")
        })?;
        let ended = ended.map_err(|_| Error::new(format!("nobody waited for `{shown}`")))?;
        let ended = ended.map_err(not_started)?;
        if ended.status.success() {
            return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
        }
        Err(refused(&shown, &String::from_utf8_lossy(&ended.stderr)))
    }
}

/// What keeps it from opening a browser, and waiting, where nobody has signed in.
pub(super) const NOBODY_IS_THERE: (&str, &str) = ("CI", "1");

/// How it says that a branch, or the whole project, is not there.
pub(super) const NOT_THERE: &str = "not found";

/// What it prints of a new branch, as far as it is read.
#[derive(Deserialize)]
struct Created {
    branch: CreatedBranch,
}

#[derive(Deserialize)]
struct CreatedBranch {
    expires_at: Option<String>,
}

/// The address, with encryption asked for where it does not say so.
fn encrypted(address: &str) -> Result<Url> {
    let mut url = as_url(address)?;
    if !url.query_pairs().any(|(name, _)| name == "sslmode") {
        url.query_pairs_mut().append_pair("sslmode", "require");
    }
    Ok(url)
}

/// Its own sentence, with what to do where that is known.
pub(super) fn refused(command: &str, said: &str) -> Error {
    let errors: Vec<&str> = said
        .lines()
        .map(|line| line.strip_prefix("ERROR: ").unwrap_or(line).trim())
        .filter(|line| !line.is_empty() && !line.starts_with("WARNING: "))
        .collect();
    let said = masked(&if errors.is_empty() { "it says nothing".into() } else { errors.join(" ") });
    let error = Error::new(format!("`{command}` failed: {said}"));
    if said.contains("interactive auth") {
        return error.hint("set NEON_API_KEY, or sign in once with `neonctl auth`");
    }
    if said.contains("API key") {
        return error.hint("check the key in NEON_API_KEY: the console of Neon makes new ones");
    }
    error
}

/// Says what to add to `neon:` where the branch has more than one of something.
fn explain(error: Error, neon: &Neon) -> Error {
    let said = error.to_string();
    let with = |added: &str| {
        let parent = neon.parent.as_deref().map_or(String::new(), |name| format!("/{name}"));
        format!("--postgres 'neon:{}{parent}?{added}'", neon.project)
    };
    if said.contains("Multiple roles") {
        error.hint(with("role=<name>"))
    } else if said.contains("Multiple databases") {
        error.hint(with("database=<name>"))
    } else {
        error
    }
}

/// The text without keys of Neon, all of which begin in the same way.
fn masked(text: &str) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    for word in &mut words {
        if word.contains("napi_") {
            *word = "***";
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_says_nothing_of_encryption_asks_for_it() {
        let of = |address: &str| encrypted(address).unwrap().to_string();
        assert_eq!(of("postgresql://a:b@c/d"), "postgresql://a:b@c/d?sslmode=require");
        let own = "postgresql://a:b@c/d?sslmode=verify-full&channel_binding=require";
        assert_eq!(of(own), own);
    }
}
