//! What comes of it all, in the last line.

use super::words::clock;
use crate::figures::{grouped, listed, percent, plural};
use crate::index::{Indexes, Origin, Standing, Strategy};
use crate::model::{Outcome, Report};
use crate::render::text::{GREEN, RED, YELLOW, painted};
use crate::render::{Colour, clean};

pub(super) fn render(report: &Report, indexes: &Indexes, colour: Colour) -> String {
    let (word, paint, told) = match (report.outcome, &indexes.advice) {
        (Outcome::Held, Some(_)) => ("advised", GREEN, told(indexes)),
        (Outcome::Held, None) => ("keep the schema as it is", GREEN, told(indexes)),
        (Outcome::Incomplete, _) => ("not all could be tried", YELLOW, untried(indexes)),
        (Outcome::Found, _) => ("found", RED, failures(indexes)),
    };
    format!("{}: {}\n", painted(word, paint, colour), clean::line(&told))
}

/// What is advised, or why nothing is.
pub(in crate::render) fn told(indexes: &Indexes) -> String {
    match &indexes.advice {
        Some(advice) => {
            let names: Vec<String> =
                advice.steps.iter().map(|step| format!("`{}`", step.name)).collect();
            format!(
                "{}, which {} {} of the work; {}",
                listed(&names),
                if names.len() == 1 { "saves" } else { "save" },
                percent(advice.effect.mix.part(), 1.0),
                measured(indexes)
            )
        }
        None => format!("{}; {}", nothing(indexes), measured(indexes)),
    }
}

/// How much was measured.
fn measured(indexes: &Indexes) -> String {
    let all = indexes.strategies.iter();
    let count = all.clone().filter(|one| one.effect.is_some()).count() as u64;
    let untried = |one: &&Strategy| matches!(one.standing, Standing::NotMeasured { .. });
    let untried = match all.filter(untried).count() as u64 {
        0 => String::new(),
        untried => format!(", {} not", grouped(untried)),
    };
    let ies = if count == 1 { "y" } else { "ies" };
    format!("{} strateg{ies} measured{untried}", grouped(count))
}

/// Why nothing is advised: what speaks against the one that saves most.
fn nothing(indexes: &Indexes) -> String {
    let saved = |one: &Strategy| one.effect.map_or(0.0, |effect| effect.mix.part());
    let saving = indexes
        .strategies
        .iter()
        .filter(|one| one.effect.is_some_and(|effect| effect.mix.surely() > 0.0));
    let Some(best) = saving.max_by(|one, other| saved(one).total_cmp(&saved(other))) else {
        return "nothing saves any work".to_owned();
    };
    let slower = best.timed.as_ref().is_some_and(|timed| clock(&timed.all) == "slower");
    let against = match &best.keep {
        Some(keep) => format!("but {keep}"),
        None if slower => "but takes more time".to_owned(),
        None if saved(best) < best.origin.enough() => "which is too little".to_owned(),
        None => "for which the notes above say why not".to_owned(),
    };
    format!("`{}` saves most, {} of the work, {against}", best.name, percent(saved(best), 1.0))
}

fn untried(indexes: &Indexes) -> String {
    if let Some(why) = &indexes.incomplete {
        return format!("{why}; {}", told(indexes));
    }
    let given = indexes.strategies.iter().filter(|one| one.origin == Origin::Given);
    let reasons = given.filter_map(|one| match &one.standing {
        Standing::Failed { message: reason } | Standing::NotMeasured { reason } => {
            Some(format!("`{}`: {reason}", one.name))
        }
        _ => None,
    });
    reasons.collect::<Vec<_>>().join("; ")
}

fn failures(indexes: &Indexes) -> String {
    let failed = indexes.base.iter().filter(|one| one.failed > 0);
    let told = failed.map(|one| {
        let why = one.failure.as_ref().map(|why| format!(": {why}"));
        format!(
            "`{}` failed {} of {} time{}{}",
            one.name,
            grouped(one.failed),
            grouped(one.times),
            plural(one.times),
            why.unwrap_or_default()
        )
    });
    told.collect::<Vec<_>>().join("; ")
}
