//! The report for people where index strategies were tried: what the schema costs as it is, what
//! each strategy gives and costs, the advice with its reasons, what was left out, the verdict last.

pub(super) mod advice;
mod base;
mod details;
mod left_out;
mod plans;
mod strategies;
pub(super) mod verdict;
pub(super) mod words;

use super::load::words::paragraph;
use super::text::tested;
use super::{Colour, clean};
use crate::figures::{grouped, percent};
use crate::index::Indexes;
use crate::model::Report;

pub(super) fn render(report: &Report, indexes: &Indexes, colour: Colour) -> String {
    let mut out = header(report, indexes);
    out.push('\n');
    out.push_str(&base::render(indexes));
    out.push('\n');
    out.push_str(&strategies::render(indexes));
    if let Some(advice) = &indexes.advice {
        out.push_str(&advice::render(advice, indexes));
    }
    out.push_str(&left_out::render(indexes));
    out.push('\n');
    out.push_str(&verdict::render(report, indexes, colour));
    out
}

/// What was tried on what.
fn header(report: &Report, indexes: &Indexes) -> String {
    let mut out = format!("{}\n", clean::line(&tested(report)));
    let server = &report.server;
    let mut facts = vec![format!("PostgreSQL {}", server.version), server.way.clone()];
    facts.extend(server.profile.as_ref().map(|profile| format!("{profile} profile")));
    out.push_str(&paragraph(&facts.join(", "), ""));
    out.push_str(&paragraph(
        &format!(
            "scenario {}, {}; seed {}; {} of all operations write",
            indexes.scenario.name,
            indexes.scenario.origin,
            indexes.seed,
            percent(indexes.write_share, 1.0)
        ),
        "",
    ));
    if !indexes.rows.is_empty() {
        let rows: Vec<String> = indexes
            .rows
            .iter()
            .map(|(table, rows)| format!("{table} {}", grouped(*rows)))
            .collect();
        out.push_str(&paragraph(&format!("rows: {}", rows.join(", ")), ""));
    }
    for note in &indexes.notes {
        out.push_str(&paragraph(&format!("note: {note}"), ""));
    }
    out
}
