//! What to do, in words and as SQL.

use shakedown_reports::index::{Advice, Counted, Step, Timed, Work};

use super::Proposal;
use super::search::{Base, Chosen};
use crate::sql::with_concurrently;

/// The advice of a search; nothing if nothing saves enough.
pub(super) fn advice(chosen: &Chosen, base: &Base, timed: Option<Timed>) -> Option<Advice> {
    let measured = chosen.measured.as_ref()?;
    let before = base.counted();
    let concurrently = measured.build.concurrently;
    let written = |sql: &String| if concurrently { with_concurrently(sql) } else { sql.clone() };
    let steps = chosen.steps.iter();
    let up = steps.clone().flat_map(|(one, _)| one.create.iter().map(written)).collect();
    let down = steps.clone().rev().flat_map(|(one, _)| one.drop.iter().map(written)).collect();
    // What several need is made once, before the first, and undone once, behind the last.
    let (up, down) = (once(up), reversed(once(reversed(down))));
    let told = |(proposal, saves): &(Proposal, f64)| Step {
        name: proposal.name.clone(),
        saves: *saves,
        because: because(proposal, &before, &measured.operations),
    };
    Some(Advice {
        steps: steps.map(told).collect(),
        operations: measured.operations.clone(),
        effect: measured.effect,
        timed,
        up,
        down,
    })
}

/// The operation that gains most by a strategy, with its plans before and after; or what speaks for
/// it.
fn because(proposal: &Proposal, before: &[Counted], after: &[Counted]) -> String {
    let uses = |counted: &Counted| {
        let mut indexes = counted.plans.iter().flat_map(|plan| &plan.indexes);
        indexes.any(|index| proposal.makes(index))
    };
    let gains = before.iter().zip(after).filter(|(_, after)| uses(after));
    let gain = |(before, after): &(&Counted, &Counted)| {
        before.share * (Work::of(before).0 - Work::of(after).0)
    };
    let best = gains
        .filter(|pair| gain(pair) > 0.0)
        .max_by(|one, other| gain(one).total_cmp(&gain(other)));
    match best {
        Some((before, after)) => format!(
            "`{}` reads {} instead of {} pages each time",
            before.name,
            rounded(after.each(|counters| counters.buffers)),
            rounded(before.each(|counters| counters.buffers))
        ),
        None => proposal.because.join("; "),
    }
}

/// Each statement where it stands first.
fn once(statements: Vec<String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for sql in statements {
        if !once.contains(&sql) {
            once.push(sql);
        }
    }
    once
}

fn reversed(mut statements: Vec<String>) -> Vec<String> {
    statements.reverse();
    statements
}

fn rounded(number: f64) -> String {
    if number < 10.0 { format!("{number:.1}") } else { format!("{number:.0}") }
}
