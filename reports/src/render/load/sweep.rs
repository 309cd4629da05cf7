//! Several cells side by side, and which of them to take.

use super::columns::{Columns, percentile, unless_zero};
use super::words::{connections, paragraph, profile, setup};
use super::{clean, server, states};
use crate::figures::{grouped, number, percent, seconds, time};
use crate::load::{Advice, Cell, Histogram, Load, Profile};

/// How long the bar of the best rate is.
const BAR: usize = 48;

pub(super) fn render(cells: &[Cell], load: &Load) -> String {
    let advice = load.advice.as_ref();
    let take = advice.and_then(|advice| advice.take.as_deref());
    let mut out = common(cells);
    out.push_str(&table(cells, take));
    let told: String = cells.iter().map(told_of).collect();
    if !told.is_empty() {
        out.push('\n');
        out.push_str(&told);
    }
    if let Some(advice) = advice {
        out.push_str(&bars(advice));
        out.push_str(&self::advice(advice));
    }
    let detailed = take.and_then(|take| cells.iter().find(|cell| cell.name == take));
    if let Some(cell) = detailed.filter(|cell| cell.server.is_some()) {
        out.push_str(&paragraph(&format!("the server under `{}`:", cell.name), ""));
        out.push_str(server::render(cell, server::Plans::LeftOut).trim_start_matches('\n'));
        out.push('\n');
    }
    out
}

/// What all cells have the same, by the first of them, and what was translated.
fn common(cells: &[Cell]) -> String {
    let mut out = String::new();
    if let Some(first) = cells.first() {
        let told =
            format!("as {}: {}; {}", first.name, setup(&first.setup), connections(&first.setup));
        out.push_str(&paragraph(&told, ""));
    }
    let mut profiles: Vec<&Profile> = Vec::new();
    for one in cells.iter().filter_map(|cell| cell.setup.profile.as_ref()) {
        if !profiles.contains(&one) {
            profiles.push(one);
        }
    }
    out.extend(profiles.into_iter().map(profile));
    out.push('\n');
    out
}

fn table(cells: &[Cell], take: Option<&str>) -> String {
    let heads = [
        "cell", "users", "asked/s", "done", "done/s", "p50", "p99", "p99 wait", "waiting",
        "connect", "validate", "in use", "opens/s", "timeouts", "failed", "",
    ];
    let mut table = Columns::new(heads, true);
    let same_users = cells.windows(2).all(|pair| pair[0].setup.users == pair[1].setup.users);
    for cell in cells {
        table.push(row(cell, same_users, take == Some(cell.name.as_str())));
    }
    table.render()
}

fn row(cell: &Cell, same_users: bool, take: bool) -> [String; 16] {
    let response = cell.all(|one| &one.response);
    let wait = cell.all(|one| &one.wait);
    // A stage that takes less than a hundredth of all time is not worth its column.
    let all = response.mean().as_secs_f64() * response.count() as f64;
    let mean = |times: Option<&Histogram>| match times {
        Some(times) if times.mean().as_secs_f64() * times.count() as f64 > all / 100.0 => {
            time(times.mean())
        }
        _ => String::new(),
    };
    let pool = cell.pool.as_ref();
    let share = match response.count() {
        0 => String::new(),
        _ => percent(wait.mean().as_secs_f64(), response.mean().as_secs_f64()),
    };
    let opened = pool.filter(|pool| pool.connects > 0);
    let mark = match (take, &cell.ended_early) {
        (true, _) => "<- take",
        (false, Some(_)) => "ended early",
        (false, None) => "",
    };
    [
        clean::line(&cell.name),
        if same_users { String::new() } else { grouped(cell.setup.users as u64) },
        cell.setup.rate.map(number).unwrap_or_default(),
        grouped(cell.done()),
        number(cell.rate()),
        percentile(&response, 0.5),
        percentile(&response, 0.99),
        percentile(&wait, 0.99),
        share,
        mean(pool.map(|pool| &pool.connect)),
        mean(pool.map(|pool| &pool.validate)),
        pool.map(|pool| number(pool.mean_in_use)).unwrap_or_default(),
        opened
            .map(|pool| number(pool.connects as f64 / cell.measured_s.max(1.0)))
            .unwrap_or_default(),
        unless_zero(pool.map_or(0, |pool| pool.timeouts)),
        unless_zero(cell.failed()),
        mark.to_owned(),
    ]
}

/// What does not fit into the row of a cell.
fn told_of(cell: &Cell) -> String {
    let mut facts: Vec<String> = Vec::new();
    let states: Vec<String> = states(std::slice::from_ref(cell))
        .into_iter()
        .map(|(state, count)| format!("{state}: {}", grouped(count)))
        .collect();
    if !states.is_empty() {
        facts.push(format!("failed with {}", states.join(", ")));
    }
    facts.extend(cell.outages.iter().map(|outage| {
        let until = outage.until_s.map_or("the end".to_owned(), seconds);
        format!("outage from {} to {until}", seconds(outage.from_s))
    }));
    let early = cell.ended_early.as_ref();
    facts.extend(early.map(|why| format!("{why} after {}", seconds(cell.measured_s))));
    facts.extend(cell.remarks.iter().cloned());
    facts.iter().map(|fact| paragraph(&format!("{}: {fact}", cell.name), "")).collect()
}

/// The rate of each size as a bar.
fn bars(advice: &Advice) -> String {
    let best = advice.sizes.iter().map(|one| one.rate).fold(0.0, f64::max);
    if advice.sizes.len() < 2 || best <= 0.0 {
        return String::new();
    }
    let mut table = Columns::new(["connections", "done/s", "p99 wait", ""], true);
    for one in &advice.sizes {
        let length = (one.rate / best * BAR as f64).round().clamp(0.0, BAR as f64) as usize;
        let knee = (advice.knee == Some(one.size)).then_some("the knee");
        let take = (advice.take.as_ref() == Some(&one.cell)).then_some("<- take this one");
        let marks: Vec<&str> = [knee, take].into_iter().flatten().collect();
        table.push([
            one.size.to_string(),
            number(one.rate),
            crate::figures::milliseconds(one.p99_wait_ms),
            format!("{} {}", "#".repeat(length), marks.join(" ")),
        ]);
    }
    format!("\n{}\n", table.render())
}

/// Why, and what speaks against it.
pub(in crate::render) fn advice(advice: &Advice) -> String {
    let lines = |word: &str, told: &[String]| -> String {
        told.iter().map(|sentence| paragraph(&format!("{word}{sentence}"), "")).collect()
    };
    let because = lines("", &advice.because);
    let warnings = lines("warning: ", &advice.warnings);
    let gap = if because.is_empty() || warnings.is_empty() { "" } else { "\n" };
    format!("{because}{gap}{warnings}\n")
}
