//! What a person should look at, from whatever part of the report: for formats that list problems.

use super::gates::words;
use super::{clean, load};
use crate::gate::{Gates, Inconclusive, Verdict};
use crate::model::{Finding, Report, Severity};

/// Longer pieces of SQL are left to the formats that have room for them.
const SQL_SHOWN: usize = 1_000;

/// One problem, in words that can be printed.
pub(super) struct Problem {
    pub(super) severity: Severity,
    /// The rule, or what kind of problem it is.
    pub(super) title: String,
    /// The file to look at and the line in it, where there is one.
    pub(super) file: Option<String>,
    pub(super) line: Option<u32>,
    /// What is wrong and what to do about it, in one or more lines.
    pub(super) message: String,
}

impl Problem {
    fn new(severity: Severity, title: &str, message: &str) -> Self {
        let message = clean::text(message);
        Self { severity, title: clean::line(title), file: None, line: None, message }
    }
}

/// All problems of a report, the worst first.
pub(super) fn of(report: &Report) -> Vec<Problem> {
    let mut all: Vec<Problem> = report.findings.iter().map(finding).collect();
    all.extend(report.gates.iter().flat_map(gates));
    all.extend(failures(report));
    all.extend(not_run(report));
    all.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
    all
}

fn finding(finding: &Finding) -> Problem {
    let mut message = finding.message.trim_end().to_owned();
    let help = finding.help.as_deref().map(str::trim_end);
    let mend = finding.mend.as_deref().map(str::trim_end);
    for more in [help, mend.filter(|mend| mend.len() <= SQL_SHOWN)].into_iter().flatten() {
        message.push('\n');
        message.push_str(more);
    }
    Problem {
        file: Some(clean::line(&finding.file)).filter(|file| !file.is_empty()),
        line: finding.line,
        ..Problem::new(finding.severity, &finding.rule, &message)
    }
}

fn gates(gates: &Gates) -> Vec<Problem> {
    let undecided = match gates.inconclusive {
        Inconclusive::Fail => Severity::Error,
        Inconclusive::Undecided => Severity::Warning,
        Inconclusive::Pass => Severity::Risk,
    };
    let mut worst: Vec<_> = gates.gates.iter().collect();
    worst.sort_by(|one, other| words::worst_first(one, other));
    let problem = |gate: &crate::gate::Gate| {
        let severity = match gate.verdict {
            Verdict::Regress => Severity::Error,
            Verdict::Inconclusive => undecided,
            Verdict::Pass | Verdict::Allowed { .. } => return None,
        };
        let mut lines = vec![words::sentence(gate)];
        lines.extend(gate.notes.iter().cloned());
        Some(Problem::new(severity, "gate", &lines.join("\n")))
    };
    worst.into_iter().filter_map(problem).collect()
}

/// Operations that failed though they should not.
fn failures(report: &Report) -> Vec<Problem> {
    let mut all = Vec::new();
    if let Some(load) = &report.load {
        let compared = load.cells.len() > 1;
        for cell in load.cells.iter().filter(|cell| cell.fails(compared)) {
            let failures = load::failures(cell).unwrap_or_default();
            let message = format!("{}: {failures}", cell.name);
            all.push(Problem::new(Severity::Error, "load", &message));
        }
    }
    for one in report.indexes.iter().flat_map(|indexes| &indexes.base) {
        if one.failed > 0 {
            let why = one.failure.as_deref().unwrap_or("it failed");
            let message = format!("{}: {why}", one.name);
            all.push(Problem::new(Severity::Error, "operation", &message));
        }
    }
    all
}

/// Parts that did not run to their end: what they would have found is not known.
fn not_run(report: &Report) -> impl Iterator<Item = Problem> {
    report.parts.iter().filter_map(|part| {
        let reason = part.reason.as_deref()?;
        let message = format!("{}: {reason}", part.name);
        Some(Problem::new(Severity::Warning, "not all was done", &message))
    })
}
