//! Diesel: a folder `<version>_<name>` per migration, with `up.sql` and `down.sql`.

use super::versions::{Versions, claim};
use super::write::{NewFile, Step, pair};
use super::{Detection, Down, Folder, Format, Migration, Notes, Project, Script};
use crate::error::{Error, Result};

pub(super) static FORMAT: Format = Format {
    name: "diesel",
    looks_like: "folders `<version>_<name>` with `up.sql` and `down.sql`",
    bookkeeping: "CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, \
        run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)",
    notes: Notes::Each("SELECT version::text, false FROM __diesel_schema_migrations"),
    detect,
    load,
    leaves_transaction: true,
    write,
};

fn detect(folder: &Folder) -> Detection {
    let migration = |name: &&str| {
        let version = version(name);
        version.bytes().all(|byte| byte.is_ascii_digit())
            && !version.is_empty()
            && folder.join(name).join("up.sql").is_file()
    };
    match folder.folders().find(migration) {
        Some(name) => Detection::Yes(format!("there is `{name}/up.sql`")),
        None => Detection::No,
    }
}

fn load(folder: &Folder) -> Result<Vec<Migration>> {
    let mut versions = Versions::new();
    for name in folder.folders().filter(|name| !name.starts_with('.')) {
        let inner = folder.subfolder(name)?;
        if inner.entries().is_empty() {
            continue;
        }
        if !inner.has_file("up.sql") {
            return Err(Error::new(format!(
                "diesel refuses `{}`: it has no `up.sql`",
                inner.path().display()
            ))
            .hint("give it one, move it out of the migrations, or begin its name with a dot"));
        }
        claim(&mut versions, version(name), name, folder)?;
    }
    versions.into_values().map(|name| migration(folder, name)).collect()
}

/// The order is that of these strings, not of numbers.
fn version(name: &str) -> String {
    name.split('_').next().unwrap_or_default().replace('-', "")
}

fn migration(folder: &Folder, name: &str) -> Result<Migration> {
    let inner = folder.subfolder(name)?;
    let in_transaction = in_transaction(&inner)?;
    let script = |file: &str| -> Result<Script> {
        let text = inner.read(file)?;
        let path = inner.join(file);
        Ok(if text.is_empty() {
            Script::nothing(path, text)
        } else {
            Script::whole_file(path, text, in_transaction)
        })
    };
    let up = script("up.sql")?;
    if up.text.is_empty() {
        return Err(Error::new(format!("diesel refuses `{}`: it is empty", up.file.display()))
            .hint("write SQL into it, if only a comment"));
    }
    let down =
        if inner.has_file("down.sql") { Down::Script(script("down.sql")?) } else { Down::Missing };
    Ok(Migration { id: name.to_owned(), up, down })
}

/// Whether diesel wraps both scripts. A `metadata.toml` that does not say so turns the
/// transaction off; one that is not TOML, or says something else than yes or no, counts as
/// absent.
fn in_transaction(inner: &Folder) -> Result<bool> {
    if !inner.has_file("metadata.toml") {
        return Ok(true);
    }
    let table: toml::Table = match inner.read("metadata.toml")?.parse() {
        Ok(table) => table,
        Err(_) => return Ok(true),
    };
    Ok(table.get("run_in_transaction").is_some_and(|value| value.as_bool().unwrap_or(true)))
}

fn write(project: &Project, step: &Step) -> Vec<NewFile> {
    let id = &step.id;
    let mut files = pair(project, step, "", &format!("{id}/up.sql"), &format!("{id}/down.sql"));
    if !step.in_transaction {
        let path = project.folder.join(id).join("metadata.toml");
        files.push(NewFile { path, text: "run_in_transaction = false\n".to_owned() });
    }
    files
}
