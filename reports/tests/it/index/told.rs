//! What people and CI systems get to see of index strategies.

use insta::assert_snapshot;
use shakedown_reports::Report;
use shakedown_reports::index::{Indexes, Origin, Standing, Strategy, Timed, Turn, stand};
use shakedown_reports::render::{self, Colour, by_name};
use unicode_width::UnicodeWidthStr;

use super::{everything, interval, measured, report, strategy, with};
use crate::render::{assert_harmless, parsed, without_codes};

fn text(report: &Report) -> String {
    render::text(report, Colour::No)
}

fn junit(report: &Report) -> String {
    (by_name("junit").unwrap().render)(report, Colour::No)
}

fn last(report: &Report) -> String {
    text(report).lines().last().unwrap().to_owned()
}

/// The report after a change to it, with the outcome that follows.
fn changed(mut report: Report, change: impl FnOnce(&mut Indexes)) -> Report {
    let indexes = report.indexes.as_mut().unwrap();
    change(indexes);
    report.outcome = indexes.outcome();
    report
}

/// An index that saves two hundredths of the work, and one that saves none.
fn nothing_worth_it() -> Report {
    let mut strategies = vec![
        measured(
            strategy("items_id_idx", Standing::Front),
            with([120, 3, 21, 16], "Seq Scan items", None),
            286_720,
        ),
        measured(
            strategy("items_title_idx", Standing::Front),
            with([117, 3, 19, 15], "Seq Scan items", None),
            286_720,
        ),
    ];
    stand(&mut strategies, &[]);
    report(strategies, None)
}

fn failing() -> Report {
    changed(nothing_worth_it(), |indexes| {
        let failing = &mut indexes.base[2];
        failing.failed = 100;
        failing.failure = Some("column \"titel\" does not exist".to_owned());
    })
}

#[test]
fn an_advice_comes_with_its_reasons_figures_plans_and_scripts() {
    assert_snapshot!(text(&everything()));
}

#[test]
fn where_nothing_is_worth_it_the_verdict_says_what_came_closest() {
    assert_snapshot!(text(&nothing_worth_it()));
}

#[test]
fn an_operation_that_fails_is_told_with_its_counts_and_in_the_verdict() {
    assert_snapshot!(text(&failing()));
}

#[test]
fn the_verdict_comes_last_and_follows_the_outcome() {
    assert_eq!(
        last(&everything()),
        "advised: `items_owner_id_idx` and `drop items_title_idx`, which save 88.4 % of the work; \
         5 strategies measured, 2 not"
    );
    assert_eq!(
        last(&nothing_worth_it()),
        "keep the schema as it is: `items_title_idx` saves most, 1.6 % of the work, which is too \
         little; 2 strategies measured"
    );
    assert_eq!(
        last(&failing()),
        "found: `create` failed 100 of 100 times: column \"titel\" does not exist"
    );
    let ended = changed(everything(), |indexes| {
        indexes.incomplete = Some("the run was ended early".to_owned());
    });
    assert!(
        last(&ended).starts_with("not all could be tried: the run was ended early; `items_owner"),
        "{}",
        last(&ended)
    );
    let given = changed(everything(), |indexes| {
        for one in &mut indexes.strategies {
            if one.name == "items_title_trgm_idx" {
                one.origin = Origin::Given;
            }
        }
    });
    assert_eq!(
        last(&given),
        "not all could be tried: `items_title_trgm_idx`: type \"gin_trgm\" does not exist"
    );
}

#[test]
fn without_an_advice_the_verdict_says_what_speaks_against_the_best() {
    let best = |change: fn(&mut Strategy)| {
        let mut best = measured(
            strategy("best", Standing::Front),
            with([60, 3, 19, 15], "Seq Scan items", None),
            -163_840,
        );
        change(&mut best);
        last(&report(vec![best], None))
    };
    let kept = best(|one| one.keep = Some("it serves `items_category_id_fkey`".to_owned()));
    assert!(kept.contains("of the work, but it serves `items_category_id_fkey`;"), "{kept}");
    let slower = best(|one| {
        one.timed = Some(Timed { all: interval(1.1, 1.2, 1.3), reads: None, writes: None });
    });
    assert!(slower.contains("of the work, but takes more time;"), "{slower}");
    let noted = best(|_| {});
    assert!(noted.contains("the notes above say why not"), "{noted}");
    assert_eq!(
        last(&report(Vec::new(), None)),
        "keep the schema as it is: nothing saves any work; 0 strategies measured"
    );
}

#[test]
fn an_advice_says_where_it_turns_and_what_the_clock_sees() {
    let advised = |turn: Turn, [low, median, high]: [f64; 3]| {
        text(&changed(everything(), |indexes| {
            let advice = indexes.advice.as_mut().unwrap();
            advice.effect.turn = turn;
            advice.timed =
                Some(Timed { all: interval(low, median, high), reads: None, writes: None });
        }))
    };
    for (turn, times, said) in [
        (
            Turn::Below { share: 0.8 },
            [0.9, 1.0, 1.1],
            "worth it while less than 80.0 % of all operations write; 30.0 % do now; the clock sees \
             no difference",
        ),
        (
            Turn::Above { share: 0.2 },
            [0.8, 0.9, 0.99],
            "worth it while more than 20.0 % of all operations write; 30.0 % do now; the clock sees \
             it too",
        ),
        (
            Turn::Always,
            [1.01, 1.1, 1.2],
            "worth it at any share of writes; 30.0 % of all operations write; but by the clock it \
             is slower",
        ),
    ] {
        let told = advised(turn, times);
        let flat = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(said), "{told}");
    }
}

#[test]
fn of_reads_alone_nothing_is_claimed_about_writes() {
    let told = text(&changed(everything(), |indexes| {
        indexes.base.retain(|one| !one.writes);
        indexes.write_share = 0.0;
    }));
    assert!(told.contains("nothing writes in this workload"), "{told}");
    assert!(told.contains("what writes would pay is not known"), "{told}");
    assert!(!told.contains("worth it"), "{told}");
}

#[test]
fn a_long_plan_folds() {
    let told = text(&changed(everything(), |indexes| {
        indexes.base[0].plans[0].tree = (0..40).map(|at| format!("node {at}")).collect();
    }));
    assert!(told.contains("  - node 15\n  - ... 24 more lines\n  + Limit"), "{told}");
}

#[test]
fn lines_but_that_of_the_verdict_fit_into_110_columns() {
    for report in [everything(), nothing_worth_it(), failing()] {
        let told = text(&report);
        for line in told.trim_end().lines().rev().skip(1) {
            assert!(line.width() <= 110, "{} columns: {line}", line.width());
            assert_eq!(line, line.trim_end());
        }
    }
}

#[test]
fn junit_has_a_case_per_operation_and_per_strategy() {
    let mut report = failing();
    report.indexes.as_mut().unwrap().strategies.extend(everything().indexes.unwrap().strategies);
    assert_snapshot!(junit(&report));
    assert_eq!(tags(&report), (1, 0, 3));
    // What the user asked for and cannot be made is an error, and no failure of the project.
    let given = changed(everything(), |indexes| {
        indexes.strategies.iter_mut().for_each(|one| one.origin = Origin::Given);
    });
    assert_eq!(tags(&given), (0, 1, 2));
}

/// How many failures, errors and skipped cases there are.
fn tags(report: &Report) -> (usize, usize, usize) {
    let xml = junit(report);
    let parsed = parsed(&xml);
    let count = |name: &str| parsed.descendants().filter(|node| node.has_tag_name(name)).count();
    (count("failure"), count("error"), count("skipped"))
}

#[test]
fn colours_change_nothing_but_the_colour() {
    for report in [everything(), nothing_worth_it(), failing()] {
        let coloured = render::text(&report, Colour::Yes);
        assert!(coloured.contains("\u{1b}["), "{coloured}");
        assert_eq!(without_codes(&coloured), text(&report));
    }
}

#[test]
fn nothing_from_the_project_steers_the_terminal_or_passes_for_the_verdict() {
    let mean = "\u{1b}[2J\nadvised: all is well\u{202e}".to_owned();
    let spoilt = changed(everything(), |indexes| {
        indexes.scenario.name.clone_from(&mean);
        indexes.left_out = vec![mean.clone()];
        indexes.notes = vec![mean.clone()];
        for one in &mut indexes.base {
            one.name.clone_from(&mean);
            for plan in &mut one.plans {
                plan.shape.clone_from(&mean);
                plan.tree = vec![mean.clone()];
            }
        }
        for one in &mut indexes.strategies {
            one.name.clone_from(&mean);
            one.create = vec![mean.clone()];
            one.because = vec![mean.clone()];
            one.keep = Some(mean.clone());
        }
        let advice = indexes.advice.as_mut().unwrap();
        advice.up = vec![mean.clone()];
        advice.down = vec![mean.clone()];
        for step in &mut advice.steps {
            step.name.clone_from(&mean);
            step.because.clone_from(&mean);
        }
    });
    let told = text(&spoilt);
    assert_harmless(&told);
    assert_eq!(told.lines().filter(|line| line.starts_with("advised")).count(), 1, "{told}");
    assert_harmless(&junit(&spoilt));
}
