//! What a strategy gives and costs, in worked numbers.

use shakedown_reports::index::{
    BLOCK, Change, Counted, Counters, PER_ROW, Turn, Work, effect, turn,
};

use super::{reading, writing};

fn close(one: f64, other: f64) {
    assert!((one - other).abs() < 1e-9, "{one} is not {other}");
}

#[test]
fn an_index_turns_where_its_writes_cost_what_its_reads_gain() {
    // A hundred operations with 80 writes: 20 x 4 are gained, 80 x 1 are paid.
    assert_eq!(turn(4.0, 1.0), Turn::Below { share: 0.8 });
    assert_eq!(turn(1.0, 4.0), Turn::Below { share: 0.2 });
}

#[test]
fn a_removal_that_reads_miss_turns_the_other_way() {
    // With 20 writes of a hundred: 80 x 1 are lost, 20 x 4 are saved.
    assert_eq!(turn(-1.0, -4.0), Turn::Above { share: 0.2 });
    assert_eq!(turn(-4.0, -1.0), Turn::Above { share: 0.8 });
}

#[test]
fn what_only_gives_is_always_worth_it_and_what_only_takes_never() {
    for (gain, cost, turns) in [
        (4.0, 0.0, Turn::Always),
        (4.0, -1.0, Turn::Always),
        (0.0, -1.0, Turn::Always),
        (0.0, 1.0, Turn::Never),
        (-4.0, 0.0, Turn::Never),
        (-4.0, 1.0, Turn::Never),
        (0.0, 0.0, Turn::Same),
        (0.0, -0.0, Turn::Same),
        (-0.0, -0.0, Turn::Same),
    ] {
        assert_eq!(turn(gain, cost), turns, "gain {gain}, cost {cost}");
    }
}

#[test]
fn the_turn_is_where_the_work_of_the_mix_is_the_same() {
    for (gain, cost) in [(4.0, 1.0), (0.3, 7.0), (-2.0, -5.0)] {
        let (Turn::Below { share } | Turn::Above { share }) = turn(gain, cost) else {
            panic!("it does not turn");
        };
        close((1.0 - share) * gain, share * cost);
    }
}

#[test]
fn work_is_pages_a_hundredth_of_rows_and_the_log_in_pages() {
    let counters = Counters {
        buffers: 300,
        rows_read: 2_000,
        wal_bytes: 40_960,
        dirtied: 99,
        rows_returned: 99,
        wal_records: 99,
        wal_images: 99,
        updates: 99,
        hot_updates: 99,
        seq_scans: 99,
        statements: 99,
    };
    close((PER_ROW, BLOCK).0, 0.01);
    let done = Counted { counters, times: 10, ..reading("all of it", 1.0, 0, 0) };
    // 300 pages, 2,000 rows as 20 pages and five pages of the log, in ten times.
    close(Work::of(&done).0, 32.5);
    close(Work::of(&Counted { times: 0, ..done }).0, 325.0);
}

#[test]
fn operations_weigh_by_their_share_among_their_own_kind() {
    let mix =
        [reading("often", 0.6, 10, 0), reading("seldom", 0.2, 50, 0), writing("write", 0.2, 8, 0)];
    close(Work::of_those(&mix, false).unwrap().0, 20.0);
    close(Work::of_those(&mix, true).unwrap().0, 8.0);
    close(Work::of_mix(&mix).0, 17.6);
    assert_eq!(Work::of_those(&mix[..2], true), None);
}

#[test]
fn an_effect_is_reads_writes_and_the_mix_before_and_after() {
    let base = [reading("read", 0.8, 10, 0), writing("write", 0.2, 20, 0)];
    let with = [reading("read", 0.8, 6, 0), writing("write", 0.2, 21, 0)];
    let effect = effect(&base, &with, 8_192);
    for (change, before, after) in [(effect.reads, 10.0, 6.0), (effect.writes, 20.0, 21.0)] {
        close(change.before, before);
        close(change.after, after);
    }
    close(effect.mix.before, 12.0);
    close(effect.mix.saved(), 3.0);
    close(effect.mix.part(), 0.25);
    assert_eq!(effect.bytes, 8_192);
    let Turn::Below { share } = effect.turn else { panic!("{:?}", effect.turn) };
    close(share, 0.8);
}

#[test]
fn a_difference_within_chance_is_none() {
    let change = |after| Change { before: 1_000.0, after };
    assert_eq!((change(999.5).surely(), change(1_000.5).surely()), (0.0, 0.0));
    assert_eq!((change(998.0).surely(), change(1_002.0).surely()), (2.0, -2.0));
    let base = [reading("read", 0.5, 10, 0), writing("write", 0.5, 2_000, 0)];
    let with = [reading("read", 0.5, 6, 0), writing("write", 0.5, 2_001, 0)];
    assert_eq!(effect(&base, &with, 0).turn, Turn::Always, "a page in 2,000 is chance");
}

#[test]
fn a_part_of_nothing_is_nothing() {
    let change = Change { before: 0.0, after: 0.0 };
    assert_eq!((change.part(), change.surely()), (0.0, 0.0));
    let only_reads = [reading("read", 1.0, 10, 0)];
    assert_eq!(effect(&only_reads, &only_reads, 0).turn, Turn::Same);
    assert_eq!(effect(&[], &[], 0).writes, change);
}
