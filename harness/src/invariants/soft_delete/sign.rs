//! What the name and type of a column say of it: whether it may tell live rows from deleted
//! ones, and by which values.

use crate::catalog::{Catalog, Column, ConstraintKind, Table, quote_ident};
use crate::sql::expression;
use crate::values::types::{self, Base};
use crate::values::{Value, literal};

/// When rows are deleted: after the times that generated rows have, before today.
const TIME: &str = "2025-06-01 12:00:00+00";

/// The same in seconds since 1970.
const SECONDS: &str = "1748779200";

/// A column that may say whether a row is deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sign {
    pub column: String,
    pub kind: Kind,
    /// What is said to have happened to the row: `deleted`, `archived`, ...
    pub word: String,
    pub live: Value,
    pub deleted: Value,
    /// Why, and how much that speaks for it.
    pub because: String,
    pub weight: u32,
}

/// How the column tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// By the time of the deletion, with one value for live rows.
    Time,
    /// By true or false, or 1 or 0.
    Flag,
    /// By one of several words, of which one means deleted.
    Status,
}

impl Sign {
    pub(super) fn is_time(&self) -> bool {
        self.kind == Kind::Time
    }

    /// The condition under which a row is live.
    pub(super) fn live_where(&self) -> String {
        let column = quote_ident(&self.column);
        match (self.kind, self.deleted.as_deref(), &self.live) {
            (Kind::Flag, Some("true"), _) => format!("{column} IS NOT TRUE"),
            (Kind::Flag, Some("false"), _) => column,
            (Kind::Status, _, _) => {
                format!("{column} IS DISTINCT FROM {}", literal(&self.deleted))
            }
            (_, _, None) => format!("{column} IS NULL"),
            (_, _, live) => format!("{column} = {}", literal(live)),
        }
    }
}

/// The columns of a table whose name and type may mean a soft delete. Not those of its primary
/// key and foreign keys, nor generated ones.
pub(super) fn all(catalog: &Catalog, table: &Table) -> Vec<Sign> {
    let in_key = |column: &Column| {
        table.constraints.iter().any(|constraint| {
            matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::ForeignKey)
                && constraint.columns.contains(&column.name)
        })
    };
    let own = table.columns.iter().filter(|column| column.generated.is_none() && !in_key(column));
    own.filter_map(|column| sign(catalog, table, column)).collect()
}

fn sign(catalog: &Catalog, table: &Table, column: &Column) -> Option<Sign> {
    let base = types::resolve(catalog, &column.data_type).base;
    let name = column.name.to_lowercase().replace(['_', '-', ' '], "");
    let made = |kind, word: &str, live: Value, deleted: &str, weight, meaning: &str| Sign {
        column: column.name.clone(),
        kind,
        word: word.to_owned(),
        live,
        deleted: Some(deleted.to_owned()),
        because: format!("`{}` is {meaning}", column.name),
        weight,
    };
    if matches!(name.as_str(), "status" | "state" | "lifecyclestate" | "recordstatus") {
        let (word, live) = status(catalog, table, column, &base)?;
        let meaning = format!("a status of which one is `{word}`");
        let weight = if word == "archived" { 1 } else { 3 };
        return Some(made(Kind::Status, &word, Some(live), &word, weight, &meaning));
    }
    let (flag, word) = word(&name)?;
    let weight = match word {
        "active" => 0,
        "archived" => 1,
        _ => 3,
    };
    if base.is_instant() && word != "active" {
        let live = live_time(column)?;
        let deleted = if base == Base::Date { &TIME[..10] } else { TIME };
        let meaning = match &live {
            None => "a time that is NULL in live rows".to_owned(),
            Some(live) => format!("a time that is `{live}` in live rows"),
        };
        return Some(made(Kind::Time, word, live, deleted, weight, &meaning));
    }
    match base {
        Base::Bool => {
            let (live, deleted) =
                if word == "active" { ("true", "false") } else { ("false", "true") };
            let default = constant(column);
            if default.as_deref().is_some_and(|default| default != live) {
                return None;
            }
            let meaning = format!("a flag that is {live} in live rows");
            Some(made(Kind::Flag, word, Some(live.to_owned()), deleted, weight, &meaning))
        }
        // A number is a time or a flag only if it starts at 0: `deleted` alone may be a count.
        Base::Int(bits) if word != "active" && name != word => {
            let deleted = if !flag && bits == 64 { SECONDS } else { "1" };
            let kind = if flag { Kind::Flag } else { Kind::Time };
            match constant(column).as_deref() {
                Some("0") => {
                    let meaning = "a number that is 0 in live rows";
                    Some(made(kind, word, Some("0".to_owned()), deleted, weight, meaning))
                }
                None if !flag && !column.not_null => {
                    let meaning = "a time in a number that is NULL in live rows";
                    Some(made(kind, word, None, deleted, weight, meaning))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether the name, in small letters and without underscores, is that of a flag, and what it
/// says has happened to the row.
fn word(name: &str) -> Option<(bool, &'static str)> {
    if matches!(name, "isdel" | "deletionflag" | "deleteflag" | "isdelete") {
        return Some((true, "deleted"));
    }
    if matches!(name, "deletiontimestamp" | "deletiontime" | "deletiondate" | "datedeleted") {
        return Some((false, "deleted"));
    }
    for word in ["deleted", "removed", "discarded", "trashed", "archived", "active"] {
        let bare = name.strip_prefix("soft").unwrap_or(name);
        if bare == word || bare.strip_prefix("is") == Some(word) {
            return Some((true, word));
        }
        let rest = bare.strip_prefix(word);
        if word != "active"
            && rest.is_some_and(|rest| matches!(rest, "at" | "on" | "date" | "time" | "ts"))
        {
            return Some((false, word));
        }
    }
    None
}

/// The value of a time in live rows: NULL, or the far end that it is by default. Nothing if each
/// row has a time from the beginning, as in a log of deletions.
fn live_time(column: &Column) -> Option<Value> {
    match column.default.as_deref() {
        None if !column.not_null => Some(None),
        None => None,
        Some(default) if default.starts_with("NULL") && !column.not_null => Some(None),
        Some(default) => {
            let constant = default.split('\'').nth(1)?;
            let far = matches!(constant, "epoch" | "infinity" | "-infinity")
                || ["1970-01-01", "9999-", "0001-01-01", "1900-01-01"]
                    .iter()
                    .any(|far| constant.starts_with(far));
            far.then(|| Some(constant.to_owned()))
        }
    }
}

/// The default if it is a constant, as text.
fn constant(column: &Column) -> Option<String> {
    let default = column.default.as_deref()?.trim();
    let bare = default.split("::").next().unwrap_or(default).trim_matches(['(', ')', '\'']);
    (bare != "NULL").then(|| bare.to_owned())
}

/// The word of a status that means deleted, and one that does not.
fn status(
    catalog: &Catalog,
    table: &Table,
    column: &Column,
    base: &Base,
) -> Option<(String, String)> {
    let labels = labels(catalog, table, column, base);
    let deleted = ["deleted", "removed", "trashed", "archived"]
        .iter()
        .find_map(|word| labels.iter().find(|label| label.eq_ignore_ascii_case(word)))?;
    let default = constant(column).filter(|default| labels.contains(default) && default != deleted);
    let live = default.or_else(|| labels.iter().find(|label| *label != deleted).cloned())?;
    Some((deleted.clone(), live))
}

/// The words that a column takes, by its enum or by a check that lists them.
pub(super) fn labels(
    catalog: &Catalog,
    table: &Table,
    column: &Column,
    base: &Base,
) -> Vec<String> {
    if let Base::Enum(labels) = base {
        return labels.clone();
    }
    let resolved = types::resolve(catalog, &column.data_type);
    let of_domains = resolved.domains.iter().flat_map(|domain| &domain.constraints);
    let own = table.constraints.iter().filter(|found| {
        found.kind == ConstraintKind::Check && found.columns == [column.name.clone()]
    });
    let checks = own.filter_map(|found| found.expression.as_deref());
    let checks = checks.chain(of_domains.map(|found| found.expression.as_str()));
    let elements = checks.flat_map(|check| {
        let leaves = expression::condition(check).leaves;
        leaves.into_iter().flat_map(|leaf| leaf.elements)
    });
    elements.filter_map(|element| Some(element.split('\'').nth(1)?.to_owned())).collect()
}

/// The sign of a column that a user names: what its type makes of `live`.
pub(super) fn named(column: &Column, base: &Base, live: Value) -> Option<Sign> {
    let (kind, deleted) = match (base, live.as_deref()) {
        (Base::Bool, Some("true")) => (Kind::Flag, "false"),
        (Base::Bool, _) => (Kind::Flag, "true"),
        (Base::Date, _) => (Kind::Time, &TIME[..10]),
        (base, _) if base.is_instant() => (Kind::Time, TIME),
        (Base::Int(64), _) => (Kind::Time, SECONDS),
        (Base::Int(_), Some("1")) => (Kind::Flag, "0"),
        (Base::Int(_), _) => (Kind::Flag, "1"),
        (base, None) if base.is_text() => (Kind::Time, "deleted"),
        _ => return None,
    };
    Some(Sign {
        column: column.name.clone(),
        kind,
        word: "deleted".to_owned(),
        live,
        deleted: Some(deleted.to_owned()),
        because: String::new(),
        weight: 0,
    })
}
