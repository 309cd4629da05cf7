//! `timestamp-zone`: what a default stores does not depend on the time zone of the session.

use super::Invariant;
use super::pieces::{risk, untested};
use crate::catalog::{Column, quote_ident};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Promise};
use crate::values::types::{Base, Resolved};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "timestamp-zone",
    group: "timestamps",
    page: include_str!("pages/timestamp-zone.md"),
    derive,
};

/// Functions of the current time, as Postgres writes defaults back.
const NOW: &[&str] = &[
    "now()",
    "clock_timestamp()",
    "statement_timestamp()",
    "transaction_timestamp()",
    "CURRENT_TIMESTAMP",
    "LOCALTIMESTAMP",
];

/// Zones without daylight saving, in which adding days is the same everywhere.
const ZONES: &[&str] = &["Asia/Tokyo", "America/Phoenix"];

fn derive(context: &Context) -> Vec<Promise> {
    context.shapes().filter_map(|shape| promise(context, shape)).collect()
}

fn promise(context: &Context, shape: &Shape) -> Option<Promise> {
    let columns: Vec<(&Column, &Resolved)> =
        shape.columns().filter(|(column, resolved)| is_instant(column, resolved)).collect();
    let (first, resolved) =
        columns.iter().find(|(column, resolved)| depends(column, resolved)).or(columns.first())?;
    let names: Vec<&str> = columns.iter().map(|(column, _)| column.name.as_str()).collect();
    let names = names.join(", ");
    let alter = format!("ALTER TABLE {} ALTER COLUMN {}", shape.name(), quote_ident(&first.name));
    let way_out = if resolved.base == Base::Timestamp {
        format!("{alter} TYPE timestamptz USING {} AT TIME ZONE 'UTC'", quote_ident(&first.name))
    } else {
        format!("{alter} SET DEFAULT now()")
    };
    Some(Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: names.clone(),
        says: format!("the default of {names} is the same instant in every time zone"),
        otherwise: risk(
            format!("{} is off by hours for rows of sessions in another time zone", first.name),
            way_out,
        ),
        evidence: evidence(context, shape, &columns),
    })
}

/// Whether the default is an instant; days that begin at midnight differ on purpose.
fn is_instant(column: &Column, resolved: &Resolved) -> bool {
    matches!(resolved.base, Base::Timestamp | Base::TimestampTz)
        && column.default.as_deref().is_some_and(|default| {
            NOW.iter().any(|now| default.contains(now))
                && !["trunc", "date_bin", "::date"].iter().any(|day| default.contains(day))
        })
}

/// Whether the type and the default do not go together.
fn depends(column: &Column, resolved: &Resolved) -> bool {
    let default = column.default.as_deref().unwrap_or_default().to_lowercase();
    let local = ["timezone(", "at time zone", "localtimestamp"];
    let converted = local.iter().any(|word| default.contains(word));
    converted == (resolved.base == Base::TimestampTz)
}

fn evidence(context: &Context, shape: &Shape, columns: &[(&Column, &Resolved)]) -> Evidence {
    let (Some(one), Some(two)) = (context.row(shape.name(), 0), context.row(shape.name(), 1))
    else {
        return untested(context, shape);
    };
    let setup = context.setup(&[&one, &two]);
    let cases = columns.iter().filter(|(column, _)| !one.identity.contains(&column.name)).flat_map(
        |(column, _)| {
            let name = &column.name;
            let inserts = [&one, &two].map(|row| row.clone().without(name).insert());
            let [here, there] = [&one, &two]
                .map(|row| row.select(&format!("extract(epoch FROM {})", quote_ident(name))));
            ZONES.iter().map(move |zone| {
                let [first, second] = inserts.clone();
                let ops = vec![
                    "SET LOCAL TimeZone = 'UTC'".to_owned(),
                    first,
                    format!("SET LOCAL TimeZone = '{zone}'"),
                    second,
                    format!("SELECT (abs(({here}) - ({there})) < 60)::text"),
                ];
                let about = format!("{name} of a row from UTC and of one from {zone}");
                Case::yields(about, ops, "true")
            })
        },
    );
    Evidence::cases(setup, cases.collect())
}
