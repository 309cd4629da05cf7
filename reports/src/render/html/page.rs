//! What is on the page: the verdict and those sections that the report has something for.

use serde::Serialize;

use super::verdict::{self, Verdict};
use super::{findings, gates, index, invariants, load, migrations, parts, settings, strength};
use crate::model::Report;

/// Everything that the templates take.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    title: String,
    verdict: Verdict,
    /// The sections that are there, for the table of contents.
    contents: Vec<Link>,
    parts: Option<parts::Parts>,
    gates: Option<gates::View>,
    migrations: Option<migrations::View>,
    invariants: Option<invariants::View>,
    strength: Option<strength::View>,
    load: Option<load::View>,
    indexes: Option<index::View>,
    findings: Option<findings::Findings>,
    settings: settings::View,
}

/// A section that one can go to.
#[derive(Debug, Serialize)]
struct Link {
    id: &'static str,
    name: &'static str,
}

impl Page {
    pub(super) fn of(report: &Report) -> Self {
        let (parts, migrations) = (parts::view(report), migrations::view(report));
        let (invariants, strength) = (invariants::view(report), strength::view(report));
        let (load, indexes) = (load::view(report), index::view(report));
        let (gates, findings) = (gates::view(report), findings::rest(report));
        let several = report.load.as_ref().is_some_and(|load| load.cells.len() > 1);
        let there = [
            ("parts", "Parts of the run", parts.is_some()),
            ("gates", "Gates", gates.is_some()),
            ("migrations", "Migrations", migrations.is_some()),
            ("invariants", "Invariants", invariants.is_some()),
            ("strength", "Strength", strength.is_some()),
            ("load", if several { "Pool and load" } else { "Load" }, load.is_some()),
            ("indexes", "Indexes", indexes.is_some()),
            ("findings", "Other findings", findings.is_some()),
            ("settings", "Environment and settings", true),
        ];
        let contents = there.into_iter().filter(|(_, _, there)| *there);
        Self {
            title: format!("Shakedown: {}", report.project.folder),
            verdict: verdict::of(report),
            contents: contents.map(|(id, name, _)| Link { id, name }).collect(),
            parts,
            gates,
            migrations,
            invariants,
            strength,
            load,
            indexes,
            findings,
            settings: settings::view(report),
        }
    }
}
