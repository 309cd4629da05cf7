//! Filling a table with realistic rows, beside `pgbench -i`, which fills one of like width with
//! the same row over and over: rows per second of the same number of rows on the same server.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a benchmark that cannot run should say so and stop"
)]

use std::process::{Command, Stdio};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shakedown::catalog;
use shakedown::database::Databases;
use shakedown::datagen::{self, Plan};
use shakedown::server::Server;
use shakedown_benches::server;
use tokio::runtime::Runtime;

/// `pgbench -i` makes 100,000 rows for each unit of its scale.
const SCALE: u64 = 5;
const ROWS: u64 = SCALE * 100_000;

/// As wide as `pgbench_accounts`: about a hundred bytes a row.
const TABLE: &str = "DROP TABLE IF EXISTS accounts;
    CREATE TABLE accounts (aid int PRIMARY KEY, email text, name text, created_at timestamptz,
        note varchar(30))";

fn fill(criterion: &mut Criterion, runtime: &Runtime, server: &Server) {
    let mut databases = runtime.block_on(Databases::on(server)).unwrap();
    let name = runtime.block_on(databases.create(None)).unwrap();
    let mut connection = runtime.block_on(databases.connect(&name)).unwrap();
    let mut group = criterion.benchmark_group("datagen");
    group.sample_size(10).throughput(Throughput::Elements(ROWS));
    let plan = Plan { seed: 1, default_rows: ROWS, bulk: true, ..Plan::default() };
    runtime.block_on(sqlx::raw_sql(TABLE).execute(&mut connection)).unwrap();
    let schema = runtime.block_on(catalog::load(&mut connection)).unwrap();
    group.bench_function("realistic rows", |bench| {
        bench.iter(|| {
            runtime.block_on(async {
                sqlx::raw_sql(TABLE).execute(&mut connection).await.unwrap();
                let filled = datagen::fill(&mut connection, &schema, &plan).await.unwrap();
                assert_eq!(filled.tables[0].rows, ROWS);
            });
        });
    });
    let address = server.address(&name);
    let pgbench = || {
        let scale = SCALE.to_string();
        Command::new("pgbench")
            .args(["--initialize", "--quiet", "--scale", &scale, &address])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
    };
    if pgbench().is_ok_and(|status| status.success()) {
        group.bench_function("pgbench -i", |bench| {
            bench.iter(|| assert!(pgbench().unwrap().success()));
        });
    } else {
        eprintln!(
            "left out: pgbench -i, since there is no pgbench on PATH that can reach the server"
        );
    }
    group.finish();
    runtime.block_on(databases.close()).unwrap();
}

fn all(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(server()).unwrap();
    fill(criterion, &runtime, &server);
    runtime.block_on(server.stop()).unwrap();
}

criterion_group!(benches, all);
criterion_main!(benches);
