//! How often a gate is wrong: pairs that do not differ, which it must not call worse, and planted
//! regressions, which it must find. Each run makes both schemas, counts and times them as
//! `shakedown gate --against` does; half a minute for all of it is the goal.
//!
//! `RUNS=5` makes fewer runs of pairs that do not differ, and a tenth of those of each regression.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run should say so and stop"
)]

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use shakedown::database::Databases;
use shakedown::gate::{self, Asked, Base};
use shakedown::load::{self, BouncerFrom, Setting, Workload};
use shakedown::server::{Profile, Server};
use shakedown::source::{self, Project};
use shakedown_benches::peer::load as load_average;
use shakedown_benches::{alone, start, state};
use shakedown_reports::gate::{Gates, Inconclusive, Kind, Tolerances, Verdict};
use shakedown_reports::load::PoolSettings;
use shakedown_scenarios::engine::{End, Pace};
use shakedown_scenarios::{Scenario, script};
use tokio::runtime::Runtime;
use tokio::sync::watch;

const ID: &str = "gate/false alarms and misses";

/// How long times may be measured; tables and counts take some seconds more.
const BUDGET: Duration = Duration::from_secs(24);

/// The schema that all of them begin with.
const BASE: &str = "
CREATE TABLE owners (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner_id bigint NOT NULL REFERENCES owners, title text NOT NULL, seen int NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX items_owner_id_idx ON items (owner_id);
CREATE FUNCTION busy(rounds int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE total bigint := 0; BEGIN
  FOR n IN 1 .. rounds LOOP total := total + n % 7; END LOOP; RETURN total; END $$;
CREATE FUNCTION report() RETURNS bigint LANGUAGE sql AS 'SELECT busy(20000)';
CREATE VIEW newest AS SELECT id, title FROM items ORDER BY id DESC LIMIT 1000;
";

const OPERATIONS: &[(&str, u32, &str)] = &[
    (
        "by-owner",
        5,
        "\\set owner key(owners.id)\nSELECT id, title FROM items WHERE owner_id = :owner;",
    ),
    ("see", 3, "\\set id key(items.id)\nUPDATE items SET seen = seen + 1 WHERE id = :id;"),
    ("newest", 1, "SELECT count(title) FROM newest;"),
    ("report", 1, "SELECT report();"),
];

/// Something that a candidate does worse.
struct Planted {
    name: &'static str,
    migration: &'static str,
    /// What must call it so: any gate of this kind.
    kind: Kind,
}

const PLANTED: &[Planted] = &[
    Planted {
        name: "an index dropped",
        migration: "DROP INDEX items_owner_id_idx;",
        kind: Kind::Counter,
    },
    Planted {
        name: "an index on an updated column",
        migration: "CREATE INDEX items_seen_idx ON items (seen);",
        kind: Kind::Counter,
    },
    Planted {
        name: "1 % more rows read",
        migration: "CREATE OR REPLACE VIEW newest AS \
                    SELECT id, title FROM items ORDER BY id DESC LIMIT 1010;",
        kind: Kind::Counter,
    },
    // It takes 10 % more time and counts the same, since a function's own steps are not counted.
    Planted {
        name: "10 % more work in a query",
        migration: "CREATE OR REPLACE FUNCTION report() RETURNS bigint LANGUAGE sql \
                    AS 'SELECT busy(22000)';",
        kind: Kind::Time,
    },
];

fn main() {
    if !alone::chosen(ID) {
        return;
    }
    let runs: usize = std::env::var("RUNS").ok().map_or(50, |runs| runs.parse().unwrap());
    let few = (runs / 10).max(1);
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(start(Profile::Durable)).unwrap();
    state(ID, &server);
    println!("{ID}: at most {BUDGET:?} of times each, {}", load_average());
    println!(
        "{:<32} {:>4} {:>6} {:>6} {:>12} {:>8} {:>8}",
        "candidate", "runs", "worse", "pass", "inconclusive", "longest", "load"
    );
    let same = |seed: u64| measure(&runtime, &server, "", [None, None], seed);
    tell("the same as the base", Kind::Time, runs, same);
    for planted in PLANTED {
        let measure = |seed| measure(&runtime, &server, planted.migration, [None, None], seed);
        tell(planted.name, planted.kind, few, measure);
    }
    let pools = [Some(8), Some(4)];
    tell("a pool cut in half", Kind::Time, few, |seed| measure(&runtime, &server, "", pools, seed));
    runtime.block_on(server.stop()).unwrap();
}

/// Runs it so often and prints a line. A run is worse if a gate of this kind says so; where nothing
/// differs, if any does.
fn tell(name: &str, kind: Kind, runs: usize, measure: impl Fn(u64) -> Gates) {
    let (mut worse, mut pass, mut open) = (0, 0, 0);
    let mut longest = Duration::ZERO;
    for seed in 1..=runs as u64 {
        let begun = Instant::now();
        let gates = measure(seed);
        longest = longest.max(begun.elapsed());
        let of = |verdict: Verdict| {
            let mut all = gates.gates.iter().filter(|gate| gate.verdict == verdict);
            all.any(|gate| gate.kind == kind || name.starts_with("the same"))
        };
        match (of(Verdict::Regress), of(Verdict::Inconclusive)) {
            (true, _) => worse += 1,
            (false, true) => open += 1,
            (false, false) => pass += 1,
        }
        if name.starts_with("the same") {
            for gate in gates.gates.iter().filter(|gate| gate.verdict == Verdict::Regress) {
                println!("  false alarm in run {seed}: {gate:?}");
            }
        }
    }
    println!(
        "{name:<32} {runs:>4} {worse:>6} {pass:>6} {open:>12} {:>6.1} s {:>8}",
        longest.as_secs_f64(),
        load_average()
    );
}

fn measure(
    runtime: &Runtime,
    server: &Server,
    migration: &str,
    pools: [Option<u32>; 2],
    seed: u64,
) -> Gates {
    let (base, candidate) = (project(""), project(migration));
    let base = Base::Project {
        name: "base".to_owned(),
        project: base,
        setting: pools[0].map(|size| Box::new(setting(Some(size)))),
        unread: None,
    };
    let waiting = pools[1].is_some();
    let asked = Asked {
        load: load::Asked {
            workload: Workload::Given(scenario(waiting)),
            rows: 5_000,
            tables: BTreeMap::new(),
            scale: 1,
            seed,
            tries: 1,
            think: Duration::ZERO,
            warmup: Duration::ZERO,
            end: End::Operations(1),
            statement_timeout: Duration::from_secs(30),
            soft_deletes: BTreeMap::new(),
            settings: vec![setting(pools[1])],
            rounds: 1,
            advise: None,
            storms: Vec::new(),
            worker: None,
            start_at: None,
            bouncer: BouncerFrom::default(),
        },
        base: Some(base),
        tolerances: Tolerances::default(),
        limits: Vec::new(),
        allow: BTreeMap::new(),
        budget: BUDGET,
        timed: true,
        inconclusive: Inconclusive::Undecided,
    };
    runtime.block_on(async {
        let mut databases = Databases::on(server).await.unwrap();
        let (_stop, stopped) = watch::channel(false);
        let gates =
            gate::run(&candidate, server, &mut databases, &asked, stopped, &mut |_| {}).await;
        databases.close().await.unwrap();
        gates.unwrap()
    })
}

/// The base, and what is planted as one more migration.
fn project(migration: &str) -> Project {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("1_base.up.sql", BASE);
    write("1_base.down.sql", "DROP TABLE items, owners CASCADE;");
    if !migration.is_empty() {
        write("2_planted.up.sql", migration);
        write("2_planted.down.sql", "SELECT 1;");
    }
    source::load(folder.path(), None).unwrap()
}

/// The workload; one that waits shows what a pool costs, since two processors are busy sooner than
/// eight connections.
fn scenario(waiting: bool) -> Scenario {
    let asleep: &[(&str, u32, &str)] = &[("asleep", 1, "SELECT pg_sleep(0.003);")];
    let operations = if waiting { asleep } else { OPERATIONS };
    let read = operations
        .iter()
        .map(|(name, weight, text)| script::read(name, *weight, 1, name, text).unwrap());
    Scenario {
        name: "planted".to_owned(),
        origin: "of this benchmark".to_owned(),
        operations: read.collect(),
    }
}

fn setting(pool: Option<u32>) -> Setting {
    Setting {
        name: "as it is".to_owned(),
        users: 8,
        pace: Pace::Closed,
        prepared: true,
        pool: pool.map(|size| PoolSettings {
            max_connections: size,
            kept: size,
            ..PoolSettings::default()
        }),
        profile: None,
        bouncer: None,
        storm: None,
    }
}
