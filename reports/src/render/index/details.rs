//! What a strategy is, in words.

use crate::figures::{bytes, number};
use crate::index::{Build, Counted, Standing, Strategy, Work};
use crate::render::clean;
use crate::render::load::words::paragraph;

/// The name of a strategy with the mark of its standing.
pub(super) fn marked(strategy: &Strategy) -> String {
    let mark = match strategy.standing {
        Standing::Advised => "+",
        Standing::Front => "*",
        _ => " ",
    };
    format!("{mark} {}", clean::line(&strategy.name))
}

/// What a strategy does, what asked for it, and what speaks against it, a line each.
pub(super) fn render(strategy: &Strategy, base: &[Counted]) -> String {
    let mut out = format!("  {}\n", marked(strategy));
    let mut told = strategy.create.clone();
    told.extend(strategy.because.iter().take(2).cloned());
    told.extend(strategy.keep.as_ref().map(|why| format!("not advised: {why}")));
    if let Standing::Beaten { by } = &strategy.standing {
        told.push(format!("beaten by {by}"));
    }
    told.extend(gained(strategy, base));
    // How to make what nobody will make is not worth the line.
    let made = matches!(strategy.standing, Standing::Advised | Standing::Front);
    told.extend(strategy.build.as_ref().filter(|_| made).map(built));
    for line in told {
        out.push_str(&paragraph(&line, "      "));
    }
    out
}

/// What building it writes and locks.
fn built(build: &Build) -> String {
    let locks = match build.locks.as_slice() {
        [] => "takes locks that nobody saw".to_owned(),
        locks => format!("takes {}", locks.join(", ")),
    };
    let due = if build.concurrently { ", so CONCURRENTLY is due" } else { "" };
    format!("building it writes {} of WAL and {locks}{due}", bytes(build.wal_bytes as f64))
}

/// The operation that gains most by it, with its plan before and after where that is another one.
fn gained(strategy: &Strategy, base: &[Counted]) -> Option<String> {
    let gain = |(before, after): &(&Counted, &Counted)| {
        before.share * (Work::of(before).0 - Work::of(after).0)
    };
    let pairs = base.iter().zip(&strategy.operations).filter(|pair| gain(pair) > 0.0);
    let (before, after) = pairs.max_by(|one, other| gain(one).total_cmp(&gain(other)))?;
    let mut plans = before.plans.iter().zip(&after.plans);
    let (old, new) = plans.find(|(old, new)| old.shape != new.shape)?;
    let pages = |counted: &Counted| number(counted.each(|counters| counters.buffers));
    Some(format!(
        "`{}`: {} with {} pages, before {} with {}",
        before.name,
        new.shape,
        pages(after),
        old.shape,
        pages(before)
    ))
}
