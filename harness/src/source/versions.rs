//! Who has which version: no two files may claim the same one, and a way up and a way down
//! with the same one are a migration.

use std::collections::{BTreeMap, BTreeSet};

use super::{Down, Folder, Migration, Script};
use crate::error::{Error, Result};

/// File or folder names by version, in the order in which the versions are applied.
pub(super) type Versions<'a, V> = BTreeMap<V, &'a str>;

/// Enters a name under its version.
///
/// # Errors
/// If another name has it already: each runner refuses that, or picks one of the two.
pub(super) fn claim<'a, V: Ord>(
    versions: &mut Versions<'a, V>,
    version: V,
    name: &'a str,
    folder: &Folder,
) -> Result<()> {
    match versions.insert(version, name) {
        None => Ok(()),
        Some(earlier) => {
            let (earlier, name) = (folder.join(earlier), folder.join(name));
            Err(Error::new(format!(
                "`{}` and `{}` have the same version",
                earlier.display(),
                name.display()
            ))
            .hint("give one of them a version of its own"))
        }
    }
}

/// A migration for each version. A way down alone makes one whose way up does nothing, as
/// the runners have it that look for each direction's files separately.
///
/// `id` takes the version and a file name; `script` reads a file.
pub(super) fn paired<V: Ord>(
    folder: &Folder,
    ups: &Versions<'_, V>,
    downs: &Versions<'_, V>,
    id: impl Fn(&V, &str) -> String,
    script: fn(&Folder, &str) -> Result<Script>,
) -> Result<Vec<Migration>> {
    let mut migrations = Vec::new();
    for version in ups.keys().chain(downs.keys()).collect::<BTreeSet<_>>() {
        let (up, down) = (ups.get(version), downs.get(version));
        let name = up.or(down).copied().unwrap_or_default();
        let up = match up {
            Some(name) => script(folder, name)?,
            None => Script::nothing(folder.join(name), String::new()),
        };
        let down = match down {
            Some(name) => Down::Script(script(folder, name)?),
            None => Down::Missing,
        };
        migrations.push(Migration { id: id(version, name), up, down });
    }
    Ok(migrations)
}
