//! Plans in few words, to see at a glance what changed.

use shakedown_reports::figures::grouped;
use shakedown_reports::index::Plan;

use super::Node;

impl Node {
    /// The nodes in one line, each with the index or table that it reads: `Limit > Sort > Seq Scan
    /// items`. Children of one node stand in brackets.
    pub(crate) fn shape(&self) -> String {
        let own = self.label();
        match self.children.as_slice() {
            [] => own,
            [one] => format!("{own} > {}", one.shape()),
            many => {
                let many: Vec<String> = many.iter().map(Self::shape).collect();
                format!("{own} ({})", many.join(", "))
            }
        }
    }

    fn label(&self) -> String {
        let of = match (&self.index, &self.table) {
            (Some(index), _) => format!(" {index}"),
            (None, Some(table)) => format!(" {}", table.name),
            (None, None) => String::new(),
        };
        format!("{}{of}", self.kind)
    }

    /// The nodes as a tree, a line each.
    fn tree(&self, depth: usize, lines: &mut Vec<String>) {
        let mut line = format!("{}{}", "  ".repeat(depth), self.label());
        if self.is_scan() {
            line.push_str(&format!(": {} read", many(self.rows + self.removed, "row")));
            if self.removed > 0.0 {
                line.push_str(&format!(", {} left out", grouped(self.removed as u64)));
            }
        } else {
            line.push_str(&format!(": {}", many(self.rows, "row")));
        }
        line.push_str(&format!(", {}", many(self.buffers as f64, "page")));
        lines.push(line);
        for condition in self.conditions.iter().chain(&self.joins) {
            lines.push(format!("{}  {condition}", "  ".repeat(depth)));
        }
        if !self.keys.is_empty() {
            lines.push(format!("{}  by {}", "  ".repeat(depth), self.keys.join(", ")));
        }
        self.children.iter().for_each(|child| child.tree(depth + 1, lines));
    }

    /// As a report tells it. `statement` has its arguments written into it.
    pub(crate) fn told(&self, statement: &str) -> Plan {
        let mut tree = Vec::new();
        self.tree(0, &mut tree);
        Plan { statement: statement.to_owned(), shape: self.shape(), tree, indexes: self.indexes() }
    }
}

/// `1 row`, `20,000 rows`
fn many(count: f64, thing: &str) -> String {
    let count = count.round() as u64;
    format!("{} {thing}{}", grouped(count), if count == 1 { "" } else { "s" })
}
