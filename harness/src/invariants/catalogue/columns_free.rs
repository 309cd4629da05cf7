//! `columns-free`: a column takes NULL and repeated values unless the schema says otherwise.

use super::Invariant;
use super::guard::accepted;
use super::keys;
use crate::invariants::case::Group;
use crate::invariants::context::Context;
use crate::invariants::context::prefer::{Cells, alike};
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "columns-free",
    group: "not null and checks",
    page: include_str!("pages/columns-free.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    context.shapes().filter_map(|shape| promise(context, shape)).collect()
}

fn promise(context: &Context, shape: &Shape) -> Option<Promise> {
    let says = "columns take NULL and repeated values where nothing forbids it".to_owned();
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let groups = groups(context, shape);
            if groups.is_empty() {
                return None;
            }
            Evidence::Cases(groups)
        }
    };
    Some(keys::promise(INVARIANT.id, shape, "columns", says, Otherwise::Broken, evidence))
}

fn groups(context: &Context, shape: &Shape) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut add = |about: String, rows: &[&Row]| {
        let ops = rows.iter().map(|row| row.insert()).collect();
        let cases = vec![accepted(context, shape, about, ops)];
        groups.push(Group { setup: context.setup(rows), cases });
    };
    let full = context.full(shape.name(), 0, &Cells::new());
    if let Some(row) = &full {
        add("a row with a value in every column".to_owned(), &[row]);
    }
    for (column, _) in shape.columns() {
        let name = &column.name;
        if !shape.not_null(name) {
            let null = Cells::from([(name.clone(), None)]);
            // Also where the checks want another column to be NULL as well.
            if let Some(row) = context.full(shape.name(), 0, &null) {
                add(format!("a row with NULL in {name}"), &[&row]);
            }
        }
        if let Some((one, other)) =
            full.as_ref().and_then(|one| agreeing(context, shape, one, name))
        {
            add(format!("two rows with the same {name}"), &[&one, &other]);
        }
    }
    for link in shape.links.iter().filter(|link| link.columns.len() > 1) {
        let columns: Vec<&str> = link.columns.iter().map(String::as_str).collect();
        let Some(one) = &full else { continue };
        if let Some(other) = context.unlike(one, &keys::cells(one, &columns))
            && !keys::meet_elsewhere(context, shape, None, one, &other)
        {
            add(format!("two rows with the same {}", columns.join(" and ")), &[one, &other]);
        }
    }
    groups
}

/// Two rows that agree in a column, and in as little else as can be; nothing if some key forbids
/// it.
fn agreeing(context: &Context, shape: &Shape, full: &Row, column: &str) -> Option<(Row, Row)> {
    let one = match full.text(column) {
        Some(_) => full.clone(),
        // Another row may have a value there.
        None => filled(context, shape, column)?,
    };
    let other = context.unlike(&one, &keys::cells(&one, &[column]))?;
    let agree = alike(one.cells.get(column)?, other.cells.get(column));
    (agree && !keys::meet_elsewhere(context, shape, None, &one, &other)).then_some((one, other))
}

/// A row with a value in this column, though it costs others theirs.
pub(super) fn filled(context: &Context, shape: &Shape, column: &str) -> Option<Row> {
    let components = context.components(shape.name()).iter();
    let mut found = components.filter_map(|component| {
        let at = component.columns.iter().position(|own| own == column)?;
        let good = component.combos.iter().filter(|combo| combo.is_good());
        good.filter_map(move |combo| combo.cells[at].clone()).next()
    });
    let fixed = Cells::from([(column.to_owned(), Some(found.next()?))]);
    context.full(shape.name(), 0, &fixed)
}
