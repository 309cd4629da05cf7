//! `reference-types`: every key of a row can be referred to.

use super::Invariant;
use super::foreign_keys::{is_watched, links, pair, promise};
use crate::catalog::quote_ident;
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::Link;
use crate::invariants::family::fate::{refers, values};
use crate::invariants::family::paths::can_be_tried;
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::values::candidates;
use crate::values::types::Base;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "reference-types",
    group: "foreign keys",
    page: include_str!("pages/reference-types.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    links(context).filter_map(|link| of(context, link)).collect()
}

fn of(context: &Context, link: &Link) -> Option<Promise> {
    if !can_be_tried(context, link) {
        return None;
    }
    let (parents, children) = (context.shape(&link.parent)?, context.shape(&link.child)?);
    let pairs = link.columns.iter().zip(&link.parent_columns);
    let others = pairs.clone().find_map(|(own, theirs)| {
        let ((_, wide), (_, narrow)) = (parents.column(theirs)?, children.column(own)?);
        (wide.cast != narrow.cast).then_some((own, theirs, wide, narrow))
    });
    let otherwise = match others {
        Some((own, theirs, wide, narrow)) => Otherwise::Risk {
            trap: format!(
                "{}.{theirs} is {} and {}.{own} is {}: larger keys can not be referred to",
                link.parent, wide.cast, link.child, narrow.cast
            ),
            way_out: format!(
                "ALTER TABLE {} ALTER COLUMN {} TYPE {}",
                link.child,
                quote_ident(own),
                wide.cast
            ),
        },
        None if is_watched(context, &link.parent) || is_watched(context, &link.child) => {
            return None;
        }
        None => Otherwise::Broken,
    };
    let groups: Vec<Group> =
        pairs.filter_map(|(own, theirs)| group(context, link, own, theirs)).collect();
    if groups.is_empty() {
        return None;
    }
    let says = format!("every key of {} can be referred to", link.parent);
    Some(promise(INVARIANT.id, link, says, otherwise, Evidence::Cases(groups)))
}

/// A row with the largest value in this column of the key, and one that refers to it.
fn group(context: &Context, link: &Link, own: &String, theirs: &String) -> Option<Group> {
    let (parents, children) = (context.shape(&link.parent)?, context.shape(&link.child)?);
    let (_, wide) = parents.column(theirs)?;
    // A check would have a say in how large a key can be, and so would what it refers to itself.
    let decided = parents.checks.iter().any(|check| check.columns.contains(theirs))
        || children.checks.iter().any(|check| check.columns.contains(own))
        || parents.links.iter().any(|other| other.columns.contains(theirs))
        || children.links.iter().any(|other| other != link && other.columns.contains(own));
    if decided {
        return None;
    }
    let largest = match wide.base {
        Base::Text(None) => "x".repeat(300),
        _ => candidates::largest(wide)?,
    };
    let (family, parent, child) = pair(context, link)?;
    let key = |link: &Link| values(&family.rows()[parent], &link.parent_columns);
    let others = |(place, row): (usize, &Row)| {
        let mut links = context.links_to(&link.parent);
        links.any(|own| (place != child || own != link) && refers(own, row, &key(own)))
    };
    // Whatever else refers to the row would have to refer to the new key as well.
    if family.rows().iter().enumerate().any(others) {
        return None;
    }
    let with = |place: usize, column: &str| {
        family.rows()[place].clone().with(column, Some(largest.clone()))
    };
    let about = format!("a row of {} that refers to the largest {theirs}", link.child);
    let cases = vec![Case::accepted(about, vec![with(child, own).insert()])];
    let mut setup = family.insert();
    setup[parent] = with(parent, theirs).insert();
    setup.remove(child);
    Some(Group { setup, cases })
}
