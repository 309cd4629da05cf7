//! golang-migrate: pairs `<version>_<name>.up.sql` and `.down.sql`.

use super::pairs::{self, Runner};
use super::versions::{Versions, claim, paired};
use super::write::{NewFile, Step, pair};
use super::{Detection, Folder, Format, Migration, Notes, Project, Script};
use crate::error::Result;

pub(super) static FORMAT: Format = Format {
    name: "golang-migrate",
    looks_like: "`<number>_<name>.up.sql` and `.down.sql`",
    bookkeeping: "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)",
    notes: Notes::Last("SELECT version::text, dirty FROM schema_migrations"),
    detect,
    load,
    leaves_transaction: true,
    write,
};

fn detect(folder: &Folder) -> Detection {
    pairs::runner(folder).map_or(Detection::No, |found| found.detection_for(Runner::GolangMigrate))
}

fn load(folder: &Folder) -> Result<Vec<Migration>> {
    let mut ups = Versions::new();
    let mut downs = Versions::new();
    for name in folder.files() {
        let Some(file) = parse(name) else { continue };
        let direction = if file.is_up { &mut ups } else { &mut downs };
        claim(direction, file.version, name, folder)?;
    }

    let id = |_: &u64, name: &str| parse(name).map_or(name, |file| file.id).to_owned();
    paired(folder, &ups, &downs, id, script)
}

struct FileName<'a> {
    version: u64,
    /// Everything before `.up.` or `.down.`.
    id: &'a str,
    is_up: bool,
}

/// Takes a file name apart as the runner does: the last `.up.` or `.down.` counts, and any
/// ending may follow it, so that `1_users.up.sql.bak` is a migration. It passes over a number
/// that does not fit.
fn parse(name: &str) -> Option<FileName<'_>> {
    let (digits, rest) = name.split_once('_')?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (up, down) = (rest.rfind(".up."), rest.rfind(".down."));
    let end = digits.len() + 1 + up.max(down)?;
    Some(FileName { version: digits.parse().ok()?, id: &name[..end], is_up: up > down })
}

/// The whole file is one simple query outside of any transaction, unless it is blank.
fn script(folder: &Folder, name: &str) -> Result<Script> {
    let text = folder.read(name)?;
    let file = folder.join(name);
    Ok(if text.trim().is_empty() {
        Script::nothing(file, text)
    } else {
        Script::whole_file(file, text, false)
    })
}

/// A single statement needs no mark to run outside of a transaction.
fn write(project: &Project, step: &Step) -> Vec<NewFile> {
    let id = &step.id;
    pair(project, step, "", &format!("{id}.up.sql"), &format!("{id}.down.sql"))
}
