//! What the server did under a load.

use serde::Serialize;

use super::cell::unless_zero;
use crate::figures::{bytes, grouped, milliseconds, percent, seconds};
use crate::load::{Activity, Cell, ServerMeasured, saturating};
use crate::render::html::view::{Cell as Field, Copyable, Fact, Table};

/// So many statements are listed, so many of them with their plan, and so many waits.
const STATEMENTS: usize = 12;
const PLANS: usize = 6;
const WAITS: usize = 12;
/// So much of a statement is in its row.
const WIDTH: usize = 200;

/// What the server did.
#[derive(Debug, Serialize)]
pub(super) struct View {
    facts: Vec<Fact>,
    statements: Option<Table>,
    plans: Vec<Plan>,
    waits: Option<Table>,
    missing: Vec<String>,
}

/// How a statement is run.
#[derive(Debug, Serialize)]
struct Plan {
    number: usize,
    of: Option<String>,
    statement: Copyable,
    text: String,
}

pub(super) fn view(server: &ServerMeasured, cell: &Cell) -> View {
    let plans = server.statements.iter().take(STATEMENTS).enumerate().filter_map(|(at, one)| {
        Some(Plan {
            number: at + 1,
            of: one.plan_of.clone(),
            statement: Copyable::new("statement", &one.text),
            text: one.plan.clone()?,
        })
    });
    View {
        facts: facts(server, cell),
        statements: statements(server),
        plans: plans.take(PLANS).collect(),
        waits: waits(&server.activity),
        missing: server.missing.clone(),
    }
}

fn statements(server: &ServerMeasured) -> Option<Table> {
    let heads = [
        "#no.",
        "statement",
        "#calls",
        "#total",
        "#mean",
        "#rows",
        "#pages hit",
        "#pages read",
        "#WAL",
    ];
    let mut table = Table::new("Statements that took the most time", &heads);
    for (number, one) in (1..).zip(&server.statements) {
        let text: Vec<&str> = one.text.split_whitespace().collect();
        let text: String = text.join(" ").chars().take(WIDTH).collect();
        table.push(vec![
            Field::figure(format!("{number}")),
            Field::code(text),
            Field::figure(grouped(one.calls)),
            Field::figure(milliseconds(one.total_ms)),
            Field::figure(milliseconds(one.mean_ms)),
            Field::figure(grouped(one.rows)),
            Field::figure(grouped(one.blocks_hit)),
            unless_zero(one.blocks_read),
            Field::figure(if one.wal_bytes == 0 {
                String::new()
            } else {
                bytes(one.wal_bytes as f64)
            }),
        ]);
    }
    (!table.rows.is_empty()).then(|| table.capped(STATEMENTS).without_blanks())
}

fn waits(activity: &Activity) -> Option<Table> {
    let all = saturating(activity.waits.iter().map(|wait| wait.seen));
    let mut table =
        Table::new("What active sessions were seen waiting for", &["event", "#seen", "#share"]);
    for wait in &activity.waits {
        table.push(vec![
            Field::code(&wait.event),
            Field::figure(grouped(wait.seen)),
            Field::figure(percent(wait.seen as f64, all as f64)),
        ]);
    }
    (!table.rows.is_empty()).then(|| table.capped(WAITS))
}

fn facts(server: &ServerMeasured, cell: &Cell) -> Vec<Fact> {
    let mut facts = Vec::new();
    let counter = |name: &str| server.counters.get(name).copied();
    let pages = (counter("pg_stat_database.blks_hit"), counter("pg_stat_database.blks_read"));
    if let (Some(hit), Some(read)) = pages
        && hit + read > 0.0
    {
        let told = format!(
            "{} of {} pages",
            percent(hit, hit + read),
            grouped((hit + read).max(0.0) as u64)
        );
        facts.push(Fact::new("Found in its memory", told));
    }
    if let Some(wal) = counter("pg_stat_wal.wal_bytes").filter(|_| cell.done() > 0) {
        let each = bytes(wal / cell.done() as f64);
        facts.push(Fact::new("Write-ahead log", format!("{}, {each} an operation", bytes(wal))));
    }
    let whole = cell.measured_s * cell.client.processors as f64;
    let used = |used: f64| format!("{} ({})", seconds(used), percent(used, whole));
    let both = match server.cpu_s {
        Some(own) => format!("server {}, this program {}", used(own), used(cell.client.cpu_s)),
        None => {
            format!("this program {}, that of the server is not known", used(cell.client.cpu_s))
        }
    };
    let told = format!("{both}, of {} processors", grouped(cell.client.processors as u64));
    facts.push(Fact::new("Processor time", told));
    let activity = &server.activity;
    let all = saturating(activity.states.values().copied());
    let states: Vec<String> = activity
        .states
        .iter()
        .map(|(state, seen)| format!("{state} {}", percent(*seen as f64, all as f64)))
        .collect();
    if !states.is_empty() {
        let told = format!("{}, looked at {} times", states.join(", "), grouped(activity.samples));
        facts.push(Fact::new("Sessions", told));
    }
    if activity.max_waiting_locks > 0 {
        facts.push(Fact::new(
            "Locks waited for",
            format!("{} at a time at most", activity.max_waiting_locks),
        ));
    }
    facts
}
