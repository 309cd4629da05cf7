//! dbmate: both directions in one file, told apart by lines such as `-- migrate:up`.

use std::ops::Range;
use std::path::Path;

use super::versions::{Versions, claim};
use super::write::{NewFile, Step};
use super::{Batch, Detection, Down, Folder, Format, Migration, Notes, Project, Script};
use crate::error::{Error, Result};
use crate::sql::line_of;

pub(super) static FORMAT: Format = Format {
    name: "dbmate",
    looks_like: "`<number>_<name>.sql` with the lines `-- migrate:up` and `-- migrate:down`",
    bookkeeping: "CREATE TABLE schema_migrations (version varchar PRIMARY KEY)",
    notes: Notes::Each("SELECT version::text, false FROM schema_migrations"),
    detect,
    load,
    leaves_transaction: true,
    write,
};

fn detect(folder: &Folder) -> Detection {
    for name in folder.files().filter(|name| version(name).is_some()) {
        let text = folder.glimpse(name);
        for direction in ["up", "down"] {
            if !directives(text.trim_start_matches('\u{feff}'), direction).is_empty() {
                return Detection::Yes(format!("`{name}` has a line `-- migrate:{direction}`"));
            }
        }
    }
    Detection::No
}

fn load(folder: &Folder) -> Result<Vec<Migration>> {
    let mut versions = Versions::new();
    let mut migrations = Vec::new();
    // The order is that of the file names: `10_b.sql` comes before `9_a.sql`.
    for name in folder.files() {
        let Some(version) = version(name) else { continue };
        claim(&mut versions, version, name, folder)?;
        let text = folder.read(name)?;
        let file = folder.join(name);
        let blocks = blocks(&file, &text)?;
        let script = |pick: fn(&Block) -> &Range<usize>| Script {
            file: file.clone(),
            text: text.clone(),
            batches: blocks.iter().map(|block| batch(&text, pick(block))).collect(),
        };
        let id = name.strip_suffix(".sql").unwrap_or(name).to_owned();
        // Several blocks are rolled back in the order of the file, the first one first.
        let down = Down::Script(script(|block| &block.down));
        migrations.push(Migration { id, up: script(|block| &block.up), down });
    }
    Ok(migrations)
}

/// The digits that a migration's name begins with.
fn version(name: &str) -> Option<&str> {
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0 && name.ends_with(".sql")).then(|| &name[..digits])
}

/// An up directive and the down directive after it, with the SQL that follows each.
struct Block {
    up: Range<usize>,
    down: Range<usize>,
}

fn blocks(file: &Path, text: &str) -> Result<Vec<Block>> {
    let shown = file.display();
    let refuse = |why: String, hint: &str| {
        let hint = if text.starts_with('\u{feff}') {
            "save the file without a byte order mark"
        } else {
            hint
        };
        Error::new(format!("dbmate refuses `{shown}`: {why}")).hint(hint)
    };
    let mut starts = directives(text, "up");
    let downs = directives(text, "down");
    let Some(first) = starts.first() else {
        return Err(refuse("it has no line `-- migrate:up`".into(), "write one above the SQL"));
    };
    let is_sql = |line: &str| !line.trim().is_empty() && !line.trim().starts_with("--");
    if let Some(index) = text[..*first].lines().position(is_sql) {
        let why = format!("line {} stands before the first `-- migrate:up`", index + 1);
        return Err(refuse(why, "move the SQL below that line"));
    }

    starts.push(text.len());
    let mut blocks = Vec::new();
    for section in starts.windows(2).map(|two| two[0]..two[1]) {
        let within: Vec<_> = downs.iter().copied().filter(|down| section.contains(down)).collect();
        match within[..] {
            [down] => blocks.push(Block { up: section.start..down, down: down..section.end }),
            [] => {
                let line = line_of(text, section.start);
                let why = format!("the `-- migrate:up` in line {line} has no `-- migrate:down`");
                return Err(refuse(why, "write one, even if nothing follows it"));
            }
            [_, second, ..] => {
                let why = format!("line {} is a second `-- migrate:down`", line_of(text, second));
                return Err(refuse(why, "write a `-- migrate:up` before it"));
            }
        }
    }
    Ok(blocks)
}

/// Where the lines `-- migrate:up` begin, or those of the other direction. Options may follow.
fn directives(text: &str, direction: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut next = 0;
    for line in text.split_inclusive('\n') {
        let after = options(line).and_then(|rest| rest.strip_prefix(direction));
        if after.is_some_and(|after| after.is_empty() || after.starts_with(SPACE)) {
            starts.push(next);
        }
        next += line.len();
    }
    starts
}

const SPACE: [char; 5] = ['\t', '\n', '\x0C', '\r', ' '];

/// What follows `-- migrate:` in a line.
fn options(line: &str) -> Option<&str> {
    line.strip_prefix("--")?.trim_start_matches(SPACE).strip_prefix("migrate:")
}

/// A block is one simple query, its directive included.
fn batch(text: &str, range: &Range<usize>) -> Batch {
    let line = text[range.clone()].lines().next().unwrap_or_default();
    // Of an option that is given twice the last one counts, and one with two colons never does.
    let mut given = line
        .split(SPACE)
        .filter_map(|option| option.split_once(':'))
        .rev()
        .filter(|(name, value)| *name == "transaction" && !value.contains(':'));
    let in_transaction = given.next().is_none_or(|(_, value)| value != "false");
    Batch { messages: vec![range.clone()], in_transaction }
}

fn write(project: &Project, step: &Step) -> Vec<NewFile> {
    let option = if step.in_transaction { "" } else { " transaction:false" };
    let text = format!(
        "-- migrate:up{option}\n{}\n-- migrate:down{option}\n{}",
        step.up_script(),
        step.down_script()
    );
    vec![NewFile { path: project.folder.join(format!("{}.sql", step.id)), text }]
}
