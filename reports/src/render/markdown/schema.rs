//! What is wrong with migrations and promises.

use super::escape::{code, details, prose, sql};
use super::section::Section;
use crate::model::{Finding, Invariants, Kept, Migration, Report, Severity, Verdict};
use crate::render::text;

/// Every finding with its place, and what mends it folded away.
pub(super) fn findings(report: &Report) -> Section {
    let mut worst: Vec<&Finding> = report.findings.iter().collect();
    worst.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Section::blocks("Findings", "findings", worst.into_iter().map(finding))
}

fn finding(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Risk => "risk",
    };
    let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
    let place = code(&format!("{}{line}", finding.file));
    let told = format!("**{severity}** {} at {place}: ", code(&finding.rule));
    let mut inside = String::new();
    let help = finding.help.as_deref().map(str::trim_end).unwrap_or_default();
    // The first line says what to do; the others are the statements that do it.
    let (first, rest) = help.split_once('\n').unwrap_or((help, ""));
    for sentence in finding.notes.iter().map(String::as_str).chain([first]) {
        if !sentence.trim().is_empty() {
            inside += &format!("- {}\n", prose(sentence));
        }
    }
    for statements in [Some(rest), finding.mend.as_deref()].into_iter().flatten() {
        if statements.trim().is_empty() {
            continue;
        }
        inside += &match sql(statements) {
            Some(fenced) => format!("\n{fenced}"),
            None => "- its SQL is too long for here: see the JSON report\n".to_owned(),
        };
    }
    let inside = if inside.is_empty() { inside } else { details("what to do", &inside) };
    format!("{told}{}\n{inside}", prose(&finding.message))
}

/// The migrations that are not plainly reversible, the worst first.
pub(super) fn migrations(report: &Report) -> Section {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Flawed => 5,
        Verdict::Untested { .. } => 4,
        Verdict::NotReached => 3,
        Verdict::Allowed => 2,
        Verdict::Irreversible { .. } => 1,
        Verdict::Reversible | Verdict::ForwardOnly | Verdict::NotSelected => 0,
    };
    let mut worst: Vec<&Migration> =
        report.migrations.iter().filter(|migration| rank(&migration.verdict) > 0).collect();
    worst.sort_by_key(|migration| std::cmp::Reverse(rank(&migration.verdict)));
    let row = |migration: &Migration| {
        let reason = match &migration.verdict {
            Verdict::Irreversible { reason } | Verdict::Untested { reason } => prose(reason),
            _ => String::new(),
        };
        vec![text::word(&migration.verdict).to_owned(), code(&migration.id), reason]
    };
    let columns = ["verdict", "migration", ""];
    Section::table("Migrations", "migrations", &columns, worst.into_iter().map(row))
}

/// The promises that are not kept, or could not be tried, the worst first.
pub(super) fn promises(invariants: &Invariants) -> Section {
    let rank = |kept: &Kept| match kept {
        Kept::Broken => 3,
        Kept::Untested { .. } => 2,
        Kept::Risk => 1,
        Kept::Allowed { .. } | Kept::Holds { .. } | Kept::OutOfScope { .. } => 0,
    };
    let mut worst: Vec<_> =
        invariants.promises.iter().filter(|promise| rank(&promise.verdict) > 0).collect();
    worst.sort_by_key(|promise| std::cmp::Reverse(rank(&promise.verdict)));
    let rows = worst.into_iter().map(|promise| {
        let (word, reason) = crate::render::promises::word(&promise.verdict);
        let told = match reason {
            Some(reason) => format!("{}, since {reason}", promise.says),
            None => promise.says.clone(),
        };
        vec![word.to_owned(), code(&promise.id()), prose(&told)]
    });
    Section::table("Promises", "promises", &["verdict", "promise", "what it says"], rows)
}
