//! The processor time of this process for one operation of the engine, beside that of the bare
//! driver doing the same: what the recorder, goose and the scripts cost.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run should say so and stop"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use shakedown::database::Databases;
use shakedown::server::Profile;
use shakedown_benches::peer::{PAIRS, SCALE, SLICE, engine, is_installed, load, median, tables};
use shakedown_benches::{alone, start, state};
use shakedown_scenarios::{builtin, observe};
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use tokio::runtime::Runtime;

const ID: &str = "load/processor time of one operation, beside the bare driver";
const USERS: usize = 8;

fn main() {
    if !alone::chosen(ID) || !is_installed(ID) {
        return;
    }
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(start(Profile::Durable)).unwrap();
    state(ID, &server);
    let mut databases = runtime.block_on(Databases::on(&server)).unwrap();
    let name = runtime.block_on(tables(&mut databases, |name| server.address(name)));
    let options = server.options(&name).unwrap();

    let (mut own, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let scenario = builtin::scenario("select-only", 1).unwrap().unwrap();
        let cell = engine(&runtime, &options, scenario, USERS);
        own.push(cell.client.cpu_s * 1e6 / cell.client.own_count as f64);
        bare.push(driver(&runtime, &options));
    }
    let (own, bare) = (median(&mut own), median(&mut bare));
    println!("{ID}: select-only, {USERS} clients, {PAIRS} pairs of {SLICE:?}, {}", load());
    println!("engine {own:.2} µs, bare driver {bare:.2} µs, difference {:.2} µs", own - bare);
    runtime.block_on(databases.close()).unwrap();
    runtime.block_on(server.stop()).unwrap();
}

/// Microseconds of processor time for one query of the bare driver.
fn driver(runtime: &Runtime, options: &PgConnectOptions) -> f64 {
    let done = Arc::new(AtomicU64::new(0));
    let rows = i64::from(SCALE) * 100_000;
    let used = runtime.block_on(async {
        let mut connections = Vec::new();
        for _ in 0..USERS {
            connections.push(options.clone().disable_statement_logging().connect().await.unwrap());
        }
        let (before, began) = (observe::own_cpu(), Instant::now());
        let one = |(user, mut connection): (usize, sqlx::PgConnection)| {
            let done = Arc::clone(&done);
            tokio::spawn(async move {
                let mut key = user as i64;
                while began.elapsed() < SLICE {
                    key = (key * 48_271 + 11) % rows;
                    sqlx::query("SELECT abalance FROM pgbench_accounts WHERE aid = $1")
                        .bind(i32::try_from(key + 1).unwrap())
                        .execute(&mut connection)
                        .await
                        .unwrap();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        let tasks: Vec<_> = connections.into_iter().enumerate().map(one).collect();
        for task in tasks {
            task.await.unwrap();
        }
        observe::own_cpu() - before
    });
    used.as_secs_f64() * 1e6 / done.load(Ordering::Relaxed) as f64
}
