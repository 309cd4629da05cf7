//! `shakedown rule`

use shakedown::checks::{self, RULES};
use shakedown::error::Error;

use super::args::RuleArgs;
use super::{Verdict, output};

pub(super) fn run(args: RuleArgs) -> anyhow::Result<Verdict> {
    let Some(id) = args.id else {
        let width = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
        for rule in RULES {
            output::print(&format!("{:<width$}  {}\n", rule.id, rule.summary()));
        }
        return Ok(Verdict::Held);
    };
    let rule = checks::rule(&id).ok_or_else(|| {
        Error::new(format!("there is no rule `{id}`")).hint("`shakedown rule` lists them all")
    })?;
    output::print(rule.page);
    Ok(Verdict::Held)
}
