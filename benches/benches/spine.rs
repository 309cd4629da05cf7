//! What `verify` spends its time on, each beside the way it would be done otherwise.
//!
//! - `catalog`: reading a schema, beside `pg_dump --schema-only` where one is on PATH;
//! - `clone`: a copy of a migrated database by FILE_COPY, by WAL_LOG, and by applying again;
//! - `start`: a server from a prepared data folder, beside one that runs `initdb`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a benchmark that cannot run should say so and stop"
)]

use std::hint::black_box;
use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};
use shakedown::catalog;
use shakedown::database::Databases;
use shakedown::server::Server;
use shakedown_benches::{schema, server};
use sqlx::{AssertSqlSafe, Connection};
use tokio::runtime::Runtime;

const SIZES: [usize; 2] = [10, 80];

async fn fill(databases: &mut Databases<'_>, tables: usize) -> String {
    let name = databases.create(None).await.unwrap();
    let mut connection = databases.connect(&name).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(schema(tables))).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    name
}

fn catalogs(criterion: &mut Criterion, runtime: &Runtime, server: &Server) {
    let mut databases = runtime.block_on(Databases::on(server)).unwrap();
    let mut group = criterion.benchmark_group("catalog");
    group.sample_size(20);
    let dump = dump();
    if dump.is_none() {
        eprintln!("left out: pg_dump, since there is none of version 16 or newer on PATH");
    }
    for tables in SIZES {
        let name = runtime.block_on(fill(&mut databases, tables));
        let mut connection = runtime.block_on(databases.connect(&name)).unwrap();
        group.bench_function(format!("load/{tables} tables"), |bench| {
            bench.iter(|| black_box(runtime.block_on(catalog::load(&mut connection)).unwrap()));
        });
        let one = runtime.block_on(catalog::load(&mut connection)).unwrap();
        let other = one.clone();
        group.bench_function(format!("diff/{tables} tables"), |bench| {
            bench.iter(|| black_box(catalog::diff(&one, &other)));
        });
        if let Some(program) = dump {
            let address = server.address(&name);
            group.bench_function(format!("pg_dump/{tables} tables"), |bench| {
                bench.iter(|| {
                    let status = Command::new(program)
                        .args(["--schema-only", &address])
                        .stdout(Stdio::null())
                        .status()
                        .unwrap();
                    assert!(status.success());
                });
            });
        }
    }
    group.finish();
    runtime.block_on(databases.close()).unwrap();
}

/// A pg_dump that can read a server of version 16.
fn dump() -> Option<&'static str> {
    let output = Command::new("pg_dump").arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let major: u32 = text.split_whitespace().nth(2)?.split('.').next()?.parse().ok()?;
    (major >= 16).then_some("pg_dump")
}

fn clones(criterion: &mut Criterion, runtime: &Runtime, server: &Server) {
    let mut databases = runtime.block_on(Databases::on(server)).unwrap();
    let mut admin = runtime.block_on(server.connect(None)).unwrap();
    let mut group = criterion.benchmark_group("clone");
    group.sample_size(20);
    for tables in SIZES {
        let template = runtime.block_on(fill(&mut databases, tables));
        for strategy in ["FILE_COPY", "WAL_LOG"] {
            group.bench_function(format!("{strategy}/{tables} tables"), |bench| {
                bench.iter(|| {
                    let make = format!(
                        "CREATE DATABASE bench_clone TEMPLATE {template} STRATEGY {strategy}"
                    );
                    runtime
                        .block_on(sqlx::raw_sql(AssertSqlSafe(make)).execute(&mut admin))
                        .unwrap();
                    runtime
                        .block_on(sqlx::raw_sql("DROP DATABASE bench_clone").execute(&mut admin))
                        .unwrap();
                });
            });
        }
        group.bench_function(format!("apply again/{tables} tables"), |bench| {
            bench.iter(|| {
                let name = runtime.block_on(fill(&mut databases, tables));
                runtime.block_on(databases.drop(&name)).unwrap();
            });
        });
    }
    group.finish();
    runtime.block_on(databases.close()).unwrap();
}

fn starts(criterion: &mut Criterion, runtime: &Runtime) {
    let mut group = criterion.benchmark_group("start");
    group.sample_size(10);
    group.bench_function("prepared data folder", |bench| {
        bench.iter(|| {
            let server = runtime.block_on(server()).unwrap();
            runtime.block_on(server.stop()).unwrap();
        });
    });
    group.bench_function("initdb", |bench| {
        bench.iter(|| {
            let prepared = shakedown::server::default_cache().unwrap().join("prepared");
            std::fs::remove_dir_all(prepared).unwrap();
            let server = runtime.block_on(server()).unwrap();
            runtime.block_on(server.stop()).unwrap();
        });
    });
    group.finish();
}

fn all(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(server()).unwrap();
    catalogs(criterion, &runtime, &server);
    clones(criterion, &runtime, &server);
    runtime.block_on(server.stop()).unwrap();
    starts(criterion, &runtime);
}

criterion_group!(benches, all);
criterion_main!(benches);
