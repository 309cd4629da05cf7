//! The report for people where one run did several things: a line for each part, what was found,
//! what to do, and the verdict last. The page has the rest.

use super::gates::{self, verdict as gated};
use super::load::words::paragraph;
use super::text::{GREEN, RED, YELLOW, by_verdict, finding, painted, server, tested};
use super::{Colour, clean, index, load, promises};
use crate::figures::{listed, milliseconds};
use crate::model::{Outcome, Part, Report, Severity};
use crate::table::{Cell, Table};

/// How many findings are shown before the rest is only counted.
const SHOWN: usize = 20;

pub(super) fn render(report: &Report, colour: Colour) -> String {
    let mut out = format!("{}\n{}\n", clean::line(&tested(report)), server(report));
    let found = promises::in_order(report);
    for one in found.iter().take(SHOWN) {
        out.push_str(&finding(one, colour));
        out.push('\n');
    }
    if found.len() > SHOWN {
        out.push_str(&format!(
            "... and {} more findings, all in the page\n\n",
            found.len() - SHOWN
        ));
    }
    if let Some(advice) = report.load.as_ref().and_then(|load| load.advice.as_ref()) {
        out.push_str(&load::sweep::advice(advice));
    }
    if let Some(advice) = report.indexes.as_ref().and_then(|indexes| indexes.advice.as_ref()) {
        out.push_str("advised indexes:\n");
        out.push_str(&index::advice::script(&advice.up));
        out.push('\n');
    }
    if let Some(gates) = &report.gates {
        out.push_str(&gates::body(gates, colour));
        out.push('\n');
    }
    let mut table = Table::default();
    for part in &report.parts {
        table.push(row(part, report, colour));
    }
    out.push_str(&table.render());
    for part in &report.parts {
        for left_out in &part.left_out {
            out.push_str(&paragraph(&format!("{}: {left_out}", part.name), "  "));
        }
    }
    out.push('\n');
    out.push_str(&verdict(report, colour));
    out
}

fn row(part: &Part, report: &Report, colour: Colour) -> Vec<Cell> {
    let (word, paint) = match part.outcome {
        Some(Outcome::Held) => ("done", GREEN),
        Some(Outcome::Found) => ("found", RED),
        Some(Outcome::Incomplete) => ("not all", YELLOW),
        None if part.late => ("left out", YELLOW),
        None => ("not run", YELLOW),
    };
    vec![
        Cell::left(word).painted(|word| painted(word, paint, colour)),
        Cell::left(clean::line(&part.name)),
        Cell::right(if part.duration_ms > 0.0 {
            milliseconds(part.duration_ms)
        } else {
            String::new()
        }),
        Cell::over(format!(" {}", clean::line(&came_of(part, report)))),
    ]
}

/// What came of a part, in a few words.
fn came_of(part: &Part, report: &Report) -> String {
    if let Some(reason) = &part.reason {
        return reason.clone();
    }
    let told = match part.name.as_str() {
        "verify" => Some(by_verdict(report)),
        "invariants" => report.invariants.as_ref().map(promises::by_verdict),
        "pool" | "load" => report.load.as_ref().map(load::measured),
        "index" => report.indexes.as_ref().map(index::verdict::told),
        "gate" => report.gates.as_ref().map(gated::sentence),
        _ => None,
    };
    told.unwrap_or_default()
}

fn verdict(report: &Report, colour: Colour) -> String {
    let of = |outcome: Option<Outcome>| {
        report.parts.iter().filter(|part| part.outcome == outcome).count()
    };
    let all = report.parts.len();
    let risks = match report.count(Severity::Risk) {
        0 => String::new(),
        1 => "; 1 risk".to_owned(),
        risks => format!("; {risks} risks"),
    };
    let (word, paint, told) = match report.outcome {
        Outcome::Held => {
            let late = report.parts.iter().filter(|part| part.late);
            let late: Vec<String> = late.map(|part| clean::line(&part.name)).collect();
            let told = match late.len() {
                0 => format!("all of {all} parts"),
                count => {
                    let (done, late) = (all - count, listed(&late));
                    format!("{done} of {all} parts; there was no time for {late}")
                }
            };
            ("held", GREEN, format!("{told}{risks}"))
        }
        Outcome::Found => {
            let (errors, warnings) =
                (report.count(Severity::Error), report.count(Severity::Warning));
            let parts = of(Some(Outcome::Found));
            let findings = match errors + warnings {
                0 => String::new(),
                1 => ": 1 finding".to_owned(),
                count => format!(": {count} findings"),
            };
            ("found", RED, format!("{parts} of {all} parts found something{findings}{risks}"))
        }
        Outcome::Incomplete => {
            let late = report.parts.iter().filter(|part| part.late).count();
            let done = all - of(None) - of(Some(Outcome::Incomplete));
            let late = match late {
                0 => String::new(),
                count => format!(", {count} left out for lack of time"),
            };
            ("not all could be done", YELLOW, format!("{done} of {all} parts done{late}{risks}"))
        }
    };
    format!("{}: {told}\n", painted(word, paint, colour))
}
