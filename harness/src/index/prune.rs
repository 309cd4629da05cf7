//! Leaves out what the planner would not use: each proposal is made in a transaction, the
//! statements of the workload are planned with it, and the transaction is rolled back.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row};

use super::propose::whole;
use super::stage::Stage;
use super::{Proposal, build};
use crate::error::Result;
use crate::measure::count::Planned;
use crate::measure::execute;
use crate::measure::plan::Node;
use crate::measure::tables::failed;

/// What Postgres says of a function that need not give the same for the same.
const NOT_IMMUTABLE: &str = "42P17";

/// What it says of a statement that took too long.
const CANCELED: &str = "57014";

/// What the planner says of a proposal.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Use {
    /// It uses it, and thinks that an average operation gets cheaper by so much.
    Gains(f64),
    /// It plans as before.
    None,
    /// It cannot be made, for this reason.
    Fails(String),
    /// No index may be so: one on what is another tomorrow, such as `now()`.
    NotAllowed,
    /// The time did not suffice to ask.
    Late,
}

/// Asks the planner about a proposal.
pub(super) async fn ask(
    stage: &Stage<'_>,
    connection: &mut PgConnection,
    plans: &[Planned],
    proposal: &Proposal,
) -> Result<Use> {
    let about = |planned: &&Planned| {
        planned.plan.all().iter().any(|node| {
            let table = node.table.as_ref().and_then(|name| whole(&stage.catalog, name));
            table.is_some_and(|table| proposal.tables.contains(&table.name))
        })
    };
    let plans: Vec<&Planned> = plans.iter().filter(about).collect();
    execute(connection, "BEGIN").await?;
    let patience = stage.left().max(Duration::from_millis(1)).as_millis();
    execute(connection, &format!("SET LOCAL statement_timeout = {patience}")).await?;
    let mut before = Vec::new();
    for planned in &plans {
        before.push(cost(connection, &planned.literal).await?);
    }
    if let Err((state, message)) = make(connection, proposal).await? {
        execute(connection, "ROLLBACK").await?;
        return Ok(match state.as_str() {
            NOT_IMMUTABLE => Use::NotAllowed,
            CANCELED => Use::Late,
            _ => Use::Fails(message),
        });
    }
    let (mut gain, mut used) = (0.0, false);
    for (planned, before) in plans.iter().zip(before) {
        let after = cost(connection, &planned.literal).await?;
        if let (Some(before), Some(after)) = (before, after)
            && after.indexes().contains(&proposal.name)
        {
            used = true;
            gain += stage.bench.share(planned.operation) * (before.cost - after.cost);
        }
    }
    execute(connection, "ROLLBACK").await?;
    Ok(match used {
        true => Use::Gains(gain),
        // What was not planned in time has no plan, and may have used it.
        false if stage.left().is_zero() => Use::Late,
        false => Use::None,
    })
}

async fn make(
    connection: &mut PgConnection,
    proposal: &Proposal,
) -> Result<std::result::Result<(), (String, String)>> {
    for sql in &proposal.create {
        match sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut *connection).await {
            Ok(_) => {}
            Err(sqlx::Error::Database(refused)) => {
                let state = refused.code().unwrap_or_default().into_owned();
                return Ok(Err((state, refused.message().to_owned())));
            }
            Err(error) => return Err(failed("making a proposal")(error)),
        }
    }
    execute(connection, "SET LOCAL statement_timeout = 0").await?;
    build::analyze_expressions(connection).await?;
    Ok(Ok(()))
}

/// The plan of a statement as it is now; nothing if it has none.
async fn cost(connection: &mut PgConnection, literal: &str) -> Result<Option<Node>> {
    execute(connection, "SAVEPOINT shakedown").await?;
    let sql = format!("EXPLAIN (VERBOSE, FORMAT JSON) {literal}");
    match sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(&mut *connection).await {
        Ok(row) => {
            execute(connection, "RELEASE SAVEPOINT shakedown").await?;
            let json: Option<serde_json::Value> = row.try_get(0).ok();
            Ok(json.and_then(|json| Node::read(&json.to_string())))
        }
        Err(sqlx::Error::Database(_)) => {
            execute(connection, "ROLLBACK TO SAVEPOINT shakedown").await?;
            Ok(None)
        }
        Err(error) => Err(failed("planning a statement")(error)),
    }
}
