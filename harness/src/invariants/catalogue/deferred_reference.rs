//! `deferred-reference`: a deferrable reference may be missing until the end of the transaction.

use super::Invariant;
use super::foreign_keys::{is_watched, links, pair, promise};
use crate::catalog::quote_ident;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Link;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "deferred-reference",
    group: "foreign keys",
    page: include_str!("pages/deferred-reference.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    links(context).filter_map(|link| of(context, link)).collect()
}

fn of(context: &Context, link: &Link) -> Option<Promise> {
    let (family, parent, child) = if link.deferrable { pair(context, link)? } else { return None };
    let (put_parent, put_child) = (family.rows()[parent].insert(), family.rows()[child].insert());
    let others =
        family.rows().iter().enumerate().filter(|(place, _)| *place != parent && *place != child);
    let setup: Vec<String> = others.map(|(_, row)| row.insert()).collect();
    let name = format!("{}.{}", quote_ident(&link.child.schema), quote_ident(&link.name));
    let defer = format!("SET CONSTRAINTS {name} DEFERRED");
    let now = format!("SET CONSTRAINTS {name} IMMEDIATE");
    let ops = |ops: &[&String]| ops.iter().map(|op| (*op).clone()).collect::<Vec<_>>();
    let yes = |about: &str, list: &[&String]| Case::accepted(about, ops(list));
    let no = |about: &str, list: &[&String]| Case::rejected(about, ops(list), &["23503"]);
    let cases = vec![
        yes("a child before its parent", &[&defer, &put_child, &put_parent]),
        no("a child whose parent never comes", &[&defer, &put_child]),
        no("a child whose parent is asked for too soon", &[&defer, &put_child, &now]),
        no("a child before its parent, checked at once", &[&now, &put_child]),
        if link.initially_deferred {
            yes("a child before its parent, as it is", &[&put_child, &put_parent])
        } else {
            no("a child before its parent, as it is", &[&put_child])
        },
    ];
    let watched = is_watched(context, &link.child) || is_watched(context, &link.parent);
    let otherwise = match watched {
        false => Otherwise::Broken,
        true => Otherwise::Risk {
            trap: format!(
                "a trigger or rule is in the way of rows of {} that come before what they refer to",
                link.child
            ),
            way_out: "let it leave alone what is not there yet, and not set constraints".to_owned(),
        },
    };
    let parent = &link.parent;
    let says = format!("a row may refer to one of {parent} that comes later in its transaction");
    Some(promise(INVARIANT.id, link, says, otherwise, Evidence::cases(setup, cases)))
}
