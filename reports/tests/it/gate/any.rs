//! Any gates, parts and machines that a report may hold.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use shakedown_reports::gate::{Gate, Gates, Inconclusive, Kind, Side, Verdict};
use shakedown_reports::model::{Environment, Outcome, Part};

use crate::index::{any_interval, counted};
use crate::schema::{any_workload, ms, words};

/// With each variant and field, and any of the numbers that they may hold.
pub(crate) fn any_gates() -> impl Strategy<Value = Gates> {
    let sides = (side(), option::of(side()), option::of(any_workload()));
    let facts = (btree_map(words(), any::<u64>(), 0..3), any::<u64>(), option::of(any_interval()));
    let inconclusive = prop_oneof![
        Just(Inconclusive::Undecided),
        Just(Inconclusive::Pass),
        Just(Inconclusive::Fail)
    ];
    let told = (vec(words(), 0..3), vec(words(), 0..3), option::of(words()));
    (sides, facts, vec(gate(), 0..6), inconclusive, told).prop_map(
        |(sides, facts, gates, inconclusive, told)| {
            let (candidate, base, scenario) = sides;
            let (rows, seed, floor) = facts;
            let (left_out, notes, incomplete) = told;
            Gates {
                candidate,
                base,
                scenario,
                rows,
                seed,
                floor,
                gates,
                inconclusive,
                left_out,
                notes,
                incomplete,
            }
        },
    )
}

fn side() -> impl Strategy<Value = Side> {
    (
        words(),
        option::of(0..999_usize),
        vec(counted(), 0..3),
        btree_map(words(), any::<u64>(), 0..3),
        btree_map(words(), ms(), 0..3),
    )
        .prop_map(|(name, migrations, operations, sizes, times)| Side {
            name,
            migrations,
            operations,
            sizes,
            times,
        })
}

fn gate() -> impl Strategy<Value = Gate> {
    let kind = prop_oneof![
        Just(Kind::Counter),
        Just(Kind::Time),
        Just(Kind::Limit),
        Just(Kind::Criterion)
    ];
    let verdict = prop_oneof![
        Just(Verdict::Pass),
        Just(Verdict::Regress),
        Just(Verdict::Inconclusive),
        words().prop_map(|reason| Verdict::Allowed { reason }),
    ];
    let what = (kind, option::of(words()), words(), words());
    let values = (option::of(ms()), option::of(ms()), option::of(any_interval()), option::of(ms()));
    (what, values, any::<u64>(), verdict, vec(words(), 0..3)).prop_map(
        |(what, values, of, verdict, notes)| {
            let (kind, subject, measure, unit) = what;
            let (base, candidate, ratio, tolerance) = values;
            Gate {
                kind,
                subject,
                measure,
                unit,
                base,
                candidate,
                ratio,
                floor: ratio,
                tolerance,
                of,
                verdict,
                notes,
            }
        },
    )
}

/// Any part of a run.
pub(crate) fn any_part() -> impl Strategy<Value = Part> {
    let outcome = prop_oneof![Just(Outcome::Held), Just(Outcome::Incomplete), Just(Outcome::Found)];
    (words(), option::of(outcome), ms(), option::of(words()), any::<bool>(), vec(words(), 0..3))
        .prop_map(|(name, outcome, duration_ms, reason, late, left_out)| Part {
            name,
            outcome,
            duration_ms,
            reason,
            late,
            left_out,
        })
}

/// Any machine.
pub(crate) fn any_environment() -> impl Strategy<Value = Environment> {
    let named = (words(), words(), option::of(words()));
    (named, 0..512_usize, option::of(any::<u64>()), option::of(ms())).prop_map(
        |((os, arch, processor), processors, memory, load_average)| Environment {
            os,
            arch,
            processor,
            processors,
            memory,
            load_average,
        },
    )
}
