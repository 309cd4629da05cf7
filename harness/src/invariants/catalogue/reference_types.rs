//! `reference-types`: every key of a row can be referred to.

use super::Invariant;
use super::foreign_keys::{links, promise};
use crate::catalog::quote_ident;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Link;
use crate::invariants::family::paths::can_be_tried;
use crate::invariants::promise::{Evidence, Otherwise, Promise};
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
    let ([own], [theirs]) = (link.columns.as_slice(), link.parent_columns.as_slice()) else {
        return None;
    };
    let (parents, children) = (context.shape(&link.parent)?, context.shape(&link.child)?);
    let ((_, wide), (_, narrow)) = (parents.column(theirs)?, children.column(own)?);
    if wide.cast == narrow.cast || !can_be_tried(context, link) {
        return None;
    }
    // A check would have a say in how large a key can be.
    let checked = parents.checks.iter().any(|check| check.columns.contains(theirs))
        || children.checks.iter().any(|check| check.columns.contains(own));
    let largest = match &wide.base {
        _ if checked => return None,
        Base::Int(16) => i16::MAX.to_string(),
        Base::Int(32) => i32::MAX.to_string(),
        Base::Int(64) => i64::MAX.to_string(),
        Base::Text(None) => "x".repeat(300),
        Base::Text(Some(length)) => "x".repeat(usize::try_from(*length).ok()?),
        _ => return None,
    };
    let parent = context.row(&link.parent, 1)?.with(theirs, Some(largest));
    let child = context.child(link, 1, &parent)?;
    let about = format!("a row of {} that refers to the largest key", link.child);
    let cases = vec![Case::accepted(about, vec![child.insert()])];
    let otherwise = Otherwise::Risk {
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
    };
    let says = format!("every key of {} can be referred to", link.parent);
    let mut setup = context.setup(&[&parent, &child]);
    setup.push(parent.insert());
    Some(promise(INVARIANT.id, link, says, otherwise, Evidence::cases(setup, cases)))
}
