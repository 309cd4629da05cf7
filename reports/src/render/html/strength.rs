//! How much of what can be changed in the schema is noticed.

use serde::Serialize;

use super::view::{Badge, Cell, Fact, Figure, Row, Table, Told, Tone};
use crate::figures::{grouped, percent};
use crate::model::{Fate, Mutant, Report, Strength};

/// So many mutants are listed, those that survived first.
const SHOWN: usize = 300;

/// The fates, the worst first, as columns.
const FATES: [&str; 6] =
    ["#survived", "#impaired", "#killed", "#equivalent", "#duplicate", "#stillborn"];

/// The mutants of a schema.
#[derive(Debug, Serialize)]
pub(super) struct View {
    facts: Vec<Fact>,
    summary: Table,
    mutants: Table,
}

pub(super) fn view(report: &Report) -> Option<View> {
    let strength = report.strength.as_ref()?;
    let published = strength.mutants.iter().filter(|mutant| mutant.published);
    let facts = vec![
        Fact::new("Killed", killed(strength.mutants.iter())),
        Fact::new("Killed of published operators", killed(published)),
    ];
    Some(View {
        facts,
        summary: summary(strength).capped(100),
        mutants: mutants(strength).capped(SHOWN),
    })
}

fn rank(fate: &Fate) -> usize {
    match fate {
        Fate::Survived => 0,
        Fate::Impaired => 1,
        Fate::Killed { .. } => 2,
        Fate::Equivalent { .. } => 3,
        Fate::Duplicate { .. } => 4,
        Fate::Stillborn { .. } => 5,
    }
}

fn badge(fate: &Fate) -> Badge {
    match fate {
        Fate::Survived => Badge::warn("survived"),
        Fate::Impaired => Badge::unknown("impaired"),
        Fate::Killed { .. } => Badge::good("killed"),
        Fate::Equivalent { .. } => Badge::quiet("equivalent"),
        Fate::Duplicate { .. } => Badge::quiet("duplicate"),
        Fate::Stillborn { .. } => Badge::quiet("stillborn"),
    }
}

fn summary(strength: &Strength) -> Table {
    let heads: Vec<&str> = ["operator"].into_iter().chain(FATES).collect();
    let mut table = Table::new("What became of each kind of change", &heads);
    let mut operators: Vec<&str> = Vec::new();
    for mutant in &strength.mutants {
        if !operators.contains(&mutant.operator.as_str()) {
            operators.push(&mutant.operator);
        }
    }
    for operator in operators {
        let mut counts = [0_u64; 6];
        for mutant in strength.mutants.iter().filter(|one| one.operator == operator) {
            counts[rank(&mutant.fate)] += 1;
        }
        let cell =
            |count: u64| Cell::figure(if count == 0 { String::new() } else { grouped(count) });
        table.push([Cell::code(operator)].into_iter().chain(counts.map(cell)).collect());
    }
    table.without_blanks()
}

fn mutants(strength: &Strength) -> Table {
    let mut sorted: Vec<&Mutant> = strength.mutants.iter().collect();
    sorted.sort_by_key(|mutant| rank(&mutant.fate));
    let mut table =
        Table::new("Every change", &["what was changed", "operator", "fate", "how that is known"]);
    for mutant in sorted {
        let badge = badge(&mutant.fate);
        let why = match &mutant.fate {
            Fate::Killed { by: why }
            | Fate::Equivalent { rule: why }
            | Fate::Stillborn { reason: why } => why.clone(),
            Fate::Duplicate { of } => format!("the same as: {of}"),
            Fate::Survived | Fate::Impaired => String::new(),
        };
        let tone = Some(badge.tone);
        let cells = vec![
            Cell::text(&mutant.says),
            Cell::code(&mutant.operator),
            Cell::badge(badge),
            Cell::text(why),
        ];
        table.rows.push(Row { cells, tone, ..Row::default() });
    }
    table
}

/// Of those that a test could notice.
fn counts<'a>(mutants: impl Iterator<Item = &'a Mutant>) -> (u64, u64) {
    mutants.fold((0, 0), |(killed, meant), mutant| match mutant.fate {
        Fate::Killed { .. } => (killed + 1, meant + 1),
        Fate::Survived => (killed, meant + 1),
        _ => (killed, meant),
    })
}

fn killed<'a>(mutants: impl Iterator<Item = &'a Mutant>) -> String {
    let (killed, meant) = counts(mutants);
    let share = if meant > 0 {
        format!(" ({})", percent(killed as f64, meant as f64))
    } else {
        String::new()
    };
    format!("{} of {}{share}", grouped(killed), grouped(meant))
}

/// What it says on top of the page.
pub(super) fn told(report: &Report) -> Option<Told> {
    let strength = report.strength.as_ref()?;
    let (killed, meant) = counts(strength.mutants.iter());
    let of = format!("{} of {}", grouped(killed), grouped(meant));
    let tone = if killed == meant { Tone::Good } else { Tone::Warn };
    Some(Told {
        clause: format!("{of} mutants of the schema are killed"),
        bad: false,
        figures: vec![Figure::new(tone, of, "mutants killed")],
    })
}
