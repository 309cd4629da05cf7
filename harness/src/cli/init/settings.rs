//! The text of a commented `shakedown.toml`.

use std::path::Path;

use super::found::{Candidate, Project};

/// Where the schema of `shakedown.toml` is written, as seen from it.
pub(super) const SCHEMA: &str = ".shakedown/schema.json";

/// The file for this project. Lines with a `#` and no space behind it are settings, which can be
/// taken as they are.
pub(super) fn commented(project: &Project) -> String {
    let mut text = format!(
        "\
#:schema {SCHEMA}
# What Shakedown knows of this project. Flags and variables come before what is written here.
# A line with a `#` and no space behind it is a setting: take the `#` away to use it.

"
    );
    text.push_str(&migrations(&project.migrations, &project.others));
    text.push_str(SERVER);
    text.push_str(&irreversible(&project.migrations));
    text.push_str(REST);
    if !project.queries.is_empty() {
        text.push_str("\n# Queries of the application were found. To try indexes by them:\n");
        for queries in &project.queries {
            let path = queries.path.to_string_lossy();
            let line = format!("#   shakedown index --queries {}", shell(&path));
            let some = if queries.count == 1 { "query" } else { "queries" };
            text.push_str(&format!("{line}    ({} {some})\n", queries.count));
        }
    }
    text
}

fn migrations(taken: &Candidate, others: &[Candidate]) -> String {
    let because = taken.read.detected.as_deref().unwrap_or_default();
    let format = taken.read.format.name;
    let some = match taken.read.migrations.len() {
        1 => "1 migration was".to_owned(),
        count => format!("{count} migrations were"),
    };
    let mut text = format!(
        "\
[migrations]
# {some} found here, relative to this file.
folder = {folder}
# Taken for {format}, since {because}.
format = {name}
",
        folder = path(&taken.folder),
        because = clean(because),
        name = quoted(format),
    );
    if !others.is_empty() {
        text.push_str("# Others were found too, which `--config` with another file may be for:\n");
        for other in others {
            let (count, format) = (other.read.migrations.len(), other.read.format.name);
            text.push_str(&format!("#   {} ({count}, {format})\n", path(&other.folder)));
        }
    }
    text
}

const SERVER: &str = "
[server]
# Where Postgres comes from: auto, container, embedded, local, or the address of a server. Where
# machines differ, set the variable SHAKEDOWN_POSTGRES instead.
#postgres = \"auto\"
# The major version of a server that is started: 16, 17 or 18.
#pg_version = 16

[verify]
# Rules whose findings are counted, but fail nothing. `shakedown rule` lists them all.
#allow = [\"column-order\"]
";

fn irreversible(migrations: &Candidate) -> String {
    let last = migrations.read.migrations.last().map_or("0001", |last| last.id.as_str());
    format!(
        "
# Migrations that cannot be taken back on purpose, each with the reason.
#[irreversible]
#{} = \"the old values are gone\"
",
        quoted(last)
    )
}

const REST: &str = "
[invariants]
# Generated cases for each table.
#cases = 1000
# How long all of it may take.
#time = \"5m\"
# Traps that are declared that way fail the run too.
#deny = [\"risk\"]
# What need not be kept, by the id of a promise or its first parts, with the reason.
#[invariants.allow]
#\"unique-spelling\" = \"addresses are lowered by the application\"

[load]
# Users at the same time; lists are tried in every combination.
#users = [8]
# How long each setting is measured.
#time = \"30s\"
# Realistic rows in each table.
#rows = 10000

[pool]
# The most connections of the pool; what is not said here is as in [load].
#pool_size = \"1,2,4..64\"
# The longest that 99 of 100 operations may wait for a connection.
#max_wait = \"10ms\"

[index]
# How long trying indexes may take, once tables are filled.
#budget = \"5m\"

[gate]
# What a release is compared with, as `shakedown gate --against` takes it.
#against = \"origin/main\"
# What must hold in any case; `p99(first-page)` is that of one operation.
#limits = [\"p99 < 50ms\", \"error_share == 0%\", \"migration_time < 5s\"]
# Regressions that are taken, with the reason.
#[gate.allow]
#\"add-item:wal_bytes\" = \"the audit trigger is wanted\"

[run]
# About how long `shakedown run` may take.
#budget = \"2m\"
";

/// A path as TOML has it.
fn path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

/// A string of TOML, and of YAML, in one line.
pub(super) fn quoted(text: &str) -> String {
    // JSON escapes what TOML wants escaped, but for this one.
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// A text that stays within its comment.
fn clean(text: &str) -> String {
    text.replace(char::is_control, "?")
}

/// A word as a shell takes it.
fn shell(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "/._-".contains(character);
    match text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", clean(text).replace('\'', "'\\''")),
    }
}
