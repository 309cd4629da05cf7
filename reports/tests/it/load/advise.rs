//! Which size of the pool is recommended, and what is said against it.

use std::collections::BTreeMap;

use shakedown_reports::load::{
    Advice, Asked, Bouncer, Cell, Histogram, PoolSettings, ServerMeasured, Setup, advise,
};

use super::{pool_of, pooled, setup};

/// The curve of a server with two processors: it rises until 8 and falls above 32.
fn curve() -> Vec<Cell> {
    vec![
        pooled(1, 1_000, 60.0, 1.0),
        pooled(2, 1_900, 32.0, 1.05),
        pooled(4, 3_000, 20.0, 1.33),
        pooled(8, 3_950, 14.0, 2.0),
        pooled(16, 4_000, 12.0, 4.0),
        pooled(32, 3_900, 8.0, 8.2),
        pooled(64, 3_500, 0.01, 18.0),
    ]
}

fn advised(cells: &[Cell]) -> Advice {
    advise(cells, &Asked::default())
}

/// The one sentence that holds these words.
fn sentence<'a>(told: &'a [String], words: &str) -> &'a str {
    let mut of = told.iter().filter(|sentence| sentence.contains(words));
    match (of.next(), of.next()) {
        (Some(one), None) => one,
        _ => panic!("not one sentence says `{words}`: {told:#?}"),
    }
}

fn is_silent_of(told: &[String], words: &str) -> bool {
    !told.iter().any(|sentence| sentence.contains(words))
}

/// The cell at this rate instead.
fn at_rate(mut cell: Cell, rate: f64) -> Cell {
    cell.setup.rate = Some(rate);
    cell
}

#[test]
fn the_smallest_pool_within_three_percent_of_the_best_is_taken() {
    let advice = advised(&curve());
    assert_eq!(advice.take.as_deref(), Some("pool of 8"));
    assert_eq!(advice.knee, Some(8));
    let sizes: Vec<u32> = advice.sizes.iter().map(|one| one.size).collect();
    assert_eq!(sizes, [1, 2, 4, 8, 16, 32, 64]);
    assert_eq!(
        advice.because[0],
        "a pool of 8 is the smallest within 3 % of the best rate: 3,950 operations a second \
         (118,500 done), the best is 4,000 with 16; the p99 wait is 14.0 ms"
    );
    assert_eq!(advice.warnings, [""; 0]);
}

#[test]
fn a_limit_for_waiting_takes_a_larger_pool() {
    let asked = Asked { max_wait_ms: Some(10.0), ..Asked::default() };
    let advice = advise(&curve(), &asked);
    assert_eq!(advice.take.as_deref(), Some("pool of 32"));
    let because = "whose p99 wait is within 10.0 ms: 3,900 operations a second";
    assert!(advice.because[0].contains(because), "{}", advice.because[0]);
}

#[test]
fn where_no_size_keeps_the_limit_the_least_wait_is_taken_and_that_is_said() {
    let asked = Asked { max_wait_ms: Some(1.0), ..Asked::default() };
    // A pool of 64 would keep it, but for an eighth of the rate.
    let advice = advise(&curve(), &asked);
    assert_eq!(advice.take.as_deref(), Some("pool of 32"));
    assert!(
        advice.because[0].starts_with(
            "no size within 3 % of the best rate keeps the p99 wait within 1.00 ms; a pool of 32 \
             has the least, 8.0"
        ),
        "{}",
        advice.because[0]
    );
}

#[test]
fn of_equals_the_smallest_is_taken() {
    let cells =
        [pooled(16, 1_000, 1.0, 1.0), pooled(4, 1_000, 1.0, 1.0), pooled(8, 1_000, 1.0, 1.0)];
    let advice = advised(&cells);
    assert_eq!(advice.take.as_deref(), Some("pool of 4"));
    assert_eq!(advice.knee, Some(4));
    assert!(advice.because[0].contains("which is the best"), "{}", advice.because[0]);
}

#[test]
fn just_below_three_percent_is_the_same_and_just_above_is_not() {
    let best = pooled(8, 10_000, 1.0, 1.0);
    let advice = advised(&[pooled(4, 9_700, 1.0, 1.0), best.clone()]);
    assert_eq!(advice.take.as_deref(), Some("pool of 4"));
    let advice = advised(&[pooled(4, 9_699, 1.0, 1.0), best]);
    assert_eq!(advice.take.as_deref(), Some("pool of 8"));
}

#[test]
fn the_best_cell_of_a_size_stands_for_it() {
    let mut never = pooled(4, 2_000, 1.0, 1.0);
    never.name = "pool of 4, never validated".to_owned();
    let cells = [pooled(4, 1_000, 1.0, 1.0), never, pooled(8, 2_001, 1.0, 1.0)];
    let advice = advised(&cells);
    assert_eq!(advice.take.as_deref(), Some("pool of 4, never validated"));
    assert_eq!(advice.sizes.len(), 2);
}

#[test]
fn only_cells_that_can_be_compared_are() {
    let faster = |setup: fn(Setup) -> Setup| {
        let mut cell = pooled(2, 9_000, 0.1, 0.1);
        cell.setup = setup(cell.setup);
        cell
    };
    let mut cells = curve();
    cells.push(faster(|setup| Setup { storm: Some("burst".to_owned()), ..setup }));
    cells.push(faster(|setup| Setup { pool: None, ..setup }));
    cells.push(faster(|setup| Setup { users: 8, ..setup }));
    cells.push(faster(|setup| Setup {
        bouncer: Some(Bouncer {
            version: Some("1.18.0".to_owned()),
            mode: "transaction".to_owned(),
            pool_size: 20,
        }),
        ..setup
    }));
    let mut stopped = pooled(128, 9_000, 0.1, 0.1);
    stopped.ended_early = Some("it was interrupted".to_owned());
    stopped.measured_s = 1.5;
    cells.push(stopped);
    let advice = advised(&cells);
    assert_eq!(advice.take.as_deref(), Some("pool of 8"));
    assert_eq!(
        sentence(&advice.because, "could be compared"),
        "7 of the 12 cells could be compared: those with a pool alone, under 64 users"
    );
    assert_eq!(
        sentence(&advice.warnings, "early"),
        "what ended early is not compared: `pool of 128` (after 1.50 s)"
    );
}

#[test]
fn littles_law_is_the_rate_times_the_time_a_connection_is_held() {
    let advice = advised(&curve());
    let needed = advice.needed.unwrap();
    // 3,950 a second, 2 ms each, with the three digits of a histogram.
    assert!((needed - 7.9).abs() < 0.01, "{needed}");
    assert_eq!(
        sentence(&advice.because, "Little"),
        "by Little's law 7.90 connections are busy on average, which is 98.8 % of 8: 3,950 \
         operations a second, each of which has one for 2.00 ms"
    );
    // In a closed loop users wait for one another, so that this is as it should be.
    assert!(is_silent_of(&advice.warnings, "busy on average"), "{:#?}", advice.warnings);
}

#[test]
fn connections_that_are_too_busy_under_an_open_loop_are_a_warning() {
    let at = |hold: f64| {
        let cells = [8, 16].map(|size| at_rate(pooled(size, 1_000, 0.1, hold), 1_000.0));
        advised(&cells)
    };
    assert!(
        sentence(&at(6.8).warnings, "busy on average").starts_with(
            "85.0 % of the connections are busy on average under 64 users at 1,000 operations a \
             second: above 80 % waits grow"
        ),
        "{:#?}",
        at(6.8).warnings
    );
    assert_eq!(at(6.0).warnings, [""; 0]);
}

#[test]
fn instances_of_the_application_are_counted() {
    let asked = |most: u32| Asked { max_connections: Some(most), reserved: 3, ..Asked::default() };
    let advice = advise(&curve(), &asked(100));
    assert_eq!(advice.instances, Some(12));
    assert_eq!(
        sentence(&advice.because, "instances"),
        "12 instances of the application fit into the 97 connections that `max_connections` = 100 \
         leaves beside 3 reserved"
    );
    let advice = advise(&curve(), &asked(10));
    assert_eq!(advice.instances, Some(0));
    assert!(!is_silent_of(&advice.warnings, "a pool of 8 does not fit into the 7 connections"));
    assert_eq!(advised(&curve()).instances, None);
}

#[test]
fn one_size_is_taken_with_a_warning() {
    let advice = advised(&[pooled(4, 1_000, 1.0, 1.0)]);
    assert_eq!(advice.take.as_deref(), Some("pool of 4"));
    assert_eq!(advice.knee, None);
    assert!(
        !is_silent_of(&advice.warnings, "only one size was tried, 4"),
        "{:#?}",
        advice.warnings
    );
}

#[test]
fn a_rate_that_still_rises_at_the_largest_size_has_no_knee() {
    let advice = advised(&[pooled(4, 1_000, 1.0, 1.0), pooled(8, 2_000, 1.0, 1.0)]);
    assert_eq!(advice.knee, None);
    assert_eq!(
        sentence(&advice.warnings, "knee"),
        "the knee was not reached: 4 connections give 1,000 operations a second and 8 give 2,000; \
         try larger pools"
    );
}

#[test]
fn nothing_done_or_nothing_to_compare_names_no_size() {
    let none = advised(&[pooled(4, 0, 1.0, 1.0), pooled(8, 0, 1.0, 1.0)]);
    assert_eq!((none.take, none.knee, none.needed), (None, None, None));
    assert_eq!(
        none.because,
        ["no size can be named: nothing was done in `pool of 4` and `pool of 8`"]
    );
    let empty = advised(&[]);
    assert_eq!(empty.take, None);
    assert_eq!(empty.because.len(), 1);
    let alone = advised(&[super::cell("own", setup(), vec![super::done("a", 9, 0.0, 1.0)])]);
    assert_eq!(alone.take, None);
    assert!(alone.because[0].contains("none of the 1 cell had a pool"), "{}", alone.because[0]);
}

#[test]
fn who_got_no_connection_in_time_has_waited_all_of_it() {
    let mut cell = pooled(4, 1_000, 1.0, 1.0);
    cell.setup.pool = Some(PoolSettings { acquire_timeout_ms: 250, ..pool_of(4) });
    cell.pool.as_mut().unwrap().timeouts = 600;
    cell.operations[0].failed = BTreeMap::from([("pool-timeout".to_owned(), 600)]);
    let advice = advised(&[cell, pooled(8, 1_010, 1.0, 1.0)]);
    // Two of a hundred waited for 250 ms, though those that were done waited for one.
    assert!((advice.sizes[0].p99_wait_ms - 250.0).abs() < 0.5, "{:?}", advice.sizes);
    assert_eq!(
        sentence(&advice.warnings, "failed"),
        "in `pool of 4` 600 of 30,600 operations failed (pool-timeout: 600)"
    );
    let asked = Asked { max_wait_ms: Some(10.0), ..Asked::default() };
    let mut cells = vec![pooled(8, 1_010, 1.0, 1.0)];
    cells.push(pooled(4, 1_000, 1.0, 1.0));
    cells[1].pool.as_mut().unwrap().timeouts = 600;
    assert_eq!(advise(&cells, &asked).take.as_deref(), Some("pool of 8"));
}

#[test]
fn a_program_that_takes_the_machine_is_a_warning() {
    let with = |own: f64, server: Option<f64>| {
        let mut cells = curve();
        for cell in &mut cells {
            cell.client.cpu_s = own;
            cell.server = server
                .map(|cpu_s| ServerMeasured { cpu_s: Some(cpu_s), ..ServerMeasured::default() });
        }
        advised(&cells).warnings
    };
    // Sixty seconds of two processors.
    assert!(!is_silent_of(&with(45.0, None), "took 75.0 % of the 2 processors"));
    assert!(!is_silent_of(
        &with(30.0, Some(25.0)),
        "took 50.0 % of the 2 processors and the server 41.7 %"
    ));
    assert!(is_silent_of(&with(25.0, Some(30.0)), "took"));
    // It takes more than the server, but there is room for both.
    assert!(is_silent_of(&with(12.0, Some(10.0)), "took"));
    assert!(is_silent_of(&with(30.0, None), "took"));
}

#[test]
fn a_rate_that_was_not_reached_is_a_warning() {
    let cells = [4, 8].map(|size| at_rate(pooled(size, 900, 0.1, 0.5), 1_000.0));
    assert_eq!(
        sentence(&advised(&cells).warnings, "not reached"),
        "in `pool of 4` the rate was not reached: 900 of 1,000 operations a second"
    );
}

/// The cell with the operations of its seconds shifted by turns, so that they spread.
fn uneven(mut cell: Cell, by: u64) -> Cell {
    for second in &mut cell.seconds {
        let rate = second.done();
        let rate = if second.at % 2 == 0 { rate + by } else { rate - by };
        let mut response = Histogram::default();
        response.record_many(super::ms(1.0), rate);
        second.response = vec![response.pack()];
    }
    cell
}

#[test]
fn sizes_within_the_noise_of_their_seconds_cannot_be_told_apart() {
    // Seconds of 500 and 1,500 have a standard error of 508 / sqrt(30) = 93; of a difference of
    // two, times two, 263.
    let advice = advised(&[
        uneven(pooled(2, 500, 1.0, 1.0), 400),
        uneven(pooled(4, 900, 1.0, 1.0), 500),
        uneven(pooled(8, 1_000, 1.0, 1.0), 500),
    ]);
    assert_eq!(advice.take.as_deref(), Some("pool of 8"));
    assert!(
        sentence(&advice.warnings, "told").starts_with(
            "the rates with 4 connections cannot be told from that with 8: two standard errors of \
             their seconds are 26.3 % (30 seconds), so that a smaller pool may do"
        ),
        "{:#?}",
        advice.warnings
    );
}

#[test]
fn noise_that_does_not_change_the_choice_is_no_warning() {
    let advice =
        advised(&[uneven(pooled(4, 995, 1.0, 1.0), 50), uneven(pooled(8, 1_000, 1.0, 1.0), 50)]);
    assert!(!is_silent_of(&advice.because, "the rates with 4 connections cannot be told from"));
    assert!(is_silent_of(&advice.warnings, "told"), "{:#?}", advice.warnings);
}

#[test]
fn too_few_seconds_say_nothing_of_the_noise_and_that_is_said() {
    let short = |mut cell: Cell| {
        cell.measured_s = 4.2;
        cell
    };
    let advice = advised(&[short(pooled(4, 10, 1.0, 1.0)), short(pooled(8, 10, 1.0, 1.0))]);
    assert!(
        !is_silent_of(&advice.warnings, "fewer than 5 whole seconds"),
        "{:#?}",
        advice.warnings
    );
}
