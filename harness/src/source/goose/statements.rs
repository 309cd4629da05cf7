//! The statements of a goose file, found line by line as goose does.

use std::ops::Range;
use std::path::Path;

use super::RUN_GOOSE;
use crate::error::{Error, Result};
use crate::sql::line_of;

/// Reads a text whose lines end with `\n` alone.
///
/// # Errors
/// Where goose refuses the file, where it loses a line of it, and if the SQL depends on
/// environment variables.
pub(super) fn statements(file: &Path, text: &str) -> Result<Sections> {
    let mut parser = Parser::new(file, text);
    let mut next = 0;
    for line in text.split('\n') {
        parser.line(line, next)?;
        next += line.len() + 1;
    }
    parser.finish()
}

/// The statements of a file, as ranges of its text; `None` for a section that is not there.
#[derive(Default)]
pub(super) struct Sections {
    pub(super) up: Option<Vec<Range<usize>>>,
    pub(super) down: Option<Vec<Range<usize>>>,
    /// For both directions, wherever in the file it is turned off.
    pub(super) in_transaction: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    /// Between `StatementBegin` and `StatementEnd`, where `;` ends nothing.
    Block,
    /// After a block without a statement: goose then takes the next line for the block's last
    /// and loses it.
    AfterEmptyBlock,
}

struct Parser<'a> {
    file: &'a Path,
    text: &'a str,
    sections: Sections,
    place: Place,
    /// Where the statement being read begins, with the blank lines before it.
    begun: Option<usize>,
}

impl<'a> Parser<'a> {
    fn new(file: &'a Path, text: &'a str) -> Self {
        let sections = Sections { in_transaction: true, ..Sections::default() };
        Self { file, text, sections, place: Place::Outside, begun: None }
    }

    fn line(&mut self, line: &str, start: usize) -> Result<()> {
        if let Some(annotation) = annotation(line) {
            return self.annotation(&annotation, start);
        }
        let blank = line.trim().is_empty();
        let no_section = self.sections.up.is_none();
        if self.begun.is_none()
            && (line.is_empty() || line.trim().starts_with("--") || (blank && no_section))
        {
            return Ok(());
        }
        if no_section {
            let error = self.refuse(start, "stands before the first `-- +goose Up`");
            let marked = self.text.starts_with('\u{feff}');
            return Err(if marked {
                error.hint("save the file without a byte order mark")
            } else {
                error
            });
        }
        if self.place == Place::AfterEmptyBlock {
            self.place = Place::Outside;
            if blank {
                return Ok(());
            }
            return Err(Error::new(format!(
                "goose loses line {} of `{}`, since the block before it has no statement",
                line_of(self.text, start),
                self.file.display()
            ))
            .hint("delete the empty `StatementBegin` and `StatementEnd`"));
        }
        let begun = *self.begun.get_or_insert(start);
        if self.place == Place::Outside && ends_with_semicolon(line) {
            self.push(begun, start + line.len());
        }
        Ok(())
    }

    fn annotation(&mut self, annotation: &str, start: usize) -> Result<()> {
        let open = self.sections.up.is_some();
        let in_block = self.place == Place::Block;
        let refused = match annotation {
            "UP" if open => "is a second `-- +goose Up`",
            "UP" => {
                self.sections.up = Some(Vec::new());
                return Ok(());
            }
            "DOWN" if !open || in_block || self.sections.down.is_some() => {
                "has `-- +goose Down`, but not after an `Up` section"
            }
            "DOWN" => {
                self.ends_here(start)?;
                self.place = Place::Outside;
                self.sections.down = Some(Vec::new());
                return Ok(());
            }
            "STATEMENTBEGIN" if !open => "begins a statement before `-- +goose Up`",
            "STATEMENTBEGIN" if in_block => "begins a statement within another one",
            "STATEMENTBEGIN" => {
                self.place = Place::Block;
                return Ok(());
            }
            "STATEMENTEND" if !in_block => "ends a statement that was not begun",
            "STATEMENTEND" => {
                self.place = Place::AfterEmptyBlock;
                if let Some(begun) = self.begun {
                    self.push(begun, start);
                    self.place = Place::Outside;
                }
                return Ok(());
            }
            "NO TRANSACTION" => {
                self.sections.in_transaction = false;
                return Ok(());
            }
            "ENVSUB OFF" => return Ok(()),
            "ENVSUB ON" => {
                return Err(Error::new(format!(
                    "line {} of `{}` puts environment variables into the SQL: `ENVSUB ON`",
                    line_of(self.text, start),
                    self.file.display()
                ))
                .hint(RUN_GOOSE));
            }
            _ => "is no annotation that it knows",
        };
        Err(self.refuse(start, refused))
    }

    fn push(&mut self, begun: usize, end: usize) {
        self.begun = None;
        let range = trimmed(self.text, begun..end);
        let Sections { up, down, .. } = &mut self.sections;
        if let Some(messages) = down.as_mut().or(up.as_mut()).filter(|_| !range.is_empty()) {
            messages.push(range);
        }
    }

    /// Fails if a statement is still open.
    fn ends_here(&mut self, end: usize) -> Result<()> {
        let Some(begun) = self.begun.take() else { return Ok(()) };
        let open = trimmed(self.text, begun..end);
        if open.is_empty() {
            return Ok(());
        }
        Err(self.refuse(open.start, "begins a statement that no `;` at the end of a line ends"))
    }

    fn finish(mut self) -> Result<Sections> {
        let end = self.text.len();
        if self.sections.up.is_none() {
            return Err(Error::new(format!(
                "goose refuses `{}`: it has no `-- +goose Up`",
                self.file.display()
            )));
        }
        if self.place == Place::Block {
            return Err(self.refuse(end, "ends the file before a `-- +goose StatementEnd`"));
        }
        self.ends_here(end)?;
        Ok(self.sections)
    }

    fn refuse(&self, at: usize, why: &str) -> Error {
        Error::new(format!(
            "goose refuses `{}`: line {} {why}",
            self.file.display(),
            line_of(self.text, at)
        ))
    }
}

/// The command of an annotation in upper case; empty if goose cannot make it out. Every
/// comment with `+goose` counts as one, and an indented one is an error.
pub(super) fn annotation(line: &str) -> Option<String> {
    if !line.trim().starts_with("--") || !line.contains("+goose") {
        return None;
    }
    let command = line.replace("--", "").replacen("+goose", "", 1);
    let indented = line.starts_with([' ', '\t']);
    Some(if indented { String::new() } else { command.trim().to_ascii_uppercase() })
}

/// Whether the last word before a `--` comment ends with `;`.
fn ends_with_semicolon(line: &str) -> bool {
    let words = line.split_whitespace().take_while(|word| !word.starts_with("--"));
    words.last().is_some_and(|word| word.ends_with(';'))
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + part.len() - part.trim_start().len();
    start..start + part.trim().len()
}
