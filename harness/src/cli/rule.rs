//! `shakedown rule` and `shakedown invariants list`

use shakedown::checks::RULES;
use shakedown::error::Error;
use shakedown::invariants;
use shakedown::invariants::catalogue::INVARIANTS;

use super::args::RuleArgs;
use super::{Verdict, output};

/// Something that has a page.
struct Entry {
    id: &'static str,
    summary: String,
    page: &'static str,
}

pub(super) fn run(args: RuleArgs) -> anyhow::Result<Verdict> {
    let all: Vec<Entry> = rules().chain(kinds()).collect();
    let Some(id) = args.id else {
        list(&all);
        return Ok(Verdict::Held);
    };
    let entry = all.iter().find(|entry| entry.id == id).ok_or_else(|| {
        Error::new(format!("there is no rule `{id}`")).hint("`shakedown rule` lists them all")
    })?;
    output::print(entry.page);
    Ok(Verdict::Held)
}

/// Lists what is derived from a schema.
pub(super) fn list_invariants() -> Verdict {
    list(&kinds().collect::<Vec<_>>());
    Verdict::Held
}

fn rules() -> impl Iterator<Item = Entry> {
    let rules = RULES.iter().chain(invariants::RULES);
    rules.map(|rule| Entry { id: rule.id, summary: rule.summary(), page: rule.page })
}

fn kinds() -> impl Iterator<Item = Entry> {
    INVARIANTS.iter().map(|invariant| Entry {
        id: invariant.id,
        summary: invariant.summary(),
        page: invariant.page,
    })
}

fn list(entries: &[Entry]) {
    let width = entries.iter().map(|entry| entry.id.len()).max().unwrap_or(0);
    for Entry { id, summary, .. } in entries {
        output::print(&format!("{id:<width$}  {summary}\n"));
    }
}
