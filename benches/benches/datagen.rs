//! Filling tables with realistic rows: one table beside `pgbench -i`, which fills one of like width
//! with the same row over and over; and the RAPIDS schema, with and without dropping its indexes
//! and foreign keys meanwhile. Read rows per second.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should say so and stop")]

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shakedown::catalog::{self, Name};
use shakedown::database::Databases;
use shakedown::datagen::{self, Plan};
use shakedown::invariants::report::Subject;
use shakedown::prepare;
use shakedown::server::{Profile, Server};
use shakedown_benches::{each, left_out, schema, slow, start};
use tokio::runtime::Runtime;

/// `pgbench -i` makes 100,000 rows for each unit of its scale.
const SCALE: u64 = 2;
const ROWS: u64 = SCALE * 100_000;

/// As wide as `pgbench_accounts`: about a hundred bytes a row.
const TABLE: &str = "DROP TABLE IF EXISTS accounts;
    CREATE TABLE accounts (aid int PRIMARY KEY, email text, name text, created_at timestamptz,
        note varchar(30))";

fn one_table(criterion: &mut Criterion, runtime: &Runtime, server: &Server) {
    let mut databases = runtime.block_on(Databases::on(server)).unwrap();
    let name = runtime.block_on(databases.create(None)).unwrap();
    let mut connection = runtime.block_on(databases.connect(&name)).unwrap();
    let mut group = slow(criterion, "datagen/one table of 200,000 rows", server);
    group.throughput(Throughput::Elements(ROWS));
    let plan = Plan { seed: 1, default_rows: ROWS, bulk: true, ..Plan::default() };
    runtime.block_on(sqlx::raw_sql(TABLE).execute(&mut connection)).unwrap();
    let schema = runtime.block_on(catalog::load(&mut connection)).unwrap();
    each(&mut group, runtime, "realistic rows", async |_| {
        sqlx::raw_sql(TABLE).execute(&mut connection).await.unwrap();
        let filled = datagen::fill(&mut connection, &schema, &plan).await.unwrap();
        assert_eq!(filled.tables[0].rows, ROWS);
    });
    let address = server.address(&name);
    let scale = SCALE.to_string();
    let pgbench = || {
        Command::new("pgbench")
            .args(["--initialize", "--quiet", "--scale", &scale, &address])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
    };
    if pgbench().is_ok_and(|status| status.success()) {
        each(&mut group, runtime, "pgbench -i", async |_| {
            assert!(pgbench().unwrap().success());
        });
    } else {
        left_out(
            "datagen/one table of 200,000 rows/pgbench -i",
            "no pgbench on PATH reaches the server",
        );
    }
    group.finish();
    runtime.block_on(databases.close()).unwrap();
}

fn rapids(criterion: &mut Criterion, runtime: &Runtime, server: &Server) {
    let mut databases = runtime.block_on(Databases::on(server)).unwrap();
    let subject = Subject::Project(schema::rapids().unwrap());
    let name = runtime.block_on(prepare::scratch(&subject, server, &mut databases)).unwrap();
    let mut connection = runtime.block_on(databases.connect(&name)).unwrap();
    let schema = runtime.block_on(catalog::load(&mut connection)).unwrap();
    let rows: BTreeMap<Name, u64> = [("users", 10_000), ("items", 40_000), ("categories", 50)]
        .map(|(name, rows)| (Name::new("public", name), rows))
        .into();
    let all = rows.values().sum();
    let mut group = slow(criterion, "datagen/RAPIDS, 50,000 rows", server);
    group.throughput(Throughput::Elements(all));
    for (name, bulk) in [("indexes built afterwards", true), ("indexes kept", false)] {
        let plan = Plan { seed: 1, rows: rows.clone(), bulk, ..Plan::default() };
        each(&mut group, runtime, name, async |_| {
            let clear = "TRUNCATE users, items, categories CASCADE";
            sqlx::raw_sql(clear).execute(&mut connection).await.unwrap();
            let filled = datagen::fill(&mut connection, &schema, &plan).await.unwrap();
            assert_eq!(filled.tables.iter().map(|table| table.rows).sum::<u64>(), all);
        });
    }
    group.finish();
    runtime.block_on(databases.close()).unwrap();
}

fn all(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(start(Profile::Fast)).unwrap();
    one_table(criterion, &runtime, &server);
    rapids(criterion, &runtime, &server);
    runtime.block_on(server.stop()).unwrap();
}

criterion_group!(benches, all);
criterion_main!(benches);
