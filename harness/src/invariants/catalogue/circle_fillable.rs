//! `circle-fillable`: tables that refer to each other can be filled.

use super::Invariant;
use crate::catalog::quote_ident;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Link;
use crate::invariants::promise::{Evidence, Otherwise, Promise};
use crate::values::literal;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "circle-fillable",
    group: "foreign keys",
    page: include_str!("pages/circle-fillable.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let links: Vec<&Link> = context.shapes().flat_map(|shape| &shape.links).collect();
    let mut promises = Vec::new();
    for there in &links {
        // Each pair of tables is told once.
        let back = links.iter().find(|back| {
            back.child == there.parent && back.parent == there.child && there.child < there.parent
        });
        if let Some(back) = back {
            promises.push(promise(context, there, back));
        }
    }
    promises
}

fn promise(context: &Context, there: &Link, back: &Link) -> Promise {
    let deferrable = there.deferrable || back.deferrable;
    let evidence = match (there.required && back.required, deferrable) {
        (true, false) => Evidence::Seen(format!(
            "`{}` and `{}` are both NOT NULL and checked at once",
            there.name, back.name
        )),
        (true, true) => Evidence::Untested(
            "its rows can only be made together in one transaction, which is not tried yet"
                .to_owned(),
        ),
        (false, _) => {
            let (open, other) = if there.required { (back, there) } else { (there, back) };
            closing(context, open, other)
        }
    };
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: there.child.clone(),
        object: there.name.clone(),
        says: format!("rows of {} and {} can refer to each other", there.child, there.parent),
        otherwise: Otherwise::Risk {
            trap: format!(
                "no statement can put the first row into {} or {}, since each needs the other",
                there.child, there.parent
            ),
            way_out: format!(
                "ALTER TABLE {} ALTER CONSTRAINT {} DEFERRABLE INITIALLY DEFERRED",
                there.child,
                quote_ident(&there.name)
            ),
        },
        evidence,
    }
}

/// A row without its reference, one that refers to it, and then the reference that closes the
/// circle.
fn closing(context: &Context, open: &Link, other: &Link) -> Evidence {
    for table in [&open.child, &other.child] {
        if let Some(reason) = context.unable(table) {
            return Evidence::Untested(reason.to_owned());
        }
    }
    let rows = context.row(&open.child, 0).and_then(|first| {
        let second = context.child(other, 0, &first)?;
        Some((first, second))
    });
    let Some((first, second)) = rows else {
        return Evidence::Untested("no rows were found that go together".to_owned());
    };
    let pairs = open.columns.iter().zip(&open.parent_columns);
    let assignments: Option<Vec<String>> = pairs
        .map(|(own, theirs)| {
            let value = second.cells.get(theirs)?;
            Some(format!("{} = {}", quote_ident(own), literal(value)))
        })
        .collect();
    let Some(assignments) = assignments else {
        return Evidence::Untested("the key of the other table is not known".to_owned());
    };
    let ops = vec![first.insert(), second.insert(), first.set(&assignments.join(", "))];
    let mut setup = context.setup(&[&first, &second]);
    // The first row itself is put in by the case.
    setup.retain(|statement| *statement != first.insert());
    Evidence::cases(setup, vec![Case::accepted("two rows that refer to each other", ops)])
}
