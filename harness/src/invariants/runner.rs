//! Runs cases inside the server: thousands in one round trip, each in a subtransaction of its
//! own that is undone.

use std::time::Duration;

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Row as _};

use super::case::{Case, Expect, Group, Outcome, Rejection};
use crate::error::{Error, Result};

/// How many statements one call takes at most. Longer calls gain nothing, and thousands of
/// subtransactions in one transaction begin to cost.
const BATCH: usize = 2000;

/// How long one call may take before its cases are run in halves, to find the one that hangs:
/// this, and as much again for each thousand statements.
const PATIENCE: Duration = Duration::from_secs(2);

/// SQLSTATE of a statement that ran longer than it may.
const CANCELLED: &str = "57014";

/// A session in which cases can be run.
#[derive(Debug)]
pub struct Runner<'c> {
    conn: &'c mut PgConnection,
    deferred: bool,
    /// How many cases were run so far.
    pub ran: usize,
}

impl<'c> Runner<'c> {
    /// Prepares the session. `deferred`: whether there are constraints that may be checked
    /// only at the end of a transaction, so that each case has to force them.
    ///
    /// # Errors
    /// When the session may not make temporary functions.
    pub async fn new(conn: &'c mut PgConnection, deferred: bool) -> Result<Self> {
        let made = sqlx::raw_sql(include_str!("runner.sql")).execute(&mut *conn).await;
        made.map_err(|error| {
            Error::new("the function that runs cases cannot be made")
                .because_sql(error)
                .hint("the user needs the right to make temporary objects: GRANT TEMPORARY ON DATABASE ...")
        })?;
        Ok(Self { conn, deferred, ran: 0 })
    }

    /// Runs all cases; the outcomes stand as the groups and cases do.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn run(&mut self, groups: &[Group]) -> Result<Vec<Vec<Outcome>>> {
        let mut all = Vec::with_capacity(groups.len());
        let mut rest = groups;
        while !rest.is_empty() {
            let mut statements = 0;
            let fits = |group: &&Group| {
                statements += size(group);
                statements <= BATCH
            };
            let taken = rest.iter().take_while(fits).count().max(1);
            let (batch, after) = rest.split_at(taken);
            all.extend(self.batch(batch).await?);
            rest = after;
        }
        Ok(all)
    }

    /// Runs groups in one call, or in halves if that takes too long or is too much.
    async fn batch(&mut self, groups: &[Group]) -> Result<Vec<Vec<Outcome>>> {
        if let [group] = groups
            && size(group) > BATCH
            && group.cases.len() > 1
        {
            return self.halves_of(group).await;
        }
        match self.call(groups).await {
            Ok(outcomes) => {
                self.ran += groups.iter().map(|group| group.cases.len()).sum::<usize>();
                Ok(outcomes)
            }
            Err(error) if !is_cancelled(&error) => {
                Err(Error::new("the cases could not be run").because_sql(error))
            }
            Err(error) => match groups {
                [group] if group.cases.len() <= 1 => {
                    let message =
                        error.as_database_error().map_or_else(String::new, |e| e.message().into());
                    let rejection = Rejection {
                        op: 0,
                        sqlstate: CANCELLED.to_owned(),
                        constraint: String::new(),
                        message,
                    };
                    self.ran += 1;
                    Ok(vec![vec![Outcome::Unreachable(rejection); group.cases.len()]])
                }
                [group] => self.halves_of(group).await,
                many => {
                    let (one, other) = many.split_at(many.len() / 2);
                    let mut outcomes = Box::pin(self.batch(one)).await?;
                    outcomes.extend(Box::pin(self.batch(other)).await?);
                    Ok(outcomes)
                }
            },
        }
    }

    async fn halves_of(&mut self, group: &Group) -> Result<Vec<Vec<Outcome>>> {
        let mut outcomes = Vec::with_capacity(group.cases.len());
        for cases in group.cases.chunks(group.cases.len().div_ceil(2)) {
            let half = Group { setup: group.setup.clone(), cases: cases.to_vec() };
            outcomes.extend(Box::pin(self.batch(&[half])).await?.into_iter().flatten());
        }
        Ok(vec![outcomes])
    }

    async fn call(&mut self, groups: &[Group]) -> Result<Vec<Vec<Outcome>>, sqlx::Error> {
        let mut ops: Vec<&str> = Vec::new();
        let mut layout: Vec<i32> = Vec::new();
        let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        for group in groups {
            layout.extend([count(group.setup.len()), count(group.cases.len())]);
            ops.extend(group.setup.iter().map(String::as_str));
            for case in &group.cases {
                let size = count(case.ops.len());
                layout.push(if stepwise(case) { -size } else { size });
                ops.extend(case.ops.iter().map(String::as_str));
            }
        }
        let patience = PATIENCE.as_millis() * (1 + ops.len() as u128 / 1000);
        let limit = format!("SET statement_timeout = {patience}");
        sqlx::raw_sql(AssertSqlSafe(limit)).execute(&mut *self.conn).await?;
        let rows = sqlx::query("SELECT * FROM pg_temp.shakedown_run($1, $2, $3)")
            .bind(ops)
            .bind(layout)
            .bind(self.deferred)
            .fetch_all(&mut *self.conn)
            .await?;
        read(groups, &rows)
    }
}

fn size(group: &Group) -> usize {
    group.setup.len() + group.cases.iter().map(|case| case.ops.len()).sum::<usize>()
}

fn stepwise(case: &Case) -> bool {
    matches!(case.expect, Expect::Steps(_))
}

fn is_cancelled(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).as_deref() == Some(CANCELLED)
}

/// Reads the rows of a call, which stand in the order of its groups and cases.
fn read(groups: &[Group], rows: &[PgRow]) -> Result<Vec<Vec<Outcome>>, sqlx::Error> {
    let mut rows = rows.iter();
    let mut next = || rows.next().ok_or(sqlx::Error::RowNotFound).and_then(outcome);
    let mut all = Vec::with_capacity(groups.len());
    for group in groups {
        if let Outcome::Rejected(rejection) = next()? {
            all.push(vec![Outcome::Unreachable(rejection); group.cases.len()]);
            continue;
        }
        let mut outcomes = Vec::with_capacity(group.cases.len());
        for case in &group.cases {
            outcomes.push(if stepwise(case) {
                Outcome::Steps((0..=case.ops.len()).map(|_| next()).collect::<Result<_, _>>()?)
            } else {
                next()?
            });
        }
        all.push(outcomes);
    }
    Ok(all)
}

fn outcome(row: &PgRow) -> Result<Outcome, sqlx::Error> {
    let state: Option<String> = row.try_get("state")?;
    Ok(match state.as_deref() {
        None => Outcome::Accepted,
        Some("value") => Outcome::Yielded(row.try_get("given")?),
        Some(sqlstate) => Outcome::Rejected(Rejection {
            op: row.try_get::<Option<i32>, _>("op")?.and_then(|op| op.try_into().ok()).unwrap_or(0),
            sqlstate: sqlstate.to_owned(),
            constraint: row.try_get::<Option<String>, _>("by_constraint")?.unwrap_or_default(),
            message: row.try_get::<Option<String>, _>("message")?.unwrap_or_default(),
        }),
    })
}
