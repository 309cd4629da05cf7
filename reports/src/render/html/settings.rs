//! The machine, the server and what was set, so that somebody else can do the same.

use serde::Serialize;

use super::view::{Cell, Fact, Table};
use crate::figures::{bytes, grouped, number};
use crate::model::{Environment, Report};
use crate::render::text;

/// Where and with what it ran.
#[derive(Debug, Serialize)]
pub(super) struct View {
    facts: Vec<Fact>,
    server: Option<Table>,
    rows: Option<Table>,
}

pub(super) fn view(report: &Report) -> View {
    let (tool, project, server) = (&report.tool, &report.project, &report.server);
    let mut facts = vec![
        Fact::new("Made by", format!("{} {}", tool.name, tool.version)),
        Fact::new("Project", project.folder.clone()),
        Fact::new("Format", project.format.clone()),
    ];
    facts.extend(project.detected_by.as_ref().map(|by| Fact::new("Known by", by.clone())));
    facts.extend(
        project.began_with.as_ref().map(|began| Fact::new("Tested", text::began_with(began))),
    );
    facts.push(Fact::new("PostgreSQL", format!("{}, {}", server.version, server.way)));
    facts.extend(server.profile.as_ref().map(|profile| Fact::new("Profile", profile.clone())));
    facts.extend(report.environment.iter().flat_map(machine));
    View { facts, server: server_settings(report), rows: rows(report) }
}

fn machine(environment: &Environment) -> Vec<Fact> {
    let count = environment.processors as u64;
    let mut facts = vec![
        Fact::new("System", format!("{} on {}", environment.os, environment.arch)),
        Fact::new("Processors", format!("{}, of use to this program", grouped(count))),
    ];
    facts.extend(environment.processor.as_ref().map(|name| Fact::new("Processor", name.clone())));
    facts.extend(environment.memory.map(|memory| Fact::new("Memory", bytes(memory as f64))));
    facts.extend(environment.load_average.map(|load| {
        let told = format!("{} over one minute, at the beginning", number(load));
        Fact::new("Load average", told)
    }));
    facts
}

fn server_settings(report: &Report) -> Option<Table> {
    let mut table = Table::new("Settings of the server beyond its defaults", &["setting", "value"]);
    for (name, value) in &report.server.settings {
        table.push(vec![Cell::code(name), Cell::code(value)]);
    }
    (!table.rows.is_empty()).then(|| table.capped(200))
}

/// What was in the tables, of each part that says so.
fn rows(report: &Report) -> Option<Table> {
    let all = [
        ("load", report.load.as_ref().map(|load| (&load.rows, load.seed))),
        ("indexes", report.indexes.as_ref().map(|indexes| (&indexes.rows, indexes.seed))),
        ("gates", report.gates.as_ref().map(|gates| (&gates.rows, gates.seed))),
    ];
    let mut table =
        Table::new("Rows of each table at the beginning", &["table", "for", "#rows", "#seed"]);
    for (part, (rows, seed)) in all.into_iter().filter_map(|(part, told)| Some((part, told?))) {
        for (name, count) in rows {
            table.push(vec![
                Cell::code(name),
                Cell::text(part),
                Cell::figure(grouped(*count)),
                Cell::figure(seed.to_string()),
            ]);
        }
    }
    (!table.rows.is_empty()).then(|| table.capped(200))
}
