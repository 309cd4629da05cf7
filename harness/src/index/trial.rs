//! Everything that is counted: the schema as it is, each strategy alone, and sets of them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use shakedown_reports::index::Origin;
use sqlx::ConnectOptions as _;

use super::build::TOO_LONG;
use super::propose::{Proposed, propose};
use super::prune::{self, Use};
use super::search::{Base, Chosen, Measured, measure, search};
use super::stage::Stage;
use super::{Event, Proposal, given};
use crate::catalog::Name;
use crate::database::Databases;
use crate::error::{Error, Result};
use crate::measure::count::{count, samples};
use crate::measure::tables::failed;

/// The part of the time that is kept for sets, as one of so many.
const KEPT_FOR_SETS: u32 = 4;

/// What was counted.
pub(super) struct Trial {
    pub(super) base: Base,
    pub(super) strategies: Vec<(Proposal, State)>,
    pub(super) chosen: Chosen,
    pub(super) left_out: Vec<String>,
}

/// How far one came with a strategy.
pub(super) enum State {
    Measured(Box<Measured>),
    Ignored,
    Failed(String),
    NotMeasured(String),
}

/// Counts the schema as it is, then with each strategy that is worth it, then with sets of them.
pub(super) async fn trial(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    leave_out: &dyn Fn(&Name) -> bool,
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Trial> {
    show(Event::Base);
    let trial = databases.create(Some(&stage.counted)).await?;
    let samples = samples(&stage.bench, &trial, |_| true).await?;
    let clone = databases.create(Some(&stage.counted)).await?;
    let (costs, plans) = count(&stage.bench, &clone, &samples, &BTreeMap::new()).await?;
    let base = Base { samples, costs, plans };
    databases.drop(&clone).await?;
    failing(&base)?;

    // With the settings under which it is counted, so that the planner chooses the same.
    let mut connection =
        stage.bench.exact(&trial)?.connect().await.map_err(failed("connecting"))?;
    let given = stage.asked.given.iter().cloned();
    let mut proposals: Vec<Proposal> =
        given.map(|one| given::complete(one, &stage.catalog)).collect();
    let mut left_out = Vec::new();
    if proposals.is_empty() || stage.asked.propose {
        let Proposed { proposals: more, missing } =
            propose(stage, &mut connection, &base.costs, &base.plans, leave_out).await?;
        proposals.extend(more);
        left_out.extend(missing);
    }
    show(Event::Planning { proposals: proposals.len() });
    let mut strategies: Vec<(Proposal, State)> = Vec::new();
    let mut worth: Vec<(Proposal, f64)> = Vec::new();
    for proposal in proposals {
        // Nothing of the workload would show what it does.
        if let (Origin::Proposed, Some(reason)) = (proposal.origin, proposal.keep.clone()) {
            strategies.push((proposal, State::NotMeasured(reason)));
            continue;
        }
        if stage.over() {
            strategies.push((proposal, State::NotMeasured(reason(stage))));
            continue;
        }
        // What somebody asked for is measured in any case, and so is what the planner knows
        // nothing of.
        let estimate = match proposal.promise {
            Some(promise) => Use::Gains(promise),
            None => prune::ask(stage, &mut connection, &base.plans, &proposal).await?,
        };
        match estimate {
            Use::Gains(gain) => worth.push((proposal, gain)),
            Use::None => strategies.push((proposal, State::Ignored)),
            Use::Fails(message) => strategies.push((proposal, State::Failed(message))),
            Use::NotAllowed => {}
            Use::Late => strategies.push((proposal, State::NotMeasured(reason(stage)))),
        }
    }
    drop(connection);
    databases.drop(&trial).await?;
    worth.sort_by(|one, other| other.1.total_cmp(&one.1));
    let alone = each(stage, databases, &base, worth, &mut strategies, show).await?;
    let chosen = search(stage, databases, &base, &alone, show).await?;
    if !chosen.left_out.is_empty() {
        left_out.push(format!(
            "there was no time to try beside the rest: {}",
            chosen.left_out.join(", ")
        ));
    }
    left_out.extend(chosen.refused.iter().cloned());
    let alone = alone.into_iter().map(|(one, measured)| (one, State::Measured(Box::new(measured))));
    strategies.extend(alone);
    Ok(Trial { base, strategies, chosen, left_out })
}

/// Measures each strategy alone, as long as there is time. The longest one says whether there is.
async fn each(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    base: &Base,
    worth: Vec<(Proposal, f64)>,
    strategies: &mut Vec<(Proposal, State)>,
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Vec<(Proposal, Measured)>> {
    let mut alone: Vec<(Proposal, Measured)> = Vec::new();
    let of = worth.len();
    let mut slowest = Duration::ZERO;
    // Sets take time too.
    let kept = stage.left() / KEPT_FOR_SETS;
    for (number, (proposal, _)) in worth.into_iter().enumerate() {
        if stage.over() || stage.left() < slowest + kept {
            strategies.push((proposal, State::NotMeasured(reason(stage))));
            continue;
        }
        show(Event::Counting { name: &proposal.name, number: number + 1, of });
        let begun = Instant::now();
        match measure(stage, databases, base, &[&proposal]).await? {
            Ok(measured) => alone.push((proposal, measured)),
            // Nothing is wrong with an idea of ours for which there is no time.
            Err(message) if message == TOO_LONG && proposal.origin == Origin::Proposed => {
                strategies.push((proposal, State::NotMeasured(reason(stage))));
            }
            Err(message) => strategies.push((proposal, State::Failed(message))),
        }
        slowest = slowest.max(begun.elapsed());
    }
    Ok(alone)
}

fn reason(stage: &Stage<'_>) -> String {
    let why = if stage.stopped() { "the run was ended early" } else { "the time did not suffice" };
    why.to_owned()
}

/// Refuses a workload of which nothing works.
fn failing(base: &Base) -> Result<()> {
    let all = base.costs.iter().all(|cost| cost.counted.failed == cost.counted.times);
    let first = base.costs.iter().find_map(|cost| {
        cost.counted.failure.as_ref().map(|failure| (&cost.counted.name, failure))
    });
    match first {
        Some((name, failure)) if all => {
            Err(Error::new(format!("every operation of the workload fails; `{name}`: {failure}"))
                .hint("`shakedown load` with the same arguments shows which, and how often"))
        }
        _ => Ok(()),
    }
}
