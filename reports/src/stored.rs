//! Reports that were written as JSON, read again. A file may be anything, also made to do harm.

use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::error::Category;

use crate::model::{Report, SCHEMA_VERSION, Tool};
use crate::render::clean;

/// The bytes that a report may have. A long sweep of many settings has some ten million.
pub const LONGEST: u64 = 128 * 1024 * 1024;

/// The operations that the cells of a load may have together. Their histograms take far more in
/// memory than in the file.
const OPERATIONS: usize = 4_000;

/// Why a text is no report that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// There is nothing in it.
    Empty,
    /// It is XML, as JUnit reports are.
    Xml,
    /// It ends in the middle.
    CutOff,
    /// It is longer than [`LONGEST`].
    TooLong,
    /// It is of a later version of this program.
    Newer {
        /// The version of its format.
        schema: u64,
        /// The program that wrote it, if it says so: `shakedown 2.0.0`.
        made_by: Option<String>,
    },
    /// It is something else, for this reason.
    Other(String),
}

impl fmt::Display for Unreadable {
    /// As the end of a sentence that begins with the file: `is empty`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(out, "is empty"),
            Self::Xml => write!(out, "is XML and no JSON report"),
            Self::CutOff => write!(out, "is cut off: it ends in the middle of a report"),
            Self::TooLong => {
                write!(out, "is no report: it has more than {} MiB", LONGEST / 1024 / 1024)
            }
            Self::Newer { schema, made_by } => {
                let made_by =
                    made_by.as_ref().map(|by| format!(", written by {by}")).unwrap_or_default();
                write!(
                    out,
                    "has version {schema} of the format{made_by}; this program knows version \
                     {SCHEMA_VERSION}"
                )
            }
            Self::Other(why) => write!(out, "is no report of this program: {why}"),
        }
    }
}

impl std::error::Error for Unreadable {}

impl Unreadable {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Xml => {
                "JUnit files cannot be read back; give the file that `--out json=FILE` wrote"
            }
            Self::CutOff | Self::Empty => {
                "the run that wrote it, or its copy, did not end; run it again with \
                 `--out json=FILE`"
            }
            Self::Newer { .. } => "update shakedown, or make the report again with this version",
            Self::TooLong | Self::Other(_) => "give a file that `--out json=FILE` wrote, whole",
        }
    }
}

/// What every version of the format has.
#[derive(Deserialize)]
struct Head {
    schema_version: u64,
    #[serde(default)]
    tool: Option<Tool>,
}

/// What tells how much memory the rest takes.
#[derive(Deserialize)]
struct Outline {
    #[serde(default)]
    load: Option<OutlineLoad>,
}

#[derive(Deserialize)]
struct OutlineLoad {
    #[serde(default)]
    cells: Vec<OutlineCell>,
}

#[derive(Deserialize)]
struct OutlineCell {
    #[serde(default)]
    operations: Vec<IgnoredAny>,
}

/// The report that `--out json=FILE` wrote.
///
/// `Err` says why it is none that this version can read. Neither depth nor numbers nor histograms
/// make reading take more than a multiple of the text's own memory.
pub fn parse(text: &str) -> Result<Report, Unreadable> {
    if text.len() as u64 > LONGEST {
        return Err(Unreadable::TooLong);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    if text.is_empty() {
        return Err(Unreadable::Empty);
    }
    if text.starts_with('<') {
        return Err(Unreadable::Xml);
    }
    let head: Head = read(text)?;
    if head.schema_version > u64::from(SCHEMA_VERSION) {
        let made_by = head
            .tool
            .map(|tool| clean::short(&clean::line(&format!("{} {}", tool.name, tool.version)), 80));
        return Err(Unreadable::Newer { schema: head.schema_version, made_by });
    }
    if head.schema_version == 0 {
        return Err(Unreadable::Other("there is no version 0 of the format".to_owned()));
    }
    let outline: Outline = read(text)?;
    let cells = outline.load.map(|load| load.cells).unwrap_or_default();
    let operations: usize = cells.iter().map(|cell| cell.operations.len().max(1)).sum();
    if operations > OPERATIONS {
        return Err(Unreadable::Other(format!(
            "its load has {operations} operations, and no more than {OPERATIONS} can be read"
        )));
    }
    read(text)
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Unreadable> {
    serde_json::from_str(text).map_err(|error| {
        let last = text.lines().next_back().unwrap_or_default();
        // A number that ends behind its point is not taken for the end of the text by the parser.
        let at_the_end = error.line() >= text.lines().count() && error.column() >= last.len();
        match error.classify() {
            Category::Eof => Unreadable::CutOff,
            Category::Syntax if at_the_end && text.starts_with('{') && !text.ends_with('}') => {
                Unreadable::CutOff
            }
            // What the parser says may repeat anything of the text.
            _ => Unreadable::Other(clean::short(&clean::line(&error.to_string()), 300)),
        }
    })
}
