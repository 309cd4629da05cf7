//! `exclusion`: rows that an exclusion keeps apart do not overlap, and rows that only touch may.

use super::Invariant;
use super::guard::{accepted, refused};
use super::keys;
use super::spans::{self, Exclusion};
use crate::catalog::{ConstraintKind, TableKind};
use crate::invariants::case::Group;
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "exclusion",
    group: "uniqueness",
    page: include_str!("pages/exclusion.md"),
    derive,
};

const STATES: &[&str] = &["23P01"];

fn derive(context: &Context) -> Vec<Promise> {
    spans::all(context).filter_map(|exclusion| promise(context, &exclusion)).collect()
}

fn promise(context: &Context, exclusion: &Exclusion<'_>) -> Option<Promise> {
    let shape = exclusion.shape;
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => Evidence::Cases(groups(context, exclusion)?),
    };
    let within = match exclusion.group.as_slice() {
        [] => String::new(),
        group => format!(" with the same {}", group.join(" and ")),
    };
    let says = format!("no two rows{within} overlap in {}", exclusion.columns().join(" to "));
    let name = &exclusion.constraint.name;
    Some(keys::promise(INVARIANT.id, shape, name, says, Otherwise::Broken, evidence))
}

fn groups(context: &Context, exclusion: &Exclusion<'_>) -> Option<Vec<Group>> {
    let shape = exclusion.shape;
    let [first, over, touching] = exclusion.spans()?;
    let one = exclusion.first(context, &first)?;
    let only = shape.table.constraints.iter().filter(|c| c.kind == ConstraintKind::Exclusion);
    let alone = only.count() == 1 && shape.table.kind != TableKind::Partitioned;
    let by = alone.then_some(exclusion.constraint.name.as_str());
    let mut groups = Vec::new();
    let mut add = |about: &str, second: Option<Row>, refuses: bool| {
        let Some(second) = second else { return };
        // What a key says of the two is another matter.
        if !alone
            || shape
                .keys
                .iter()
                .any(|k| keys::meet(context, shape, k, &one, &second) != Some(false))
        {
            return;
        }
        let ops = vec![one.insert(), second.insert()];
        let case = match refuses {
            true => refused(context, shape, about, ops, STATES, by),
            false => accepted(context, shape, about, ops),
        };
        groups.push(Group { setup: context.setup(&[&one, &second]), cases: vec![case] });
    };
    add("two rows that overlap", exclusion.beside(context, &one, &over), true);
    add("two rows with the same span", exclusion.beside(context, &one, &first), true);
    let touches = "a row that begins where another one ends";
    add(touches, exclusion.beside(context, &one, &touching), exclusion.closed);
    if !exclusion.group.is_empty() {
        let about = "two rows that overlap in different groups";
        add(about, exclusion.elsewhere(context, &one, &over), false);
    }
    if let Some(later) = exclusion.beside(context, &one, &touching)
        && keys::updatable(shape, &exclusion.columns())
        && !exclusion.closed
        && alone
        && let Some(mut moved) = exclusion.beside(context, &one, &over)
    {
        moved = later.clone().like(&moved, &exclusion.columns());
        let assignments = keys::assignments(&moved, &exclusion.columns())?;
        let ops = vec![one.insert(), later.insert(), later.set(&assignments)];
        let case =
            refused(context, shape, "an update that makes two rows overlap", ops, STATES, by);
        let identified = later.identity.iter().all(|c| !exclusion.columns().contains(&c.as_str()));
        if identified && !keys::meet_elsewhere(context, shape, None, &one, &later) {
            groups.push(Group { setup: context.setup(&[&one, &later]), cases: vec![case] });
        }
    }
    (!groups.is_empty()).then_some(groups)
}
