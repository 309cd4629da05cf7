//! What each operation costs in the schema as it is.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::figures::{bytes, grouped, number, percent};
use crate::index::{Counted, Counters, Indexes};
use crate::render::clean;
use crate::table::{Cell, Table};

/// How wide the table is to be with its plans.
const WIDTH: usize = 110;

/// The least room that plans get, and the most lines of one.
const ROOM: usize = 30;
const LINES: usize = 3;

pub(super) fn render(indexes: &Indexes) -> String {
    let log = indexes.base.iter().any(|one| one.writes);
    // The plans get what the figures leave of the line.
    let mut figured = Table::default();
    figured.push(heads(log));
    for operation in &indexes.base {
        figured.push(figures(operation, log));
    }
    let taken = figured.render().lines().map(UnicodeWidthStr::width).max().unwrap_or_default();
    let room = WIDTH.saturating_sub(taken + 1).max(ROOM);
    let mut table = Table::default();
    table.push(heads(log).into_iter().chain([Cell::left("plan")]).collect());
    for operation in &indexes.base {
        let cells = figures(operation, log);
        let blank = cells.len();
        let mut lines = plan(operation, room).into_iter();
        let first = lines.next().unwrap_or_default();
        table.push(cells.into_iter().chain([Cell::over(first)]).collect());
        for line in lines {
            let blanks = std::iter::repeat_with(|| Cell::left("")).take(blank);
            table.push(blanks.chain([Cell::over(line)]).collect());
        }
    }
    let mut out = format!("each operation in the schema as it is, on average\n{}", table.render());
    if log {
        out.push_str("  dirtied: pages that were clean; WAL: the write-ahead log, bytes and records;\n  HOT: of the updates, those without a new index entry\n");
    }
    out
}

/// `log` says whether any operation writes, so that there is something to say of it.
fn heads(log: bool) -> Vec<Cell> {
    let figures = ["pages", "rows read", "returned"];
    let log = log.then_some(["dirtied", "WAL", "records", "HOT"]).into_iter().flatten();
    let share = [Cell::left(""), Cell::right("share"), Cell::left("")];
    share.into_iter().chain(figures.into_iter().chain(log).map(Cell::right)).collect()
}

fn figures(operation: &Counted, log: bool) -> Vec<Cell> {
    let each = |count: fn(&Counters) -> u64| number(operation.each(count));
    let mut cells = vec![
        Cell::left(clean::line(&operation.name)),
        Cell::right(percent(operation.share, 1.0)),
        Cell::left(if operation.writes { "writes" } else { "reads" }),
        Cell::right(each(|counters| counters.buffers)),
        Cell::right(each(|counters| counters.rows_read)),
        Cell::right(each(|counters| counters.rows_returned)),
    ];
    if log {
        let only = |text: String| if operation.writes { text } else { String::new() };
        let counters = &operation.counters;
        let hot = match counters.updates {
            0 => String::new(),
            updates => percent(counters.hot_updates as f64, updates as f64),
        };
        cells.extend([
            Cell::right(only(each(|counters| counters.dirtied))),
            Cell::right(only(bytes(operation.each(|counters| counters.wal_bytes).round()))),
            Cell::right(only(each(|counters| counters.wal_records))),
            Cell::right(hot),
        ]);
    }
    cells
}

/// How an operation is run, in lines of so many columns; that it fails comes first.
fn plan(operation: &Counted, room: usize) -> Vec<String> {
    let mut told = Vec::new();
    if operation.failed > 0 {
        told.push(format!(
            "failed {} of {} times",
            grouped(operation.failed),
            grouped(operation.times)
        ));
    }
    told.extend(operation.plans.iter().map(|plan| clean::line(&plan.shape)));
    folded(&told.join("; "), room)
}

/// Words in lines of so many columns; what has no room in so many of them is left off.
fn folded(words: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(cut(word, room)),
        }
    }
    if lines.len() > LINES {
        lines.truncate(LINES);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last} ..."), room);
        }
    }
    lines
}

/// As much of a line as so many columns hold.
pub(super) fn cut(line: &str, room: usize) -> String {
    if line.width() <= room {
        return line.to_owned();
    }
    let mut width = 0;
    let fits = |char: &char| {
        width += char.width().unwrap_or_default();
        width + 3 <= room
    };
    let kept: String = line.chars().take_while(fits).collect();
    format!("{}...", kept.trim_end())
}
