//! A finding with the lines of the script that it is about, and what mends it.

use serde::Serialize;

use super::view::{Badge, Cell, Copyable, Table, Tone, more};
use crate::model::{Change, Finding, How, Place, Report, Severity};
use crate::render::clean;

/// So many findings are shown in one section.
pub(super) const SHOWN: usize = 120;
/// So many objects of one finding, and lines of one script.
const CHANGES: usize = 30;
const LINES: usize = 60;
/// So many bytes of scripts and lines are shown in one section; of what is beyond only words are.
pub(super) const ROOM: usize = 300_000;

/// Findings of one section.
#[derive(Debug, Default, Serialize)]
pub(super) struct Findings {
    all: Vec<View>,
    more: String,
}

/// One finding.
#[derive(Debug, Serialize)]
struct View {
    badge: Badge,
    rule: String,
    message: String,
    place: String,
    snippets: Vec<Snippet>,
    changes: Option<Table>,
    notes: Vec<String>,
    promise: Option<String>,
    help: Option<String>,
    scripts: Vec<Copyable>,
    /// Scripts that show what the words tell already.
    folded: Vec<Copyable>,
}

/// Lines of a script, of which a part is marked.
#[derive(Debug, Serialize)]
struct Snippet {
    file: String,
    label: String,
    lines: Vec<Line>,
    more: String,
}

#[derive(Debug, Serialize)]
struct Line {
    number: u32,
    before: String,
    marked: String,
    after: String,
}

/// Those that no other section has.
pub(super) fn rest(report: &Report) -> Option<Findings> {
    let told = |finding: &&Finding| !of_promise(report, finding) && !of_step(report, finding);
    let findings: Vec<&Finding> = report.findings.iter().filter(told).collect();
    let mut room = ROOM;
    (!findings.is_empty()).then(|| view(&findings, SHOWN, &mut room))
}

/// Whether it stands with the promises.
pub(super) fn of_promise(report: &Report, finding: &Finding) -> bool {
    report.invariants.is_some() && finding.promise.is_some()
}

/// Whether it stands with a migration.
fn of_step(report: &Report, finding: &Finding) -> bool {
    let id = finding.migration.as_deref();
    !of_promise(report, finding) && report.migrations.iter().any(|one| Some(one.id.as_str()) == id)
}

/// The worst first, no more than this. Takes what their scripts need from the room that there is.
pub(super) fn view(findings: &[&Finding], most: usize, room: &mut usize) -> Findings {
    let mut sorted = findings.to_vec();
    sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Findings {
        all: sorted.iter().take(most).map(|finding| one(finding, room)).collect(),
        more: more(sorted.len(), most),
    }
}

fn one(finding: &Finding, room: &mut usize) -> View {
    let mut finding = clean::finding(finding);
    let needed = finding.mend.iter().chain(&finding.script).map(String::len).sum::<usize>()
        + finding.places.iter().map(|place| place.text.len()).sum::<usize>();
    if needed > *room {
        (finding.mend, finding.script) = (None, None);
        finding.places.clear();
        finding.notes.push("its scripts are left out here; the JSON report has them".to_owned());
    }
    *room = room.saturating_sub(needed);
    let finding = &finding;
    let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
    let mend = finding.mend.as_deref().map(|mend| Copyable::new("SQL that mends it", mend));
    let script = finding.script.as_deref();
    let script = script.map(|script| Copyable::new("psql script that shows it", script));
    // What shows that something is broken is worth the room; a risk is told by its words.
    let (folded, scripts): (Vec<_>, Vec<_>) =
        script.into_iter().partition(|_| finding.severity != Severity::Error);
    View {
        badge: severity(finding.severity),
        rule: finding.rule.clone(),
        message: finding.message.clone(),
        place: format!("{}{line}", finding.file),
        snippets: finding.places.iter().take(CHANGES).map(snippet).collect(),
        changes: (!finding.changes.is_empty()).then(|| changes(&finding.changes)),
        notes: finding.notes.clone(),
        promise: finding.promise.clone(),
        help: finding.help.clone(),
        scripts: mend.into_iter().chain(scripts).collect(),
        folded,
    }
}

fn severity(severity: Severity) -> Badge {
    match severity {
        Severity::Error => Badge::bad("error"),
        Severity::Warning => Badge::warn("warning"),
        Severity::Risk => Badge::new(Tone::Warn, "△", "risk"),
    }
}

fn changes(changes: &[Change]) -> Table {
    let mut table = Table::new(
        "What is not as it was before",
        &["object", "how", "what differs", "statement that mends it"],
    );
    for change in changes {
        let how = match change.how {
            How::LeftBehind => "left behind",
            How::Lost => "lost",
            How::Differs => "differs",
        };
        table.push(vec![
            Cell::code(&change.object),
            Cell::text(how),
            Cell { notes: change.details.clone(), text: String::new(), ..Cell::default() },
            Cell::code(change.mend.clone().unwrap_or_default()),
        ]);
    }
    table.capped(CHANGES).without_blanks()
}

fn snippet(place: &Place) -> Snippet {
    // The mark may go over several lines, and a hostile report may have it anywhere.
    let at = |byte: usize| place.text.floor_char_boundary(byte);
    let (start, end) = (at(place.start), at(place.end).max(at(place.start)));
    let mut begin = 0;
    let lines: Vec<&str> = place.text.split('\n').collect();
    let line = |(index, text): (usize, &&str)| {
        let inside = |byte: usize| text.floor_char_boundary(byte.saturating_sub(begin));
        let (from, to) = (inside(start), inside(end));
        begin += text.len() + 1;
        Line {
            number: place.line.saturating_add(index as u32),
            before: text[..from].to_owned(),
            marked: text[from..to].to_owned(),
            after: text[to..].to_owned(),
        }
    };
    Snippet {
        file: place.file.clone(),
        label: place.label.clone(),
        lines: lines.iter().enumerate().take(LINES).map(line).collect(),
        more: more(lines.len(), LINES),
    }
}
