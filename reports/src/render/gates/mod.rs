//! The report for people where a release was judged: what was compared, everything that did not
//! pass with what explains it, how much passed, and the verdict last.

mod table;
pub(super) mod verdict;
pub(crate) mod words;

use super::load::words::paragraph;
use super::text::tested;
use super::{Colour, clean};
use crate::figures::grouped;
use crate::gate::Gates;
use crate::model::Report;

pub(super) fn render(report: &Report, gates: &Gates, colour: Colour) -> String {
    let mut out = header(report, gates);
    out.push('\n');
    out.push_str(&body(gates, colour));
    out.push_str(&verdict::render(gates, colour));
    out
}

/// What was decided, without what is the same for the whole report.
pub(super) fn body(gates: &Gates, colour: Colour) -> String {
    let mut out = table::render(gates, colour);
    // What is only counted for later has no gates.
    if !gates.gates.is_empty() {
        out.push_str(&paragraph(&words::passed(gates), ""));
    }
    if let Some(floor) = &gates.floor {
        let told = format!(
            "noise floor: two clones of the same differ in time by {}, from {} turns",
            words::interval(floor),
            grouped(floor.of)
        );
        out.push_str(&paragraph(&told, ""));
    }
    for left_out in &gates.left_out {
        out.push_str(&paragraph(&format!("not compared: {left_out}"), ""));
    }
    out
}

fn header(report: &Report, gates: &Gates) -> String {
    let mut out = format!("{}\n", clean::line(&tested(report)));
    let server = &report.server;
    if server.way != "none" {
        let mut facts = vec![format!("PostgreSQL {}", server.version), server.way.clone()];
        facts.extend(server.profile.as_ref().map(|profile| format!("{profile} profile")));
        out.push_str(&paragraph(&facts.join(", "), ""));
    }
    let candidate = words::side(&gates.candidate);
    out.push_str(&match &gates.base {
        Some(base) => paragraph(&format!("candidate {candidate}, base {}", words::side(base)), ""),
        None => paragraph(&format!("candidate {candidate}"), ""),
    });
    if let Some(scenario) = &gates.scenario {
        let told = format!("scenario {}, {}; seed {}", scenario.name, scenario.origin, gates.seed);
        out.push_str(&paragraph(&told, ""));
    }
    for note in &gates.notes {
        out.push_str(&paragraph(&format!("note: {note}"), ""));
    }
    out
}
