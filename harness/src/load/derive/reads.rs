//! Lookups by key, and lists along foreign keys.

use crate::catalog::quote_ident;
use crate::sql::expression;

use super::draft::{Draft, Kind, list, row, variable};
use super::source::{Key, Source, foreign_keys};

/// How rows are chosen that are read: few of them most of the time.
const POPULAR: &str = "zipf";

/// How many rows a list shows.
const PAGE: u32 = 20;

/// A lookup by each key of a table.
pub(super) fn lookups(source: &Source<'_>) -> Vec<Draft> {
    source.keys.iter().map(|key| lookup(source, key)).collect()
}

fn lookup(source: &Source<'_>, key: &Key<'_>) -> Draft {
    let columns: Vec<&str> = key.parts.iter().map(|(column, _)| *column).collect();
    let (sets, _) = row(source, &columns, POPULAR);
    let conditions = key.parts.iter().enumerate().map(|(number, (column, part))| {
        let given = format!(":{}", variable(column, number));
        match part {
            // `lower(email) = lower(:email)`, which is what its index is for.
            Some(part) => format!("{part} = {}", expression::with_column(part, column, &given)),
            None => format!("{} = {given}", quote_ident(column)),
        }
    });
    let mut conditions: Vec<String> = conditions.collect();
    // A row is shown by its id even when it is deleted, but not found by its name.
    if let Some(live) = source.live.as_ref().filter(|_| !key.primary) {
        conditions.push(format!("({live})"));
    }
    let text = format!(
        "{sets}SELECT {}\nFROM {}\nWHERE {};\n",
        source.columns(),
        source.table.name,
        conditions.join(" AND ")
    );
    let name = format!("get {} by {}", source.name, columns.join(", "));
    Draft { kind: Kind::Lookup, name, text }
}

/// A list along each foreign key of a table: the newest rows that belong to a row of another.
pub(super) fn lists(source: &Source<'_>) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for (constraint, to) in foreign_keys(source.table) {
        let columns: Vec<&str> = constraint.columns.iter().map(String::as_str).collect();
        let name = format!("list {} by {}", source.name, columns.join(", "));
        let one = |key: &Key<'_>| key.parts.iter().all(|(column, _)| columns.contains(column));
        // A list that has at most one row is a lookup.
        if source.keys.iter().any(one) || drafts.iter().any(|draft| draft.name == name) {
            continue;
        }
        let (mut sets, mut conditions) = (String::new(), Vec::new());
        for (number, (column, parent)) in columns.iter().zip(&to.columns).enumerate() {
            let variable = variable(column, number);
            let parent = quote_ident(parent);
            sets.push_str(&format!("\\set {variable} key({}.{parent}, {POPULAR})\n", to.table));
            conditions.push(format!("{} = :{variable}", quote_ident(column)));
        }
        conditions.extend(source.live.as_ref().map(|live| format!("({live})")));
        let text = format!(
            "{sets}SELECT {}\nFROM {}\nWHERE {}{}\nLIMIT {PAGE};\n",
            source.columns(),
            source.table.name,
            conditions.join(" AND "),
            newest_first(source)
        );
        drafts.push(Draft { kind: Kind::List, name, text });
    }
    drafts
}

/// By the time at which rows were made, or else by their key.
fn newest_first(source: &Source<'_>) -> String {
    let made = source.table.columns.iter().find(|column| {
        let name = column.name.to_lowercase();
        let says = ["created", "inserted"].iter().any(|word| name.contains(word));
        says && source.base(column).is_instant()
    });
    let columns = match made {
        Some(column) => vec![column.name.as_str()],
        None => source.row_key().unwrap_or_default(),
    };
    if columns.is_empty() {
        return String::new();
    }
    let order = columns.iter().map(|column| format!("{} DESC", list([*column])));
    format!("\nORDER BY {}", order.collect::<Vec<_>>().join(", "))
}
