//! The report for people where the strength of tests was measured: a line per kind of change, then
//! what nothing noticed, what there is nothing to notice of, and the verdict last.

use std::collections::BTreeMap;

use super::text::{GREEN, YELLOW, painted, server, tested};
use super::{Colour, clean};
use crate::model::{Fate, Mutant, Report, Strength};
use crate::table::{Cell, Table};

pub(super) fn render(report: &Report, strength: &Strength, colour: Colour) -> String {
    let mut out = format!("{}\n{}\n", clean::line(&tested(report)), server(report));
    if !strength.mutants.is_empty() {
        out.push_str(&by_operator(strength).render());
        out.push('\n');
    }
    let survivors = strength.mutants.iter().filter(|mutant| mutant.fate == Fate::Survived);
    out.push_str(&listed("survived", survivors));
    let mut by_rule: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
    for mutant in &strength.mutants {
        if let Fate::Equivalent { rule } = &mutant.fate {
            by_rule.entry(rule).or_default().push(mutant);
        }
    }
    for (rule, mutants) in by_rule {
        out.push_str(&listed(&format!("equivalent, since {rule}"), mutants.into_iter()));
    }
    out.push_str(&verdict(strength, colour));
    out
}

/// How many changes came to what.
#[derive(Default)]
struct Counts {
    killed: usize,
    survived: usize,
    equivalent: usize,
    duplicate: usize,
    impaired: usize,
    stillborn: usize,
}

impl Counts {
    fn of<'a>(mutants: impl Iterator<Item = &'a Mutant>) -> Self {
        let mut counts = Self::default();
        for mutant in mutants {
            *match mutant.fate {
                Fate::Killed { .. } => &mut counts.killed,
                Fate::Survived => &mut counts.survived,
                Fate::Equivalent { .. } => &mut counts.equivalent,
                Fate::Duplicate { .. } => &mut counts.duplicate,
                Fate::Impaired => &mut counts.impaired,
                Fate::Stillborn { .. } => &mut counts.stillborn,
            } += 1;
        }
        counts
    }

    /// Those that a test could notice, and that it takes a test of their own to notice.
    fn meant(&self) -> usize {
        self.killed + self.survived
    }
}

fn by_operator(strength: &Strength) -> Table {
    let mut operators: Vec<&str> = Vec::new();
    for mutant in &strength.mutants {
        if !operators.contains(&mutant.operator.as_str()) {
            operators.push(&mutant.operator);
        }
    }
    let mut table = Table::default();
    let mut head = vec![Cell::left("operator")];
    let columns = ["killed", "of", "equivalent", "duplicate", "impaired", "stillborn"];
    head.extend(columns.map(|column| Cell::right(format!(" {column}"))));
    table.push(head);
    for id in operators {
        let own = strength.mutants.iter().filter(|mutant| mutant.operator == id);
        let counts = Counts::of(own);
        let numbers = [
            counts.killed,
            counts.meant(),
            counts.equivalent,
            counts.duplicate,
            counts.impaired,
            counts.stillborn,
        ];
        let mut row = vec![Cell::left(clean::line(id))];
        row.extend(numbers.into_iter().enumerate().map(|(column, number)| {
            // What did not come about is left blank, so that what did stands out.
            let blank = number == 0 && column > 1;
            Cell::right(if blank { String::new() } else { number.to_string() })
        }));
        table.push(row);
    }
    table
}

fn listed<'a>(title: &str, mutants: impl Iterator<Item = &'a Mutant>) -> String {
    let lines: Vec<String> = mutants
        .map(|mutant| {
            format!("  {}\n", clean::line(&format!("{}: {}", mutant.operator, mutant.says)))
        })
        .collect();
    match lines.len() {
        0 => String::new(),
        count => format!("{} ({count}):\n{}\n", clean::line(title), lines.concat()),
    }
}

pub(super) fn verdict(strength: &Strength, colour: Colour) -> String {
    let all = Counts::of(strength.mutants.iter());
    let published = Counts::of(strength.mutants.iter().filter(|mutant| mutant.published));
    let paint = if all.survived == 0 { GREEN } else { YELLOW };
    let (killed, meant) = (all.killed, all.meant());
    let share = match meant {
        0 => String::new(),
        _ => format!(" ({:.1} %)", 100.0 * killed as f64 / meant as f64),
    };
    format!(
        "{} {killed} of {meant} mutants{share}; published operators {} of {}\n",
        painted("killed", paint, colour),
        published.killed,
        published.meant()
    )
}
