//! The engine on a real server: what it counts, when it counts from, and what it does when
//! operations fail.

use std::sync::Arc;
use std::time::Duration;

use shakedown_reports::load::Cell;
use shakedown_scenarios::Scenario;
use shakedown_scenarios::engine::{self, Connections, End, Pace, Plan, Progress, Watch};
use shakedown_scenarios::error::Error;
use shakedown_scenarios::script;
use sqlx::AssertSqlSafe;
use tokio::sync::watch;

use crate::support::{Scratch, scratch, server};

/// A scratch database with this schema.
pub(crate) async fn made(sql: &str) -> Scratch {
    let scratch = scratch().await;
    let sql = AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(&mut scratch.conn().await).await.unwrap();
    scratch
}

/// A plan of one operation: two users of their own for a second, without a warm-up.
pub(crate) fn plan(scratch: &Scratch, text: &str) -> Plan {
    let operation = script::read("operation", 1, 1, "operation.sql", text).unwrap();
    Plan {
        name: "test".to_owned(),
        scenario: Arc::new(Scenario {
            name: "test".to_owned(),
            origin: "written in a test".to_owned(),
            operations: vec![operation],
        }),
        users: 2,
        pace: Pace::Closed,
        think: Duration::ZERO,
        warmup: Duration::ZERO,
        end: End::Time(Duration::from_secs(1)),
        seed: 1,
        scale: 1,
        prepared: true,
        connections: Connections::Own(server().options(&scratch.name).unwrap()),
        profile: None,
        statement_timeout: Duration::from_secs(20),
        bouncer: None,
        storm: None,
        observe: None,
    }
}

pub(crate) async fn run(plan: &Plan) -> Result<Cell, Error> {
    meanwhile(plan, async {}).await
}

/// Runs a plan, and does something else once it has run for about a second.
pub(crate) async fn meanwhile(plan: &Plan, other: impl Future<Output = ()>) -> Result<Cell, Error> {
    let (_keep, stop) = watch::channel(false);
    let (progress, mut told) = watch::channel(Progress::default());
    let later = async {
        if told.changed().await.is_ok() {
            other.await;
        }
    };
    tokio::join!(engine::run(plan, Watch { stop, progress }), later).0
}

/// On a runtime like that of the command.
pub(crate) fn on_threads<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(future)
}

const COUNTERS: &str = "CREATE TABLE counters (id int PRIMARY KEY, n int NOT NULL DEFAULT 0); \
                        INSERT INTO counters SELECT generate_series(1, 100); ANALYZE counters;";

const BUMP: &str = "\\set id random(1, 100)\nUPDATE counters SET n = n + 1 WHERE id = :id;\n";

#[test]
fn the_same_seed_does_the_same_operations_however_many_users_there_are() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let first = Plan { end: End::Operations(400), ..plan(&scratch, BUMP) };
        let second = Plan { users: 7, ..first.clone() };
        let other = Plan { seed: 2, ..first.clone() };
        let (first, second) = (run(&first).await.unwrap(), run(&second).await.unwrap());
        let other = run(&other).await.unwrap();
        assert_eq!((first.done(), second.done(), other.done()), (400, 400, 400));
        assert_eq!(first.digest, second.digest);
        assert_ne!(first.digest, other.digest);
        let bumped: i64 = sqlx::query_scalar("SELECT sum(n) FROM counters")
            .fetch_one(&mut scratch.conn().await)
            .await
            .unwrap();
        assert_eq!(bumped, 1200, "each operation that is counted was done");
    });
}

#[test]
fn the_same_seed_gives_the_same_arrivals() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let pace = Pace::Open { rate: 150.0, limit: None, burst: None };
        let plan = Plan { pace, users: 8, ..plan(&scratch, BUMP) };
        let (first, second) = (run(&plan).await.unwrap(), run(&plan).await.unwrap());
        assert_eq!((first.done(), &first.digest), (second.done(), &second.digest));
        assert!((100..200).contains(&first.done()), "{}", first.done());
    });
}

#[test]
fn goose_counts_the_same_operations() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let cell = run(&plan(&scratch, BUMP)).await.unwrap();
        assert!(cell.client.goose_count > 0);
        assert_eq!(cell.client.goose_count, cell.client.own_count);
        assert_eq!(cell.client.own_count, cell.done());
        assert_eq!(cell.remarks, Vec::<String>::new());
    });
}

#[test]
fn waiting_and_querying_make_up_the_response() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let cell = run(&plan(&scratch, BUMP)).await.unwrap();
        let all = cell.all(|one| &one.response).mean().as_secs_f64();
        let parts = cell.all(|one| &one.wait).mean() + cell.all(|one| &one.query).mean();
        assert!((parts.as_secs_f64() / all - 1.0).abs() < 0.01, "{parts:?} of {all}");
    });
}

/// A session that locks the table for a second.
async fn stall(scratch: &Scratch) {
    let mut other = scratch.conn().await;
    sqlx::raw_sql("BEGIN; LOCK TABLE counters; SELECT pg_sleep(1); COMMIT")
        .execute(&mut other)
        .await
        .unwrap();
}

/// Of four seconds at a steady rate, everything that is due in the second of the lock waits for
/// its end: a quarter of all operations, evenly from one second down to nothing. One of a hundred
/// is then later than 1 s - 4 * 0.01 s. An engine that counts from when it sends would see two.
#[test]
fn a_stall_of_a_second_shows_in_the_percentiles_of_an_open_loop() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let pace = Pace::Open { rate: 200.0, limit: None, burst: None };
        let end = End::Time(Duration::from_secs(4));
        let plan = Plan { pace, end, ..plan(&scratch, BUMP) };
        let cell = meanwhile(&plan, stall(&scratch)).await.unwrap();
        let response = cell.all(|one| &one.response);
        assert!(response.count() > 600, "{}", response.count());
        assert!(
            response.percentile(0.99) > Duration::from_millis(900),
            "{:?}",
            response.percentile(0.99)
        );
        assert!(
            response.percentile(0.5) < Duration::from_millis(900),
            "{:?}",
            response.percentile(0.99)
        );
        // Only those that were sent before the lock came saw it in their query.
        let query = cell.all(|one| &one.query);
        assert!(query.percentile(0.99) < Duration::from_millis(900), "{:?}", query.max());
        assert!(query.max() > Duration::from_millis(900), "{:?}", query.max());
    });
}

#[test]
fn what_is_later_than_the_limit_is_skipped_or_counted_as_late() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let limit = Some(Duration::from_millis(200));
        let pace = Pace::Open { rate: 200.0, limit, burst: None };
        let end = End::Time(Duration::from_secs(3));
        let plan = Plan { pace, end, ..plan(&scratch, BUMP) };
        let cell = meanwhile(&plan, stall(&scratch)).await.unwrap();
        let operation = &cell.operations[0];
        // Due in the first 0.8 s of the lock: about 160.
        assert!(operation.skipped > 80, "{}", operation.skipped);
        assert!(operation.late >= 1, "{}", operation.late);
        let bumped: i64 = sqlx::query_scalar("SELECT sum(n) FROM counters")
            .fetch_one(&mut scratch.conn().await)
            .await
            .unwrap();
        assert_eq!(bumped.cast_unsigned(), operation.done, "what is skipped is not done");
    });
}

#[test]
fn a_transaction_that_cannot_be_serialized_is_tried_again_with_the_same_arguments() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let text = "\\set by random(1, 1000000)\nBEGIN ISOLATION LEVEL SERIALIZABLE;\n\
                    SELECT n AS had FROM counters WHERE id = 1\n\\gset\n\
                    UPDATE counters SET n = :had + 1 WHERE id = 1;\nCOMMIT;\n";
        let tried = script::read("operation", 1, 1000, "operation.sql", text).unwrap();
        let mut plan = Plan { users: 4, ..plan(&scratch, text) };
        let scenario = Arc::make_mut(&mut plan.scenario);
        scenario.operations = vec![tried];
        let cell = run(&plan).await.unwrap();
        let operation = &cell.operations[0];
        assert_eq!(operation.failed, Default::default());
        assert!(operation.retried > 0);
        let n: i32 = sqlx::query_scalar("SELECT n FROM counters WHERE id = 1")
            .fetch_one(&mut scratch.conn().await)
            .await
            .unwrap();
        assert_eq!(u64::from(n.cast_unsigned()), operation.done);

        let once = script::read("operation", 1, 1, "operation.sql", text).unwrap();
        Arc::make_mut(&mut plan.scenario).operations = vec![once];
        let cell = run(&plan).await.unwrap();
        assert!(cell.operations[0].failed["40001"] > 0);
        assert_eq!(cell.operations[0].retried, 0);
    });
}

#[test]
fn failures_are_counted_by_their_sqlstate_and_in_no_percentile() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let text = "\\set by random(0, 1)\nSELECT 1 / :by::int;\n";
        let plan = Plan { end: End::Operations(200), ..plan(&scratch, text) };
        let cell = run(&plan).await.unwrap();
        let failed = cell.operations[0].failed["22012"];
        assert!((60..140).contains(&failed), "{failed}");
        assert_eq!(cell.done() + failed, 200);
        assert_eq!(cell.all(|one| &one.response).count(), cell.done());
        assert_eq!(cell.seconds.iter().map(|second| second.failed).sum::<u64>(), failed);
    });
}

#[test]
fn a_statement_that_hangs_is_ended_and_the_run_with_it() {
    on_threads(async {
        let scratch = made("").await;
        let statement_timeout = Duration::from_millis(300);
        let plan = Plan { statement_timeout, ..plan(&scratch, "SELECT pg_sleep(600);\n") };
        let cell = run(&plan).await.unwrap();
        assert_eq!(cell.done(), 0);
        assert!(cell.operations[0].failed["57014"] > 0);
    });
}

#[test]
fn users_think_between_operations() {
    on_threads(async {
        let scratch = made("").await;
        let plan =
            Plan { users: 1, think: Duration::from_millis(100), ..plan(&scratch, "SELECT 1;\n") };
        let cell = run(&plan).await.unwrap();
        assert!((1..=10).contains(&cell.done()), "{}", cell.done());
    });
}

#[test]
fn a_warm_up_is_apart_from_the_measurement() {
    on_threads(async {
        let scratch = made("CREATE SEQUENCE s").await;
        let warmup = Duration::from_secs(1);
        let plan = Plan { warmup, ..plan(&scratch, "SELECT nextval('s');\n") };
        let cell = run(&plan).await.unwrap();
        let all: i64 = sqlx::query_scalar("SELECT last_value FROM s")
            .fetch_one(&mut scratch.conn().await)
            .await
            .unwrap();
        assert_eq!(all.cast_unsigned(), cell.client.own_count);
        assert!(cell.done() < cell.client.own_count);
        assert!(cell.seconds.iter().all(|second| second.at <= 1), "{:?}", cell.measured_s);
    });
}

#[test]
fn a_rate_that_cannot_be_reached_is_told_with_what_was() {
    on_threads(async {
        let scratch = made("").await;
        let pace = Pace::Open { rate: 500.0, limit: None, burst: None };
        let plan = Plan { pace, ..plan(&scratch, "SELECT pg_sleep(0.05);\n") };
        let cell = run(&plan).await.unwrap();
        let remarks = cell.remarks.join("\n");
        assert!(
            remarks.contains("the rate of 500 operations in a second was not reached"),
            "{remarks}"
        );
        assert!(remarks.contains("had not begun at the end"), "{remarks}");
    });
}

#[test]
fn sessions_that_are_ended_are_counted_and_the_run_recovers() {
    on_threads(async {
        let scratch = made("").await;
        let mut plan = plan(&scratch, "SELECT pg_sleep(0.01);\n");
        plan.end = End::Time(Duration::from_secs(2));
        let end = async {
            let ended: Vec<bool> = sqlx::query_scalar(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .fetch_all(&mut scratch.conn().await)
            .await
            .unwrap();
            assert_eq!(ended, [true, true]);
        };
        let cell = meanwhile(&plan, end).await.unwrap();
        assert_eq!(cell.operations[0].failed["57P01"], 2);
        let after: u64 =
            cell.seconds.iter().filter(|second| second.at >= 1).map(|second| second.done()).sum();
        assert!(after > 10, "{after}");
    });
}

fn refused(sql: &str, text: &str) -> Error {
    on_threads(async {
        let scratch = made(sql).await;
        run(&plan(&scratch, text)).await.unwrap_err()
    })
}

#[test]
fn a_statement_that_does_not_prepare_is_named_with_its_line() {
    let error = refused("", "SELECT 1;\nSELECT * FROM nowhere;\n");
    assert!(error.message.contains("`operation.sql:2`"), "{}", error.message);
    assert!(error.message.contains("relation \"nowhere\" does not exist"), "{}", error.message);
}

#[test]
fn an_argument_of_the_wrong_type_is_named_with_its_line() {
    let error =
        refused(COUNTERS, "\\set id fake(word)\nUPDATE counters SET n = 0 WHERE id = :id;\n");
    assert!(error.message.contains("`operation.sql:2`"), "{}", error.message);
    assert!(error.message.contains("is no value of the type INT4"), "{}", error.message);
}

#[test]
fn a_variable_that_no_result_gives_a_value_is_named() {
    let text = "SELECT 1 AS one\n\\gset\nSELECT :one::int, :two::int;\n";
    let error = refused("", text);
    assert!(error.message.contains("nothing gives the variable `:two`"), "{}", error.message);
}

#[test]
fn a_table_of_keys_without_rows_is_named() {
    let error =
        refused("CREATE TABLE empty (id int)", "\\set id key(empty.id)\nSELECT :id::int;\n");
    assert!(
        error.message.contains("takes keys from `empty`, which has no rows"),
        "{}",
        error.message
    );
    assert!(error.hint.unwrap().contains("--rows"));
}

#[test]
fn a_run_that_is_stopped_tells_what_was_measured_until_then() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let plan = Plan { end: End::Time(Duration::from_secs(60)), ..plan(&scratch, BUMP) };
        let (stop, stopped) = watch::channel(false);
        let (progress, mut told) = watch::channel(Progress::default());
        let ask = async {
            told.changed().await.unwrap();
            stop.send(true).unwrap();
        };
        let (cell, ()) = tokio::join!(engine::run(&plan, Watch { stop: stopped, progress }), ask);
        let cell = cell.unwrap();
        assert_eq!(cell.ended_early.as_deref(), Some("it was interrupted"));
        assert!(cell.done() > 0);
        assert!(cell.measured_s < 30.0, "{}", cell.measured_s);
    });
}
