//! From what is known of promises to what a report says of them.

use std::collections::BTreeMap;

use shakedown_reports::model::{self, Finding, Kept, Outcome, Severity};

use super::allow::Allowances;
use super::check::{Checked, Known, Verdict};
use super::findings::{self, Origin};
use super::promise::Otherwise;
use super::soft_delete::SoftDelete;
use crate::catalog::Catalog;
use crate::checks::Declared;
use crate::source::Project;

/// Whose promises are tested.
#[derive(Debug)]
pub enum Subject {
    /// The schema that the migrations of a project make.
    Project(Project),
    /// A clone of the database of that name.
    Database(String),
}

impl Subject {
    /// The migration folder or the database.
    pub fn name(&self) -> String {
        match self {
            Self::Project(project) => project.folder.display().to_string(),
            Self::Database(name) => name.clone(),
        }
    }
}

/// What the user says of the results.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    /// By the id of a promise or its first parts: why it is allowed not to be kept.
    pub allow: BTreeMap<String, Declared>,
    /// Whether a risk fails the run.
    pub deny_risk: bool,
    /// Whether all promises were asked for, so that an allowance of none of them is wrong.
    pub whole: bool,
}

/// The part of a report that is about promises.
#[derive(Debug)]
pub struct Told {
    pub outcome: Outcome,
    pub invariants: model::Invariants,
    pub findings: Vec<Finding>,
    /// How many promises of each invariant are not kept, as the user allows.
    pub allowed: BTreeMap<String, usize>,
}

/// Judges what is known of each promise. `seed` is what the generated values came from.
pub fn told(
    checked: &Checked,
    seed: u64,
    subject: &Subject,
    catalog: &Catalog,
    judgement: &Judgement,
) -> Told {
    let mut allowances = Allowances::new(&judgement.allow);
    let mut findings = Vec::new();
    let mut allowed = BTreeMap::new();
    let mut promises = Vec::new();
    let origin = Origin::of(subject);
    for verdict in &checked.verdicts {
        let (kept, finding) = judge(verdict, &origin, catalog, &mut allowances);
        if let Kept::Allowed { .. } = kept {
            *allowed.entry(verdict.promise.invariant.clone()).or_default() += 1;
        }
        promises.push(model::Promise {
            invariant: verdict.promise.invariant.clone(),
            table: verdict.promise.table.to_string(),
            object: verdict.promise.object.clone(),
            says: verdict.promise.says.clone(),
            verdict: kept,
        });
        findings.extend(finding);
    }
    if judgement.deny_risk {
        for risk in findings.iter_mut().filter(|finding| finding.severity == Severity::Risk) {
            risk.severity = Severity::Warning;
        }
    }
    if judgement.whole && checked.not_reached.is_empty() {
        findings.extend(allowances.unused());
    }
    let untested = promises.iter().any(|promise| matches!(promise.verdict, Kept::Untested { .. }));
    let outcome = if findings.iter().any(|finding| finding.severity > Severity::Risk) {
        Outcome::Found
    } else if untested || !checked.not_reached.is_empty() {
        Outcome::Incomplete
    } else {
        Outcome::Held
    };
    let invariants = model::Invariants {
        schema: checked.schema.clone(),
        seed,
        cases: checked.cases,
        promises,
        soft_deletes: checked.soft_deletes.iter().map(soft_delete).collect(),
        not_reached: checked.not_reached.clone(),
    };
    Told { outcome, invariants, findings, allowed }
}

fn soft_delete(soft: &SoftDelete) -> model::SoftDelete {
    model::SoftDelete {
        table: soft.table.to_string(),
        column: soft.column.clone(),
        live: soft.live_where.clone(),
        because: soft.because.clone(),
    }
}

fn judge(
    verdict: &Verdict,
    origin: &Origin<'_>,
    catalog: &Catalog,
    allowances: &mut Allowances<'_>,
) -> (Kept, Option<Finding>) {
    let id = verdict.promise.id();
    let allowed = |reason: &str| (Kept::Allowed { reason: reason.to_owned() }, None);
    match &verdict.known {
        Known::Holds { cases } => (Kept::Holds { cases: *cases }, None),
        Known::Broken(counterexample) => match allowances.broken(&id) {
            Some(reason) => allowed(reason),
            None => {
                let finding = findings::broken(verdict, counterexample, origin, catalog);
                (Kept::Broken, Some(finding))
            }
        },
        Known::Risk(trap) => match allowances.risk(&id) {
            Some(reason) => allowed(reason),
            None => {
                let words = match &verdict.promise.otherwise {
                    Otherwise::Risk { trap, way_out } => (trap.as_str(), way_out.as_str()),
                    Otherwise::Broken => (verdict.promise.says.as_str(), ""),
                };
                let finding = findings::risk(verdict, words, trap, origin, catalog);
                (Kept::Risk, Some(finding))
            }
        },
        Known::Untested { reason } => {
            allowances.untested(&id);
            (Kept::Untested { reason: reason.clone() }, None)
        }
        Known::OutOfScope { reason } => {
            allowances.untested(&id);
            (Kept::OutOfScope { reason: reason.clone() }, None)
        }
    }
}
