//! The curves of a cell: its percentiles, its course, and what it waited for.

use crate::figures::{grouped, milliseconds, time};
use crate::load::{Cell, Histogram, OperationMeasured};
use crate::render::html::view::{Cell as Field, Picture, Table};
use crate::render::svg::{self, Axis, Bar, Line};

/// The part of all operations at each mark, with its name.
const MARKS: [(f64, &str); 5] =
    [(0.0, "0 %"), (1.0, "90 %"), (2.0, "99 %"), (3.0, "99.9 %"), (4.0, "99.99 %")];
/// The percentiles that the table beside a curve has.
const LISTED: [f64; 6] = [0.5, 0.9, 0.95, 0.99, 0.999, 1.0];
/// So many lines, places of a course, and bars are shown.
const LINES: usize = 6;
const PLACES: usize = 90;
const BARS: usize = 12;

/// How long operations take, to the last of ten thousand.
pub(in crate::render::html) fn percentiles(
    id: &str,
    title: &str,
    of: &[(String, Histogram)],
) -> Option<Picture> {
    let of: Vec<&(String, Histogram)> =
        of.iter().filter(|(_, times)| times.count() > 0).take(LINES).collect();
    let lines: Vec<Line> = of.iter().map(|(name, times)| line(name, times)).collect();
    let heads = ["", "#p50", "#p90", "#p95", "#p99", "#p99.9", "#max", "#of"];
    let mut table = Table::new(title, &heads);
    for (name, times) in &of {
        let mut cells = vec![Field::text(name)];
        cells.extend(LISTED.map(|part| Field::figure(time(times.percentile(part)))));
        cells.push(Field::figure(grouped(times.count())));
        table.push(cells);
    }
    let p99 = |(name, times): &&(String, Histogram)| {
        format!(
            "{name}: median {}, p99 {}",
            time(times.percentile(0.5)),
            time(times.percentile(0.99))
        )
    };
    let text = of.iter().map(p99).collect::<Vec<_>>().join("; ");
    let x = Axis {
        title: "part of all operations that take no longer".to_owned(),
        marks: MARKS.map(|(at, name)| (at, name.to_owned())).to_vec(),
    };
    let y = logarithmic("response time", &lines);
    let svg = svg::lines(id, title, &text, &x, &y, &lines)?;
    Some(Picture { title: title.to_owned(), text, svg, table, natural: false })
}

/// As far to the right as there are operations to speak of.
fn line(name: &str, times: &Histogram) -> Line {
    let last = (times.count() as f64).log10().clamp(0.1, 4.0);
    let at = |step: u32| {
        let across = last * f64::from(step) / 40.0;
        let time = times.percentile(1.0 - 10_f64.powf(-across));
        (across, milliseconds_of(time).log10())
    };
    Line { name: name.to_owned(), points: (0..=40).map(at).collect() }
}

/// In milliseconds, and long enough to have a logarithm.
fn milliseconds_of(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).max(0.000_1)
}

/// An axis of times by their logarithms, from a mark below all of them to one above.
fn logarithmic(title: &str, lines: &[Line]) -> Axis {
    let ups = || lines.iter().flat_map(|line| &line.points).map(|point| point.1);
    let low = ups().fold(f64::INFINITY, f64::min).max(-5.0);
    let high = ups().fold(f64::NEG_INFINITY, f64::max).min(8.0);
    let within: &[f64] = if high - low > 2.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let powers = low.floor() as i32..=high.ceil() as i32 + 1;
    let all = powers.flat_map(|power| within.iter().map(move |one| f64::from(power) + one.log10()));
    let all: Vec<f64> = all.collect();
    let from = all.iter().rposition(|at| *at <= low).unwrap_or_default();
    let to = all.iter().position(|at| *at > high).unwrap_or(all.len().saturating_sub(1));
    let marks = all.get(from..=to).unwrap_or_default();
    let marks = marks.iter().map(|at| (*at, milliseconds(10_f64.powf(*at)))).collect();
    Axis { title: title.to_owned(), marks }
}

/// How long operations took while it ran.
pub(super) fn course(id: &str, cell: &Cell) -> Option<Picture> {
    let every = cell.seconds.len().div_ceil(PLACES).max(1);
    let heads = ["#second", "#done", "#failed", "#p50", "#p99"];
    let title = format!("Latency over time, {}", cell.name);
    let mut table = Table::new(&title, &heads);
    let (mut median, mut tail) = (Vec::new(), Vec::new());
    for some in cell.seconds.chunks(every) {
        // The worst second stands for those beside it, so that no spike is lost.
        let slowest = |second: &&crate::load::Second| {
            second.response.iter().map(crate::load::Packed::p99).max().unwrap_or_default()
        };
        let Some(second) = some.iter().max_by_key(slowest) else { continue };
        let mut all = Histogram::default();
        second.response.iter().for_each(|one| all.add(&one.unpack()));
        if all.count() > 0 {
            let at = |part| (second.at as f64, milliseconds_of(all.percentile(part)).log10());
            median.push(at(0.5));
            tail.push(at(0.99));
        }
        let figure =
            |part| if all.count() > 0 { time(all.percentile(part)) } else { String::new() };
        table.push(vec![
            Field::figure(second.at.to_string()),
            Field::figure(grouped(all.count())),
            Field::figure(grouped(second.failed)),
            Field::figure(figure(0.5)),
            Field::figure(figure(0.99)),
        ]);
    }
    let lines = [
        Line { name: "p99".to_owned(), points: tail },
        Line { name: "p50".to_owned(), points: median },
    ];
    let last = cell.seconds.last().map_or(1.0, |second| second.at as f64);
    let marks = svg::ticks(0.0, last.max(1.0)).into_iter().map(|at| (at, format!("{at:.0}")));
    let x = Axis { title: "second of the measurement".to_owned(), marks: marks.collect() };
    let y = logarithmic("response time", &lines);
    let each = match every {
        1 => "each second".to_owned(),
        every => format!("the slowest of every {every} seconds"),
    };
    let text = format!("p50 and p99 of {each}, {} seconds in all", cell.seconds.len());
    let svg = svg::lines(id, &title, &text, &x, &y, &lines)?;
    Some(Picture { title, text, svg, table, natural: false })
}

/// How the mean time of operations divides into waiting for a connection and having one.
pub(in crate::render::html) fn waiting(
    id: &str,
    title: &str,
    of: &[(String, OperationMeasured)],
) -> Option<Picture> {
    let heads = ["", "#waiting", "#with a connection", "#together", "#p99 wait", "#of"];
    let mut table = Table::new(title, &heads);
    let mut bars = Vec::new();
    for (name, one) in of.iter().filter(|(_, one)| one.response.count() > 0).take(BARS) {
        let (wait, query) = (one.wait.mean(), one.query.mean());
        let parts = [wait, query].map(|part| part.as_secs_f64() * 1000.0);
        bars.push(Bar { name: name.clone(), parts, figure: time(wait + query) });
        table.push(vec![
            Field::text(name),
            Field::figure(time(wait)),
            Field::figure(time(query)),
            Field::figure(time(wait + query)),
            Field::figure(time(one.wait.percentile(0.99))),
            Field::figure(grouped(one.response.count())),
        ]);
    }
    let told = bars.iter().map(|bar| {
        let [wait, query] = bar.parts.map(milliseconds);
        format!("{}: {wait} waiting and {query} with a connection", bar.name)
    });
    let text = told.collect::<Vec<_>>().join("; ");
    let svg =
        svg::bars(id, title, &text, ["waiting for a connection", "with a connection"], &bars)?;
    Some(Picture { title: title.to_owned(), text, svg, table, natural: false })
}
