//! Columns of text that line up.

/// One column's content per row; all rows have the same number of cells.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<Cell>>,
}

/// A cell and the side it is aligned to. The text may hold colour codes, so its width is kept apart.
#[derive(Debug)]
pub(crate) struct Cell {
    text: String,
    width: usize,
    right: bool,
}

impl Cell {
    pub(crate) fn left(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { width: text.chars().count(), text, right: false }
    }

    pub(crate) fn right(text: impl Into<String>) -> Self {
        Self { right: true, ..Self::left(text) }
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
        let widths: Vec<usize> = (0..columns)
            .map(|i| self.rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.width).max())
            .map(Option::unwrap_or_default)
            .collect();
        let mut out = String::new();
        for row in &self.rows {
            let mut line = String::from(" ");
            for (cell, width) in row.iter().zip(&widths) {
                let pad = " ".repeat(width - cell.width);
                let (before, after) =
                    if cell.right { (pad.as_str(), "") } else { ("", pad.as_str()) };
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
}
