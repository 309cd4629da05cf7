//! Migrations, run over tables that have rows: whether they also succeed there, and whether up
//! and down together give back what the rows held.

mod carried;
mod rows;
mod words;

use std::time::Instant;

use self::carried::{Carried, written_by};
use self::rows::Held;
use super::check::{Known, Options, Trap, Verdict};
use super::promise::{Evidence, Otherwise, Promise};
use crate::catalog::{self, Catalog, Name};
use crate::checks::tell::{last_statement, line_around};
use crate::checks::{Declarations, declared, session};
use crate::database::Databases;
use crate::error::Result;
use crate::migrate::{At, Failure};
use crate::prepare;
use crate::source::{Down, Format, Migration, Project, Script};

/// The id of the invariant that the up scripts are tried by.
pub const TAKES_ROWS: &str = "migration-takes-rows";

/// The id of the invariant that up and down together are tried by.
pub const KEEPS_VALUES: &str = "migration-keeps-values";

/// How many migrations are tried: those that may not be deployed yet are the newest.
const NEWEST: usize = 10;

/// What stands for the schema in the name of a promise about a migration.
const SCHEMA: &str = "migrations";

/// What came of the migrations.
#[derive(Debug, Default)]
pub struct Rehearsed {
    pub verdicts: Vec<Verdict>,
    /// The ids of the promises that the time did not suffice for.
    pub not_reached: Vec<String>,
    /// What else is to be said, a sentence each.
    pub remarks: Vec<String>,
}

impl Rehearsed {
    /// The rows that came out as they should, as the cases of a report.
    pub(super) fn cases(&self) -> usize {
        let held = |verdict: &Verdict| match verdict.known {
            Known::Holds { cases } => cases,
            _ => 0,
        };
        self.verdicts.iter().map(held).sum()
    }
}

/// Tries the newest migrations of the project, if there is one and they are asked for.
///
/// # Errors
/// When the server fails, or a declaration in a script gives no reason.
pub async fn verdicts(
    databases: &mut Databases<'_>,
    options: &Options,
    deadline: Option<Instant>,
) -> Result<Rehearsed> {
    let mut rehearsal = Rehearsal { options, rehearsed: Rehearsed::default() };
    let asked = [TAKES_ROWS, KEEPS_VALUES].into_iter().any(|id| rehearsal.wanted(id));
    if let Some(project) = options.project.as_ref().filter(|_| asked) {
        rehearsal.run(databases, project, deadline).await?;
    }
    Ok(rehearsal.rehearsed)
}

struct Rehearsal<'a> {
    options: &'a Options,
    rehearsed: Rehearsed,
}

impl Rehearsal<'_> {
    fn wanted(&self, id: &str) -> bool {
        self.options.only.is_empty() || self.options.only.iter().any(|word| word == id)
    }

    async fn run(
        &mut self,
        databases: &mut Databases<'_>,
        project: &Project,
        deadline: Option<Instant>,
    ) -> Result<()> {
        let declarations = Declarations::read(project, &self.options.irreversible)?;
        let base = databases.create(None).await?;
        prepare::bookkeeping(project, &mut databases.connect(&base).await?).await?;
        let first = project.migrations.len().saturating_sub(NEWEST);
        if first > 0 {
            self.rehearsed.remarks.push(format!(
                "the newest {NEWEST} migrations were run over tables with rows, and the {first} \
                 before them were not"
            ));
        }
        let mut carried: Vec<Carried> = Vec::new();
        for (index, migration) in project.migrations.iter().enumerate() {
            let way_back = match &migration.down {
                Down::Script(script) if declarations.of(&migration.id).is_none() => Some(script),
                _ => None,
            };
            if deadline.is_some_and(|deadline| Instant::now() > deadline) {
                if index >= first {
                    self.not_reached(migration, way_back.is_some());
                }
                continue;
            }
            let clone = match index >= first {
                true => Some(databases.create(Some(&base)).await?),
                false => None,
            };
            if let Err(failure) = session::run(databases, &base, &migration.up).await? {
                // It succeeded when the schema was made.
                self.rehearsed.remarks.push(format!(
                    "from `{}` on, migrations were not run over tables with rows, since it can only \
                     be applied once on a server: {}",
                    migration.id, failure.message
                ));
                break;
            }
            if let Some(clone) = clone {
                let mut seen_to = false;
                for old in std::mem::take(&mut carried) {
                    if old.takes(databases, migration).await? {
                        seen_to |= old.wrote_for(databases, migration).await?;
                        carried.push(old);
                    } else {
                        databases.drop(&old.database).await?;
                    }
                }
                let written = written_by(&migration.up);
                if !written.is_empty() {
                    let database = databases.create(Some(&clone)).await?;
                    self.fill(databases, &database, project.format).await?;
                    let old = Carried { database, written };
                    // What it does not take itself is told below.
                    if old.takes(databases, migration).await? {
                        carried.push(old);
                    }
                }
                self.one(databases, &clone, project.format, migration, way_back, seen_to).await?;
                databases.drop(&clone).await?;
            }
        }
        for old in carried {
            databases.drop(&old.database).await?;
        }
        databases.drop(&base).await
    }

    /// Fills the tables of a database and gives its catalog and what it holds then.
    async fn fill(
        &self,
        databases: &Databases<'_>,
        database: &str,
        format: &Format,
    ) -> Result<(Catalog, Held)> {
        let mut conn = databases.connect(database).await?;
        let catalog = catalog::load(&mut conn).await?;
        rows::fill(&mut conn, &catalog, format, self.options.seed).await?;
        let held = rows::held(&mut conn, &catalog).await?;
        Ok((catalog, held))
    }

    /// Fills a clone and takes it through the migration, up and down. `seen_to`: earlier
    /// migrations made the rows of then ready for this one.
    async fn one(
        &mut self,
        databases: &Databases<'_>,
        clone: &str,
        format: &Format,
        migration: &Migration,
        way_back: Option<&Script>,
        seen_to: bool,
    ) -> Result<()> {
        let (before, held) = self.fill(databases, clone, format).await?;
        let cases = held.rows();
        if cases == 0 {
            return Ok(());
        }
        if let Err(failure) = session::run(databases, clone, &migration.up).await? {
            let known = match seen_to {
                true => Known::Holds { cases },
                false => refused(&migration.up, &failure),
            };
            self.push(takes_rows(migration, words::way_out(&failure)), known);
            return Ok(());
        }
        self.push(takes_rows(migration, ""), Known::Holds { cases });
        let Some(down) = way_back else { return Ok(()) };
        let between = catalog::load(&mut databases.connect(clone).await?).await?;
        if let Err(failure) = session::run(databases, clone, down).await? {
            if declared::raised(&failure).is_none() {
                let known = refused(down, &failure);
                self.push(keeps_values(migration, words::DOWN_FAILS, words::LET_DOWN_PASS), known);
            }
            return Ok(());
        }
        let mut conn = databases.connect(clone).await?;
        let after = catalog::load(&mut conn).await?;
        let lost =
            held.lost_in(&rows::held(&mut conn, &after).await?, &[&before, &between, &after]);
        let known = match lost.is_empty() {
            true => Known::Holds { cases },
            false => {
                seen(down, last_statement(down).start, format!("after it {}", lost.join("; ")))
            }
        };
        self.push(keeps_values(migration, words::OTHER_VALUES, words::GIVE_BACK), known);
        Ok(())
    }

    fn push(&mut self, promise: Promise, known: Known) {
        if self.wanted(&promise.invariant) {
            self.rehearsed.verdicts.push(Verdict { promise, known });
        }
    }

    fn not_reached(&mut self, migration: &Migration, has_way_back: bool) {
        let promises = [takes_rows(migration, ""), keeps_values(migration, "", "")];
        let promises = promises.into_iter().take(if has_way_back { 2 } else { 1 });
        let ids = promises.filter(|promise| self.wanted(&promise.invariant)).map(|p| p.id());
        let ids: Vec<String> = ids.collect();
        self.rehearsed.not_reached.extend(ids);
    }
}

fn takes_rows(migration: &Migration, way_out: &str) -> Promise {
    let says = "the migration also succeeds where the tables have rows";
    promise(TAKES_ROWS, migration, "up", says, words::UP_FAILS, way_out)
}

fn keeps_values(migration: &Migration, trap: &str, way_out: &str) -> Promise {
    let says = "up and down give back the values that the rows had";
    promise(KEEPS_VALUES, migration, "down", says, trap, way_out)
}

fn promise(
    invariant: &str,
    migration: &Migration,
    object: &str,
    says: &str,
    trap: &str,
    way_out: &str,
) -> Promise {
    Promise {
        invariant: invariant.to_owned(),
        table: Name::new(SCHEMA, migration.id.clone()),
        object: object.to_owned(),
        says: says.to_owned(),
        otherwise: Otherwise::Risk { trap: trap.to_owned(), way_out: way_out.to_owned() },
        evidence: Evidence::Cases(Vec::new()),
    }
}

/// What the server said of a script that it takes where there are no rows.
fn refused(script: &Script, failure: &Failure) -> Known {
    if failure.is_held_by_a_sibling() {
        return Known::Untested {
            reason: format!("it drops what databases of the server share: {}", failure.message),
        };
    }
    let byte = match failure.at {
        At::Byte(byte) => byte,
        At::Commit | At::Unknown => last_statement(script).start,
    };
    let detail = failure.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    seen(script, byte, format!("{}{detail}", failure.message))
}

fn seen(script: &Script, byte: usize, fact: String) -> Known {
    Known::Risk(Trap::Script { fact, place: line_around(script, byte, "") })
}
