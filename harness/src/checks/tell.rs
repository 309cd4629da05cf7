//! Findings in words, with the lines of the scripts they speak of.

use std::ops::Range;
use std::path::Path;

use shakedown_reports::model::{Finding, Place};

use super::declared::Declared;
use super::round_trip::Again;
use super::rule;
use crate::catalog::Change;
use crate::migrate::Failure;
use crate::source::{Migration, Project, Script};
use crate::sql;

/// How many mending statements a help text spells out.
const MENDS_SHOWN: usize = 8;
/// The longest line of a script that a report shows.
const LONGEST_LINE: usize = 200;

/// A rule's finding with nothing but its first line yet.
fn finding(id: &str, migration: Option<&Migration>, file: &Path, message: String) -> Finding {
    Finding {
        rule: id.to_owned(),
        severity: rule(id).map_or(shakedown_reports::model::Severity::Error, |rule| rule.severity),
        migration: migration.map(|migration| migration.id.clone()),
        file: file.display().to_string(),
        line: None,
        message,
        help: None,
        notes: Vec::new(),
        places: Vec::new(),
        changes: Vec::new(),
    }
}

/// Adds a place; the first one is where the finding is.
fn at(mut finding: Finding, place: Option<Place>) -> Finding {
    let Some(place) = place else { return finding };
    if finding.places.is_empty() {
        finding.file.clone_from(&place.file);
        finding.line = Some(place.line);
    }
    finding.places.push(place);
    finding
}

/// A script that Postgres refused. `what` completes the sentence: "`0003_add` <what>: ...".
pub(crate) fn refused(
    id: &str,
    migration: &Migration,
    script: &Script,
    failure: &Failure,
    what: &str,
) -> Finding {
    let message = format!("`{}` {what}: {}", migration.id, failure.message);
    let mut finding = finding(id, Some(migration), &script.file, message);
    let byte = failure.at.unwrap_or_else(|| last_statement(script).start);
    finding = self::at(finding, Some(line_around(script, byte, "")));
    if failure.at.is_none() {
        finding
            .notes
            .push("Postgres refused it at the end, when the transaction was committed".to_owned());
    }
    finding.notes.extend(failure.detail.clone());
    finding.notes.extend(failure.hint.clone());
    finding.notes.push(format!("SQLSTATE {}", failure.sqlstate));
    finding.help = help_for(failure, script);
    finding
}

/// What can be said of some errors that Postgres itself does not say.
fn help_for(failure: &Failure, script: &Script) -> Option<String> {
    let not_available =
        failure.message.contains("extension") && failure.message.contains("is not available");
    if script.text.starts_with('\u{feff}') {
        Some("save the file without the byte order mark that it begins with: Postgres takes it for SQL".to_owned())
    } else if failure.sqlstate == "0A000" && not_available {
        Some("use a server that has the extension: `--image` with an image of it, or `--postgres local`".to_owned())
    } else if failure.sqlstate == "25001" {
        Some("let the runner send this script outside a transaction".to_owned())
    } else {
        None
    }
}

pub(crate) fn down_missing(migration: &Migration) -> Finding {
    let message = format!("`{}` has no down script", migration.id);
    let mut finding = finding("down-missing", Some(migration), &migration.up.file, message);
    finding.help = Some(
        "write one, or say why there is none with a line in the up script: \
         -- shakedown: irreversible <reason>"
            .to_owned(),
    );
    finding
}

pub(crate) fn down_empty(migration: &Migration, down: &Script, changes: &[Change]) -> Finding {
    let message = format!(
        "the down script of `{}` does nothing, although its up changes the schema",
        migration.id
    );
    let finding = finding("down-empty", Some(migration), &down.file, message);
    let finding = at(finding, Some(line_around(down, 0, "nothing here takes the up back")));
    with_changes(
        finding,
        changes,
        &format!("write what takes it back into `{}`", down.file.display()),
    )
}

/// What a down did not restore: one finding for columns in another order, one for all else.
pub(crate) fn traces(
    migration: &Migration,
    down: &Script,
    traces: &[Change],
    again: &Again,
) -> Vec<Finding> {
    let (order, real): (Vec<&Change>, Vec<&Change>) =
        traces.iter().partition(|change| change.is_column_order());
    let mut findings = Vec::new();
    if !real.is_empty() {
        let message = format!("taking back `{}` {}", migration.id, summary(&real));
        let mut finding = finding("down-leaves-trace", Some(migration), &down.file, message);
        finding = at(finding, Some(mention(down, &real, "this down does not restore it")));
        finding = at(finding, mention_if_any(&migration.up, &real, "the up changes it here"));
        let add = format!("add to `{}`", down.file.display());
        finding = with_changes(finding, real.iter().copied(), &add);
        if let Again::Failed(failure) = again {
            finding
                .notes
                .push(format!("so the migration cannot be applied again: {}", failure.message));
        }
        findings.push(finding);
    }
    if !order.is_empty() {
        let message = format!("taking back `{}` leaves the columns in another order", migration.id);
        let mut finding = finding("column-order", Some(migration), &down.file, message);
        finding =
            at(finding, Some(mention(down, &order, "columns are added at the end of a table")));
        finding = with_changes(finding, order.iter().copied(), "");
        finding.help = Some(
            "nothing but `SELECT *`, `INSERT` without a column list and `COPY` sees the order; \
             if none of them matters, allow it: --allow column-order"
                .to_owned(),
        );
        findings.push(finding);
    }
    findings
}

pub(crate) fn reapply_differs(migration: &Migration, changes: &[Change]) -> Finding {
    let real: Vec<&Change> = changes.iter().collect();
    let message =
        format!("applying `{}` again after it was taken back {}", migration.id, summary(&real));
    let finding = finding("reapply-differs", Some(migration), &migration.up.file, message);
    let finding = at(finding, Some(mention(&migration.up, &real, "")));
    with_changes(finding, changes, "")
}

pub(crate) fn unused(migration: Option<&Migration>, id: &str, declared: &Declared) -> Finding {
    let message = match migration {
        Some(_) => {
            format!("`{id}` is declared irreversible, but it can be taken back and applied again")
        }
        None => format!("`{id}` is declared irreversible, but there is no such migration"),
    };
    let mut finding = finding("irreversible-unused", migration, Path::new(&declared.file), message);
    finding.line = declared.line;
    finding.notes.push(format!("the reason given is: {}", declared.reason));
    finding.help = Some("remove the declaration".to_owned());
    if let (Some(migration), Some(line)) = (migration, declared.line) {
        let scripts = [Some(&migration.up), migration.down.script()];
        let holding = scripts
            .into_iter()
            .flatten()
            .find(|script| script.file.display().to_string() == declared.file);
        if let Some(script) = holding {
            let byte: usize =
                script.text.split_inclusive('\n').take(line as usize - 1).map(str::len).sum();
            finding.places.push(line_around(script, byte, ""));
        }
    }
    finding
}

/// What the whole way changed that no single step did. `where_to` names the end of the way.
pub(crate) fn chain_differs(project: &Project, changes: &[&Change], where_to: &str) -> Finding {
    let message =
        format!("going from the head to the base and back {} {where_to}", summary(changes));
    let names: Vec<&str> = changes.iter().flat_map(|change| change.names()).collect();
    let maker = project.migrations.iter().find(|migration| {
        names.iter().any(|name| migration.up.messages().any(|message| sql::mentions(message, name)))
    });
    let migration = maker.or(project.migrations.first());
    let file = migration.map_or(project.folder.as_path(), |migration| migration.up.file.as_path());
    let finding = finding("chain-differs", migration, file, message);
    let place = migration.map(|migration| mention(&migration.up, changes, "made here"));
    let finding = at(finding, place);
    with_changes(finding, changes.iter().copied(), "")
}

fn with_changes<'a>(
    mut finding: Finding,
    changes: impl IntoIterator<Item = &'a Change>,
    add: &str,
) -> Finding {
    finding.changes = changes.into_iter().map(Change::told).collect();
    let mends: Vec<&str> =
        finding.changes.iter().filter_map(|change| change.mend.as_deref()).collect();
    if !mends.is_empty() && !add.is_empty() {
        let mut lines = vec![format!("{add}:")];
        lines.extend(
            mends
                .iter()
                .take(MENDS_SHOWN)
                .flat_map(|mend| mend.lines())
                .map(|line| format!("  {line}")),
        );
        if mends.len() > MENDS_SHOWN {
            lines.push(format!("  -- and {} more, see the JSON report", mends.len() - MENDS_SHOWN));
        }
        finding.help = Some(lines.join("\n"));
    }
    finding
}

/// "leaves `type public.mood` behind", or how many objects of all.
fn summary(changes: &[&Change]) -> String {
    use shakedown_reports::model::How;
    let told: Vec<_> = changes.iter().map(|change| change.told()).collect();
    match told.as_slice() {
        [only] => match only.how {
            How::LeftBehind => format!("leaves {} behind", quoted(&only.object)),
            How::Lost => format!("loses {}", quoted(&only.object)),
            How::Differs => format!("leaves {} changed", quoted(&only.object)),
        },
        many => format!("leaves {} objects not as they were", many.len()),
    }
}

/// ``index `public.users_key` `` of `index public.users_key`.
fn quoted(object: &str) -> String {
    match object.split_once(' ') {
        Some((kind, name)) => format!("{kind} `{name}`"),
        None => format!("`{object}`"),
    }
}

/// The statement of the script that first mentions what changed, else its last one.
fn mention(script: &Script, changes: &[&Change], label: &str) -> Place {
    mention_if_any(script, changes, label)
        .unwrap_or_else(|| line_around(script, last_statement(script).start, ""))
}

fn mention_if_any(script: &Script, changes: &[&Change], label: &str) -> Option<Place> {
    // The most telling name of each change first: a table stands in many statements.
    let names: Vec<Vec<&str>> = changes.iter().map(|change| change.names()).collect();
    let depth = names.iter().map(Vec::len).max().unwrap_or(0);
    let statements = statements(script);
    for level in 0..depth {
        let wanted: Vec<&str> =
            names.iter().filter_map(|names| names.get(level).copied()).collect();
        let found = statements.iter().find(|range| {
            wanted.iter().any(|name| sql::mentions(&script.text[(*range).clone()], name))
        });
        if let Some(range) = found {
            return Some(line_around(script, range.start, label));
        }
    }
    None
}

/// The statements of all messages, by their place in the file. A message that the parser
/// does not understand counts as one.
fn statements(script: &Script) -> Vec<Range<usize>> {
    let messages = script.batches.iter().flat_map(|batch| &batch.messages);
    messages
        .flat_map(|message| match sql::statements(&script.text[message.clone()]) {
            Some(statements) => statements
                .into_iter()
                .map(|statement| {
                    message.start + statement.range.start..message.start + statement.range.end
                })
                .collect(),
            None => vec![message.clone()],
        })
        .collect()
}

fn last_statement(script: &Script) -> Range<usize> {
    statements(script).pop().unwrap_or(0..0)
}

/// The line on which `byte` stands, marked from there to its end.
fn line_around(script: &Script, byte: usize, label: &str) -> Place {
    let text = &script.text;
    let byte = text.floor_char_boundary(byte.min(text.len()));
    let first = text[..byte].rfind('\n').map_or(0, |at| at + 1);
    let last = text[byte..].find('\n').map_or(text.len(), |at| byte + at);
    let shown = text.floor_char_boundary(last.min(first + LONGEST_LINE)).max(byte);
    let line = text[first..shown].trim_end();
    let start = (byte - first).min(line.len());
    Place {
        file: script.file.display().to_string(),
        line: sql::line_of(text, byte),
        text: line.to_owned(),
        start,
        end: line.len(),
        label: label.to_owned(),
    }
}
