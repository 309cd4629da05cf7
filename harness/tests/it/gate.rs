//! Gates on a real server: what is planted is found, and what is the same passes.

mod command;
mod stored;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use shakedown::database::Databases;
use shakedown::error::Result;
use shakedown::gate::{Asked, Base};
use shakedown::load::{self, Setting};
use shakedown::run;
use shakedown::source::{self, Project};
use shakedown_reports::Report;
use shakedown_reports::gate::{Gate, Gates, Inconclusive, Kind, Limit, Tolerances, Verdict};
use shakedown_reports::load::PoolSettings;
use shakedown_reports::model::Outcome;
use shakedown_scenarios::engine::Pace;
use tempfile::TempDir;
use tokio::sync::watch;

use crate::engine::on_threads;
use crate::index::{TURN, asked as index_asked, scenario};
use crate::support::alone;

const SHOP: &str = "
CREATE TABLE goods (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner int NOT NULL,
  name text NOT NULL, seen int NOT NULL DEFAULT 0);
CREATE INDEX goods_owner_idx ON goods (owner);
INSERT INTO goods (owner, name) SELECT n % 500, 'good ' || n FROM generate_series(1, 2000) AS n;
CREATE VIEW newest AS SELECT id FROM goods ORDER BY id DESC LIMIT 1000;
CREATE FUNCTION busy(rounds int) RETURNS bigint LANGUAGE plpgsql AS $$
  DECLARE total bigint := 0;
  BEGIN FOR n IN 1 .. rounds LOOP total := total + n; END LOOP; RETURN total; END $$;
CREATE FUNCTION report() RETURNS bigint LANGUAGE sql AS 'SELECT busy(3000)';
";

const OPERATIONS: &[(&str, u32, &str)] = &[
    ("of-owner", 6, "\\set owner random(0, 499)\nSELECT name FROM goods WHERE owner = :owner;"),
    ("see", 2, "\\set id random(1, 2000)\nUPDATE goods SET seen = seen + 1 WHERE id = :id;"),
    ("newest", 1, "SELECT count(*) FROM newest;"),
    ("report", 1, "SELECT report();"),
];

/// A project of these scripts, numbered from one.
pub(crate) fn project(scripts: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (number, script) in (1..).zip(scripts) {
        let write = |way: &str, text: &str| {
            fs::write(folder.path().join(format!("{number}_step.{way}.sql")), text).unwrap();
        };
        write("up", script);
        write("down", "SELECT 1;");
    }
    folder
}

fn loaded(scripts: &[&str]) -> Project {
    source::load(project(scripts).path(), None).unwrap()
}

fn setting(users: usize, pool: Option<u32>) -> Setting {
    Setting {
        name: "as it is".to_owned(),
        users,
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

/// Counts only, beside a base of these scripts.
fn asked(base: &[&str]) -> Asked {
    let base = Base::Project {
        name: "base".to_owned(),
        project: loaded(base),
        setting: None,
        unread: None,
    };
    Asked {
        load: load::Asked {
            settings: vec![setting(1, None)],
            ..index_asked(scenario(OPERATIONS), 0, Vec::new()).load
        },
        base: Some(base),
        tolerances: Tolerances::default(),
        limits: Vec::new(),
        allow: BTreeMap::new(),
        budget: Duration::from_secs(40),
        timed: false,
        inconclusive: Inconclusive::Undecided,
    }
}

async fn judged(candidate: &[&str], asked: &Asked) -> Result<Gates> {
    Ok(reported(candidate, asked).await?.gates.unwrap())
}

async fn reported(candidate: &[&str], asked: &Asked) -> Result<Report> {
    let _turn = TURN.lock().await;
    let mut databases = Databases::on(alone()).await?;
    let (_stop, stopped) = watch::channel(false);
    let project = loaded(candidate);
    let report = run::gates(&project, alone(), &mut databases, asked, stopped, &mut |_| {}).await;
    databases.close().await?;
    report
}

/// What is worse, as `subject:measure`.
fn worse(gates: &Gates) -> Vec<String> {
    let found = gates.gates.iter().filter(|gate| gate.verdict == Verdict::Regress);
    found
        .map(|gate| format!("{}:{}", gate.subject.as_deref().unwrap_or("all"), gate.measure))
        .collect()
}

#[track_caller]
fn found<'g>(gates: &'g Gates, subject: Option<&str>, measure: &str) -> &'g Gate {
    let wanted = |gate: &&Gate| gate.subject.as_deref() == subject && gate.measure == measure;
    gates.gates.iter().find(wanted).unwrap_or_else(|| panic!("no {measure}: {:?}", gates.gates))
}

#[test]
fn what_is_the_same_passes_with_the_very_same_counts() {
    on_threads(async {
        let gates = judged(&[SHOP], &asked(&[SHOP])).await.unwrap();
        assert_eq!(worse(&gates), [""; 0]);
        assert_eq!(gates.outcome(), Outcome::Held);
        let differ = gates.gates.iter().filter(|gate| gate.base != gate.candidate);
        assert_eq!(differ.count(), 0, "{:?}", gates.gates);
        assert!(gates.gates.len() > 15, "{:?}", gates.gates);
        assert!(gates.notes[0].contains("none is added"), "{:?}", gates.notes);
    });
}

#[test]
fn a_dropped_index_is_found_with_both_plans_and_the_rows_it_reads() {
    on_threads(async {
        let dropped = [SHOP, "DROP INDEX goods_owner_idx;"];
        let gates = judged(&dropped, &asked(&[SHOP])).await.unwrap();
        let worse = worse(&gates);
        for measure in ["buffers", "rows_read", "seq_scans"] {
            assert!(worse.contains(&format!("of-owner:{measure}")), "{worse:?}");
        }
        assert!(worse.iter().all(|one| one.starts_with("of-owner:")), "{worse:?}");
        let rows = found(&gates, Some("of-owner"), "rows_read");
        assert!(rows.base.unwrap() < 50.0 && rows.candidate.unwrap() >= 2_000.0, "{rows:?}");
        assert!(rows.notes[0].contains("goods_owner_idx` and is `"), "{rows:?}");
        assert!(
            gates
                .notes
                .iter()
                .any(|note| note.contains("only in the base: `public.goods_owner_idx` (")),
            "{:?}",
            gates.notes
        );
        assert!(gates.notes[0].contains("`2_step` run over the rows of base"), "{:?}", gates.notes);
    });
}

#[test]
fn an_index_on_an_updated_column_is_found_by_what_writes_cost() {
    on_threads(async {
        let index = [SHOP, "CREATE INDEX goods_seen_idx ON goods (seen);"];
        let gates = judged(&index, &asked(&[SHOP])).await.unwrap();
        let worse = worse(&gates);
        for measure in ["non_hot_updates", "wal_records", "wal_bytes", "buffers"] {
            assert!(worse.contains(&format!("see:{measure}")), "{worse:?}");
        }
        assert!(!worse.iter().any(|one| one.starts_with("of-owner")), "{worse:?}");
    });
}

#[test]
fn one_per_cent_more_is_found_and_can_be_allowed_with_a_reason() {
    on_threads(async {
        let more = [
            SHOP,
            "CREATE OR REPLACE VIEW newest AS SELECT id FROM goods ORDER BY id DESC LIMIT 1010;",
        ];
        let gates = judged(&more, &asked(&[SHOP])).await.unwrap();
        assert_eq!(worse(&gates), ["newest:rows_read"]);
        let reason = "ten more are wanted".to_owned();
        let allow = BTreeMap::from([
            ("newest:rows_read".to_owned(), reason.clone()),
            ("see:wal_bytes".to_owned(), "no longer true".to_owned()),
        ]);
        let gates = judged(&more, &Asked { allow, ..asked(&[SHOP]) }).await.unwrap();
        assert_eq!(gates.outcome(), Outcome::Held);
        let rows = found(&gates, Some("newest"), "rows_read");
        assert_eq!(rows.verdict, Verdict::Allowed { reason });
        assert!(
            gates.notes.contains(&"`see:wal_bytes` is allowed, but is no regression".to_owned()),
            "{:?}",
            gates.notes
        );
    });
}

#[test]
fn an_operation_that_no_longer_works_is_a_regression_and_not_cheap() {
    on_threads(async {
        let renamed = [SHOP, "ALTER TABLE goods RENAME COLUMN name TO title;"];
        let gates = judged(&renamed, &asked(&[SHOP])).await.unwrap();
        assert_eq!(worse(&gates), ["of-owner:failures"]);
        let failures = found(&gates, Some("of-owner"), "failures");
        assert!(failures.notes[0].contains("\"name\""), "{failures:?}");
        let refused = [SHOP, "ALTER TABLE goods ADD CONSTRAINT unseen CHECK (seen = 0) NOT VALID;"];
        let gates = judged(&refused, &asked(&[SHOP])).await.unwrap();
        assert_eq!(worse(&gates), ["see:failures"]);
    });
}

#[test]
fn what_the_base_cannot_do_either_is_left_out() {
    on_threads(async {
        let mut asked = asked(&[SHOP]);
        let mut operations = OPERATIONS.to_vec();
        operations.push(("new", 1, "SELECT colour FROM goods LIMIT 1;"));
        asked.load.workload = load::Workload::Given(scenario(&operations));
        let colour = [SHOP, "ALTER TABLE goods ADD COLUMN colour text;"];
        let gates = judged(&colour, &asked).await.unwrap();
        assert_eq!(worse(&gates), [""; 0]);
        assert!(gates.left_out[0].contains("`new` cannot be done on the base"), "{gates:?}");
        assert_eq!(gates.candidate.operations.len(), OPERATIONS.len());
    });
}

#[test]
fn migrations_that_were_changed_are_made_from_nothing() {
    on_threads(async {
        let changed = SHOP.replace("CREATE INDEX goods_owner_idx ON goods (owner);", "");
        let gates = judged(&[&changed], &asked(&[SHOP])).await.unwrap();
        assert!(gates.notes[0].contains("both schemas were made from nothing"), "{gates:?}");
        assert!(worse(&gates).contains(&"of-owner:rows_read".to_owned()));
    });
}

#[test]
fn a_base_or_a_candidate_that_does_not_apply_is_named() {
    on_threads(async {
        let broken = [SHOP, "CREATE INDEX ON goods (nothing);"];
        let error = judged(&[SHOP], &asked(&broken)).await.unwrap_err().whole();
        assert!(error.contains("the base `base` cannot be made: `2_step`"), "{error}");
        let error = judged(&broken, &asked(&[SHOP])).await.unwrap_err().whole();
        assert!(error.contains("`2_step` cannot be applied to tables with rows"), "{error}");
    });
}

#[test]
fn several_times_the_work_that_nobody_counts_is_found_by_the_clock() {
    on_threads(async {
        let slower = [
            SHOP,
            "CREATE OR REPLACE FUNCTION report() RETURNS bigint LANGUAGE sql AS 'SELECT busy(30000)';",
        ];
        let gates = judged(&slower, &Asked { timed: true, ..asked(&[SHOP]) }).await.unwrap();
        let report = found(&gates, Some("report"), "time");
        assert_eq!((report.kind, &report.verdict), (Kind::Time, &Verdict::Regress), "{report:?}");
        assert!(report.ratio.unwrap().median > 2.0, "{report:?}");
        let counts = gates.gates.iter().filter(|gate| gate.kind == Kind::Counter);
        assert!(counts.clone().all(|gate| gate.verdict == Verdict::Pass), "{:?}", worse(&gates));
        let floor = gates.floor.unwrap();
        assert!(floor.low < 1.3 && floor.high > 0.7 && floor.of >= 8, "{floor:?}");
        assert!(gates.candidate.times["report"] > 2.0 * gates.base.unwrap().times["report"]);
    });
}

#[test]
fn a_pool_that_is_far_too_small_is_found_and_says_both_sizes() {
    on_threads(async {
        let mut asked = Asked { timed: true, budget: Duration::from_secs(20), ..asked(&[SHOP]) };
        let asleep = scenario(&[("asleep", 1, "SELECT pg_sleep(0.01);")]);
        asked.load.workload = load::Workload::Given(asleep);
        asked.load.settings = vec![setting(8, Some(1))];
        let Some(Base::Project { setting: of_base, .. }) = &mut asked.base else { panic!() };
        *of_base = Some(Box::new(setting(8, Some(8))));
        let gates = judged(&[SHOP], &asked).await.unwrap();
        let pool = found(&gates, None, "response with the pool");
        assert_eq!(pool.verdict, Verdict::Regress, "{pool:?}");
        assert!(pool.ratio.unwrap().median > 3.0, "{pool:?}");
        assert!(pool.notes[0].contains("8 users and 8 connections"), "{pool:?}");
        assert!(pool.notes[0].contains("8 users and 1 connections"), "{pool:?}");
    });
}

#[test]
fn limits_are_judged_by_counts_and_by_a_load() {
    on_threads(async {
        let limits = [
            "buffers(of-owner) < 60",
            "rows_read(newest) <= 500",
            "error_share == 0%",
            "p99 < 10min",
            "timeouts > 3",
            "size(public.goods) < 1GB",
            "migration_time < 5min",
        ];
        let mut asked = asked(&[SHOP]);
        asked.limits = limits.iter().map(|text| Limit::parse(text).unwrap()).collect();
        asked.load.end = shakedown_scenarios::engine::End::Operations(200);
        asked.load.settings = vec![setting(2, None)];
        let column = [SHOP, "ALTER TABLE goods ADD COLUMN colour text;"];
        let gates = judged(&column, &asked).await.unwrap();
        let told: Vec<_> = gates
            .gates
            .iter()
            .filter(|gate| gate.kind == Kind::Limit)
            .map(|gate| (gate.measure.as_str(), gate.verdict == Verdict::Pass))
            .collect();
        assert_eq!(
            told,
            limits.map(|text| {
                (text, !matches!(text, "rows_read(newest) <= 500" | "timeouts > 3"))
            })
        );
        let p99 = found(&gates, None, "p99 < 10min");
        assert!(p99.of >= 200 && p99.candidate.unwrap() > 0.0, "{p99:?}");
    });
}

#[test]
fn a_pool_on_which_users_wait_in_vain_is_worse_and_not_faster() {
    on_threads(async {
        let mut asked = Asked { timed: true, budget: Duration::from_secs(20), ..asked(&[SHOP]) };
        let asleep = scenario(&[("asleep", 1, "SELECT pg_sleep(0.01);")]);
        asked.load.workload = load::Workload::Given(asleep);
        let mut impatient = setting(8, Some(1));
        impatient.pool.as_mut().unwrap().acquire_timeout_ms = 2;
        asked.load.settings = vec![impatient];
        let Some(Base::Project { setting: of_base, .. }) = &mut asked.base else { panic!() };
        *of_base = Some(Box::new(setting(8, Some(8))));
        let gates = judged(&[SHOP], &asked).await.unwrap();
        let pool = found(&gates, None, "failures with the pool");
        assert_eq!(pool.verdict, Verdict::Regress, "{pool:?}");
        assert!(pool.candidate.unwrap() > 20.0 && pool.base.unwrap() < 1.0, "{pool:?}");

        // What there was no time for is not decided.
        asked.budget = Duration::from_millis(1);
        let gates = judged(&[SHOP], &asked).await.unwrap();
        let pool = found(&gates, None, "response with the pool");
        assert_eq!(pool.verdict, Verdict::Inconclusive, "{pool:?}");
        assert_eq!(gates.outcome(), Outcome::Incomplete);

        // Nor is a pool of which one side is not known.
        let Some(Base::Project { unread, .. }) = &mut asked.base else { panic!() };
        *unread = Some("the shakedown.toml of `base` cannot be read: no".to_owned());
        let gates = judged(&[SHOP], &asked).await.unwrap();
        assert!(gates.gates.iter().all(|gate| !gate.measure.contains("pool")), "{gates:?}");
        let told = "users on a pool, since the shakedown.toml of `base` cannot be read: no";
        assert!(gates.left_out.contains(&told.to_owned()), "{:?}", gates.left_out);
    });
}

#[test]
fn what_fails_is_neither_cheap_nor_fast() {
    on_threads(async {
        let broken = ("broken", 1, "SELECT 1 / (count(*) - count(*)) FROM goods;");
        let limits = ["p99(broken) < 50ms", "buffers(broken) < 10", "error_share(broken) == 0%"];
        let mut asked = asked(&[SHOP]);
        asked.limits = limits.iter().map(|text| Limit::parse(text).unwrap()).collect();
        asked.load.end = shakedown_scenarios::engine::End::Operations(50);

        // With others that work it is told, and its limits are not decided.
        let works = OPERATIONS[0];
        asked.load.workload = load::Workload::Given(scenario(&[works, broken]));
        let gates = judged(&[SHOP], &asked).await.unwrap();
        let verdict = |measure| found(&gates, Some("broken"), measure).verdict.clone();
        assert_eq!(verdict(limits[0]), Verdict::Inconclusive);
        assert_eq!(verdict(limits[1]), Verdict::Inconclusive);
        assert_eq!(verdict(limits[2]), Verdict::Regress);
        let told = "`broken` fails on both sides, which is compared with nothing: division by zero";
        assert!(gates.left_out.iter().any(|one| one.starts_with(told)), "{:?}", gates.left_out);

        // Without a base it is found, so that nobody takes the report for a good base.
        let alone = Asked { base: None, limits: Vec::new(), ..asked.clone() };
        let gates = judged(&[SHOP], &alone).await.unwrap();
        assert_eq!(worse(&gates), ["broken:failures"]);
        assert_eq!(gates.outcome(), Outcome::Found);

        // Alone there is nothing to be counted.
        asked.load.workload = load::Workload::Given(scenario(&[broken]));
        let error = judged(&[SHOP], &asked).await.unwrap_err().whole();
        assert!(error.contains("no operation of `test` can be done: division by zero"), "{error}");
    });
}

#[test]
fn a_limit_does_not_hide_what_was_found() {
    on_threads(async {
        let mut asked = asked(&[SHOP]);
        let limits = ["p99 < 10min", "p99(of-owner) < 10min"];
        asked.limits = limits.iter().map(|text| Limit::parse(text).unwrap()).collect();
        asked.load.end = shakedown_scenarios::engine::End::Operations(50);
        let renamed = [SHOP, "ALTER TABLE goods RENAME COLUMN name TO title;"];
        let gates = judged(&renamed, &asked).await.unwrap();
        assert_eq!(worse(&gates), ["of-owner:failures"]);
        assert_eq!(found(&gates, None, limits[0]).verdict, Verdict::Pass, "of those that work");
        let own = found(&gates, Some("of-owner"), limits[1]);
        assert_eq!(own.verdict, Verdict::Inconclusive, "{own:?}");
    });
}

#[test]
fn limits_that_say_nothing_are_told_and_never_pass_alone() {
    on_threads(async {
        let mut asked = Asked { base: None, ..asked(&[SHOP]) };
        asked.limits = vec![Limit::parse("migration_time < 1ms").unwrap()];
        let gates = judged(&[SHOP], &asked).await.unwrap();
        assert!(gates.left_out[0].starts_with("`migration_time < 1ms`, since no such migration"));
        assert_eq!(gates.outcome(), Outcome::Incomplete);
        asked.limits = vec![Limit::parse("migration_time(typo) < 1ms").unwrap()];
        let error = judged(&[SHOP], &asked).await.unwrap_err();
        assert!(error.whole().contains("there is no `typo`"), "{error}");

        // All relations together, one with a name of its own, and what is kept outside of a table.
        let large = [
            SHOP,
            "CREATE INDEX \"BigIdx\" ON goods (owner, id); ALTER TABLE goods ADD COLUMN large text; \
             UPDATE goods SET large = (SELECT string_agg(md5(random()::text), '') \
               FROM generate_series(1, 100)) WHERE id <= 200;",
        ];
        let limits = ["size(public.\"BigIdx\") > 1kB", "size > 1kB", "size(public.goods) > 600kB"];
        let limits = limits.map(|text| Limit::parse(text).unwrap()).to_vec();
        let asked = Asked { limits, ..self::asked(&[SHOP]) };
        let gates = judged(&large, &asked).await.unwrap();
        let told = gates.gates.iter().filter(|gate| gate.kind == Kind::Limit);
        assert!(told.clone().all(|gate| gate.verdict == Verdict::Pass), "{:?}", gates.gates);
        assert_eq!(told.count(), 3);
    });
}

#[test]
fn a_limit_on_what_is_not_there_is_refused_before_anything_is_measured() {
    on_threads(async {
        let mut asked = asked(&[SHOP]);
        asked.limits = vec![Limit::parse("buffers(off-owner) < 60").unwrap()];
        let error = judged(&[SHOP], &asked).await.unwrap_err();
        assert!(error.whole().contains("there is no `off-owner`"), "{error}");
        assert_eq!(error.hint_text(), Some("there are of-owner, see, newest, report"));
    });
}

/// Writes what criterion would have saved.
fn save(folder: &Path, name: &str, median: f64) {
    fs::create_dir_all(folder.join(name)).unwrap();
    let (low, high) = (median * 0.99, median * 1.01);
    let estimates = format!(
        r#"{{"median":{{"confidence_interval":{{"confidence_level":0.95,"lower_bound":{low},
        "upper_bound":{high}}},"point_estimate":{median},"standard_error":1.0}}}}"#
    );
    fs::write(folder.join(name).join("estimates.json"), estimates).unwrap();
    fs::write(folder.join(name).join("sample.json"), r#"{"times":[1.0,2.0,3.0]}"#).unwrap();
}

#[test]
fn what_criterion_saved_gets_a_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for (benchmark, base, new) in [("parse/small", 100.0, 130.0), ("parse/large", 100.0, 101.0)] {
        save(&root.join(benchmark), "main", base);
        save(&root.join(benchmark), "new", new);
    }
    save(&root.join("fresh"), "new", 5.0);
    let report =
        run::criterion(root, "main", 0.05, &BTreeMap::new(), Inconclusive::Undecided).unwrap();
    let gates = report.gates.unwrap();
    assert_eq!(report.outcome, Outcome::Found);
    assert_eq!(worse(&gates), ["parse/small:time"]);
    assert_eq!((gates.gates.len(), gates.gates[0].of), (2, 3));
    assert_eq!(gates.left_out, ["`fresh` has no baseline `main`"]);
    let refused = |folder: &Path, name: &str| {
        let error = run::criterion(folder, name, 0.05, &BTreeMap::new(), Inconclusive::Undecided)
            .unwrap_err();
        format!("{}\n{}", error.whole(), error.hint_text().unwrap_or_default())
    };
    let error = refused(root, "mian");
    assert!(error.contains("no benchmark in") && error.contains("there are: main"), "{error}");
    let allow = BTreeMap::from([("parse/small:time".to_owned(), "wanted".to_owned())]);
    let report = run::criterion(root, "main", 0.05, &allow, Inconclusive::Undecided).unwrap();
    assert_eq!(report.outcome, Outcome::Held);
    let error = refused(&root.join("no"), "main");
    assert!(error.contains("--criterion target/criterion"), "{error}");
}
