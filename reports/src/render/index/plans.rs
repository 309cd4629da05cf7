//! The operations that an advice changes, with their plans before and after.

use super::base::cut;
use crate::figures::{grouped, number, percent, plural};
use crate::index::{Counted, Work};
use crate::render::clean;

/// So many operations are shown.
const OPERATIONS: usize = 3;

/// So much is shown of each plan.
const LINES: usize = 16;
const WIDTH: usize = 106;

/// The operations whose work changes most, the most first.
pub(super) fn render(base: &[Counted], with: &[Counted]) -> String {
    let changed = changed(base, with);
    let mut out = String::new();
    for (before, after) in changed.iter().take(OPERATIONS) {
        out.push_str(&operation(before, after));
    }
    let rest = changed.len().saturating_sub(OPERATIONS) as u64;
    if rest > 0 {
        out.push_str(&format!(
            "\n{} more operation{} change less; --out json= has them\n",
            grouped(rest),
            plural(rest)
        ));
    }
    out
}

fn changed<'a>(base: &'a [Counted], with: &'a [Counted]) -> Vec<(&'a Counted, &'a Counted)> {
    let change = |(before, after): &(&Counted, &Counted)| {
        (before.share * (Work::of(before).0 - Work::of(after).0)).abs()
    };
    let differs =
        |pair: &(&Counted, &Counted)| change(pair) > 0.001 * Work::of(pair.0).0 * pair.0.share;
    let mut changed: Vec<(&Counted, &Counted)> = base.iter().zip(with).filter(differs).collect();
    changed.sort_by(|one, other| change(other).total_cmp(&change(one)));
    changed
}

fn operation(before: &Counted, after: &Counted) -> String {
    let pages = |counted: &Counted| number(counted.each(|counters| counters.buffers));
    let mut out = format!(
        "\n{}, {} of all operations: {} pages before, {} after\n",
        clean::line(&before.name),
        percent(before.share, 1.0),
        pages(before),
        pages(after)
    );
    for (one, other) in before.plans.iter().zip(&after.plans) {
        if one.shape != other.shape {
            out.push_str(&tree("-", &one.tree));
            out.push_str(&tree("+", &other.tree));
        }
    }
    out
}

fn tree(sign: &str, tree: &[String]) -> String {
    let mut out = String::new();
    for line in tree.iter().take(LINES) {
        let line = cut(&clean::text(line).replace(['\n', '\t'], " "), WIDTH);
        out.push_str(&format!("  {sign} {}\n", line.trim_end()));
    }
    if tree.len() > LINES {
        let rest = (tree.len() - LINES) as u64;
        out.push_str(&format!("  {sign} ... {} more line{}\n", grouped(rest), plural(rest)));
    }
    out
}
