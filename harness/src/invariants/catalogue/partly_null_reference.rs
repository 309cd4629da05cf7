//! `partly-null-reference`: a reference of which a part is NULL is not let through unchecked.

use super::Invariant;
use super::foreign_keys::{anew, links, list, pair, promise, refer_to};
use crate::catalog::Match;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Link;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "partly-null-reference",
    group: "foreign keys",
    page: include_str!("pages/partly-null-reference.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    links(context).filter_map(|link| of(context, link)).collect()
}

fn of(context: &Context, link: &Link) -> Option<Promise> {
    let shape = context.shape(&link.child)?;
    let (family, _, child) = pair(context, link)?;
    let child = family.rows()[child].clone();
    let mut more = family.clone();
    let ghost = more.root(&link.parent)?;
    let orphan = refer_to(link, &child, &more.rows()[ghost])?;
    let parts = link.columns.iter().filter(|column| checked_by_nobody(shape, link, column));
    let mut cases = Vec::new();
    for column in parts {
        let about = format!(
            "a row with {column} NULL whose other columns are in no row of {}",
            link.parent
        );
        let insert = orphan.clone().with(column, None).insert();
        // Another constraint may be there to refuse it; all that counts is that one does.
        cases.push(Case::rejected(about, vec![insert], &["23503", "23514", "23502"]));
    }
    if cases.is_empty() {
        return None;
    }
    let otherwise = match link.matching {
        Match::Full | Match::Partial => Otherwise::Broken,
        Match::Simple => Otherwise::Risk {
            trap: format!(
                "once a column of ({}) is NULL, the others may hold anything",
                list(&link.columns)
            ),
            way_out: anew(link, "").replace(") REFERENCES", ") REFERENCES").trim_end().to_owned(),
        },
    };
    let mut setup = family.insert();
    setup.pop();
    let says = format!("({}) is in {} or NULL as a whole", list(&link.columns), link.parent);
    Some(promise(INVARIANT.id, link, says, otherwise, Evidence::cases(setup, cases)))
}

/// Whether the column may be NULL, and the others are then not held by anything: not NOT NULL
/// columns alone that other foreign keys check, as a tenant is beside an optional reference.
fn checked_by_nobody(shape: &Shape, link: &Link, column: &str) -> bool {
    let others = || link.columns.iter().filter(|other| *other != column);
    let by_another = |other: &String| {
        shape.links.iter().any(|own| own != link && own.columns.iter().eq([other]))
    };
    !shape.not_null(column) && others().count() > 0 && !others().all(by_another)
}
