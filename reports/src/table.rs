//! Columns of text that line up.

use unicode_width::UnicodeWidthStr;

/// Rows of cells. A cell stands below those of the same place in other rows.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<Cell>>,
}

/// A cell and the side it is aligned to. The text may hold colour codes, so its width is kept apart.
#[derive(Debug)]
pub(crate) struct Cell {
    text: String,
    width: usize,
    side: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
    /// From the left and over the columns to the right of it, whose width it leaves alone.
    Over,
}

impl Cell {
    pub(crate) fn left(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { width: text.width(), text, side: Side::Left }
    }

    pub(crate) fn right(text: impl Into<String>) -> Self {
        Self { side: Side::Right, ..Self::left(text) }
    }

    /// The last cell of a row that needs more room than its column has.
    pub(crate) fn over(text: impl Into<String>) -> Self {
        Self { side: Side::Over, ..Self::left(text) }
    }

    /// Wraps the text in colour codes, which take no room.
    pub(crate) fn painted(mut self, paint: impl FnOnce(&str) -> String) -> Self {
        self.text = paint(&self.text);
        self
    }
}

impl Table {
    pub(crate) fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// The rows as lines, each indented by two spaces, without trailing blanks.
    pub(crate) fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(|column| self.width(column)).collect();
        let mut out = String::new();
        for row in &self.rows {
            let mut line = String::from(" ");
            for (cell, width) in row.iter().zip(&widths) {
                let pad = " ".repeat(width.saturating_sub(cell.width));
                let (before, after) =
                    if cell.side == Side::Right { (pad.as_str(), "") } else { ("", pad.as_str()) };
                line.push(' ');
                line.push_str(before);
                line.push_str(&cell.text);
                line.push_str(after);
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    fn width(&self, column: usize) -> usize {
        self.rows
            .iter()
            .filter_map(|row| row.get(column))
            .filter(|cell| cell.side != Side::Over)
            .map(|cell| cell.width)
            .max()
            .unwrap_or_default()
    }
}
