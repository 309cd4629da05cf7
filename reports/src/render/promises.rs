//! The report for people where promises of the schema were tested: what is broken first, then
//! the risks, then a line per invariant, and the verdict last.

use std::collections::BTreeMap;

use super::text::{GREEN, RED, YELLOW, allowed, finding, painted, plural, server, tested};
use super::{Colour, clean};
use crate::figures;
use crate::model::{Finding, Invariants, Kept, Outcome, Promise, Report, Severity};
use crate::table::{Cell, Table};

/// How many other places of one risk are listed before the rest is only counted.
const PLACES_SHOWN: usize = 5;

/// How many promises are listed that the time did not suffice for.
const LATE_SHOWN: usize = 12;

/// How many tables are named where something is said of many.
const TABLES_SHOWN: usize = 2;

/// How many of the reasons are told to take a column for a soft delete.
const REASONS_SHOWN: usize = 2;

pub(super) fn render(report: &Report, invariants: &Invariants, colour: Colour) -> String {
    let mut out = header(report, invariants);
    out.push('\n');
    for told in in_order(report) {
        out.push_str(&finding(&told, colour));
        out.push('\n');
    }
    if !invariants.promises.is_empty() {
        out.push_str(&summary(invariants, colour).render());
        out.push('\n');
    }
    out.push_str(&soft_deletes(invariants));
    out.push_str(&untested(invariants));
    out.push_str(&not_reached(invariants));
    out.push_str(&allowed(report));
    out.push_str(&verdict(report, invariants, colour));
    out
}

fn header(report: &Report, invariants: &Invariants) -> String {
    let seed = invariants.seed;
    format!("{}\n{}seed {seed}\n", clean::line(&tested(report)), server(report))
}

/// The findings, the worst first; those that say the same of several tables are one.
pub(super) fn in_order(report: &Report) -> Vec<Finding> {
    let mut sorted: Vec<&Finding> = report.findings.iter().collect();
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
    told.iter().map(|group| merged(group, &report.project.folder)).collect()
}

/// One finding for several of the same rule: the first one, with the places of the others, as
/// seen from the `folder` of the project.
fn merged(findings: &[&Finding], folder: &str) -> Finding {
    let mut one = findings[0].clone();
    let rest = &findings[1..];
    if rest.is_empty() {
        return one;
    }
    one.message = format!("{}, and {} more like it", one.message, rest.len());
    let mut places = Table::default();
    for finding in rest.iter().take(PLACES_SHOWN) {
        let promise = finding.promise.as_deref().unwrap_or_default();
        let object = promise.split_once(':').map_or(promise, |(_, object)| object);
        let inside = finding.file.strip_prefix(folder).map(|path| path.trim_start_matches('/'));
        let file = inside.filter(|path| !path.is_empty()).unwrap_or(&finding.file);
        let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
        places.push(vec![Cell::left(object), Cell::left(format!("{file}{line}"))]);
    }
    let mut note = format!("the same is true of\n{}", places.render());
    if rest.len() > PLACES_SHOWN {
        note.push_str(&format!("  and {} more", rest.len() - PLACES_SHOWN));
    }
    one.notes.push(note.trim_end().to_owned());
    one.mend = sql(findings.iter().filter_map(|finding| finding.mend.as_deref()));
    one
}

/// The statements of all, one below the other; a comment that several share comes once.
fn sql<'a>(mends: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut all: Vec<&str> = Vec::new();
    for line in mends.flat_map(str::lines) {
        if !(line.starts_with("-- ") && all.contains(&line)) {
            all.push(line);
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
            Counts { untested: 1.., .. } | Counts { unmodelled: 1.., .. } => YELLOW,
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

/// What came of a promise, in one or two words, and why if there is a reason.
pub(crate) fn word(kept: &Kept) -> (&'static str, Option<&str>) {
    match kept {
        Kept::Holds { .. } => ("holds", None),
        Kept::Broken => ("broken", None),
        Kept::Risk => ("risk", None),
        Kept::Allowed { reason } => ("allowed", Some(reason)),
        Kept::Untested { reason } => ("not tested", Some(reason)),
        Kept::OutOfScope { reason } => ("not modelled", Some(reason)),
    }
}

/// How many promises came out in which way, the worst first: `1 broken, 40 hold`.
pub(super) fn by_verdict(invariants: &Invariants) -> String {
    Counts::of(invariants.promises.iter()).words().join(", ")
}

/// How many promises came out in which way.
#[derive(Default)]
struct Counts {
    hold: usize,
    broken: usize,
    risks: usize,
    allowed: usize,
    untested: usize,
    unmodelled: usize,
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
                Kept::OutOfScope { .. } => &mut counts.unmodelled,
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
            (self.unmodelled, "not modelled"),
            (self.allowed, "allowed"),
            (self.hold, holds),
        ];
        let there = all.into_iter().filter(|(count, _)| *count > 0);
        there.map(|(count, word)| format!("{} {word}", grouped(count))).collect()
    }
}

fn soft_deletes(invariants: &Invariants) -> String {
    let line = |soft: &crate::model::SoftDelete| {
        let because: Vec<&str> =
            soft.because.iter().take(REASONS_SHOWN).map(String::as_str).collect();
        let why = match because.as_slice() {
            [] => String::new(),
            because => format!(" ({})", because.join("; ")),
        };
        let told =
            format!("soft delete: {}.{}, live where {}{why}", soft.table, soft.column, soft.live);
        clean::line(&told) + "\n"
    };
    invariants.soft_deletes.iter().map(line).collect()
}

/// What could not be tried, and what no invariant speaks for: a line per kind of reason.
fn untested(invariants: &Invariants) -> String {
    let mut kinds: BTreeMap<(&str, String), Vec<(&str, &Promise)>> = BTreeMap::new();
    for promise in &invariants.promises {
        let (what, reason) = match &promise.verdict {
            Kept::Untested { reason } => ("not tested", reason),
            Kept::OutOfScope { reason } => ("not modelled", reason),
            _ => continue,
        };
        kinds.entry((what, kind(reason))).or_default().push((reason, promise));
    }
    let line = |((what, _), all): (&(&str, String), &Vec<(&str, &Promise)>)| {
        let reason = all[0].0;
        let alike = all.iter().all(|(other, _)| *other == reason);
        let since = if alike { "since" } else { "the first since" };
        let promises: Vec<&Promise> = all.iter().map(|(_, promise)| *promise).collect();
        let of = match promises.as_slice() {
            [one] => one.id(),
            many if *what == "not modelled" => tables(many),
            many => format!("{} promises of {}", grouped(many.len()), tables(many)),
        };
        clean::line(&format!("{what}: {of}, {since} {reason}")) + "\n"
    };
    kinds.iter().map(line).collect()
}

/// A reason without the names in it.
fn kind(reason: &str) -> String {
    let unquoted = reason.split('`').step_by(2).collect::<Vec<_>>().join("_");
    let is_name = |word: &&str| word.trim_end_matches(['.', ',', ':']).contains(['.', '_']);
    let words = unquoted.split_whitespace().filter(|word| !is_name(word));
    words.collect::<Vec<_>>().join(" ")
}

/// The tables that promises are about: `public.a, public.b and 1 more table`.
fn tables(promises: &[&Promise]) -> String {
    let mut tables: Vec<&str> = Vec::new();
    for promise in promises {
        if !tables.contains(&promise.table.as_str()) {
            tables.push(&promise.table);
        }
    }
    let rest = tables.len().saturating_sub(TABLES_SHOWN);
    tables.truncate(TABLES_SHOWN);
    match rest {
        0 => tables.join(" and "),
        _ => format!("{} and {rest} more table{}", tables.join(", "), plural(rest)),
    }
}

fn not_reached(invariants: &Invariants) -> String {
    let late = &invariants.not_reached;
    if late.is_empty() {
        return String::new();
    }
    let mut out = "not reached in the time:\n".to_owned();
    for what in late.iter().take(LATE_SHOWN) {
        out.push_str(&format!("  {}\n", clean::line(what)));
    }
    if late.len() > LATE_SHOWN {
        out.push_str(&format!("  and {} more\n", late.len() - LATE_SHOWN));
    }
    out
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

fn grouped(number: usize) -> String {
    figures::grouped(number as u64)
}
