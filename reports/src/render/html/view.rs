//! The parts that pages are made of, as templates take them.

use serde::Serialize;

use crate::figures::grouped;

/// What a verdict means, whatever it is called where it stands. The page filters by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Tone {
    Good,
    Bad,
    Warn,
    Unknown,
    Quiet,
}

/// A verdict: its word, and a sign for where there is no room for words. Colour says the same once
/// more.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Badge {
    pub(super) word: String,
    pub(super) sign: &'static str,
    pub(super) tone: Tone,
}

impl Badge {
    pub(super) fn new(tone: Tone, sign: &'static str, word: &str) -> Self {
        Self { word: word.to_owned(), sign, tone }
    }

    pub(super) fn good(word: &str) -> Self {
        Self::new(Tone::Good, "✓", word)
    }

    pub(super) fn bad(word: &str) -> Self {
        Self::new(Tone::Bad, "✗", word)
    }

    pub(super) fn warn(word: &str) -> Self {
        Self::new(Tone::Warn, "!", word)
    }

    pub(super) fn unknown(word: &str) -> Self {
        Self::new(Tone::Unknown, "?", word)
    }

    pub(super) fn quiet(word: &str) -> Self {
        Self::new(Tone::Quiet, "–", word)
    }
}

/// A table with a row per thing.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) heads: Vec<Head>,
    pub(super) rows: Vec<Row>,
    /// What is said below it of the rows that are left out; may be empty.
    pub(super) more: String,
}

/// The head of a column.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Head {
    pub(super) text: String,
    /// Whether the column has figures, which stand to the right.
    pub(super) figures: bool,
}

/// A row of a table; the first cell is its head.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    /// What the row is filtered by, if it is.
    pub(super) tone: Option<Tone>,
    /// Whether it is the one to look at.
    pub(super) marked: bool,
    /// Whether it matters less than others.
    pub(super) faint: bool,
}

/// A cell of a table.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) figures: bool,
    pub(super) code: bool,
    pub(super) badge: Option<Badge>,
    /// A picture that we drew.
    pub(super) svg: Option<String>,
    /// More about it, a line each.
    pub(super) notes: Vec<String>,
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub(super) fn figure(text: impl Into<String>) -> Self {
        Self { figures: true, ..Self::text(text) }
    }

    pub(super) fn code(text: impl Into<String>) -> Self {
        Self { code: true, ..Self::text(text) }
    }

    pub(super) fn badge(badge: Badge) -> Self {
        Self { badge: Some(badge), ..Self::default() }
    }
}

impl Table {
    /// A table without rows. Heads that begin with `#` are those of figures.
    pub(super) fn new(caption: &str, heads: &[&str]) -> Self {
        let head = |text: &&str| Head {
            text: text.trim_start_matches('#').to_owned(),
            figures: text.starts_with('#'),
        };
        Self {
            caption: caption.to_owned(),
            heads: heads.iter().map(head).collect(),
            ..Self::default()
        }
    }

    pub(super) fn push(&mut self, cells: Vec<Cell>) {
        self.rows.push(Row { cells, ..Row::default() });
    }

    /// Leaves out the columns in which there is nothing.
    pub(super) fn without_blanks(mut self) -> Self {
        let there = |cell: &Cell| {
            let words = !cell.text.is_empty() || !cell.notes.is_empty();
            words || cell.badge.is_some() || cell.svg.is_some()
        };
        for column in (0..self.heads.len()).rev() {
            if !self.rows.iter().any(|row| row.cells.get(column).is_some_and(there)) {
                self.heads.remove(column);
                for row in &mut self.rows {
                    if column < row.cells.len() {
                        row.cells.remove(column);
                    }
                }
            }
        }
        self
    }

    /// Keeps so many rows, and says how many more there are.
    pub(super) fn capped(mut self, most: usize) -> Self {
        self.more = more(self.rows.len(), most);
        self.rows.truncate(most);
        self
    }
}

/// `and 12 more, which the JSON has`, or nothing if all are shown.
pub(super) fn more(all: usize, shown: usize) -> String {
    match all.saturating_sub(shown) {
        0 => String::new(),
        rest => format!("and {} more, which the JSON report has", grouped(rest as u64)),
    }
}

/// A picture and, beside it, what it shows as a table.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Picture {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) svg: String,
    pub(super) table: Table,
    /// Whether it keeps its size and is scrolled where there is no room.
    pub(super) natural: bool,
}

/// Something to take away with one press.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Copyable {
    /// What it is: `the statement that mends it`.
    pub(super) label: String,
    pub(super) text: String,
}

impl Copyable {
    pub(super) fn new(label: &str, text: &str) -> Self {
        Self { label: label.to_owned(), text: text.trim_end().to_owned() }
    }
}

/// A number and what it is.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Figure {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) tone: Tone,
}

/// What a section says on top of the page.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// A part of the sentence.
    pub(super) clause: String,
    /// Whether it is why the run did not hold.
    pub(super) bad: bool,
    pub(super) figures: Vec<Figure>,
}

/// A name with what is known of it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) value: String,
}

impl Fact {
    pub(super) fn new(name: &str, value: impl Into<String>) -> Self {
        Self { name: name.to_owned(), value: value.into() }
    }
}

impl Figure {
    pub(super) fn new(tone: Tone, value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), tone }
    }
}
