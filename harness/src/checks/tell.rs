//! Findings in words, with the lines of the scripts they speak of.

use std::ops::Range;
use std::path::Path;

use shakedown_reports::model::{self, Finding, How, Place, Severity};

use super::declared::Declared;
use super::mend::Mend;
use super::round_trip::Again;
use super::rule;
use crate::catalog::Change;
use crate::migrate::{At, Failure};
use crate::source::{Migration, Project, Script};
use crate::sql;

/// The longest line of a script that a report shows.
const LONGEST_LINE: usize = 120;
/// How much of a long line is shown in front of the place.
const LEAD: usize = 30;

/// A rule's finding with nothing but its first line yet.
fn finding(id: &str, migration: Option<&Migration>, file: &Path, message: String) -> Finding {
    Finding {
        rule: id.to_owned(),
        severity: rule(id).map_or(Severity::Error, |rule| rule.severity),
        migration: migration.map(|migration| migration.id.clone()),
        file: file.display().to_string(),
        line: None,
        message,
        help: None,
        mend: None,
        promise: None,
        script: None,
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
    let byte = match failure.at {
        At::Byte(byte) => byte,
        At::Commit | At::Unknown => last_statement(script).start,
    };
    finding = self::at(finding, Some(line_around(script, byte, "")));
    if failure.at == At::Commit {
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
    } else if failure.message == "syntax error at or near \"NOT\""
        && script.text.to_uppercase().contains("CONSTRAINT")
    {
        Some("if this is a named NOT NULL constraint: Postgres has them from version 18 on, try `--pg-version 18`".to_owned())
    } else if failure.sqlstate == "25001" {
        let several = script
            .messages()
            .any(|message| sql::statements(message).is_some_and(|all| all.len() > 1));
        Some(if several {
            "put the statement into a migration of its own: several that are sent together are one transaction".to_owned()
        } else {
            "let the runner send this script outside a transaction".to_owned()
        })
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

pub(crate) fn down_empty(
    migration: &Migration,
    down: &Script,
    changes: &[Change],
    mend: Option<&Mend>,
) -> Finding {
    let message = format!(
        "the down script of `{}` does nothing, although its up changes the schema",
        migration.id
    );
    let finding = finding("down-empty", Some(migration), &down.file, message);
    let finding = at(finding, Some(line_around(down, 0, "nothing here takes the up back")));
    let finding = with_changes(finding, changes);
    with_mend(finding, mend, &format!("write into `{}`", down.file.display()))
}

/// What a down did not restore: one finding for columns in another order, one for all else.
pub(crate) fn traces(
    migration: &Migration,
    down: &Script,
    traces: &[Change],
    mend: Option<&Mend>,
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
        finding = with_changes(finding, real.iter().copied());
        finding = with_mend(finding, mend, &format!("add to `{}`", down.file.display()));
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
        finding = with_changes(finding, order.iter().copied());
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
    without_mends(with_changes(finding, changes))
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
    without_mends(with_changes(finding, changes.iter().copied()))
}

fn with_changes<'a>(
    mut finding: Finding,
    changes: impl IntoIterator<Item = &'a Change>,
) -> Finding {
    finding.changes = changes.into_iter().map(Change::told).collect();
    finding
}

/// For changes whose mends nobody tried.
fn without_mends(mut finding: Finding) -> Finding {
    for change in &mut finding.changes {
        change.mend = None;
    }
    finding
}

/// Adds the statements that were seen to restore all, under the words `add`.
fn with_mend(finding: Finding, mend: Option<&Mend>, add: &str) -> Finding {
    let Some(mend) = mend else { return without_mends(finding) };
    let mut finding = if mend.one_by_one { finding } else { without_mends(finding) };
    let gone = |change: &&model::Change| {
        change.how == How::Lost
            && (change.object.starts_with("table ") || change.object.starts_with("column "))
    };
    if mend.one_by_one && finding.changes.iter().find(gone).is_some() {
        finding
            .notes
            .push("the rows and values that were lost do not come back with it".to_owned());
    }
    finding.help = Some(format!("{add}:"));
    finding.mend = Some(mend.statements.join("\n"));
    finding
}

/// "leaves `type public.mood` behind", or how many objects of all.
fn summary(changes: &[&Change]) -> String {
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
    let statements = statements(script);
    // A statement that mentions all names of a change is closer to it than one that mentions
    // only its own, and DDL is closer than what moves rows.
    let mentions_all = |text: &str| {
        changes.iter().any(|change| change.names().iter().all(|name| sql::mentions(text, name)))
    };
    let mentions_own =
        |text: &str| changes.iter().any(|change| sql::mentions(text, change.object.bare_name()));
    let find = |wanted: &dyn Fn(&str) -> bool, ddl: bool| {
        statements
            .iter()
            .find(|(range, is_ddl)| (*is_ddl || !ddl) && wanted(&script.text[range.clone()]))
    };
    // An index goes with the table or the column that it is on, and is not mentioned then.
    let mentions_place = |text: &str| {
        let places = changes.iter().filter_map(|change| change.object.bare.split_last());
        places.filter_map(|(_, place)| place.first()).any(|place| sql::mentions(text, place))
    };
    let found = find(&mentions_all, true)
        .or_else(|| find(&mentions_own, true))
        .or_else(|| find(&mentions_all, false))
        .or_else(|| find(&mentions_own, false))
        .or_else(|| find(&mentions_place, true));
    found.map(|(range, _)| line_around(script, range.start, label))
}

/// The statements of all messages, by their place in the file, and whether each defines
/// something. A message that the parser does not understand counts as one that may.
fn statements(script: &Script) -> Vec<(Range<usize>, bool)> {
    let messages = script.batches.iter().flat_map(|batch| &batch.messages);
    messages
        .flat_map(|message| match sql::statements(&script.text[message.clone()]) {
            Some(statements) => statements
                .into_iter()
                .map(|statement| {
                    let range =
                        message.start + statement.range.start..message.start + statement.range.end;
                    (range, statement.is_ddl())
                })
                .collect(),
            None => vec![(message.clone(), true)],
        })
        .collect()
}

pub(crate) fn last_statement(script: &Script) -> Range<usize> {
    statements(script).pop().map_or(0..0, |(range, _)| range)
}

/// The line on which `byte` stands, marked from there to its end.
pub(crate) fn line_around(script: &Script, byte: usize, label: &str) -> Place {
    let text = &script.text;
    let byte = text.floor_char_boundary(byte.min(text.len()));
    let first = text[..byte].rfind('\n').map_or(0, |at| at + 1);
    let last = text[byte..].find('\n').map_or(text.len(), |at| byte + at);
    // Of a long line the part around the place, which need not be at its beginning.
    let from =
        if byte - first > LONGEST_LINE { text.floor_char_boundary(byte - LEAD) } else { first };
    let to = text.floor_char_boundary(last.min(from + LONGEST_LINE)).max(byte);
    let line = text[from..to].trim_end();
    let start = (byte - from).min(line.len());
    Place {
        file: script.file.display().to_string(),
        line: sql::line_of(text, byte),
        text: line.to_owned(),
        start,
        end: line.len(),
        label: label.to_owned(),
    }
}
