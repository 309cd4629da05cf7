//! The SQL that turns what is there after into what was there before.
//!
//! Every function takes a pair: what was there before, if anything, and what is
//! there after. It returns `None` where no statement is known to do it. An
//! alteration is worked out on a copy of what is there, field by field; if that
//! does not end up equal to what was there, some field has no statement.

mod about;
mod columns;
mod constraints;
mod objects;
mod tables;
mod triggers;
mod types;
mod views;

use super::name::{quote_ident, quote_literal};
use super::object::Object;
use super::{Catalog, Kind};

/// Statements without their final semicolons.
pub(super) type Statements = Vec<String>;

/// An object before and after.
type Pair<'a, T> = (Option<&'a T>, Option<&'a T>);

/// What mends depend on beyond the object itself.
pub(super) struct Mender<'a> {
    before: &'a Catalog,
    after: &'a Catalog,
    /// The one owner of all there is, who need not be named when something is made.
    sole_owner: Option<&'a str>,
}

impl<'a> Mender<'a> {
    pub(super) fn new(before: &'a Catalog, after: &'a Catalog) -> Self {
        Self { before, after, sole_owner: about::sole_owner(before, after) }
    }

    /// Drops an object that is named by its address.
    fn dropped(object: &Object) -> Option<Statements> {
        Some(vec![format!("DROP {}", object.address)])
    }
}

/// `name = 'value'` for each of the storage parameters, with `prefix` before the names.
fn settings(options: &[String], prefix: &str) -> Vec<String> {
    let split = options.iter().map(|option| option.split_once('=').unwrap_or((option, "")));
    split
        .map(|(name, value)| format!("{prefix}{} = {}", quote_ident(name), quote_literal(value)))
        .collect()
}

/// `SET (...)` and `RESET (...)` that turn the storage parameters `after` into `before`.
fn reset(before: &[String], after: &[String], prefix: &str) -> Vec<String> {
    let name = |option: &str| option.split('=').next().unwrap_or_default().to_owned();
    let set: Vec<_> = before.iter().filter(|option| !after.contains(option)).cloned().collect();
    let kept: Vec<_> = before.iter().map(|option| name(option)).collect();
    let gone: Vec<_> = after
        .iter()
        .map(|option| name(option))
        .filter(|option| !kept.contains(option))
        .map(|option| format!("{prefix}{}", quote_ident(&option)))
        .collect();
    let mut actions = Vec::new();
    if !gone.is_empty() {
        actions.push(format!("RESET ({})", gone.join(", ")));
    }
    if !set.is_empty() {
        actions.push(format!("SET ({})", settings(&set, prefix).join(", ")));
    }
    actions
}

/// The `OPTIONS (...)` of a foreign object, unless a secret among them was masked.
fn options(options: &[String]) -> Option<String> {
    if options.is_empty() {
        return Some(String::new());
    }
    let option = |option: &String| {
        let (name, value) = option.split_once('=')?;
        (value != super::about::MASK)
            .then(|| format!("{} {}", quote_ident(name), quote_literal(value)))
    };
    let all: Option<Vec<_>> = options.iter().map(option).collect();
    Some(format!(" OPTIONS ({})", all?.join(", ")))
}

/// The `OPTIONS (...)` that turn the options `after` of a foreign object into `before`.
fn alter_options(before: &[String], after: &[String]) -> Option<String> {
    let split = |option: &str| option.split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned()));
    let before: Option<Vec<_>> = before.iter().map(|option| split(option)).collect();
    let after: Option<Vec<_>> = after.iter().map(|option| split(option)).collect();
    let (before, after) = (before?, after?);
    let mut changes = Vec::new();
    for (name, _) in after.iter().filter(|(name, _)| !before.iter().any(|(n, _)| n == name)) {
        changes.push(format!("DROP {}", quote_ident(name)));
    }
    for (name, value) in &before {
        let verb = match after.iter().find(|(n, _)| n == name) {
            Some((_, same)) if same == value => continue,
            Some(_) => "SET",
            None => "ADD",
        };
        if value == super::about::MASK {
            return None;
        }
        changes.push(format!("{verb} {} {}", quote_ident(name), quote_literal(value)));
    }
    Some(format!("OPTIONS ({})", changes.join(", ")))
}

/// What a `GRANT` calls the object: tables and the like are all `TABLE`.
fn grantee_of(object: &Object) -> Option<String> {
    let word = match object.kind {
        Kind::Table | Kind::ForeignTable | Kind::View | Kind::MaterializedView => "TABLE",
        Kind::Sequence => "SEQUENCE",
        Kind::Function | Kind::Aggregate => "FUNCTION",
        Kind::Procedure => "PROCEDURE",
        Kind::Schema => "SCHEMA",
        Kind::Type | Kind::Domain => "TYPE",
        Kind::Language => "LANGUAGE",
        Kind::ForeignDataWrapper => "FOREIGN DATA WRAPPER",
        Kind::Server => "FOREIGN SERVER",
        _ => return None,
    };
    Some(format!("{word} {}", object.name))
}
