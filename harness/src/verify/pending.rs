//! Going on from a database of the user: a clone with its rows, in which only what is pending is
//! tested.

use std::collections::BTreeSet;

use sqlx::postgres::PgConnection;

use super::selection::index_of;
use super::{Applied, Options};
use crate::database::Databases;
use crate::error::{Error, Result};
use crate::source::{Migration, Notes, Project};

/// Clones a database of the user and finds out how many migrations are applied to it: all before
/// `from` if that is named, else those that the runner noted.
///
/// # Errors
/// When the database cannot be cloned, or its runner's notes are not those of the first
/// migrations of the project.
pub async fn clone_of(
    database: &str,
    project: &Project,
    databases: &mut Databases<'_>,
    options: &Options,
) -> Result<Applied> {
    let clone = databases.copy_of(database).await?;
    let migrations = match &options.from {
        Some(first) => index_of(&project.migrations, first)?,
        None => {
            let noted = noted(database, project, &mut databases.connect(&clone).await?).await?;
            count(database, project, &noted)?
        }
    };
    Ok(Applied { database: clone, migrations, stays: false })
}

/// The versions that the runner noted.
async fn noted(
    database: &str,
    project: &Project,
    connection: &mut PgConnection,
) -> Result<Vec<String>> {
    let format = project.format.name;
    let query = match project.format.notes {
        Notes::None => {
            return Err(Error::new(format!(
                "nobody notes which migrations of format {format} are applied to `{database}`"
            ))
            .hint(NAME_IT));
        }
        Notes::Each(query) | Notes::Last(query) => query,
    };
    let rows: Vec<(String, bool)> =
        sqlx::query_as(query).fetch_all(connection).await.map_err(|error| {
            Error::new(format!(
                "what {format} applied to `{database}` cannot be read from the table that it keeps"
            ))
            .because_sql(error)
            .hint(NAME_IT)
        })?;
    if let Some((version, _)) = rows.iter().find(|(_, unfinished)| *unfinished) {
        return Err(Error::new(format!(
            "{format} noted that `{version}` failed halfway in `{database}`"
        ))
        .hint("mend that database first, as its runner would ask for too"));
    }
    Ok(rows.into_iter().map(|(version, _)| version).collect())
}

const NAME_IT: &str = "name the first migration that is not applied there: --from <id>";

/// How many migrations the notes are about, which must be the first ones.
fn count(database: &str, project: &Project, noted: &[String]) -> Result<usize> {
    let all = &project.migrations;
    let mut applied = BTreeSet::new();
    for version in noted {
        let Some(index) = named(all, version) else {
            return Err(Error::new(format!(
                "`{version}` is applied to `{database}`, but is not in `{}`",
                project.folder.display()
            ))
            .hint("get the newest migrations, or name the first to test: --from <id>"));
        };
        applied.insert(index);
    }
    let Some(last) = applied.last().copied() else { return Ok(0) };
    if matches!(project.format.notes, Notes::Each(_))
        && let Some(hole) = (0..last).find(|index| !applied.contains(index))
    {
        return Err(Error::new(format!(
            "`{}` is applied to `{database}`, but not `{}` before it",
            all[last].id, all[hole].id
        ))
        .hint("apply it there first, or name the first to test: --from <id>"));
    }
    Ok(last + 1)
}

/// The migration that a runner calls so: by its whole name, else by the number that it begins
/// with, in which dashes and leading zeros do not count.
fn named(all: &[Migration], version: &str) -> Option<usize> {
    fn number(text: &str) -> String {
        let digits = text.chars().take_while(|one| one.is_ascii_digit() || *one == '-');
        let digits: String = digits.filter(|one| *one != '-').collect();
        digits.trim_start_matches('0').to_owned()
    }
    let whole = all.iter().position(|migration| migration.id == version);
    whole.or_else(|| all.iter().position(|migration| number(&migration.id) == number(version)))
}
