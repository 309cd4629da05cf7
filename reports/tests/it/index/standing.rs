//! Which strategies are worth a look, and in which order.

use shakedown_reports::index::{
    Change, Counted, Counters, Effect, Origin, Standing, Strategy, Turn, stand,
};

use super::strategy;

/// A strategy that changes reads of 100 pages and writes of 20 to these.
fn trial(name: &str, reads: f64, writes: f64, bytes: i64) -> Strategy {
    let (reads, writes) =
        (Change { before: 100.0, after: reads }, Change { before: 20.0, after: writes });
    let half = |reads: f64, writes: f64| f64::midpoint(reads, writes);
    let mix = Change {
        before: half(reads.before, writes.before),
        after: half(reads.after, writes.after),
    };
    let effect = Effect { reads, writes, mix, bytes, turn: Turn::Same };
    Strategy { effect: Some(effect), ..strategy(name, Standing::Front) }
}

fn on(table: &str, strategy: Strategy) -> Strategy {
    Strategy { tables: vec![table.to_owned()], ..strategy }
}

fn stood(mut strategies: Vec<Strategy>) -> Vec<(String, Standing)> {
    stand(&mut strategies, &[]);
    strategies.into_iter().map(|one| (one.name, one.standing)).collect()
}

fn by(name: &str) -> Standing {
    Standing::Beaten { by: name.to_owned() }
}

fn told(all: &[(&str, Standing)]) -> Vec<(String, Standing)> {
    all.iter().map(|(name, standing)| ((*name).to_owned(), standing.clone())).collect()
}

#[test]
fn what_is_no_better_in_anything_and_worse_in_something_is_beaten() {
    let all = vec![trial("wide", 10.0, 23.0, 9_000), trial("narrow", 10.0, 22.0, 4_000)];
    assert_eq!(stood(all), told(&[("narrow", Standing::Front), ("wide", by("narrow"))]));
}

#[test]
fn what_is_better_in_one_of_reads_writes_and_bytes_is_not_beaten() {
    let best = || trial("best", 10.0, 22.0, 4_000);
    for other in [
        trial("other", 9.0, 25.0, 9_000),
        trial("other", 50.0, 21.0, 9_000),
        trial("other", 50.0, 25.0, 3_000),
    ] {
        let all = stood(vec![best(), other]);
        assert_eq!(all, told(&[("best", Standing::Front), ("other", Standing::Front)]));
    }
}

#[test]
fn two_of_the_same_do_not_beat_each_other() {
    let all = vec![trial("b", 10.0, 22.0, 4_000), trial("a", 10.0, 22.0, 4_000)];
    assert_eq!(stood(all), told(&[("a", Standing::Front), ("b", Standing::Front)]));
    // Nor does what differs by chance.
    let all = vec![trial("b", 10.0, 22.0, 4_000), trial("a", 10.05, 22.0, 4_000)];
    assert_eq!(stood(all), told(&[("b", Standing::Front), ("a", Standing::Front)]));
}

#[test]
fn a_gain_within_chance_saves_nothing_from_being_beaten() {
    let all = vec![trial("narrow", 10.05, 22.0, 4_000), trial("wide", 10.0, 22.0, 9_000)];
    assert_eq!(stood(all), told(&[("narrow", Standing::Front), ("wide", by("narrow"))]));
    // A page in a hundred is no chance.
    let all = vec![trial("wide", 9.0, 22.0, 9_000), trial("narrow", 10.0, 22.0, 4_000)];
    assert_eq!(stood(all), told(&[("wide", Standing::Front), ("narrow", Standing::Front)]));
}

#[test]
fn only_strategies_on_the_same_tables_take_each_others_place() {
    let worse = || trial("worse", 50.0, 23.0, 9_000);
    let all = vec![on("public.users", trial("better", 10.0, 22.0, 4_000)), worse()];
    assert_eq!(stood(all), told(&[("better", Standing::Front), ("worse", Standing::Front)]));
    let all = vec![trial("better", 10.0, 22.0, 4_000), worse()];
    assert_eq!(stood(all), told(&[("better", Standing::Front), ("worse", by("better"))]));
}

#[test]
fn what_gives_nothing_and_costs_something_is_beaten_by_the_schema_as_it_is() {
    let as_is = by("the schema as it is");
    for useless in [
        trial("useless", 100.0, 23.0, 4_000),
        trial("useless", 100.0, 20.0, 4_000),
        trial("useless", 101.0, 20.0, 0),
    ] {
        assert_eq!(stood(vec![useless]), told(&[("useless", as_is.clone())]));
    }
    // A removal that costs nothing saves bytes at least, and nothing beats no change at all.
    for fine in [trial("fine", 100.0, 20.0, -4_000), trial("fine", 100.0, 20.0, 0)] {
        assert_eq!(stood(vec![fine]), told(&[("fine", Standing::Front)]));
    }
}

#[test]
fn those_without_figures_and_those_that_are_advised_keep_their_standing() {
    let failed = Standing::Failed { message: "no".to_owned() };
    let late = Standing::NotMeasured { reason: "late".to_owned() };
    let advised = Strategy { standing: Standing::Advised, ..trial("advised", 50.0, 23.0, 9_000) };
    let all = vec![
        strategy("late", late.clone()),
        strategy("failed", failed.clone()),
        Strategy { standing: Standing::Ignored, ..trial("ignored", 100.0, 23.0, 1) },
        trial("best", 10.0, 22.0, 4_000),
        advised,
    ];
    let kept = [
        ("advised", Standing::Advised),
        ("best", Standing::Front),
        ("ignored", Standing::Ignored),
        ("failed", failed),
        ("late", late),
    ];
    assert_eq!(stood(all), told(&kept));
}

#[test]
fn the_best_come_first_by_their_standing_then_by_what_they_save() {
    let all = vec![
        trial("beaten", 60.0, 30.0, 9_000),
        trial("some", 60.0, 20.0, 3_000),
        trial("most", 10.0, 25.0, 9_000),
        trial("beaten less", 60.0, 29.0, 9_000),
        Strategy { standing: Standing::Advised, ..trial("advised", 90.0, 20.0, 3_500) },
    ];
    let names: Vec<String> = stood(all).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["advised", "most", "some", "beaten less", "beaten"]);
}

#[test]
fn what_serves_other_operations_takes_nobodys_place() {
    let work = |name: &str, pages: u64| Counted {
        name: name.to_owned(),
        share: 0.5,
        writes: false,
        times: 1,
        failed: 0,
        failure: None,
        counters: Counters { buffers: pages, ..Counters::default() },
        plans: Vec::new(),
    };
    let base = [work("by name", 100), work("by time", 100)];
    let serving = |name: &str, by_name: u64, by_time: u64, bytes: i64| Strategy {
        operations: vec![work("by name", by_name), work("by time", by_time)],
        ..trial(name, 50.0, 21.0, bytes)
    };
    let mut all = vec![serving("by name", 3, 100, 9_000), serving("by time", 100, 3, 4_000)];
    stand(&mut all, &base);
    assert!(all.iter().all(|one| one.standing == Standing::Front), "{all:?}");
    // One that serves both takes the place of either.
    let mut all = vec![serving("both", 3, 3, 4_000), serving("by name", 3, 100, 9_000)];
    stand(&mut all, &base);
    assert_eq!(all[1].standing, by("both"));
}

#[test]
fn indexes_that_go_do_not_take_each_others_place() {
    let goes = |name: &str, writes: f64| Strategy {
        origin: Origin::Removal,
        ..trial(name, 100.0, writes, -4_000)
    };
    let all = stood(vec![goes("drop a", 15.0), goes("drop b", 18.0)]);
    assert_eq!(all, told(&[("drop a", Standing::Front), ("drop b", Standing::Front)]));
}
