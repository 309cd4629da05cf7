//! A query with the index that is made for it, beside the same query without, one pair for each
//! kind of index. The table has 100,000 rows, all in memory.
//!
//! Plans are generic and of one process, so that what is measured is what was planned: before a
//! query is measured, its plan must use the index, or scan the table where there is none.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark that cannot run should say so and stop"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use shakedown::database::Databases;
use shakedown::server::{Profile, Server};
use shakedown_benches::{each, group, schema, start};
use sqlx::{AssertSqlSafe, PgConnection};
use tokio::runtime::Runtime;

const ROWS: u64 = 100_000;

const TABLE: &str = "
    CREATE EXTENSION pg_trgm;
    CREATE TABLE orders (id int PRIMARY KEY, customer int, token text, email text, note text,
        placed_at timestamptz, shipped_at timestamptz);
    INSERT INTO orders
    SELECT n, n * 7919 % 20000, md5(n::text), 'User' || n || '@Example.com',
        'left at the ' || md5('note ' || n) || ' gate',
        '2026-01-01'::timestamptz + n * interval '1 minute',
        CASE WHEN n % 100 <> 0 THEN '2026-06-01'::timestamptz END
    FROM generate_series(1, 100000) AS n;";

/// A kind of index.
struct Strategy {
    name: &'static str,
    /// What follows `CREATE INDEX looked_up ON orders`.
    index: &'static str,
    /// Gives texts; its only parameter is the number of a row that it finds. What is looked for
    /// is made of it in a subquery, which runs once instead of for every row that is scanned.
    query: &'static str,
    /// How the plan names the use of the index.
    plan: &'static str,
}

static STRATEGIES: [Strategy; 7] = [
    Strategy {
        name: "btree, equal",
        index: "(customer)",
        query: "SELECT email FROM orders WHERE customer = (SELECT $1::int * 7919 % 20000)",
        plan: "Bitmap Index Scan on looked_up",
    },
    Strategy {
        name: "hash, equal",
        index: "USING hash (token)",
        query: "SELECT email FROM orders WHERE token = (SELECT md5($1::int::text))",
        plan: "Index Scan using looked_up",
    },
    Strategy {
        name: "covering, index-only scan",
        index: "(customer) INCLUDE (email)",
        query: "SELECT email FROM orders WHERE customer = (SELECT $1::int * 7919 % 20000)",
        plan: "Index Only Scan using looked_up",
    },
    Strategy {
        name: "partial, the hundredth part that is not shipped",
        index: "(placed_at) WHERE shipped_at IS NULL",
        query: "SELECT email FROM orders WHERE shipped_at IS NULL
            AND placed_at <= (SELECT '2026-01-01'::timestamptz + $1::int * interval '1 minute')
            ORDER BY placed_at DESC LIMIT 10",
        plan: "Index Scan Backward using looked_up",
    },
    Strategy {
        name: "expression, lower(email)",
        index: "(lower(email))",
        query: "SELECT email FROM orders
            WHERE lower(email) = (SELECT 'user' || $1::int || '@example.com')",
        plan: "Index Scan using looked_up",
    },
    Strategy {
        name: "BRIN, an hour of time",
        index: "USING brin (placed_at)",
        query: "SELECT email FROM orders
            WHERE placed_at >= (SELECT '2026-01-01'::timestamptz + $1::int * interval '1 minute')
            AND placed_at < (SELECT '2026-01-01 01:00'::timestamptz + $1::int * interval '1 minute')",
        plan: "Bitmap Index Scan on looked_up",
    },
    Strategy {
        name: "GIN of trigrams, LIKE '%word%'",
        index: "USING gin (note gin_trgm_ops)",
        query: "SELECT email FROM orders
            WHERE note LIKE (SELECT '%' || substr(md5('note ' || $1::int), 9, 10) || '%')",
        plan: "Bitmap Index Scan on looked_up",
    },
];

async fn run(connection: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

async fn find(connection: &mut PgConnection, query: &'static str, row: i32) -> Vec<String> {
    sqlx::query_scalar(query).bind(row).fetch_all(connection).await.unwrap()
}

/// Stops if the query is not planned so.
async fn planned(connection: &mut PgConnection, strategy: &Strategy, wanted: &str) {
    let explain = format!("EXPLAIN (GENERIC_PLAN) {}", strategy.query);
    // By the simple protocol, in which parameters need no values here.
    let rows = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_all(connection).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| sqlx::Row::get(row, 0)).collect();
    let plan = lines.join("\n");
    if !plan.contains(wanted) {
        panic!("the plan of `lookup/{}` has no `{wanted}`:\n{plan}", strategy.name);
    }
}

fn lookup(criterion: &mut Criterion, runtime: &Runtime, server: &Server) {
    let mut databases = runtime.block_on(Databases::on(server)).unwrap();
    let made = schema::database(&mut databases, TABLE.to_owned());
    let name = runtime.block_on(made).unwrap();
    let mut connection = runtime.block_on(databases.connect(&name)).unwrap();
    let pins = "SET plan_cache_mode = force_generic_plan; SET max_parallel_workers_per_gather = 0";
    runtime.block_on(run(&mut connection, pins.to_owned()));
    for strategy in &STRATEGIES {
        let mut group = group(criterion, &format!("lookup/{}", strategy.name), server);
        group.sample_size(10);
        let mut answers = Vec::new();
        let create = format!("CREATE INDEX looked_up ON orders {}", strategy.index);
        for (name, prepare, plan) in [
            ("with the index", create, strategy.plan),
            ("without", "DROP INDEX looked_up".to_owned(), "Seq Scan on orders"),
        ] {
            runtime.block_on(async {
                run(&mut connection, prepare).await;
                // Index-only scans ask the visibility map, expressions their statistics.
                run(&mut connection, "VACUUM ANALYZE orders".to_owned()).await;
                planned(&mut connection, strategy, plan).await;
                let mut answer = find(&mut connection, strategy.query, 4200).await;
                answer.sort();
                answers.push(answer);
            });
            each(&mut group, runtime, name, async |round| {
                let row = (round * 7919 % ROWS) as i32 + 1;
                black_box(find(&mut connection, strategy.query, row).await);
            });
        }
        assert!(!answers[0].is_empty(), "`lookup/{}` finds nothing", strategy.name);
        assert_eq!(answers[0], answers[1], "the answers of `lookup/{}`", strategy.name);
        group.finish();
    }
    runtime.block_on(databases.close()).unwrap();
}

fn all(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(start(Profile::Durable)).unwrap();
    lookup(criterion, &runtime, &server);
    runtime.block_on(server.stop()).unwrap();
}

criterion_group!(benches, all);
criterion_main!(benches);
