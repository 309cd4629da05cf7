//! What is told of a real server while it is measured, and the plans of the statements.

use std::sync::Arc;
use std::time::Duration;

use shakedown::database::Databases;
use shakedown::server::{self, Profile, Request, Way};
use shakedown_reports::load::{Cell, ServerMeasured};
use shakedown_scenarios::Scenario;
use shakedown_scenarios::engine::{self, Connections, End, Plan, PlanForm};
use shakedown_scenarios::observe::Observer;
use shakedown_scenarios::script;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};

use crate::engine::{made, meanwhile, on_threads, plan, run};
use crate::support::{Scratch, request, server};

const COUNTERS: &str = "CREATE TABLE counters (id int PRIMARY KEY, n int NOT NULL DEFAULT 0); \
                        INSERT INTO counters SELECT generate_series(1, 100); ANALYZE counters;";

const BUMP: &str = "\\set id random(1, 100)\nUPDATE counters SET n = n + 1 WHERE id = :id;\n";

/// The same plan, watched from another database.
fn watched(plan: Plan) -> Plan {
    Plan { observe: Some(server().options("postgres").unwrap()), ..plan }
}

fn told(cell: Cell) -> ServerMeasured {
    cell.server.unwrap()
}

#[test]
fn the_counters_tell_each_row_that_the_users_changed() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let plan = watched(Plan { end: End::Operations(400), ..plan(&scratch, BUMP) });
        let server = told(run(&plan).await.unwrap());
        assert_eq!(server.counters["pg_stat_database.tup_updated"], 400.0);
        assert!(server.counters["pg_stat_database.xact_commit"] >= 400.0, "{:?}", server.counters);
        assert!(server.counters["pg_stat_wal.wal_records"] >= 400.0, "{:?}", server.counters);
        assert!(server.counters["pg_stat_io.hits"] >= 400.0, "{:?}", server.counters);
        assert!(!server.counters.contains_key("pg_stat_database.numbackends"));
    });
}

#[test]
fn the_processor_time_of_the_server_is_told_where_it_runs_on_this_machine() {
    on_threads(async {
        let scratch = made("").await;
        let busy = "SELECT sum(n) FROM generate_series(1, 100000) AS n;\n";
        let measured = told(run(&watched(plan(&scratch, busy))).await.unwrap());
        let why = measured.missing.iter().any(|why| why.contains("processor time"));
        match server().way {
            // Two users keep it busy for a second, of which a busy machine may give it little.
            Way::Embedded | Way::Local => assert!(measured.cpu_s.unwrap() > 0.0),
            Way::Container => assert!(measured.cpu_s.is_none() && why, "{:?}", measured.missing),
            Way::Url | Way::Neon => {
                assert_ne!(measured.cpu_s.is_some(), why, "{:?}", measured.missing);
            }
        }
    });
}

#[test]
fn what_the_users_wait_for_is_seen_and_only_they_are() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let plan = Plan {
            end: End::Time(Duration::from_secs(3)),
            // On the same database, where our own sessions are too.
            observe: Some(server().options(&scratch.name).unwrap()),
            ..plan(&scratch, BUMP)
        };
        let lock = async {
            let mut other = scratch.conn().await;
            let lock = "BEGIN; LOCK TABLE counters; SELECT pg_sleep(1); COMMIT";
            sqlx::raw_sql(lock).execute(&mut other).await.unwrap();
        };
        let activity = told(meanwhile(&plan, lock).await.unwrap()).activity;
        assert_eq!(activity.max_waiting_locks, 2, "both users wait");
        let lock = activity.waits.iter().find(|wait| wait.event == "Lock:relation").unwrap();
        assert!(lock.seen >= 4, "{activity:?}");
        // Two users, and the session with the lock.
        assert!(activity.states.values().sum::<u64>() <= 3 * activity.samples, "{activity:?}");
        assert!(activity.waits.windows(2).all(|two| two[0].seen >= two[1].seen));
        let active: u64 = activity.waits.iter().map(|wait| wait.seen).sum();
        assert_eq!(active, activity.states["active"]);
    });
}

#[test]
fn a_server_without_the_extension_says_what_to_do() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let observe = Some(server().options(&scratch.name).unwrap());
        let server = told(run(&Plan { observe, ..plan(&scratch, BUMP) }).await.unwrap());
        assert_eq!(server.statements, []);
        let why = format!(
            "the statements are not told, since there is no `pg_stat_statements` in the database \
             `{}`; load it by `shared_preload_libraries`, and say `CREATE EXTENSION \
             pg_stat_statements` there",
            scratch.name
        );
        assert!(server.missing.contains(&why), "{:?}", server.missing);
    });
}

#[test]
fn who_watches_comes_back_when_its_sessions_are_ended() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let plan = Plan {
            end: End::Time(Duration::from_secs(3)),
            observe: Some(server().options(&scratch.name).unwrap()),
            ..plan(&scratch, BUMP)
        };
        let end = async {
            let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                       WHERE application_name = 'shakedown observer' AND datname = $1";
            let ended: i64 = sqlx::query_scalar(sql)
                .bind(&scratch.name)
                .fetch_one(&mut scratch.conn().await)
                .await
                .unwrap();
            assert_eq!(ended, 2);
        };
        let cell = meanwhile(&plan, end).await.unwrap();
        let done = cell.done();
        let server = told(cell);
        assert_eq!(server.counters["pg_stat_database.tup_updated"], done as f64);
        assert!(server.activity.samples > 10, "{:?}", server.activity);
        let missed = "since the server did not answer";
        assert!(server.missing.iter().any(|why| why.ends_with(missed)), "{:?}", server.missing);
    });
}

/// A session that changes all counters twice. It hands over the first hundred at once, and the
/// others a second later at the earliest, or when it ends.
async fn twice(scratch: &Scratch) -> PgConnection {
    let mut user = scratch.conn().await;
    for _ in 0..2 {
        user.execute("UPDATE counters SET n = n + 1").await.unwrap();
    }
    user
}

#[test]
fn what_a_session_did_last_is_waited_for() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let maintenance = server().options("postgres").unwrap();
        let mut observer = Observer::start(&maintenance, &scratch.name).await.unwrap();
        observer.begin().await;
        let user = twice(&scratch).await;
        let later = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            user.close().await.unwrap();
        };
        let (measured, ()) = tokio::join!(observer.end(), later);
        assert_eq!(measured.counters["pg_stat_database.tup_updated"], 200.0);
    });
}

#[test]
fn a_session_that_stays_open_is_told_of() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let maintenance = server().options("postgres").unwrap();
        let mut observer = Observer::start(&maintenance, &scratch.name).await.unwrap();
        observer.begin().await;
        let _user = twice(&scratch).await;
        let missing = observer.end().await.missing;
        assert!(missing.iter().any(|why| why.ends_with(": 1 of them")), "{missing:?}");
    });
}

/// A scenario of one operation for each script.
fn scenario(texts: &[&str]) -> Arc<Scenario> {
    let one = |text: &&str| script::read("operation", 1, 1, "operation.sql", text).unwrap();
    Arc::new(Scenario {
        name: "test".to_owned(),
        origin: "written in a test".to_owned(),
        operations: texts.iter().map(one).collect(),
    })
}

async fn explained(scratch: &Scratch, texts: &[&str]) -> Vec<engine::Explained> {
    let options = server().options(&scratch.name).unwrap();
    engine::explain(&options, &scenario(texts), |_| true, 1, 1, PlanForm::Text).await.unwrap()
}

async fn number(scratch: &Scratch, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&mut scratch.conn().await).await.unwrap()
}

#[test]
fn each_statement_is_explained_and_done_once() {
    on_threads(async {
        let scratch = made("CREATE TABLE notes (id bigserial PRIMARY KEY, text text)").await;
        let text = "INSERT INTO notes (text) VALUES ('a') RETURNING id \\gset\n\
                    BEGIN;\n\
                    UPDATE notes SET text = text || 'b' WHERE id = :id;\n\
                    SELECT text FROM notes WHERE id = :id;\n\
                    COMMIT;\n";
        let explained = explained(&scratch, &[text]).await;
        let texts: Vec<&str> = explained.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "INSERT INTO notes (text) VALUES ('a') RETURNING id",
                "UPDATE notes SET text = text || 'b' WHERE id = $1",
                "SELECT text FROM notes WHERE id = $1",
            ]
        );
        for one in &explained {
            assert!(one.plan.contains("(actual time="), "{}", one.plan);
            assert!(one.plan.contains("Buffers: "), "{}", one.plan);
            assert!(one.query_id.is_some(), "{}", one.plan);
        }
        assert!(explained[0].plan.contains("WAL: "), "{}", explained[0].plan);
        assert!(explained[1].plan.contains("rows=1 loops=1"), "it finds what was inserted");
        assert_eq!(number(&scratch, "SELECT count(*) FROM notes WHERE text = 'ab'").await, 1);
        assert_eq!(number(&scratch, "SELECT count(*) FROM notes").await, 1);
    });
}

#[test]
fn a_statement_that_is_refused_has_no_plan_and_the_other_operations_have() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let refused = "BEGIN;\nINSERT INTO counters (id) VALUES (1);\nCOMMIT;\n";
        let explained = explained(&scratch, &[refused, "SELECT n FROM counters;\n"]).await;
        let texts: Vec<&str> = explained.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(texts, ["SELECT n FROM counters"]);
    });
}

#[test]
fn a_statement_is_planned_without_its_arguments() {
    on_threads(async {
        let scratch = made(COUNTERS).await;
        let mut connection = scratch.conn().await;
        connection.execute("SET enable_seqscan = off").await.unwrap();
        let sql = "SELECT n FROM counters WHERE id = $1";
        let plan = engine::generic_plan(&mut connection, sql).await.unwrap();
        assert!(plan.contains("Index Cond: (counters.id = $1)"), "{plan}");
        let error = engine::generic_plan(&mut connection, "COMMIT").await.unwrap_err();
        assert_eq!(error.to_string(), "`COMMIT` is not a statement that has a plan");
    });
}

#[test]
fn the_statements_of_a_durable_server_are_told_with_their_plans() {
    on_threads(async {
        let request = Request { profile: Profile::Durable, ..request() };
        let server = server::start(&request).await.unwrap();
        let maintenance = server.options("postgres").unwrap();
        let mut admin = maintenance.connect().await.unwrap();
        admin.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements").await.unwrap();
        let mut databases = Databases::on(&server).await.unwrap();
        let name = databases.create(None).await.unwrap();
        let options = server.options(&name).unwrap();
        let mut connection = options.connect().await.unwrap();
        connection.execute(sqlx::raw_sql(COUNTERS)).await.unwrap();
        let shared = made("").await;
        let plan = Plan {
            end: End::Operations(300),
            connections: Connections::Own(options.clone()),
            observe: Some(maintenance),
            ..plan(&shared, BUMP)
        };
        let mut measured = told(run(&plan).await.unwrap());
        let bump = measured.statements.iter().find(|one| one.text.starts_with("UPDATE counters"));
        let bump = bump.unwrap_or_else(|| panic!("it is not in {measured:?}"));
        assert_eq!((bump.calls, bump.rows), (300, 300));
        assert!(bump.wal_bytes > 0 && bump.total_ms > 0.0 && bump.blocks_hit > 300, "{bump:?}");
        let own = |text: &str| text.contains("pg_stat") || text.contains("pg_backend_pid");
        assert!(!measured.statements.iter().any(|one| own(&one.text)), "{measured:?}");

        let explained = engine::explain(&options, &plan.scenario, |_| true, 1, 1, PlanForm::Text)
            .await
            .unwrap();
        engine::attach(&mut measured.statements, &explained);
        let bump = measured.statements.iter().find(|one| one.text.starts_with("UPDATE counters"));
        let bump = bump.unwrap();
        assert_eq!(bump.plan_of.as_deref(), Some("run on a clone"));
        assert!(bump.plan.as_ref().unwrap().starts_with("Update on public.counters"), "{bump:?}");
    });
}
