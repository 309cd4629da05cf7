//! `deferred-reference`: a deferrable reference may be missing until the end of the transaction,
//! any other may not.

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

/// SQLSTATE of deferring what is not deferrable.
const NOT_DEFERRABLE: &str = "42809";

fn of(context: &Context, link: &Link) -> Option<Promise> {
    if link.deferrable { deferred(context, link) } else { Some(at_once(link)) }
}

/// Whether a row without its parent is refused is for others to try; here that nobody can put
/// that off.
fn at_once(link: &Link) -> Promise {
    let about = "to look only at the end whether the parent is there";
    let defer = vec![format!("SET CONSTRAINTS {} DEFERRED", full_name(link))];
    let cases = vec![Case::rejected(about, defer, &[NOT_DEFERRABLE])];
    let says = format!("a row refers to one of {} that is there already", link.parent);
    let evidence = Evidence::cases(Vec::new(), cases);
    promise(INVARIANT.id, link, says, Otherwise::Broken, evidence)
}

/// As SET CONSTRAINTS takes it.
fn full_name(link: &Link) -> String {
    format!("{}.{}", quote_ident(&link.child.schema), quote_ident(&link.name))
}

fn deferred(context: &Context, link: &Link) -> Option<Promise> {
    let (family, parent, child) = pair(context, link)?;
    let (put_parent, put_child) = (family.rows()[parent].insert(), family.rows()[child].insert());
    let others =
        family.rows().iter().enumerate().filter(|(place, _)| *place != parent && *place != child);
    let setup: Vec<String> = others.map(|(_, row)| row.insert()).collect();
    let name = full_name(link);
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
