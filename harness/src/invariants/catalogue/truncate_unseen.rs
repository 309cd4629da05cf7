//! `truncate-unseen`: what sees rows being deleted also sees TRUNCATE.

use super::Invariant;
use crate::catalog::{Enabled, Event, quote_literal};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "truncate-unseen",
    group: "foreign keys",
    page: include_str!("pages/truncate-unseen.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    context.shapes().filter_map(|shape| of(context, shape)).collect()
}

fn of(context: &Context, shape: &Shape) -> Option<Promise> {
    // Only a table that refers to others is emptied with them.
    context.shape(&shape.links.first()?.parent)?;
    let trigger = shape.table.triggers.iter().find(|trigger| {
        trigger.for_each_row
            && trigger.events.contains(&Event::Delete)
            && matches!(trigger.enabled, Enabled::Origin | Enabled::Always)
    })?;
    // TRUNCATE is 32 among the events of a trigger.
    let query = format!(
        "SELECT CASE WHEN EXISTS (SELECT FROM pg_trigger WHERE tgrelid = {}::regclass AND tgtype & 32 <> 0 AND tgenabled IN ('O', 'A')) THEN 'seen' ELSE 'unseen' END",
        quote_literal(&shape.name().to_string())
    );
    let cases = vec![Case::yields("a look for a trigger that sees TRUNCATE", vec![query], "seen")];
    Some(Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: trigger.name.clone(),
        says: "rows do not go unseen when a table above is truncated".to_owned(),
        otherwise: Otherwise::Risk {
            trap: format!(
                "TRUNCATE {} CASCADE empties this table too, whatever its foreign keys say, and the trigger {} does not see it",
                shape.links[0].parent, trigger.name
            ),
            way_out: format!(
                "CREATE TRIGGER ... BEFORE TRUNCATE ON {} FOR EACH STATEMENT, or REVOKE TRUNCATE from who need not do it",
                shape.name()
            ),
        },
        evidence: Evidence::cases(Vec::new(), cases),
    })
}
