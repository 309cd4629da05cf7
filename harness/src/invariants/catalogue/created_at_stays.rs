//! `created-at-stays`: the time at which a row was made does not change, where a trigger sees to it.

use super::Invariant;
use super::pieces::{triggers, untested};
use super::times::{created, or_refused};
use crate::catalog::{Column, Event, Timing, quote_ident};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Promise};
use crate::sql::mentions;
use crate::values::literal;

pub(super) const INVARIANT: Invariant = Invariant {
    id: "created-at-stays",
    group: "timestamps",
    page: include_str!("pages/created-at-stays.md"),
    derive,
};

/// A time that no row has of itself.
const OTHER: &str = "2003-04-05 06:07:08+00";

fn derive(context: &Context) -> Vec<Promise> {
    let with = context.shapes().filter_map(|shape| Some((shape, created(shape)?)));
    let guarded = with.filter(|(shape, column)| {
        let old = format!("old.{}", column.name);
        triggers(&context.catalog, &shape.table, Event::Update)
            .any(|(trigger, body)| trigger.timing == Timing::Before && mentions(body, &old))
    });
    guarded.map(|(shape, column)| promise(context, shape, column)).collect()
}

fn promise(context: &Context, shape: &Shape, column: &Column) -> Promise {
    let name = quote_ident(&column.name);
    let evidence = match context.row(shape.name(), 0) {
        None => untested(context, shape),
        Some(row) => {
            // A trigger may put the old time back, or refuse the update.
            let update = or_refused(&row.update(&column.name, &Some(OTHER.to_owned())));
            let kept = row.select(&format!(
                "({name} IS DISTINCT FROM {})::text",
                literal(&Some(OTHER.to_owned()))
            ));
            let about = format!("an UPDATE of {}", column.name);
            Evidence::cases(
                context.planted(&[&row]),
                vec![Case::yields(about, vec![update, kept], "true")],
            )
        }
    };
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: column.name.clone(),
        says: format!("no UPDATE changes {}", column.name),
        otherwise: super::pieces::risk(
            format!("{} can be changed although a trigger looks at what it was", column.name),
            format!("NEW.{name} := OLD.{name} in the trigger, whatever else it does"),
        ),
        evidence,
    }
}
