//! One statement, a row by its key, through each way of holding a connection. What the server does
//! is the same throughout, so that the differences are what each way adds to it.
//!
//! All of it over TCP on loopback, one statement at a time, on a runtime of one thread: waiting for
//! a busy pool is what `shakedown pool` measures.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should say so and stop")]

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};
use shakedown::database::Databases;
use shakedown::server::bouncer::{self, Bouncer, Mode, Wanted};
use shakedown::server::{self, Profile, Server};
use shakedown_benches::{each, group, left_out, schema, start};
use shakedown_reports::load::PoolSettings;
use shakedown_scenarios::pool::Pool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use tokio::runtime::{Builder, Runtime};

const ROWS: u64 = 10_000;
const TABLE: &str = "CREATE TABLE accounts (id int PRIMARY KEY, name text NOT NULL);
    INSERT INTO accounts SELECT n, md5(n::text) FROM generate_series(1, 10000) AS n;
    ANALYZE accounts;";

/// Not in the order in which the rows lie.
fn key(round: u64) -> i32 {
    (round * 7919 % ROWS) as i32 + 1
}

async fn select(connection: &mut PgConnection, round: u64, prepared: bool) {
    let query = sqlx::query_scalar::<_, String>("SELECT name FROM accounts WHERE id = $1");
    let name = query.bind(key(round)).persistent(prepared).fetch_one(connection).await;
    black_box(name.unwrap());
}

type Group<'c> = BenchmarkGroup<'c, WallTime>;

fn pinned(group: &mut Group<'_>, runtime: &Runtime, options: &PgConnectOptions) {
    for (name, prepared) in [("pinned, prepared", true), ("pinned, unprepared", false)] {
        // Each its own, since sqlx uses a prepared statement that is there whatever is asked.
        let mut connection = runtime.block_on(options.connect()).unwrap();
        each(group, runtime, name, async |round| {
            select(&mut connection, round, prepared).await;
        });
        runtime.block_on(connection.close()).unwrap();
    }
    let mut connection = runtime.block_on(options.connect()).unwrap();
    each(group, runtime, "pinned, simple protocol", async |round| {
        let sql = format!("SELECT name FROM accounts WHERE id = {}", key(round));
        let row = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(&mut connection).await;
        black_box(row.unwrap());
    });
    runtime.block_on(connection.close()).unwrap();
}

fn pools(group: &mut Group<'_>, runtime: &Runtime, options: &PgConnectOptions) {
    for (name, test) in
        [("pool of sqlx, as it comes", true), ("pool of sqlx, test_before_acquire off", false)]
    {
        let pool = runtime.block_on(async {
            PgPoolOptions::new().test_before_acquire(test).connect_lazy_with(options.clone())
        });
        each(group, runtime, name, async |round| {
            select(&mut pool.acquire().await.unwrap(), round, true).await;
        });
        runtime.block_on(pool.close());
    }
    // The same settings as sqlx's own pool as it comes; what it takes more are the clocks.
    let pool = runtime.block_on(Pool::open(options.clone(), &PoolSettings::default())).unwrap();
    each(group, runtime, "pool of sqlx, as it comes, instrumented", async |round| {
        let mut held = pool.acquire().await.unwrap();
        select(&mut held, round, true).await;
        held.give_back();
    });
    runtime.block_on(pool.close());
}

fn fresh(group: &mut Group<'_>, runtime: &Runtime, options: &PgConnectOptions) {
    each(group, runtime, "a fresh connection each time", async |round| {
        let mut connection = options.connect().await.unwrap();
        select(&mut connection, round, true).await;
        connection.close().await.unwrap();
    });
}

async fn bouncer(server: &Server, database: &str) -> shakedown::error::Result<Bouncer> {
    let wanted = Wanted {
        mode: Mode::Transaction,
        pool_size: 10,
        max_client_conn: 100,
        prepared_statements: 0,
        statement_timeout: Duration::from_secs(30),
    };
    let cache = server::default_cache()?;
    bouncer::start(server, database, &wanted, &server::search_path(), &cache, None).await
}

/// Unprepared, since PgBouncer keeps prepared statements from 1.21 on only.
fn behind_pgbouncer(group: &mut Group<'_>, runtime: &Runtime, server: &Server, database: &str) {
    let name = "PgBouncer in between, pinned, unprepared";
    let bouncer = match runtime.block_on(bouncer(server, database)) {
        Ok(bouncer) => bouncer,
        Err(error) => return left_out(&format!("connection/{name}"), &error.whole()),
    };
    let mut connection = runtime.block_on(bouncer.options().connect()).unwrap();
    each(group, runtime, name, async |round| {
        select(&mut connection, round, false).await;
    });
    runtime.block_on(connection.close()).unwrap();
    runtime.block_on(bouncer.stop()).unwrap();
}

fn all(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let server = runtime.block_on(start(Profile::Durable)).unwrap();
    let mut databases = runtime.block_on(Databases::on(&server)).unwrap();
    let made = schema::database(&mut databases, TABLE.to_owned());
    let name = runtime.block_on(made).unwrap();
    let options = server.options(&name).unwrap();
    let mut group = group(criterion, "connection/one statement", &server);
    pinned(&mut group, &runtime, &options);
    pools(&mut group, &runtime, &options);
    fresh(&mut group, &runtime, &options);
    behind_pgbouncer(&mut group, &runtime, &server, &name);
    group.finish();
    runtime.block_on(databases.close()).unwrap();
    runtime.block_on(server.stop()).unwrap();
}

criterion_group!(benches, all);
criterion_main!(benches);
