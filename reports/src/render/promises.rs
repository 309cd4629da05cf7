//! The report for people where promises of the schema were tested: what is broken first, then
//! the risks, then a line per invariant, and the verdict last.

use std::collections::BTreeMap;

use super::text::{GREEN, RED, YELLOW, allowed, finding, painted, plural, server};
use super::{Colour, clean};
use crate::model::{Finding, Invariants, Kept, Outcome, Promise, Report, Severity};
use crate::table::{Cell, Table};

/// How many places of one risk are listed before the rest is only counted.
const PLACES_SHOWN: usize = 12;

pub(super) fn render(report: &Report, invariants: &Invariants, colour: Colour) -> String {
    let mut out = header(report, invariants);
    out.push('\n');
    for told in in_order(&report.findings) {
        out.push_str(&finding(&told, colour));
        out.push('\n');
    }
    if !invariants.promises.is_empty() {
        out.push_str(&summary(invariants, colour).render());
        out.push('\n');
    }
    out.push_str(&soft_deletes(invariants));
    out.push_str(&untested(invariants));
    out.push_str(&allowed(report));
    out.push_str(&verdict(report, invariants, colour));
    out
}

fn header(report: &Report, invariants: &Invariants) -> String {
    let project = &report.project;
    let detected = project.detected_by.as_ref().map(|by| format!(" ({by})")).unwrap_or_default();
    let tested = if project.format == "database" {
        format!("database {}{detected}", project.folder)
    } else {
        format!("{}: format {}{detected}", project.folder, project.format)
    };
    let seed = invariants.seed;
    format!("{}\n{}seed {seed}\n", clean::line(&tested), server(report))
}

/// The findings, the worst first; those that say the same of several tables are one.
fn in_order(findings: &[Finding]) -> Vec<Finding> {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut told: Vec<Vec<&Finding>> = Vec::new();
    for finding in sorted {
        let same = |group: &&mut Vec<&Finding>| {
            finding.severity < Severity::Error
                && finding.promise.is_some()
                && group[0].rule == finding.rule
                && group[0].severity == finding.severity
        };
        match told.iter_mut().find(same) {
            Some(group) => group.push(finding),
            None => told.push(vec![finding]),
        }
    }
    told.iter().map(|group| merged(group)).collect()
}

/// One finding for several of the same rule: the first one, with the places of the others.
fn merged(findings: &[&Finding]) -> Finding {
    let mut one = findings[0].clone();
    let rest = &findings[1..];
    if rest.is_empty() {
        return one;
    }
    let place = |finding: &&Finding| {
        let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
        format!("{}  {}{line}", finding.promise.as_deref().unwrap_or_default(), finding.file)
    };
    let mut lines = vec!["the same is true of".to_owned()];
    lines.extend(rest.iter().take(PLACES_SHOWN).map(place));
    if rest.len() > PLACES_SHOWN {
        lines.push(format!("and {} more", rest.len() - PLACES_SHOWN));
    }
    one.notes.push(lines.join("\n"));
    one.help = joined(findings.iter().filter_map(|finding| finding.help.as_deref()));
    one.mend = joined(findings.iter().filter_map(|finding| finding.mend.as_deref()));
    one
}

/// All the texts, each once.
fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut all: Vec<&str> = Vec::new();
    for text in texts {
        if !all.contains(&text) {
            all.push(text);
        }
    }
    (!all.is_empty()).then(|| all.join("\n"))
}

/// A line per invariant.
fn summary(invariants: &Invariants, colour: Colour) -> Table {
    let mut order: Vec<&str> = Vec::new();
    let mut by_invariant: BTreeMap<&str, Vec<&Promise>> = BTreeMap::new();
    for promise in &invariants.promises {
        let group = by_invariant.entry(&promise.invariant).or_default();
        if group.is_empty() {
            order.push(&promise.invariant);
        }
        group.push(promise);
    }
    let mut table = Table::default();
    let head = ["invariant", " promises", " cases"];
    table.push(vec![Cell::left(head[0]), Cell::right(head[1]), Cell::right(head[2])]);
    for id in order {
        let promises = &by_invariant[id];
        let cases: usize = promises.iter().map(|promise| cases_of(promise)).sum();
        let counts = Counts::of(promises.iter().copied());
        let paint = match counts {
            Counts { broken: 1.., .. } => RED,
            Counts { risks: 1.., .. } | Counts { allowed: 1.., .. } => YELLOW,
            Counts { untested: 1.., .. } => YELLOW,
            _ => GREEN,
        };
        let words = if counts.hold == promises.len() {
            "holds".to_owned()
        } else {
            counts.words().join(", ")
        };
        table.push(vec![
            Cell::left(clean::line(id)),
            Cell::right(grouped(promises.len())),
            // Cases are only counted where all of them came out as they should.
            Cell::right(if cases > 0 { grouped(cases) } else { String::new() }),
            Cell::over(format!(" {words}")).painted(|words| painted(words, paint, colour)),
        ]);
    }
    table
}

fn cases_of(promise: &Promise) -> usize {
    match promise.verdict {
        Kept::Holds { cases } => cases,
        _ => 0,
    }
}

/// How many promises came out in which way.
#[derive(Default)]
struct Counts {
    hold: usize,
    broken: usize,
    risks: usize,
    allowed: usize,
    untested: usize,
}

impl Counts {
    fn of<'a>(promises: impl Iterator<Item = &'a Promise>) -> Self {
        let mut counts = Self::default();
        for promise in promises {
            *match promise.verdict {
                Kept::Holds { .. } => &mut counts.hold,
                Kept::Broken => &mut counts.broken,
                Kept::Risk => &mut counts.risks,
                Kept::Allowed { .. } => &mut counts.allowed,
                Kept::Untested { .. } => &mut counts.untested,
            } += 1;
        }
        counts
    }

    /// Those that are not zero, the worst first.
    fn words(&self) -> Vec<String> {
        let risks = if self.risks == 1 { "risk" } else { "risks" };
        let holds = if self.hold == 1 { "holds" } else { "hold" };
        let all = [
            (self.broken, "broken"),
            (self.risks, risks),
            (self.untested, "not tested"),
            (self.allowed, "allowed"),
            (self.hold, holds),
        ];
        let there = all.into_iter().filter(|(count, _)| *count > 0);
        there.map(|(count, word)| format!("{} {word}", grouped(count))).collect()
    }
}

fn soft_deletes(invariants: &Invariants) -> String {
    let line = |soft: &crate::model::SoftDelete| {
        let because = soft.because.join(", ");
        let why = if because.is_empty() { String::new() } else { format!(" ({because})") };
        let told =
            format!("soft delete: {}.{}, live where {}{why}", soft.table, soft.column, soft.live);
        clean::line(&told) + "\n"
    };
    invariants.soft_deletes.iter().map(line).collect()
}

/// What could not be tried, a line per reason, and what the time did not suffice for.
fn untested(invariants: &Invariants) -> String {
    let mut by_reason: BTreeMap<&str, BTreeMap<&str, Vec<&Promise>>> = BTreeMap::new();
    for promise in &invariants.promises {
        if let Kept::Untested { reason } = &promise.verdict {
            let tables = by_reason.entry(reason).or_default();
            tables.entry(&promise.table).or_default().push(promise);
        }
    }
    let mut out = String::new();
    for (reason, tables) in by_reason {
        let of_table = |(table, promises): (&&str, &Vec<&Promise>)| match promises.as_slice() {
            [one] => one.id(),
            many => format!("{} promises of {table}", many.len()),
        };
        let what = shown(tables.iter().map(of_table).collect()).join(", ");
        out.push_str(&clean::line(&format!("not tested: {what}, since {reason}")));
        out.push('\n');
    }
    if !invariants.not_reached.is_empty() {
        out.push_str("not reached in the time:\n");
        for what in shown(invariants.not_reached.clone()) {
            out.push_str(&format!("  {}\n", clean::line(&what)));
        }
    }
    out
}

/// The first ones, and how many more there are.
fn shown(mut all: Vec<String>) -> Vec<String> {
    let rest = all.len().saturating_sub(PLACES_SHOWN);
    all.truncate(PLACES_SHOWN);
    if rest > 0 {
        all.push(format!("and {rest} more"));
    }
    all
}

fn verdict(report: &Report, invariants: &Invariants, colour: Colour) -> String {
    let counts = Counts::of(invariants.promises.iter());
    let promises = format!("{} promise{}", grouped(counts.hold), plural(counts.hold));
    let cases = format!("{} case{}", grouped(invariants.cases), plural(invariants.cases));
    let rest = Counts { hold: 0, broken: 0, ..counts }.words();
    let rest = if rest.is_empty() { String::new() } else { format!("; {}", rest.join(", ")) };
    match report.outcome {
        Outcome::Held => {
            format!("{}: {promises}, {cases}{rest}\n", painted("held", GREEN, colour))
        }
        Outcome::Incomplete => {
            let word = painted("not all could be tested", YELLOW, colour);
            format!("{word}: {promises} held, {cases}{rest}\n")
        }
        Outcome::Found => {
            let (errors, warnings) =
                (report.count(Severity::Error), report.count(Severity::Warning));
            let found = [(errors, "error"), (warnings, "warning")]
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, word)| format!("{count} {word}{}", plural(count)));
            let found = found.collect::<Vec<_>>().join(" and ");
            let word = painted("found", RED, colour);
            format!("{word} {found}: {promises} held, {cases}{rest}\n")
        }
    }
}

/// A number with its thousands apart: `14,233`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
