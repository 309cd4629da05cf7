//! sqlx: `<version>_<name>.sql`, or pairs `<version>_<name>.up.sql` and `.down.sql`.

use super::pairs::{self, NO_TRANSACTION, Runner};
use super::versions::{Versions, claim};
use super::write::{NewFile, Step, goes_forward_only, pair};
use super::{Detection, Down, Folder, Format, Migration, Notes, Project, Script};
use crate::error::{Error, Result};

pub(super) static FORMAT: Format = Format {
    name: "sqlx",
    looks_like: "`<version>_<name>.up.sql` and `.down.sql`, or `<version>_<name>.sql` alone",
    bookkeeping: "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL, \
        installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, \
        checksum bytea NOT NULL, execution_time bigint NOT NULL)",
    notes: Notes::Each("SELECT version::text, NOT success FROM _sqlx_migrations"),
    detect,
    load,
    leaves_transaction: true,
    write,
};

fn detect(folder: &Folder) -> Detection {
    if let Some(found) = pairs::runner(folder) {
        return found.detection_for(Runner::Sqlx);
    }
    let numbered =
        |name: &&str| parts(name).is_some_and(|(version, _)| version.parse::<i64>().is_ok());
    let Some(first) = folder.files().find(numbered) else { return Detection::No };
    let marked = |name: &&str| folder.glimpse(name).starts_with(NO_TRANSACTION);
    match folder.files().filter(numbered).find(marked) {
        Some(name) => Detection::Yes(format!("`{name}` begins with `{NO_TRANSACTION}`")),
        None => Detection::Maybe(format!("`{first}` is named `<version>_<name>.sql`")),
    }
}

fn load(folder: &Folder) -> Result<Vec<Migration>> {
    let mut ups = Versions::new();
    let mut downs = Versions::new();
    for name in folder.files() {
        let Some((prefix, rest)) = parts(name) else { continue };
        let version: i64 = prefix.parse().map_err(|_| {
            Error::new(format!(
                "sqlx refuses the name of `{}`: `{prefix}` is not a whole number",
                folder.join(name).display()
            ))
            .hint("begin the name with a version, as in `0001_users.sql`, or move the file")
        })?;
        let direction = if rest.ends_with(".down.sql") { &mut downs } else { &mut ups };
        claim(direction, version, name, folder)?;
    }

    let mut migrations = Vec::new();
    for (version, name) in ups {
        let pair = name.strip_suffix(".up.sql");
        let down = match (downs.remove(&version), pair) {
            (Some(down), _) => Down::Script(script(folder, down)?),
            (None, Some(_)) => Down::Missing,
            (None, None) => Down::ForwardOnly,
        };
        let id = pair.or(name.strip_suffix(".sql")).unwrap_or(name).to_owned();
        migrations.push(Migration { id, up: script(folder, name)?, down });
    }
    // A way down that is left over belongs to no way up, and sqlx never runs it.
    Ok(migrations)
}

/// What stands before and after the first `_`; other files are none of sqlx's.
fn parts(name: &str) -> Option<(&str, &str)> {
    name.split_once('_').filter(|(_, rest)| rest.ends_with(".sql"))
}

/// Even without the transaction the file is one simple query, so that several statements in
/// it are one implicit transaction.
fn script(folder: &Folder, name: &str) -> Result<Script> {
    let text = folder.read(name)?;
    let in_transaction = !text.starts_with(NO_TRANSACTION);
    Ok(Script::whole_file(folder.join(name), text, in_transaction))
}

/// Pairs, or files that only go forward, as the last migration is.
fn write(project: &Project, step: &Step) -> Vec<NewFile> {
    let mark = if step.in_transaction { String::new() } else { format!("{NO_TRANSACTION}\n") };
    let id = &step.id;
    if goes_forward_only(project) {
        let path = project.folder.join(format!("{id}.sql"));
        return vec![NewFile { path, text: mark + &step.up_script() }];
    }
    pair(project, step, &mark, &format!("{id}.up.sql"), &format!("{id}.down.sql"))
}
