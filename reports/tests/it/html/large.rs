//! Reports of which nobody would read all.

use shakedown_reports::Report;
use shakedown_reports::load::Cell;
use shakedown_reports::model::{Finding, Kept, Verdict};

use super::{html, swept, whole};
use crate::gate::counter;
use crate::index;
use crate::load::{cell, done, setup};
use crate::support::{migration, promise, promises, trace};

/// No page is larger than this.
const MOST: usize = 2_000_000;

/// A long history, many promises, many operations: each far beyond what is shown.
fn large() -> Report {
    let mut report = whole();
    report.migrations = (0..3_420)
        .map(|number| {
            let verdict = if number % 9 == 0 { Verdict::Flawed } else { Verdict::Reversible };
            migration(&format!("{number:05}_a_migration_with_a_rather_long_name"), verdict)
        })
        .collect();
    let findings = report.migrations.iter().filter(|one| one.verdict == Verdict::Flawed);
    let long = "SELECT 'a line of a script that goes on for quite some time', 1;\n".repeat(400);
    report.findings = findings
        .map(|one| Finding { migration: Some(one.id.clone()), mend: Some(long.clone()), ..trace() })
        .collect();
    let invariants = report.invariants.as_mut().unwrap();
    invariants.promises = (0..5_000)
        .map(|number| {
            promise("unique", "public.users", &format!("key_{number}"), Kept::Holds { cases: 7 })
        })
        .collect();
    let operations: Vec<_> =
        (0..60).map(|number| done(&format!("operation {number}"), 3_000, 0.4, 1.2)).collect();
    let one = cell("cell", setup(), operations);
    let cells = (0..20).map(|number| Cell { name: format!("cell {number}"), ..one.clone() });
    report.load.as_mut().unwrap().cells = cells.collect();
    report.gates.as_mut().unwrap().gates = (0..1_000)
        .map(|number| counter(&format!("operation {number}"), "buffers", 24.0, 25.0))
        .collect();
    report
}

#[test]
fn a_huge_report_makes_a_page_that_still_opens_and_says_what_it_leaves_out() {
    let page = html(&large());
    let sizes = page.split("<section id=\"").map(|one| (&one[..12], one.len()));
    assert!(page.len() < MOST, "{} bytes: {:?}", page.len(), sizes.collect::<Vec<_>>());
    for more in ["2,820", "4,700", "880", "4"] {
        let told = format!("and {more} more, which the JSON report has");
        assert!(page.contains(&told), "{told}");
    }
}

#[test]
fn what_is_wrong_is_never_what_is_left_out() {
    let mut report = promises();
    let invariants = report.invariants.as_mut().unwrap();
    let last = invariants.promises.pop().unwrap();
    let many = (0..5_000).map(|number| {
        promise("unique", "public.t", &format!("k{number}"), Kept::Holds { cases: 1 })
    });
    invariants.promises.splice(0..0, many);
    invariants.promises.push(last);
    let broken = promise("cascade", "public.orders", "the_last_one", Kept::Broken);
    invariants.promises.push(broken);
    assert!(html(&report).contains("the_last_one"));
}

#[test]
fn one_very_long_text_is_cut_where_it_stands() {
    let mut report = index::everything();
    report.indexes.as_mut().unwrap().notes = vec!["x".repeat(30_000)];
    let page = html(&report);
    assert!(page.contains("… and 10,000 more characters, which the JSON has"));
    assert!(page.len() < html(&swept()).len() + 100_000);
}
