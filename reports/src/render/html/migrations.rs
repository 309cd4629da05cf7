//! Every step with its verdict, and the findings about it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::findings::{self, Findings};
use super::view::{Badge, Fact, Figure, Told, Tone, more};
use crate::figures::{grouped, milliseconds};
use crate::model::{Finding, Migration, Report, RoundTrip, Verdict};
use crate::render::text::chain;

/// So many steps are shown, and so many of them with their findings.
const STEPS: usize = 600;

/// The steps of a project.
#[derive(Debug, Serialize)]
pub(super) struct View {
    steps: Vec<Step>,
    more: String,
    legend: Vec<Badge>,
    chain: String,
    /// Of what the user allows, how often it was found.
    allowed: Vec<String>,
}

/// One migration.
#[derive(Debug, Serialize)]
struct Step {
    number: usize,
    id: String,
    badge: Badge,
    reason: Option<String>,
    facts: Vec<Fact>,
    findings: Findings,
    /// How many there are, in words.
    count: String,
    up: String,
    down: String,
    again: String,
}

pub(super) fn view(report: &Report) -> Option<View> {
    let all = &report.migrations;
    if all.is_empty() {
        return None;
    }
    let mut of: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in report.findings.iter().filter(|one| !findings::of_promise(report, one)) {
        of.entry(finding.migration.as_deref().unwrap_or_default()).or_default().push(finding);
    }
    let (mut left, mut room) = (findings::SHOWN, findings::ROOM);
    let steps = (1..).zip(all).take(STEPS).map(|(number, migration)| {
        let own = of.get(migration.id.as_str()).map(Vec::as_slice).unwrap_or_default();
        let shown = own.len().min(left);
        left -= shown;
        step(number, migration, own.len(), findings::view(own, shown, &mut room))
    });
    let steps: Vec<Step> = steps.collect();
    let mut legend: Vec<Badge> = Vec::new();
    for step in &steps {
        if legend.iter().all(|badge| badge.word != step.badge.word) {
            legend.push(step.badge.clone());
        }
    }
    let allowed = |(rule, count): (&String, &usize)| format!("{} × {rule}", grouped(*count as u64));
    Some(View {
        steps,
        more: more(all.len(), STEPS),
        legend,
        // On paper the reasons stand before the line, here after it.
        chain: chain(report).replace("the reasons above", "the reasons below"),
        allowed: report.allowed.iter().map(allowed).take(50).collect(),
    })
}

fn step(number: usize, migration: &Migration, count: usize, findings: Findings) -> Step {
    let took = |ms: Option<f64>| ms.map(milliseconds).unwrap_or_default();
    let timings = &migration.timings;
    let round_trip = match migration.round_trip {
        Some(RoundTrip::Transaction) => Some("in one transaction that was rolled back"),
        Some(RoundTrip::Clone) => Some("on a clone, each script committed as its runner does"),
        None => None,
    };
    let facts = round_trip.map(|ran| Fact::new("Down and up again", ran));
    let reason = match &migration.verdict {
        Verdict::Irreversible { reason } | Verdict::Untested { reason } => Some(reason.clone()),
        _ => None,
    };
    let count = match count {
        0 => String::new(),
        1 => "1 finding".to_owned(),
        many => format!("{} findings", grouped(many as u64)),
    };
    Step {
        number,
        id: migration.id.clone(),
        badge: badge(&migration.verdict),
        reason,
        facts: facts.into_iter().collect(),
        findings,
        count,
        up: took(timings.up_ms),
        down: took(timings.down_ms),
        again: took(timings.reapply_ms),
    }
}

fn badge(verdict: &Verdict) -> Badge {
    match verdict {
        Verdict::Reversible => Badge::good("reversible"),
        Verdict::Irreversible { .. } => Badge::new(Tone::Warn, "I", "irreversible on purpose"),
        Verdict::ForwardOnly => Badge::new(Tone::Good, "→", "applied, forward only"),
        Verdict::Flawed => Badge::bad("flawed"),
        Verdict::Allowed => Badge::new(Tone::Warn, "A", "flaws allowed"),
        Verdict::Untested { .. } => Badge::unknown("not tested"),
        Verdict::NotSelected => Badge::quiet("not selected"),
        Verdict::NotReached => Badge::new(Tone::Unknown, "·", "not reached"),
    }
}

/// What it says on top of the page.
pub(super) fn told(report: &Report) -> Option<Told> {
    let all = report.migrations.len();
    if all == 0 {
        return None;
    }
    let of = |wanted: fn(&Verdict) -> bool| {
        report.migrations.iter().filter(|migration| wanted(&migration.verdict)).count()
    };
    let reversible = of(|verdict| *verdict == Verdict::Reversible);
    let flawed = of(|verdict| *verdict == Verdict::Flawed);
    let untested = of(|verdict| matches!(verdict, Verdict::Untested { .. } | Verdict::NotReached));
    let share = |count: usize| format!("{} of {}", grouped(count as u64), grouped(all as u64));
    let clause = match (flawed, untested) {
        (0, 0) if reversible == all && all > 1 => {
            format!("all {} migrations are reversible", grouped(all as u64))
        }
        (0, 0) => format!("{} migrations are reversible", share(reversible)),
        (0, _) => format!("{} migrations could not be tested", share(untested)),
        _ => format!("{} migrations are flawed", share(flawed)),
    };
    let tone = match (flawed, untested) {
        (0, 0) => Tone::Good,
        (0, _) => Tone::Unknown,
        _ => Tone::Bad,
    };
    Some(Told {
        clause,
        bad: flawed + untested > 0,
        figures: vec![Figure::new(tone, share(reversible), "migrations reversible")],
    })
}
