//! Regressions that the user takes, with a reason.

use std::collections::{BTreeMap, BTreeSet};

use shakedown_reports::gate::{Gate, Kind, Verdict};

/// The name by which a gate is allowed: its subject and measure, `add-item:wal_bytes`; its measure
/// alone for the whole; the text of a limit.
fn id(gate: &Gate) -> String {
    match (&gate.subject, gate.kind) {
        (Some(subject), Kind::Counter | Kind::Time | Kind::Criterion) => {
            format!("{subject}:{}", gate.measure)
        }
        _ => gate.measure.clone(),
    }
}

/// Marks what is allowed, and says of what nothing was found. An id without a measure allows all of
/// its subject.
pub fn allowed(gates: Vec<Gate>, allow: &BTreeMap<String, String>) -> (Vec<Gate>, Vec<String>) {
    let mut used = BTreeSet::new();
    let mark = |gate: Gate| {
        if gate.verdict != Verdict::Regress {
            return gate;
        }
        let of_gate = [Some(id(&gate)), gate.subject.clone()];
        let given = of_gate.iter().flatten().find_map(|id| allow.get_key_value(id));
        let Some((id, reason)) = given else { return gate };
        used.insert(id.clone());
        Gate { verdict: Verdict::Allowed { reason: reason.clone() }, ..gate }
    };
    let gates = gates.into_iter().map(mark).collect();
    let unused = allow.keys().filter(|id| !used.contains(*id));
    let unused = unused.map(|id| format!("`{id}` is allowed, but is no regression"));
    (gates, unused.collect())
}

#[cfg(test)]
mod tests {
    use shakedown_reports::gate::Verdict::{Allowed, Pass, Regress};

    use super::*;

    fn gate(kind: Kind, subject: Option<&str>, measure: &str, verdict: Verdict) -> Gate {
        Gate {
            kind,
            subject: subject.map(str::to_owned),
            measure: measure.to_owned(),
            unit: String::new(),
            base: None,
            candidate: None,
            ratio: None,
            floor: None,
            tolerance: None,
            of: 1,
            verdict,
            notes: Vec::new(),
        }
    }

    #[test]
    fn only_regressions_that_are_named_are_allowed() {
        let gates = vec![
            gate(Kind::Counter, Some("add"), "wal_bytes", Regress),
            gate(Kind::Counter, Some("add"), "buffers", Regress),
            gate(Kind::Counter, Some("edit"), "buffers", Regress),
            gate(Kind::Time, None, "time", Regress),
            gate(Kind::Limit, Some("edit"), "p99(edit) < 5ms", Regress),
            gate(Kind::Counter, Some("list"), "buffers", Pass),
        ];
        let allow = ["add:wal_bytes", "edit", "p99(edit) < 5ms", "list:buffers"];
        let allow = allow.map(|id| (id.to_owned(), "wanted".to_owned())).into();
        let (gates, unused) = allowed(gates, &allow);
        let verdicts: Vec<Verdict> = gates.into_iter().map(|gate| gate.verdict).collect();
        let wanted = || Allowed { reason: "wanted".to_owned() };
        assert_eq!(verdicts, [wanted(), Regress, wanted(), Regress, wanted(), Pass]);
        assert_eq!(unused, ["`list:buffers` is allowed, but is no regression"]);
    }
}
