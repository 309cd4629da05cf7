//! The ways that lead from a table to those whose rows hang on its rows.

use crate::catalog::{Action, Name};
use crate::invariants::context::Context;
use crate::invariants::context::shape::Link;

/// How many paths of one table are tried at most. The short ones come first.
pub const MOST: usize = 100;

/// How many foreign keys a path has at most.
const LONGEST: usize = 8;

/// The foreign keys one after the other, from the parent down.
pub type Path<'c> = Vec<&'c Link>;

/// Every path on which deleting a row of `root` reaches rows, the short ones first, and whether
/// there are more than [`MOST`]. A path goes on below a cascade; below SET NULL and SET DEFAULT
/// it has one more step, to see that nothing happens there. In circles each foreign key is gone
/// along once, one from a table to itself twice.
pub fn deleting<'c>(context: &'c Context, root: &'c Name) -> (Vec<Path<'c>>, bool) {
    walk(context, root, &|path| match path {
        [.., last] if last.on_delete == Action::Cascade => true,
        [.., above, last] => {
            above.on_delete == Action::Cascade
                && crate::invariants::context::follows(last.on_delete)
        }
        [last] => crate::invariants::context::follows(last.on_delete),
        [] => true,
    })
}

/// Every path on which a new key of a row of `root` reaches rows: below a cascade it goes on
/// where what was changed is a key in its turn.
pub fn updating<'c>(context: &'c Context, root: &'c Name) -> (Vec<Path<'c>>, bool) {
    walk(context, root, &|path| path.last().is_none_or(|last| last.on_update == Action::Cascade))
}

/// Paths breadth first; `on` says whether one goes on.
fn walk<'c>(
    context: &'c Context,
    root: &'c Name,
    on: &dyn Fn(&[&Link]) -> bool,
) -> (Vec<Path<'c>>, bool) {
    let mut found: Vec<Path<'c>> = vec![Vec::new()];
    let mut at = 0;
    while at < found.len() && found.len() <= MOST + 1 {
        let path = found[at].clone();
        at += 1;
        if path.len() >= LONGEST || !on(&path) {
            continue;
        }
        let end = path.last().map_or(root, |last| &last.child);
        for link in context.links_to(end).filter(|link| can_be_tried(context, link)) {
            let times = path.iter().filter(|before| **before == link).count();
            if times <= usize::from(link.parent == link.child) {
                let mut longer = path.clone();
                longer.push(link);
                found.push(longer);
            }
        }
    }
    found.remove(0);
    let cut = found.len() > MOST;
    found.truncate(MOST);
    (found, cut)
}

/// Whether the foreign key is enforced, and rows can be made to refer by it.
pub fn can_be_tried(context: &Context, link: &Link) -> bool {
    !link.disabled && can_be_given(context, link)
}

/// Whether rows can be made to refer by the foreign key.
pub fn can_be_given(context: &Context, link: &Link) -> bool {
    let Some(child) = context.shape(&link.child) else { return false };
    context.unable(&link.child).is_none()
        && link.columns.iter().all(|column| {
            child.column(column).is_some() && !context.is_rewritten(&link.child, column)
        })
}

/// A path in words: `items.owner_id, below that comments.item_id`.
pub fn words(path: &[&Link]) -> String {
    let step = |link: &&Link| format!("{}.{}", link.child.name, link.columns.join("+"));
    path.iter().map(step).collect::<Vec<_>>().join(", below that ")
}
