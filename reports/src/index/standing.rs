//! Which strategies are worth a look: those that nothing else on the same tables beats.

use super::effect::NONE;
use super::{Counted, Effect, Origin, Standing, Strategy, Work};

/// An operation that costs less by this part is served; a smaller one may come of how entries lie.
const CHEAPER: f64 = 0.05;

/// What beats a strategy that gives nothing.
const AS_IS: &str = "the schema as it is";

/// Gives each measured strategy its standing by the Pareto front of reads, writes and bytes, and
/// puts the best first. Those that are advised, ignored, or were not measured keep theirs.
///
/// Only what can take each other's place is compared: indexes on the same tables, of which the
/// better one makes every operation cheaper that the other one does. Indexes that go do not take
/// each other's place, since all of them may. `base` is the schema as it is.
pub fn stand(strategies: &mut [Strategy], base: &[Counted]) {
    let beaten: Vec<Option<String>> =
        strategies.iter().map(|one| beaten(one, strategies, base)).collect();
    for (strategy, by) in strategies.iter_mut().zip(beaten) {
        if strategy.standing != Standing::Front {
            continue;
        }
        if let Some(by) = by {
            strategy.standing = Standing::Beaten { by };
        }
    }
    strategies.sort_by(|one, other| {
        rank(one).cmp(&rank(other)).then_with(|| {
            saved(other).total_cmp(&saved(one)).then_with(|| one.name.cmp(&other.name))
        })
    });
}

fn rank(strategy: &Strategy) -> u8 {
    match strategy.standing {
        Standing::Advised => 0,
        Standing::Front => 1,
        Standing::Beaten { .. } => 2,
        Standing::Ignored => 3,
        Standing::Failed { .. } => 4,
        Standing::NotMeasured { .. } => 5,
    }
}

fn saved(strategy: &Strategy) -> f64 {
    strategy.effect.map_or(f64::NEG_INFINITY, |effect| effect.mix.saved())
}

/// What is at least as good in everything, and better in something.
fn beaten(strategy: &Strategy, all: &[Strategy], base: &[Counted]) -> Option<String> {
    let effect = strategy.effect?;
    let as_is = [0.0; 3];
    if beats(as_is, axes(&effect)) {
        return Some(AS_IS.to_owned());
    }
    let others = all.iter().filter(|one| takes_place(one, strategy, base));
    let mut better =
        others.filter(|one| one.effect.is_some_and(|it| beats(axes(&it), axes(&effect))));
    better.next().map(|one| one.name.clone())
}

/// Whether one strategy can be taken in the place of another.
fn takes_place(one: &Strategy, other: &Strategy, base: &[Counted]) -> bool {
    let goes = |strategy: &Strategy| strategy.origin == Origin::Removal;
    one.name != other.name
        && one.tables == other.tables
        && !goes(one)
        && !goes(other)
        && serves(other, base).iter().all(|name| serves(one, base).contains(name))
}

/// The operations that a strategy makes cheaper.
fn serves<'a>(strategy: &Strategy, base: &'a [Counted]) -> Vec<&'a str> {
    let pairs = base.iter().zip(&strategy.operations);
    let cheaper = pairs.filter(|(before, after)| {
        let (before, after) = (Work::of(before).0, Work::of(after).0);
        before - after > CHEAPER * before
    });
    cheaper.map(|(before, _)| before.name.as_str()).collect()
}

/// Reads saved, writes saved and bytes saved: more is better.
fn axes(effect: &Effect) -> [f64; 3] {
    [effect.reads.surely(), effect.writes.surely(), -(effect.bytes as f64)]
}

fn beats(one: [f64; 3], other: [f64; 3]) -> bool {
    // What differs by less than chance is the same.
    let close = |a: f64, b: f64| (a - b).abs() <= NONE * a.abs().max(b.abs());
    let pairs = || one.iter().zip(other);
    pairs().all(|(a, b)| *a >= b || close(*a, b)) && pairs().any(|(a, b)| *a > b && !close(*a, b))
}
