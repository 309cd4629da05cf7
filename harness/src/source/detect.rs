//! Which format a folder is written in, and what to do if that is not clear.

use std::path::Path;

use super::find::{dialect, find};
use super::{Detection, FORMATS, Folder, Format};
use crate::error::{Error, Result};

/// Tells the format of a folder from the folder alone, and why, in words.
///
/// # Errors
/// If it holds nothing known, or several formats; the hint says what to do.
pub fn detect(folder: &Folder) -> Result<(&'static Format, String)> {
    let shown = folder.path().display();
    let mut sure = Vec::new();
    let mut perhaps = Vec::new();
    for format in FORMATS.iter().copied() {
        match (format.detect)(folder) {
            Detection::No => {}
            Detection::Yes(reason) => sure.push((format, reason)),
            Detection::Maybe(reason) => perhaps.push((format, reason)),
        }
    }
    if let [(a, because_a), (b, because_b), ..] = &sure[..] {
        return Err(Error::new(format!(
            "`{shown}` holds migrations of {} ({because_a}) and of {} ({because_b})",
            a.name, b.name
        ))
        .hint(format!(
            "choose with `--format {}` or `--format {}`, or give each a folder of its own",
            a.name, b.name
        )));
    }
    sure.into_iter().chain(perhaps).next().ok_or_else(|| nothing(folder))
}

fn nothing(folder: &Folder) -> Error {
    let shown = folder.path().display();
    if folder.has_file("up.sql") {
        let parent = folder.path().parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.map_or(folder.join(".."), Path::to_owned);
        return Error::new(format!("`{shown}` is a single migration"))
            .hint(format!("give the folder it lies in: `{}`", parent.display()));
    }
    let below = below(folder);
    if !below.is_empty() {
        let below: Vec<_> = below.iter().map(|path| format!("`{path}`")).collect();
        return Error::new(format!("there are no migrations in `{shown}` itself"))
            .hint(format!("give the folder that holds them: {}", below.join(" or ")));
    }
    if folder.entries().is_empty() {
        return Error::new(format!("`{shown}` is empty"))
            .hint("give the folder that holds the migrations");
    }
    let known: Vec<_> =
        FORMATS.iter().map(|format| format!("{}: {}", format.name, format.looks_like)).collect();
    Error::new(format!("`{shown}` holds no migrations of a format that Shakedown knows"))
        .hint(format!("name the format with `--format`; known are\n  {}", known.join("\n  ")))
}

/// A few folders below that hold migrations, those for Postgres first.
fn below(folder: &Folder) -> Vec<String> {
    const ENOUGH: usize = 4;
    let mut found = find(folder.clone()).migrations;
    found.sort_by_key(|folder| dialect(folder.path()));
    found.iter().take(ENOUGH).map(|folder| folder.path().display().to_string()).collect()
}
