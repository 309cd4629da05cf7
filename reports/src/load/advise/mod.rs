//! Which size of the pool to take, of those that were measured.

use std::collections::BTreeMap;

use super::{Advice, Cell, Sizing};

mod doubts;
mod noise;

pub use doubts::bottleneck;
mod words;

/// Rates that differ by no more than this part are taken for the same.
const SAME: f64 = 0.03;

/// What the user asked for, and what the server has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// The longest 99th percentile of waiting for a connection, in milliseconds.
    pub max_wait_ms: Option<f64>,
    /// The server's `max_connections`.
    pub max_connections: Option<u32>,
    /// How many of these an application cannot have: `superuser_reserved_connections` and
    /// `reserved_connections`.
    pub reserved: u32,
}

/// The best cell of one size.
struct Tried<'a> {
    sizing: Sizing,
    cell: &'a Cell,
}

/// Recommends the smallest pool whose rate is within 3 % of the best and whose p99 wait is within
/// the limit.
///
/// Compares only what can be compared: cells that ran to their end with a pool, without a
/// PgBouncer and without a storm, under the same load. Where several loads were tried, it is the
/// one with the most sizes, then the heaviest.
pub fn advise(cells: &[Cell], asked: &Asked) -> Advice {
    let compared = comparable(cells);
    let tried = by_size(&compared);
    let mut advice = Advice {
        take: None,
        because: Vec::new(),
        warnings: Vec::new(),
        sizes: tried.iter().map(|tried| tried.sizing.clone()).collect(),
        knee: knee(&tried),
        needed: None,
        instances: None,
    };
    let Some(best) = most(&tried) else {
        advice.because.push(words::nothing_to_compare(cells, &compared));
        advice.warnings.extend(doubts::ended_early(cells));
        return advice;
    };
    let within: Vec<&Tried<'_>> =
        tried.iter().filter(|one| one.sizing.rate >= best.sizing.rate * (1.0 - SAME)).collect();
    let fits =
        |one: &&&Tried<'_>| asked.max_wait_ms.is_none_or(|limit| one.sizing.p99_wait_ms <= limit);
    let fitting = within.iter().find(fits).copied();
    let least_wait = || {
        within.iter().copied().min_by(|a, b| a.sizing.p99_wait_ms.total_cmp(&b.sizing.p99_wait_ms))
    };
    let Some(take) = fitting.or_else(least_wait) else { return advice };
    advice.take = Some(take.sizing.cell.clone());
    advice.because.push(words::choice(take, best, fitting.is_some(), asked));
    if cells.len() > compared.len() {
        let (of, all) = (compared.len(), cells.len());
        advice.because.push(format!(
            "{of} of the {all} cells could be compared: those with a pool alone, under {}",
            words::load(take.cell)
        ));
    }
    if let Some(knee) = advice.knee {
        advice
            .because
            .push(format!("the knee is at {knee}: more connections give no more than 3 %"));
    }
    advice.needed = little(take.cell);
    let busy = advice.needed.map(|needed| words::busy(take, needed));
    advice.because.extend(busy);
    let room = asked.max_connections.map(|most| most.saturating_sub(asked.reserved));
    advice.instances = room.map(|room| room / take.sizing.size.max(1));
    if let (Some(room), Some(fit), Some(most)) = (room, advice.instances, asked.max_connections) {
        let told = words::instances(take.sizing.size, fit, room, most, asked.reserved);
        if fit == 0 { advice.warnings.push(told) } else { advice.because.push(told) }
    }
    let (apart, unsure) = noise::same(&tried, best);
    advice.because.extend(apart);
    advice.warnings.extend(unsure);
    advice.warnings.extend(doubts::of_advice(&advice, &tried, take, best));
    advice.warnings.extend(doubts::ended_early(cells));
    advice
}

/// The cells that can be compared with one another.
fn comparable(cells: &[Cell]) -> Vec<&Cell> {
    let alone = cells.iter().filter(|cell| {
        let setup = &cell.setup;
        setup.pool.is_some()
            && setup.storm.is_none()
            && setup.bouncer.is_none()
            && cell.ended_early.is_none()
    });
    let mut loads: Vec<Vec<&Cell>> = Vec::new();
    for cell in alone {
        let same = |other: &&Cell| {
            (other.setup.users, other.setup.rate) == (cell.setup.users, cell.setup.rate)
        };
        match loads.iter_mut().find(|load| load.first().is_some_and(same)) {
            Some(load) => load.push(cell),
            None => loads.push(vec![cell]),
        }
    }
    let sizes = |load: &[&Cell]| by_size(load).len();
    let weight = |load: &[&Cell]| {
        load.first().map_or((0.0, 0), |cell| (cell.setup.rate.unwrap_or(0.0), cell.setup.users))
    };
    loads
        .into_iter()
        .max_by(|a, b| {
            sizes(a).cmp(&sizes(b)).then_with(|| {
                weight(a).partial_cmp(&weight(b)).unwrap_or(std::cmp::Ordering::Equal)
            })
        })
        .unwrap_or_default()
}

/// The best cell of each size, smallest size first.
fn by_size<'a>(cells: &[&'a Cell]) -> Vec<Tried<'a>> {
    let mut sizes: BTreeMap<u32, Tried<'a>> = BTreeMap::new();
    for &cell in cells {
        let Some(pool) = &cell.setup.pool else { continue };
        let sizing = Sizing {
            size: pool.max_connections,
            cell: cell.name.clone(),
            rate: cell.rate(),
            p99_wait_ms: p99_wait_ms(cell),
        };
        let better = sizes.get(&sizing.size).is_none_or(|there| {
            (sizing.rate, -sizing.p99_wait_ms) > (there.sizing.rate, -there.sizing.p99_wait_ms)
        });
        if better {
            sizes.insert(sizing.size, Tried { sizing, cell });
        }
    }
    sizes.into_values().collect()
}

/// The 99th percentile of waiting, in milliseconds. Operations that got no connection in time
/// have waited for that long, though they were never done.
fn p99_wait_ms(cell: &Cell) -> f64 {
    let mut waits = cell.all(|operation| &operation.wait);
    if let (Some(pool), Some(measured)) = (&cell.setup.pool, &cell.pool) {
        waits.record_many(
            std::time::Duration::from_millis(pool.acquire_timeout_ms),
            measured.timeouts,
        );
    }
    waits.percentile(0.99).as_secs_f64() * 1000.0
}

/// The size with the highest rate, the smallest of equals; nothing if nothing was done.
fn most<'a, 'b>(tried: &'b [Tried<'a>]) -> Option<&'b Tried<'a>> {
    tried
        .iter()
        .rev()
        .max_by(|a, b| a.sizing.rate.total_cmp(&b.sizing.rate))
        .filter(|best| best.sizing.rate > 0.0)
}

/// The smallest size that no larger one exceeds by more than 3 %. The largest is none, since
/// nothing larger was tried.
fn knee(tried: &[Tried<'_>]) -> Option<u32> {
    let last = tried.len().checked_sub(1)?;
    let flat = |from: &usize| {
        let rate = tried[*from].sizing.rate;
        rate > 0.0 && tried[from + 1..].iter().all(|more| more.sizing.rate <= rate * (1.0 + SAME))
    };
    (0..last).find(flat).map(|from| tried[from].sizing.size)
}

/// Connections that are busy on average, by Little's law (J. D. C. Little, 1961): what is in a
/// system on average is the rate of arrival times the mean time that each stays.
fn little(cell: &Cell) -> Option<f64> {
    let hold = &cell.pool.as_ref()?.hold;
    (hold.count() > 0).then(|| cell.rate() * hold.mean().as_secs_f64())
}
