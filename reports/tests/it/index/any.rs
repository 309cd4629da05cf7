//! Any trial of index strategies that a report may hold.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use shakedown_reports::index::{
    self, Advice, Build, Change, Counted, Counters, Effect, Indexes, Origin, Plan, Standing, Step,
    Timed, Turn,
};
use shakedown_reports::stats::Interval;

use crate::schema::{any_workload, ms, words};

/// With each variant and field, and any of the numbers that they may hold.
pub(crate) fn any_indexes() -> impl Strategy<Value = Indexes> {
    let facts = (any_workload(), btree_map(words(), any::<u64>(), 0..3), any::<u64>(), ms());
    let tried = (vec(counted(), 0..4), vec(strategy(), 0..6), option::of(advice()));
    let told = (vec(words(), 0..3), vec(words(), 0..3), option::of(words()));
    (facts, tried, told).prop_map(|(facts, tried, told)| {
        let (scenario, rows, seed, write_share) = facts;
        let (base, strategies, advice) = tried;
        let (left_out, notes, incomplete) = told;
        Indexes {
            scenario,
            rows,
            seed,
            write_share,
            base,
            strategies,
            advice,
            left_out,
            notes,
            incomplete,
        }
    })
}

/// Any operation and its counts.
pub(crate) fn counted() -> impl Strategy<Value = Counted> {
    let facts = (words(), ms(), any::<bool>());
    let times = (any::<u64>(), prop_oneof![Just(0), any::<u64>()], option::of(words()));
    (facts, times, counters(), vec(plan(), 0..3)).prop_map(|(facts, times, counters, plans)| {
        let (name, share, writes) = facts;
        let (times, failed, failure) = times;
        Counted { name, share, writes, times, failed, failure, counters, plans }
    })
}

fn counters() -> impl Strategy<Value = Counters> {
    any::<[u64; 11]>().prop_map(
        |[
            buffers,
            dirtied,
            rows_read,
            rows_returned,
            wal_records,
            wal_bytes,
            wal_images,
            updates,
            hot_updates,
            seq_scans,
            statements,
        ]| Counters {
            buffers,
            dirtied,
            rows_read,
            rows_returned,
            wal_records,
            wal_bytes,
            wal_images,
            updates,
            hot_updates,
            seq_scans,
            statements,
        },
    )
}

fn plan() -> impl Strategy<Value = Plan> {
    (words(), words(), vec(words(), 0..20), vec(words(), 0..2))
        .prop_map(|(statement, shape, tree, indexes)| Plan { statement, shape, tree, indexes })
}

fn strategy() -> impl Strategy<Value = index::Strategy> {
    let origin = prop_oneof![Just(Origin::Given), Just(Origin::Proposed), Just(Origin::Removal)];
    let facts = (words(), origin, vec(words(), 0..2), option::of(words()));
    let sql = (vec(words(), 0..2), vec(words(), 0..2), vec(words(), 0..3));
    let measured =
        (option::of(build()), vec(counted(), 0..2), option::of(effect()), option::of(timed()));
    (facts, sql, measured, standing()).prop_map(|(facts, sql, measured, standing)| {
        let (name, origin, tables, keep) = facts;
        let (create, drop, because) = sql;
        let (build, operations, effect, timed) = measured;
        index::Strategy {
            name,
            origin,
            tables,
            create,
            drop,
            because,
            keep,
            build,
            operations,
            effect,
            timed,
            standing,
        }
    })
}

fn standing() -> impl Strategy<Value = Standing> {
    prop_oneof![
        Just(Standing::Advised),
        Just(Standing::Front),
        words().prop_map(|by| Standing::Beaten { by }),
        Just(Standing::Ignored),
        words().prop_map(|reason| Standing::NotMeasured { reason }),
        words().prop_map(|message| Standing::Failed { message }),
    ]
}

fn build() -> impl Strategy<Value = Build> {
    (ms(), any::<u64>(), any::<i64>(), vec(words(), 0..3), any::<bool>()).prop_map(
        |(ms, wal_bytes, bytes, locks, concurrently)| Build {
            ms,
            wal_bytes,
            bytes,
            locks,
            concurrently,
        },
    )
}

fn effect() -> impl Strategy<Value = Effect> {
    let change = || (ms(), ms()).prop_map(|(before, after)| Change { before, after });
    let turn = prop_oneof![
        Just(Turn::Always),
        Just(Turn::Never),
        Just(Turn::Same),
        ms().prop_map(|share| Turn::Below { share }),
        ms().prop_map(|share| Turn::Above { share }),
    ];
    (change(), change(), change(), any::<i64>(), turn)
        .prop_map(|(reads, writes, mix, bytes, turn)| Effect { reads, writes, mix, bytes, turn })
}

/// Any interval.
pub(crate) fn any_interval() -> impl Strategy<Value = Interval> {
    (ms(), ms(), ms(), any::<u64>()).prop_map(|(low, median, high, of)| Interval {
        low,
        median,
        high,
        of,
    })
}

fn timed() -> impl Strategy<Value = Timed> {
    (any_interval(), option::of(any_interval()), option::of(any_interval()))
        .prop_map(|(all, reads, writes)| Timed { all, reads, writes })
}

fn advice() -> impl Strategy<Value = Advice> {
    let step =
        (words(), ms(), words()).prop_map(|(name, saves, because)| Step { name, saves, because });
    let whole = (vec(counted(), 0..4), effect(), option::of(timed()));
    (vec(step, 0..3), whole, vec(words(), 0..3), vec(words(), 0..3)).prop_map(
        |(steps, (operations, effect, timed), up, down)| Advice {
            steps,
            operations,
            effect,
            timed,
            up,
            down,
        },
    )
}
