//! Pairs of SQL files without a runner of their own, in the order of their names.

use std::collections::BTreeSet;
use std::path::Path;

use super::pairs;
use super::versions::{Versions, claim, paired};
use super::write::{NewFile, Step, pair};
use super::{Detection, Down, Folder, Format, Migration, Notes, Project, Script};
use crate::error::Result;

pub(super) static FORMAT: Format = Format {
    name: "plain",
    looks_like: "`<name>.up.sql` and `.down.sql`, `<name>.sql` and `.rollback.sql`, or `up/` and `down/`",
    bookkeeping: "",
    notes: Notes::None,
    detect,
    load,
    leaves_transaction: true,
    write,
};

/// How the two files of a pair end. Of those that end a name, the earlier one counts.
const PAIRS: [(&str, &str); 4] = [
    (".up.sql", ".down.sql"),
    ("_up.sql", "_down.sql"),
    (".sql", ".rollback.sql"),
    (".sql", ".down.sql"),
];

fn detect(folder: &Folder) -> Detection {
    let downs = sql_in(folder, "down").unwrap_or_default();
    for up in sql_in(folder, "up").unwrap_or_default() {
        if let Some(down) = downs.iter().find(|down| base(down) == base(&up)) {
            return Detection::Yes(format!("there are `{up}` and `{down}`"));
        }
    }
    if pairs::runner(folder).is_some() {
        return Detection::No;
    }
    let visible = files(folder);
    for (up, down) in PAIRS {
        for name in &visible {
            let Some(stem) = name.strip_suffix(up) else { continue };
            let partner = format!("{stem}{down}");
            if visible.contains(partner.as_str()) {
                return Detection::Yes(format!("there are `{name}` and `{partner}`"));
            }
        }
    }
    match visible.iter().find(|name| name.ends_with(".up.sql")) {
        Some(name) => Detection::Maybe(format!("there is `{name}`")),
        None => Detection::No,
    }
}

fn load(folder: &Folder) -> Result<Vec<Migration>> {
    let ups = sql_in(folder, "up")?;
    if ups.is_empty() { flat(folder) } else { two_folders(folder, &ups, &sql_in(folder, "down")?) }
}

/// The paths of the SQL files in a folder of the folder; none if it is not there.
fn sql_in(folder: &Folder, name: &str) -> Result<Vec<String>> {
    if !folder.folders().any(|inner| inner == name) {
        return Ok(Vec::new());
    }
    let inner = folder.subfolder(name)?;
    Ok(files(&inner).into_iter().map(|file| format!("{name}/{file}")).collect())
}

/// The SQL files that are not hidden.
fn files(folder: &Folder) -> BTreeSet<&str> {
    folder.files().filter(|name| name.ends_with(".sql") && !name.starts_with('.')).collect()
}

/// The last part of a path, without `.sql`.
fn base(path: &str) -> &str {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    name.strip_suffix(".sql").unwrap_or(name)
}

fn two_folders(folder: &Folder, ups: &[String], downs: &[String]) -> Result<Vec<Migration>> {
    paired(folder, &by_name(ups), &by_name(downs), |name, _| (*name).to_owned(), script)
}

fn by_name(paths: &[String]) -> Versions<'_, &str> {
    paths.iter().map(|path| (base(path), path.as_str())).collect()
}

fn flat(folder: &Folder) -> Result<Vec<Migration>> {
    let visible = files(folder);
    let mut ups = Versions::new();
    let mut downs = Versions::new();
    for name in &visible {
        let (stem, is_up) = part(name, &visible);
        let direction = if is_up { &mut ups } else { &mut downs };
        claim(direction, stem, name, folder)?;
    }
    paired(folder, &ups, &downs, |stem, _| (*stem).to_owned(), script)
}

/// The name of a file's migration, and whether the file takes it up. `_up` and `_down` count
/// only where both are there: `scale_down.sql` may well be a step forward.
fn part<'a>(name: &'a str, all: &BTreeSet<&str>) -> (&'a str, bool) {
    for (up, down) in PAIRS.iter().filter(|(up, _)| *up != ".sql") {
        let certain = up.starts_with('.');
        let has = |stem: &str, end: &str| certain || all.contains(format!("{stem}{end}").as_str());
        if let Some(stem) = name.strip_suffix(up).filter(|stem| has(stem, down)) {
            return (stem, true);
        }
        if let Some(stem) = name.strip_suffix(down).filter(|stem| has(stem, up)) {
            return (stem, false);
        }
    }
    match name.strip_suffix(".rollback.sql") {
        Some(stem) => (stem, false),
        None => (name.strip_suffix(".sql").unwrap_or(name), true),
    }
}

/// As `psql -c` or a driver would run the file: one simple query.
fn script(folder: &Folder, name: &str) -> Result<Script> {
    Ok(Script::whole_file(folder.join(name), folder.read(name)?, false))
}

/// Named as the last pair there is. A single statement needs no mark to run outside of a
/// transaction.
fn write(project: &Project, step: &Step) -> Vec<NewFile> {
    let named = |file: &Path, id: &str| {
        let within = file.strip_prefix(&project.folder).ok()?;
        let ending = within.file_name()?.to_str()?.strip_prefix(id)?;
        Some(within.with_file_name(format!("{}{ending}", step.id)).to_str()?.to_owned())
    };
    let named_as = |migration: &Migration| {
        let Down::Script(down) = &migration.down else { return None };
        // A way down alone has the same file twice.
        let both = (named(&migration.up.file, &migration.id)?, named(&down.file, &migration.id)?);
        (both.0 != both.1).then_some(both)
    };
    let (up, down) = project
        .migrations
        .iter()
        .rev()
        .find_map(named_as)
        .unwrap_or_else(|| (format!("{}.up.sql", step.id), format!("{}.down.sql", step.id)));
    pair(project, step, "", &up, &down)
}
