//! How fast cases run: thousands in one call inside the server, beside the way one would write
//! by hand, `BEGIN`, the statements and `ROLLBACK` from the client for each case. The rows that a
//! case starts from are made once for all cases of a group in the one, and each time in the other.
//!
//! The cases are those of one row that the RAPIDS schema gives. One connection, so one core of the
//! server.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should say so and stop")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shakedown::database::Databases;
use shakedown::invariants::case::{Case, Group};
use shakedown::invariants::check::promises;
use shakedown::invariants::context::Context;
use shakedown::invariants::promise::Evidence;
use shakedown::invariants::report::Subject;
use shakedown::invariants::runner::Runner;
use shakedown::server::Profile;
use shakedown::{catalog, prepare};
use shakedown_benches::{schema, slow, start};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use tokio::runtime::Runtime;

/// How many cases one sample runs.
const CASES: usize = 4000;

/// The cases of one row, over and over until there are enough.
fn single_rows(context: &Context) -> Vec<Group> {
    let mut groups = Vec::new();
    for promise in promises(context, &[]) {
        let Evidence::Cases(found) = promise.evidence else { continue };
        for group in found {
            let one = |case: &Case| case.ops.len() == 1 && case.ops[0].starts_with("INSERT");
            let cases: Vec<Case> = group.cases.into_iter().filter(one).collect();
            if !cases.is_empty() {
                groups.push(Group { setup: group.setup, cases });
            }
        }
    }
    let count: usize = groups.iter().map(|group| group.cases.len()).sum();
    assert!(count > 0, "the schema gives no cases of one row");
    for group in &mut groups {
        let cases = group.cases.iter().cycle().take(group.cases.len() * CASES.div_ceil(count));
        group.cases = cases.cloned().collect();
    }
    groups
}

fn cases(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(start(Profile::Fast)).unwrap();
    let mut databases = runtime.block_on(Databases::on(&server)).unwrap();
    let subject = Subject::Project(schema::rapids().unwrap());
    let name = runtime.block_on(prepare::scratch(&subject, &server, &mut databases)).unwrap();
    let mut connection = runtime.block_on(databases.connect(&name)).unwrap();
    let catalog = runtime.block_on(catalog::load(&mut connection)).unwrap();
    let context =
        runtime.block_on(Context::load(&mut connection, catalog, &Default::default())).unwrap();
    let groups = single_rows(&context);
    let count: usize = groups.iter().map(|group| group.cases.len()).sum();

    let mut group = slow(criterion, "invariants/thousands of cases", &server);
    group.throughput(Throughput::Elements(count as u64));
    group.bench_function("in the server", |bench| {
        let mut runner = runtime.block_on(Runner::new(&mut connection, context.deferred)).unwrap();
        let outcomes = runtime.block_on(runner.run(&groups)).unwrap();
        for (group, outcomes) in groups.iter().zip(outcomes) {
            for (case, outcome) in group.cases.iter().zip(outcomes) {
                assert!(case.admits(&outcome), "{}: {outcome:?}", case.about);
            }
        }
        bench.iter(|| black_box(runtime.block_on(runner.run(&groups)).unwrap()));
    });
    group.bench_function("from the client", |bench| {
        bench.iter(|| runtime.block_on(from_the_client(&mut connection, &groups)));
    });
    group.finish();
    runtime.block_on(databases.close()).unwrap();
    runtime.block_on(server.stop()).unwrap();
}

async fn from_the_client(connection: &mut PgConnection, groups: &[Group]) {
    for group in groups {
        for case in &group.cases {
            let begin = ["BEGIN".to_owned()];
            for sql in begin.iter().chain(&group.setup).chain(&case.ops) {
                // Half of the cases are to be refused.
                let _ = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut *connection).await;
            }
            sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await.unwrap();
        }
    }
}

criterion_group!(benches, cases);
criterion_main!(benches);
