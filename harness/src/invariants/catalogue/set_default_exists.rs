//! `set-default-exists`: the row that SET DEFAULT refers to is there.

use super::Invariant;
use super::foreign_keys::{links, list, pair, promise};
use crate::catalog::Action;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Link;
use crate::invariants::family::planted::constant_default;
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::values::literal;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "set-default-exists",
    group: "foreign keys",
    page: include_str!("pages/set-default-exists.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    links(context).filter_map(|link| of(context, link)).collect()
}

fn of(context: &Context, link: &Link) -> Option<Promise> {
    if link.on_delete != Action::SetDefault {
        return None;
    }
    let (family, parent, _) = pair(context, link)?;
    let about = format!("a row of {} with one of {} that refers to it", link.parent, link.child);
    let cases = vec![Case::accepted(about, vec![family.rows()[parent].delete()])];
    let defaults = link
        .set_columns
        .iter()
        .map(|column| constant_default(context, &link.child, column).map(|value| literal(&value)));
    let defaults: Option<Vec<String>> = defaults.collect();
    let key = defaults.map_or_else(|| "the default".to_owned(), |values| values.join(", "));
    let says =
        format!("rows of {} can be deleted while {} refers to them", link.parent, link.child);
    let otherwise = Otherwise::Risk {
        trap: format!(
            "ON DELETE SET DEFAULT refers to a row of {} that is not there: rows that are referred to can not be deleted",
            link.parent
        ),
        way_out: format!(
            "let a migration put the row with {} = {key} into {}",
            list(&link.parent_columns),
            link.parent
        ),
    };
    Some(promise(INVARIANT.id, link, says, otherwise, Evidence::cases(family.insert(), cases)))
}
