//! Several settings side by side: a map of what each gives, and which one to take.

use serde::Serialize;

use super::load::{percentiles, waiting};
use super::view::{Badge, Cell as Field, Picture, Row, Table, more};
use crate::figures::{grouped, milliseconds, number, percent, time};
use crate::load::{Cell, Histogram, Load, OperationMeasured, Setup};
use crate::render::svg::{self, Grid, Square};

/// So many settings are compared in the table, and so many across and down in the map.
const CELLS: usize = 60;
const COLUMNS: usize = 12;
const ROWS: usize = 12;

/// A setting with all of its operations together, which are summed up once.
struct Summed<'a> {
    cell: &'a Cell,
    response: Histogram,
    wait: Histogram,
}

impl<'a> Summed<'a> {
    fn of(cell: &'a Cell) -> Self {
        Self { cell, response: cell.all(|one| &one.response), wait: cell.all(|one| &one.wait) }
    }

    fn p99_wait(&self) -> String {
        time(self.wait.percentile(0.99))
    }
}

/// A comparison of settings.
#[derive(Debug, Serialize)]
pub(super) struct View {
    take: Option<String>,
    because: Vec<String>,
    warnings: Vec<String>,
    map: Option<Picture>,
    pictures: Vec<Picture>,
    table: Table,
}

/// Nothing where there is only one setting and no advice.
pub(super) fn view(load: &Load) -> Option<View> {
    let advice = load.advice.as_ref();
    if load.cells.len() < 2 && advice.is_none() {
        return None;
    }
    let take = advice.and_then(|advice| advice.take.clone());
    let knee = advice.and_then(|advice| advice.knee);
    let summed: Vec<Summed<'_>> = load.cells.iter().take(CELLS).map(Summed::of).collect();
    let mut table = table(&summed, take.as_deref(), knee);
    table.more = more(load.cells.len(), CELLS);
    Some(View {
        because: advice.map(|advice| advice.because.clone()).unwrap_or_default(),
        warnings: advice.map(|advice| advice.warnings.clone()).unwrap_or_default(),
        map: map(&load.cells, &summed, take.as_deref()),
        pictures: pictures(&load.cells, take.as_deref()),
        table,
        take,
    })
}

/// What tells cells of the same size from each other, in words; only what differs is said.
fn other_than_size(setup: &Setup, all: &[Cell]) -> String {
    let mut words = Vec::new();
    let differs = |of: fn(&Setup) -> String| all.iter().any(|cell| of(&cell.setup) != of(setup));
    let of: [fn(&Setup) -> String; 7] = [
        |setup| format!("{} users", grouped(setup.users as u64)),
        |setup| setup.rate.map_or(String::new(), |rate| format!("{}/s", number(rate))),
        |setup| if setup.prepared { String::new() } else { "not prepared".to_owned() },
        |setup| setup.profile.as_ref().map_or(String::new(), |profile| profile.of.clone()),
        |setup| {
            setup.bouncer.as_ref().map_or(String::new(), |one| format!("PgBouncer {}", one.mode))
        },
        |setup| setup.storm.clone().unwrap_or_default(),
        |setup| {
            let wait = setup.pool.as_ref().map(|pool| pool.acquire_timeout_ms as f64);
            wait.map_or(String::new(), |ms| format!("waits {}", milliseconds(ms)))
        },
    ];
    for one in of {
        let word = one(setup);
        if !word.is_empty() && differs(one) {
            words.push(word);
        }
    }
    words.join(", ")
}

/// Sizes across and the rest down; where there are no sizes, cells by their names.
fn map(cells: &[Cell], summed: &[Summed<'_>], take: Option<&str>) -> Option<Picture> {
    if cells.len() < 2 {
        return None;
    }
    let size = |cell: &Cell| cell.setup.pool.as_ref().map(|pool| pool.max_connections);
    let sized = cells.iter().all(|cell| size(cell).is_some());
    let mut sizes: Vec<u32> = cells.iter().filter_map(size).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut columns: Vec<String> = match sized {
        true => sizes.iter().map(u32::to_string).collect(),
        false => cells.iter().map(|cell| cell.name.clone()).collect(),
    };
    columns.truncate(COLUMNS);
    let most = cells.iter().map(Cell::rate).fold(0.0, f64::max);
    let (mut rows, mut squares): (Vec<String>, Vec<Square>) = (Vec::new(), Vec::new());
    for one in summed {
        let cell = one.cell;
        let (column, row) = match size(cell).filter(|_| sized) {
            Some(size) => (size.to_string(), other_than_size(&cell.setup, cells)),
            None => (cell.name.clone(), String::new()),
        };
        let Some(column) = columns.iter().position(|one| *one == column) else { continue };
        let row = rows.iter().position(|one| *one == row).unwrap_or_else(|| {
            rows.push(row);
            rows.len() - 1
        });
        let wait = one.p99_wait();
        let square = Square {
            column,
            row,
            part: if most > 0.0 { cell.rate() / most } else { 0.0 },
            figures: [format!("{}/s", number(cell.rate())), format!("wait {wait}")],
            take: take == Some(cell.name.as_str()),
        };
        // Of two with the same settings, the one to take is shown, else the faster one.
        let same = squares.iter_mut().find(|one| (one.column, one.row) == (column, row));
        match same {
            Some(there) if !there.take && (square.take || square.part > there.part) => {
                *there = square;
            }
            Some(_) => {}
            None if row < ROWS => squares.push(square),
            None => {}
        }
    }
    rows.truncate(ROWS);
    let title = "Operations a second of each setting";
    let text = description(cells, take);
    let across = if sized { "connections of the pool" } else { "settings" };
    let grid = Grid { across: across.to_owned(), columns, rows, squares };
    let svg = svg::heat("heat", title, &text, &grid)?;
    let table = rates(summed, take);
    Some(Picture { title: title.to_owned(), text, svg, table, natural: true })
}

fn description(cells: &[Cell], take: Option<&str>) -> String {
    let best = cells.iter().max_by(|one, other| one.rate().total_cmp(&other.rate()));
    let best =
        best.map(|cell| format!("the most has {}, {} a second", cell.name, number(cell.rate())));
    let take =
        take.map_or("none is recommended".to_owned(), |take| format!("{take} is recommended"));
    format!("{} settings; {}; {take}", cells.len(), best.unwrap_or_default())
}

fn rates(summed: &[Summed<'_>], take: Option<&str>) -> Table {
    let mut table =
        Table::new("What the map shows", &["setting", "#operations a second", "#p99 wait", ""]);
    for one in summed {
        let cell = one.cell;
        let mark = if take == Some(cell.name.as_str()) { "recommended" } else { "" };
        table.push(vec![
            Field::text(&cell.name),
            Field::figure(number(cell.rate())),
            Field::figure(one.p99_wait()),
            Field::text(mark),
        ]);
    }
    table
}

/// The curves of the settings in their order, the recommended one among them.
fn pictures(cells: &[Cell], take: Option<&str>) -> Vec<Picture> {
    if cells.len() < 2 {
        return Vec::new();
    }
    let mut shown: Vec<&Cell> = cells.iter().take(svg::SERIES).collect();
    let taken = cells.iter().skip(svg::SERIES).find(|cell| take == Some(cell.name.as_str()));
    if let (Some(taken), Some(last)) = (taken, shown.last_mut()) {
        *last = taken;
    }
    let all: Vec<(String, OperationMeasured)> = shown
        .into_iter()
        .map(|cell| {
            let mut all = OperationMeasured::none(&cell.name);
            cell.operations.iter().for_each(|one| all.add(one));
            (cell.name.clone(), all)
        })
        .collect();
    let times: Vec<(String, Histogram)> =
        all.iter().map(|(name, one)| (name.clone(), one.response.clone())).collect();
    [
        percentiles("percentiles-all", "Percentiles of the response time, by setting", &times),
        waiting("waiting-all", "Waiting and working, by setting", &all),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn table(summed: &[Summed<'_>], take: Option<&str>, knee: Option<u32>) -> Table {
    let heads = [
        "setting",
        "#users",
        "#asked/s",
        "#done",
        "#done/s",
        "#p50",
        "#p99",
        "#p99 wait",
        "#waiting",
        "#in use",
        "#opened",
        "#timeouts",
        "#failed",
        "",
    ];
    let mut table = Table::new("Settings side by side", &heads);
    for one in summed {
        let cell = one.cell;
        let taken = take == Some(cell.name.as_str());
        table.rows.push(Row { cells: row(one, taken, knee), marked: taken, ..Row::default() });
    }
    table.without_blanks()
}

fn row(one: &Summed<'_>, taken: bool, knee: Option<u32>) -> Vec<Field> {
    let Summed { cell, response, wait } = one;
    let pool = cell.pool.as_ref();
    let share = percent(wait.mean().as_secs_f64(), response.mean().as_secs_f64());
    let size = cell.setup.pool.as_ref().map(|pool| pool.max_connections);
    let mark = match (taken, &cell.ended_early) {
        (true, _) => Field::badge(Badge::new(super::view::Tone::Good, "★", "recommended")),
        (_, Some(_)) => Field::badge(Badge::unknown("ended early")),
        _ if knee.is_some() && knee == size => Field::text("the knee"),
        _ => Field::text(""),
    };
    let unless_zero =
        |count: u64| Field::figure(if count > 0 { grouped(count) } else { String::new() });
    vec![
        Field::text(&cell.name),
        Field::figure(grouped(cell.setup.users as u64)),
        Field::figure(cell.setup.rate.map(number).unwrap_or_default()),
        Field::figure(grouped(cell.done())),
        Field::figure(number(cell.rate())),
        Field::figure(time(response.percentile(0.5))),
        Field::figure(time(response.percentile(0.99))),
        Field::figure(time(wait.percentile(0.99))),
        Field::figure(if response.count() > 0 { share } else { String::new() }),
        Field::figure(pool.map(|pool| number(pool.mean_in_use)).unwrap_or_default()),
        unless_zero(pool.map_or(0, |pool| pool.connects)),
        unless_zero(pool.map_or(0, |pool| pool.timeouts)),
        unless_zero(cell.failed()),
        mark,
    ]
}
