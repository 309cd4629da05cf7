//! `key-change`: a new key of a row does to others what ON UPDATE says, and no more.

use std::collections::BTreeMap;

use super::Invariant;
use super::cascade_closure::REFUSED;
use crate::catalog::quote_ident;
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::Shape;
use crate::invariants::family::fate::{Change, Fate};
use crate::invariants::family::paths::{MOST, Path, updating, words};
use crate::invariants::family::planted::{Family, takes};
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::values::literal;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "key-change",
    group: "foreign keys",
    page: include_str!("pages/key-change.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    context.shapes().flat_map(|shape| of(context, shape)).collect()
}

/// The promises of one table: what no trigger or rule sees, and the rest.
fn of(context: &Context, shape: &Shape) -> Vec<Promise> {
    let (paths, cut) = updating(context, shape.name());
    let groups = paths.iter().filter_map(|path| group(context, shape, path));
    let (plain, seen): (Vec<_>, Vec<_>) = groups.partition(|(_, names)| names.is_empty());
    let mut names: Vec<String> = seen.iter().flat_map(|(_, names)| names.clone()).collect();
    names.sort();
    names.dedup();
    let mut says = "a new key of a row does to others what ON UPDATE says, and no more".to_owned();
    if cut {
        says.push_str(&format!(", along the first {MOST} paths"));
    }
    let risk = Otherwise::Risk {
        trap: format!(
            "{} makes a new key do something else than ON UPDATE says",
            names.join(" or ")
        ),
        way_out: "let the trigger leave the columns of the foreign keys alone".to_owned(),
    };
    let parts = [("update", Otherwise::Broken, plain), ("update seen by triggers", risk, seen)];
    let parts = parts.into_iter().filter(|(_, _, groups)| !groups.is_empty());
    let promise =
        |(object, otherwise, groups): (&str, Otherwise, Vec<(Group, Vec<String>)>)| Promise {
            invariant: INVARIANT.id.to_owned(),
            table: shape.name().clone(),
            object: object.to_owned(),
            says: says.clone(),
            otherwise,
            evidence: Evidence::Cases(groups.into_iter().map(|(group, _)| group).collect()),
        };
    parts.map(promise).collect()
}

/// The case of one path, with the triggers and rules that see it. Nothing where the key cannot
/// be changed.
fn group(context: &Context, shape: &Shape, path: &Path) -> Option<(Group, Vec<String>)> {
    let mut family = Family::new(context);
    let victim = *family.chain(shape.name(), path)?.first()?;
    let mut with_bystanders = family.clone();
    if with_bystanders.chain(shape.name(), path).is_some() {
        family = with_bystanders;
    }
    let key = new_key(context, shape, &family, &path.first()?.parent_columns)?;
    let row = &family.rows()[victim];
    let renamed =
        key.iter().fold(row.clone(), |row, (column, value)| row.with(column, value.clone()));
    if !takes(context, row, &renamed) {
        return None;
    }
    let set =
        key.iter().map(|(column, value)| format!("{} = {}", quote_ident(column), literal(value)));
    let update = row.set(&set.collect::<Vec<_>>().join(", "));
    let about = format!("a new key of a row of {} with {} below it", shape.name(), words(path));
    let (left, case) = match family.follow(victim, &Change::Update(key))?.fate {
        Fate::Left(left) => {
            let (query, gives) = family.look(&left)?;
            (left, Case::yields(about, vec![update, query], &gives))
        }
        Fate::Refused(_) => {
            let mut left: Vec<Option<Row>> = family.rows().iter().cloned().map(Some).collect();
            left[victim] = Some(renamed);
            (left, Case::rejected(about, vec![update], &REFUSED))
        }
        Fate::Hangs(_) | Fate::Unclear => return None,
    };
    Some((Group { setup: family.insert(), cases: vec![case] }, family.meddlers(&left)))
}

/// A key that the table takes and does not have: that of a row which is not put in.
pub(super) fn new_key(
    context: &Context,
    shape: &Shape,
    family: &Family,
    columns: &[String],
) -> Option<BTreeMap<String, crate::values::Value>> {
    let mut more = family.clone();
    let place = more.root(shape.name())?;
    let other = &more.rows()[place];
    let fixed = |column: &&String| {
        let (found, _) = shape.column(column)?;
        let own = shape.links.iter().any(|link| link.columns.contains(*column));
        let always = found.identity.as_ref().is_some_and(|identity| identity.always);
        let given = !own && !always && !context.is_rewritten(shape.name(), column);
        given.then(|| Some(((*column).clone(), other.cells.get(*column)?.clone())))?
    };
    columns.iter().map(|column| fixed(&column)).collect()
}
