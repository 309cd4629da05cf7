//! Makes a case on which model and server disagree as small as it gets.

use proptest::strategy::ValueTree;

use super::Model;
use super::op::Op;
use super::predict::Start;
use super::run::{Disagreement, Generated};
use crate::error::Result;
use crate::invariants::case::{Group, Outcome};
use crate::invariants::runner::Runner;

/// How often a smaller case is tried at most.
const TRIES: usize = 2000;

/// Rows to start from, and operations on them.
#[derive(Debug, Clone, Default)]
pub(super) struct Trial {
    pub(super) start: Start,
    pub(super) ops: Vec<Op>,
}

/// Shrinks one of the generated cases; without a number, the rows that they start from. None if
/// the disagreement does not show again when the case runs alone.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn shrunk(
    runner: &mut Runner<'_>,
    model: &mut Model,
    generated: &mut Generated,
    number: Option<usize>,
) -> Result<Option<Disagreement>> {
    let start = generated.start.current();
    let mut trial = Trial { ops: Vec::new(), start };
    match number {
        // Making the rows is then what goes wrong.
        None => trial.ops = as_operations(&std::mem::take(&mut trial.start)),
        Some(number) => trial.ops = generated.ops[number].current(),
    }
    let Some(mut found) = model.disagrees(runner, &trial).await? else { return Ok(None) };
    if let Some(number) = number {
        let from = trial.clone();
        let with = |ops: Vec<Op>| Trial { start: from.start.clone(), ops };
        let tree = generated.ops[number].as_mut();
        descend(runner, model, tree, with, &mut trial, &mut found).await?;
        let from = trial.clone();
        let with = |start: Start| Trial { start, ops: from.ops.clone() };
        descend(runner, model, generated.start.as_mut(), with, &mut trial, &mut found).await?;
    }
    // The trees try each removal once; one that failed may succeed after others.
    while let Some((smaller, disagreement)) = smaller(runner, model, &trial).await? {
        (trial, found) = (smaller, disagreement);
    }
    Ok(Some(found))
}

fn as_operations(start: &Start) -> Vec<Op> {
    start.iter().map(|&(table, row)| Op::Insert { table, rows: vec![row] }).collect()
}

/// Follows a tree of proptest to its smallest value that still disagrees.
async fn descend<T: std::fmt::Debug>(
    runner: &mut Runner<'_>,
    model: &mut Model,
    tree: &mut dyn ValueTree<Value = T>,
    with: impl Fn(T) -> Trial,
    trial: &mut Trial,
    found: &mut Disagreement,
) -> Result<()> {
    let mut more = tree.simplify();
    for _ in 0..TRIES {
        if !more {
            break;
        }
        let candidate = with(tree.current());
        more = match model.disagrees(runner, &candidate).await? {
            Some(disagreement) => {
                (*trial, *found) = (candidate, disagreement);
                tree.simplify()
            }
            None => tree.complicate(),
        };
    }
    Ok(())
}

/// The trial less something, if it still disagrees: less an operation, a row to start from or a
/// part of an operation.
async fn smaller(
    runner: &mut Runner<'_>,
    model: &mut Model,
    trial: &Trial,
) -> Result<Option<(Trial, Disagreement)>> {
    let mut candidates = Vec::new();
    for at in 0..trial.ops.len() {
        let mut less = trial.clone();
        less.ops.remove(at);
        if !less.ops.is_empty() {
            candidates.push(less);
        }
    }
    for (at, op) in trial.ops.iter().enumerate() {
        candidates.extend(parts(op).into_iter().map(|part| {
            let mut less = trial.clone();
            less.ops[at] = part;
            less
        }));
    }
    for (at, &(table, row)) in trial.start.iter().enumerate() {
        // Perhaps it is the insertion of this row that comes out wrong already.
        let ops = vec![Op::Insert { table, rows: vec![row] }];
        candidates.push(Trial { start: trial.start[..at].to_vec(), ops });
        let mut less = trial.clone();
        less.start.remove(at);
        candidates.push(less);
    }
    for candidate in candidates {
        if let Some(disagreement) = model.disagrees(runner, &candidate).await? {
            return Ok(Some((candidate, disagreement)));
        }
    }
    Ok(None)
}

/// An operation that does less, in each way there is.
fn parts(op: &Op) -> Vec<Op> {
    let without = |rows: &[usize], at: usize| {
        let mut rows = rows.to_vec();
        rows.remove(at);
        rows
    };
    match op {
        Op::Insert { table, rows } if rows.len() > 1 => {
            let less = (0..rows.len()).map(|at| without(rows, at));
            less.map(|rows| Op::Insert { table: *table, rows }).collect()
        }
        Op::Delete { table, rows } if rows.len() > 1 => {
            let less = (0..rows.len()).map(|at| without(rows, at));
            less.map(|rows| Op::Delete { table: *table, rows }).collect()
        }
        Op::Update { table, row, from, columns } => {
            // To insert what an update comes to takes no row to begin with.
            let mut less = vec![Op::Insert { table: *table, rows: vec![*from] }];
            let fewer = (0..columns.len()).filter(|_| columns.len() > 1);
            less.extend(fewer.map(|at| {
                let columns = without(columns, at);
                Op::Update { table: *table, row: *row, from: *from, columns }
            }));
            less
        }
        Op::Undone(ops) => ops.clone(),
        _ => Vec::new(),
    }
}

/// Runs a group of one case; what is wrong with it, if anything.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn tried(runner: &mut Runner<'_>, group: Group) -> Result<Option<Disagreement>> {
    let outcomes = runner.run(std::slice::from_ref(&group)).await?;
    let outcome = outcomes.into_iter().flatten().next();
    let (Some(outcome), Some(case)) = (outcome, group.cases.into_iter().next()) else {
        return Ok(None);
    };
    // Of rows that cannot be made nothing can be said here.
    let wrong = !matches!(outcome, Outcome::Unreachable(_)) && !case.admits(&outcome);
    Ok(wrong.then_some(Disagreement { setup: group.setup, case, outcome, committed: false }))
}
