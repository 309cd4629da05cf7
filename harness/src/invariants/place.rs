//! Where the scripts of a project define what a promise is about.

use std::ops::Range;

use shakedown_reports::model::Place;

use crate::catalog::{Catalog, Name};
use crate::checks::tell::line_around;
use crate::source::{Project, Script};
use crate::sql;

/// The line on which the object of a promise was defined last: by its own name, else by its
/// columns, else by its table.
pub(super) fn place(
    project: &Project,
    catalog: &Catalog,
    table: &Name,
    object: &str,
) -> Option<Place> {
    // A column is also mentioned by what was made later on it.
    let is_column = catalog.table(table).is_some_and(|table| table.column(object).is_some());
    let by_name = last(project, |kind, text| {
        !is_column
            && defines(kind)
            && sql::mentions(text, object)
            && sql::mentions(text, &table.name)
    });
    if let Some((script, range)) = by_name {
        return Some(line_of(script, &range, object));
    }
    let (columns, kinds) = columns(catalog, table, object);
    let by_columns = last(project, |kind, text| {
        !columns.is_empty()
            && kinds.contains(&kind)
            && sql::mentions(text, &table.name)
            && columns.iter().all(|column| sql::mentions(text, column))
    });
    if let Some((script, range)) = by_columns {
        return Some(line_of(script, &range, &columns[0]));
    }
    let by_table =
        last(project, |kind, text| kind == "CREATE TABLE" && sql::mentions(text, &table.name));
    by_table.map(|(script, range)| line_of(script, &range, &table.name))
}

fn defines(kind: &str) -> bool {
    kind.starts_with("CREATE") || kind.starts_with("ALTER") || kind == "DO"
}

/// The columns that an object is about: those of the constraint or index of that name, else
/// those that the object itself names; and the statements that may have made it.
fn columns(
    catalog: &Catalog,
    table: &Name,
    object: &str,
) -> (Vec<String>, &'static [&'static str]) {
    const OF_TABLES: &[&str] = &["CREATE TABLE", "ALTER TABLE"];
    let Some(table) = catalog.table(table) else { return (Vec::new(), OF_TABLES) };
    let columns = |names: &mut dyn Iterator<Item = &String>| -> Vec<String> {
        names.filter(|name| table.column(name).is_some()).cloned().collect()
    };
    if let Some(constraint) = table.constraint(object) {
        return (columns(&mut constraint.columns.iter()), OF_TABLES);
    }
    if let Some(index) = table.indexes.iter().find(|index| index.name == object) {
        let named = &mut index.columns.iter().filter_map(|column| column.column.as_ref());
        return (columns(named), &["CREATE INDEX"]);
    }
    let all = &mut table.columns.iter().map(|column| &column.name);
    (columns(&mut all.filter(|name| sql::mentions(object, name))), OF_TABLES)
}

/// The last statement of the up scripts for which `wanted` says so of its kind and its text,
/// with its bytes in the script.
fn last(project: &Project, wanted: impl Fn(&str, &str) -> bool) -> Option<(&Script, Range<usize>)> {
    project.migrations.iter().rev().find_map(|migration| {
        let script = &migration.up;
        let messages = script.batches.iter().rev().flat_map(|batch| batch.messages.iter().rev());
        let found = messages.filter_map(|message| {
            let text = script.text.get(message.clone())?;
            let statements = sql::statements(text)?;
            let statement = statements
                .iter()
                .rev()
                .find(|statement| wanted(&statement.kind, &text[statement.range.clone()]))?;
            let range = &statement.range;
            Some(message.start + range.start..message.start + range.end)
        });
        let mut found = found;
        found.next().map(|range| (script, range))
    })
}

/// The line of a statement that mentions a name first, marked there.
fn line_of(script: &Script, statement: &Range<usize>, name: &str) -> Place {
    let found = sql::find(&script.text[statement.clone()], name);
    let (start, len) =
        found.map_or((statement.start, 0), |found| (statement.start + found.start, found.len()));
    let mut place = line_around(script, start, "");
    if len > 0 {
        place.end = (place.start + len).min(place.text.len());
    }
    place
}
