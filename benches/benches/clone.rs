//! Coming by another database with the same schema: a copy by the strategies that Postgres has,
//! beside applying the schema again. On both profiles, since copying files asks for checkpoints,
//! which cost what the disk takes.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should say so and stop")]

use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use shakedown::database::Databases;
use shakedown::prepare;
use shakedown::server::{Profile, Server};
use shakedown_benches::{schema, slow, start};
use sqlx::{AssertSqlSafe, PgConnection};
use tokio::runtime::Runtime;

const TABLES: usize = 80;

/// About 50 MB in one table.
const ROWS: &str = "CREATE TABLE rows AS SELECT n, repeat(md5(n::text), 16) AS filler
    FROM generate_series(1, 90000) AS n;";

fn strategies(criterion: &mut Criterion, runtime: &Runtime, server: &Server, profile: Profile) {
    let mut databases = runtime.block_on(Databases::on(server)).unwrap();
    let mut admin = runtime.block_on(server.connect(None)).unwrap();
    for (size, rows) in [("80 tables", ""), ("80 tables and 50 MB of rows", ROWS)] {
        // What lies in memory only is written out, so that the first clone does not pay for it.
        let ddl = schema::ddl(TABLES) + rows + "CHECKPOINT;";
        let template = runtime.block_on(schema::database(&mut databases, ddl)).unwrap();
        let mut group = slow(criterion, &format!("clone/{profile}/{size}"), server);
        for strategy in ["FILE_COPY", "WAL_LOG"] {
            let sql =
                format!("CREATE DATABASE bench_clone TEMPLATE {template} STRATEGY {strategy}");
            group.bench_function(strategy, |bench| {
                bench.iter_custom(|rounds| runtime.block_on(cloned(&mut admin, &sql, rounds)));
            });
        }
        if rows.is_empty() {
            group.bench_function("apply the schema again", |bench| {
                bench.iter_custom(|rounds| runtime.block_on(applied(&mut databases, rounds)));
            });
        }
        group.finish();
    }
    runtime.block_on(databases.close()).unwrap();
}

/// How long cloning took. Dropping is not counted, since it costs a checkpoint of its own.
async fn cloned(admin: &mut PgConnection, sql: &str, rounds: u64) -> Duration {
    let mut took = Duration::ZERO;
    for _ in 0..rounds {
        let begun = Instant::now();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *admin).await.unwrap();
        took += begun.elapsed();
        sqlx::raw_sql("DROP DATABASE bench_clone").execute(&mut *admin).await.unwrap();
    }
    took
}

async fn applied(databases: &mut Databases<'_>, rounds: u64) -> Duration {
    let mut took = Duration::ZERO;
    for _ in 0..rounds {
        let begun = Instant::now();
        let name = schema::database(databases, schema::ddl(TABLES)).await.unwrap();
        took += begun.elapsed();
        databases.drop(&name).await.unwrap();
    }
    took
}

/// A database with the schema of this repository, as a test or a measurement comes by one.
fn template(criterion: &mut Criterion, runtime: &Runtime, server: &Server) {
    let mut databases = runtime.block_on(Databases::on(server)).unwrap();
    let project = schema::rapids().unwrap();
    let template = runtime.block_on(databases.create(None)).unwrap();
    runtime.block_on(prepare::apply(&project, server, &template)).unwrap();
    let mut group = slow(criterion, "template/RAPIDS", server);
    for (name, source) in
        [("a clone of the migrated database", Some(&*template)), ("every migration again", None)]
    {
        group.bench_function(name, |bench| {
            bench.iter_custom(|rounds| {
                runtime.block_on(async {
                    let mut took = Duration::ZERO;
                    for _ in 0..rounds {
                        let begun = Instant::now();
                        let made = databases.create(source).await.unwrap();
                        if source.is_none() {
                            prepare::apply(&project, server, &made).await.unwrap();
                        }
                        took += begun.elapsed();
                        databases.drop(&made).await.unwrap();
                    }
                    took
                })
            });
        });
    }
    group.finish();
    runtime.block_on(databases.close()).unwrap();
}

fn all(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    for profile in [Profile::Fast, Profile::Durable] {
        let server = runtime.block_on(start(profile)).unwrap();
        strategies(criterion, &runtime, &server, profile);
        if profile == Profile::Fast {
            template(criterion, &runtime, &server);
        }
        runtime.block_on(server.stop()).unwrap();
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
