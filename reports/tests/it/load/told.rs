//! What people and CI systems get to see of load.

use insta::assert_snapshot;
use shakedown_reports::Report;
use shakedown_reports::load::{Asked, Cell, Second, ServerMeasured, advise};
use shakedown_reports::model::Outcome;
use shakedown_reports::render::{self, Colour, by_name};
use unicode_width::UnicodeWidthStr;

use super::{cell, done, everything, pooled, report, setup};
use crate::render::{assert_harmless, parsed, without_codes};

fn sweep() -> Report {
    let mut cells = vec![
        pooled(1, 1_000, 60.0, 1.0),
        pooled(2, 1_900, 32.0, 1.05),
        pooled(4, 3_000, 20.0, 1.33),
        pooled(8, 3_950, 14.0, 2.0),
        pooled(16, 4_000, 12.0, 4.0),
        pooled(32, 3_900, 8.0, 8.2),
        pooled(64, 3_500, 0.01, 18.0),
    ];
    cells[0].pool.as_mut().unwrap().timeouts = 17;
    cells[0].operations[0].failed = [("pool-timeout".to_owned(), 17)].into();
    for cell in &mut cells {
        cell.client.cpu_s = 32.0;
        cell.server = Some(ServerMeasured { cpu_s: Some(24.0), ..ServerMeasured::default() });
    }
    let asked = Asked { max_wait_ms: Some(15.0), max_connections: Some(100), reserved: 3 };
    let advice = advise(&cells, &asked);
    let mut report = report(cells);
    report.load.as_mut().unwrap().advice = Some(advice);
    report
}

fn interrupted() -> Report {
    let mut cell = cell(
        "8 users",
        setup(),
        vec![done("sign-in", 12_000, 0.0, 0.5), done("list", 9, 0.0, 2.0)],
    );
    cell.setup.users = 8;
    cell.measured_s = 12.0;
    cell.ended_early = Some("it was interrupted".to_owned());
    let mut report = report(vec![cell]);
    report.outcome = Outcome::Incomplete;
    report
}

#[test]
fn one_cell_with_everything() {
    assert_snapshot!(text(&everything()));
}

#[test]
fn a_plain_cell_is_short() {
    let mut cell = cell("16 users", setup(), vec![done("sign-in", 123_456, 0.0, 2.0)]);
    cell.setup.users = 16;
    assert_snapshot!(text(&report(vec![cell])));
}

#[test]
fn sizes_side_by_side_then_the_bars_the_advice_and_what_speaks_against_it() {
    assert_snapshot!(text(&sweep()));
}

#[test]
fn an_interrupted_run_says_after_what_time() {
    assert_snapshot!(text(&interrupted()));
}

#[test]
fn junit_has_a_case_per_cell() {
    let mut report = sweep();
    report.outcome = Outcome::Found;
    let cells = &mut report.load.as_mut().unwrap().cells;
    cells.truncate(3);
    cells[1].ended_early = Some("it was interrupted".to_owned());
    assert_snapshot!(junit(&report));
    // Failures that are none of the outcome fail nothing.
    report.outcome = Outcome::Held;
    assert!(!junit(&report).contains("<failure"));
    assert_eq!(
        parsed(&junit(&report)).descendants().filter(|n| n.has_tag_name("error")).count(),
        1
    );
}

#[test]
fn the_verdict_comes_last_and_follows_the_outcome() {
    assert_eq!(
        last(&everything()),
        "found: 363 of 115,863 operations failed (57P01: 345, 40001: 12, pool-timeout: 5, XY123: 1)"
    );
    assert_eq!(
        last(&interrupted()),
        "not all could be measured: it was interrupted after 12.0 s, with 12,009 operations done"
    );
    assert_eq!(last(&sweep()), "measured: 7 cells, 637,500 operations in 210 s; take `pool of 8`");
    let one = report(vec![pooled(8, 4_115, 1.0, 1.0)]);
    assert_eq!(last(&one), "measured: 123,450 operations in 30.0 s, 4,115 a second, p99 2.00 ms");
}

#[test]
fn waiting_and_having_a_connection_sum_to_the_response() {
    let told = text(&report(vec![pooled(8, 4_000, 1.25, 3.75)]));
    assert!(
        told.contains(
            "mean of 120,000 operations: 5.00 ms = 1.25 ms waiting (25.0 %) + 3.75 ms with a connection"
        ),
        "{told}"
    );
}

#[test]
fn lines_fit_into_110_columns() {
    for report in [everything(), sweep(), interrupted()] {
        for line in text(&report).lines() {
            assert!(line.width() <= 110, "{} columns: {line}", line.width());
            assert_eq!(line, line.trim_end());
        }
    }
}

#[test]
fn what_has_no_figures_is_no_trouble() {
    let mut empty = cell("nothing", setup(), vec![done("sign-in", 0, 0.0, 0.0)]);
    empty.measured_s = 0.0;
    empty.client.processors = 0;
    empty.server = Some(ServerMeasured::default());
    let told = text(&report(vec![empty.clone()]));
    assert!(told.contains("nothing was done"), "{told}");
    for told in [told, text(&report(vec![empty.clone(), empty])), text(&report(Vec::new()))] {
        assert!(!told.contains("NaN") && !told.contains("inf"), "{told}");
    }
}

#[test]
fn colours_change_nothing_but_the_colour() {
    for report in [everything(), sweep()] {
        let coloured = render::text(&report, Colour::Yes);
        assert!(coloured.contains("\u{1b}["), "{coloured}");
        assert_eq!(without_codes(&coloured), text(&report));
    }
}

#[test]
fn nothing_from_the_project_steers_the_terminal() {
    let mean = "\u{1b}[2J\nmeasured: all is well\u{202e}";
    let spoil = |cell: &mut Cell| {
        cell.name = mean.to_owned();
        cell.remarks = vec![mean.to_owned()];
        cell.setup.storm = Some(mean.to_owned());
        for operation in &mut cell.operations {
            operation.name = mean.to_owned();
            operation.failed = [(mean.to_owned(), 3)].into();
        }
        for outage in &mut cell.outages {
            outage.with = mean.to_owned();
        }
        if let Some(server) = &mut cell.server {
            server.missing = vec![mean.to_owned()];
            for statement in &mut server.statements {
                statement.text = mean.to_owned();
                statement.plan_of = Some(mean.to_owned());
            }
            for wait in &mut server.activity.waits {
                wait.event = mean.to_owned();
            }
        }
    };
    for mut report in [everything(), sweep()] {
        let load = report.load.as_mut().unwrap();
        load.notes = vec![mean.to_owned()];
        load.scenario.name = mean.to_owned();
        load.cells.iter_mut().for_each(spoil);
        if let Some(advice) = &mut load.advice {
            advice.take = Some(mean.to_owned());
            advice.because = vec![mean.to_owned()];
        }
        let told = text(&report);
        assert_harmless(&told);
        let verdicts = told.lines().filter(|line| line.starts_with("measured")).count();
        assert_eq!(verdicts, usize::from(report.outcome == Outcome::Held));
        assert_harmless(&junit(&report));
    }
}

fn text(report: &Report) -> String {
    render::text(report, Colour::No)
}

fn junit(report: &Report) -> String {
    (by_name("junit").unwrap().render)(report, Colour::No)
}

fn last(report: &Report) -> String {
    text(report).lines().last().unwrap().to_owned()
}

#[test]
fn two_rounds_of_a_setting_read_as_one_that_was_longer() {
    let mut both = pooled(4, 1000, 2.0, 1.0);
    both.measured_s = 30.004;
    let tail = Second { at: 30, ..both.seconds[0].clone() };
    both.seconds.push(tail);
    both.append(pooled(4, 2000, 2.0, 3.0));
    assert_eq!(both.done(), 90_000);
    assert_eq!((both.rate() / 1500.0 * 100.0).round(), 100.0);
    assert_eq!(
        both.seconds.iter().map(|one| one.at).collect::<Vec<_>>(),
        (0..60).collect::<Vec<_>>()
    );
    let tail = both.seconds.iter().find(|one| one.at == 30).unwrap();
    assert!(tail.done() > both.seconds[31].done(), "what came late is in the next second");
    let pool = both.pool.unwrap();
    assert_eq!((pool.permit.count(), pool.connects, pool.max_in_use), (90_000, 8, 4));
    assert_eq!((pool.mean_in_use * 10.0).round(), 35.0, "the mean of 1 and 6");
}

#[test]
fn a_single_cell_warns_where_this_program_may_be_the_limit() {
    let mut one = cell("own connections", setup(), vec![done("sign-in", 1_000, 0.0, 1.0)]);
    let said = |cell: &Cell| text(&report(vec![cell.clone()]));
    assert!(!said(&one).contains("warning: "), "{}", said(&one));
    one.client.cpu_s = 50.0;
    assert!(
        said(&one).contains("warning: in `own connections` this program took 83.3 %"),
        "{}",
        said(&one)
    );
}
