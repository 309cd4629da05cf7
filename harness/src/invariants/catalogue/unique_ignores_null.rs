//! `unique-ignores-null`: a key of several columns holds also where one of them is NULL.

use super::Invariant;
use super::guard::refused;
use super::keys;
use crate::catalog::quote_ident;
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Key, Shape};
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::sql::expression;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "unique-ignores-null",
    group: "uniqueness",
    page: include_str!("pages/unique-ignores-null.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    keys::keys(context).filter_map(|(shape, key)| promise(context, shape, key)).collect()
}

/// A column of a longer key that may be NULL, unless it says whether the row is deleted or the
/// key's condition speaks of it.
fn nullable<'a>(context: &Context, shape: &Shape, key: &'a Key) -> Option<&'a str> {
    let soft = context.soft_delete(shape.name()).map(|soft| soft.column.as_str());
    let spoken_of = |name: &str| {
        let predicate = key.predicate.as_deref().unwrap_or_default();
        soft == Some(name) || !expression::columns(predicate, &[name]).is_empty()
    };
    let columns = key.parts.iter().filter_map(|part| part.column.as_deref());
    let mut nullable = columns.filter(|name| !shape.not_null(name) && !spoken_of(name));
    nullable.next().filter(|_| key.parts.len() > 1)
}

fn promise(context: &Context, shape: &Shape, key: &Key) -> Option<Promise> {
    let column = nullable(context, shape, key)?;
    let says =
        format!("no two rows agree in {}, also where {} is NULL", key.list(), quote_ident(column));
    let otherwise = Otherwise::Risk {
        trap: format!(
            "NULL equals nothing, so any number of rows without {column} can have the same rest of the key"
        ),
        way_out: way_out(shape, key),
    };
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let rows = keys::rows(context, shape, key)?;
            let mut same = keys::cells(&rows.twin, &key.columns());
            same.insert(column.to_owned(), None);
            let one = context.full(shape.name(), 0, &same)?;
            let twin = context.unlike(&one, &same)?;
            let about = format!("two rows with the same key and NULL in {column}");
            let ops = vec![one.insert(), twin.insert()];
            // What else may refuse it is a check, or another key.
            let case = refused(context, shape, about, ops, &["23505", "23514"], None);
            Evidence::cases(context.setup(&[&one, &twin]), vec![case])
        }
    };
    Some(keys::promise(INVARIANT.id, shape, &key.name, says, otherwise, evidence))
}

fn way_out(shape: &Shape, key: &Key) -> String {
    let (table, name, list) = (shape.name(), quote_ident(&key.name), key.list());
    let condition = key.predicate.as_ref().map_or_else(String::new, |p| format!(" WHERE {p}"));
    if key.constraint {
        format!(
            "ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} UNIQUE NULLS NOT DISTINCT ({list});"
        )
    } else {
        format!(
            "CREATE UNIQUE INDEX CONCURRENTLY ON {table} ({list}) NULLS NOT DISTINCT{condition};\nDROP INDEX CONCURRENTLY {};",
            table.sibling(&key.name)
        )
    }
}
