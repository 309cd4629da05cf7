//! How the server runs the statements of a scenario: its plans.

use std::sync::Arc;

use shakedown_reports::load::Statement;
use sqlx::postgres::{PgArguments, PgConnectOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, PgConnection, Row};

use super::bind::Bound;
use super::compiled::{Compiled, compile};
use super::keys::told;
use super::perform::{Failure, Place, Run};
use super::schedule::random_of;
use crate::error::{Error, Result};
use crate::script::quoted;
use crate::workload::{Action, Role, Scenario};

/// A statement and how it was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The place of its operation in the scenario.
    pub operation: usize,
    /// Its `queryid` in `pg_stat_statements`; nothing where the server computes none.
    pub query_id: Option<i64>,
    /// Its text, as it was sent.
    pub text: String,
    /// The same with its arguments written into it, so that it can be run by itself.
    pub literal: String,
    /// What `EXPLAIN (ANALYZE, BUFFERS, WAL, VERBOSE)` prints.
    pub plan: String,
}

/// What a plan is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanForm {
    /// As people read it.
    Text,
    /// As `FORMAT JSON` has it, for programs.
    Json,
}

impl PlanForm {
    /// What stands before a statement to explain it while it is run.
    fn explain(self) -> &'static str {
        match self {
            Self::Text => "EXPLAIN (ANALYZE, BUFFERS, WAL, VERBOSE)",
            Self::Json => "EXPLAIN (ANALYZE, BUFFERS, WAL, VERBOSE, FORMAT JSON)",
        }
    }
}

/// The statements that EXPLAIN takes and that a script may hold.
const EXPLAINED: [&str; 7] = ["select", "insert", "update", "delete", "merge", "with", "values"];

/// The numbers of these operations begin here, so that what they make up is not there already.
const FIRST: u64 = 1 << 48;

/// Does each operation once that is `wanted`, by its place, and explains each of its statements before it is run, in a part of a
/// transaction that is rolled back: so it finds the rows that it would have found, and the
/// statements behind it find what it did.
///
/// Changes the database, which is best a clone. What fails as it would under load, such as an
/// insert of a row that exists, has no plan and ends its operation.
///
/// # Errors
/// If a script is wrong, or the connection is lost.
pub async fn explain(
    options: &PgConnectOptions,
    scenario: &Arc<Scenario>,
    wanted: impl Fn(usize) -> bool,
    seed: u64,
    scale: i64,
    form: PlanForm,
) -> Result<Vec<Explained>> {
    let options = options.clone().disable_statement_logging();
    let mut connection = options.connect().await.map_err(|error| {
        Error::new("the database for the plans cannot be connected to").because(error)
    })?;
    // It is on where `pg_stat_statements` is loaded. Only a superuser may turn it on elsewhere.
    let _ = connection.execute("SET compute_query_id = on").await;
    let compiled = compile(&mut connection, scenario, &wanted).await?;
    let mut explained: Vec<Explained> = Vec::new();
    for index in (0..scenario.operations.len()).filter(|index| wanted(*index)) {
        let number = FIRST + index as u64;
        let place = Place { client: 0, number, seed, scale, prepared: false };
        operation(&mut connection, &compiled, index, place, form, &mut explained).await?;
    }
    Ok(explained)
}

async fn operation(
    connection: &mut PgConnection,
    compiled: &Compiled,
    index: usize,
    place: Place,
    form: PlanForm,
    explained: &mut Vec<Explained>,
) -> Result<()> {
    let operation = &compiled.scenario.operations[index];
    let ready = &compiled.operations[index];
    let mut random = random_of(place.seed, place.number, true);
    let mut run = Run::new(operation, ready, &mut random, place, index);
    let mut failed = None;
    while let Some(step) = operation.steps.get(run.at) {
        if let (Action::Sql(sql), Some(bound)) = (&step.action, &ready.bound[run.at])
            && sql.role == Role::Plain
            && is_explained(&bound.sql)
            && !explained.iter().any(|one| one.operation == index && one.text == *bound.sql)
            && let Ok(arguments) = run.arguments(sql, bound)
            && let Some((plan, query_id)) =
                one(connection, bound, arguments, run.open, form).await?
        {
            let (text, literal) = (bound.sql.to_string(), run.literal(sql, bound));
            explained.push(Explained { operation: index, query_id, text, literal, plan });
        }
        if let Err(failure) = run.step(connection, &step.action).await {
            failed = Some((failure, step.line));
            break;
        }
    }
    run.roll_back(connection).await.map_err(lost)?;
    match failed {
        Some((Failure::Script(why), line)) => {
            Err(Error::new(format!("`{}:{line}`: {why}", operation.file)))
        }
        Some((Failure::Connection(_), _)) => Err(Error::new(format!(
            "the connection was lost while the plans of `{}` were made",
            operation.name
        ))),
        _ => Ok(()),
    }
}

/// Explains a statement, and undoes what it did: its plan and its `queryid`. Nothing if the server
/// refuses it.
async fn one(
    connection: &mut PgConnection,
    bound: &Bound,
    arguments: PgArguments,
    open: bool,
    form: PlanForm,
) -> Result<Option<(String, Option<i64>)>> {
    let (begin, end) = if open {
        ("SAVEPOINT shakedown", "ROLLBACK TO SAVEPOINT shakedown; RELEASE SAVEPOINT shakedown")
    } else {
        ("BEGIN", "ROLLBACK")
    };
    connection.execute(begin).await.map_err(lost)?;
    let sql = AssertSqlSafe(format!("{} {}", form.explain(), bound.sql));
    let query = sqlx::query_with(sql, arguments).persistent(false);
    let lines = query.fetch_all(&mut *connection).await;
    connection.execute(sqlx::raw_sql(end)).await.map_err(lost)?;
    let lines = match lines {
        Ok(lines) => lines,
        Err(sqlx::Error::Database(_)) => return Ok(None),
        Err(error) => return Err(lost(error)),
    };
    if form == PlanForm::Json {
        let plan = lines.first().map(|line| line.try_get::<serde_json::Value, _>(0));
        let plan = plan.transpose().map_err(lost)?.unwrap_or_default();
        let query_id = plan.pointer("/0/Query Identifier").and_then(serde_json::Value::as_i64);
        return Ok(Some((plan.to_string(), query_id)));
    }
    let plan = joined(&lines)?;
    let identifier = plan.lines().find_map(|line| line.strip_prefix("Query Identifier: "));
    let query_id = identifier.and_then(|number| number.trim().parse().ok());
    let told = plan.lines().filter(|line| !line.starts_with("Query Identifier: "));
    let plan = told.collect::<Vec<_>>().join("\n");
    Ok(Some((plan, query_id)))
}

fn joined(lines: &[sqlx::postgres::PgRow]) -> Result<String> {
    let lines: sqlx::Result<Vec<String>> = lines.iter().map(|line| line.try_get(0)).collect();
    Ok(lines.map_err(lost)?.join("\n"))
}

fn lost(error: sqlx::Error) -> Error {
    Error::new("the plans could not be made").because(error)
}

/// Whether a statement begins with a word that EXPLAIN takes.
fn is_explained(sql: &str) -> bool {
    let mut rest = sql.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
    while rest.starts_with("--") || rest.starts_with("/*") {
        rest = rest[quoted(rest)..].trim_start_matches(|c: char| c.is_whitespace() || c == '(');
    }
    let word = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
    EXPLAINED.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// The plan of a statement whose arguments are not known, as `pg_stat_statements` has it, without
/// running it. It is that for any arguments, which need not be the one that was taken.
///
/// # Errors
/// If it is no statement that is planned, such as `COMMIT`, or a table of it is not there.
pub async fn generic_plan(connection: &mut PgConnection, text: &str) -> Result<String> {
    if !is_explained(text) {
        return Err(Error::new(format!("`{text}` is not a statement that has a plan")));
    }
    // Without arguments: as a simple query, in which `$1` stays as it is.
    let sql = AssertSqlSafe(format!("EXPLAIN (GENERIC_PLAN, VERBOSE) {text}"));
    let lines = sqlx::raw_sql(sql).fetch_all(connection).await.map_err(|error| {
        Error::new(format!("`{text}` cannot be planned without its arguments: {}", told(&error)))
    })?;
    joined(&lines)
}

/// Gives each statement that was explained its plan. They are known by their `queryid`, or by
/// their text where the server computed none.
pub fn attach(statements: &mut [Statement], explained: &[Explained]) {
    for statement in statements {
        let is_it = |one: &&Explained| match one.query_id {
            Some(id) => id == statement.query_id,
            None => one.text == statement.text,
        };
        if let Some(found) = explained.iter().find(is_it) {
            statement.plan = Some(found.plan.clone());
            statement.plan_of = Some("run on a clone".to_owned());
        }
    }
}
