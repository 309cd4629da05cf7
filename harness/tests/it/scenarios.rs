//! The built-in scenarios on the schema that they are written for.

use shakedown::source;
use shakedown_scenarios::{SCENARIOS, by_name};
use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};

use crate::support::{repository, scratch};

#[tokio::test]
async fn every_statement_of_a_built_in_scenario_prepares_on_the_rapids_schema() {
    let scratch = scratch().await;
    let mut connection = scratch.conn().await;
    for migration in source::load(&repository("migrations"), None).unwrap().migrations {
        shakedown::migrate::run(&mut connection, &migration.up).await.unwrap().unwrap();
    }
    for scenario in SCENARIOS {
        assert_eq!(by_name(scenario.name), Some(*scenario));
        for operation in scenario.operations {
            let prepared =
                connection.prepare(AssertSqlSafe(operation.sql.to_owned()).into_sql_str()).await;
            prepared.unwrap_or_else(|error| panic!("{}: {error}", operation.name));
        }
        let shares: f64 =
            scenario.operations.iter().map(|operation| scenario.share(operation)).sum();
        assert!((shares - 1.0).abs() < 1e-9, "{}", scenario.name);
    }
}
