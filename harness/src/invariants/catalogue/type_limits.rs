//! `type-limits`: a column takes what its type can hold up to its limits, and nothing beyond.

use super::Invariant;
use super::columns_free::filled;
use super::guard::{accepted, beside_keys, may_raise, refused};
use super::keys;
use crate::catalog::{Column, quote_ident, quote_literal};
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::{Key, Shape};
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::values::candidates;
use crate::values::types::{Base, Resolved};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "type-limits",
    group: "not null and checks",
    page: include_str!("pages/type-limits.md"),
    derive,
};

/// Longer values do not fit into every index.
const LONGEST: usize = 600;

fn derive(context: &Context) -> Vec<Promise> {
    let columns =
        |shape| Shape::columns(shape).map(move |(column, resolved)| (shape, column, resolved));
    let all = context.shapes().flat_map(columns);
    all.filter_map(|(shape, column, resolved)| promise(context, shape, column, resolved)).collect()
}

fn promise(
    context: &Context,
    shape: &Shape,
    column: &Column,
    resolved: &Resolved,
) -> Option<Promise> {
    let says = format!(
        "{} holds what {} can hold, and nothing else",
        quote_ident(&column.name),
        column.data_type.text
    );
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let row = context.row(shape.name(), 0)?;
            let mut cases = beyond(context, shape, &column.name, resolved, &row);
            if is_free(context, shape, &column.name) {
                cases.extend(within(context, shape, &column.name, resolved, &row));
            }
            let mut groups = Vec::new();
            if !cases.is_empty() {
                groups.push(Group { setup: context.setup(&[&row]), cases });
            }
            groups.extend(instant(context, shape, column, resolved));
            if groups.is_empty() {
                return None;
            }
            Evidence::Cases(groups)
        }
    };
    Some(keys::promise(INVARIANT.id, shape, &column.name, says, Otherwise::Broken, evidence))
}

fn told(value: &str) -> String {
    match value.chars().count() {
        0..=40 => format!("`{value}`"),
        length => format!("{length} characters"),
    }
}

fn beyond(
    context: &Context,
    shape: &Shape,
    column: &str,
    resolved: &Resolved,
    row: &Row,
) -> Vec<Case> {
    let case = |beyond: candidates::Beyond| {
        let about = format!("{}: {} in {column}", beyond.about, told(&beyond.value));
        let ops = vec![row.clone().with(column, Some(beyond.value)).insert()];
        // A check or partition may be asked before the length is looked at.
        let states = [beyond.sqlstates.as_slice(), &["23514"]].concat();
        refused(context, shape, about, ops, &states, None)
    };
    candidates::beyond(resolved).into_iter().map(case).collect()
}

fn within(
    context: &Context,
    shape: &Shape,
    column: &str,
    resolved: &Resolved,
    row: &Row,
) -> Vec<Case> {
    let own = [column.to_owned()];
    let mut values = candidates::boundary(resolved);
    if let Base::Enum(labels) = &resolved.base {
        values.clone_from(labels);
    }
    values.retain(|value| value.len() <= LONGEST || !is_indexed(shape, column));
    let case = |value: &String| {
        let row = row.clone().with(column, Some(value.clone()));
        let about = format!("{} in {column}", told(value));
        accepted(context, shape, about, vec![beside_keys(shape, &own, &row)])
    };
    let mut cases: Vec<Case> = values.iter().map(case).collect();
    if !row.identity.iter().any(|name| name == column) {
        cases.extend(kept(shape, column, resolved, row));
    }
    cases
}

/// What is not kept as it was given: blanks beyond the length, digits beyond the scale.
fn kept(shape: &Shape, column: &str, resolved: &Resolved, row: &Row) -> Option<Case> {
    let name = quote_ident(column);
    let (given, asked, expected) = match resolved.base {
        Base::Text(Some(length)) if resolved.cast != "name" && length <= 10_000 => {
            let full = "x".repeat(usize::try_from(length).ok()?);
            (format!("{full}  "), format!("char_length({name})"), length.to_string())
        }
        Base::Numeric(Some((precision, scale @ 1..=10)))
            if i32::from(precision) > i32::from(scale) =>
        {
            let zeros = "0".repeat(usize::try_from(scale - 1).ok()?);
            (format!("0.{zeros}04"), format!("{name}::text"), format!("0.{zeros}0"))
        }
        _ => return None,
    };
    let one_key = |key: &Key| key.columns() == [column];
    if shape.keys.iter().any(one_key) {
        return None;
    }
    let about = format!("{} in {column}, of which the end is cut off", told(&given));
    let row = row.clone().with(column, Some(given));
    Some(Case::yields(about, vec![row.insert(), row.select(&asked)], &expected))
}

/// A time given as in another zone. With a time zone it is the same instant, without one the zone
/// is not heeded, and the time is as it was written.
fn instant(
    context: &Context,
    shape: &Shape,
    column: &Column,
    resolved: &Resolved,
) -> Option<Group> {
    let name = &column.name;
    let in_key = |key: &Key| key.columns().contains(&name.as_str());
    let is_instant = matches!(resolved.base, Base::Timestamp | Base::TimestampTz);
    if !is_instant || !is_kept(context, shape, name) || shape.keys.iter().any(in_key) {
        return None;
    }
    let row = match context.row(shape.name(), 0)? {
        row if row.text(name).is_some() => row,
        // A trigger may say no to a row that is deleted from the start.
        _ if may_raise(context, shape) => return None,
        _ => filled(context, shape, name)?,
    };
    let value = row.text(name)?.to_owned();
    let given = match resolved.base {
        Base::TimestampTz => elsewhere(&value)?,
        _ => format!("{value}+12"),
    };
    let column = quote_ident(name);
    let cast = &resolved.cast;
    let same = format!(
        "(extract(epoch FROM {column}) = extract(epoch FROM {}::{cast}))::text",
        quote_literal(&value)
    );
    let about = format!("{} in {name}, which is {value}", told(&given));
    let setup = context.setup(&[&row]);
    let row = row.with(name, Some(given));
    Some(Group {
        setup,
        cases: vec![Case::yields(about, vec![row.insert(), row.select(&same)], "true")],
    })
}

/// The instant as it is written twelve hours to the east or to the west of UTC.
fn elsewhere(instant: &str) -> Option<String> {
    let (day, time) = instant.strip_suffix("+00")?.split_once(' ')?;
    let (hour, rest) = time.split_once(':')?;
    let hour: u8 = hour.parse().ok()?;
    Some(match hour {
        0..12 => format!("{day} {:02}:{rest}+12", hour + 12),
        _ => format!("{day} {:02}:{rest}-12", hour.checked_sub(12)?),
    })
}

/// Whether only the type decides what the column takes.
fn is_free(context: &Context, shape: &Shape, column: &str) -> bool {
    is_kept(context, shape, column)
        && !shape.checks.iter().any(|check| check.columns.iter().any(|own| own == column))
}

/// Whether the column has the value that it is given, if it takes it.
fn is_kept(context: &Context, shape: &Shape, column: &str) -> bool {
    !context.is_rewritten(shape.name(), column)
        && !context.is_computed_with(shape, column)
        && !shape.links.iter().any(|link| link.columns.iter().any(|own| own == column))
}

fn is_indexed(shape: &Shape, column: &str) -> bool {
    let parts = shape.table.indexes.iter().flat_map(|index| &index.columns);
    parts.filter_map(|part| part.column.as_deref()).any(|own| own == column)
}

#[cfg(test)]
mod tests {
    use super::elsewhere;

    #[test]
    fn an_instant_is_the_same_elsewhere() {
        let moved = |instant| elsewhere(instant).unwrap_or_default();
        assert_eq!(moved("2024-03-15 10:30:00+00"), "2024-03-15 22:30:00+12");
        assert_eq!(moved("2020-07-04 18:15:42.5+00"), "2020-07-04 06:15:42.5-12");
        assert_eq!(elsewhere("infinity"), None);
    }
}
