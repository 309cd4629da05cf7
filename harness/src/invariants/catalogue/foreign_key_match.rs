//! `foreign-key-match`: what a row refers to is there.

use super::Invariant;
use super::foreign_keys::{assigned, is_meddled, list, pair, promise, refer_to, unable};
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::context::shape::Link;
use crate::invariants::family::planted::takes;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "foreign-key-match",
    group: "foreign keys",
    page: include_str!("pages/foreign-key-match.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let links = context.shapes().flat_map(|shape| &shape.links);
    let promise = |link: &Link| {
        let evidence = match unable(context, link) {
            Some(reason) => Evidence::Untested(reason),
            None => Evidence::Cases(groups(context, link).unwrap_or_default()),
        };
        let says = format!("({}) is NULL or in {}", list(&link.columns), link.parent);
        promise(INVARIANT.id, link, says, Otherwise::Broken, evidence)
    };
    links.map(promise).collect()
}

fn groups(context: &Context, link: &Link) -> Option<Vec<Group>> {
    let (family, _, child) = pair(context, link)?;
    let child = family.rows()[child].clone();
    let there = Case::yields("a row that refers to one that is there", vec![child.count()], "1");
    let mut with_child = Group { setup: family.insert(), cases: vec![there] };
    let mut without = Group { setup: with_child.setup.clone(), cases: Vec::new() };
    without.setup.pop();
    if is_meddled(context, link) {
        return Some(vec![with_child]);
    }
    // A key that the table takes and does not have: that of a row which is not put in.
    let mut more = family.clone();
    let ghost =
        more.root(&link.parent).and_then(|place| refer_to(link, &child, &more.rows()[place]));
    if let Some(orphan) = ghost.filter(|orphan| takes(context, &child, orphan)) {
        let about = "a row that refers to one that is not there";
        without.cases.push(Case::rejected(about, vec![orphan.insert()], &["23503"]));
        if let Some(update) = assigned(context, link, &child, &orphan) {
            let about = "a row that comes to refer to one that is not there";
            with_child.cases.push(Case::rejected(about, vec![update], &["23503"]));
        }
    }
    let mut both = family.clone();
    let other =
        both.root(&link.parent).and_then(|place| refer_to(link, &child, &both.rows()[place]));
    let moved = other.filter(|moved| takes(context, &child, moved));
    let update = moved.and_then(|moved| assigned(context, link, &child, &moved));
    let mut groups = vec![with_child, without];
    if let Some(update) = update {
        let about = "a row that comes to refer to another that is there";
        groups
            .push(Group { setup: both.insert(), cases: vec![Case::accepted(about, vec![update])] });
    }
    groups.retain(|group| !group.cases.is_empty());
    Some(groups)
}
