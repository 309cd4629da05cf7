//! Index strategies on a real server: what is counted, what is found, and what is advised.

mod command;
mod proposals;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use shakedown::catalog::Name;
use shakedown::database::Databases;
use shakedown::error::Result;
use shakedown::index::{self, Asked, Proposal};
use shakedown::invariants::report::Subject;
use shakedown::load::{self, BouncerFrom, Target, Workload};
use shakedown::source;
use shakedown_reports::index::{Counted, Counters, Indexes, Standing, Strategy};
use shakedown_scenarios::engine::End;
use shakedown_scenarios::{Scenario, script};
use tempfile::TempDir;
use tokio::sync::{Mutex, watch};

use crate::engine::on_threads;
use crate::support::{alone, block_on};

/// One experiment at a time: each makes the shared server quiet while it counts.
pub(crate) static TURN: Mutex<()> = Mutex::const_new(());

/// A project whose only migration is this.
pub(crate) fn project(sql: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("1_schema.up.sql"), sql).unwrap();
    fs::write(folder.path().join("1_schema.down.sql"), "DROP SCHEMA public CASCADE").unwrap();
    folder
}

/// Operations by name, weight and script.
pub(crate) fn scenario(operations: &[(&str, u32, &str)]) -> Scenario {
    let one = |(name, weight, text): &(&str, u32, &str)| {
        script::read(name, *weight, 1, &format!("{name}.sql"), text).unwrap()
    };
    Scenario {
        name: "test".to_owned(),
        origin: "written in a test".to_owned(),
        operations: operations.iter().map(one).collect(),
    }
}

/// What is asked where only counts are wanted, and there is time enough.
pub(crate) fn asked(scenario: Scenario, rows: u64, given: Vec<Proposal>) -> Asked {
    Asked {
        load: load::Asked {
            workload: Workload::Given(scenario),
            rows,
            tables: BTreeMap::new(),
            scale: 1,
            seed: 1,
            tries: 1,
            think: Duration::ZERO,
            warmup: Duration::ZERO,
            end: End::Operations(1),
            statement_timeout: Duration::from_secs(20),
            soft_deletes: BTreeMap::new(),
            settings: Vec::new(),
            rounds: 1,
            advise: None,
            storms: Vec::new(),
            worker: None,
            start_at: None,
            bouncer: BouncerFrom::default(),
        },
        given,
        propose: false,
        drop_unused: false,
        budget: Duration::from_secs(600),
        timed: false,
    }
}

/// Tries strategies on the schema of a migration folder.
pub(crate) async fn tried(folder: &Path, asked: &Asked) -> Result<Indexes> {
    let _turn = TURN.lock().await;
    let project = source::load(folder, None)?;
    let mut databases = Databases::on(alone()).await?;
    let (_stop, stopped) = watch::channel(false);
    let target = Target::Subject(Subject::Project(project));
    let indexes = index::run(&target, alone(), &mut databases, asked, stopped, &mut |_| {}).await;
    databases.close().await?;
    indexes
}

/// The strategy of this name.
#[track_caller]
pub(crate) fn strategy<'a>(indexes: &'a Indexes, name: &str) -> &'a Strategy {
    let found = indexes.strategies.iter().find(|one| one.name == name);
    found.unwrap_or_else(|| {
        let all: Vec<_> = indexes.strategies.iter().map(|one| (&one.name, &one.standing)).collect();
        panic!("no `{name}` in {all:?}")
    })
}

/// The operation of this name.
#[track_caller]
pub(crate) fn operation<'a>(operations: &'a [Counted], name: &str) -> &'a Counted {
    operations.iter().find(|one| one.name == name).unwrap()
}

/// One missing index that matters, one that another makes redundant, one on a column that is
/// updated all the time, one that is better partial, one that the planner has no use for.
const PLANTED: &str = "
CREATE TABLE accounts (
    id bigint PRIMARY KEY,
    email text NOT NULL UNIQUE,
    visits int NOT NULL DEFAULT 0,
    region text NOT NULL
);
CREATE INDEX accounts_email_again_idx ON accounts (email);
CREATE INDEX accounts_visits_idx ON accounts (visits);
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts,
    placed_at timestamptz NOT NULL DEFAULT now(),
    total int NOT NULL
);
CREATE TABLE jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    done_at timestamptz,
    run_at timestamptz NOT NULL,
    payload text NOT NULL
);
INSERT INTO accounts SELECT n, 'a' || n || '@example.com', 0, CASE WHEN n % 20 = 0 THEN 'north' ELSE 'south' END
FROM generate_series(1, 4000) AS n;
INSERT INTO orders (account_id, placed_at, total)
SELECT 1 + n % 4000, timestamptz '2026-01-01' + n * interval '1 minute', n % 100
FROM generate_series(1, 40000) AS n;
INSERT INTO jobs (done_at, run_at, payload)
SELECT CASE WHEN n % 100 > 0 THEN timestamptz '2026-01-01' END,
    timestamptz '2026-01-01' + n * interval '1 second', repeat('x', 50)
FROM generate_series(1, 20000) AS n;
";

fn planted() -> Scenario {
    scenario(&[
        (
            "newest orders",
            30,
            "\\set a random(1, 4000)\nSELECT * FROM orders WHERE account_id = :a ORDER BY placed_at DESC LIMIT 5;\n",
        ),
        (
            "sign in",
            30,
            "\\set a random(1, 4000)\nSELECT id FROM accounts WHERE email = 'a' || :a || '@example.com';\n",
        ),
        (
            "visit",
            20,
            "\\set a random(1, 4000)\nUPDATE accounts SET visits = visits + 1 WHERE id = :a;\n",
        ),
        (
            "next job",
            10,
            "SELECT id, payload FROM jobs WHERE done_at IS NULL ORDER BY run_at LIMIT 1;\n",
        ),
        (
            "finish job",
            5,
            "\\set j random(1, 20000)\nUPDATE jobs SET done_at = now() WHERE id = :j;\n",
        ),
        ("by region", 1, "SELECT count(total) FROM orders WHERE total >= 0;\n"),
    ])
}

#[test]
fn planted_truths_are_found_ranked_and_explained() {
    on_threads(async {
        let folder = project(PLANTED);
        let asked = Asked { drop_unused: true, ..asked(planted(), 0, Vec::new()) };
        let indexes = tried(folder.path(), &asked).await.unwrap();
        let advice = indexes.advice.as_ref().unwrap();
        let steps: Vec<&str> = advice.steps.iter().map(|step| step.name.as_str()).collect();
        let told = format!("{steps:?}");

        // The missing one saves most, and comes first.
        assert!(steps[0].starts_with("orders_account_id_placed_at"), "{told}");
        assert!(advice.steps[0].because.contains("`newest orders` reads"), "{:?}", advice.steps[0]);
        assert!(advice.steps[0].saves > 0.5, "{:?}", advice.steps[0]);

        // A partial one, in the order that is asked for, beats the full one.
        let partial = steps.iter().find(|name| name.starts_with("jobs_")).expect(&told);
        let partial = strategy(&indexes, partial);
        assert!(partial.create[0].contains("(run_at) WHERE done_at IS NULL"), "{partial:?}");
        let full = strategy(&indexes, "jobs_done_at_run_at_idx");
        assert_ne!(full.standing, Standing::Advised);
        let bytes = |strategy: &Strategy| strategy.effect.unwrap().bytes;
        assert!(bytes(partial) * 10 < bytes(full), "{} {}", bytes(partial), bytes(full));

        // What is harmful and what is redundant is dropped.
        assert!(steps.contains(&"drop accounts_visits_idx"), "{told}");
        let harmful = strategy(&indexes, "drop accounts_visits_idx");
        assert!(harmful.because[0].contains("no operation of the workload uses it"), "{harmful:?}");
        let hot = |operations: &[Counted]| operation(operations, "visit").counters.hot_updates;
        assert_eq!(hot(&indexes.base), 0);
        assert!(hot(&harmful.operations) > 0, "updates are HOT without it");
        let redundant = strategy(&indexes, "drop accounts_email_again_idx");
        assert!(
            redundant.because.contains(&"`accounts_email_key` is the same".to_owned()),
            "{redundant:?}"
        );
        assert!(redundant.effect.unwrap().reads.saved() >= 0.0);
        assert!(steps.contains(&"drop accounts_email_again_idx"), "{told}");

        // The planner reads all of a table whatever index there is for it.
        assert_eq!(strategy(&indexes, "orders_total_idx").standing, Standing::Ignored);
        assert!(!steps.contains(&"orders_total_idx"), "{told}");
    });
}

#[test]
fn the_same_strategy_counts_the_same_in_three_runs() {
    on_threads(async {
        let scenario = scenario(&[
            (
                "list",
                5,
                "\\set a key(owners.id)\nSELECT * FROM notes WHERE owner_id = :a ORDER BY made_at DESC LIMIT 10;\n",
            ),
            (
                "add",
                3,
                "\\set a key(owners.id)\n\\set t fake(sentence)\nINSERT INTO notes (owner_id, text) VALUES (:a, :t);\n",
            ),
            (
                "edit",
                2,
                "\\set n key(notes.id)\n\\set t fake(sentence)\nUPDATE notes SET text = :t WHERE id = :n;\n",
            ),
        ]);
        // Random keys, a trigger, a foreign key: what could differ from run to run.
        let folder = project(
            "CREATE TABLE owners (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
             CREATE TABLE notes (
                 id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
                 owner_id uuid NOT NULL REFERENCES owners,
                 text text NOT NULL,
                 made_at timestamptz NOT NULL DEFAULT now(),
                 edited_at timestamptz
             );
             CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN NEW.edited_at := clock_timestamp(); RETURN NEW; END $$;
             CREATE TRIGGER touch BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION touch();",
        );
        let given = index::given::of(
            "newest",
            "CREATE INDEX newest ON notes (owner_id, made_at DESC)",
            None,
        );
        let asked = asked(scenario, 3000, vec![given.unwrap()]);
        let mut runs: Vec<Vec<Counters>> = Vec::new();
        for _ in 0..3 {
            let indexes = tried(folder.path(), &asked).await.unwrap();
            let operations = &strategy(&indexes, "newest").operations;
            assert!(operations.iter().all(|one| one.failed == 0), "{operations:?}");
            runs.push(operations.iter().map(|one| one.counters).collect());
        }
        for run in &runs[1..] {
            for (one, other) in runs[0].iter().zip(run) {
                let close = |one: u64, other: u64| {
                    one.abs_diff(other) as f64 <= 0.001 * one.max(other) as f64
                };
                assert!(close(one.buffers, other.buffers), "{one:?} {other:?}");
                assert!(close(one.wal_records, other.wal_records), "{one:?} {other:?}");
                assert!(close(one.wal_bytes, other.wal_bytes), "{one:?} {other:?}");
                assert_eq!(one.hot_updates, other.hot_updates, "{one:?} {other:?}");
                assert_eq!(one.rows_read, other.rows_read, "{one:?} {other:?}");
                assert_eq!(one.wal_images, 0);
            }
        }
        assert!(runs[0][1].wal_records > 0);
    });
}

#[test]
fn nothing_cleans_up_from_the_first_row_to_the_last_count() {
    /// What the setting is, and whether a process is there that cleans up or starts those.
    fn autovacuum() -> (String, bool) {
        let asked = || {
            block_on(async {
                let mut connection = alone().connect(None).await.unwrap();
                let sql = "SELECT current_setting('autovacuum'), EXISTS (SELECT FROM \
                           pg_stat_activity WHERE backend_type LIKE 'autovacuum %')";
                sqlx::query_as(sql).fetch_one(&mut connection).await.unwrap()
            })
        };
        std::thread::spawn(asked).join().unwrap()
    }
    on_threads(async {
        let _turn = TURN.lock().await;
        let folder = project("CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL);");
        let find = "\\set n key(t.id)\nSELECT name FROM t WHERE id = :n;\n";
        let given = index::given::of("by name", "CREATE INDEX t_name ON t (name)", None).unwrap();
        let asked = asked(scenario(&[("find", 1, find)]), 100, vec![given]);
        let mut databases = Databases::on(alone()).await.unwrap();
        let (_stop, stopped) = watch::channel(false);
        let mut seen = Vec::new();
        // Where it fails, the server gets its settings back all the same.
        for missing in [None, Some((Name::new("public", "missing"), 1))] {
            let (mut asked, works) = (asked.clone(), missing.is_none());
            asked.load.tables.extend(missing);
            let project = source::load(folder.path(), None).unwrap();
            let target = Target::Subject(Subject::Project(project));
            let mut show = |_: index::Event<'_>| seen.push(autovacuum());
            let done =
                index::run(&target, alone(), &mut databases, &asked, stopped.clone(), &mut show);
            assert_eq!(done.await.is_ok(), works);
            // The server reads its settings when it comes to it.
            let since = Instant::now();
            while autovacuum().0 == "off" {
                assert!(since.elapsed() < Duration::from_secs(60), "it stays off");
            }
        }
        assert!(seen.len() > 3, "{seen:?}");
        assert!(seen.iter().all(|one| *one == ("off".to_owned(), false)), "{seen:?}");
        databases.close().await.unwrap();
    });
}

#[test]
fn times_are_measured_in_turns_with_an_interval() {
    on_threads(async {
        let folder = project(
            "CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL);
             INSERT INTO t SELECT n, 'name ' || n FROM generate_series(1, 50000) AS n;",
        );
        let scenario = scenario(&[
            ("find", 1, "\\set n random(1, 50000)\nSELECT id FROM t WHERE name = 'name ' || :n;\n"),
            ("change", 1, "\\set n random(1, 50000)\nUPDATE t SET id = id WHERE id = :n;\n"),
        ]);
        let given = index::given::of("by name", "CREATE INDEX t_name ON t (name)", None).unwrap();
        let asked = Asked {
            timed: true,
            budget: Duration::from_secs(60),
            ..asked(scenario, 0, vec![given])
        };
        let indexes = tried(folder.path(), &asked).await.unwrap();
        let timed = indexes.advice.unwrap().timed.unwrap();
        let (reads, writes) = (timed.reads.unwrap(), timed.writes.unwrap());
        assert!(timed.all.of >= 6, "{timed:?}");
        // Fifty thousand rows or one: no machine is too busy to tell.
        assert!(reads.high < 0.5, "{timed:?}");
        // The index costs the writes something, but nothing like what it saves.
        assert!(writes.median > reads.median, "{timed:?}");
        assert_eq!(writes.of, timed.all.of, "{timed:?}");
    });
}

#[test]
fn what_makes_operations_fail_is_no_gain_and_what_only_harms_shows_its_figures() {
    on_threads(async {
        let folder = project(
            "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
             CREATE INDEX t_name ON t (name);
             INSERT INTO t (name) SELECT 'name ' || n FROM generate_series(1, 20000) AS n;",
        );
        let scenario = scenario(&[
            ("find", 1, "\\set n random(1, 20000)\nSELECT id FROM t WHERE name = 'name ' || :n;\n"),
            ("add", 1, "INSERT INTO t (name) VALUES ('twice');\n"),
        ]);
        let given = [
            index::given::of("unique", "CREATE UNIQUE INDEX t_once ON t (name)", None).unwrap(),
            index::given::of("without", "DROP INDEX t_name", None).unwrap(),
        ];
        let indexes = tried(folder.path(), &asked(scenario, 0, given.to_vec())).await.unwrap();
        let Standing::Failed { message } = &strategy(&indexes, "unique").standing else {
            panic!("{:?}", indexes.strategies)
        };
        assert!(message.starts_with("`add` fails with it: duplicate key value"), "{message}");
        let without = strategy(&indexes, "without");
        assert!(without.effect.unwrap().reads.after > 100.0, "{without:?}");
        assert!(without.drop[0].starts_with("CREATE INDEX t_name ON"), "{without:?}");
        assert_ne!(without.standing, Standing::Ignored);
        assert!(indexes.advice.is_none(), "{:?}", indexes.advice);
    });
}

#[test]
fn partitions_and_odd_names_are_counted_as_the_table_that_they_belong_to() {
    on_threads(async {
        let folder = project(
            "CREATE SCHEMA \"Shop\";
             CREATE TABLE \"Shop\".\"Events\" (id bigint NOT NULL, \"Kind\" int NOT NULL, at date NOT NULL,
                 PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
             CREATE TABLE \"Shop\".ev1 PARTITION OF \"Shop\".\"Events\" FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
             CREATE TABLE \"Shop\".ev2 PARTITION OF \"Shop\".\"Events\" FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
             INSERT INTO \"Shop\".\"Events\" SELECT n, n % 5000, date '2026-01-01' + n % 50 FROM generate_series(1, 30000) AS n;",
        );
        let query =
            "\\set k random(1, 4999)\nSELECT id FROM \"Shop\".\"Events\" WHERE \"Kind\" = :k;\n";
        let scenario = scenario(&[("kind", 1, query)]);
        let indexes = tried(folder.path(), &asked(scenario.clone(), 0, Vec::new())).await.unwrap();
        let advice = indexes.advice.as_ref().unwrap();
        // Not of each partition, and not concurrently, which Postgres refuses there.
        let wanted = "ON \"Shop\".\"Events\" (\"Kind\")";
        assert!(advice.up.len() == 1 && advice.up[0].contains(wanted), "{:?}", advice.up);
        assert!(!advice.up[0].contains("CONCURRENTLY"), "{:?}", advice.up);
        let given = index::given::of(
            "mine",
            "CREATE INDEX by_kind ON \"Shop\".\"Events\" (\"Kind\")",
            None,
        );
        let indexes =
            tried(folder.path(), &asked(scenario, 0, vec![given.unwrap()])).await.unwrap();
        let mine = strategy(&indexes, "mine");
        assert_eq!(mine.tables, ["\"Shop\".\"Events\""]);
        assert_eq!(mine.drop, ["DROP INDEX \"Shop\".by_kind"]);
        assert_eq!(mine.standing, Standing::Advised);
        assert!(mine.effect.unwrap().reads.part() > 0.9, "{mine:?}");
    });
}
