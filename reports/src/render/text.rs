//! The report for people: what was tested, a line per migration, the findings with the
//! script's own lines, and the verdict last.

use annotate_snippets::renderer::{DecorStyle, Renderer};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Snippet};
use anstyle::AnsiColor;

use super::{Colour, clean, gates, index, load, mutants, promises, run};
use crate::model::{
    BeganWith, Chain, Change, Finding, How, Migration, Outcome, Place, Report, Severity, Verdict,
};
use crate::table::{Cell, Table};

pub(super) const RENDERER: super::Renderer = super::Renderer {
    name: "text",
    summary: "for people, as it is printed on the terminal",
    render,
};

/// Longer histories fold their runs of reversible migrations into one line each.
const SHOWN_IN_FULL: usize = 40;

/// How many lines of SQL a finding shows.
const SQL_LINES_SHOWN: usize = 25;

/// How many changed objects a finding lists before it only counts the rest.
const CHANGES_SHOWN: usize = 12;

fn render(report: &Report, colour: Colour) -> String {
    if !report.parts.is_empty() {
        return run::render(report, colour);
    }
    if let Some(gates) = &report.gates {
        return gates::render(report, gates, colour);
    }
    if let Some(indexes) = &report.indexes {
        return index::render(report, indexes, colour);
    }
    if let Some(load) = &report.load {
        return self::load::render(report, load, colour);
    }
    if let Some(strength) = &report.strength {
        return mutants::render(report, strength, colour);
    }
    if let Some(invariants) = &report.invariants {
        return promises::render(report, invariants, colour);
    }
    let mut out = header(report);
    out.push('\n');
    out.push_str(&migrations(report, colour).render());
    out.push('\n');
    for finding in &report.findings {
        out.push_str(&self::finding(finding, colour));
        out.push('\n');
    }
    out.push_str(&allowed(report));
    out.push_str(&chain(report));
    out.push('\n');
    out.push_str(&verdict(report, colour));
    out
}

fn header(report: &Report) -> String {
    let project = &report.project;
    let detected = project.detected_by.as_ref().map(|by| format!(" ({by})")).unwrap_or_default();
    let count = report.migrations.len();
    let tested = format!(
        "{}: {count} migration{}, format {}{detected}",
        project.folder,
        plural(count),
        project.format
    );
    let began = project
        .began_with
        .as_ref()
        .map_or(String::new(), |began| format!("{}\n", clean::line(&self::began_with(began))));
    format!("{}\n{began}{}", clean::line(&tested), server(report))
}

/// What the migrations were tested on, where that was no empty database.
pub(super) fn began_with(began: &BeganWith) -> String {
    format!(
        "on a clone of the database {}, with its rows and {} migration{} applied",
        began.database,
        began.applied,
        plural(began.applied)
    )
}

/// What was tested, where it is not migrations one by one.
pub(super) fn tested(report: &Report) -> String {
    let project = &report.project;
    let detected = project.detected_by.as_ref().map(|by| format!(" ({by})")).unwrap_or_default();
    if project.format == "database" {
        format!("database {}{detected}", project.folder)
    } else {
        format!("{}: format {}{detected}", project.folder, project.format)
    }
}

/// The line that says what it was tested on.
pub(super) fn server(report: &Report) -> String {
    let server = &report.server;
    let profile =
        server.profile.as_ref().map(|profile| format!(", {profile} profile")).unwrap_or_default();
    let server = format!("PostgreSQL {}, {}{profile}", server.version, server.way);
    format!("{}\n", clean::line(&server))
}

fn migrations(report: &Report, colour: Colour) -> Table {
    let mut table = Table::default();
    let fold = report.migrations.len() > SHOWN_IN_FULL;
    let mut rest = report.migrations.as_slice();
    while let [first, ..] = rest {
        let run = rest.iter().take_while(|migration| migration.verdict == first.verdict).count();
        let quiet = matches!(
            first.verdict,
            Verdict::Reversible | Verdict::ForwardOnly | Verdict::NotReached | Verdict::NotSelected
        );
        let shown = if fold && quiet && run > 2 { 1 } else { run };
        for migration in &rest[..shown] {
            table.push(row(migration, colour));
        }
        if shown < run {
            let last = clean::line(&rest[run - 1].id);
            let folded = format!("... {} more, to {last}", run - shown);
            table.push(vec![Cell::left(""), Cell::over(folded)]);
        }
        rest = &rest[run..];
    }
    table
}

/// What is known of a migration, in one or two words.
pub(crate) fn word(verdict: &Verdict) -> &'static str {
    painted_word(verdict).0
}

fn painted_word(verdict: &Verdict) -> (&'static str, Option<AnsiColor>) {
    match verdict {
        Verdict::Reversible => ("reversible", GREEN),
        Verdict::ForwardOnly => ("applied", GREEN),
        Verdict::Irreversible { .. } => ("irreversible", YELLOW),
        Verdict::Flawed => ("flawed", RED),
        Verdict::Allowed => ("allowed", YELLOW),
        Verdict::Untested { .. } => ("not tested", YELLOW),
        Verdict::NotSelected => ("not selected", PLAIN),
        Verdict::NotReached => ("not reached", YELLOW),
    }
}

fn row(migration: &Migration, colour: Colour) -> Vec<Cell> {
    let (word, paint) = painted_word(&migration.verdict);
    let mut row = vec![
        Cell::left(word).painted(|word| painted(word, paint, colour)),
        Cell::left(clean::line(&migration.id)),
    ];
    if let Verdict::Irreversible { reason } | Verdict::Untested { reason } = &migration.verdict {
        row.push(Cell::over(format!(" {}", clean::line(reason))));
        return row;
    }
    let timings = migration.timings;
    for (name, ms) in
        [("up", timings.up_ms), ("down", timings.down_ms), ("up again", timings.reapply_ms)]
    {
        let took = ms.map(|ms| (format!(" {name}"), format!("{ms:.1} ms")));
        let (name, took) = took.unwrap_or_default();
        row.extend([Cell::left(name), Cell::right(took)]);
    }
    row
}

/// One finding as the terminal shows it, ending in a line break.
pub(super) fn finding(finding: &Finding, colour: Colour) -> String {
    let finding = &clean::finding(finding);
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Risk => Level::WARNING.with_name("risk"),
    };
    let title = level.primary_title(finding.message.as_str()).id(finding.rule.as_str());
    let mut group = Group::with_title(title);
    if finding.places.is_empty() {
        let origin = Origin::path(finding.file.as_str());
        group = group.element(match finding.line {
            Some(line) => origin.line(line as usize),
            None => origin,
        });
    }
    for (index, place) in finding.places.iter().enumerate() {
        group = group.element(snippet(place, index == 0));
    }
    // One object that is wholly there or gone is in the title already.
    let told = matches!(finding.changes.as_slice(), [only] if only.details.is_empty());
    if !finding.changes.is_empty() && !told {
        group = group.element(Level::NOTE.message(changes(&finding.changes)));
    }
    for note in &finding.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(promise) = &finding.promise {
        group = group.element(Level::NOTE.message(format!("the promise is `{promise}`")));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = match colour {
        Colour::Yes => Renderer::styled(),
        Colour::No => Renderer::plain(),
    };
    let told = renderer.decor_style(DecorStyle::Ascii).render(&[group]);
    let mend = finding.mend.as_deref().map(|mend| sql(mend, "the field `mend` of the JSON report"));
    // A risk is told by its words; what shows that something is broken is worth the room.
    let script = finding.script.as_deref().filter(|_| finding.severity == Severity::Error);
    let script = script.map(|script| {
        sql(script, "its stored .sql file and the field `script` of the JSON report")
    });
    without_trailing_blanks(&[Some(told), mend, script].into_iter().flatten().collect::<String>())
}

/// SQL at the left edge, so that it can be copied as it is. `whole` is where all of it is.
fn sql(text: &str, whole: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut shown: Vec<&str> = vec!["", ""];
    shown.extend(lines.iter().take(SQL_LINES_SHOWN));
    let mut text = shown.join("\n");
    if lines.len() > SQL_LINES_SHOWN {
        let rest = lines.len() - SQL_LINES_SHOWN;
        text.push_str(&format!("\n-- and {rest} more lines: all of it is in {whole}"));
    }
    text
}

fn snippet(place: &Place, primary: bool) -> Snippet<'_, Annotation<'_>> {
    let kind = if primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let mut mark = kind.span(place.start..place.end);
    if !place.label.is_empty() {
        mark = mark.label(place.label.as_str());
    }
    Snippet::source(place.text.as_str())
        .line_start(place.line as usize)
        .path(place.file.as_str())
        .fold(false)
        .annotation(mark)
}

/// The changed objects, one line each, with what differs below.
fn changes(changes: &[Change]) -> String {
    let mut lines = vec!["not as it was before:".to_owned()];
    for change in changes.iter().take(CHANGES_SHOWN) {
        let how = match change.how {
            How::LeftBehind => "left behind",
            How::Lost => "lost",
            How::Differs => "differs",
        };
        lines.push(format!("  {how}: {}", change.object));
        lines.extend(change.details.iter().map(|detail| format!("    {detail}")));
    }
    if changes.len() > CHANGES_SHOWN {
        lines.push(format!("  and {} more", changes.len() - CHANGES_SHOWN));
    }
    lines.join("\n")
}

/// What the user allows is not shown, but that it is there is.
pub(super) fn allowed(report: &Report) -> String {
    let rules: Vec<String> = report
        .allowed
        .iter()
        .map(|(rule, count)| format!("{count} {}", clean::line(rule)))
        .collect();
    if rules.is_empty() { String::new() } else { format!("allowed: {}\n", rules.join(", ")) }
}

/// What became of the whole way, as one line without its end.
pub(super) fn chain(report: &Report) -> String {
    let way = |steps: &usize| format!("{steps} step{} down and up again", plural(*steps));
    let outcome = match &report.chain {
        Chain::Restored { steps, stops, untried } => {
            let across = match stops.as_slice() {
                [] => String::new(),
                [stop] => format!("; not across `{}`: {}", stop.migration, stop.reason),
                many => {
                    format!("; not across the {} migrations that have no way back", many.len())
                }
            };
            let rest = untried.as_ref().map(|untried| {
                format!("; not tried for {} more, since {}", untried.steps, untried.reason)
            });
            format!("{}, restored{across}{}", way(steps), rest.unwrap_or_default())
        }
        Chain::Broken { told_by_steps: true, .. } if report.findings.is_empty() => {
            "not restored, for reasons that are allowed".to_owned()
        }
        Chain::Broken { told_by_steps: true, .. } => {
            "not restored, for the reasons above".to_owned()
        }
        Chain::Broken { steps, .. } => format!("{}, not restored", way(steps)),
        Chain::NotRun { reason } => format!("not run, {reason}"),
    };
    clean::line(&format!("head to base to head: {outcome}"))
}

/// How many migrations have which verdict: `11 reversible, 1 flawed`.
pub(super) fn by_verdict(report: &Report) -> String {
    let of = |wanted: fn(&Verdict) -> bool| {
        report.migrations.iter().filter(|migration| wanted(&migration.verdict)).count()
    };
    let applied = report.project.began_with.as_ref().map_or(0, |began| began.applied);
    let parts: Vec<String> = [
        (of(|v| *v == Verdict::Reversible), "reversible"),
        (of(|v| matches!(v, Verdict::Irreversible { .. })), "irreversible on purpose"),
        (of(|v| *v == Verdict::ForwardOnly), "applied, forward only"),
        (of(|v| *v == Verdict::Flawed), "flawed"),
        (of(|v| *v == Verdict::Allowed), "with flaws that are allowed"),
        (of(|v| matches!(v, Verdict::Untested { .. })), "not tested"),
        (applied, "already applied"),
        (of(|v| *v == Verdict::NotSelected).saturating_sub(applied), "not selected"),
        (of(|v| *v == Verdict::NotReached), "not reached"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    if parts.is_empty() { "no migrations".to_owned() } else { parts.join(", ") }
}

fn verdict(report: &Report, colour: Colour) -> String {
    let summary = by_verdict(report);
    let allowed = report.allowed.values().fold(0, |sum: usize, count| sum.saturating_add(*count));
    let allowed = if allowed > 0 { format!(", {allowed} allowed") } else { String::new() };
    match report.outcome {
        Outcome::Held => {
            let began = report.project.began_with.as_ref();
            let all = began.is_some_and(|began| began.applied == report.migrations.len());
            let word = if all { "nothing to verify" } else { "held" };
            let word = painted(word, GREEN, colour);
            format!("{word}: {summary}{allowed}\n")
        }
        Outcome::Incomplete => {
            let word = painted("not all could be tested", YELLOW, colour);
            format!("{word}: {summary}{allowed}\n")
        }
        Outcome::Found => {
            let (errors, warnings) =
                (report.count(Severity::Error), report.count(Severity::Warning));
            let word = painted("found", RED, colour);
            format!(
                "{word} {errors} error{} and {warnings} warning{}{allowed}: {summary}\n",
                plural(errors),
                plural(warnings)
            )
        }
    }
}

pub(super) const GREEN: Option<AnsiColor> = Some(AnsiColor::Green);
pub(super) const YELLOW: Option<AnsiColor> = Some(AnsiColor::Yellow);
pub(super) const RED: Option<AnsiColor> = Some(AnsiColor::Red);
const PLAIN: Option<AnsiColor> = None;

pub(super) fn painted(text: &str, paint: Option<AnsiColor>, colour: Colour) -> String {
    match (paint, colour) {
        (Some(paint), Colour::Yes) => {
            let style = paint.on_default();
            format!("{style}{text}{style:#}")
        }
        _ => text.to_owned(),
    }
}

/// Takes the blanks off the line ends, also those before the codes that end a colour.
fn without_trailing_blanks(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for line in text.lines() {
        let (mut line, mut codes) = (line.trim_end(), String::new());
        while let Some((before, code)) = ending_code(line) {
            codes.insert_str(0, code);
            line = before.trim_end();
        }
        out.push_str(line);
        out.push_str(&codes);
        out.push('\n');
    }
    out
}

/// The colour code at the end of the line, and what is before it.
fn ending_code(line: &str) -> Option<(&str, &str)> {
    let (before, code) = line.split_at(line.rfind("\u{1b}[")?);
    let digits = code[2..].strip_suffix('m')?;
    digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b';').then_some((before, code))
}

pub(super) fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
