//! The soft deletes that a user names in the settings.

use std::collections::BTreeMap;

use super::sign::{self, Kind, Sign};
use crate::catalog::{Catalog, Column, Name, Table};
use crate::error::{Error, Result};
use crate::values::types::{self, Base};

const FORMS: &str = "write it as `deleted_at IS NULL`, `NOT is_deleted`, `active`, \
     `status <> 'deleted'`, `deleted_at = 'epoch'`, or `none` for a table without a soft delete";

/// What a user says of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub table: Name,
    /// The condition as it was given.
    pub says: String,
    /// None where there is no soft delete.
    pub sign: Option<Sign>,
}

/// Looks up what the user names.
///
/// # Errors
/// When a table or column does not exist, or a condition is not understood.
pub(super) fn read(catalog: &Catalog, overrides: &BTreeMap<String, String>) -> Result<Vec<Named>> {
    let one = |(table, says): (&String, &String)| {
        let table = find(catalog, table)?;
        let says = says.trim().to_owned();
        let none = says.eq_ignore_ascii_case("none");
        let sign = if none { None } else { Some(parse(catalog, table, &says)?) };
        Ok(Named { table: table.name.clone(), says, sign })
    };
    overrides.iter().map(one).collect()
}

fn find<'a>(catalog: &'a Catalog, name: &str) -> Result<&'a Table> {
    let goes = |table: &&Table| table.name.to_string() == name || table.name.name == name;
    let found: Vec<&Table> = catalog.tables.iter().filter(goes).collect();
    match found.as_slice() {
        [table] => Ok(table),
        [] => Err(Error::new(format!("there is no table `{name}` to have a soft delete"))
            .hint("correct the name under `soft-deletes`, or take the line out")),
        _ => Err(Error::new(format!("more than one schema has a table `{name}`"))
            .hint(format!("write the schema before it, as in `{}`", found[0].name))),
    }
}

fn parse(catalog: &Catalog, table: &Table, says: &str) -> Result<Sign> {
    let wrong = || {
        Error::new(format!("`{says}` does not say which rows of `{}` are live", table.name))
            .hint(FORMS)
    };
    let (name, rest) = split(says.trim_start_matches("NOT ").trim_start_matches("not "));
    let column = table.column(&name).ok_or_else(|| {
        Error::new(format!("`{says}`: the table `{}` has no column `{name}`", table.name))
            .hint(FORMS)
    })?;
    let base = types::resolve(catalog, &column.data_type).base;
    let words = rest.to_uppercase();
    let value = || rest.trim_start_matches(['=', '<', '>', '!', ' ']).trim_matches('\'').to_owned();
    let live = match words.as_str() {
        "" if base == Base::Bool => {
            Some(if says.to_uppercase().starts_with("NOT ") { "false" } else { "true" }.to_owned())
        }
        "IS NULL" => None,
        "IS FALSE" | "IS NOT TRUE" => Some("false".to_owned()),
        "IS TRUE" | "IS NOT FALSE" => Some("true".to_owned()),
        _ if rest.starts_with("<>") || rest.starts_with("!=") => {
            return other_than(catalog, table, column, &base, &value()).ok_or_else(wrong);
        }
        _ if rest.starts_with('=') => Some(value()),
        _ => return Err(wrong()),
    };
    sign::named(column, &base, live).ok_or_else(wrong)
}

/// The sign of `column <> 'deleted'`.
fn other_than(
    catalog: &Catalog,
    table: &Table,
    column: &Column,
    base: &Base,
    deleted: &str,
) -> Option<Sign> {
    if *base == Base::Bool {
        let live = if deleted == "true" { "false" } else { "true" };
        return sign::named(column, base, Some(live.to_owned()));
    }
    let default = column.default.as_deref().and_then(|default| default.split('\'').nth(1));
    let labels = sign::labels(catalog, table, column, base);
    let words = default.map(str::to_owned).into_iter().chain(labels);
    let live = words.into_iter().find(|label| label != deleted);
    Some(Sign {
        column: column.name.clone(),
        kind: Kind::Status,
        word: deleted.to_owned(),
        live: Some(live.unwrap_or_else(|| "live".to_owned())),
        deleted: Some(deleted.to_owned()),
        because: String::new(),
        weight: 0,
    })
}

/// The column that a condition begins with, and the rest of it.
fn split(says: &str) -> (String, &str) {
    let says = says.trim();
    if let Some((name, rest)) = says.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        return (name.to_owned(), rest.trim());
    }
    let end = says.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(says.len());
    (says[..end].to_lowercase(), says[end..].trim())
}
