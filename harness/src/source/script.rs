//! A migration and its scripts, as the runner of its format would send them.

use std::ops::Range;
use std::path::PathBuf;

/// One step: an up script and, perhaps, the script that takes it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// What the user calls it: `20260105093000_create_users`.
    pub id: String,
    /// Takes the schema forward.
    pub up: Script,
    /// Takes it back.
    pub down: Down,
}

/// What there is to take a migration back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Down {
    /// A script, which may hold nothing to run.
    Script(Script),
    /// The format has down scripts and this migration has none.
    Missing,
    /// The format only goes forward.
    ForwardOnly,
}

/// The SQL of one direction and how the runner of its format sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The file it stands in; formats that keep both directions in one file name it twice.
    pub file: PathBuf,
    /// The whole text of that file, so that lines count as an editor counts them. A runner
    /// that drops the `\r` of line ends has them dropped here too.
    pub text: String,
    /// What is sent, in order; none if the runner has nothing to send.
    pub batches: Vec<Batch>,
}

/// A part of a script that is committed by itself. Nearly every script is one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The byte ranges of the script's text that are sent, one after another, each as one
    /// simple query. Several statements in one simple query are an implicit transaction.
    pub messages: Vec<Range<usize>>,
    /// Whether the runner wraps the messages in one `BEGIN` and `COMMIT`.
    pub in_transaction: bool,
}

impl Down {
    /// The script, if there is one.
    pub fn script(&self) -> Option<&Script> {
        match self {
            Self::Script(script) => Some(script),
            Self::Missing | Self::ForwardOnly => None,
        }
    }
}

impl Script {
    /// A file that is sent as it is, in one simple query.
    pub fn whole_file(file: PathBuf, text: String, in_transaction: bool) -> Self {
        let whole = 0..text.len();
        Self { file, text, batches: vec![Batch { messages: vec![whole], in_transaction }] }
    }

    /// A file of which nothing is sent.
    pub fn nothing(file: PathBuf, text: String) -> Self {
        Self { file, text, batches: Vec::new() }
    }

    /// What is sent, one simple query each, over all batches.
    pub fn messages(&self) -> impl Iterator<Item = &str> {
        let ranges = self.batches.iter().flat_map(|batch| &batch.messages);
        ranges.filter_map(|range| self.text.get(range.clone()))
    }
}
