//! Where migrations come from: one file per format, each listed once in [`FORMATS`].
//!
//! To add a format, write `source/<name>.rs` with a `pub(super) static FORMAT: Format`
//! and add it to the slice; the tests then ask for its example folder.

mod dbmate;
mod detect;
mod diesel;
mod find;
mod folder;
mod golang_migrate;
mod goose;
mod maragudk;
mod pairs;
mod plain;
mod script;
mod sqlx;
mod versions;
pub mod write;

use std::path::{Path, PathBuf};

pub use detect::detect;
pub use find::{Dialect, Found, dialect, find};
pub use folder::{Entry, Folder};
pub use script::{Batch, Down, Migration, Script};
use write::{NewFile, Step};

use crate::catalog::Name;
use crate::error::{Error, Result};

/// Every format that Shakedown reads. Where several formats say [`Detection::Maybe`] of a
/// folder, the earlier one is taken; otherwise the order only serves the reader.
pub static FORMATS: &[&Format] = &[
    &sqlx::FORMAT,
    &golang_migrate::FORMAT,
    &dbmate::FORMAT,
    &goose::FORMAT,
    &diesel::FORMAT,
    &maragudk::FORMAT,
    &plain::FORMAT,
];

/// A way of writing migrations down, named after the tool that runs them.
#[derive(Debug)]
pub struct Format {
    /// As `--format` takes it: `sqlx`, `golang-migrate` ...
    pub name: &'static str,
    /// One line for `--help` and for error messages: what its files look like.
    pub looks_like: &'static str,
    /// Makes the table in which the runner notes what it applied, which is there before the
    /// first migration and may be spoken of in one; empty if it keeps none.
    pub bookkeeping: &'static str,
    /// How that table is read.
    pub notes: Notes,
    /// Says whether the folder is of this format. It does not fail: what it cannot read, it
    /// does not count.
    pub detect: fn(&Folder) -> Detection,
    /// Reads every migration, in the order in which the format's own runner applies them.
    /// Fails where that runner would refuse the folder.
    pub load: fn(&Folder) -> Result<Vec<Migration>>,
    /// Whether a migration can be told to run outside of a transaction.
    pub leaves_transaction: bool,
    /// The files of a new migration, in the style of those that are there. It touches none.
    pub write: fn(&Project, &Step) -> Vec<NewFile>,
}

/// How a runner notes what it applied: a query of versions, each with whether it failed halfway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notes {
    /// There is no runner that does.
    None,
    /// The versions of all migrations that are applied.
    Each(&'static str),
    /// The version of the last one.
    Last(&'static str),
}

/// How well a folder fits a format. The strings name a file and what gave it away, such as
/// ``"`1_users.sql` has the line `-- +goose Up`"``.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detection {
    /// Nothing in the folder is of this format.
    No,
    /// Only this format looks so.
    Yes(String),
    /// It fits, but others look the same; taken only when nobody says `Yes`.
    Maybe(String),
}

/// A migration folder, read.
#[derive(Debug, Clone)]
pub struct Project {
    /// The path as the user gave it.
    pub folder: PathBuf,
    /// What it is written in.
    pub format: &'static Format,
    /// Why it was taken for this format, to be shown; `None` if the user named the format.
    pub detected: Option<String>,
    /// At least one, in the order in which the runner applies them.
    pub migrations: Vec<Migration>,
}

impl Format {
    /// The format of that name.
    ///
    /// # Errors
    /// If there is none.
    pub fn by_name(name: &str) -> Result<&'static Self> {
        FORMATS.iter().copied().find(|format| format.name == name).ok_or_else(|| {
            let known: Vec<_> = FORMATS.iter().map(|format| format!("`{}`", format.name)).collect();
            Error::new(format!("there is no migration format `{name}`"))
                .hint(format!("known are {}", known.join(", ")))
        })
    }

    /// Whether the table is the one in which the runner notes what it applied.
    pub fn keeps(&self, table: &Name) -> bool {
        self.bookkeeping.starts_with(&format!("CREATE TABLE {} (", table.name))
    }
}

/// Reads a migration folder, in the format of that name or else in the detected one.
///
/// # Errors
/// If the folder cannot be read, if its format is unknown or in doubt, if it holds no
/// migrations, or if the format's own runner would refuse it.
pub fn load(path: &Path, format: Option<&str>) -> Result<Project> {
    let named = format.map(Format::by_name).transpose()?;
    let folder = Folder::open(path)?;
    let (format, detected) = match named {
        Some(format) => (format, None),
        None => detect(&folder).map(|(format, reason)| (format, Some(reason)))?,
    };
    let migrations = (format.load)(&folder)?;
    if migrations.is_empty() {
        let shown = path.display();
        return Err(Error::new(format!("there are no {} migrations in `{shown}`", format.name))
            .hint(format!("{} looks like {}", format.name, format.looks_like)));
    }
    Ok(Project { folder: path.to_owned(), format, detected, migrations })
}
