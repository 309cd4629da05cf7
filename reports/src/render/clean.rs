//! Words of the tested project, made fit to be printed. They may hold anything, and must
//! neither steer a terminal nor pass for words of the report.

use crate::model::{Change, Finding, Place};

/// Several lines: control characters are shown as pictures, except line breaks and tabs.
pub(crate) fn text(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut rest = words.chars().peekable();
    while let Some(char) = rest.next() {
        match char {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' | '\t' => out.push(char),
            _ => out.push(shown(char)),
        }
    }
    out
}

/// One line, whatever the words hold.
pub(crate) fn line(words: &str) -> String {
    text(words.trim()).replace(['\n', '\t'], " ")
}

/// The same in at most so many characters; where there were more, three dots say so.
pub(crate) fn short(words: &str, most: usize) -> String {
    match words.char_indices().nth(most) {
        Some(_) => {
            let kept: String = words.chars().take(most.saturating_sub(3)).collect();
            format!("{}...", kept.trim_end())
        }
        None => words.to_owned(),
    }
}

/// What stands for a character that no terminal and no XML should get.
fn shown(char: char) -> char {
    match char {
        '\0'..='\u{1f}' => {
            char::from_u32(0x2400 + u32::from(char)).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        '\u{7f}' => '\u{2421}',
        // The control characters of eight bits, those that turn the direction of text, and
        // two that XML does not have.
        '\u{80}'..='\u{9f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{fffe}'
        | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
        _ => char,
    }
}

/// A finding with nothing in it that cannot be printed, and marks that lie in their text.
pub(super) fn finding(finding: &Finding) -> Finding {
    let texts = |all: &[String]| all.iter().map(|one| text(one.trim_end())).collect();
    Finding {
        rule: line(&finding.rule),
        severity: finding.severity,
        migration: finding.migration.as_deref().map(line),
        file: line(&finding.file),
        line: finding.line,
        message: text(finding.message.trim_end()),
        help: finding.help.as_deref().map(|help| text(help.trim_end())),
        mend: finding.mend.as_deref().map(text),
        promise: finding.promise.as_deref().map(line),
        script: finding.script.as_deref().map(text),
        notes: texts(&finding.notes),
        places: finding.places.iter().map(place).collect(),
        changes: finding
            .changes
            .iter()
            .map(|change| Change {
                object: line(&change.object),
                how: change.how,
                details: texts(&change.details),
                mend: change.mend.as_deref().map(text),
            })
            .collect(),
    }
}

fn place(place: &Place) -> Place {
    let moved = |byte| text(&place.text[..place.text.floor_char_boundary(byte)]).len();
    let (start, end) = (moved(place.start), moved(place.end));
    Place {
        file: line(&place.file),
        line: place.line,
        text: text(&place.text),
        start: start.min(end),
        end,
        label: line(&place.label),
    }
}
