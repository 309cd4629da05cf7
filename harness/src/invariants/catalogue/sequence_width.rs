//! `sequence-width`: a column takes every number that its sequence gives.

use super::Invariant;
use super::pieces::risk;
use crate::catalog::{Column, Sequence, quote_ident, quote_literal};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Promise};
use crate::values::types::{Base, Resolved};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "sequence-width",
    group: "identities",
    page: include_str!("pages/sequence-width.md"),
    derive,
};

/// SQLSTATE of asking a sequence that is at its end.
const ENDED: &str = "2200H";

/// SQLSTATE of a number that is not between the bounds of a sequence.
const NO_NUMBER: &str = "22023";

fn derive(context: &Context) -> Vec<Promise> {
    let columns = context
        .shapes()
        .flat_map(|shape| shape.columns().map(move |(column, resolved)| (shape, column, resolved)));
    let counted = columns.filter_map(|(shape, column, resolved)| {
        let Base::Int(bits) = resolved.base else { return None };
        let sequence = sequence(context, column)?;
        // One that goes on for longer than its column fails aloud, and one that counts down has
        // its end elsewhere.
        let fits = sequence.increment > 0 && sequence.maximum <= room(bits);
        fits.then(|| promise(shape, column, resolved, bits, sequence))
    });
    counted.collect()
}

/// The sequence that a column is filled from: its identity's, or the one in its default.
fn sequence<'a>(context: &'a Context, column: &'a Column) -> Option<&'a Sequence> {
    if let Some(identity) = &column.identity {
        return Some(&identity.sequence);
    }
    let default = column.default.as_deref()?;
    let named = default.strip_prefix("nextval('")?.split_once("'::regclass")?.0;
    context.catalog.sequences.iter().find(|sequence| {
        sequence.name.to_string() == named || quote_ident(&sequence.name.name) == named
    })
}

fn promise(
    shape: &Shape,
    column: &Column,
    resolved: &Resolved,
    bits: u8,
    sequence: &Sequence,
) -> Promise {
    let room = room(bits);
    let name = &sequence.name;
    let cast = &resolved.cast;
    let (trap, way_out) = if sequence.cycle {
        (
            format!(
                "{name} begins again at {} when it comes to its end, and its numbers are taken by then",
                sequence.minimum
            ),
            format!("ALTER SEQUENCE {name} NO CYCLE"),
        )
    } else {
        (
            format!("{name} ends at {}, long before {} is full", sequence.maximum, column.name),
            format!("ALTER SEQUENCE {name} AS {cast} MAXVALUE {room}"),
        )
    };
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: column.name.clone(),
        says: format!("{} takes every number of its sequence, and none comes twice", column.name),
        otherwise: risk(trap, way_out),
        evidence: evidence(sequence, cast, bits),
    }
}

fn evidence(sequence: &Sequence, cast: &str, bits: u8) -> Evidence {
    if sequence.cycle {
        return Evidence::Seen(format!("{} was made with CYCLE", sequence.name));
    }
    // Who says MAXVALUE means it; an `integer` sequence under a `bigint` was forgotten.
    let narrow = room(width(&sequence.data_type));
    if sequence.maximum < room(bits) && sequence.maximum == narrow {
        let text = &sequence.data_type;
        let fact =
            format!("{} counts in {text}, and the column is {bits} bits wide", sequence.name);
        return Evidence::Seen(fact);
    }
    Evidence::cases(Vec::new(), cases(sequence, cast))
}

/// The sequence is begun anew near its end: other than `setval` that is undone with the rest.
fn cases(sequence: &Sequence, cast: &str) -> Vec<Case> {
    let (name, last) = (&sequence.name, sequence.maximum);
    let begin = |at: i64| format!("ALTER SEQUENCE {name} RESTART WITH {at}");
    let next = format!("SELECT nextval({})::{cast}", quote_literal(&name.to_string()));
    let given = vec![begin(last), next.clone()];
    let ended = vec![begin(last), next.clone(), next];
    let mut cases = vec![
        Case::yields("the last number of the sequence", given, &last.to_string()),
        Case::rejected("a number after the last one", ended, &[ENDED]),
    ];
    if let Some(beyond) = last.checked_add(1) {
        let beyond = vec![begin(beyond)];
        cases.push(Case::rejected("a sequence that goes on beyond it", beyond, &[NO_NUMBER]));
    }
    cases
}

/// The largest number of so many bits.
fn room(bits: u8) -> i64 {
    i64::MAX >> (64 - bits)
}

fn width(data_type: &str) -> u8 {
    match data_type {
        "smallint" => 16,
        "integer" => 32,
        _ => 64,
    }
}
