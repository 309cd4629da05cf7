//! Gates: what was compared and decided, the worst first.

use super::escape::{code, prose};
use super::section::Section;
use crate::figures::grouped;
use crate::gate::{Gate, Gates, Verdict};
use crate::render::gates::words;

/// `2 of 7 regress, 1 inconclusive; migrations against origin/main`
pub(super) fn counted(gates: &Gates) -> String {
    let all = grouped(gates.gates.len() as u64);
    let regress = grouped(gates.count(&Verdict::Regress) as u64);
    let mut told = format!("{regress} of {all} regress");
    match gates.count(&Verdict::Inconclusive) as u64 {
        0 => {}
        undecided => told += &format!(", {} inconclusive", grouped(undecided)),
    }
    told += &format!("; `{}`", gates.candidate.name);
    if let Some(base) = &gates.base {
        told += &format!(" against `{}`", base.name);
    }
    if let Some(why) = &gates.incomplete {
        told += &format!("; not all was decided: {why}");
    }
    told
}

pub(super) fn section(gates: &Gates) -> Section {
    let mut worst: Vec<&Gate> = gates.gates.iter().collect();
    worst.sort_by(|one, other| words::worst_first(one, other));
    let columns = ["verdict", "gate", "base", "candidate", "change", "tolerance", "kind", "of", ""];
    let floor = gates.floor.as_ref().map(|floor| {
        let floor = words::interval(floor);
        format!("Noise floor of times, the base beside itself: {floor}.")
    });
    Section::table("Gates", "gates", &columns, worst.into_iter().map(row)).with(floor)
}

fn row(gate: &Gate) -> Vec<String> {
    let value = |value: Option<f64>| value.map(|value| prose(&words::value(value, &gate.unit)));
    let mut told = gate.notes.clone();
    if let Verdict::Allowed { reason } = &gate.verdict {
        told.insert(0, reason.clone());
    }
    vec![
        words::verdict(&gate.verdict).to_owned(),
        code(&words::what(gate)),
        value(gate.base).unwrap_or_default(),
        value(gate.candidate).unwrap_or_default(),
        words::change(gate),
        words::tolerance(gate),
        words::kind(gate.kind).to_owned(),
        grouped(gate.of),
        prose(&told.join("; ")),
    ]
}
