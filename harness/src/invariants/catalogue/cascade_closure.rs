//! `cascade-closure`: deleting a row does to others what the foreign keys say, and no more.

use super::Invariant;
use crate::catalog::{Name, TableKind, Timing, Trigger};
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::family::deletions::{Deletion, deletions};
use crate::invariants::family::fate::{Change, Fate};
use crate::invariants::family::paths::MOST;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "cascade-closure",
    group: "foreign keys",
    page: include_str!("pages/cascade-closure.md"),
    derive,
};

/// SQLSTATEs of a delete that a foreign key refuses; the second from version 18.
pub(super) const REFUSED: [&str; 2] = ["23503", "23001"];

fn derive(context: &Context) -> Vec<Promise> {
    let parents = context.shapes().map(|shape| shape.name());
    let parents = parents.filter(|name| context.links_to(name).any(|link| !link.disabled));
    parents.flat_map(|name| of(context, name)).collect()
}

/// The promises of one parent: what no trigger or rule sees, and the rest.
fn of(context: &Context, table: &Name) -> Vec<Promise> {
    let promise = |object: &str, otherwise, evidence| Promise {
        invariant: INVARIANT.id.to_owned(),
        table: table.clone(),
        object: object.to_owned(),
        says: "deleting a row does to others what the foreign keys say, and no more".to_owned(),
        otherwise,
        evidence,
    };
    if let Some(reason) = context.unable(table) {
        let evidence = Evidence::Untested(reason.to_owned());
        return vec![promise("delete", Otherwise::Broken, evidence)];
    }
    let (deletions, cut) = deletions(context, table);
    let (mut plain, mut seen, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for deletion in &deletions {
        let Some((group, meddlers)) = group(context, deletion) else { continue };
        if meddlers.is_empty() {
            plain.push(group);
        } else {
            seen.push(group);
            names.extend(
                meddlers.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>(),
            );
        }
    }
    let mut promises = Vec::new();
    if !plain.is_empty() {
        let mut plain = promise("delete", Otherwise::Broken, Evidence::Cases(plain));
        if cut {
            plain.says.push_str(&format!(", along the first {MOST} paths"));
        }
        promises.push(plain);
    }
    if !seen.is_empty() {
        let otherwise = Otherwise::Risk {
            trap: format!(
                "{} makes deleting do something else than the foreign keys say",
                names.join(" or ")
            ),
            way_out:
                "let the trigger leave alone the rows and columns that the foreign keys act on"
                    .to_owned(),
        };
        promises.push(promise("delete seen by triggers", otherwise, Evidence::Cases(seen)));
    }
    promises
}

/// The case of a deletion, with the triggers and rules that see it. Nothing where it is not the
/// foreign keys that decide what comes of it.
fn group(context: &Context, deletion: &Deletion) -> Option<(Group, Vec<String>)> {
    let Deletion { about, family, victim, .. } = deletion;
    let row = &family.rows()[*victim];
    let (left, case) = match family.follow(*victim, &Change::Delete)?.fate {
        Fate::Left(left) => {
            let (query, gives) = family.look(&left)?;
            (left, Case::yields(about.as_str(), vec![row.delete(), query], &gives))
        }
        Fate::Refused(by) => {
            let case = Case::rejected(about.as_str(), vec![row.delete()], &REFUSED);
            let case = match by.as_slice() {
                // That of a partitioned table is refused in the name of one of its copies.
                [name] if !partitioned(context, family.rows().iter().map(|row| &row.table)) => {
                    case.by(name)
                }
                _ => case,
            };
            // Nothing is to happen; what would is seen by all triggers on the way.
            (vec![None; family.rows().len()], case)
        }
        Fate::Hangs(_) | Fate::Unclear => return None,
    };
    let gone = family.rows().iter().zip(&left).filter(|(_, left)| left.is_none());
    if gone.into_iter().any(|(row, _)| keeps_rows(context, &row.table)) {
        return None;
    }
    Some((Group { setup: family.insert(), cases: vec![case] }, family.meddlers(&left)))
}

fn partitioned<'n>(context: &Context, mut tables: impl Iterator<Item = &'n Name>) -> bool {
    tables.any(|table| {
        context.shape(table).is_some_and(|shape| shape.table.kind == TableKind::Partitioned)
    })
}

/// Whether a trigger or rule may keep rows of the table from being deleted: one for a soft
/// delete. What comes of that is `orphans-by-trigger`'s to say.
pub(super) fn keeps_rows(context: &Context, table: &Name) -> bool {
    let Some(shape) = context.shape(table) else { return false };
    let rule =
        |definition: &str| definition.contains("ON DELETE TO") && definition.contains("DO INSTEAD");
    shape.table.rules.iter().any(|rule_| rule(&rule_.definition))
        || shape.table.triggers.iter().any(|trigger| swallows(context, trigger))
}

/// Whether it is a row trigger that runs before a delete and may skip it.
pub(super) fn swallows(context: &Context, trigger: &Trigger) -> bool {
    let function = |signature: &str| {
        context.catalog.routines.iter().find(|routine| {
            signature == routine.signature
                || signature.strip_suffix("()") == Some(&routine.name.to_string())
        })
    };
    trigger.for_each_row
        && trigger.timing == Timing::Before
        && trigger.events.contains(&crate::catalog::Event::Delete)
        && function(&trigger.function).is_none_or(|routine| {
            let body: Vec<&str> = routine.body.split_whitespace().collect();
            let body = body.join(" ").to_lowercase();
            // NEW is NULL in a delete.
            body.contains("return null") || body.contains("return new")
        })
}
