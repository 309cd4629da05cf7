//! What a schema promises, tried on a real server without a test written by anyone.

pub mod allow;
pub mod case;
pub mod check;
mod findings;
mod place;
pub mod promise;
pub mod replay;
pub mod report;
pub mod runner;
pub mod script;
pub mod select;
pub mod store;
pub mod suite;
mod words;

use sha2::{Digest, Sha256};
use shakedown_reports::model::Severity;

use crate::catalog::Catalog;
use crate::checks::{Rule, first_paragraph};
use crate::error::{Error, Result};

/// A kind of promise that is derived from catalogs.
#[derive(Debug)]
pub struct Invariant {
    /// As reports, `--only` and allowances name it.
    pub id: &'static str,
    /// What it is about: `uniqueness`.
    pub group: &'static str,
    /// What `shakedown rule <id>` prints: what is promised, how it is tried, what commonly goes
    /// wrong.
    pub page: &'static str,
}

impl Invariant {
    /// What is promised, as the first paragraph of its page says it, in one line.
    pub fn summary(&self) -> String {
        first_paragraph(self.page)
    }
}

/// Every invariant.
pub static INVARIANTS: &[Invariant] = &[];

/// What is found besides promises that are not kept.
pub static RULES: &[Rule] = &[Rule {
    id: allow::UNUSED,
    severity: Severity::Warning,
    page: include_str!("rules/allowance-unused.md"),
}];

/// A short name for a catalog: two schemas are the same if they have the same.
///
/// # Errors
/// When the catalog cannot be written down, which does not happen to one that was read.
pub fn digest(catalog: &Catalog) -> Result<String> {
    let text = serde_json::to_vec(catalog)
        .map_err(|error| Error::new("the catalog cannot be written down").because(error))?;
    Ok(Sha256::digest(&text).iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}
