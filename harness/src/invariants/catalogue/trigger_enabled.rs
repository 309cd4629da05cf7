//! `trigger-enabled`: triggers and rules that were made also run.

use super::Invariant;
use super::pieces::risk;
use crate::catalog::{Enabled, Event, quote_ident};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "trigger-enabled",
    group: "triggers",
    page: include_str!("pages/trigger-enabled.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let of = |shape| -> Vec<Promise> { promises(shape).collect() };
    context.shapes().flat_map(of).collect()
}

fn promises(shape: &Shape) -> impl Iterator<Item = Promise> + '_ {
    let statement = |event: &Event| {
        matches!(event, Event::Insert | Event::Update | Event::Delete | Event::Truncate)
    };
    let triggers = shape.table.triggers.iter().filter(move |t| t.events.iter().any(statement));
    triggers.map(|trigger| {
        let name = &trigger.name;
        let enabled = format!(
            "SELECT tgenabled::text FROM pg_trigger WHERE tgrelid = {}::regclass AND tgname = {}",
            crate::catalog::quote_literal(&shape.name().to_string()),
            crate::catalog::quote_literal(name)
        );
        let evidence = match trigger.enabled {
            Enabled::Disabled => Evidence::Seen(format!("the trigger {name} is disabled")),
            Enabled::Replica => {
                Evidence::Seen(format!("the trigger {name} runs only on a replica"))
            }
            Enabled::Origin => {
                Evidence::cases(Vec::new(), vec![Case::yields("its state", vec![enabled], "O")])
            }
            Enabled::Always => {
                Evidence::cases(Vec::new(), vec![Case::yields("its state", vec![enabled], "A")])
            }
        };
        Promise {
            invariant: INVARIANT.id.to_owned(),
            table: shape.name().clone(),
            object: name.clone(),
            says: format!("the trigger {name} runs"),
            otherwise: risk(
                format!("the trigger {name} does not run, and nothing says so"),
                format!("ALTER TABLE {} ENABLE TRIGGER {}", shape.name(), quote_ident(name)),
            ),
            evidence,
        }
    })
}
