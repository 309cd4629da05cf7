//! Everything that did not pass, and all times, a line each.

use super::words;
use crate::gate::{Gate, Gates, Kind, Verdict};
use crate::render::load::words::paragraph;
use crate::render::text::{GREEN, RED, YELLOW, painted};
use crate::render::{Colour, clean};
use crate::table::{Cell, Table};

/// How many lines are shown before the rest is only counted.
const SHOWN: usize = 40;

pub(super) fn render(gates: &Gates, colour: Colour) -> String {
    let mut shown: Vec<&Gate> = gates.gates.iter().filter(|gate| is_shown(gate)).collect();
    shown.sort_by(|one, other| words::worst_first(one, other));
    let mut table = Table::default();
    for gate in shown.iter().take(SHOWN) {
        let (word, paint) = match gate.verdict {
            Verdict::Pass => ("pass", GREEN),
            Verdict::Regress => ("regress", RED),
            Verdict::Inconclusive => ("inconclusive", YELLOW),
            Verdict::Allowed { .. } => ("allowed", YELLOW),
        };
        table.push(vec![
            Cell::left(word).painted(|word| painted(word, paint, colour)),
            Cell::left(clean::line(&words::what(gate))),
            Cell::right(clean::line(&words::values(gate))),
            Cell::right(words::change(gate)),
            Cell::left(words::basis(gate)),
        ]);
    }
    let mut out = table.render();
    if shown.len() > SHOWN {
        out.push_str(&format!("  ... {} more, all in the JSON\n", shown.len() - SHOWN));
    }
    let mut told = Vec::new();
    for gate in shown.iter().take(SHOWN) {
        let reason = match &gate.verdict {
            Verdict::Allowed { reason } => Some(format!("allowed, since {reason}")),
            _ => None,
        };
        let about = match (&gate.subject, gate.kind) {
            (Some(subject), _) => subject.clone(),
            (None, _) => words::what(gate),
        };
        for note in reason.iter().chain(&gate.notes) {
            let note = format!("{about}: {note}");
            if !told.contains(&note) {
                out.push_str(&paragraph(&note, "  "));
                told.push(note);
            }
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// Counts that pass are only counted; times are shown, since one wants to see what the machine
/// could tell apart.
fn is_shown(gate: &Gate) -> bool {
    gate.verdict != Verdict::Pass || !matches!(gate.kind, Kind::Counter)
}
