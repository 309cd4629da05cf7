//! The families on which deleting a row is tried.

use super::paths::{Path, can_be_tried, deleting, words};
use super::planted::Family;
use crate::catalog::Name;
use crate::invariants::context::shape::Link;
use crate::invariants::context::{Context, follows};

/// How many children on two paths are tried for one table at most.
const MEETINGS: usize = 100;

/// Rows one of which is to be deleted.
#[derive(Debug)]
pub struct Deletion<'c> {
    /// What is deleted, as a phrase: `a row of users with items.owner_id below it`.
    pub about: String,
    pub family: Family<'c>,
    /// The row to delete.
    pub victim: usize,
    /// Where two paths lead to one row: the foreign keys at their ends.
    pub meeting: Option<[&'c Link; 2]>,
}

/// Rows of `root` with all that its foreign keys lead to, in every constellation: each path by
/// itself, with a second family of the same build beside it; all children at once; and children
/// that two paths lead to. The flag tells that there are more paths than are tried.
pub fn deletions<'c>(context: &'c Context, root: &'c Name) -> (Vec<Deletion<'c>>, bool) {
    let (paths, cut) = deleting(context, root);
    let mut found: Vec<Deletion> =
        paths.iter().filter_map(|path| along(context, root, path)).collect();
    found.extend(together(context, root));
    let meetings = paths.iter().enumerate().flat_map(|(at, one)| {
        paths[..at].iter().filter_map(move |other| meeting(context, root, one, other))
    });
    found.extend(meetings.take(MEETINGS));
    (found, cut)
}

/// One row below the other along a path, and bystanders that hang together in the same way.
fn along<'c>(context: &'c Context, root: &Name, path: &Path<'c>) -> Option<Deletion<'c>> {
    let mut family = Family::new(context);
    let victim = *family.chain(root, path)?.first()?;
    let mut with_bystanders = family.clone();
    if with_bystanders.chain(root, path).is_some() {
        family = with_bystanders;
    }
    let about = format!("a row of {root} with {} below it", words(path));
    Some(Deletion { about, family, victim, meeting: None })
}

/// A row with a child by each foreign key that does not refuse.
fn together<'c>(context: &'c Context, root: &'c Name) -> Option<Deletion<'c>> {
    let mut family = Family::new(context);
    let victim = family.root(root)?;
    let mut children = 0;
    for link in context.links_to(root) {
        if follows(link.on_delete) && can_be_tried(context, link) {
            children += usize::from(family.child(&[(link, victim)]).is_some());
        }
    }
    let about = format!("a row of {root} with all its children");
    (children > 1).then_some(Deletion { about, family, victim, meeting: None })
}

/// A row that two paths lead to, by different foreign keys at their ends. Where the paths are
/// the same at first, the rows are.
fn meeting<'c>(
    context: &'c Context,
    root: &Name,
    one: &Path<'c>,
    other: &Path<'c>,
) -> Option<Deletion<'c>> {
    let ((&last, above), (&other_last, other_above)) = (one.split_last()?, other.split_last()?);
    if last.child != other_last.child || last == other_last {
        return None;
    }
    let mut family = Family::new(context);
    let places = family.chain(root, above)?;
    let common = above.iter().zip(other_above).take_while(|(own, theirs)| own == theirs).count();
    let mut end = places[common];
    for link in &other_above[common..] {
        end = family.child(&[(link, end)])?;
    }
    family.child(&[(last, *places.last()?), (other_last, end)])?;
    let about =
        format!("a row of {root} that leads to one row by {} and by {}", words(one), words(other));
    Some(Deletion { about, family, victim: places[0], meeting: Some([last, other_last]) })
}
