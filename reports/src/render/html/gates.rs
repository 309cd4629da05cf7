//! What was decided of a release, each gate with its interval beside the tolerance.

use serde::Serialize;

use super::view::{Badge, Cell, Fact, Figure, Row, Table, Told, Tone};
use crate::figures::{grouped, plural};
use crate::gate::{Gate, Gates, Verdict};
use crate::model::Report;
use crate::render::gates::words;
use crate::render::index::words::interval;
use crate::render::svg::{self, Ink, Span};
use crate::stats::Interval;

/// So many gates are shown, the worst first.
const SHOWN: usize = 120;

/// The gates of a release.
#[derive(Debug, Serialize)]
pub(super) struct View {
    facts: Vec<Fact>,
    table: Table,
    notes: Vec<String>,
    left_out: Vec<String>,
    incomplete: Option<String>,
}

pub(super) fn view(report: &Report) -> Option<View> {
    let gates = report.gates.as_ref()?;
    let mut facts = vec![Fact::new("Candidate", gates.candidate.name.clone())];
    facts.extend(gates.base.as_ref().map(|base| Fact::new("Base", base.name.clone())));
    facts.extend(
        gates.scenario.as_ref().map(|scenario| {
            Fact::new("Scenario", format!("{}, {}", scenario.name, scenario.origin))
        }),
    );
    facts.extend(gates.floor.as_ref().map(|floor| {
        let told =
            format!("{}, the base beside itself, {} turns", interval(floor), grouped(floor.of));
        Fact::new("Noise floor", told)
    }));
    Some(View {
        facts,
        table: table(gates),
        notes: gates.notes.clone(),
        left_out: gates.left_out.iter().take(100).cloned().collect(),
        incomplete: gates.incomplete.clone(),
    })
}

fn table(gates: &Gates) -> Table {
    let mut sorted: Vec<(usize, &Gate)> = gates.gates.iter().enumerate().collect();
    sorted.sort_by(|(_, one), (_, other)| words::worst_first(one, other));
    let heads = [
        "what",
        "verdict",
        "#base",
        "#candidate",
        "change beside the tolerance",
        "#ratio",
        "#of",
        "kind",
    ];
    let mut table = Table::new("Every gate, the worst first", &heads);
    table.rows = sorted.iter().take(SHOWN).map(|(number, gate)| row(*number, gate)).collect();
    table.more = super::view::more(sorted.len(), SHOWN);
    table.without_blanks()
}

fn badge(verdict: &Verdict) -> Badge {
    match verdict {
        Verdict::Regress => Badge::bad("regress"),
        Verdict::Inconclusive => Badge::unknown("inconclusive"),
        Verdict::Allowed { .. } => Badge::new(Tone::Warn, "A", "allowed"),
        Verdict::Pass => Badge::good("pass"),
    }
}

fn row(number: usize, gate: &Gate) -> Row {
    let badge = badge(&gate.verdict);
    let tone = Some(badge.tone);
    let value = |of: Option<f64>| of.map(|of| words::value(of, &gate.unit)).unwrap_or_default();
    let mut notes = gate.notes.clone();
    if let Verdict::Allowed { reason } = &gate.verdict {
        notes.push(format!("allowed: {reason}"));
    }
    let what = match &gate.subject {
        Some(subject) => format!("{subject}: {}", gate.measure),
        None => gate.measure.clone(),
    };
    let ratio = ratio(gate);
    let exact = |ratio: Interval| match gate.ratio {
        Some(ratio) => interval(&ratio),
        None if ratio.median < 10.0 => format!("{:.3}", ratio.median),
        None => crate::figures::number(ratio.median),
    };
    let cells = vec![
        Cell { notes, ..Cell::code(what) },
        Cell::badge(badge),
        Cell::figure(value(gate.base)),
        Cell::figure(value(gate.candidate)),
        Cell { svg: ratio.and_then(|ratio| picture(number, gate, &ratio)), ..Cell::default() },
        Cell::figure(ratio.map(exact).unwrap_or_default()),
        Cell::figure(grouped(gate.of)),
        Cell::text(words::kind(gate.kind)),
    ];
    Row { cells, tone, ..Row::default() }
}

/// The candidate divided by the base: an interval of one point where it is exact.
fn ratio(gate: &Gate) -> Option<Interval> {
    let exact = || {
        let ratio = gate.candidate? / gate.base.filter(|base| *base > 0.0)?;
        Some(Interval { low: ratio, median: ratio, high: ratio, of: gate.of })
    };
    gate.ratio.or_else(exact)
}

fn picture(number: usize, gate: &Gate, ratio: &Interval) -> Option<String> {
    let tolerance = gate.tolerance?;
    let ink = match gate.verdict {
        Verdict::Pass => Ink::Good,
        Verdict::Regress => Ink::Bad,
        Verdict::Inconclusive | Verdict::Allowed { .. } => Ink::Doubt,
    };
    let floor = gate.floor;
    let span = Span {
        low: ratio.low - 1.0,
        median: ratio.median - 1.0,
        high: ratio.high - 1.0,
        tolerance,
        floor: floor.map(|floor| [floor.low - 1.0, floor.high - 1.0]),
        ink,
    };
    let change = |part: f64| format!("{:+.1} %", part * 100.0);
    let beside = floor.map(|_| {
        let [low, high] = span.floor.unwrap_or_default();
        format!("; the base beside itself: {} to {}", change(low), change(high))
    });
    let text = format!(
        "{}, from {} to {}; the tolerance is {}{}",
        change(span.median),
        change(span.low),
        change(span.high),
        change(tolerance),
        beside.unwrap_or_default()
    );
    let subject = gate.subject.as_deref().unwrap_or("all");
    let title = format!("Change of {} of {subject} beside its tolerance", gate.measure);
    svg::interval(&format!("gate-{number}"), &title, &text, &span)
}

/// What it says on top of the page.
pub(super) fn told(report: &Report) -> Option<Told> {
    let gates = report.gates.as_ref()?;
    let all = gates.gates.len() as u64;
    let regressed = gates.count(&Verdict::Regress) as u64;
    let undecided = gates.count(&Verdict::Inconclusive) as u64;
    let of = |count: u64| format!("{} of {} gate{}", grouped(count), grouped(all), plural(all));
    let cut_off =
        gates.incomplete.as_ref().map(|why| format!(", and the gates ended early: {why}"));
    let clause = match (regressed, undecided) {
        (0, 0) if all == 0 => "no gate was decided".to_owned(),
        (0, 0) => format!("all {} gates pass", grouped(all)),
        (0, _) => format!("{} could not be decided", of(undecided)),
        (_, 0) => format!("{} regressed", of(regressed)),
        _ => format!("{} regressed and {} could not be decided", of(regressed), grouped(undecided)),
    };
    let mut figures = vec![
        Figure::new(Tone::Bad, grouped(regressed), "gates regressed"),
        Figure::new(Tone::Unknown, grouped(undecided), "gates undecided"),
    ];
    figures.retain(|figure| figure.value != "0");
    let passed = gates.count(&Verdict::Pass) as u64;
    figures.push(Figure::new(
        Tone::Good,
        format!("{} of {}", grouped(passed), grouped(all)),
        "gates pass",
    ));
    Some(Told {
        clause: clause + &cut_off.unwrap_or_default(),
        bad: regressed + undecided > 0 || gates.incomplete.is_some(),
        figures,
    })
}
