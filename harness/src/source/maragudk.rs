//! maragudk/migrate: pairs `<name>.up.sql` and `<name>.down.sql`, in the order of their
//! names, so that one number may serve several files.

use super::pairs::{self, Runner};
use super::versions::{Versions, paired};
use super::write::{NewFile, Step, pair};
use super::{Detection, Folder, Format, Migration, Notes, Project, Script};
use crate::error::Result;

pub(super) static FORMAT: Format = Format {
    name: "maragudk-migrate",
    looks_like: "`<name>.up.sql` and `.down.sql`, one number for several: `0001_a_`, `0001_b_`",
    bookkeeping: "CREATE TABLE migrations (version text NOT NULL)",
    notes: Notes::Last("SELECT version, false FROM migrations"),
    detect,
    load,
    leaves_transaction: false,
    write,
};

fn detect(folder: &Folder) -> Detection {
    pairs::runner(folder).map_or(Detection::No, |found| found.detection_for(Runner::Maragudk))
}

fn load(folder: &Folder) -> Result<Vec<Migration>> {
    let mut ups = Versions::new();
    let mut downs = Versions::new();
    for name in folder.files() {
        if let Some(version) = stem(name, ".up.sql") {
            ups.insert(version, name);
        } else if let Some(version) = stem(name, ".down.sql") {
            downs.insert(version, name);
        }
    }
    paired(folder, &ups, &downs, |version, _| (*version).to_owned(), script)
}

/// The runner passes over names with anything but letters, digits, `_` and `-`.
fn stem<'a>(name: &'a str, suffix: &str) -> Option<&'a str> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    name.strip_suffix(suffix).filter(|stem| !stem.is_empty() && stem.bytes().all(fits))
}

/// The runner records the version and runs the file in one transaction.
fn script(folder: &Folder, name: &str) -> Result<Script> {
    Ok(Script::whole_file(folder.join(name), folder.read(name)?, true))
}

fn write(project: &Project, step: &Step) -> Vec<NewFile> {
    let id = &step.id;
    pair(project, step, "", &format!("{id}.up.sql"), &format!("{id}.down.sql"))
}
