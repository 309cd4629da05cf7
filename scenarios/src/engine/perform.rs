//! Runs one operation on a connection, from its first step to its last.

use std::time::Duration;

use rand::rngs::SmallRng;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{AssertSqlSafe, Executor, PgConnection, Row};

use super::bind::Bound;
use super::compiled::{Compiled, Ready};
use super::results;
use crate::script::{self, Scope};
use crate::workload::{Action, Expression, Operation, Role, Sql, Value};

/// The user and the run that an operation belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) client: i64,
    pub(super) number: u64,
    pub(super) seed: u64,
    pub(super) scale: i64,
    pub(super) prepared: bool,
}

/// How an operation ended.
#[derive(Debug, Default)]
pub(super) struct Ended {
    pub(super) retried: u32,
    pub(super) digest: u64,
    pub(super) failure: Option<Failure>,
}

/// What an operation failed with.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server refused a statement.
    Refused { state: String, message: String },
    /// The connection is gone.
    Connection(Option<String>),
    /// The pool had none in time.
    PoolTimeout,
    /// The script itself is wrong, which no repetition mends.
    Script(String),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self { failure: Some(failure), ..Self::default() }
    }
}

impl Failure {
    pub(super) fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(database) => {
                let state = database.code().unwrap_or_default().into_owned();
                // Class 08 is about connections; 57P01 to 57P05 end the session.
                if state.starts_with("08") || state.starts_with("57P") || state.starts_with("53300")
                {
                    Self::Connection(Some(state))
                } else {
                    Self::Refused { state, message: database.message().to_owned() }
                }
            }
            sqlx::Error::Encode(why) => Self::Script(why.to_string()),
            _ => Self::Connection(None),
        }
    }

    /// As it is told when an operation is tried out.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Refused { state, message } => format!("{message} ({state})"),
            Self::Connection(Some(state)) => format!("the connection was ended ({state})"),
            Self::Connection(None) => "the connection was lost".to_owned(),
            Self::PoolTimeout => "the pool had no connection in time".to_owned(),
            Self::Script(why) => why.clone(),
        }
    }

    /// As it is counted.
    pub(super) fn state(&self) -> String {
        match self {
            Self::Refused { state, .. } | Self::Connection(Some(state)) => state.clone(),
            Self::Connection(None) => "connection".to_owned(),
            Self::PoolTimeout => "pool-timeout".to_owned(),
            Self::Script(_) => "client".to_owned(),
        }
    }
}

/// Where a transaction began, to begin it again.
struct Start {
    step: usize,
    variables: Vec<Value>,
    random: SmallRng,
    digest: u64,
}

/// Serialization failures and deadlocks, after which Postgres asks to try again.
const RETRIED: [&str; 2] = ["40001", "40P01"];

/// Runs an operation. Its random numbers must be fresh from the seed.
pub(super) async fn perform(
    connection: &mut PgConnection,
    compiled: &Compiled,
    index: usize,
    random: &mut SmallRng,
    place: Place,
) -> Ended {
    let operation = &compiled.scenario.operations[index];
    let ready = &compiled.operations[index];
    let mut run = Run::new(operation, ready, random, place, index);
    let mut ended = Ended::default();
    let mut failed = None;
    while let Some(step) = operation.steps.get(run.at) {
        let Err(failure) = run.step(connection, &step.action).await else { continue };
        let again = matches!(&failure, Failure::Refused { state, .. } if RETRIED.contains(&state.as_str()))
            && ended.retried + 1 < operation.tries;
        let gone = matches!(failure, Failure::Connection(_));
        if !gone && run.roll_back(connection).await.is_err() {
            failed = Some(Failure::Connection(None));
            break;
        }
        if again && run.restart() {
            ended.retried += 1;
            continue;
        }
        failed = Some(match failure {
            Failure::Script(why) => {
                Failure::Script(format!("`{}:{}`: {why}", operation.file, step.line))
            }
            other => other,
        });
        break;
    }
    if failed.is_none() && run.roll_back(connection).await.is_err() {
        failed = Some(Failure::Connection(None));
    }
    ended.digest = run.digest;
    ended.failure = failed;
    ended
}

/// An operation under way.
pub(super) struct Run<'a> {
    operation: &'a Operation,
    ready: &'a Ready,
    picked: Vec<&'a [Value]>,
    variables: Vec<Value>,
    random: &'a mut SmallRng,
    place: Place,
    /// The step that comes next.
    pub(super) at: usize,
    /// Whether a transaction of the script is open.
    pub(super) open: bool,
    start: Option<Start>,
    digest: u64,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        operation: &'a Operation,
        ready: &'a Ready,
        random: &'a mut SmallRng,
        place: Place,
        index: usize,
    ) -> Self {
        let picked = ready.rows.iter().map(|rows| rows.draw(random)).collect();
        let mut variables = vec![Value::Null; operation.variables.len()];
        let seed = place.seed.cast_signed();
        let predefined = [place.client, seed, seed, place.scale];
        for (variable, value) in variables.iter_mut().zip(predefined) {
            *variable = Value::Integer(value);
        }
        let digest = mixed(place.number, index as u64);
        let (at, open, start) = (0, false, None);
        Self { operation, ready, picked, variables, random, place, at, open, start, digest }
    }

    fn evaluate(&mut self, expression: &Expression) -> Result<Value, Failure> {
        let mut scope = Scope {
            variables: &self.variables,
            rows: &self.picked,
            random: self.random,
            number: self.place.number,
        };
        script::evaluate(expression, &mut scope).map_err(Failure::Script)
    }

    /// Does one step, and goes on to the next.
    pub(super) async fn step(
        &mut self,
        connection: &mut PgConnection,
        action: &Action,
    ) -> Result<(), Failure> {
        match action {
            Action::Set { slot, value } => {
                let value = self.evaluate(value)?;
                if self.ready.digested[self.at] {
                    self.digest = digested(self.digest, &value);
                }
                self.variables[*slot] = value;
            }
            Action::Sql(sql) => self.sql(connection, sql).await?,
            Action::Copy { statement, rows, columns } => {
                Box::pin(self.copy(connection, statement, *rows, columns)).await?;
            }
            Action::Sleep { time, unit } => {
                let time = match self.evaluate(time)? {
                    Value::Integer(time) => u64::try_from(time).unwrap_or(0),
                    other => {
                        return Err(Failure::Script(format!(
                            "`\\sleep` takes an integer, not `{}`",
                            script::render(&other)
                        )));
                    }
                };
                tokio::time::sleep(Duration::from_nanos(time.saturating_mul(*unit))).await;
            }
            Action::JumpUnless { condition, to } => {
                let condition = self.evaluate(condition)?;
                if !script::condition(&condition).map_err(Failure::Script)? {
                    self.at = *to;
                    return Ok(());
                }
            }
            Action::Jump(to) => {
                self.at = *to;
                return Ok(());
            }
        }
        self.at += 1;
        Ok(())
    }

    async fn sql(&mut self, connection: &mut PgConnection, sql: &Sql) -> Result<(), Failure> {
        if !self.open && self.operation.tries > 1 {
            let (step, variables) = (self.at, self.variables.clone());
            let (random, digest) = (self.random.clone(), self.digest);
            self.start = Some(Start { step, variables, random, digest });
        }
        let Some(bound) = &self.ready.bound[self.at] else { return Ok(()) };
        let arguments = self.arguments(sql, bound)?;
        // An explicit transaction is open even if this fails, but for its beginning.
        let row = send(connection, bound, arguments, self.place.prepared, sql.results.is_some())
            .await
            .map_err(|error| Failure::of(&error))?;
        match sql.role {
            Role::Begin => self.open = true,
            Role::End => self.open = false,
            Role::Plain => {}
        }
        if let (Some(prefix), Some(rows)) = (&sql.results, row) {
            self.take(prefix, &rows)?;
        }
        Ok(())
    }

    /// The arguments of a statement, as its variables are now.
    pub(super) fn arguments(&self, sql: &Sql, bound: &Bound) -> Result<PgArguments, Failure> {
        let values = sql.arguments.iter().map(|slot| &self.variables[*slot]);
        bound.arguments(values).map_err(|why| Failure::Script(why.to_string()))
    }

    /// The statement with its arguments written into it.
    pub(super) fn literal(&self, sql: &Sql, bound: &Bound) -> String {
        bound.literal(sql.arguments.iter().map(|slot| &self.variables[*slot]))
    }

    /// Gives the columns of the only row to the variables that are named after them.
    fn take(&mut self, prefix: &str, rows: &[PgRow]) -> Result<(), Failure> {
        let [row] = rows else {
            return Err(Failure::Script(format!("expected one row, got {}", rows.len())));
        };
        for (at, column) in row.columns().iter().enumerate() {
            let name = format!("{prefix}{}", sqlx::Column::name(column));
            let slot = self.operation.variables.iter().position(|variable| *variable == name);
            if let Some(slot) = slot {
                self.variables[slot] = results::value(row, at).map_err(Failure::Script)?;
            }
        }
        Ok(())
    }

    async fn copy(
        &mut self,
        connection: &mut PgConnection,
        statement: &str,
        rows: u32,
        columns: &[Expression],
    ) -> Result<(), Failure> {
        let mut data = String::new();
        for _ in 0..rows {
            for (at, column) in columns.iter().enumerate() {
                if at > 0 {
                    data.push('\t');
                }
                match self.evaluate(column)? {
                    Value::Null => data.push_str("\\N"),
                    value => escape(&mut data, &script::render(&value)),
                }
            }
            data.push('\n');
        }
        let failed = |error: sqlx::Error| Failure::of(&error);
        let mut copy = connection.copy_in_raw(statement).await.map_err(failed)?;
        copy.send(data.into_bytes()).await.map_err(failed)?;
        copy.finish().await.map_err(failed)?;
        Ok(())
    }

    /// Ends a transaction that is open.
    pub(super) async fn roll_back(&mut self, connection: &mut PgConnection) -> sqlx::Result<()> {
        if std::mem::take(&mut self.open) {
            connection.execute("ROLLBACK").await?;
        }
        Ok(())
    }

    /// Goes back to where the transaction began, with the same values. False if there is no such
    /// place.
    fn restart(&mut self) -> bool {
        let Some(start) = self.start.take() else { return false };
        self.at = start.step;
        self.variables = start.variables;
        *self.random = start.random;
        self.digest = start.digest;
        true
    }
}

/// Sends a statement and waits for its end. Its rows are only kept if somebody wants them.
async fn send(
    connection: &mut PgConnection,
    bound: &Bound,
    arguments: PgArguments,
    prepared: bool,
    wanted: bool,
) -> sqlx::Result<Option<Vec<PgRow>>> {
    let query = sqlx::query_with(AssertSqlSafe(std::sync::Arc::clone(&bound.sql)), arguments)
        .persistent(prepared);
    if wanted {
        return query.fetch_all(connection).await.map(Some);
    }
    query.execute(connection).await.map(|_| None)
}

/// Escapes what has a meaning in the text format of COPY.
fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            other => out.push(other),
        }
    }
}

/// Two numbers as one that looks random.
fn mixed(a: u64, b: u64) -> u64 {
    // The finalizer of MurmurHash3, by Austin Appleby, which spreads every bit over all others.
    let mut hash = a ^ b.rotate_left(32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    hash ^ (hash >> 33)
}

fn digested(digest: u64, value: &Value) -> u64 {
    let number = match value {
        Value::Null => 1,
        Value::Boolean(truth) => 2 + u64::from(*truth),
        Value::Integer(number) => number.cast_unsigned(),
        Value::Double(number) => number.to_bits(),
        Value::Text(text) => text.bytes().fold(4, |sum, byte| mixed(sum, byte.into())),
    };
    mixed(digest, number)
}
