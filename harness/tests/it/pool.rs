//! The pool under test on a real server: what each stage is taken for, and what is counted.

use std::time::Duration;

use shakedown_reports::load::{Cell, PoolSettings, Validate};
use shakedown_scenarios::engine::{Connections, End, Plan, Storm};

use crate::engine::{made, meanwhile, on_threads, plan, run};
use crate::support::{Scratch, server};

/// Eight users for two seconds on a pool, each of whose statements takes ten milliseconds.
fn pooled(scratch: &Scratch, settings: PoolSettings) -> Plan {
    let options = server().options(&scratch.name).unwrap();
    Plan {
        users: 8,
        end: End::Time(Duration::from_secs(2)),
        connections: Connections::Pool(options, settings),
        ..plan(scratch, "SELECT pg_sleep(0.01);\n")
    }
}

fn of(size: u32) -> PoolSettings {
    PoolSettings { max_connections: size, kept: size, ..PoolSettings::default() }
}

fn measured(settings: PoolSettings) -> Cell {
    on_threads(async {
        let scratch = made("").await;
        run(&pooled(&scratch, settings)).await.unwrap()
    })
}

#[test]
fn the_stages_of_the_pool_make_up_the_wait_of_the_operations() {
    let cell = measured(of(3));
    let pool = cell.pool.as_ref().unwrap();
    let total = |times: &shakedown_reports::load::Histogram| {
        times.mean().as_secs_f64() * times.count() as f64
    };
    let stages = total(&pool.permit) + total(&pool.connect) + total(&pool.validate);
    let wait = total(&cell.all(|one| &one.wait));
    assert!((stages / wait - 1.0).abs() < 0.01, "{stages} s of {wait} s");
    let hold = total(&pool.hold);
    let query = total(&cell.all(|one| &one.query));
    assert!((hold / query - 1.0).abs() < 0.02, "{hold} s of {query} s");
}

#[test]
fn users_wait_for_a_permit_where_there_are_fewer_connections() {
    let cell = measured(of(2));
    let pool = cell.pool.unwrap();
    assert_eq!((pool.connects, pool.max_in_use), (2, 2));
    assert!(pool.mean_in_use > 1.0 && pool.mean_in_use <= 2.01, "{}", pool.mean_in_use);
    // Six of eight wait while two have a connection for ten milliseconds.
    assert!(
        pool.permit.percentile(0.5) > Duration::from_millis(15),
        "{:?}",
        pool.permit.percentile(0.5)
    );
    assert_eq!(pool.timeouts, 0);
    assert_eq!(cell.seconds.iter().filter_map(|second| second.in_use).max(), Some(2));
}

#[test]
fn nobody_waits_for_a_permit_where_there_are_connections_for_all() {
    let cell = measured(of(8));
    let pool = cell.pool.unwrap();
    assert_eq!(pool.connects, 8);
    assert!(
        pool.permit.percentile(0.5) < Duration::from_millis(5),
        "{:?}",
        pool.permit.percentile(0.5)
    );
    assert_eq!(pool.connect.count(), 8);
}

#[test]
fn who_waits_too_long_fails_and_is_counted() {
    on_threads(async {
        let scratch = made("").await;
        let settings = PoolSettings { acquire_timeout_ms: 400, ..of(1) };
        let slow = plan(&scratch, "SELECT pg_sleep(0.2);\n").scenario;
        let cell = run(&Plan { scenario: slow, ..pooled(&scratch, settings) }).await.unwrap();
        let pool = cell.pool.unwrap();
        assert!(pool.timeouts > 0);
        assert_eq!(cell.operations[0].failed["pool-timeout"], pool.timeouts);
        assert!(cell.operations[0].done > 0);
    });
}

#[test]
fn a_connection_is_tried_only_if_that_is_asked_for() {
    let always = measured(PoolSettings { validate: Validate::Always, ..of(2) }).pool.unwrap();
    // All but the first two acquires find an idle connection.
    assert_eq!(always.validate.count(), always.permit.count() - 2);
    let never = measured(PoolSettings { validate: Validate::Never, ..of(2) }).pool.unwrap();
    assert_eq!(never.validate.count(), 0);
    let idle = Validate::IdleFor { ms: 60_000 };
    let idle = measured(PoolSettings { validate: idle, ..of(2) }).pool.unwrap();
    assert_eq!(idle.validate.count(), 0);
}

#[test]
fn connections_beyond_those_that_are_kept_are_closed_when_they_are_returned() {
    let on = |kept| {
        on_threads(async {
            let scratch = made("").await;
            // Users who think leave connections idle.
            let think = Duration::from_millis(30);
            run(&Plan { think, ..pooled(&scratch, PoolSettings { kept, ..of(8) }) }).await.unwrap()
        })
    };
    let all = on(8).pool.unwrap();
    assert!(all.connects <= 8, "{}", all.connects);
    let one = on(1).pool.unwrap();
    assert!(one.connects > 30, "{}", one.connects);
}

#[test]
fn connections_are_opened_ahead_if_that_is_asked_for() {
    let pool = measured(PoolSettings { min_connections: 4, ..of(4) }).pool.unwrap();
    assert_eq!(pool.connect.count(), 0, "nobody waited while one was opened");
}

#[test]
fn a_statement_is_run_when_a_connection_is_returned_if_that_is_asked_for() {
    on_threads(async {
        let scratch = made("CREATE SEQUENCE resets").await;
        let reset = Some("SELECT nextval('resets')".to_owned());
        let cell = run(&pooled(&scratch, PoolSettings { reset, ..of(2) })).await.unwrap();
        let resets: i64 = sqlx::query_scalar("SELECT last_value FROM resets")
            .fetch_one(&mut scratch.conn().await)
            .await
            .unwrap();
        assert!(resets.cast_unsigned().abs_diff(cell.done()) <= 2, "{resets} of {}", cell.done());
    });
}

#[test]
fn each_connection_is_opened_anew_when_all_lifetimes_end() {
    on_threads(async {
        let scratch = made("").await;
        let at = Duration::from_secs(1);
        let plan = Plan { storm: Some(Storm::Lifetimes { at }), ..pooled(&scratch, of(4)) };
        let cell = run(&plan).await.unwrap();
        assert_eq!(cell.pool.unwrap().connects, 8, "four, and four instead of them");
        assert_eq!(cell.operations[0].failed, Default::default());
    });
}

#[test]
fn sessions_that_are_ended_are_replaced() {
    on_threads(async {
        let scratch = made("").await;
        let mut admin = scratch.conn().await;
        let end = async {
            let ended: Vec<bool> = sqlx::query_scalar(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid() \
                 AND backend_type = 'client backend'",
            )
            .fetch_all(&mut admin)
            .await
            .unwrap();
            assert_eq!(ended.len(), 4);
        };
        // Long enough that all are replaced before it is over, however busy the machine is.
        let plan = Plan { end: End::Time(Duration::from_secs(5)), ..pooled(&scratch, of(4)) };
        let cell = meanwhile(&plan, end).await.unwrap();
        // A session that did nothing at that moment is found gone by the pool, or by the next
        // operation, which may fail with a closed connection instead of what the server said.
        let failed: u64 = cell.operations[0].failed.values().sum();
        assert!(failed <= 4, "{:?}", cell.operations[0].failed);
        assert_eq!(cell.pool.as_ref().unwrap().connects, 8);
        let last = &cell.seconds[cell.seconds.len() - 2..];
        assert!(last.iter().any(|second| second.done() > 0));
    });
}

#[test]
fn statements_are_prepared_only_once_with_a_cache() {
    let on = |statement_cache, prepared| {
        on_threads(async {
            let scratch = made("").await;
            let text = "SELECT count(*) FROM pg_prepared_statements;\n";
            let plan = Plan { prepared, ..plan(&scratch, text) };
            let options = server().options(&scratch.name).unwrap();
            let settings = PoolSettings { statement_cache, ..of(1) };
            run(&Plan { connections: Connections::Pool(options, settings), ..plan }).await.unwrap()
        })
    };
    assert!(on(100, true).done() > 0);
    assert!(on(0, true).done() > 0);
    assert!(on(100, false).done() > 0);
}
