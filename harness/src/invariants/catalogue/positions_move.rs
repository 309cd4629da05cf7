//! `positions-move`: rows with a unique place in an order can be moved by one statement.

use super::Invariant;
use super::keys;
use crate::catalog::quote_ident;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::{Key, Shape};
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::values::types::Base;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "positions-move",
    group: "uniqueness",
    page: include_str!("pages/positions-move.md"),
    derive,
};

/// Columns that say where a row stands among others.
const NAMES: [&str; 11] = [
    "position",
    "pos",
    "sort_order",
    "display_order",
    "order",
    "ordinal",
    "rank",
    "sort_index",
    "sort",
    "ordering",
    "order_index",
];

fn derive(context: &Context) -> Vec<Promise> {
    keys::keys(context).filter_map(|(shape, key)| promise(context, shape, key)).collect()
}

fn promise(context: &Context, shape: &Shape, key: &Key) -> Option<Promise> {
    let column = *key.columns().iter().find(|name| is_position(shape, name))?;
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => evidence(context, shape, key, column)?,
    };
    let (table, name, list) = (shape.name(), quote_ident(&key.name), key.list());
    let kind = if key.primary { "PRIMARY KEY" } else { "UNIQUE" };
    let otherwise = Otherwise::Risk {
        trap: format!(
            "moving rows up by one fails half-way: each {column} is looked at as soon as it is written"
        ),
        way_out: match key.constraint {
            true => format!(
                "ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {kind} ({list}) DEFERRABLE;"
            ),
            false => {
                format!("ALTER TABLE {table} ADD UNIQUE ({list}) DEFERRABLE; DROP INDEX {name};")
            }
        },
    };
    let says = format!("rows next to each other in {column} can be moved by one statement");
    Some(keys::promise(INVARIANT.id, shape, &key.name, says, otherwise, evidence))
}

fn is_position(shape: &Shape, name: &str) -> bool {
    NAMES.contains(&name.to_lowercase().as_str())
        && shape
            .column(name)
            .is_some_and(|(_, resolved)| matches!(resolved.base, Base::Int(_) | Base::Numeric(_)))
}

fn evidence(context: &Context, shape: &Shape, key: &Key, column: &str) -> Option<Evidence> {
    let rows = keys::rows(context, shape, key)?;
    let same = keys::cells(&rows.twin, &key.columns());
    // Three places next to each other that the table takes.
    let components = context.components(shape.name()).iter();
    let places = components.flat_map(|component| {
        let at = component.columns.iter().position(|own| own == column);
        let good = component.combos.iter().filter(|combo| combo.is_good());
        good.filter_map(move |combo| combo.cells[at?].as_deref()?.parse::<i64>().ok())
    });
    let mut places: Vec<i64> = places.collect();
    places.sort_unstable();
    places.dedup();
    let first =
        places.windows(3).find(|three| three[1] - three[0] == 1 && three[2] - three[1] == 1)?[0];
    let mut at = same.clone();
    at.insert(column.to_owned(), Some(first.to_string()));
    let one = context.full(shape.name(), 0, &at)?;
    at.insert(column.to_owned(), Some((first + 1).to_string()));
    let next = context.unlike(&one, &at)?;
    let name = quote_ident(column);
    let moved = format!(
        "UPDATE {} SET {name} = {name} + 1 WHERE {} OR {}",
        shape.name(),
        one.condition(),
        next.condition()
    );
    let about = "moving two rows that stand next to each other up by one";
    let case = Case::accepted(about, vec![one.insert(), next.insert(), moved]);
    let apart = !keys::meet_elsewhere(context, shape, None, &one, &next);
    apart.then(|| Evidence::cases(context.setup(&[&one, &next]), vec![case]))
}
