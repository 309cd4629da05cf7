//! What is irreversible on purpose, and where that is said.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{Error, Result};
use crate::migrate::Failure;
use crate::source::{Down, Project};

/// Something that the user declares with a reason: that a migration cannot be taken back, or that
/// a promise need not be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    pub reason: String,
    /// The script or the configuration file it stands in.
    pub file: String,
    pub line: Option<u32>,
}

/// All declarations of a project, by the id of the migration.
#[derive(Debug, Default)]
pub struct Declarations(BTreeMap<String, Declared>);

impl Declarations {
    /// Reads the comments `-- shakedown: irreversible <reason>` in the scripts, and adds
    /// what the configuration declares.
    ///
    /// # Errors
    /// When a declaration gives no reason.
    pub fn read(project: &Project, configured: &BTreeMap<String, Declared>) -> Result<Self> {
        let mut all = configured.clone();
        for migration in &project.migrations {
            let mut scripts = vec![&migration.up];
            if let Down::Script(down) = &migration.down {
                scripts.push(down);
            }
            for script in scripts {
                if let Some(declared) = in_script(&script.text, &script.file)? {
                    all.insert(migration.id.clone(), declared);
                }
            }
        }
        Ok(Self(all))
    }

    /// The declaration for a migration, if there is one.
    pub fn of(&self, migration: &str) -> Option<&Declared> {
        self.0.get(migration)
    }

    /// The declarations for migrations that the project does not have.
    pub fn of_nothing(&self, project: &Project) -> Vec<(&str, &Declared)> {
        let known = |id: &str| project.migrations.iter().any(|migration| migration.id == id);
        self.0
            .iter()
            .map(|(id, declared)| (id.as_str(), declared))
            .filter(|(id, _)| !known(id))
            .collect()
    }
}

fn in_script(text: &str, file: &Path) -> Result<Option<Declared>> {
    for (index, line) in text.lines().enumerate() {
        let Some(reason) = reason_in(line) else { continue };
        let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if reason.is_empty() {
            return Err(Error::new(format!(
                "`{}` line {line} declares a migration irreversible without a reason",
                file.display()
            ))
            .hint("say why: -- shakedown: irreversible the old numbers are gone"));
        }
        let file = file.display().to_string();
        return Ok(Some(Declared { reason: reason.to_owned(), file, line: Some(line) }));
    }
    Ok(None)
}

/// The reason that a line gives, if it is a declaration.
fn reason_in(line: &str) -> Option<&str> {
    let comment = line.trim().strip_prefix("--")?.trim();
    let words = comment.strip_prefix("shakedown:")?.trim_start();
    let reason = words.strip_prefix("irreversible")?;
    (reason.is_empty() || reason.starts_with([' ', '\t', ':']))
        .then(|| reason.trim_start_matches(':').trim())
}

/// The reason that a down gives by raising an exception that says so, as some teams do
/// instead of declaring it: `RAISE EXCEPTION 'irreversible: ...'`.
pub(crate) fn raised(failure: &Failure) -> Option<String> {
    const RAISE_EXCEPTION: &str = "P0001";
    let says_so = failure.message.to_lowercase().contains("irreversible");
    (failure.sqlstate == RAISE_EXCEPTION && says_so).then(|| failure.message.clone())
}
