//! Tables of figures that leave out the columns in which there is nothing.

use unicode_width::UnicodeWidthStr;

use crate::figures::{grouped, time};
use crate::load::Histogram;
use crate::table::{Cell, Table};

/// Tables that would be wider have their columns closer together.
const WIDTH: usize = 108;

/// A table with a head, the first and the last column to the left and the others to the right.
/// A column that is empty in every row is left out with its head.
#[derive(Debug)]
pub(super) struct Columns<const N: usize> {
    heads: [&'static str; N],
    rows: Vec<[String; N]>,
    words_last: bool,
}

impl<const N: usize> Columns<N> {
    /// With these heads. If `words_last`, the last column holds words, which stand to the left.
    pub(super) fn new(heads: [&'static str; N], words_last: bool) -> Self {
        Self { heads, rows: Vec::new(), words_last }
    }

    /// A row, each figure below the head of its place.
    pub(super) fn push(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    pub(super) fn render(&self) -> String {
        let there = |column: &usize| self.rows.iter().any(|row| !row[*column].is_empty());
        let shown: Vec<usize> = (0..N).filter(there).collect();
        let apart = self.table(&shown, " ").render();
        if apart.lines().all(|line| line.width() <= WIDTH) {
            return apart;
        }
        self.table(&shown, "").render()
    }

    /// The columns that are shown, with this more between them.
    fn table(&self, shown: &[usize], gap: &str) -> Table {
        let cell = |column: usize, text: &str| match column {
            0 => Cell::left(text),
            _ if column + 1 == N && self.words_last => Cell::over(format!("{gap}{text}")),
            _ => Cell::right(format!("{gap}{text}")),
        };
        let mut table = Table::default();
        table.push(shown.iter().map(|column| cell(*column, self.heads[*column])).collect());
        for row in &self.rows {
            table.push(shown.iter().map(|column| cell(*column, &row[*column])).collect());
        }
        table
    }
}

/// A count, or nothing if it is zero, so that what did happen stands out.
pub(super) fn unless_zero(count: u64) -> String {
    if count == 0 { String::new() } else { grouped(count) }
}

/// The time that this part of all does not exceed, or nothing of no times.
pub(super) fn percentile(times: &Histogram, part: f64) -> String {
    if times.count() == 0 { String::new() } else { time(times.percentile(part)) }
}
