//! Measures strategies one by one, and searches for the set of them that takes the most work away
//! from the whole workload.
//!
//! The search is greedy: the strategy that saves most is taken, and what the others save beside it
//! is measured again, the most promising first, until none saves enough. A strategy that another
//! one makes needless falls out by itself, and an index that the set makes needless is tried to be
//! dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use shakedown_reports::index::{Build, Counted, Effect, Work, effect};

use super::build::build;
use super::propose::{Statistics, removals};
use super::stage::Stage;
use super::{Event, Proposal};
use crate::catalog::{self, Name};
use crate::database::Databases;
use crate::error::Result;
use crate::measure::count::{Cost, Planned, Sample, attach, count};
use crate::measure::tables::Touched;

/// The schema as it is, counted.
#[derive(Debug)]
pub(super) struct Base {
    pub(super) samples: Vec<Sample>,
    pub(super) costs: Vec<Cost>,
    pub(super) plans: Vec<Planned>,
}

/// What was counted with some strategies in place.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    pub(super) build: Build,
    /// What each operation costs, with its plans, as a report tells it.
    pub(super) operations: Vec<Counted>,
    pub(super) effect: Effect,
    /// Indexes that nothing speaks for any more.
    needless: Vec<Proposal>,
}

/// A set of strategies.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// In the order in which they were taken, each with the part of the work that it saves beside
    /// those before it.
    pub(super) steps: Vec<(Proposal, f64)>,
    /// What all of them together count.
    pub(super) measured: Option<Measured>,
    /// What the search did not come to.
    pub(super) left_out: Vec<String>,
    /// What could not be made beside the rest, a sentence each.
    pub(super) refused: Vec<String>,
}

impl Base {
    pub(super) fn counted(&self) -> Vec<Counted> {
        let mut counted: Vec<Counted> =
            self.costs.iter().map(|cost| cost.counted.clone()).collect();
        attach(&mut counted, self.plans.iter());
        counted
    }

    /// What all operations together have to do with.
    pub(super) fn touched(&self) -> Touched {
        self.costs.iter().fold(Touched::default(), |all, cost| all.and(cost.touched.clone()))
    }
}

/// What came of making and counting: what was counted, or what the server says against it.
pub(super) type Outcome = std::result::Result<Measured, String>;

/// Makes strategies on a clone, one after the other, and counts the workload there.
pub(super) async fn measure(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    base: &Base,
    set: &[&Proposal],
) -> Result<Outcome> {
    let clone = databases.create(Some(&stage.counted)).await?;
    let mut connection = databases.connect(&clone).await?;
    let statements: Vec<String> = set.iter().flat_map(|one| one.create.iter().cloned()).collect();
    let patience = stage.left().max(Duration::from_millis(100));
    let built = build(&mut connection, &statements, &base.touched(), patience).await?;
    let build = match built {
        Ok(build) => build,
        Err(message) => {
            drop(connection);
            databases.drop(&clone).await?;
            return Ok(Err(message));
        }
    };
    let known = untouched(base, set);
    let (costs, plans) = count(&stage.bench, &clone, &base.samples, &known).await?;
    let mut operations: Vec<Counted> = costs.iter().map(|cost| cost.counted.clone()).collect();
    let same = base.plans.iter().filter(|planned| known.contains_key(&planned.operation));
    attach(&mut operations, same.chain(&plans));
    let catalog = catalog::load(&mut connection).await?;
    let statistics = Statistics::load(&mut connection).await?;
    let own: BTreeSet<&Name> = set.iter().flat_map(|one| &one.tables).collect();
    // Whoever names strategies wants those.
    let proposing = stage.asked.given.is_empty() || stage.asked.propose;
    let drop_unused = stage.asked.drop_unused;
    let needless = removals(&catalog, &costs, &statistics, drop_unused, &|table| {
        !proposing || !own.contains(table)
    });
    drop(connection);
    databases.drop(&clone).await?;
    if let Some(message) = fails(base, &operations) {
        return Ok(Err(message));
    }
    let effect = effect(&base.counted(), &operations, build.bytes);
    Ok(Ok(Measured { build, operations, effect, needless }))
}

/// What fails with a set that does not without: what fails costs little, and is no gain.
fn fails(base: &Base, operations: &[Counted]) -> Option<String> {
    let mut pairs = base.costs.iter().zip(operations);
    let (_, worse) = pairs.find(|(before, after)| after.failed > before.counted.failed)?;
    let failure = worse.failure.clone().unwrap_or_default();
    Some(format!("`{}` fails with it: {failure}", worse.name))
}

/// The operations that have nothing to do with the tables of a set: they cost what they did.
fn untouched(base: &Base, set: &[&Proposal]) -> BTreeMap<usize, Cost> {
    let tables: BTreeSet<String> =
        set.iter().flat_map(|one| &one.tables).map(Name::to_string).collect();
    let unknown = set.iter().any(|one| one.tables.is_empty());
    let same = |(_, cost): &(usize, &Cost)| !unknown && cost.touched.any.is_disjoint(&tables);
    let all = base.costs.iter().enumerate().filter(same);
    all.map(|(at, cost)| (at, cost.clone())).collect()
}

/// A strategy that may be taken, and what it saves as far as is known.
struct Candidate {
    proposal: Proposal,
    /// Work that it saved when it was measured last. Beside more others it saves less, so that it
    /// need not be measured again while another one saves more.
    saves: f64,
    /// What was counted then with it and those before it, and how many those were; nothing if it
    /// was never measured.
    measured: Option<(usize, Measured)>,
}

impl Candidate {
    /// Whether it saves enough of the work that is left.
    fn is_worth(&self, work: f64) -> bool {
        self.saves >= self.proposal.origin.enough() * work
    }
}

/// Searches for a set, beginning with what each strategy saves alone.
pub(super) async fn search(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    base: &Base,
    alone: &[(Proposal, Measured)],
    show: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Chosen> {
    let mut chosen = Chosen::default();
    let mut work = Work::of_mix(&base.counted()).0;
    let free = alone.iter().filter(|(proposal, _)| proposal.keep.is_none());
    let mut candidates: Vec<Candidate> = free
        .map(|(proposal, measured)| Candidate {
            proposal: proposal.clone(),
            saves: measured.effect.mix.saved(),
            measured: Some((0, measured.clone())),
        })
        .collect();
    let mut slowest = Duration::ZERO;
    loop {
        candidates.sort_by(|one, other| one.saves.total_cmp(&other.saves));
        let Some(at) = candidates.iter().rposition(|one| one.is_worth(work)) else { break };
        let best = candidates.remove(at);
        let taken = chosen.steps.len();
        match best.measured {
            Some((beside, measured)) if beside == taken => {
                chosen.steps.push((best.proposal, best.saves / work));
                work -= best.saves;
                candidates.extend(needless(&candidates, &chosen, &measured));
                chosen.measured = Some(measured);
            }
            _ if stage.over() || stage.left() < slowest => {
                let rest = candidates.iter().filter(|one| one.is_worth(work));
                chosen.left_out = rest.map(|one| one.proposal.name.clone()).collect();
                chosen.left_out.push(best.proposal.name);
                break;
            }
            _ => {
                let begun = Instant::now();
                show(Event::Adding { name: &best.proposal.name, to: taken });
                let steps = chosen.steps.iter().map(|(one, _)| one);
                let set: Vec<&Proposal> = steps.chain([&best.proposal]).collect();
                match measure(stage, databases, base, &set).await? {
                    Ok(measured) => {
                        let saves = work - measured.effect.mix.after;
                        let measured = Some((taken, measured));
                        candidates.push(Candidate { saves, measured, ..best });
                    }
                    Err(message) => chosen.refused.push(format!(
                        "`{}` cannot be made beside the rest: {message}",
                        best.proposal.name
                    )),
                }
                slowest = slowest.max(begun.elapsed());
            }
        }
    }
    Ok(chosen)
}

/// The removals of what nothing speaks for any more, to be measured before they are believed.
fn needless(candidates: &[Candidate], chosen: &Chosen, measured: &Measured) -> Vec<Candidate> {
    let known = |name: &str| {
        candidates.iter().any(|one| one.proposal.name == name)
            || chosen
                .steps
                .iter()
                .any(|(one, _)| one.name == name || name == format!("drop {}", one.name))
    };
    let new = measured.needless.iter().filter(|one| one.keep.is_none() && !known(&one.name));
    new.map(|proposal| Candidate {
        proposal: proposal.clone(),
        saves: f64::INFINITY,
        measured: None,
    })
    .collect()
}
