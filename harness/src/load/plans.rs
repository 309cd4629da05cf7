//! The plans of the statements that took the most time.

use shakedown_reports::load::{Cell, Statement};
use shakedown_scenarios::engine::{self, Explained, PlanForm};

use super::cells::Stage;
use crate::database::Databases;
use crate::error::Result;

/// Gives each statement its plan: run on a clone where the workload has it with its arguments,
/// planned without them elsewhere. What cannot be done is returned as a sentence, since the
/// measurement is there all the same.
pub(super) async fn attach(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    cells: &mut [Cell],
) -> Vec<String> {
    match planned(stage, databases, cells).await {
        Ok(()) => Vec::new(),
        Err(error) => vec![format!("the plans of the statements are not told: {}", error.whole())],
    }
}

async fn planned(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    cells: &mut [Cell],
) -> Result<()> {
    let clone = databases.create(Some(stage.from)).await?;
    let options = stage.server.options(&clone)?;
    let scale = stage.asked.scale.into();
    let explained: Vec<Explained> = engine::explain(
        &options,
        &stage.scenario,
        |_| true,
        stage.asked.seed,
        scale,
        PlanForm::Text,
    )
    .await?;
    let mut connection = stage.server.connect(Some(&clone)).await?;
    for cell in cells {
        let Some(server) = &mut cell.server else { continue };
        engine::attach(&mut server.statements, &explained);
        for statement in server.statements.iter_mut().filter(|one| one.plan.is_none()) {
            generic(&mut connection, statement).await;
        }
    }
    drop(connection);
    databases.drop(&clone).await
}

/// Statements that have no plan, such as `COMMIT`, are left without.
async fn generic(connection: &mut sqlx::PgConnection, statement: &mut Statement) {
    if let Ok(plan) = engine::generic_plan(connection, &statement.text).await {
        statement.plan = Some(plan);
        statement.plan_of = Some("planned without its arguments".to_owned());
    }
}
