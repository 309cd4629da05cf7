//! Load that was never driven: cells with known figures.

mod advise;
mod merge;
mod told;

use std::collections::BTreeMap;
use std::time::Duration;

use shakedown_reports::Report;
use shakedown_reports::load::{
    Activity, Bouncer, Cell, Client, Load, OperationMeasured, Outage, PoolMeasured, PoolSettings,
    Profile, Script, Second, ServerMeasured, Setup, Statement, WaitEvent, Workload,
};
use shakedown_reports::model::{Chain, Outcome};

use crate::support;

pub(crate) fn ms(ms: f64) -> Duration {
    Duration::from_secs_f64(ms / 1000.0)
}

/// Sixty-four users without a pool, for half a minute.
pub(crate) fn setup() -> Setup {
    Setup {
        users: 64,
        rate: None,
        latency_limit_ms: None,
        think_ms: 0.0,
        warmup_s: 5.0,
        time_s: Some(30.0),
        operations: None,
        prepared: true,
        pool: None,
        profile: None,
        bouncer: None,
        storm: None,
    }
}

pub(crate) fn pool_of(size: u32) -> PoolSettings {
    PoolSettings { max_connections: size, kept: size, ..PoolSettings::default() }
}

/// An operation that was done `count` times, each with these milliseconds of waiting and then
/// of having a connection.
pub(crate) fn done(name: &str, count: u64, wait: f64, query: f64) -> OperationMeasured {
    let mut measured = OperationMeasured::none(name);
    measured.done = count;
    measured.response.record_many(ms(wait + query), count);
    measured.wait.record_many(ms(wait), count);
    measured.query.record_many(ms(query), count);
    measured
}

/// A cell of thirty seconds, in each of which as much was done.
pub(crate) fn cell(name: &str, setup: Setup, operations: Vec<OperationMeasured>) -> Cell {
    let seconds = (0..30).map(|at| {
        let of = |measured: &OperationMeasured| {
            let mut response = shakedown_reports::load::Histogram::default();
            response.record_many(measured.response.percentile(0.5), measured.done / 30);
            response.pack()
        };
        Second {
            at,
            failed: 0,
            skipped: 0,
            response: operations.iter().map(of).collect(),
            in_use: setup.pool.as_ref().map(|pool| pool.max_connections),
        }
    });
    let count: u64 = operations.iter().map(|measured| measured.done).sum();
    Cell {
        name: name.to_owned(),
        measured_s: 30.0,
        digest: "00c0ffee00c0ffee".to_owned(),
        seconds: seconds.collect(),
        pool: None,
        client: Client { cpu_s: 6.0, processors: 2, goose_count: count, own_count: count },
        server: None,
        outages: Vec::new(),
        remarks: Vec::new(),
        ended_early: None,
        operations,
        setup,
    }
}

/// A cell with a pool of this size: so many operations a second, each of which waits for a
/// connection and has it for so many milliseconds.
pub(crate) fn pooled(size: u32, rate: u64, wait: f64, hold: f64) -> Cell {
    let setup = Setup { pool: Some(pool_of(size)), ..setup() };
    let mut cell =
        cell(&format!("pool of {size}"), setup, vec![done("sign-in", rate * 30, wait, hold)]);
    let mut pool = PoolMeasured::default();
    pool.permit.record_many(ms(wait), rate * 30);
    pool.hold.record_many(ms(hold), rate * 30);
    pool.release.record_many(ms(0.08), rate * 30);
    pool.validate.record_many(ms(0.11), rate * 30);
    pool.connect.record_many(ms(4.2), size.into());
    pool.connects = size.into();
    pool.mean_in_use = rate as f64 * hold / 1000.0;
    pool.max_in_use = size;
    cell.pool = Some(pool);
    cell
}

/// A report of these cells.
pub(crate) fn report(cells: Vec<Cell>) -> Report {
    let script = |name: &str, weight: u32| Script {
        name: name.to_owned(),
        weight,
        text: "SELECT 1;".to_owned(),
    };
    let mut names: Vec<String> = Vec::new();
    for measured in cells.iter().flat_map(|cell| &cell.operations) {
        if !names.contains(&measured.name) {
            names.push(measured.name.clone());
        }
    }
    let operations = names.iter().zip([40, 35, 20, 5]).map(|(name, weight)| script(name, weight));
    let mut report = support::report(
        Vec::new(),
        Chain::NotRun { reason: "since load was driven".to_owned() },
        Vec::new(),
    );
    report.server.profile = Some("durable".to_owned());
    report.server.settings =
        BTreeMap::from([("shared_preload_libraries".to_owned(), "pg_stat_statements".to_owned())]);
    report.load = Some(Load {
        scenario: Workload {
            name: "working-day".to_owned(),
            origin: "built in".to_owned(),
            operations: operations.collect(),
        },
        rows: BTreeMap::from([
            ("public.items".to_owned(), 100_000),
            ("public.users".to_owned(), 10_000),
        ]),
        seed: 42,
        worker: None,
        cells,
        advice: None,
        incomplete: None,
        notes: Vec::new(),
    });
    report
}

/// One cell with everything that a cell can hold.
pub(crate) fn everything() -> Report {
    let mut spread = done("sign-in", 49_000, 0.4, 1.2);
    for slow in 1..=500_u32 {
        let (wait, query) = (ms(f64::from(slow) / 20.0), ms(f64::from(slow) / 10.0));
        spread.wait.record(wait);
        spread.query.record(query);
        spread.response.record(wait + query);
        spread.done += 1;
    }
    spread.failed = BTreeMap::from([("40001".to_owned(), 12), ("XY123".to_owned(), 1)]);
    spread.retried = 33;
    let mut create = done("create-item", 24_000, 0.5, 4.4);
    create.failed = BTreeMap::from([("pool-timeout".to_owned(), 5), ("57P01".to_owned(), 345)]);
    create.skipped = 7;
    create.late = 1_234;
    let operations = vec![spread, create, done("newest-items", 42_000, 0.4, 0.9)];
    let mut cell = pooled(8, 4_000, 0.5, 1.9);
    cell.operations = operations;
    cell.name = "16 users".to_owned();
    cell.setup = Setup {
        users: 16,
        rate: Some(4_000.0),
        latency_limit_ms: Some(50.0),
        think_ms: 0.5,
        pool: Some(PoolSettings { kept: 5, ..pool_of(8) }),
        profile: Some(Profile {
            of: "SQLAlchemy".to_owned(),
            written: BTreeMap::from([
                ("max_overflow".to_owned(), "3".to_owned()),
                ("pool_size".to_owned(), "5".to_owned()),
            ]),
            notes: vec![
                "`pool_size` 5 + `max_overflow` 3: at most 8 connections, of which 5 are kept and \
                 the others closed when they are returned"
                    .to_owned(),
                "sqlx makes a round trip of its own when a connection is returned".to_owned(),
            ],
        }),
        bouncer: Some(Bouncer {
            version: Some("1.18.0".to_owned()),
            mode: "transaction".to_owned(),
            pool_size: 20,
        }),
        storm: Some("server restart".to_owned()),
        ..setup()
    };
    if let Some(pool) = &mut cell.pool {
        pool.timeouts = 5;
    }
    cell.server = Some(server());
    cell.outages = vec![
        Outage { from_s: 12.3, until_s: Some(14.1), with: "57P01".to_owned(), failed: 345 },
        Outage { from_s: 29.5, until_s: None, with: "connection".to_owned(), failed: 3 },
    ];
    cell.remarks = vec![
        "the rate of 4000 operations in a second was not reached: 3862 were; give more `--users`, \
         or a lower `--rate`"
            .to_owned(),
    ];
    let mut report = report(vec![cell]);
    report.outcome = Outcome::Found;
    if let Some(load) = &mut report.load {
        load.worker = Some("2/4".to_owned());
        load.notes = vec!["`public.audit` is left out, since it has no key".to_owned()];
    }
    report
}

fn server() -> ServerMeasured {
    let statement = |text: &str, calls: u64, mean_ms: f64, wal_bytes: u64| Statement {
        query_id: -42,
        text: text.to_owned(),
        calls,
        total_ms: calls as f64 * mean_ms,
        mean_ms,
        rows: calls,
        blocks_hit: calls * 4,
        blocks_read: wal_bytes / 100_000,
        wal_bytes,
        plan: None,
        plan_of: None,
    };
    let insert =
        "INSERT INTO items (id, user_id, title, created_at)\n    VALUES ($1, $2, $3, now())";
    let mut statements = vec![
        statement(insert, 24_000, 0.512, 9_600_000),
        statement("SELECT id FROM users WHERE email = $1", 49_500, 0.043, 0),
        statement("COMMIT", 24_000, 0.002, 0),
    ];
    statements[1].plan = Some(
        "Index Scan using users_email_key on users (actual rows=1 loops=1)\n  \
         Index Cond: (email = 'a@b.example'::text)\n  Buffers: shared hit=4"
            .to_owned(),
    );
    statements[1].plan_of = Some("run on a clone".to_owned());
    ServerMeasured {
        cpu_s: Some(34.5),
        counters: BTreeMap::from([
            ("pg_stat_database.blks_hit".to_owned(), 400_000.0),
            ("pg_stat_database.blks_read".to_owned(), 1_200.0),
            ("pg_stat_wal.wal_bytes".to_owned(), 9_812_345.0),
        ]),
        activity: Activity {
            samples: 600,
            states: BTreeMap::from([
                ("active".to_owned(), 2_400),
                ("idle".to_owned(), 2_100),
                ("idle in transaction".to_owned(), 300),
            ]),
            waits: vec![
                WaitEvent { event: "CPU".to_owned(), seen: 1_500 },
                WaitEvent { event: "LWLock:WALWrite".to_owned(), seen: 700 },
                WaitEvent { event: "Lock:transactionid".to_owned(), seen: 200 },
            ],
            max_waiting_locks: 3,
        },
        statements,
        missing: vec!["`pg_stat_io` needs Postgres 16".to_owned()],
    }
}
