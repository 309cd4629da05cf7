//! `soft-delete-agrees`: a flag and a time that say whether a row is deleted say the same.

use super::Invariant;
use super::pieces::{is_handled, risk, soft_tables, untested};
use crate::catalog::{ConstraintKind, quote_ident};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Promise};
use crate::invariants::soft_delete::SoftDelete;
use crate::sql::expression;
use crate::values::{Value, literal};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "soft-delete-agrees",
    group: "soft deletes",
    page: include_str!("pages/soft-delete-agrees.md"),
    derive,
};

/// A column with its value in a live and in a deleted row.
type Side<'a> = (&'a str, &'a Value, &'a Value);

fn derive(context: &Context) -> Vec<Promise> {
    let pairs = soft_tables(context).flat_map(|(shape, soft)| {
        let own = (soft.column.as_str(), &soft.live, &soft.deleted);
        let partners =
            soft.partners.iter().map(|(name, live, deleted)| (name.as_str(), live, deleted));
        partners.map(move |other| (shape, soft, own, other))
    });
    pairs.map(|(shape, soft, own, other)| promise(context, shape, soft, own, other)).collect()
}

fn promise(
    context: &Context,
    shape: &Shape,
    soft: &SoftDelete,
    own: Side<'_>,
    other: Side<'_>,
) -> Promise {
    let agree = agree(own, other);
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: format!("{}, {}", own.0, other.0),
        says: format!("{} and {} agree on whether a row is deleted", own.0, other.0),
        otherwise: risk(
            format!(
                "{} can say that a row is deleted while {} says that it is live, and what reads \
                 one differs from what reads the other",
                own.0, other.0
            ),
            format!("ALTER TABLE {} ADD CHECK ({agree})", shape.name()),
        ),
        evidence: evidence(context, shape, soft, own, other),
    }
}

/// That both say the same, as a condition.
fn agree(own: Side<'_>, other: Side<'_>) -> String {
    format!("({}) = ({})", is_live(own), is_live(other))
}

fn is_live((name, live, deleted): Side<'_>) -> String {
    let column = quote_ident(name);
    match (live, deleted.as_deref()) {
        (None, _) => format!("{column} IS NULL"),
        (_, Some("true")) => format!("{column} IS NOT TRUE"),
        (_, Some("false")) => format!("{column} IS NOT FALSE"),
        _ => format!("{column} IS DISTINCT FROM {}", literal(deleted)),
    }
}

fn evidence(
    context: &Context,
    shape: &Shape,
    soft: &SoftDelete,
    own: Side<'_>,
    other: Side<'_>,
) -> Evidence {
    let Some(row) = context.row_with(shape.name(), 0, &soft.live_cells()) else {
        return untested(context, shape);
    };
    let mut checks =
        shape.table.constraints.iter().filter(|found| found.kind == ConstraintKind::Check);
    let checked = checks.any(|check| {
        let expression = check.expression.as_deref().unwrap_or_default();
        expression::columns(expression, &[own.0, other.0]).len() == 2
    });
    let case = |side: Side<'_>| {
        let about = format!("{} set alone", side.0);
        let update = row.update(side.0, side.2);
        // A trigger may set the other one; else a check is what keeps them together.
        if checked && !is_handled(&context.catalog, &shape.table, &[own.0, other.0]) {
            return Case::rejected(about, vec![update], &["23514"]);
        }
        let ask = row.select(&format!("({})::text", agree(own, other)));
        Case::yields(about, vec![update, ask], "true")
    };
    Evidence::cases(context.planted(&[&row]), vec![case(own), case(other)])
}
