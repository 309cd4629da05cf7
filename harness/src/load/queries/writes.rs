//! The parameters of a query that are written to columns.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Column, Name, Table};
use crate::load::derive::fresh::{Fresh, fresh};
use crate::load::derive::source::{Source, foreign_keys};
use crate::sql::parameters;
use crate::sql::written::{self, Written};

/// A parameter that is written to a column, alone or within an expression.
#[derive(Debug)]
pub(super) struct Write<'a> {
    pub(super) parameter: u32,
    pub(super) source: &'a Source<'a>,
    pub(super) column: &'a Column,
    /// The table and column that the column refers to, if it does.
    pub(super) parent: Option<(Name, String)>,
    /// How the column comes by a value that no other row has, if it must.
    pub(super) fresh: Option<Fresh>,
    /// Which of several rows it stands in.
    pub(super) row: usize,
    /// Whether it makes a row, as opposed to changing one.
    pub(super) inserts: bool,
}

/// What a query writes its parameters to, of tables that the catalog has. The inner `Err` says
/// why no fresh row can be made.
pub(super) fn writes<'a>(
    catalog: &Catalog,
    sources: &'a [Source<'a>],
    sql: &str,
) -> Result<Vec<Write<'a>>, String> {
    let mut writes = Vec::new();
    for one in written::written(sql) {
        let numbers = parameters::parameters(&one.value);
        let Some(source) = source(catalog, sources, &one.table).filter(|_| !numbers.is_empty())
        else {
            continue;
        };
        let Some(column) = column(source.table, &one) else { continue };
        let fresh = fresh_of(source, &column.name, one.inserts)?;
        for parameter in numbers {
            writes.push(Write {
                parameter,
                source,
                column,
                parent: parent(source.table, &column.name),
                fresh: fresh.clone(),
                row: one.row,
                inserts: one.inserts,
            });
        }
    }
    Ok(writes)
}

/// How a column comes by a fresh value, if it must.
fn fresh_of(source: &Source<'_>, column: &str, inserts: bool) -> Result<Option<Fresh>, String> {
    let all: BTreeMap<&str, Fresh> = match fresh(source) {
        Ok(all) => all,
        // A row that is changed keeps its keys, but for those that are written.
        Err(_) if !inserts => BTreeMap::new(),
        Err(why) => return Err(why),
    };
    Ok(all.get(column).cloned())
}

/// The table of that name: of the schema that is written, or of `public`, or else the only one.
fn source<'a>(
    catalog: &Catalog,
    sources: &'a [Source<'a>],
    (schema, name): &(Option<String>, String),
) -> Option<&'a Source<'a>> {
    let mut wanted = sources.iter().filter(|source| source.table.name.name == *name);
    if let Some(schema) = schema {
        return wanted.find(|source| source.table.name.schema == *schema);
    }
    let all: Vec<&Source<'_>> = wanted.collect();
    let public = all.iter().find(|source| source.table.name.schema == "public");
    // A view may stand before a table of its name.
    let is_view = catalog.view(&Name::new("public", name)).is_some();
    match all.as_slice() {
        [one] if !is_view => Some(one),
        _ => public.copied(),
    }
}

fn column<'a>(table: &'a Table, one: &Written) -> Option<&'a Column> {
    match &one.column {
        written::Column::Named(name) => table.column(name),
        written::Column::At(at) => table.columns.get(*at),
    }
}

/// What a column refers to.
fn parent(table: &Table, column: &str) -> Option<(Name, String)> {
    foreign_keys(table).find_map(|(constraint, to)| {
        let at = constraint.columns.iter().position(|name| name == column)?;
        Some((to.table.clone(), to.columns.get(at)?.clone()))
    })
}
