//! Generates cases, runs them in batches and compares what comes of them with the model.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Instant;

use proptest::strategy::{Strategy as _, ValueTree};
use proptest::test_runner::{Config, Reason, RngAlgorithm, RngSeed, TestRng, TestRunner};

use super::op::Op;
use super::predict::Start;
use super::shrink::{Trial, shrunk, tried};
use super::state::State;
use super::{Model, strategy};
use crate::catalog::Name;
use crate::error::{Error, Result};
use crate::invariants::case::{Case, Group, Outcome};
use crate::invariants::runner::Runner;

/// What a run of the model came to.
#[derive(Debug, Default)]
pub struct Ran {
    /// How many cases of one to three operations were compared, and how many longer ones.
    pub cases: usize,
    pub sequences: usize,
    /// How many of both were really compared, those that were committed included.
    pub compared: usize,
    /// How many were passed over, since their outcome hangs on an order that nothing promises.
    pub passed_over: usize,
    /// How many operations there were on each table.
    pub operations: BTreeMap<Name, usize>,
    pub disagreement: Option<Disagreement>,
}

/// A case on which the server and the model disagree, made as small as it gets.
#[derive(Debug)]
pub struct Disagreement {
    /// The statements that make the rows it starts from.
    pub setup: Vec<String>,
    pub case: Case,
    /// What came of it.
    pub outcome: Outcome,
    /// Whether it shows only if transactions are committed. Its statements are then whole
    /// transactions, to be run one after the other.
    pub committed: bool,
}

/// Generated cases that start from the same rows, with the trees that can make them smaller.
pub(super) struct Generated {
    pub(super) start: Box<dyn ValueTree<Value = Start>>,
    pub(super) ops: Vec<Box<dyn ValueTree<Value = Vec<Op>>>>,
}

/// What to generate.
struct Plan {
    /// How many operations make a case.
    count: RangeInclusive<usize>,
    wanted: usize,
    /// How many start from the same rows.
    together: usize,
}

/// A group ready to run: which of the generated cases it holds.
struct Ready {
    group: Group,
    numbers: Vec<usize>,
}

/// Runs `cases` generated cases of one to three operations and `sequences` of up to twenty,
/// until `deadline`. The same seed gives the same cases.
///
/// # Errors
/// When the connection is lost.
pub async fn run(
    runner: &mut Runner<'_>,
    model: &mut Model,
    cases: usize,
    sequences: usize,
    seed: u64,
    deadline: Instant,
) -> Result<Ran> {
    let mut ran = Ran::default();
    let mut random = randomness(seed);
    // Single operations come more often: they are fastest to run and find most.
    let plans = [
        Plan { count: 1..=1, wanted: cases - cases / 3, together: 100 },
        Plan { count: 1..=3, wanted: cases / 3, together: 50 },
        Plan { count: 4..=20, wanted: sequences, together: 20 },
    ];
    for plan in plans {
        let compared = phase(runner, model, &mut random, &plan, deadline, &mut ran).await?;
        let short = *plan.count.end() <= 3;
        *(if short { &mut ran.cases } else { &mut ran.sequences }) += compared;
    }
    Ok(ran)
}

/// A generator that gives the same for the same seed.
pub(super) fn randomness(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config =
        Config { failure_persistence: None, rng_seed: RngSeed::Fixed(seed), ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Generates, runs and compares cases; gives their number.
async fn phase(
    runner: &mut Runner<'_>,
    model: &mut Model,
    random: &mut TestRunner,
    plan: &Plan,
    deadline: Instant,
    ran: &mut Ran,
) -> Result<usize> {
    let (mut compared, mut groups) = (0, 0);
    // Where there are many tables, each has its turn.
    let tables = model.schema.tables.len().max(1);
    let together = plan.together.min((plan.wanted / tables).max(5));
    while compared < plan.wanted && ran.disagreement.is_none() && Instant::now() < deadline {
        let mut batch = Vec::new();
        let mut generated = 0;
        while compared + generated < plan.wanted && batch.len() < 10 {
            let size = together.min(plan.wanted - compared - generated);
            let tables = strategy::tables(model, groups);
            let Some(ops) = strategy::ops(model, &tables, plan.count.clone()) else {
                return Ok(compared);
            };
            let start = strategy::start(model, &tables).new_tree(random).map_err(stuck)?;
            let trees = (0..size).map(|_| ops.new_tree(random).map_err(stuck));
            batch.push(Generated { start, ops: trees.collect::<Result<_>>()? });
            generated += size;
            groups += 1;
        }
        let passed_over = ran.passed_over;
        let found = compare(runner, model, &batch, ran).await?;
        compared += generated;
        ran.compared += generated - (ran.passed_over - passed_over).min(generated);
        if let Some((group, number)) = found {
            ran.disagreement = shrunk(runner, model, &mut batch[group], number).await?;
        }
    }
    Ok(compared)
}

pub(super) fn stuck(reason: Reason) -> Error {
    Error::new(format!("no operations can be generated: {reason}"))
}

/// Runs a batch; gives the place of the first case on which model and server disagree, which
/// has no number if already the rows it starts from cannot be made.
async fn compare(
    runner: &mut Runner<'_>,
    model: &mut Model,
    batch: &[Generated],
    ran: &mut Ran,
) -> Result<Option<(usize, Option<usize>)>> {
    let values: Vec<(Start, Vec<Vec<Op>>)> = batch
        .iter()
        .map(|group| (group.start.current(), group.ops.iter().map(|tree| tree.current()).collect()))
        .collect();
    let ready = loop {
        let ready: Vec<Ready> =
            values.iter().map(|(start, cases)| prepared(model, start, cases)).collect();
        if !model.facts.ask_missing(runner, &model.schema).await? {
            break ready;
        }
    };
    for (start_and_cases, ready) in values.iter().zip(&ready) {
        ran.passed_over += start_and_cases.1.len() - ready.numbers.len();
        for table in ready.numbers.iter().flat_map(|&n| &start_and_cases.1[n]).flat_map(Op::tables)
        {
            *ran.operations.entry(model.schema.tables[table].name.clone()).or_default() += 1;
        }
    }
    let (groups, numbers): (Vec<_>, Vec<_>) =
        ready.into_iter().map(|ready| (ready.group, ready.numbers)).unzip();
    let outcomes = runner.run(&groups).await?;
    for (at, (group, outcomes)) in groups.iter().zip(outcomes).enumerate() {
        for (n, (case, outcome)) in group.cases.iter().zip(outcomes).enumerate() {
            if matches!(outcome, Outcome::Unreachable(_)) {
                return Ok(Some((at, None)));
            }
            if !case.admits(&outcome) {
                return Ok(Some((at, Some(numbers[at][n]))));
            }
        }
    }
    Ok(None)
}

fn prepared(model: &mut Model, start: &Start, cases: &[Vec<Op>]) -> Ready {
    let (state, setup) = model.begin(start);
    let mut ready = Ready { group: Group { setup, cases: Vec::new() }, numbers: Vec::new() };
    for (number, ops) in cases.iter().enumerate() {
        if let Some(case) = model.case(&state, ops, Some(number)) {
            ready.group.cases.push(case);
            ready.numbers.push(number);
        }
    }
    ready
}

impl Model {
    /// Runs one trial alone; what is wrong with it, if anything.
    pub(super) async fn disagrees(
        &mut self,
        runner: &mut Runner<'_>,
        trial: &Trial,
    ) -> Result<Option<Disagreement>> {
        let (group, _) = loop {
            let (state, setup): (State, _) = self.begin(&trial.start);
            let case = self.case(&state, &trial.ops, None);
            if !self.facts.ask_missing(runner, &self.schema).await? {
                let Some(case) = case else { return Ok(None) };
                break (Group { setup, cases: vec![case] }, state);
            }
        };
        tried(runner, group).await
    }
}
