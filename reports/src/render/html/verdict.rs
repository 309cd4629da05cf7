//! The verdict in one sentence, and the few numbers behind it.

use serde::Serialize;

use super::parts::outcome;
use super::view::{Badge, Fact, Figure, Told};
use super::{gates, index, invariants, load, migrations, strength};
use crate::figures::{grouped, milliseconds, plural};
use crate::model::{Outcome, Report, Severity};

/// So many numbers are shown, and so many of one section where there are several.
const FIGURES: usize = 8;
const EACH: usize = 2;

/// What is on top of the page.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    badge: Badge,
    sentence: String,
    figures: Vec<Figure>,
    /// What ran when and on what.
    facts: Vec<Fact>,
}

pub(super) fn of(report: &Report) -> Verdict {
    let mut told: Vec<Told> = [
        gates::told(report),
        migrations::told(report),
        invariants::told(report),
        strength::told(report),
        load::told(report),
        index::told(report),
    ]
    .into_iter()
    .flatten()
    .collect();
    // What it failed for comes first.
    told.sort_by_key(|told| !told.bad);
    let clauses: Vec<&str> = told.iter().map(|told| told.clause.as_str()).collect();
    let each = if told.len() > 3 { EACH } else { FIGURES };
    let figures = told.iter().flat_map(|told| told.figures.iter().take(each).cloned());
    Verdict {
        badge: outcome(Some(report.outcome)),
        sentence: format!("{}: {}.", word(report), joined(&clauses)),
        figures: figures.take(FIGURES).collect(),
        facts: facts(report),
    }
}

fn word(report: &Report) -> String {
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    let counted = [(errors, "error"), (warnings, "warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}{}", grouped(count as u64), plural(count as u64)));
    let counted = counted.collect::<Vec<_>>().join(" and ");
    match report.outcome {
        Outcome::Held => "All held".to_owned(),
        Outcome::Incomplete => "Not all could be tested".to_owned(),
        Outcome::Found if counted.is_empty() => "Not everything held".to_owned(),
        Outcome::Found => format!("Found {counted}"),
    }
}

fn joined(clauses: &[&str]) -> String {
    if clauses.is_empty() { "nothing was tested".to_owned() } else { clauses.join("; ") }
}

fn facts(report: &Report) -> Vec<Fact> {
    let server = &report.server;
    let profile = server.profile.as_ref().map(|profile| format!(", {profile} profile"));
    let project = match report.project.format.as_str() {
        "database" => format!("database {}", report.project.folder),
        format => format!("{}, format {format}", report.project.folder),
    };
    vec![
        Fact::new("Project", project),
        Fact::new(
            "Server",
            format!("PostgreSQL {}, {}{}", server.version, server.way, profile.unwrap_or_default()),
        ),
        Fact::new("Begun", report.started_at.clone()),
        Fact::new("Took", milliseconds(report.duration_ms)),
    ]
}
