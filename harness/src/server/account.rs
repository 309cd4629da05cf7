//! The user that Postgres runs as, since it refuses to run as root.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::{Gid, Uid, User, geteuid};

use crate::error::{Error, Result};

/// An unprivileged user.
#[derive(Debug, Clone)]
pub(super) struct Account {
    name: String,
    uid: Uid,
    gid: Gid,
}

/// The account to run Postgres as: nothing unless we are root, else `postgres`, else `nobody`.
pub(super) fn to_drop_to() -> Result<Option<Account>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let Ok(Some(user)) = User::from_name(name) {
            return Ok(Some(Account { name: user.name, uid: user.uid, gid: user.gid }));
        }
    }
    Err(Error::new("Postgres refuses to run as root, and this machine has neither a user `postgres` nor `nobody`")
        .hint("run shakedown as a normal user, or make one: useradd --system postgres"))
}

/// Makes `command` run as `account`.
pub(super) fn become_account(command: &mut Command, account: Option<&Account>) {
    if let Some(account) = account {
        command.uid(account.uid.as_raw()).gid(account.gid.as_raw());
    }
}

/// Hands a file or folder, without what is in it, to `account`.
pub(super) fn give(path: &Path, account: Option<&Account>) -> std::io::Result<()> {
    match account {
        Some(account) => chown(path, Some(account.uid.as_raw()), Some(account.gid.as_raw())),
        None => Ok(()),
    }
}

/// Checks that `account` may enter every folder above `path`, as it must to run what is there.
pub(super) fn check_reach(path: &Path, account: Option<&Account>) -> Result<()> {
    let Some(account) = account else { return Ok(()) };
    for folder in path.ancestors().skip(1) {
        let Ok(data) = fs::metadata(folder) else { continue };
        let mode = data.permissions().mode();
        let enters = mode & 0o001 != 0
            || (data.gid() == account.gid.as_raw() && mode & 0o010 != 0)
            || (data.uid() == account.uid.as_raw() && mode & 0o100 != 0);
        if !enters {
            return Err(Error::new(format!(
                "the user `{}`, which Postgres must run as, may not enter `{}`",
                account.name,
                folder.display()
            ))
            .hint("set XDG_CACHE_HOME and TMPDIR to folders that every user can enter, such as /var/cache and /tmp"));
        }
    }
    Ok(())
}
