//! `deferred-reference`: a deferrable reference may be missing until the end of the transaction.

use super::Invariant;
use super::foreign_keys::{is_watched, links, pair, promise};
use crate::catalog::quote_ident;
use crate::invariants::case::{Case, Expect};
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
    let watched = is_watched(context, &link.child) || is_watched(context, &link.parent);
    if !link.deferrable || watched {
        return None;
    }
    let (family, parent, child) = pair(context, link)?;
    let (put_parent, put_child) = (family.rows()[parent].insert(), family.rows()[child].insert());
    let others =
        family.rows().iter().enumerate().filter(|(place, _)| *place != parent && *place != child);
    let setup: Vec<String> = others.map(|(_, row)| row.insert()).collect();
    let name = format!("{}.{}", quote_ident(&link.child.schema), quote_ident(&link.name));
    let (defer, now) =
        (format!("SET CONSTRAINTS {name} DEFERRED"), format!("SET CONSTRAINTS {name} IMMEDIATE"));
    let yes = Expect::Accepted;
    let no = Expect::Rejected {
        sqlstates: vec!["23503".to_owned()],
        constraint: Some(link.name.clone()),
    };
    let case = |about: &str, ops: &[&String], steps: &[&Expect]| Case {
        about: about.to_owned(),
        ops: ops.iter().map(|op| (*op).clone()).collect(),
        expect: Expect::Steps(steps.iter().map(|step| (*step).clone()).collect()),
    };
    // The last step is the end of the transaction.
    let cases = vec![
        case(
            "a child before its parent",
            &[&defer, &put_child, &put_parent],
            &[&yes, &yes, &yes, &yes],
        ),
        case("a child whose parent never comes", &[&defer, &put_child], &[&yes, &yes, &no]),
        case(
            "a child whose parent is not there when it is asked for",
            &[&defer, &put_child, &now],
            &[&yes, &yes, &no, &no],
        ),
        case("a child before its parent, checked at once", &[&now, &put_child], &[&yes, &no, &yes]),
        if link.initially_deferred {
            case(
                "a child before its parent, as it is",
                &[&put_child, &put_parent],
                &[&yes, &yes, &yes],
            )
        } else {
            case("a child before its parent, as it is", &[&put_child], &[&no, &yes])
        },
    ];
    let says =
        format!("a row may refer to one of {} that comes later in its transaction", link.parent);
    Some(promise(INVARIANT.id, link, says, Otherwise::Broken, Evidence::cases(setup, cases)))
}
