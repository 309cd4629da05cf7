//! What an earlier report measured, as a base.

use std::collections::BTreeMap;
use std::time::Duration;

use shakedown::gate::{Asked, Base};
use shakedown::load;
use shakedown_reports::Report;
use shakedown_reports::gate::Kind;
use shakedown_reports::model::Outcome;

use super::{OPERATIONS, SHOP, asked, found, judged, reported, worse};
use crate::engine::on_threads;

/// With times, of which a few turns are enough to tell twice as long.
fn timed() -> Asked {
    Asked { timed: true, budget: Duration::from_secs(12), ..asked(&[SHOP]) }
}

/// Counts and times, beside a stored report.
fn since(report: Report) -> Asked {
    let base = Base::Stored { name: "b.json".to_owned(), report: Box::new(report) };
    let mut asked = Asked { base: Some(base), ..timed() };
    // What is compared is what the report says, whatever the workload is now.
    asked.load.workload = load::Workload::Derived;
    asked
}

#[test]
fn times_of_a_stored_report_tell_what_takes_twice_as_long_on_the_same_machine() {
    on_threads(async {
        let alone = Asked { base: None, ..timed() };
        let stored = reported(&[SHOP], &alone).await.unwrap();
        let then = stored.gates.as_ref().unwrap().candidate.times.clone();
        assert_eq!(then.len(), OPERATIONS.len(), "{then:?}");

        let gates = judged(&[SHOP], &since(stored.clone())).await.unwrap();
        assert_eq!(worse(&gates), [""; 0]);
        let time = found(&gates, None, "time");
        let share = [("of-owner", 0.6), ("see", 0.2), ("newest", 0.1), ("report", 0.1)];
        let before: f64 = share.iter().map(|(name, share)| share * then[*name]).sum();
        assert!((time.base.unwrap() / before - 1.0).abs() < 1e-9, "{before} {time:?}");
        assert!(time.notes[0].starts_with("not in turns but at two moments"), "{time:?}");
        assert_eq!(gates.base.as_ref().unwrap().times, then);

        // No count tells of the rounds of a loop.
        let slow = SHOP.replace("busy(3000)", "busy(600000)");
        let gates = judged(&[&slow], &since(stored.clone())).await.unwrap();
        assert_eq!(worse(&gates), ["all:time"], "{gates:?}");

        let not_compared = async |report: Report, why: &str| {
            let gates = judged(&[SHOP], &since(report)).await.unwrap();
            assert!(gates.gates.iter().all(|gate| gate.kind == Kind::Counter), "{gates:?}");
            assert!(gates.left_out.iter().any(|told| told.contains(why)), "{:?}", gates.left_out);
        };
        let mut elsewhere = stored.clone();
        elsewhere.environment.as_mut().unwrap().processor = Some("A Fast One".to_owned());
        not_compared(elsewhere, "measured on another machine (A Fast One, ").await;
        let mut otherwise = stored.clone();
        otherwise.server.settings.insert("shared_buffers".to_owned(), "1GB".to_owned());
        not_compared(otherwise, "measured on another server (embedded 16").await;
        let unknown = Report { environment: None, ..stored.clone() };
        not_compared(unknown, "does not say on which machine").await;
        let mut fewer = stored;
        fewer.gates.as_mut().unwrap().candidate.times.remove("see");
        not_compared(fewer, "`see` has none there").await;
    });
}

#[test]
fn a_stored_report_is_a_base_for_counts() {
    on_threads(async {
        let alone = Asked { base: None, ..asked(&[SHOP]) };
        let stored = reported(&[SHOP], &alone).await.unwrap();
        // As a file has it.
        let text = serde_json::to_string(&stored).unwrap();
        let stored: Report = serde_json::from_str(&text).unwrap();
        let against = |report: Report, seed: u64| {
            let mut asked = since(report);
            asked.load.seed = seed;
            asked
        };
        let gates = judged(&[SHOP], &against(stored.clone(), 1)).await.unwrap();
        assert_eq!((worse(&gates), gates.outcome()), (vec![], Outcome::Held));
        assert!(gates.gates.iter().all(|gate| gate.kind == Kind::Counter));
        let told = "times of `b.json` are not compared, since it holds none";
        assert!(gates.left_out[0].starts_with(told), "{gates:?}");
        let dropped = SHOP.replace("CREATE INDEX goods_owner_idx ON goods (owner);", "");
        let gates = judged(&[&dropped], &against(stored.clone(), 1)).await.unwrap();
        assert!(worse(&gates).contains(&"of-owner:rows_read".to_owned()), "{gates:?}");

        let refused = async |report: Report, seed: u64| {
            judged(&[SHOP], &against(report, seed)).await.unwrap_err().whole()
        };
        let error = refused(stored.clone(), 2).await;
        assert!(error.contains("`b.json` was counted with seed 1, and this is 2"), "{error}");
        let mut other = stored.clone();
        other.gates.as_mut().unwrap().rows.insert("public.goods".to_owned(), 7);
        let error = refused(other, 1).await;
        assert!(error.contains("with 7 rows in public.goods, and now there are 2000"), "{error}");
        let mut other = stored.clone();
        other.gates.as_mut().unwrap().rows = BTreeMap::from([("public.cats".to_owned(), 7)]);
        let error = refused(other, 1).await;
        assert!(error.contains("is of another project"), "{error}");
        let mut old = stored.clone();
        old.server.version = "13.1".to_owned();
        let error = refused(old, 1).await;
        assert!(error.contains("was counted on PostgreSQL 13.1, and this is 16"), "{error}");
        let mut cut_off = stored.clone();
        cut_off.gates.as_mut().unwrap().incomplete = Some("the run was ended early".to_owned());
        let gates = judged(&[SHOP], &against(cut_off, 1)).await.unwrap();
        let told = "`b.json` is not whole: the run was ended early";
        assert!(gates.notes.contains(&told.to_owned()), "{:?}", gates.notes);
        let mut none = stored.clone();
        none.gates.as_mut().unwrap().scenario = None;
        let error = refused(none, 1).await;
        assert!(error.contains("does not say which scenario was counted"), "{error}");
        let error = refused(Report { gates: None, ..stored }, 1).await;
        assert!(error.contains("holds nothing that was counted"), "{error}");
    });
}
