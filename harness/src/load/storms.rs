//! What goes wrong on purpose, each as a setting of its own beside the one that was chosen.

use std::time::Duration;

use shakedown_reports::load::Cell;
use shakedown_scenarios::engine::{Burst, Pace, Storm};

use super::cells::{rate, time};
use super::{Asked, Setting, StormKind};
use crate::error::{Error, Result};
use crate::server::Server;

/// How much faster operations arrive in a burst.
const TIMES: f64 = 10.0;

/// Refuses storms that cannot be had.
pub(super) fn possible(storms: &[StormKind], asked: &Asked, server: &Server) -> Result<()> {
    if storms.is_empty() {
        return Ok(());
    }
    if time(asked).is_none() {
        return Err(Error::new(
            "a storm needs a time to happen in, but a number of operations is given",
        )
        .hint("give `--time 30s` instead of `--operations`"));
    }
    if storms.contains(&StormKind::Restart) && !server.is_scratch() {
        return Err(Error::new("a server at an address is not restarted, since it is not ours")
            .hint("leave `--postgres` out, or `--storm restart`"));
    }
    if asked.settings.iter().all(|setting| setting.pool.is_none())
        && storms.iter().any(|storm| matches!(storm, StormKind::ColdStart | StormKind::Lifetimes))
    {
        return Err(Error::new(
            "a cold start and the end of lifetimes are storms of a pool, but there is none",
        )
        .hint("give `--pool-size 10`"));
    }
    Ok(())
}

/// The settings of the storms, after the chosen one and what was measured with it.
pub(super) fn settings(
    storms: &[StormKind],
    chosen: Option<&Setting>,
    measured: &[Cell],
    asked: &Asked,
) -> Vec<Setting> {
    let (Some(chosen), Some(time)) = (chosen, time(asked)) else { return Vec::new() };
    let reached = measured.iter().find(|cell| cell.name == chosen.name).map_or(0.0, Cell::rate);
    storms.iter().map(|storm| setting(*storm, chosen, reached, time)).collect()
}

fn setting(storm: StormKind, chosen: &Setting, reached: f64, time: Duration) -> Setting {
    let of = |what: &str, storm| Setting {
        name: format!("{}, {what}", chosen.name),
        storm: Some(storm),
        ..chosen.clone()
    };
    match storm {
        StormKind::ColdStart => {
            let mut setting = of("cold start", Storm::ColdStart);
            // What is opened ahead would be there before the users are.
            if let Some(pool) = &mut setting.pool {
                pool.min_connections = 0;
            }
            setting
        }
        StormKind::Lifetimes => of("all lifetimes end", Storm::Lifetimes { at: time / 2 }),
        StormKind::Restart => of("server restart", Storm::Restart { at: time / 3 }),
        StormKind::Burst => {
            // Half of what it reaches leaves room to recover in.
            let rate = rate(chosen).unwrap_or(reached / 2.0).max(1.0);
            let limit = match chosen.pace {
                Pace::Open { limit, .. } => limit,
                Pace::Closed => None,
            };
            let burst = Burst { from: time / 3, time: time / 6, times: TIMES };
            let pace = Pace::Open { rate, limit, burst: Some(burst) };
            Setting { pace, ..of("burst at ten times the rate", Storm::Burst) }
        }
    }
}
