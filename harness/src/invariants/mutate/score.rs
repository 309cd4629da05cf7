//! Runs a suite against each mutant.

use std::collections::BTreeMap;

use serde::Serialize;
use shakedown_reports::model::{self, Fate};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use super::class::Judge;
use super::suite::Suite;
use super::{Class, Mutant, OPERATORS, mutants};
use crate::catalog::{Catalog, load};
use crate::error::{Error, Result};
use crate::invariants::case::{Group, Outcome};
use crate::invariants::runner::Runner;

/// Cases, and what came of each on the unchanged schema.
#[derive(Debug, Clone)]
pub struct Baseline {
    pub group: Group,
    /// As many as the group has cases, in their order.
    pub outcomes: Vec<Outcome>,
}

/// What a suite notices.
#[derive(Debug, Clone, Serialize)]
pub struct Score {
    /// In the order in which they are made.
    pub mutants: Vec<Judged>,
}

/// A mutant, and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    pub mutant: Mutant,
    pub class: Class,
    /// The first case that came out differently, and how; only of those that are run at all,
    /// the normal and the impaired ones.
    pub killed_by: Option<String>,
}

/// How many mutants an operator made, and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Without the stillborn ones.
    pub all: usize,
    pub normal: usize,
    /// Of the normal ones.
    pub killed: usize,
    pub equivalent: usize,
    pub duplicate: usize,
    pub impaired: usize,
    pub stillborn: usize,
}

impl Score {
    /// The counts of the operators that made any, in the order of [`OPERATORS`].
    pub fn by_operator(&self) -> Vec<(&'static str, Count)> {
        let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
        for judged in &self.mutants {
            counts.entry(judged.mutant.operator).or_default().add(judged);
        }
        let of = |id| counts.get(id).map(|count| (id, *count));
        OPERATORS.iter().filter_map(|operator| of(operator.id)).collect()
    }

    /// The counts of all operators, or of the published ones alone.
    pub fn total(&self, only_published: bool) -> Count {
        let mut count = Count::default();
        for judged in &self.mutants {
            if !only_published || is_published(judged.mutant.operator) {
                count.add(judged);
            }
        }
        count
    }

    /// As a report tells it.
    pub fn told(&self) -> model::Strength {
        model::Strength { mutants: self.mutants.iter().map(Judged::told).collect() }
    }

    /// The normal mutants that the suite does not notice.
    pub fn alive(&self) -> impl Iterator<Item = &Judged> {
        let alive = |it: &&Judged| it.class == Class::Normal && it.killed_by.is_none();
        self.mutants.iter().filter(alive)
    }
}

impl Judged {
    fn told(&self) -> model::Mutant {
        let Self { mutant, class, killed_by } = self;
        let fate = match (class, killed_by) {
            (Class::Normal, Some(by)) => Fate::Killed { by: by.clone() },
            (Class::Normal, None) => Fate::Survived,
            (Class::Equivalent(rule), _) => Fate::Equivalent { rule: rule.clone() },
            (Class::Duplicate(of), _) => Fate::Duplicate { of: of.clone() },
            (Class::Impaired, _) => Fate::Impaired,
            (Class::Stillborn(reason), _) => Fate::Stillborn { reason: reason.clone() },
        };
        model::Mutant {
            operator: mutant.operator.to_owned(),
            published: is_published(mutant.operator),
            table: mutant.table.to_string(),
            object: mutant.object.clone(),
            says: mutant.says.clone(),
            fate,
        }
    }
}

fn is_published(operator: &str) -> bool {
    OPERATORS.iter().any(|known| known.id == operator && known.published)
}

impl Count {
    fn add(&mut self, judged: &Judged) {
        let place = match judged.class {
            Class::Normal => {
                self.killed += usize::from(judged.killed_by.is_some());
                &mut self.normal
            }
            Class::Equivalent(_) => &mut self.equivalent,
            Class::Duplicate(_) => &mut self.duplicate,
            Class::Impaired => &mut self.impaired,
            Class::Stillborn(_) => {
                self.stillborn += 1;
                return;
            }
        };
        *place += 1;
        self.all += 1;
    }
}

/// Runs what was derived from the unchanged schema against each mutant of it, and stops at the
/// first case that is accepted, refused, refused with another SQLSTATE, refused at another
/// statement or that gives another value than before.
///
/// `conn` is a database that has the schema of `catalog` and no rows; each mutant is made in a
/// transaction that is rolled back. Cases that could not be reached, or that come out
/// differently when they are run once more on the unchanged schema, are left out. `progress` is
/// told after each mutant how many are done, of how many.
///
/// # Errors
/// When the connection is lost, or the session may not make temporary functions.
pub async fn score(
    conn: &mut PgConnection,
    catalog: &Catalog,
    suite: &[Baseline],
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> Result<Score> {
    let suite = steady(conn, catalog, suite).await?;
    let all = mutants(catalog);
    let count = all.len();
    let mut judge = Judge::of(catalog);
    let mut judged = Vec::with_capacity(count);
    for mutant in all {
        execute(conn, "BEGIN").await?;
        let one = judged_one(conn, &mut judge, &suite, mutant).await;
        execute(conn, "ROLLBACK").await?;
        judged.push(one?);
        progress(judged.len(), count);
    }
    Ok(Score { mutants: judged })
}

/// Inside a transaction that the caller rolls back.
async fn judged_one(
    conn: &mut PgConnection,
    judge: &mut Judge<'_>,
    suite: &Suite<'_>,
    mutant: Mutant,
) -> Result<Judged> {
    let made = sqlx::raw_sql(AssertSqlSafe(mutant.ddl.join(";\n"))).execute(&mut *conn).await;
    let mut class = match made {
        Ok(_) => {
            let mutated = load(conn).await?;
            judge.class(conn, &mutant, &mutated).await?
        }
        Err(sqlx::Error::Database(error)) => Class::Stillborn(error.message().to_owned()),
        Err(error) => return Err(Error::new("a mutant could not be made").because_sql(error)),
    };
    let mut killed_by = None;
    if class == Class::Normal {
        // A case that runs on and on ends the transaction, so that the rest cannot be run: that says
        // nothing of the mutant, which stays alive. If it is the connection that was lost, the
        // rollback says so.
        if let Ok(fate) = suite.run(&mut Runner::new(conn, true).await?, &mutant.table).await {
            killed_by = fate.killed_by;
            if fate.impaired {
                class = Class::Impaired;
            }
        }
    }
    Ok(Judged { mutant, class, killed_by })
}

/// The cases that come out the same each time.
async fn steady<'c>(
    conn: &mut PgConnection,
    catalog: &'c Catalog,
    suite: &[Baseline],
) -> Result<Suite<'c>> {
    let groups: Vec<Group> = suite.iter().map(|baseline| baseline.group.clone()).collect();
    let again = Runner::new(conn, true).await?.run(&groups).await?;
    let mut kept = Suite::of(catalog);
    for (baseline, again) in suite.iter().zip(again) {
        kept.add(baseline, &again);
    }
    Ok(kept)
}

async fn execute(conn: &mut PgConnection, statement: &'static str) -> Result<()> {
    let done = sqlx::raw_sql(statement).execute(conn).await;
    done.map_err(|error| Error::new("a mutant could not be tried").because_sql(error))?;
    Ok(())
}
