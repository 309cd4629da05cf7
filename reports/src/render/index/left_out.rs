//! What has no figures, and why.

use std::collections::BTreeMap;

use crate::figures::{grouped, listed};
use crate::index::{Indexes, Standing};
use crate::render::load::words::paragraph;

/// So many names are listed for one reason; of the others only the number is told.
const NAMES: usize = 12;

pub(super) fn render(indexes: &Indexes) -> String {
    let mut ignored = Vec::new();
    let mut for_reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut told = Vec::new();
    for strategy in &indexes.strategies {
        let name = format!("`{}`", strategy.name);
        match (&strategy.standing, &strategy.keep) {
            (Standing::Ignored, Some(keep)) => told.push(format!("{name}: {keep}")),
            (Standing::Ignored, None) => ignored.push(name),
            (Standing::Failed { message }, _) => {
                told.push(format!("{name} cannot be made: {message}"));
            }
            (Standing::NotMeasured { reason }, _) => {
                for_reasons.entry(reason).or_default().push(name);
            }
            _ => {}
        }
    }
    if !ignored.is_empty() {
        told.insert(0, format!("the planner has no use for {}", names(ignored)));
    }
    for (reason, of) in for_reasons {
        told.push(format!("not measured, since {reason}: {}", names(of)));
    }
    told.extend(indexes.left_out.iter().cloned());
    if told.is_empty() {
        return String::new();
    }
    let lines = told.into_iter().map(|line| paragraph(&format!("- {line}"), "  "));
    format!("\nleft out:\n{}", lines.collect::<String>())
}

fn names(mut names: Vec<String>) -> String {
    if names.len() > NAMES {
        let more = names.split_off(NAMES).len() as u64;
        names.push(format!("{} more", grouped(more)));
    }
    listed(&names)
}
