//! `check-clauses`: a check refuses what makes it false and takes all else, at the boundaries of
//! every one of its clauses.

use std::collections::BTreeSet;

use super::Invariant;
use super::guard::{accepted, beside_keys, refused};
use super::keys;
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::context::prefer::Cells;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::{Check, Shape};
use crate::invariants::context::solve::{Combo, Component};
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::values::Value;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "check-clauses",
    group: "not null and checks",
    page: include_str!("pages/check-clauses.md"),
    derive,
};

/// How many cases a check gets at most. Smaller checks get every combination of the values that
/// decide them.
const CASES: usize = 400;

fn derive(context: &Context) -> Vec<Promise> {
    let mut promises = Vec::new();
    for shape in context.shapes() {
        for component in context.components(shape.name()) {
            for (place, check) in component.checks.iter().enumerate() {
                promises.extend(promise(context, shape, component, place, &shape.checks[*check]));
            }
        }
    }
    promises
}

fn promise(
    context: &Context,
    shape: &Shape,
    component: &Component,
    place: usize,
    check: &Check,
) -> Option<Promise> {
    let rewritten = |column: &String| context.is_rewritten(shape.name(), column);
    if component.columns.iter().any(rewritten) {
        return None;
    }
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let groups = groups(context, shape, component, place, check);
            if groups.is_empty() {
                return None;
            }
            Evidence::Cases(groups)
        }
    };
    let object = match &check.domain {
        // Several columns may have the domain.
        Some(_) => format!("{}.{}", check.columns.join(","), check.name),
        None => check.name.clone(),
    };
    let says = format!("a row is refused if and only if {} is false", check.expression);
    Some(keys::promise(INVARIANT.id, shape, &object, says, Otherwise::Broken, evidence))
}

fn groups(
    context: &Context,
    shape: &Shape,
    component: &Component,
    place: usize,
    check: &Check,
) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for combo in chosen(component, place) {
        let Some(row) = row(context, shape, component, combo) else { continue };
        let case = case(context, shape, component, place, check, combo, &row);
        let setup = context.setup(&[&row]);
        match groups.iter_mut().find(|group| group.setup == setup) {
            Some(group) => group.cases.push(case),
            None => groups.push(Group { setup, cases: vec![case] }),
        }
    }
    groups
}

fn case(
    context: &Context,
    shape: &Shape,
    component: &Component,
    place: usize,
    check: &Check,
    combo: &Combo,
    row: &Row,
) -> Case {
    let told = component.columns.iter().zip(&combo.cells).map(|(column, value)| match value {
        Some(text) if text.chars().count() > 40 => {
            format!("{column} of {} characters", text.chars().count())
        }
        Some(text) => format!("{column} `{text}`"),
        None => format!("no {column}"),
    });
    let about = format!("a row with {}", told.collect::<Vec<_>>().join(", "));
    let insert = beside_keys(shape, &component.columns, row);
    match combo.checks[place] {
        Some(false) => refused(context, shape, about, vec![insert], &["23514"], Some(&check.name)),
        _ => accepted(context, shape, about, vec![insert]),
    }
}

/// The row with the values of a combination. What else it has is as in any row, and the parents
/// are there that its foreign keys name.
fn row(context: &Context, shape: &Shape, component: &Component, combo: &Combo) -> Option<Row> {
    let fixed: Cells = component.columns.iter().cloned().zip(combo.cells.iter().cloned()).collect();
    if combo.is_good() {
        return context.full(shape.name(), 0, &fixed);
    }
    // The checks say no to it, so it is put into a row that they say yes to.
    let linked = |column: &String| {
        shape.links.iter().any(|link| link.columns.iter().any(|own| own == column))
    };
    let parents: Cells = fixed
        .iter()
        .filter(|(column, _)| linked(column))
        .map(|(c, v)| (c.clone(), v.clone()))
        .collect();
    let mut row = context.full(shape.name(), 0, &parents)?;
    for (column, value) in fixed {
        row = row.with(&column, value);
    }
    Some(row)
}

/// The combinations that try the check: those in which every other check of these columns holds.
/// If they are too many, first one for each way in which its clauses can come out, then those
/// that differ from such a one in the fewest values.
fn chosen(component: &Component, place: usize) -> Vec<&Combo> {
    let decides = |combo: &&Combo| {
        let mut others = combo.checks.iter().enumerate().filter(|(at, _)| *at != place);
        others.all(|(_, truth)| *truth != Some(false))
    };
    let active: Vec<&Combo> = component.combos.iter().filter(decides).collect();
    let mut seen = BTreeSet::new();
    let mut first: Vec<&Combo> = active.clone();
    first.retain(|combo| seen.insert((combo.checks[place], combo.clauses[place].clone())));
    let distance = |combo: &Combo, other: &Combo| -> usize {
        let pairs = combo.cells.iter().zip(&other.cells);
        pairs.filter(|(one, two): &(&Value, &Value)| one != two).count()
    };
    let mut near: Vec<(usize, usize, &Combo)> = active
        .into_iter()
        .enumerate()
        .map(|(at, combo)| {
            let nearest = first.iter().map(|other| distance(combo, other)).min().unwrap_or(0);
            (nearest, at, combo)
        })
        .collect();
    near.sort_by_key(|(nearest, at, _)| (*nearest, *at));
    near.into_iter().take(CASES).map(|(_, _, combo)| combo).collect()
}
