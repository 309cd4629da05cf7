//! Tables that need rows of each other, filled in one transaction in which what can be deferred
//! is checked at the end.

use std::sync::Arc;

use sqlx::Connection as _;

use super::filler::Filler;
use super::load;
use super::order::Turn;
use super::world::Rows;

/// How often the tables are planned again since one has fewer rows than another took it to have.
const ROUNDS: usize = 4;

pub(super) async fn fill(filler: &mut Filler<'_>, turns: &[Turn]) -> Result<(), sqlx::Error> {
    let mut counts: Vec<u64> = turns.iter().map(|turn| filler.wanted(turn.table)).collect();
    let bare = Arc::clone(&filler.world);
    let mut reasons = Vec::new();
    for _ in 0..ROUNDS {
        filler.world = Arc::clone(&bare);
        let world = Arc::make_mut(&mut filler.world);
        for (turn, count) in turns.iter().zip(&counts) {
            world.tables[turn.table].rows = Rows::Made { first: 0, count: *count };
        }
        reasons.clear();
        for turn in turns {
            match filler.plan_turn(turn).await? {
                Ok(reason) => reasons.push(reason),
                Err(reason) => {
                    give_up(filler, turns, turn, reason);
                    return Ok(());
                }
            }
        }
        let planned = turns.iter().map(|turn| filler.world.tables[turn.table].rows.count());
        let planned: Vec<u64> = planned.collect();
        if planned == counts {
            break;
        }
        counts = planned;
    }
    let mut savepoint = filler.conn.begin().await?;
    sqlx::raw_sql("SET CONSTRAINTS ALL DEFERRED").execute(&mut *savepoint).await?;
    let mut rows = Vec::new();
    let mut refused = None;
    for turn in turns {
        match load::copy(&mut savepoint, &filler.world, turn.table).await {
            Ok(taken) => rows.push(taken),
            Err(error) => {
                refused = Some((turn, error));
                break;
            }
        }
    }
    if refused.is_none()
        && let Err(error) =
            sqlx::raw_sql("SET CONSTRAINTS ALL IMMEDIATE").execute(&mut *savepoint).await
    {
        refused = turns.last().map(|turn| (turn, error));
    }
    match refused {
        None => savepoint.commit().await?,
        Some((turn, sqlx::Error::Database(error))) => {
            savepoint.rollback().await?;
            give_up(filler, turns, turn, Some(error.message().to_owned()));
            return Ok(());
        }
        Some((_, other)) => return Err(other),
    }
    for ((turn, rows), reason) in turns.iter().zip(rows).zip(reasons) {
        filler.settle(turn.table, rows, reason).await?;
    }
    Ok(())
}

/// None of the tables can have rows, since one has none.
fn give_up(filler: &mut Filler<'_>, turns: &[Turn], failed: &Turn, reason: Option<String>) {
    let name = filler.catalog.tables[failed.table].name.clone();
    for turn in turns {
        let others = || format!("it needs rows of `{name}`");
        let reason = if turn.table == failed.table { reason.clone() } else { Some(others()) };
        filler.none(turn.table, reason);
    }
}
