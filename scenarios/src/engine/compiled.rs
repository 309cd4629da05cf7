//! A scenario as it is run: its statements known to the server, its keys read.

use std::sync::Arc;

use sqlx::PgConnection;

use super::bind::{self, Bound};
use super::keys::{self, Read, Rows};
use crate::error::{Error, Result};
use crate::workload::{Action, Expression, Operation, Scenario, Sql};

/// A scenario that is ready to be run.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) scenario: Arc<Scenario>,
    pub(super) operations: Vec<Ready>,
}

/// What an operation needs beyond its script.
#[derive(Debug, Default)]
pub(super) struct Ready {
    /// Of each step that is a statement: with the types of its arguments.
    pub(super) bound: Vec<Option<Bound>>,
    /// Of each step: whether its value follows from the seed alone, so that it belongs into the
    /// digest of the run.
    pub(super) digested: Vec<bool>,
    pub(super) rows: Vec<Rows>,
}

/// Makes everything known that does not change during a run. What is wrong with a script is
/// found out here. Nothing is known of operations that are not `wanted`.
pub(super) async fn compile(
    connection: &mut PgConnection,
    scenario: &Arc<Scenario>,
    wanted: impl Fn(usize) -> bool,
) -> Result<Compiled> {
    let mut operations = Vec::new();
    let mut read = Read::new();
    for (number, operation) in scenario.operations.iter().enumerate() {
        operations.push(match wanted(number) {
            true => ready(connection, operation, &mut read).await?,
            false => Ready::default(),
        });
    }
    Ok(Compiled { scenario: Arc::clone(scenario), operations })
}

/// Makes one operation ready. `read` keeps the keys that several operations share.
pub(super) async fn ready(
    connection: &mut PgConnection,
    operation: &Operation,
    read: &mut Read,
) -> Result<Ready> {
    let rows = keys::load(connection, operation, read).await?;
    let mut bound = Vec::new();
    for step in &operation.steps {
        bound.push(match &step.action {
            Action::Sql(sql) => Some(bind::bind(connection, operation, step.line, sql).await?),
            _ => None,
        });
    }
    check_given(operation, &bound)?;
    Ok(Ready { bound, digested: digested(operation), rows })
}

/// Refuses a variable that looks as if a `\gset` gave it a value, when none has such a column:
/// it would be null, and what looks for it would find nothing, very fast.
fn check_given(operation: &Operation, bound: &[Option<Bound>]) -> Result<()> {
    let set: Vec<usize> =
        operation.steps.iter().filter_map(|step| set_slot(&step.action)).collect();
    let given = |name: &str| {
        operation.steps.iter().zip(bound).any(|(step, bound)| {
            let Action::Sql(Sql { results: Some(prefix), .. }) = &step.action else { return false };
            let columns = bound.iter().flat_map(|bound| &bound.columns);
            name.strip_prefix(prefix.as_str())
                .is_some_and(|rest| columns.into_iter().any(|column| column == rest))
        })
    };
    let unset = operation.variables.iter().enumerate().find(|(slot, name)| {
        *slot >= crate::workload::PREDEFINED.len() && !set.contains(slot) && !given(name)
    });
    match unset {
        Some((_, name)) => Err(Error::new(format!(
            "`{}`: nothing gives the variable `:{name}` a value",
            operation.file
        ))
        .hint(format!("name a column so before `\\gset`, or write `\\set {name} ...`"))),
        None => Ok(()),
    }
}

/// Values that come from the database, and what is computed from them, may differ from run to
/// run: identities that the database makes do.
fn digested(operation: &Operation) -> Vec<bool> {
    let mut foreign = vec![false; operation.variables.len()];
    let results = operation.steps.iter().filter_map(|step| match &step.action {
        Action::Sql(sql) => sql.results.as_deref(),
        _ => None,
    });
    let prefixes: Vec<&str> = results.collect();
    let set: Vec<usize> =
        operation.steps.iter().filter_map(|step| set_slot(&step.action)).collect();
    for (slot, name) in operation.variables.iter().enumerate() {
        // A variable that no `\set` gives a value can only have it from a result.
        foreign[slot] = slot >= crate::workload::PREDEFINED.len()
            && !set.contains(&slot)
            && prefixes.iter().any(|prefix| name.starts_with(prefix));
    }
    let mut out = Vec::new();
    for step in &operation.steps {
        let own = match &step.action {
            Action::Set { slot, value } => {
                let own = !uses(value, &foreign);
                if !own {
                    foreign[*slot] = true;
                }
                own
            }
            _ => false,
        };
        out.push(own);
    }
    out
}

fn set_slot(action: &Action) -> Option<usize> {
    match action {
        Action::Set { slot, .. } => Some(*slot),
        _ => None,
    }
}

fn uses(expression: &Expression, foreign: &[bool]) -> bool {
    match expression {
        Expression::Variable(slot) => foreign.get(*slot).copied().unwrap_or(false),
        Expression::Call { arguments, .. } => arguments.iter().any(|one| uses(one, foreign)),
        Expression::Case { branches, otherwise } => {
            branches.iter().any(|(when, then)| uses(when, foreign) || uses(then, foreign))
                || uses(otherwise, foreign)
        }
        Expression::Constant(_) | Expression::Key { .. } | Expression::Fake(_) => false,
    }
}
