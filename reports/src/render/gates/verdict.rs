//! Whether the candidate may go on, in the last line.

use super::words;
use crate::figures::{grouped, plural};
use crate::gate::{Gate, Gates, Kind, Verdict};
use crate::model::Outcome;
use crate::render::text::{GREEN, RED, YELLOW, painted};
use crate::render::{Colour, clean};

pub(super) fn render(gates: &Gates, colour: Colour) -> String {
    let counted = gates.gates.is_empty() && gates.base.is_none();
    let (word, paint) = match gates.outcome() {
        Outcome::Held if counted => ("counted", GREEN),
        Outcome::Held => ("pass", GREEN),
        Outcome::Found => ("regress", RED),
        Outcome::Incomplete => ("inconclusive", YELLOW),
    };
    format!("{}: {}\n", painted(word, paint, colour), clean::line(&sentence(gates)))
}

/// The verdict without its word.
pub(crate) fn sentence(gates: &Gates) -> String {
    let all = gates.gates.len() as u64;
    let of = |wanted: &Verdict| -> Vec<&Gate> {
        gates.gates.iter().filter(|gate| gate.verdict == *wanted).collect()
    };
    let (worse, open) = (of(&Verdict::Regress), of(&Verdict::Inconclusive));
    let named = |found: &[&Gate]| match found {
        [] => String::new(),
        [first] => format!(" ({})", words::what(first)),
        [first, ..] => format!(" (first {})", words::what(first)),
    };
    let gates_of = format!("{} gate{}", grouped(all), plural(all));
    let mut told = if !worse.is_empty() {
        format!("{} of {gates_of} are beyond what is allowed{}", worse.len(), named(&worse))
    } else if !open.is_empty() {
        let n = grouped(open.len() as u64);
        // More time only helps what was timed.
        let more = match open.iter().any(|gate| gate.kind == Kind::Time) {
            true => "; `--budget` gives more time",
            false => "",
        };
        format!("{n} of {gates_of} could not be decided{}{more}", named(&open))
    } else if all == 0 && gates.base.is_none() {
        let operations = gates.candidate.operations.len() as u64;
        format!(
            "{} operation{}, for a later run to be compared with",
            grouped(operations),
            plural(operations)
        )
    } else if all == 0 {
        "nothing could be compared".to_owned()
    } else {
        match all {
            1 => "the only gate is within what is allowed".to_owned(),
            _ => format!("all of {gates_of} are within what is allowed"),
        }
    };
    if worse.len() == 1 || worse.is_empty() && all == 1 {
        told = told.replacen(" are ", " is ", 1);
    }
    if let Some(why) = &gates.incomplete {
        told.push_str(&format!("; {why}"));
    }
    told
}
