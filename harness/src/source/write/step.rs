//! What goes into the files of a new migration.

use super::super::{Down, Project};
use super::{Draft, NewFile};
use crate::error::{Error, Result};
use crate::sql;

/// One migration that is to be written, of which a format makes files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its version and name: what its files or its folder are called.
    pub id: String,
    /// Lines of comment with their line ends, for the top of the way up; may be empty.
    pub comment: String,
    /// Each with its semicolon.
    pub up: Vec<String>,
    /// Likewise.
    pub down: Vec<String>,
    /// False for a single statement that is to run outside of any transaction.
    pub in_transaction: bool,
}

impl Step {
    /// The whole way up, as a script.
    pub fn up_script(&self) -> String {
        format!("{}{}\n", self.comment, self.up.join("\n"))
    }

    /// The whole way down.
    pub fn down_script(&self) -> String {
        format!("{}\n", self.down.join("\n"))
    }
}

/// The draft as this project can have it, and what had to change for that.
pub(super) fn adapted(project: &Project, draft: &Draft) -> Result<(Draft, Vec<String>)> {
    check(draft)?;
    let mut draft = draft.clone();
    let mut notes = Vec::new();
    if !draft.in_transaction && !project.format.leaves_transaction {
        draft.in_transaction = true;
        for statement in draft.up.iter_mut().chain(&mut draft.down) {
            if let Some(plain) = without_concurrently(statement) {
                *statement = plain;
            }
        }
        notes.push(format!(
            "{} runs every migration in a transaction, where CONCURRENTLY is refused: it is left \
             out, so that writes to the table wait for the build of its index",
            project.format.name
        ));
    }
    if goes_forward_only(project) {
        notes.push("the migrations here only go forward, so that no way back is written".into());
    }
    Ok((draft, notes))
}

fn check(draft: &Draft) -> Result<()> {
    let name = &draft.name;
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.is_empty() || !name.bytes().all(fits) {
        return Err(Error::new(format!("`{name}` is no name for a migration"))
            .hint("take lower-case words joined by `_`, as in `index_titles`"));
    }
    for (way, statements) in [("up", &draft.up), ("down", &draft.down)] {
        if statements.is_empty() || statements.iter().any(|statement| bare(statement).is_empty()) {
            return Err(Error::new(format!("the way {way} of `{name}` lacks a statement"))
                .hint("give each strategy a statement for each way"));
        }
    }
    Ok(())
}

/// The migrations of a draft, whose ids are still without a version.
///
/// Outside of a transaction each statement gets one of its own: most runners send a file as one
/// simple query, which is a transaction as soon as it has two statements. Where they do not, a
/// second statement that fails would still leave half a migration behind.
pub(super) fn steps(draft: &Draft) -> Result<Vec<Step>> {
    let comment = draft.comment.iter().flat_map(|comment| comment.lines());
    let comment: String =
        comment.map(|line| format!("{}\n", format!("-- {line}").trim_end())).collect();
    let step = |id: String, up: &[String], down: &[String]| Step {
        id,
        comment: comment.clone(),
        up: up.iter().map(|statement| terminated(statement)).collect(),
        down: down.iter().map(|statement| terminated(statement)).collect(),
        in_transaction: draft.in_transaction,
    };
    let Draft { name, up, down, .. } = draft;
    if draft.in_transaction || (up.len() == 1 && down.len() == 1) {
        return Ok(vec![step(name.clone(), up, down)]);
    }
    if up.len() != down.len() {
        return Err(Error::new(format!(
            "`{name}` has {} statements up and {} down, of which each pair is to be a migration",
            up.len(),
            down.len()
        ))
        .hint("give each strategy as many statements for its way down as for its way up"));
    }
    let pairs = up.chunks(1).zip(down.rchunks(1)).enumerate();
    Ok(pairs.map(|(index, (up, down))| step(format!("{name}_{}", index + 1), up, down)).collect())
}

fn bare(statement: &str) -> &str {
    statement.trim_end_matches(|c: char| c == ';' || c.is_whitespace()).trim_start()
}

/// With a semicolon that no comment swallows.
fn terminated(statement: &str) -> String {
    let bare = bare(statement);
    let last = bare.lines().next_back().unwrap_or_default();
    if last.contains("--") { format!("{bare}\n;") } else { format!("{bare};") }
}

/// The statement about an index as a transaction takes it; `None` if it is that already.
fn without_concurrently(statement: &str) -> Option<String> {
    let place = sql::find(statement, "concurrently")?;
    let (before, after) = (&statement[..place.start], &statement[place.end..]);
    let words: Vec<_> = before.split_whitespace().map(str::to_ascii_uppercase).collect();
    ["CREATE INDEX", "CREATE UNIQUE INDEX", "DROP INDEX"]
        .contains(&words.join(" ").as_str())
        .then(|| format!("{before}{}", after.trim_start()))
}

/// Whether the next migration has no way down, as the last one.
pub(in super::super) fn goes_forward_only(project: &Project) -> bool {
    project.migrations.last().is_some_and(|last| last.down == Down::ForwardOnly)
}

/// A file for each direction, the way up first. `mark` is the first line of both, or empty.
pub(in super::super) fn pair(
    project: &Project,
    step: &Step,
    mark: &str,
    up: &str,
    down: &str,
) -> Vec<NewFile> {
    let file = |name: &str, text: String| NewFile {
        path: project.folder.join(name),
        text: format!("{mark}{text}"),
    };
    vec![file(up, step.up_script()), file(down, step.down_script())]
}
