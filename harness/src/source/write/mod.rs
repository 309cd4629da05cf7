//! Writing a new migration, up and down, as the neighbours in its folder are written.
//!
//! `step` says what goes into each file, `version` how the files are called, `files` puts them
//! into the folder. What only one format knows stands in that format's own file, as its `write`.

mod files;
mod step;
mod version;

use std::path::PathBuf;

use jiff::Timestamp;

pub use step::Step;
pub(super) use step::{goes_forward_only, pair};

use super::{Project, load};
use crate::error::{Error, Result};

/// What a new migration is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Lower-case words joined by `_`: what the migration is called, without its version.
    pub name: String,
    /// The statements of the way up, without semicolons, in the order in which they run.
    pub up: Vec<String>,
    /// The statements of the way down, likewise: what was done last is undone first.
    pub down: Vec<String>,
    /// False if a statement cannot run in a transaction, as `CREATE INDEX CONCURRENTLY`. Then
    /// each statement becomes a migration of its own, so that there must be as many ways down.
    pub in_transaction: bool,
    /// What the way up says of itself, above its first statement.
    pub comment: Option<String>,
}

/// A file that does not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// As the user would type it, in the project's folder.
    pub path: PathBuf,
    /// All of it.
    pub text: String,
}

/// A draft in the format of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drafted {
    /// What the migrations are called, in the order in which the runner applies them.
    pub ids: Vec<String>,
    /// Their files.
    pub files: Vec<NewFile>,
    /// What could not be done as the draft has it, in sentences for the user.
    pub notes: Vec<String>,
}

/// Says which files a draft becomes, without writing any. The versions count on from the last
/// migration of the project; where those are times, `now` is taken unless it is earlier.
///
/// # Errors
/// If the draft is not one that can be written: its name, a blank statement, ways up and down that
/// do not match; and if the project does not number its migrations.
pub fn draft_files(project: &Project, draft: &Draft, now: Timestamp) -> Result<Drafted> {
    let (draft, notes) = step::adapted(project, draft)?;
    let mut last = project.migrations.last().map(|last| last.id.clone()).unwrap_or_default();
    let mut drafted = Drafted { ids: Vec::new(), files: Vec::new(), notes };
    for mut step in step::steps(&draft)? {
        step.id = version::following(&last, &step.id, now).ok_or_else(|| not_numbered(&last))?;
        last.clone_from(&step.id);
        drafted.files.extend((project.format.write)(project, &step));
        drafted.ids.push(step.id);
    }
    Ok(drafted)
}

/// Writes a draft into the folder of a project. Either all of its files are there afterwards
/// or none.
///
/// # Errors
/// As [`draft_files`]; if a file is there already, which stays as it is; if one cannot be
/// written; and if the runner would not take the new migrations as its last ones.
pub fn write(project: &Project, draft: &Draft) -> Result<Drafted> {
    let drafted = draft_files(project, draft, Timestamp::now())?;
    let created = files::create(&drafted.files)?;
    let again = load(&project.folder, Some(project.format.name))?;
    let read: Vec<_> = again.migrations.iter().rev().map(|migration| &migration.id).collect();
    if let Some(last) = read.first()
        && !read.iter().copied().take(drafted.ids.len()).eq(drafted.ids.iter().rev())
    {
        let ids: Vec<_> = drafted.ids.iter().map(|id| format!("`{id}`")).collect();
        return Err(Error::new(format!(
            "{} would not come after all other migrations, of which the last is `{last}`",
            ids.join(" and ")
        ))
        .hint("give the versions in the folder the same number of digits, and start again"));
    }
    created.keep();
    Ok(drafted)
}

fn not_numbered(last: &str) -> Error {
    Error::new(format!("no name can be found that comes after `{last}`, which has no number"))
        .hint("begin the names of the migrations with numbers, as in `0001_users`")
}
