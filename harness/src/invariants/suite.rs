//! Suites: promises and their cases as a file, to be tried on another schema or server.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnection;

use super::case::{Group, Outcome};
use super::check::{Checked, Counterexample, Known, Trap, Verdict};
use super::promise::{Evidence, Otherwise, Promise};
use super::runner::Runner;
use super::store;
use crate::error::{Error, Result};

/// The version of the files that are written.
pub const VERSION: u32 = 1;

/// The promises of one schema that are tried by cases on a single connection. Those that take two
/// sessions, that the catalog alone tells or that generated cases try are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suite {
    /// The version of this format.
    pub version: u32,
    /// The program that made it: `shakedown 0.1.0`.
    pub made_by: String,
    /// The digest of the catalog it was derived from.
    pub schema: String,
    pub seed: u64,
    /// With their cases.
    pub promises: Vec<Promise>,
    /// What came of the cases on the schema they were derived from: for each promise, for each of
    /// its groups, for each case.
    pub baseline: Vec<Vec<Vec<Outcome>>>,
}

/// Makes a suite of the promises of a check that have cases, by running these once more on the
/// same schema. `seed` is that of the check.
///
/// # Errors
/// When the connection is lost.
pub async fn derive(conn: &mut PgConnection, checked: &Checked, seed: u64) -> Result<Suite> {
    let all = checked.verdicts.iter().map(|verdict| &verdict.promise);
    let promises: Vec<Promise> =
        all.filter(|promise| !groups(promise).is_empty()).cloned().collect();
    let baseline = outcomes(conn, &promises).await?;
    Ok(Suite {
        version: VERSION,
        made_by: concat!("shakedown ", env!("CARGO_PKG_VERSION")).to_owned(),
        schema: checked.schema.clone(),
        seed,
        promises,
        baseline,
    })
}

/// Runs every case of a suite on the schema of this connection, whose digest is `schema`.
///
/// # Errors
/// When the connection is lost.
pub async fn run(conn: &mut PgConnection, suite: &Suite, schema: String) -> Result<Checked> {
    let outcomes = outcomes(conn, &suite.promises).await?;
    let verdicts: Vec<Verdict> = suite
        .promises
        .iter()
        .zip(&outcomes)
        .map(|(promise, outcomes)| Verdict {
            promise: promise.clone(),
            known: known(promise, outcomes),
        })
        .collect();
    Ok(Checked {
        verdicts,
        cases: suite.promises.iter().map(Promise::cases).sum(),
        schema,
        ..Checked::default()
    })
}

/// What came of the cases of each promise.
async fn outcomes(conn: &mut PgConnection, promises: &[Promise]) -> Result<Vec<Vec<Vec<Outcome>>>> {
    let tried: Vec<Group> = promises.iter().flat_map(groups).cloned().collect();
    let mut all = Runner::new(conn, true).await?.run(&tried).await?.into_iter();
    let of = |promise: &Promise| all.by_ref().take(groups(promise).len()).collect();
    Ok(promises.iter().map(of).collect())
}

fn groups(promise: &Promise) -> &[Group] {
    match &promise.evidence {
        Evidence::Cases(groups) => groups,
        Evidence::Duels(_) | Evidence::Seen(_) | Evidence::Untested(_) => &[],
    }
}

/// What is known of a promise by the outcomes of its cases.
fn known(promise: &Promise, outcomes: &[Vec<Outcome>]) -> Known {
    let tried = groups(promise).iter().zip(outcomes).flat_map(|(group, outcomes)| {
        group.cases.iter().zip(outcomes).map(move |(case, outcome)| (group, case, outcome))
    });
    let mut unreachable = None;
    for (group, case, outcome) in tried {
        if let Outcome::Unreachable(rejection) = outcome {
            unreachable.get_or_insert(rejection);
        } else if !case.admits(outcome) {
            let counterexample = Counterexample::Case {
                case: case.clone(),
                setup: group.setup.clone(),
                outcome: outcome.clone(),
            };
            return match promise.otherwise {
                Otherwise::Broken => Known::Broken(counterexample),
                Otherwise::Risk { .. } => Known::Risk(Trap::Ran(counterexample)),
            };
        }
    }
    match unreachable {
        None => Known::Holds { cases: promise.cases() },
        Some(rejection) => Known::Untested {
            reason: format!("the rows that it starts from cannot be made: {}", rejection.message),
        },
    }
}

impl Suite {
    /// Reads a suite from a file.
    ///
    /// # Errors
    /// When the file is not there, is no suite, or was written by a later version.
    pub fn load(file: &Path) -> Result<Self> {
        let shown = file.display();
        let text = fs::read_to_string(file).map_err(|error| {
            Error::new(format!("the suite `{shown}` cannot be read"))
                .because(error)
                .hint("`shakedown invariants --save-suite <file>` writes one")
        })?;
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let no_suite = |error: serde_json::Error| {
            Error::new(format!("`{shown}` is no suite"))
                .because(error)
                .hint("`shakedown invariants --save-suite <file>` writes one")
        };
        // What a later version wrote may look like anything but for its number.
        let Versioned { version } = serde_json::from_str(&text).map_err(no_suite)?;
        if version > VERSION {
            return Err(Error::new(format!(
                "the suite `{shown}` has version {version} and this program reads up to {VERSION}"
            ))
            .hint("use the version of shakedown that wrote it, or a later one"));
        }
        let suite: Self = serde_json::from_str(&text).map_err(no_suite)?;
        if !suite.fits() {
            return Err(Error::new(format!(
                "the suite `{shown}` has a promise without cases, or other outcomes than it has cases"
            ))
            .hint("write it again with `shakedown invariants --save-suite <file>`"));
        }
        Ok(suite)
    }

    /// Writes it to a file, whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, file: &Path) -> Result<()> {
        store::write(file, &store::json(self, file)?)
    }

    /// Whether every promise has cases, and every case its outcome.
    fn fits(&self) -> bool {
        let outcomes_of = |promise: &Promise, outcomes: &Vec<Vec<Outcome>>| {
            let groups = groups(promise);
            !groups.is_empty()
                && groups.len() == outcomes.len()
                && groups.iter().zip(outcomes).all(|(g, outcomes)| g.cases.len() == outcomes.len())
        };
        self.promises.len() == self.baseline.len()
            && self.promises.iter().zip(&self.baseline).all(|(p, o)| outcomes_of(p, o))
    }
}
