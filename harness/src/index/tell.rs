//! What was counted as a report tells it, with times where they were asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use shakedown_reports::index::{Indexes, Origin, Standing, Strategy, stand};

use super::advice::advice;
use super::search::Measured;
use super::stage::Stage;
use super::timed::timed;
use super::trial::{State, Trial};
use super::{Event, Proposal};
use crate::database::Databases;
use crate::error::Result;
use crate::load;

/// About how long the times of one strategy are measured.
const TIMED: Duration = Duration::from_secs(8);

/// With less than this there is no interval.
const LEAST_TIMED: Duration = Duration::from_secs(2);

/// Measures times, of the advice first, and puts everything together.
pub(super) async fn tell(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    trial: Trial,
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Indexes> {
    let Trial { base, strategies, chosen, left_out } = trial;
    let mut notes = Vec::new();
    let set: Vec<&Proposal> = chosen.steps.iter().map(|(one, _)| one).collect();
    let advised: Vec<String> = set.iter().map(|one| one.name.clone()).collect();
    let mut told: Vec<Strategy> = Vec::new();
    for (proposal, state) in &strategies {
        told.push(strategy(proposal, state, advised.contains(&proposal.name)));
    }
    // What the search found needless on its way was not measured alone.
    for (proposal, _) in &chosen.steps {
        if told.iter().any(|one| one.name == proposal.name) {
            continue;
        }
        told.push(strategy(proposal, &State::NotMeasured(String::new()), true));
    }
    stand(&mut told, &base.counted());
    let worth =
        told.iter().filter(|one| matches!(one.standing, Standing::Front | Standing::Advised));
    let worth: Vec<String> =
        worth.filter(|one| one.effect.is_some()).map(|one| one.name.clone()).collect();
    let sets = usize::from(!set.is_empty()) + worth.len();
    let mut together = None;
    let mut number = 0;
    let time = |number: usize| {
        let rest = u32::try_from(sets - number).unwrap_or(u32::MAX).max(1);
        TIMED.min(stage.left() / rest)
    };
    if stage.asked.timed {
        if !set.is_empty() && !stage.stopped() {
            show(Event::Timing { name: "all that is advised", number: 1, of: sets });
            let time = time(0).max(LEAST_TIMED);
            match timed(stage, databases, &base, &set, time).await? {
                Ok(timed) => together = timed,
                Err(why) => notes.push(untimed("all that is advised", &why)),
            }
            number = 1;
        }
        for name in worth {
            let Some((proposal, _)) = strategies.iter().find(|(one, _)| one.name == name) else {
                continue;
            };
            number += 1;
            if stage.over() || time(number - 1) < LEAST_TIMED {
                continue;
            }
            show(Event::Timing { name: &name, number, of: sets });
            // The only one of a set is timed already.
            let own = if set.len() == 1 && advised.contains(&name) {
                together.clone()
            } else {
                let time = time(number - 1);
                timed(stage, databases, &base, &[proposal], time).await?.unwrap_or_else(|why| {
                    notes.push(untimed(&name, &why));
                    None
                })
            };
            if let Some(strategy) = told.iter_mut().find(|one| one.name == name) {
                strategy.timed = own;
            }
        }
    }
    let mut advice = advice(&chosen, &base, together);
    if let Some(slower) =
        advice.as_ref().and_then(|one| one.timed.as_ref()).filter(|timed| timed.all.low > 1.0)
    {
        notes.push(format!(
            "{} would save work by the counts, but took {:.0} % more time: it is not advised",
            advised.join(", "),
            (slower.all.median - 1.0) * 100.0
        ));
        advice = None;
        for strategy in told.iter_mut().filter(|one| one.standing == Standing::Advised) {
            strategy.standing = Standing::Front;
        }
    }
    let late = strategies
        .iter()
        .any(|(proposal, state)| matches!(state, State::NotMeasured(_)) && proposal.keep.is_none());
    let incomplete = if stage.stopped() {
        Some("the run was ended early")
    } else if late && told.iter().all(|one| one.effect.is_none()) {
        Some("the time sufficed for no strategy: give a larger `--budget`")
    } else {
        None
    };
    let write_share = base.costs.iter().filter(|cost| cost.counted.writes);
    Ok(Indexes {
        scenario: load::told(&stage.bench.scenario),
        rows: BTreeMap::new(),
        seed: stage.bench.load.seed,
        // A sum of nothing is -0.
        write_share: write_share.map(|cost| cost.counted.share).fold(0.0, |all, one| all + one),
        base: base.counted(),
        strategies: told,
        advice,
        left_out,
        notes,
        incomplete: incomplete.map(str::to_owned),
    })
}

fn untimed(name: &str, why: &str) -> String {
    format!("the times of {name} are not told: {why}")
}

/// A strategy as a report tells it.
fn strategy(proposal: &Proposal, state: &State, advised: bool) -> Strategy {
    let measured = match state {
        State::Measured(measured) => Some(measured),
        _ => None,
    };
    let used = measured.is_some_and(|measured| {
        let plans = measured.operations.iter().flat_map(|one| &one.plans);
        plans.flat_map(|plan| &plan.indexes).any(|index| proposal.makes(index))
    });
    let standing = match state {
        State::Measured(_) if advised => Standing::Advised,
        State::Measured(measured) if is_idle(proposal, measured, used) => Standing::Ignored,
        State::Measured(_) => Standing::Front,
        State::Ignored => Standing::Ignored,
        State::Failed(message) => Standing::Failed { message: message.clone() },
        State::NotMeasured(_) if advised => Standing::Advised,
        State::NotMeasured(reason) => Standing::NotMeasured { reason: reason.clone() },
    };
    Strategy {
        name: proposal.name.clone(),
        origin: proposal.origin,
        tables: proposal.tables.iter().map(ToString::to_string).collect(),
        create: proposal.create.clone(),
        drop: proposal.drop.clone(),
        because: proposal.because.clone(),
        keep: proposal.keep.clone(),
        build: measured.map(|measured| measured.build.clone()),
        operations: measured.map(|measured| measured.operations.clone()).unwrap_or_default(),
        effect: measured.map(|measured| measured.effect),
        timed: None,
        standing,
    }
}

/// Whether nothing of the workload reads by what was made: reads cost what they did, and writes no
/// less.
fn is_idle(proposal: &Proposal, measured: &Measured, used: bool) -> bool {
    proposal.origin == Origin::Proposed
        && !used
        && measured.effect.reads.surely() == 0.0
        && measured.effect.writes.surely() <= 0.0
}
