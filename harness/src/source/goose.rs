//! goose (pressly): both directions in one file, told apart by lines such as `-- +goose Up`.

mod statements;

use std::ops::Range;

use self::statements::{Sections, annotation, statements};
use super::versions::{Versions, claim};
use super::{Batch, Detection, Down, Folder, Format, Migration, Script};
use crate::error::{Error, Result};

pub(super) static FORMAT: Format = Format {
    name: "goose",
    looks_like: "`<number>_<name>.sql` with the lines `-- +goose Up` and `-- +goose Down`",
    detect,
    load,
};

const RUN_GOOSE: &str =
    "let goose itself run the migrations: see `[source.command]` in shakedown.toml";

fn detect(folder: &Folder) -> Detection {
    for name in folder.files() {
        if name.ends_with(".sql") && is_annotated(&folder.glimpse(name)) {
            return Detection::Yes(format!("`{name}` has a line `-- +goose Up`"));
        }
        if is_go_migration(name) && folder.glimpse(name).contains("pressly/goose") {
            return Detection::Yes(format!("`{name}` imports pressly/goose"));
        }
    }
    Detection::No
}

fn load(folder: &Folder) -> Result<Vec<Migration>> {
    let mut versions = Versions::new();
    for name in folder.files() {
        if is_go_migration(name) {
            return Err(Error::new(format!(
                "`{}` is a goose migration in Go, which only goose can run",
                folder.join(name).display()
            ))
            .hint(RUN_GOOSE));
        }
        if !name.ends_with(".sql") {
            continue;
        }
        match version(name) {
            Some(version) => claim(&mut versions, version, name, folder)?,
            // Goose's command refuses every `.sql` file without a version, its library passes
            // over them; one that is annotated is surely meant to run.
            None if is_annotated(&folder.glimpse(name)) => {
                return Err(Error::new(format!(
                    "goose finds no version in the name of `{}`",
                    folder.join(name).display()
                ))
                .hint("begin the name with a number above 0 and `_`, as in `00001_users.sql`"));
            }
            None => {}
        }
    }
    versions.into_values().map(|name| migration(folder, name)).collect()
}

fn version(name: &str) -> Option<i64> {
    let (number, _) = name.split_once('_')?;
    number.parse().ok().filter(|version| *version > 0)
}

fn is_go_migration(name: &str) -> bool {
    name.ends_with(".go") && !name.ends_with("_test.go") && version(name).is_some()
}

fn is_annotated(text: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    lines.any(|line| annotation(line.trim()).is_some_and(|command| command == "UP"))
}

fn migration(folder: &Folder, name: &str) -> Result<Migration> {
    let file = folder.join(name);
    // Goose reads line by line and joins the lines by `\n` alone.
    let mut text = folder.read(name)?.replace("\r\n", "\n");
    if text.ends_with('\r') {
        text.pop();
    }
    let Sections { up, down, in_transaction } = statements(&file, &text)?;

    let script = |messages: Vec<Range<usize>>| {
        let file = file.clone();
        let text = text.clone();
        if messages.is_empty() {
            return Script::nothing(file, text);
        }
        Script { file, text, batches: vec![Batch { messages, in_transaction }] }
    };
    let down = down.map_or(Down::Missing, |messages| Down::Script(script(messages)));
    let id = name.strip_suffix(".sql").unwrap_or(name).to_owned();
    Ok(Migration { id, up: script(up.unwrap_or_default()), down })
}
