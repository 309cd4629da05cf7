//! The difference of two reports for people: what got worse first in each section, the verdict last.

use super::load::words::paragraph;
use super::text::{GREEN, RED, painted};
use super::{Colour, clean};
use crate::compare::{Change, Course, Difference, Run};
use crate::figures::{grouped, listed, plural};
use crate::model::Outcome;
use crate::table::{Cell, Table};

/// Longer values are cut: messages of findings have a line of their own elsewhere.
const VALUE: usize = 90;

/// The difference of two reports as aligned text, as it is printed on the terminal.
pub fn difference(difference: &Difference, colour: Colour) -> String {
    let mut out = run("before", &difference.before);
    out += &run("after ", &difference.after);
    for note in &difference.notes {
        out += &paragraph(&format!("note: {note}"), "");
    }
    for section in &difference.sections {
        out += &format!("\n{}\n", section.name);
        if section.changes.is_empty() {
            out += "  nothing changed\n";
        }
        let mut changes: Vec<&Change> = section.changes.iter().collect();
        changes.sort_by_key(|change| match change.course {
            Course::Worse => 0,
            Course::Other => 1,
            Course::Better => 2,
        });
        let mut table = Table::default();
        for change in changes {
            table.push(row(change, colour));
        }
        out += &table.render();
    }
    out + "\n" + &verdict(difference, colour)
}

fn run(which: &str, run: &Run) -> String {
    let outcome = match run.outcome {
        Outcome::Held => "all held",
        Outcome::Found => "something was found",
        Outcome::Incomplete => "not all could be tested",
    };
    clean::line(&format!("{which}: {}, {outcome}, by {}", run.started_at, run.tool)) + "\n"
}

fn row(change: &Change, colour: Colour) -> Vec<Cell> {
    let (word, paint) = match change.course {
        Course::Worse => ("worse", RED),
        Course::Better => ("better", GREEN),
        Course::Other => ("", None),
    };
    let value = |words: &str| clean::short(&clean::line(words), VALUE);
    let told = match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("{} -> {}", value(before), value(after)),
        (Some(before), None) => format!("gone: {}", value(before)),
        (None, Some(after)) => format!("new: {}", value(after)),
        (None, None) => String::new(),
    };
    vec![
        Cell::left(word).painted(|word| painted(word, paint, colour)),
        Cell::left(clean::short(&clean::line(&change.what), VALUE)),
        Cell::over(format!(" {told}")),
    ]
}

fn verdict(difference: &Difference, colour: Colour) -> String {
    let counts = [Course::Worse, Course::Better, Course::Other]
        .map(|course| difference.count(course) as u64);
    let [worse, better, other] = counts;
    let told = |count: u64, word: &str| {
        (count > 0).then(|| format!("{} change{} {word}", grouped(count), plural(count)))
    };
    let neither = if other == 1 { "that is neither" } else { "that are neither" };
    let rest: Vec<String> =
        [told(better, "for the better"), told(other, neither)].into_iter().flatten().collect();
    let rest = if rest.is_empty() { String::new() } else { format!("; {}", listed(&rest)) };
    match worse {
        0 => format!("{}{rest}\n", painted("nothing got worse", GREEN, colour)),
        _ => format!(
            "{}: {}{rest}\n",
            painted("worse", RED, colour),
            told(worse, "for the worse").unwrap_or_default()
        ),
    }
}
