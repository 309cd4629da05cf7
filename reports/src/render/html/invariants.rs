//! What the schema promises: what is broken first, then the risks, then each invariant with its
//! promises.

use std::collections::BTreeMap;

use serde::Serialize;

use super::findings::{self, Findings};
use super::view::{Badge, Cell, Fact, Figure, Row, Table, Told, Tone, more};
use crate::figures::{grouped, plural};
use crate::model::{Finding, Invariants, Kept, Promise, Report};

/// So many promises are listed by name, the worst first.
const PROMISES: usize = 300;
/// So many things that the time did not suffice for.
const LATE: usize = 100;

/// The promises of a schema.
#[derive(Debug, Serialize)]
pub(super) struct View {
    facts: Vec<Fact>,
    findings: Findings,
    summary: Table,
    promises: Table,
    soft_deletes: Option<Table>,
    not_reached: Vec<String>,
    not_reached_more: String,
}

pub(super) fn view(report: &Report) -> Option<View> {
    let invariants = report.invariants.as_ref()?;
    let own: Vec<&Finding> =
        report.findings.iter().filter(|finding| findings::of_promise(report, finding)).collect();
    let facts = vec![
        Fact::new("Promises", count(invariants.promises.len())),
        Fact::new("Cases", count(invariants.cases)),
        Fact::new("Seed", invariants.seed.to_string()),
        Fact::new("Digest of the catalog", invariants.schema.clone()),
    ];
    let mut room = findings::ROOM;
    Some(View {
        facts,
        findings: findings::view(&own, findings::SHOWN, &mut room),
        summary: summary(invariants).capped(200),
        promises: promises(invariants).capped(PROMISES),
        soft_deletes: soft_deletes(invariants),
        not_reached: invariants.not_reached.iter().take(LATE).cloned().collect(),
        not_reached_more: more(invariants.not_reached.len(), LATE),
    })
}

/// How many promises came out in which way, the worst first.
#[derive(Debug, Default)]
struct Counts([usize; 6]);

/// The ways, with what the columns are called.
const WAYS: [&str; 6] = ["#broken", "#risk", "#not tested", "#not modelled", "#allowed", "#holds"];

impl Counts {
    fn of<'a>(promises: impl IntoIterator<Item = &'a Promise>) -> Self {
        let mut counts = Self::default();
        for promise in promises {
            counts.0[rank(&promise.verdict)] += 1;
        }
        counts
    }
}

/// The place of a verdict among [`WAYS`].
fn rank(verdict: &Kept) -> usize {
    match verdict {
        Kept::Broken => 0,
        Kept::Risk => 1,
        Kept::Untested { .. } => 2,
        Kept::OutOfScope { .. } => 3,
        Kept::Allowed { .. } => 4,
        Kept::Holds { .. } => 5,
    }
}

fn badge(verdict: &Kept) -> Badge {
    match verdict {
        Kept::Broken => Badge::bad("broken"),
        Kept::Risk => Badge::new(Tone::Warn, "△", "risk"),
        Kept::Untested { .. } => Badge::unknown("not tested"),
        Kept::OutOfScope { .. } => Badge::quiet("not modelled"),
        Kept::Allowed { .. } => Badge::new(Tone::Warn, "A", "allowed"),
        Kept::Holds { .. } => Badge::good("holds"),
    }
}

fn summary(invariants: &Invariants) -> Table {
    let mut by_invariant: BTreeMap<&str, Vec<&Promise>> = BTreeMap::new();
    for promise in &invariants.promises {
        by_invariant.entry(&promise.invariant).or_default().push(promise);
    }
    let heads = ["invariant", "#promises"].into_iter().chain(WAYS).chain(["#cases"]);
    let heads: Vec<&str> = heads.collect();
    let mut table = Table::new("What came of each invariant", &heads);
    for (id, own) in by_invariant {
        let counts = Counts::of(own.iter().copied());
        let worst = counts.0.iter().position(|count| *count > 0).unwrap_or_default();
        let cases = own.iter().map(|promise| cases(promise)).fold(0, usize::saturating_add);
        let mut cells = vec![Cell::code(id), Cell::figure(count(own.len()))];
        cells.extend(counts.0.iter().map(|count| unless_zero(*count)));
        cells.push(unless_zero(cases));
        let tone =
            own.iter().find(|one| rank(&one.verdict) == worst).map(|one| badge(&one.verdict).tone);
        table.rows.push(Row { cells, tone, ..Row::default() });
    }
    table.without_blanks()
}

fn promises(invariants: &Invariants) -> Table {
    let mut sorted: Vec<&Promise> = invariants.promises.iter().collect();
    sorted.sort_by_key(|promise| rank(&promise.verdict));
    let heads = ["table and object", "invariant", "verdict", "#cases", "what is promised"];
    let mut table = Table::new("Every promise", &heads);
    for promise in sorted {
        let badge = badge(&promise.verdict);
        let tone = Some(badge.tone);
        let reason = match &promise.verdict {
            Kept::Allowed { reason } => Some(format!("allowed: {reason}")),
            Kept::Untested { reason } | Kept::OutOfScope { reason } => {
                Some(format!("since {reason}"))
            }
            _ => None,
        };
        let cells = vec![
            Cell::code(format!("{} {}", promise.table, promise.object)),
            Cell::code(&promise.invariant),
            Cell::badge(badge),
            unless_zero(cases(promise)),
            Cell { notes: reason.into_iter().collect(), ..Cell::text(&promise.says) },
        ];
        table.rows.push(Row { cells, tone, ..Row::default() });
    }
    table
}

fn soft_deletes(invariants: &Invariants) -> Option<Table> {
    let heads = ["column", "a row is live where", "how it is known"];
    let mut table = Table::new("Soft deletes that were found", &heads);
    for soft in &invariants.soft_deletes {
        table.push(vec![
            Cell::code(format!("{}.{}", soft.table, soft.column)),
            Cell::code(&soft.live),
            Cell::text(soft.because.join("; ")),
        ]);
    }
    (!table.rows.is_empty()).then(|| table.capped(200))
}

fn cases(promise: &Promise) -> usize {
    match promise.verdict {
        Kept::Holds { cases } => cases,
        _ => 0,
    }
}

fn count(number: usize) -> String {
    grouped(number as u64)
}

fn unless_zero(number: usize) -> Cell {
    Cell::figure(if number == 0 { String::new() } else { count(number) })
}

/// What it says on top of the page.
pub(super) fn told(report: &Report) -> Option<Told> {
    let invariants = report.invariants.as_ref()?;
    let Counts([broken, risks, untested, _, _, hold]) = Counts::of(&invariants.promises);
    let promises = |number: usize| format!("{} promise{}", count(number), plural(number as u64));
    let clause = match broken {
        0 => format!("{} of the schema hold", promises(hold)),
        _ => format!(
            "{} of the schema {} broken",
            promises(broken),
            if broken == 1 { "is" } else { "are" }
        ),
    };
    let mut figures = vec![
        Figure::new(Tone::Good, count(hold), "promises hold"),
        Figure::new(Tone::Bad, count(broken), "promises broken"),
        Figure::new(Tone::Warn, count(risks), if risks == 1 { "risk" } else { "risks" }),
        Figure::new(Tone::Unknown, count(untested), "promises not tested"),
    ];
    figures.retain(|figure| figure.tone == Tone::Good || figure.value != "0");
    Some(Told { clause, bad: broken > 0, figures })
}
