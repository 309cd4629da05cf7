//! What the server did meanwhile.

use unicode_width::UnicodeWidthChar;

use super::clean;
use super::columns::{Columns, unless_zero};
use super::words::paragraph;
use crate::figures::{bytes, grouped, milliseconds, percent, plural, seconds};
use crate::load::{Activity, Cell, ServerMeasured, Statement};

/// How many statements are listed.
const STATEMENTS_SHOWN: usize = 5;
/// How many of them are shown with their plan.
const PLANS_SHOWN: usize = 3;
/// How many lines of a plan are shown.
const PLAN_LINES_SHOWN: usize = 25;
/// How many wait events are listed.
const WAITS_SHOWN: usize = 6;
/// How much of a statement is shown.
const STATEMENT_WIDTH: usize = 44;

/// Whether the plans of statements are shown; JSON has them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plans {
    Shown,
    LeftOut,
}

/// The part about the server and about this program, which share the processors.
pub(super) fn render(cell: &Cell, plans: Plans) -> String {
    let Some(server) = &cell.server else {
        return format!("\n{}", paragraph(&processors(cell), ""));
    };
    let mut out = String::new();
    if !server.statements.is_empty() {
        out.push_str(&format!("\n{}", statements(server)));
    }
    if plans == Plans::Shown {
        out.push_str(&self::plans(server));
    }
    out.push('\n');
    out.push_str(&activity(&server.activity));
    out.push_str(&counters(server, cell));
    out.push_str(&paragraph(&processors(cell), ""));
    for missing in &server.missing {
        out.push_str(&paragraph(&format!("not known: {missing}"), ""));
    }
    out
}

/// The statements that took the most time, numbered for their plans.
fn statements(server: &ServerMeasured) -> String {
    let heads = ["", "calls", "total", "mean", "rows", "hit", "read", "WAL", "statement"];
    let mut table = Columns::new(heads, true);
    for (statement, number) in server.statements.iter().zip(1_u64..).take(STATEMENTS_SHOWN) {
        let wal = statement.wal_bytes;
        table.push([
            number.to_string(),
            grouped(statement.calls),
            milliseconds(statement.total_ms),
            milliseconds(statement.mean_ms),
            grouped(statement.rows),
            grouped(statement.blocks_hit),
            unless_zero(statement.blocks_read),
            if wal == 0 { String::new() } else { bytes(wal as f64) },
            clipped(&statement.text),
        ]);
    }
    let more = server.statements.len().saturating_sub(STATEMENTS_SHOWN);
    let more = match more {
        0 => String::new(),
        more => format!("  and {more} more statement{}\n", plural(more as u64)),
    };
    format!("{}{more}", table.render())
}

/// The beginning of a statement, on one line.
fn clipped(text: &str) -> String {
    let text = clean::line(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut width = 0;
    let fits = |char: char| {
        width += char.width().unwrap_or(0);
        width <= STATEMENT_WIDTH
    };
    let mut fits = fits;
    let end = text.char_indices().find(|(_, char)| !fits(*char)).map(|(at, _)| at);
    match end {
        Some(end) => format!("{} ...", text[..end].trim_end()),
        None => text,
    }
}

fn plans(server: &ServerMeasured) -> String {
    let numbered = server.statements.iter().zip(1_u64..).take(STATEMENTS_SHOWN);
    numbered
        .filter_map(|(statement, number)| Some(plan(statement, number, statement.plan.as_ref()?)))
        .take(PLANS_SHOWN)
        .collect()
}

fn plan(statement: &Statement, number: u64, plan: &str) -> String {
    let of = statement.plan_of.as_ref().map(|of| format!(", {of}")).unwrap_or_default();
    let mut out = format!("\n{}", paragraph(&format!("plan of {number}{of}:"), "  "));
    let plan = clean::text(plan.trim_end());
    let count = plan.lines().count();
    for line in plan.lines().take(PLAN_LINES_SHOWN) {
        out.push_str(format!("    {line}").trim_end());
        out.push('\n');
    }
    if count > PLAN_LINES_SHOWN {
        let rest = count - PLAN_LINES_SHOWN;
        out.push_str(&format!("    and {rest} more line{}\n", plural(rest as u64)));
    }
    out
}

/// What sessions were doing and what the active ones waited for, in parts of what was seen.
fn activity(activity: &Activity) -> String {
    if activity.samples == 0 {
        return String::new();
    }
    let shares = |of: &[(&str, u64)]| -> Vec<String> {
        let all = crate::load::saturating(of.iter().map(|(_, seen)| *seen));
        of.iter()
            .map(|(name, seen)| format!("{name} {}", percent(*seen as f64, all as f64)))
            .collect()
    };
    let mut states: Vec<(&str, u64)> =
        activity.states.iter().map(|(state, seen)| (state.as_str(), *seen)).collect();
    states.sort_by_key(|(_, seen)| std::cmp::Reverse(*seen));
    let waits: Vec<(&str, u64)> =
        activity.waits.iter().map(|wait| (wait.event.as_str(), wait.seen)).collect();
    let samples = format!("{} time{}", grouped(activity.samples), plural(activity.samples));
    let mut out = String::new();
    if !states.is_empty() {
        let told = format!("sessions, looked at {samples}: {}", shares(&states).join(", "));
        out.push_str(&paragraph(&told, ""));
    }
    if !waits.is_empty() {
        let mut shown = shares(&waits);
        let rest = shown.len().saturating_sub(WAITS_SHOWN);
        shown.truncate(WAITS_SHOWN);
        if rest > 0 {
            shown.push(format!("and {rest} more"));
        }
        out.push_str(&paragraph(
            &format!("active ones, by what they waited for: {}", shown.join(", ")),
            "",
        ));
    }
    if activity.max_waiting_locks > 0 {
        let told = format!("locks waited for: {} at a time at most", activity.max_waiting_locks);
        out.push_str(&paragraph(&told, ""));
    }
    out
}

/// What is computed from the server's counters.
fn counters(server: &ServerMeasured, cell: &Cell) -> String {
    let counter = |name: &str| server.counters.get(name).copied();
    let mut facts = Vec::new();
    if let (Some(hit), Some(read)) =
        (counter("pg_stat_database.blks_hit"), counter("pg_stat_database.blks_read"))
    {
        let all = hit + read;
        if all > 0.0 {
            let (share, pages) = (percent(hit, all), grouped(all.max(0.0) as u64));
            facts.push(format!("{share} of {pages} pages were in the server's memory"));
        }
    }
    if let Some(wal) = counter("pg_stat_wal.wal_bytes").filter(|_| cell.done() > 0) {
        let each = bytes(wal / cell.done() as f64);
        facts.push(format!("{} of WAL, {each} an operation", bytes(wal)));
    }
    if facts.is_empty() { String::new() } else { paragraph(&facts.join("; "), "") }
}

/// The processor time of both sides.
fn processors(cell: &Cell) -> String {
    let client = &cell.client;
    let whole = cell.measured_s * client.processors as f64;
    let of = |used: f64| format!("{} ({})", seconds(used), percent(used, whole));
    let server = cell.server.as_ref().and_then(|server| server.cpu_s);
    let server = server.map_or("that of the server is not known".to_owned(), |used| {
        format!("server {}", of(used))
    });
    let count = client.processors as u64;
    format!(
        "processor time: this program {}, {server}, of {} processor{}",
        of(client.cpu_s),
        grouped(count),
        plural(count)
    )
}
