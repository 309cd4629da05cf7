//! Markdown for the summary of a job and the comment on a pull request: the verdict first, what is
//! behind it in sections, the machine last.

mod escape;
mod gates;
mod load;
mod schema;
mod section;

use super::index::verdict::told;
use super::{Colour, Renderer, mutants, promises, text};
use crate::figures::{bytes, grouped, listed, milliseconds, number, plural};
use crate::gate::Verdict;
use crate::model::{Outcome, Part, Report, Severity};
use escape::prose;
use section::Section;

pub(super) const RENDERER: Renderer = Renderer {
    name: "markdown",
    summary: "Markdown for the summary of a job, at most 1 MiB",
    render: |report, _| markdown(report, SUMMARY),
};

pub(super) const COMMENT: Renderer = Renderer {
    name: "comment",
    summary: "Markdown for a comment on a pull request, at most 65,536 characters",
    render: |report, _| format!("{MARKER}{}", markdown(report, BODY - MARKER.len())),
};

/// By which a comment is found again to be updated. It is not seen.
const MARKER: &str = "<!-- shakedown -->\n";

/// What GitHub takes for the summary of one step.
const SUMMARY: usize = 1024 * 1024;

/// What GitHub takes for a comment, in characters, of which there are never more than bytes.
const BODY: usize = 65_536;

/// The report as Markdown of at most so many bytes: where they do not suffice, the worst of each
/// section is there and the rest counted. Less than a kilobyte holds the verdict at least.
pub fn markdown(report: &Report, limit: usize) -> String {
    let mut out = format!("### shakedown: {}\n", headline(report));
    // The last line keeps its room while all before it take theirs.
    let last = environment(report);
    let room = |out: &String| limit.saturating_sub(out.len() + last.len());
    let numbers = numbers(report);
    if numbers.len() <= room(&out) {
        out += &numbers;
    }
    out += &section::fit(&sections(report), room(&out));
    if out.len() + last.len() <= limit {
        out += &last;
    }
    out
}

fn sections(report: &Report) -> Vec<Section> {
    let mut all = Vec::new();
    all.extend(report.gates.as_ref().map(gates::section));
    all.push(schema::findings(report));
    all.push(schema::migrations(report));
    all.extend(report.invariants.as_ref().map(schema::promises));
    if let Some(load) = &report.load {
        all.push(load::cells(load));
        all.extend(load.advice.as_ref().map(load::advice));
    }
    let advice = report.indexes.as_ref().and_then(|indexes| indexes.advice.as_ref());
    all.extend(advice.map(load::index_advice));
    all.push(parts(&report.parts));
    all.retain(|section| !section.is_empty());
    all
}

/// The verdict in one line.
fn headline(report: &Report) -> String {
    let regressions = report.gates.as_ref().map_or(0, |gates| gates.count(&Verdict::Regress));
    let counts = [
        (report.count(Severity::Error), "error"),
        (report.count(Severity::Warning), "warning"),
        (regressions, "regression"),
    ];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}{}", grouped(count as u64), plural(count as u64)))
        .collect();
    let also =
        if counts.is_empty() { String::new() } else { format!(", with {}", listed(&counts)) };
    match report.outcome {
        Outcome::Held => format!("held{also}"),
        Outcome::Incomplete => format!("not all could be tested{also}"),
        Outcome::Found if counts.is_empty() => "found that not all is as it should be".to_owned(),
        Outcome::Found => format!("found {}", listed(&counts)),
    }
}

/// The few numbers behind the verdict, a line for each part that the report has.
fn numbers(report: &Report) -> String {
    let mut lines = Vec::new();
    if !report.migrations.is_empty() {
        lines.push(("migrations", text::by_verdict(report)));
        lines.push(("chain", text::chain(report)));
    }
    if let Some(invariants) = &report.invariants {
        lines.push(("promises", promises::by_verdict(invariants)));
    }
    if let Some(strength) = &report.strength {
        lines.push(("mutants", mutants::verdict(strength, Colour::No)));
    }
    lines.extend(report.load.as_ref().map(|load| ("load", super::load::measured(load))));
    lines.extend(report.indexes.as_ref().map(|indexes| ("indexes", told(indexes))));
    lines.extend(report.gates.as_ref().map(|gates| ("gates", gates::counted(gates))));
    let lines: String =
        lines.iter().map(|(what, told)| format!("- {what}: {}\n", prose(told))).collect();
    format!("\n{lines}")
}

fn parts(parts: &[Part]) -> Section {
    let row = |part: &Part| {
        let outcome = match part.outcome {
            Some(Outcome::Held) => "held",
            Some(Outcome::Found) => "found",
            Some(Outcome::Incomplete) => "not all could be tested",
            None if part.late => "no time for it",
            None => "did not run",
        };
        let told: Vec<&str> =
            part.reason.iter().chain(&part.left_out).map(String::as_str).collect();
        let took = milliseconds(part.duration_ms);
        vec![prose(&part.name), outcome.to_owned(), took, prose(&told.join("; "))]
    };
    Section::table(
        "Parts",
        "parts",
        &["part", "outcome", "took", "left out"],
        parts.iter().map(row),
    )
}

/// What it was tested on and with.
fn environment(report: &Report) -> String {
    let server = text::server(report);
    let mut facts = vec![server.trim_end().to_owned()];
    if let Some(machine) = &report.environment {
        let mut told = vec![format!("{} {}", machine.os, machine.arch)];
        told.extend(machine.processor.clone());
        let processors = machine.processors as u64;
        told.push(format!("{processors} processor{}", plural(processors)));
        told.extend(machine.memory.map(|memory| format!("{} of memory", bytes(memory as f64))));
        let load = machine.load_average;
        told.extend(load.map(|load| format!("load average {}", number(load))));
        facts.push(told.join(", "));
    }
    let tool = &report.tool;
    facts.push(format!("{} {}, begun at {}", tool.name, tool.version, report.started_at));
    format!("\n<sub>{}</sub>\n", prose(&facts.join("; ")))
}
