//! Index strategies that were never tried: operations and strategies with known counts.

mod any;
mod effect;
mod outcome;
mod standing;
mod told;

pub(crate) use any::{any_indexes, any_interval, counted};

use std::collections::BTreeMap;

use shakedown_reports::Report;
use shakedown_reports::index::{
    Advice, Build, Counted, Counters, Indexes, Origin, Plan, Standing, Step, Strategy, Timed,
    effect as effect_of, stand,
};
use shakedown_reports::load::{Script, Workload};
use shakedown_reports::model::Chain;
use shakedown_reports::stats::Interval;

use crate::support;

/// A plan of two nodes, the second of which uses an index or none.
fn plan(scan: &str, pages: u64, index: Option<&str>) -> Plan {
    Plan {
        statement: "SELECT id, title FROM items WHERE owner_id = 7 LIMIT 20".to_owned(),
        shape: format!("Limit > {scan}"),
        tree: vec![
            format!("Limit: 20 rows, {pages} pages"),
            format!("  {scan}: 20 rows read, {pages} pages"),
            "    (items.owner_id = 7)".to_owned(),
        ],
        indexes: index.map(str::to_owned).into_iter().collect(),
    }
}

/// An operation that was done a hundred times and reads so many pages each time.
pub(crate) fn reading(name: &str, share: f64, pages: u64, rows: u64) -> Counted {
    let counters = Counters {
        buffers: 100 * pages,
        rows_read: 100 * rows,
        rows_returned: 2_000,
        ..Counters::default()
    };
    Counted {
        name: name.to_owned(),
        share,
        writes: false,
        times: 100,
        failed: 0,
        failure: None,
        counters,
        plans: Vec::new(),
    }
}

/// An operation that was done a hundred times and writes so much of the log each time.
pub(crate) fn writing(name: &str, share: f64, pages: u64, wal_bytes: u64) -> Counted {
    let counters = Counters {
        buffers: 100 * pages,
        dirtied: 120,
        rows_returned: 100,
        wal_records: 650,
        wal_bytes: 100 * wal_bytes,
        ..Counters::default()
    };
    Counted { writes: true, counters, ..reading(name, share, 0, 0) }
}

/// A strategy on `public.items` that was not measured yet.
pub(crate) fn strategy(name: &str, standing: Standing) -> Strategy {
    let column = name.trim_start_matches("items_").trim_end_matches("_idx");
    Strategy {
        name: name.to_owned(),
        origin: Origin::Proposed,
        tables: vec!["public.items".to_owned()],
        create: vec![format!("CREATE INDEX {name} ON public.items ({column})")],
        drop: vec![format!("DROP INDEX public.{name}")],
        because: vec!["`by-owner` reads 5,000 rows of public.items for 20".to_owned()],
        keep: None,
        build: None,
        operations: Vec::new(),
        effect: None,
        timed: None,
        standing,
    }
}

/// The same once it was measured.
fn measured(strategy: Strategy, operations: Vec<Counted>, bytes: i64) -> Strategy {
    let build = Build {
        ms: 12.4,
        wal_bytes: bytes.unsigned_abs(),
        bytes,
        locks: vec!["SHARE on public.items: writes wait".to_owned()],
        concurrently: true,
    };
    Strategy {
        build: Some(build),
        effect: Some(effect_of(&base(), &operations, bytes)),
        operations,
        ..strategy
    }
}

fn interval(low: f64, median: f64, high: f64) -> Interval {
    Interval { low, median, high, of: 24 }
}

/// The schema as it is: one operation of the four reads too much.
fn base() -> Vec<Counted> {
    with([120, 3, 19, 15], "Seq Scan items", None)
}

/// What the operations count if they look at so many pages.
fn with(
    [by_owner, sign_in, create, rename]: [u64; 4],
    scan: &str,
    index: Option<&str>,
) -> Vec<Counted> {
    let rows = if index.is_some() { 20 } else { 5_000 };
    let mut slow = reading("by-owner", 0.4, by_owner, rows);
    slow.plans = vec![plan(scan, by_owner, index)];
    let mut rename = writing("rename", 0.1, rename, 640);
    rename.counters.updates = 100;
    rename.counters.hot_updates = 45;
    vec![slow, reading("sign-in", 0.3, sign_in, 1), writing("create", 0.2, create, 920), rename]
}

/// A report with everything that a trial of strategies can hold.
pub(crate) fn everything() -> Report {
    let owner = Some("items_owner_id_idx");
    let scan = "Index Scan items_owner_id_idx";
    let together = with([5, 3, 20, 16], scan, owner);
    let mut advised = measured(
        strategy("items_owner_id_idx", Standing::Advised),
        with([5, 3, 22, 17], scan, owner),
        286_720,
    );
    advised.timed = Some(Timed {
        all: interval(0.41, 0.44, 0.47),
        reads: Some(interval(0.28, 0.31, 0.33)),
        writes: Some(interval(1.01, 1.04, 1.08)),
    });
    let mut drop = measured(
        strategy("drop items_title_idx", Standing::Advised),
        with([120, 3, 17, 14], "Seq Scan items", None),
        -163_840,
    );
    drop.origin = Origin::Removal;
    drop.create = vec!["DROP INDEX public.items_title_idx".to_owned()];
    drop.drop = vec!["CREATE INDEX items_title_idx ON public.items USING btree (title)".to_owned()];
    drop.because = vec!["no operation of the workload uses it".to_owned()];
    drop.timed = Some(Timed { all: interval(0.98, 1.0, 1.01), reads: None, writes: None });
    let mut kept = measured(
        strategy("drop items_category_id_idx", Standing::Front),
        with([120, 3, 18, 14], "Seq Scan items", None),
        -155_648,
    );
    kept.origin = Origin::Removal;
    kept.tables = vec!["public.items".to_owned(), "public.categories".to_owned()];
    kept.create = vec!["DROP INDEX public.items_category_id_idx".to_owned()];
    kept.because.clone_from(&drop.because);
    kept.keep = Some(
        "it is the only one that serves `items_category_id_fkey` when rows of public.categories \
         are deleted"
            .to_owned(),
    );
    let mut covering = measured(
        strategy("items_owner_id_covering_idx", Standing::Front),
        with([5, 3, 23, 19], "Index Only Scan items_owner_id_covering_idx", owner),
        425_984,
    );
    covering.create = vec![
        "CREATE INDEX items_owner_id_covering_idx ON public.items (owner_id) INCLUDE (title)"
            .to_owned(),
    ];
    let useless = measured(
        strategy("items_title_words_idx", Standing::Front),
        with([120, 3, 26, 18], "Seq Scan items", None),
        901_120,
    );
    let late = || Standing::NotMeasured { reason: "the time did not suffice".to_owned() };
    let mut strategies = vec![
        strategy("items_created_at_brin_idx", late()),
        strategy("items_state_idx", late()),
        useless,
        covering,
        kept,
        strategy("users_lower_email_idx", Standing::Ignored),
        drop,
        strategy(
            "items_title_trgm_idx",
            Standing::Failed { message: "type \"gin_trgm\" does not exist".to_owned() },
        ),
        advised,
    ];
    stand(&mut strategies, &[]);
    let advice = Advice {
        steps: vec![
            Step {
                name: "items_owner_id_idx".to_owned(),
                saves: 0.877,
                because: "`by-owner` reads 5.0 instead of 120 pages each time".to_owned(),
            },
            Step {
                name: "drop items_title_idx".to_owned(),
                saves: 0.055,
                because: "no operation of the workload uses it".to_owned(),
            },
        ],
        effect: effect_of(&base(), &together, 122_880),
        operations: together,
        timed: Some(Timed {
            all: interval(0.4, 0.43, 0.46),
            reads: Some(interval(0.28, 0.31, 0.33)),
            writes: Some(interval(0.97, 1.01, 1.04)),
        }),
        up: vec![
            "CREATE INDEX CONCURRENTLY items_owner_id_idx ON public.items (owner_id)".to_owned(),
            "DROP INDEX CONCURRENTLY public.items_title_idx".to_owned(),
        ],
        down: vec![
            "CREATE INDEX CONCURRENTLY items_title_idx ON public.items USING btree (title)"
                .to_owned(),
            "DROP INDEX CONCURRENTLY public.items_owner_id_idx".to_owned(),
        ],
    };
    let mut report = report(strategies, Some(advice));
    let indexes = report.indexes.as_mut().unwrap();
    indexes.left_out =
        vec!["a trigram index for `search` needs the extension `pg_trgm`".to_owned()];
    indexes.notes = vec!["`public.audit` is left out, since it has no key".to_owned()];
    report
}

/// A report of these strategies, whose outcome follows from them.
fn report(strategies: Vec<Strategy>, advice: Option<Advice>) -> Report {
    let mut report = support::report(
        Vec::new(),
        Chain::NotRun { reason: "since index strategies were tried".to_owned() },
        Vec::new(),
    );
    report.server.profile = Some("durable".to_owned());
    let script = |one: &Counted| Script {
        name: one.name.clone(),
        weight: (one.share * 10.0).round() as u32,
        text: "SELECT 1;".to_owned(),
    };
    let indexes = Indexes {
        scenario: Workload {
            name: "working-day".to_owned(),
            origin: "built in".to_owned(),
            operations: base().iter().map(script).collect(),
        },
        rows: BTreeMap::from([
            ("public.items".to_owned(), 50_000),
            ("public.users".to_owned(), 10_000),
        ]),
        seed: 42,
        write_share: 0.3,
        base: base(),
        strategies,
        advice,
        left_out: Vec::new(),
        notes: Vec::new(),
        incomplete: None,
    };
    report.outcome = indexes.outcome();
    report.indexes = Some(indexes);
    report
}
