//! Reports of several workers as one.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use shakedown_reports::load::{Cell, Histogram, OperationMeasured, Outage, ServerMeasured};
use shakedown_reports::model::Outcome;
use shakedown_reports::{Report, merge};

use super::{done, everything, pooled, report, setup};

/// The report of worker `k/n` with one cell.
fn worker(number: usize, of: usize, cell: Cell) -> Report {
    let mut report = report(vec![cell]);
    report.load.as_mut().unwrap().worker = Some(format!("{number}/{of}"));
    report
}

fn merged(reports: Vec<Report>) -> Cell {
    merge(reports).unwrap().load.unwrap().cells.remove(0)
}

fn refused(reports: Vec<Report>) -> String {
    merge(reports).unwrap_err()
}

#[test]
fn counts_add_and_what_all_saw_is_taken_once() {
    let mut first = pooled(8, 1_000, 1.0, 2.0);
    first.digest = "ffffffffffffffff".to_owned();
    first.setup.rate = Some(1_000.0);
    first.server = Some(ServerMeasured { cpu_s: Some(1.0), ..ServerMeasured::default() });
    let mut second = pooled(8, 500, 1.0, 2.0);
    second.digest = "0000000000000003".to_owned();
    second.setup.rate = Some(500.0);
    second.setup.users = 32;
    second.measured_s = 31.0;
    second.server = Some(ServerMeasured { cpu_s: Some(2.0), ..ServerMeasured::default() });
    second.remarks = vec!["it was slow".to_owned()];
    let mut late = second.seconds[29].clone();
    late.at = 30;
    second.seconds.push(late);
    let sum = merged(vec![worker(2, 2, second), worker(1, 2, first)]);
    assert_eq!((sum.setup.users, sum.setup.rate), (96, Some(1_500.0)));
    assert_eq!(sum.done(), 45_000);
    assert_eq!(sum.measured_s, 31.0);
    assert_eq!(sum.digest, "0000000000000002");
    assert_eq!(sum.seconds.len(), 31);
    assert_eq!((sum.seconds[0].done(), sum.seconds[0].in_use), (1_500, Some(16)));
    assert_eq!((sum.seconds[30].at, sum.seconds[30].done()), (30, 500));
    assert_eq!((sum.client.cpu_s, sum.client.processors, sum.client.own_count), (12.0, 4, 45_000));
    let pool = sum.pool.unwrap();
    assert_eq!((pool.connects, pool.hold.count(), pool.max_in_use), (16, 45_000, 16));
    assert_eq!(sum.server.unwrap().cpu_s, Some(2.0));
    assert_eq!(sum.remarks[0], "worker 2/2: it was slow");
    assert!(sum.remarks[1].contains("counters are those of worker 2/2"), "{:?}", sum.remarks);
}

#[test]
fn the_worst_outcome_is_that_of_all_and_no_worker_is_named() {
    let mut found = worker(2, 3, pooled(8, 1, 1.0, 1.0));
    found.outcome = Outcome::Found;
    let mut early = worker(3, 3, pooled(8, 1, 1.0, 1.0));
    early.outcome = Outcome::Incomplete;
    early.load.as_mut().unwrap().cells[0].ended_early = Some("it was interrupted".to_owned());
    let sum = merge(vec![worker(1, 3, pooled(8, 1, 1.0, 1.0)), found, early]).unwrap();
    assert_eq!(sum.outcome, Outcome::Found);
    let load = sum.load.unwrap();
    assert_eq!((load.worker, load.advice), (None, None));
    assert_eq!(load.cells[0].ended_early.as_deref(), Some("worker 3/3: it was interrupted"));
    assert_eq!(load.notes, ["measured by 3 workers, whose reports were added"]);
}

#[test]
fn an_outage_that_all_saw_is_one() {
    let with = |outages: &[(f64, Option<f64>)]| {
        let mut cell = pooled(8, 1, 1.0, 1.0);
        cell.outages = outages
            .iter()
            .map(|(from_s, until_s)| Outage {
                from_s: *from_s,
                until_s: *until_s,
                with: "57P01".to_owned(),
                failed: 10,
            })
            .collect();
        cell
    };
    let sum = merged(vec![
        worker(1, 2, with(&[(10.0, Some(12.0)), (20.0, Some(21.0))])),
        worker(2, 2, with(&[(11.0, Some(13.0)), (20.5, None)])),
    ]);
    let times: Vec<(f64, Option<f64>, u64)> =
        sum.outages.iter().map(|one| (one.from_s, one.until_s, one.failed)).collect();
    assert_eq!(times, [(10.0, Some(13.0), 20), (20.0, None, 20)]);
}

#[test]
fn workers_that_are_missing_are_named() {
    let of = |numbers: &[usize]| {
        refused(numbers.iter().map(|at| worker(*at, 4, pooled(8, 1, 1.0, 1.0))).collect())
    };
    assert_eq!(of(&[1, 2, 4]), "the report of worker `3/4` is missing");
    assert_eq!(of(&[2]), "the reports of the workers `1/4`, `3/4`, `4/4` are missing");
    assert_eq!(of(&[1, 2, 2, 3]), "worker `2/4` is there twice");
    let many = refused(vec![worker(1, 4_000_000_000, pooled(8, 1, 1.0, 1.0))]);
    assert!(many.starts_with("the reports of 3999999999 workers are missing, `2/4"), "{many}");
}

#[test]
fn what_are_no_workers_of_one_load_is_refused() {
    let one = || worker(1, 2, pooled(8, 1, 1.0, 1.0));
    let two = |edit: fn(&mut Report)| {
        let mut other = worker(2, 2, pooled(8, 1, 1.0, 1.0));
        edit(&mut other);
        refused(vec![one(), other])
    };
    assert_eq!(refused(Vec::new()), "there is no report to merge; name those of all workers");
    assert!(refused(vec![everything(), one()]).contains("are not of the same load"));
    let load = |report: &mut Report| report.load.take().unwrap();
    let cases = [
        (two(|other| other.load.as_mut().unwrap().worker = None), "--worker k/n"),
        (two(|other| other.load.as_mut().unwrap().worker = Some("3/2".to_owned())), "`3/2` is no"),
        (two(|other| other.schema_version = 2), "version"),
        (two(|other| other.load.as_mut().unwrap().scenario.name.push('2')), "scenario"),
        (two(|other| other.load.as_mut().unwrap().cells.clear()), "number of cells"),
        (two(|other| other.load.as_mut().unwrap().cells[0].name.push('2')), "`pool of 82`"),
        (two(|other| other.load.as_mut().unwrap().cells[0].setup.prepared = false), "settings"),
        (two(|other| other.load.as_mut().unwrap().cells[0].setup.rate = Some(1.0)), "settings"),
        (two(|other| other.load.as_mut().unwrap().cells[0].digest = "x".to_owned()), "digest"),
        (refused(vec![crate::support::held()]), "no load"),
    ];
    for (error, words) in cases {
        assert!(error.contains(words), "{error}");
    }
    assert!(load(&mut one()).worker.is_some());
}

/// Times of one worker, in microseconds, and what failed.
fn share() -> impl Strategy<Value = (Vec<(u32, u32)>, u64)> {
    (vec((0..5_000_000_u32, 1..5_000_000_u32), 0..60), 0..9_u64)
}

fn measured(times: &[(u32, u32)], failed: u64) -> OperationMeasured {
    let mut measured = OperationMeasured::none("sign-in");
    for (wait, query) in times {
        let (wait, query) =
            (Duration::from_micros((*wait).into()), Duration::from_micros((*query).into()));
        measured.done += 1;
        measured.wait.record(wait);
        measured.query.record(query);
        measured.response.record(wait + query);
    }
    if failed > 0 {
        measured.failed = BTreeMap::from([("40001".to_owned(), failed)]);
    }
    measured
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn in_any_order_they_add_to_what_one_would_have_recorded(
        (shares, order) in vec(share(), 1..5)
            .prop_flat_map(|shares| {
                let order: Vec<usize> = (0..shares.len()).collect();
                (Just(shares), Just(order).prop_shuffle())
            })
    ) {
        let reports: Vec<Report> = shares
            .iter()
            .enumerate()
            .map(|(at, (times, failed))| {
                let cell = super::cell("closed", setup(), vec![measured(times, *failed)]);
                worker(at + 1, shares.len(), cell)
            })
            .collect();
        let all: Vec<(u32, u32)> = shares.iter().flat_map(|(times, _)| times.clone()).collect();
        let one = measured(&all, shares.iter().map(|(_, failed)| failed).sum());
        let sum = merge(reports.clone()).unwrap();
        let operation = &sum.load.as_ref().unwrap().cells[0].operations[0];
        prop_assert_eq!((operation.done, &operation.failed), (one.done, &one.failed));
        for of in [
            |one: &OperationMeasured| one.response.clone(),
            |one: &OperationMeasured| one.wait.clone(),
            |one: &OperationMeasured| one.query.clone(),
        ] as [fn(&OperationMeasured) -> Histogram; 3] {
            for part in [0.0, 0.5, 0.9, 0.99, 0.999, 1.0] {
                prop_assert_eq!(of(operation).percentile(part), of(&one).percentile(part));
            }
            prop_assert_eq!(of(operation).count(), of(&one).count());
        }
        let shuffled = order.iter().map(|at| reports[*at].clone()).collect();
        prop_assert_eq!(merge(shuffled).unwrap(), sum);
    }
}

#[test]
fn operations_that_differ_are_refused() {
    let with = |number: usize, name: &str| {
        worker(number, 2, super::cell("closed", setup(), vec![done(name, 1, 0.0, 1.0)]))
    };
    let mut other = with(2, "sign-out");
    other.load.as_mut().unwrap().scenario = with(1, "sign-in").load.unwrap().scenario;
    assert!(refused(vec![with(1, "sign-in"), other]).contains("settings"));
}

#[test]
fn a_trial_of_indexes_is_no_load_and_is_refused_as_such() {
    let told = "a report of `shakedown index` cannot be merged; only those of the workers of one \
                load can, run with `--worker k/n`";
    assert_eq!(refused(vec![crate::index::everything()]), told);
    let one = worker(1, 2, pooled(8, 1_000, 1.0, 2.0));
    assert_eq!(refused(vec![one, crate::index::everything()]), told);
}
