//! Reading a schema from a server, beside `pg_dump --schema-only` where one is on PATH; and
//! comparing two schemas that were read, which takes no server.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should say so and stop")]

use std::hint::black_box;
use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};
use shakedown::catalog;
use shakedown::database::Databases;
use shakedown::server::{Profile, Server};
use shakedown_benches::{each, group, left_out, schema, start};
use tokio::runtime::Runtime;

fn read(criterion: &mut Criterion, runtime: &Runtime, server: &Server) {
    let mut databases = runtime.block_on(Databases::on(server)).unwrap();
    let mut group = group(criterion, "catalog/read", server);
    let dump = dump();
    if dump.is_none() {
        left_out("catalog/read, by pg_dump", "there is none of version 16 or newer on PATH");
    }
    for tables in [10, 80] {
        let made = schema::database(&mut databases, schema::ddl(tables));
        let name = runtime.block_on(made).unwrap();
        let mut connection = runtime.block_on(databases.connect(&name)).unwrap();
        each(&mut group, runtime, &format!("{tables} tables"), async |_| {
            black_box(catalog::load(&mut connection).await.unwrap());
        });
        if let Some(program) = dump {
            let address = server.address(&name);
            each(&mut group, runtime, &format!("{tables} tables, by pg_dump"), async |_| {
                let mut command = Command::new(program);
                command.args(["--schema-only", &address]).stdout(Stdio::null());
                assert!(command.status().unwrap().success());
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

fn compare(criterion: &mut Criterion, runtime: &Runtime, server: &Server) {
    let mut databases = runtime.block_on(Databases::on(server)).unwrap();
    let mut load = |sql: String| {
        runtime.block_on(async {
            let name = schema::database(&mut databases, sql).await.unwrap();
            let mut connection = databases.connect(&name).await.unwrap();
            catalog::load(&mut connection).await.unwrap()
        })
    };
    let tables = 80;
    let one = load(schema::ddl(tables));
    let other = load(schema::ddl(tables) + "ALTER TABLE t7 ALTER name DROP NOT NULL;");
    let same = one.clone();
    assert_eq!(catalog::diff(&one, &same).len(), 0, "two schemas that are equal");
    assert_eq!(catalog::diff(&one, &other).len(), 1, "two schemas that differ in one column");

    let mut group = group(criterion, "catalog/compare", server);
    group.bench_function(format!("{tables} tables, equal"), |bench| {
        bench.iter(|| black_box(catalog::diff(&one, &same)));
    });
    group.bench_function(format!("{tables} tables, one column differs"), |bench| {
        bench.iter(|| black_box(catalog::diff(&one, &other)));
    });
    group.finish();
    runtime.block_on(databases.close()).unwrap();
}

fn all(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(start(Profile::Fast)).unwrap();
    read(criterion, &runtime, &server);
    compare(criterion, &runtime, &server);
    runtime.block_on(server.stop()).unwrap();
}

criterion_group!(benches, all);
criterion_main!(benches);
