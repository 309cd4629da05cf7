//! `set-null-possible`: ON DELETE SET NULL can do what it says.

use super::Invariant;
use super::foreign_keys::{anew, links, list, pair, promise};
use crate::catalog::Action;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Link;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "set-null-possible",
    group: "foreign keys",
    page: include_str!("pages/set-null-possible.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    links(context).filter_map(|link| of(context, link)).collect()
}

fn of(context: &Context, link: &Link) -> Option<Promise> {
    if link.on_delete != Action::SetNull {
        return None;
    }
    let (family, parent, _) = pair(context, link)?;
    let shape = context.shape(&link.child)?;
    let forbids = |column: &&String| shape.not_null(column);
    let not_null: Vec<String> = link.set_columns.iter().filter(forbids).cloned().collect();
    // Where a key is shared in part, `set-null-shared-column` has the way out.
    let shared = link.set_columns.len() > 1 && not_null.len() < link.set_columns.len();
    if shared && link.set_columns.len() == link.columns.len() && !not_null.is_empty() {
        return None;
    }
    let delete = family.rows()[parent].delete();
    let about = format!("a row of {} with one of {} that refers to it", link.parent, link.child);
    let says =
        format!("rows of {} can be deleted while {} refers to them", link.parent, link.child);
    let way_out = match not_null.as_slice() {
        [] => anew(link, "ON DELETE CASCADE"),
        columns => {
            let drop = |column: &String| {
                format!("ALTER COLUMN {} DROP NOT NULL", crate::catalog::quote_ident(column))
            };
            let drops: Vec<String> = columns.iter().map(drop).collect();
            format!("ALTER TABLE {} {}", link.child, drops.join(", "))
        }
    };
    let otherwise = Otherwise::Risk {
        trap: format!(
            "ON DELETE SET NULL writes NULL into ({}), which is refused: a row of {} can never be deleted once it is referred to",
            list(&link.set_columns),
            link.parent
        ),
        way_out,
    };
    let cases = vec![Case::accepted(about, vec![delete])];
    Some(promise(INVARIANT.id, link, says, otherwise, Evidence::cases(family.insert(), cases)))
}
