//! Sequences whose transactions are really committed: what only a COMMIT shows, such as rows
//! of earlier transactions and the refusal of a whole transaction at its end.

use std::time::Instant;

use proptest::strategy::{Strategy as _, ValueTree};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};

use super::op::Op;
use super::predict::rejected;
use super::run::{Disagreement, Ran, randomness, stuck};
use super::state::State;
use super::{Model, strategy};
use crate::error::{Error, Result};
use crate::invariants::case::{Case, Expect, Outcome, Rejection};
use crate::invariants::runner::Runner;

/// A statement, and what must come of it.
struct Step {
    sql: String,
    expect: Expect,
}

/// Runs sequences with real transactions on a connection to a throw-away clone, whose modelled
/// tables are emptied before each. `runner` answers questions on another connection.
///
/// # Errors
/// When a connection is lost, or the tables may not be emptied.
pub async fn run_committed(
    runner: &mut Runner<'_>,
    clone: &mut PgConnection,
    model: &mut Model,
    sequences: usize,
    seed: u64,
    deadline: Instant,
) -> Result<Ran> {
    let mut ran = Ran::default();
    let mut random = randomness(seed);
    while ran.sequences < sequences && Instant::now() < deadline {
        let tables = strategy::tables(model, ran.sequences);
        let Some(strategy) = strategy::transactions(model, &tables) else { break };
        let mut tree = strategy.new_tree(&mut random).map_err(stuck)?;
        let ops = tree.current();
        for table in ops.iter().flat_map(Op::tables) {
            *ran.operations.entry(model.schema.tables[table].name.clone()).or_default() += 1;
        }
        ran.sequences += 1;
        if let Some(found) = disagrees(runner, clone, model, &ops).await? {
            ran.disagreement = Some(shrunk(runner, clone, model, tree.as_mut(), found).await?);
            break;
        }
    }
    emptied(clone, model).await?;
    Ok(ran)
}

/// Empties the modelled tables. Tells whether they may be emptied: where not, nothing can be
/// committed and taken back.
async fn emptied(clone: &mut PgConnection, model: &Model) -> Result<bool> {
    let names: Vec<_> = model.tables().map(ToString::to_string).collect();
    // For a few rows this is many times faster than TRUNCATE, which makes new files. Foreign keys
    // are not looked at, which only a superuser may ask for.
    let deletes: Vec<String> = names.iter().map(|name| format!("DELETE FROM {name};\n")).collect();
    let quick = format!(
        "BEGIN;\nSET LOCAL session_replication_role = replica;\n{}COMMIT",
        deletes.concat()
    );
    let slow = format!("ROLLBACK; TRUNCATE {} CASCADE", names.join(", "));
    for sql in [quick, slow] {
        match sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *clone).await {
            Ok(_) => return Ok(true),
            Err(sqlx::Error::Database(_)) => {}
            Err(error) => {
                let what = "the tables of the clone cannot be emptied";
                return Err(Error::new(what).because_sql(error));
            }
        }
    }
    Ok(false)
}

async fn shrunk(
    runner: &mut Runner<'_>,
    clone: &mut PgConnection,
    model: &mut Model,
    tree: &mut dyn ValueTree<Value = Vec<Op>>,
    mut found: Disagreement,
) -> Result<Disagreement> {
    let mut more = tree.simplify();
    while more {
        more = match disagrees(runner, clone, model, &tree.current()).await? {
            Some(smaller) => {
                found = smaller;
                tree.simplify()
            }
            None => tree.complicate(),
        };
    }
    Ok(found)
}

/// Runs one sequence on empty tables; what is wrong with it, if anything.
async fn disagrees(
    runner: &mut Runner<'_>,
    clone: &mut PgConnection,
    model: &mut Model,
    ops: &[Op],
) -> Result<Option<Disagreement>> {
    let steps = loop {
        let steps = model.transactions(ops);
        if !model.facts.ask_missing(runner, &model.schema).await? {
            break steps;
        }
    };
    if !emptied(clone, model).await? {
        return Ok(None);
    }
    let mut expected: Vec<_> = steps.iter().map(|step| step.expect.clone()).collect();
    expected.push(Expect::Accepted);
    let case = Case {
        about: format!("{} committed operations", ops.len()),
        ops: steps.into_iter().map(|step| step.sql).collect(),
        expect: Expect::Steps(expected),
    };
    let outcome = replay(clone, &case).await?;
    let agrees = case.admits(&outcome);
    Ok((!agrees).then_some(Disagreement { setup: Vec::new(), case, outcome, committed: true }))
}

/// Runs a case whose statements are whole transactions, outside of any other.
///
/// # Errors
/// When the connection is lost.
pub async fn replay(clone: &mut PgConnection, case: &Case) -> Result<Outcome> {
    let mut outcomes = Vec::with_capacity(case.ops.len() + 1);
    for (number, op) in case.ops.iter().enumerate() {
        outcomes.push(execute(clone, number, op).await?);
    }
    outcomes.push(Outcome::Accepted);
    Ok(Outcome::Steps(outcomes))
}

/// Whether a statement begins or ends a transaction, or only reads, so that it needs no savepoint.
fn bounds(op: &str) -> bool {
    matches!(op, "BEGIN" | "COMMIT" | "ROLLBACK") || op.starts_with("SELECT ")
}

/// Runs a statement; one in the middle of a transaction is undone if it is refused.
async fn execute(clone: &mut PgConnection, number: usize, op: &str) -> Result<Outcome> {
    let lost = |error| Error::new("the connection to the clone was lost").because_sql(error);
    if !bounds(op) {
        sqlx::raw_sql("SAVEPOINT shakedown").execute(&mut *clone).await.map_err(lost)?;
    }
    let sql = AssertSqlSafe(op.to_owned());
    let outcome = match sqlx::raw_sql(sql).fetch_optional(&mut *clone).await {
        Ok(row) => match row {
            Some(row) => Outcome::Yielded(row.try_get(0).map_err(lost)?),
            None => Outcome::Accepted,
        },
        Err(error) => {
            let Some(said) = error.as_database_error() else { return Err(lost(error)) };
            let rejection = Rejection {
                op: number,
                sqlstate: said.code().unwrap_or_default().into_owned(),
                constraint: said.constraint().unwrap_or_default().to_owned(),
                message: said.message().to_owned(),
            };
            if !bounds(op) {
                let undo = "ROLLBACK TO SAVEPOINT shakedown";
                sqlx::raw_sql(undo).execute(&mut *clone).await.map_err(lost)?;
            }
            Outcome::Rejected(rejection)
        }
    };
    Ok(outcome)
}

impl Model {
    /// The statements of a sequence. What the tables hold is read after each transaction.
    fn transactions(&mut self, ops: &[Op]) -> Vec<Step> {
        let all: Vec<usize> = (0..self.schema.tables.len()).collect();
        let mut committed = State::empty(&self.schema);
        let mut state = committed.clone();
        let step = |sql: &str, expect| Step { sql: sql.to_owned(), expect };
        let mut steps = vec![step("BEGIN", Expect::Accepted)];
        for op in ops.iter().chain([&Op::Commit]) {
            let ends = matches!(op, Op::Commit | Op::Rollback);
            // What hangs on an order that nothing promises is not done at all.
            let Some(after) = self.step(&state, op) else { continue };
            let sql = op.sql(&self.schema, &self.facts);
            let expect = after.as_ref().err().map_or(Expect::Accepted, rejected);
            for (n, sql) in sql.iter().enumerate() {
                let expect = if n == 0 { expect.clone() } else { Expect::Accepted };
                steps.push(step(sql, expect));
            }
            if let Ok(after) = after {
                state = after;
            } else if matches!(op, Op::Commit) {
                state = committed.clone();
            }
            if ends {
                if matches!(op, Op::Rollback) {
                    state = committed.clone();
                }
                state.transaction = state.transaction.max(committed.transaction) + 1;
                committed = state.clone();
                let told = Expect::Yields(Some(self.told(&state, &all)));
                steps.push(step(&self.read(&all), told));
                steps.push(step("BEGIN", Expect::Accepted));
            }
        }
        steps.push(step("ROLLBACK", Expect::Accepted));
        steps
    }
}
