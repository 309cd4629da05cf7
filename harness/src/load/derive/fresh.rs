//! What makes the copy of a row a row of its own: fresh values for what must be unique.

use std::collections::BTreeMap;

use crate::catalog::{Column, ConstraintKind, quote_ident};
use crate::values::types::Base;

use super::source::{Source, foreign_keys};

/// How a column of a copy comes by its value, where it is not copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::load) enum Fresh {
    /// The database gives it: it is generated, an identity, or has a default that is called.
    LeftOut,
    /// It is this expression, in which a variable stands that `set` gives a value.
    Value { set: String, value: String },
}

/// Hexadecimal digits of a fresh text. From 2^44 to 2^48 every number has twelve.
const DIGITS: u32 = 12;
const TWELVE: &str = "random(17592186044416, 281474976710655)";

/// With fewer characters two of a run would be the same.
const FEWEST: u32 = 6;

/// The columns of a copy that are not copied, by name.
///
/// `Err` says of a unique key why no copy can differ in it.
pub(in crate::load) fn fresh<'s>(
    source: &'s Source<'_>,
) -> Result<BTreeMap<&'s str, Fresh>, String> {
    let table = source.table;
    let mut fresh = BTreeMap::new();
    for column in &table.columns {
        if column.generated.is_some() || column.identity.is_some() {
            fresh.insert(column.name.as_str(), Fresh::LeftOut);
        }
    }
    let mut keys: Vec<(String, Vec<&str>, bool)> = Vec::new();
    for index in table.indexes.iter().filter(|index| index.unique) {
        let says = format!("the unique key `{}`", index.name);
        keys.push((says, source.unique_columns(index), !index.nulls_not_distinct));
    }
    for one in table.constraints.iter().filter(|one| one.kind == ConstraintKind::Exclusion) {
        let columns =
            one.columns.iter().zip(&one.operators).filter(|(_, operator)| *operator == "=");
        let columns = columns.flat_map(|(part, _)| source.excluded(part)).collect();
        keys.push((format!("the exclusion `{}`", one.name), columns, true));
    }
    // What a key of one column needs may be enough for one of several.
    keys.sort_by_key(|(_, columns, _)| columns.len());
    for (says, columns, distinct) in keys {
        if columns.iter().any(|column| fresh.contains_key(column)) {
            continue;
        }
        let number = fresh.len() + 1;
        let found = columns.iter().filter_map(|name| table.column(name));
        let found = found.filter_map(|column| candidate(source, column, number));
        if let Some((_, name, value)) = found.min_by_key(|(rank, ..)| *rank) {
            fresh.insert(name, value);
        } else if let Some(name) = columns.iter().find(|name| distinct && nullable(source, name)) {
            // Nulls are not equal to each other.
            fresh.insert(name, Fresh::Value { set: String::new(), value: "NULL".to_owned() });
        } else if !columns.is_empty() && columns.iter().all(|name| is_foreign(source, name)) {
            return Err("all columns of a unique key are foreign keys".to_owned());
        } else {
            return Err(format!("no fresh value can be made for {says}"));
        }
    }
    Ok(fresh)
}

fn is_foreign(source: &Source<'_>, column: &str) -> bool {
    foreign_keys(source.table).any(|(one, _)| one.columns.iter().any(|name| name == column))
}

fn nullable(source: &Source<'_>, column: &str) -> bool {
    source.table.column(column).is_some_and(|column| !column.not_null)
}

/// How a column can be made fresh, and how well it suits: less is better.
fn candidate<'s>(
    source: &'s Source<'_>,
    column: &'s Column,
    number: usize,
) -> Option<(u8, &'s str, Fresh)> {
    let name = column.name.as_str();
    if is_foreign(source, name) {
        return None;
    }
    // A fresh value may belong into no partition.
    let key = source.table.partition_key.as_deref();
    let places = key.is_some_and(|key| source.mentioned(key).contains(&name));
    let away = if places { 10 } else { 0 };
    if column.default.as_ref().is_some_and(|default| default.contains('(')) {
        return Some((away, name, Fresh::LeftOut));
    }
    let (rank, value) = value(source, column, &quote_ident(name), number)?;
    Some((away + rank, name, value))
}

/// A value of a column that no row has, made of `from`, that of a row that exists, and how well
/// the column's type suits. `number` tells it from others of the script.
pub(in crate::load) fn value(
    source: &Source<'_>,
    column: &Column,
    from: &str,
    number: usize,
) -> Option<(u8, Fresh)> {
    let (rank, set, value) = made(&source.base(column), from, number)?;
    let set = format!("\\set fresh_{number} {set}\n");
    Some((rank, Fresh::Value { set, value }))
}

/// The rank of a type, what the variable is set to, and the expression that has it in.
fn made(base: &Base, column: &str, number: usize) -> Option<(u8, &'static str, String)> {
    let given = format!(":fresh_{number}");
    let hex = format!("to_hex({given}::bigint)");
    let text = |length: Option<u32>| match length {
        // The beginning stays, so that an address is still one to a check.
        Some(length) if length >= DIGITS => {
            Some(format!("left({column}, {}) || {hex}", length - DIGITS))
        }
        Some(length) if length >= FEWEST => Some(format!("right({hex}, {length})")),
        Some(_) => None,
        None => Some(format!("{column} || {hex}")),
    };
    Some(match base {
        Base::Uuid => (1, "fake(uuid)", format!("{given}::uuid")),
        Base::Text(length) => (2, TWELVE, text(*length)?),
        Base::Char(length) => (2, TWELVE, text(Some(*length))?),
        Base::Citext => (2, TWELVE, text(None)?),
        // Far above what sequences have reached.
        Base::Int(64) => {
            (3, "random(4611686018427387904, 9223372036854775807)", format!("{given}::bigint"))
        }
        Base::Int(32) => (3, "random(1000000000, 2147483647)", format!("{given}::integer")),
        Base::Numeric(digits)
            if digits.is_none_or(|(all, after)| i32::from(all) - i32::from(after) >= 10) =>
        {
            (3, "random(1000000000, 2147483647)", format!("{given}::integer"))
        }
        Base::Bytea => (4, TWELVE, format!("{column} || decode({hex}, 'hex')")),
        // Within the next hour.
        Base::Timestamp | Base::TimestampTz => {
            let value = format!("{column} + {given}::bigint * interval '1 microsecond'");
            (5, "random(1, 3600000000)", value)
        }
        _ => return None,
    })
}
