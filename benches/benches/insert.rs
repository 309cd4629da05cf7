//! A hundred rows into the users of the RAPIDS schema, with its keys, checks and indexes: one by
//! one, one by one in a transaction, in one statement, and by COPY. Prepared, on one connection.
//!
//! On both profiles, since what rows one by one cost is above all the commit of each.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should say so and stop")]

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shakedown::database::Databases;
use shakedown::invariants::report::Subject;
use shakedown::prepare;
use shakedown::server::{Profile, Server};
use shakedown_benches::{schema, slow, start};
use sqlx::{Connection, PgConnection};
use tokio::runtime::Runtime;

const ROWS: u64 = 100;

#[derive(Clone, Copy)]
enum Way {
    OneByOne,
    InATransaction,
    OneStatement,
    Copy,
}

const WAYS: [(&str, Way); 4] = [
    ("one by one", Way::OneByOne),
    ("one by one in a transaction", Way::InATransaction),
    ("one statement", Way::OneStatement),
    ("COPY", Way::Copy),
];

/// E-mail addresses that no row has yet.
fn emails(made: u64) -> Vec<String> {
    (made..made + ROWS).map(|number| format!("user{number}@example.com")).collect()
}

async fn insert(connection: &mut PgConnection, way: Way, emails: &[String]) {
    match way {
        Way::OneByOne => one_by_one(connection, emails).await,
        Way::InATransaction => {
            let mut transaction = connection.begin().await.unwrap();
            one_by_one(&mut transaction, emails).await;
            transaction.commit().await.unwrap();
        }
        Way::OneStatement => {
            let sql = "INSERT INTO users (email, hashed_password, full_name)
                SELECT email, 'none', 'A User' FROM unnest($1::text[]) AS email";
            sqlx::query(sql).bind(emails).execute(connection).await.unwrap();
        }
        Way::Copy => {
            let lines: String =
                emails.iter().map(|email| format!("{email}\tnone\tA User\n")).collect();
            let sql = "COPY users (email, hashed_password, full_name) FROM STDIN";
            let mut copy = connection.copy_in_raw(sql).await.unwrap();
            copy.send(lines.as_bytes()).await.unwrap();
            copy.finish().await.unwrap();
        }
    }
}

async fn one_by_one(connection: &mut PgConnection, emails: &[String]) {
    let sql = "INSERT INTO users (email, hashed_password, full_name) VALUES ($1, 'none', 'A User')";
    for email in emails {
        sqlx::query(sql).bind(email).execute(&mut *connection).await.unwrap();
    }
}

/// How long so many rounds took, of which each adds to the `made` rows there are.
async fn took(connection: &mut PgConnection, way: Way, rounds: u64, made: &mut u64) -> Duration {
    let mut took = Duration::ZERO;
    for _ in 0..rounds {
        let emails = emails(*made);
        let begun = Instant::now();
        insert(connection, way, &emails).await;
        took += begun.elapsed();
        *made += ROWS;
    }
    took
}

fn inserts(criterion: &mut Criterion, runtime: &Runtime, server: &Server, profile: Profile) {
    let mut databases = runtime.block_on(Databases::on(server)).unwrap();
    let subject = Subject::Project(schema::rapids().unwrap());
    let name = runtime.block_on(prepare::scratch(&subject, server, &mut databases)).unwrap();
    let mut connection = runtime.block_on(databases.connect(&name)).unwrap();
    let mut group = slow(criterion, &format!("insert/{profile}/100 rows"), server);
    group.throughput(Throughput::Elements(ROWS));
    for (name, way) in WAYS {
        // Each begins with the same indexes: empty ones.
        let clear = sqlx::raw_sql("TRUNCATE users CASCADE").execute(&mut connection);
        runtime.block_on(clear).unwrap();
        let mut made = 0;
        group.bench_function(name, |bench| {
            bench.iter_custom(|rounds| {
                runtime.block_on(took(&mut connection, way, rounds, &mut made))
            });
        });
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM users");
        let there = runtime.block_on(count.fetch_one(&mut connection)).unwrap();
        assert_eq!(there, made.cast_signed(), "the rows of {name}");
    }
    group.finish();
    runtime.block_on(databases.close()).unwrap();
}

fn all(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    for profile in [Profile::Durable, Profile::Fast] {
        let server = runtime.block_on(start(profile)).unwrap();
        inserts(criterion, &runtime, &server, profile);
        runtime.block_on(server.stop()).unwrap();
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
