//! What speaks against trusting a recommendation.

use super::Tried;
use super::words::load;
use crate::figures::{grouped, listed, number, percent, plural, seconds};
use crate::load::{Advice, Cell};

/// A machine of which more is used is taken for busy.
const BUSY: f64 = 0.7;
/// Under an open loop, queues grow without bound as the use of connections nears all of them.
const TOO_BUSY: f64 = 0.8;
/// A rate of which less is reached is not reached.
const REACHED: f64 = 0.95;

/// The doubts about a choice, a sentence each.
pub(super) fn of_advice(
    advice: &Advice,
    tried: &[Tried<'_>],
    take: &Tried<'_>,
    best: &Tried<'_>,
) -> Vec<String> {
    let mut doubts = Vec::new();
    doubts.extend(too_few(advice, tried));
    doubts.extend(bottleneck(best.cell));
    doubts.extend(rate_missed(take.cell));
    doubts.extend(too_busy(advice, take));
    doubts.extend(tried.iter().filter_map(|one| errors(one.cell)));
    doubts
}

/// The cells that are left out since they ended early.
pub(super) fn ended_early(cells: &[Cell]) -> Option<String> {
    let early = cells.iter().filter(|cell| cell.ended_early.is_some());
    let names: Vec<String> =
        early.map(|cell| format!("`{}` (after {})", cell.name, seconds(cell.measured_s))).collect();
    (!names.is_empty()).then(|| format!("what ended early is not compared: {}", listed(&names)))
}

fn too_few(advice: &Advice, tried: &[Tried<'_>]) -> Option<String> {
    match tried {
        [one] => Some(format!(
            "only one size was tried, {}, so that there is nothing to compare it with: try several, \
             with `--pool-size 1,2,4..64`",
            one.sizing.size
        )),
        [.., before, last] if advice.knee.is_none() => Some(format!(
            "the knee was not reached: {} connections give {} operations a second and {} give {}; \
             try larger pools",
            before.sizing.size,
            number(before.sizing.rate),
            last.sizing.size,
            number(last.sizing.rate)
        )),
        _ => None,
    }
}

/// Says that this program, and not the server, may have set the rate of a cell, if that may be.
/// Both are taken to share the machine, which is so wherever the server's processor time is known.
pub fn bottleneck(cell: &Cell) -> Option<String> {
    let client = &cell.client;
    let whole = cell.measured_s * client.processors as f64;
    let own = client.cpu_s;
    let server = cell.server.as_ref().and_then(|server| server.cpu_s);
    let busy = |used: f64| whole > 0.0 && used / whole > BUSY;
    let more_than_server = server.is_some_and(|server| own > server && busy(own + server));
    if !busy(own) && !more_than_server {
        return None;
    }
    let count = client.processors as u64;
    let of = format!("the {} processor{}", grouped(count), plural(count));
    let own = percent(own, whole);
    Some(match server {
        Some(server) => format!(
            "in `{}` this program took {own} of {of} and the server {}: they share one machine, \
             so that the best rate may be this program's limit and not the server's; drive it \
             from another machine to know",
            cell.name,
            percent(server, whole)
        ),
        None => format!(
            "in `{}` this program took {own} of {of}, so that the best rate may be its limit and \
             not the server's",
            cell.name
        ),
    })
}

fn rate_missed(cell: &Cell) -> Option<String> {
    let wanted = cell.setup.rate?;
    let reached = (cell.done() + cell.failed()) as f64 / cell.measured_s.max(f64::MIN_POSITIVE);
    (reached < wanted * REACHED).then(|| {
        format!(
            "in `{}` the rate was not reached: {} of {} operations a second",
            cell.name,
            number(reached),
            number(wanted)
        )
    })
}

fn too_busy(advice: &Advice, take: &Tried<'_>) -> Option<String> {
    let used = advice.needed? / f64::from(take.sizing.size.max(1));
    (take.cell.setup.rate.is_some() && used > TOO_BUSY).then(|| {
        format!(
            "{} of the connections are busy on average under {}: above 80 % waits grow quickly \
             with any burst, so take a larger pool where arrivals are less even",
            percent(used, 1.0),
            load(take.cell)
        )
    })
}

fn errors(cell: &Cell) -> Option<String> {
    let failed = cell.failed();
    if failed == 0 {
        return None;
    }
    let mut states: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for (state, count) in cell.operations.iter().flat_map(|operation| &operation.failed) {
        *states.entry(state).or_default() += count;
    }
    let states: Vec<String> =
        states.iter().map(|(state, count)| format!("{state}: {}", grouped(*count))).collect();
    Some(format!(
        "in `{}` {} of {} operations failed ({})",
        cell.name,
        grouped(failed),
        grouped(cell.done() + failed),
        states.join(", ")
    ))
}
