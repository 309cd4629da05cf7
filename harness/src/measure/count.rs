//! Counts what each operation costs on a clone: the same operations in the same order, one at a
//! time, on a server on which nothing else happens.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use shakedown_reports::index::{Counted, Counters};
use shakedown_scenarios::engine::{self, PlanForm, Session};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use super::Bench;
use super::ids;
use super::plan::Node;
use super::tables::{Tables, Touched, failed};
use crate::error::{Error, Result};

/// How often an operation is done at most for its counts, and at least.
const MOST: u64 = 100;
const LEAST: u64 = 10;

/// About so many pages are looked at for the counts of one operation.
const PAGES: f64 = 200_000.0;

/// How often an operation is done before it is counted, so that the session knows the catalog.
const WARMING: u64 = 2;

/// Each operation of a scenario has so many numbers of its own, from which its arguments follow:
/// no two of them make up the same. The last are for warming up.
const NUMBERS: u64 = 1 << 10;

/// What one operation costs, and what it has to do with.
#[derive(Debug, Clone)]
pub(crate) struct Cost {
    pub(crate) counted: Counted,
    pub(crate) touched: Touched,
    /// How often each index was scanned.
    pub(crate) scans: BTreeMap<String, i64>,
}

/// A statement of the workload and its plan.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) operation: usize,
    /// As it was sent, with `$1` for its arguments.
    pub(crate) text: String,
    /// With its arguments written into it.
    pub(crate) literal: String,
    pub(crate) plan: Node,
}

/// How an operation is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sample {
    /// How often it is done.
    pub(crate) times: u64,
    /// Whether it changes rows.
    pub(crate) writes: bool,
}

/// Finds out on a clone how often each operation is to be done, by the pages that one looks at,
/// and which of them write.
/// Those that are not `wanted` are not done.
pub(crate) async fn samples(
    bench: &Bench<'_>,
    database: &str,
    wanted: impl Fn(usize) -> bool,
) -> Result<Vec<Sample>> {
    let mut counter = Counter::open(bench, database, &wanted).await?;
    let mut samples = Vec::new();
    for operation in 0..bench.scenario.operations.len() {
        if !wanted(operation) {
            samples.push(Sample { times: LEAST, writes: false });
            continue;
        }
        let (counted, _) = counter.one(operation, LEAST / 2).await?;
        let each = counted.each(|counters| counters.buffers);
        let times = ((PAGES / each.max(1.0)) as u64).clamp(LEAST, MOST);
        samples.push(Sample { times, writes: counted.writes });
    }
    counter.close().await;
    Ok(samples)
}

/// Counts all operations on a clone, with their plans: first those that only read, while no row was
/// changed yet, then those that write, each in the order of the scenario. `known` are operations
/// that need not be counted again, by their place.
pub(crate) async fn count(
    bench: &Bench<'_>,
    database: &str,
    samples: &[Sample],
    known: &BTreeMap<usize, Cost>,
) -> Result<(Vec<Cost>, Vec<Planned>)> {
    let wanted = |operation: usize| !known.contains_key(&operation);
    // A plan is run, so that those of writes come last.
    let reads = |operation: usize| wanted(operation) && !samples[operation].writes;
    let writes = |operation: usize| wanted(operation) && samples[operation].writes;
    let mut plans = self::plans(bench, database, reads).await?;
    let mut counter = Counter::open(bench, database, wanted).await?;
    let mut costs: BTreeMap<usize, Cost> = known.clone();
    let (writing, reading): (Vec<usize>, Vec<usize>) =
        (0..samples.len()).partition(|at| samples[*at].writes);
    for operation in reading.into_iter().chain(writing) {
        if let Entry::Vacant(place) = costs.entry(operation) {
            let (counted, tables) = counter.one(operation, samples[operation].times).await?;
            place.insert(Cost { counted, touched: tables.touched(), scans: tables.indexes });
        }
    }
    counter.close().await;
    plans.extend(self::plans(bench, database, writes).await?);
    Ok((costs.into_values().collect(), plans))
}

/// The plans of the statements of operations that are `wanted`, by their place, each run once on a
/// database that may be changed.
async fn plans(
    bench: &Bench<'_>,
    database: &str,
    wanted: impl Fn(usize) -> bool,
) -> Result<Vec<Planned>> {
    let options = bench.exact(database)?.options([(ids::COUNTER, ids::OF_PLANS)]);
    let load = bench.load;
    let scale = load.scale.into();
    let explained =
        engine::explain(&options, &bench.scenario, wanted, load.seed, scale, PlanForm::Json)
            .await?;
    let read = explained.into_iter().filter_map(|one| {
        let plan = Node::read(&one.plan)?;
        Some(Planned { operation: one.operation, text: one.text, literal: one.literal, plan })
    });
    Ok(read.collect())
}

/// Gives each operation its plans.
pub(crate) fn attach<'p>(
    counted: &mut [Counted],
    plans: impl Iterator<Item = &'p Planned> + Clone,
) {
    for (operation, counted) in counted.iter_mut().enumerate() {
        let own = plans.clone().filter(|planned| planned.operation == operation);
        counted.plans = own.map(|planned| planned.plan.told(&planned.literal)).collect();
    }
}

/// A session that does operations, and one that asks the server what it counted.
struct Counter<'s> {
    bench: &'s Bench<'s>,
    session: Session,
    watcher: PgConnection,
    /// The database that is counted.
    database: String,
}

/// The sums of `pg_stat_statements` over all statements of a database.
const STATEMENTS: &str = "SELECT coalesce(sum(shared_blks_hit + shared_blks_read), 0)::int8, \
     coalesce(sum(shared_blks_dirtied), 0)::int8, coalesce(sum(rows), 0)::int8, \
     coalesce(sum(wal_records), 0)::int8, coalesce(sum(wal_bytes), 0)::int8, \
     coalesce(sum(wal_fpi), 0)::int8, coalesce(sum(calls), 0)::int8 FROM pg_stat_statements(false) \
     WHERE toplevel AND dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = $1)";

impl<'s> Counter<'s> {
    async fn open(
        bench: &'s Bench<'s>,
        database: &str,
        wanted: impl Fn(usize) -> bool,
    ) -> Result<Self> {
        let load = bench.load;
        let options = bench.exact(database)?.options([(ids::COUNTER, ids::OF_COUNTS)]);
        let scale = load.scale.into();
        let session =
            Session::open(&options, &bench.scenario, wanted, load.seed, scale, false).await?;
        let watcher = bench.server.connect(None).await?;
        Ok(Self { bench, session, watcher, database: database.to_owned() })
    }

    /// Does an operation so often, and tells what was counted meanwhile.
    async fn one(&mut self, operation: usize, times: u64) -> Result<(Counted, Tables)> {
        let first = operation as u64 * NUMBERS;
        for number in first + MOST..first + MOST + WARMING {
            self.session.perform(operation, number).await?;
        }
        let before = Tables::read(self.session.connection()).await?;
        self.forget().await?;
        let (mut failed, mut failure) = (0, None);
        for number in first..first + times {
            let done = self.session.perform(operation, number).await?;
            failed += u64::from(done.failure.is_some());
            failure = failure.or(done.failure);
        }
        let statements = self.statements().await?;
        let tables = Tables::read(self.session.connection()).await?.since(&before);
        let counters = Counters {
            rows_read: tables.sum(|table| table.seq_read + table.index_read),
            updates: tables.sum(|table| table.updated),
            hot_updates: tables.sum(|table| table.hot_updated),
            seq_scans: tables.sum(|table| table.seq_scans),
            ..statements
        };
        let counted = Counted {
            name: self.bench.scenario.operations[operation].name.clone(),
            share: self.bench.share(operation),
            writes: tables.tables.values().any(|table| table.is_written()),
            times,
            failed,
            failure,
            counters,
            plans: Vec::new(),
        };
        Ok((counted, tables))
    }

    async fn forget(&mut self) -> Result<()> {
        // A scratch server forgets the databases of before as well: it counts 5000 statements at
        // most (`pg_stat_statements.max`), and drops those that it saw least often.
        let everything = self.bench.server.is_scratch();
        let sql = "SELECT pg_stat_statements_reset(0, CASE WHEN $2 THEN 0 ELSE oid END, 0) \
                   FROM pg_catalog.pg_database WHERE datname = $1";
        let query = sqlx::query(sql).bind(&self.database).bind(everything);
        let done = query.execute(&mut self.watcher).await;
        done.map(drop).map_err(absent)
    }

    async fn statements(&mut self) -> Result<Counters> {
        let sums: (i64, i64, i64, i64, i64, i64, i64) = sqlx::query_as(AssertSqlSafe(STATEMENTS))
            .bind(&self.database)
            .fetch_one(&mut self.watcher)
            .await
            .map_err(failed("reading what the statements cost"))?;
        let [buffers, dirtied, rows_returned, wal_records, wal_bytes, wal_images, statements] =
            [sums.0, sums.1, sums.2, sums.3, sums.4, sums.5, sums.6]
                .map(|sum| u64::try_from(sum).unwrap_or(0));
        Ok(Counters {
            buffers,
            dirtied,
            rows_returned,
            wal_records,
            wal_bytes,
            wal_images,
            statements,
            ..Counters::default()
        })
    }

    async fn close(self) {
        self.session.close().await;
    }
}

/// What to do where the server does not count statements.
fn absent(error: sqlx::Error) -> Error {
    Error::new("the server does not count what statements cost, without which nothing can be said of indexes")
        .because_sql(error)
        .hint(
            "leave `--postgres` out for a scratch server that does; or load it with \
             `shared_preload_libraries = 'pg_stat_statements'`, and say `CREATE EXTENSION \
             pg_stat_statements` in the database of the address",
        )
}
