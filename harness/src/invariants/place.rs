//! Where the scripts of a project define what a promise is about.

use std::ops::Range;

use shakedown_reports::model::Place;

use crate::catalog::{Catalog, Name};
use crate::checks::tell::line_around;
use crate::source::{Project, Script};
use crate::sql;

/// The statements of a project's up scripts, the last first: taken apart once, since there may be
/// thousands of promises to place.
#[derive(Debug)]
pub(super) struct Places<'p> {
    statements: Vec<(&'p Script, Range<usize>, String)>,
}

impl<'p> Places<'p> {
    pub(super) fn of(project: &'p Project) -> Self {
        let mut all = Vec::new();
        for migration in project.migrations.iter().rev() {
            let script = &migration.up;
            let messages =
                script.batches.iter().rev().flat_map(|batch| batch.messages.iter().rev());
            for message in messages {
                let statements = script.text.get(message.clone()).and_then(sql::statements);
                for statement in statements.into_iter().flatten().rev() {
                    let range =
                        message.start + statement.range.start..message.start + statement.range.end;
                    all.push((script, range, statement.kind));
                }
            }
        }
        Self { statements: all }
    }

    /// The last statement of which `wanted` says so by its kind and its text.
    fn last(&self, wanted: impl Fn(&str, &str) -> bool) -> Option<(&'p Script, Range<usize>)> {
        let found = self.statements.iter().find(|(script, range, kind)| {
            script.text.get(range.clone()).is_some_and(|text| wanted(kind, text))
        });
        found.map(|(script, range, _)| (*script, range.clone()))
    }
}

/// The line on which the object of a promise was defined last: by its own name, else by its
/// columns, else by its table.
pub(super) fn place(
    places: &Places<'_>,
    catalog: &Catalog,
    table: &Name,
    object: &str,
) -> Option<Place> {
    // A column is also mentioned by what was made later on it.
    let is_column = catalog.table(table).is_some_and(|table| table.column(object).is_some());
    let by_name = places.last(|kind, text| {
        !is_column
            && defines(kind)
            && sql::mentions(text, object)
            && sql::mentions(text, &table.name)
    });
    if let Some((script, range)) = by_name {
        return Some(line_of(script, &range, object));
    }
    let (columns, kinds) = columns(catalog, table, object);
    let by_columns = places.last(|kind, text| {
        !columns.is_empty()
            && kinds.contains(&kind)
            && sql::mentions(text, &table.name)
            && columns.iter().all(|column| sql::mentions(text, column))
    });
    if let Some((script, range)) = by_columns {
        return Some(line_of(script, &range, &columns[0]));
    }
    let by_table =
        places.last(|kind, text| kind == "CREATE TABLE" && sql::mentions(text, &table.name));
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
