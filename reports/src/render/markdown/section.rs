//! Sections that are cut to the room there is, never within a row or a block.

use crate::figures::grouped;

/// A heading, what is always shown below it, and as many of its items as fit, the worst first.
pub(super) struct Section {
    heading: &'static str,
    head: String,
    /// Each a row or a block that ends in a line break.
    items: Vec<String>,
    /// What the items are, of which some may be left out: `gates`.
    of: &'static str,
}

/// What goes below the items that were left out, with the longest number.
const MORE: usize = 80;

impl Section {
    /// `rows` below the names of their columns.
    pub(super) fn table(
        heading: &'static str,
        of: &'static str,
        columns: &[&str],
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Self {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let columns: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
        let head = format!("{}|{}\n", line(&columns), " --- |".repeat(columns.len()));
        let items = rows.into_iter().map(|row| line(&row)).collect();
        Self { heading, head, items, of }
    }

    /// Blocks below each other.
    pub(super) fn blocks(
        heading: &'static str,
        of: &'static str,
        blocks: impl IntoIterator<Item = String>,
    ) -> Self {
        let items = blocks.into_iter().map(|block| block + "\n").collect();
        Self { heading, head: String::new(), items, of }
    }

    /// A sentence between the heading and the items.
    pub(super) fn with(mut self, sentence: Option<String>) -> Self {
        if let Some(sentence) = sentence {
            self.head = format!("{sentence}\n\n{}", self.head);
        }
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn frame(&self) -> usize {
        self.heading.len() + self.head.len() + self.of.len() + MORE
    }

    fn need(&self) -> usize {
        self.items.iter().map(String::len).sum()
    }

    /// With as many items as fit into `room` bytes.
    fn render(&self, room: usize) -> String {
        let mut out = format!("\n#### {}\n\n{}", self.heading, self.head);
        let mut shown = 0;
        let mut left = room;
        while let Some(item) = self.items.get(shown).filter(|item| item.len() <= left) {
            out.push_str(item);
            left -= item.len();
            shown += 1;
        }
        let more = self.items.len() - shown;
        if more > 0 {
            let more = grouped(more as u64);
            out += &format!("\nand {more} more {}, all in the JSON report\n", self.of);
        }
        out
    }
}

/// All sections in at most `limit` bytes. What one does not need is there for the others, so that
/// a long one does not hide those behind it.
pub(super) fn fit(sections: &[Section], limit: usize) -> String {
    let mut sections = sections;
    // Without room for the frames, the last sections go.
    while sections.iter().map(Section::frame).sum::<usize>() > limit {
        let Some((_, rest)) = sections.split_last() else { break };
        sections = rest;
    }
    let mut room = limit.saturating_sub(sections.iter().map(Section::frame).sum());
    let mut shares = vec![0; sections.len()];
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|at| sections[*at].need());
    for (done, at) in order.into_iter().enumerate() {
        shares[at] = sections[at].need().min(room / (sections.len() - done));
        room -= shares[at];
    }
    sections.iter().zip(shares).map(|(section, share)| section.render(share)).collect()
}
