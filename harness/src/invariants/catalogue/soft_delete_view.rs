//! `soft-delete-view`: a view of live rows shows those and no others.

use super::Invariant;
use super::pieces::{risk, soft_tables};
use super::soft_view::views_of;
use crate::catalog::{View, quote_ident};
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::context::row::{Row, insert};
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Promise};
use crate::invariants::soft_delete::SoftDelete;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "soft-delete-view",
    group: "soft deletes",
    page: include_str!("pages/soft-delete-view.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let of = |(shape, soft): (&Shape, &SoftDelete)| {
        let (Some(one), Some(two)) = (context.row(shape.name(), 0), context.row(shape.name(), 1))
        else {
            return Vec::new();
        };
        let views = views_of(context, soft, &one).into_iter();
        views.map(|view| promise(context, shape, soft, view, &one, &two)).collect::<Vec<_>>()
    };
    soft_tables(context).flat_map(of).collect()
}

fn promise(
    context: &Context,
    shape: &Shape,
    soft: &SoftDelete,
    view: &View,
    one: &Row,
    two: &Row,
) -> Promise {
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: view.name.name.clone(),
        says: format!("{} shows live rows and hides softly deleted ones", view.name.name),
        otherwise: risk(
            format!(
                "{} does not tell live rows from softly deleted ones as its name and condition suggest",
                view.name.name
            ),
            format!(
                "write the condition of {} so that {} decides whatever else it asks, and make NULL \
                 impossible where it means nothing",
                view.name.name, soft.live_where
            ),
        ),
        evidence: Evidence::Cases(groups(context, shape, soft, view, one, two)),
    }
}

fn groups(
    context: &Context,
    shape: &Shape,
    soft: &SoftDelete,
    view: &View,
    one: &Row,
    two: &Row,
) -> Vec<Group> {
    let count =
        |row: &Row| format!("(SELECT count(*) FROM {} WHERE {})", view.name, row.condition());
    let ask = |row: &Row| format!("SELECT {}", count(row));
    // The view may ask for more than that a row is live, so two rows are compared that are alike.
    let alike = format!("SELECT ({} = {})::text", count(one), count(two));
    let mut cases = vec![
        Case::yields("a softly deleted row", vec![one.set(&soft.deleting()), ask(one)], "0"),
        Case::yields(
            "a row that was brought back, beside one that was never deleted",
            vec![one.set(&soft.deleting()), one.set(&soft.restoring()), alike.clone()],
            "true",
        ),
    ];
    let flag = soft.live.is_some() && !shape.not_null(&soft.column);
    if flag {
        let unset = one.set(&format!("{} = NULL", quote_ident(&soft.column)));
        let about = format!("a row whose {} is NULL, beside a live one", soft.column);
        cases.push(Case::yields(about, vec![unset, alike], "true"));
    }
    let setup = context.planted(&[one, two]);
    let mut groups = vec![Group { setup, cases }];
    groups.extend(through(context, shape, soft, view, one));
    groups
}

/// Rows that are put in through the view, if it takes any.
fn through(
    context: &Context,
    shape: &Shape,
    soft: &SoftDelete,
    view: &View,
    one: &Row,
) -> Option<Group> {
    let shown = |name: &str| view.columns.iter().any(|column| column.name == name);
    let fills = shape.columns().all(|(column, _)| {
        shown(&column.name)
            || !shape.not_null(&column.name)
            || column.default.is_some()
            || column.identity.is_some()
    });
    let written = view.triggers.is_empty() && view.rules.is_empty();
    // A view that shows the column can be asked to take a deleted row, which then is not seen.
    if !fills || !written || !soft.columns().iter().all(|column| shown(column)) {
        return None;
    }
    let mut row = one.clone();
    row.cells.retain(|name, _| shown(name));
    row.cells.extend(soft.deleted_cells());
    let statement = insert(&[&row]).replacen(&shape.name().to_string(), &view.name.to_string(), 1);
    let about = "a softly deleted row put in through the view, where nobody would see it";
    let case = Case::rejected(about, vec![statement], &["44000"]);
    Some(Group { setup: context.setup(&[one]), cases: vec![case] })
}
