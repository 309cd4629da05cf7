//! `exclusion-gaps`: no row escapes an exclusion by having no span, or an empty one.

use super::Invariant;
use super::guard::refused;
use super::keys;
use super::spans::{self, Exclusion};
use crate::catalog::quote_ident;
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "exclusion-gaps",
    group: "uniqueness",
    page: include_str!("pages/exclusion-gaps.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    spans::all(context).filter_map(|exclusion| promise(context, &exclusion)).collect()
}

fn promise(context: &Context, exclusion: &Exclusion<'_>) -> Option<Promise> {
    let shape = exclusion.shape;
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => {
            let [first, ..] = exclusion.spans()?;
            let row = exclusion.first(context, &first)?;
            let mut gaps: Vec<(&str, Option<String>)> =
                exclusion.group.iter().map(|column| (*column, None)).collect();
            // Two columns make no range that is empty, and one without an end is often meant.
            if let Some(range) = exclusion.range() {
                gaps.extend([(range, Some("empty".to_owned())), (range, None)]);
            }
            let case = |(column, value): (&str, Option<String>)| -> Case {
                let about = match &value {
                    Some(text) => format!("a row with `{text}` in {column}"),
                    None => format!("a row with NULL in {column}"),
                };
                let ops = vec![row.clone().with(column, value).insert()];
                refused(context, shape, about, ops, &["23502", "23514"], None)
            };
            let cases: Vec<Case> = gaps.into_iter().map(case).collect();
            if cases.is_empty() {
                return None;
            }
            Evidence::cases(context.setup(&[&row]), cases)
        }
    };
    let columns = [exclusion.group.as_slice(), exclusion.columns().as_slice()].concat();
    let mandatory = columns.iter().map(|c| format!("ALTER COLUMN {} SET NOT NULL", quote_ident(c)));
    let mut actions: Vec<String> = mandatory.collect();
    actions.extend(
        exclusion.range().map(|range| format!("ADD CHECK (NOT isempty({}))", quote_ident(range))),
    );
    let otherwise = Otherwise::Risk {
        trap: "any number of rows whose span is empty or NULL, or whose group is NULL, are let in beside each other".to_owned(),
        way_out: format!("ALTER TABLE {} {};", shape.name(), actions.join(", ")),
    };
    let says = format!("each row has what the exclusion compares: {}", columns.join(", "));
    Some(keys::promise(INVARIANT.id, shape, &exclusion.constraint.name, says, otherwise, evidence))
}
