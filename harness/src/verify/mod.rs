//! `verify`: every migration up, down and up again, then the whole way.

mod pending;
mod selection;
mod step;
mod way;

use std::collections::{BTreeMap, BTreeSet};

use shakedown_reports::model::{self, Chain, Finding, Stop, Timings, Verdict};

use crate::catalog::Catalog;
use crate::checks::session::{self, Reader};
use crate::checks::{Declarations, Declared, tell};
use crate::database::Databases;
use crate::error::{Error, Result};
use crate::source::{Migration, Project};
pub use pending::clone_of;
use selection::Selection;
use way::Way;

/// What to verify, and what to put up with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The first migration to test, by its id or the beginning of it; those before are only applied.
    pub from: Option<String>,
    /// The last migration to apply.
    pub to: Option<String>,
    /// Only these migrations are tested; overrides `from`, and nothing after the last is applied.
    pub only: Vec<String>,
    /// The rules whose findings are counted, but not told.
    pub allow: BTreeSet<String>,
    /// The migrations that the configuration declares irreversible.
    pub irreversible: BTreeMap<String, Declared>,
    /// Whether the databases in which something was found stay.
    pub keep: bool,
    /// What it goes on from, instead of an empty database. None that is tested may be before it.
    pub after: Option<Applied>,
}

/// A database of ours in which the first migrations of a project are applied, and nothing else.
#[derive(Debug, Clone)]
pub struct Applied {
    pub database: String,
    /// How many of them are.
    pub migrations: usize,
    /// Whether it is needed afterwards, so that a clone of it is used. What has many rows takes long
    /// to clone.
    pub stays: bool,
}

/// What happens while it runs, for whoever shows progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// There are so many scripts to run, at most.
    Planned { scripts: usize },
    /// This migration is being tested.
    Migration(&'a str),
    /// The way from the head down and up again began.
    Chain,
    /// So many scripts were run since the last event.
    Ran { scripts: usize },
}

/// What verifying found out.
#[derive(Debug)]
pub struct Verified {
    pub migrations: Vec<model::Migration>,
    pub chain: Chain,
    pub findings: Vec<Finding>,
    /// How many findings of each rule were allowed.
    pub allowed: BTreeMap<String, usize>,
    /// The databases that were kept, each with what is in it.
    pub kept: Vec<(String, String)>,
}

/// Tests the migrations of a project in a scratch database.
///
/// # Errors
/// When the options name what does not exist, or the server fails. What is wrong with the
/// migrations is a finding.
pub async fn verify(
    project: &Project,
    databases: &mut Databases<'_>,
    options: &Options,
    progress: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Verified> {
    if options.allow.contains("up-fails") {
        return Err(Error::new("`up-fails` cannot be allowed, since nothing after it is tested")
            .hint("verify what comes before it with `--to`"));
    }
    let selection = Selection::of(project, options)?;
    let declarations = Declarations::read(project, &options.irreversible)?;
    let after = options.after.as_ref();
    let applied = after.map_or(0, |after| after.migrations);
    let database = match after {
        Some(Applied { database, stays: false, .. }) => database.clone(),
        _ => databases.create(after.map(|after| after.database.as_str())).await?,
    };
    let mut reader = Reader::of(&database);
    if after.is_none() {
        let bookkeeping = sqlx::raw_sql(project.format.bookkeeping);
        bookkeeping.execute(reader.connection(databases).await?).await.map_err(session::lost)?;
    }
    let base = reader.catalog(databases).await?;
    progress(Event::Planned { scripts: 4 * selection.tested.len() + selection.end - applied });
    let run = Run {
        project,
        databases,
        options,
        declarations,
        selection,
        reader,
        progress,
        migrations: Vec::new(),
        findings: Vec::new(),
        told: BTreeSet::new(),
        floor: Floor { above: applied, catalog: base },
        left: None,
        way: Way::default(),
        kept: Vec::new(),
    };
    run.all().await
}

/// How far down a way can go: the state after the newest migration that has no way back.
#[derive(Debug)]
struct Floor {
    /// The index of the first migration above it.
    above: usize,
    catalog: Catalog,
}

/// A run of `verify` on its way.
struct Run<'run, 'server> {
    project: &'run Project,
    databases: &'run mut Databases<'server>,
    options: &'run Options,
    declarations: Declarations,
    selection: Selection,
    /// Reads the database in which all is applied.
    reader: Reader,
    progress: &'run mut (dyn FnMut(Event<'_>) + Send),
    migrations: Vec<model::Migration>,
    findings: Vec<Finding>,
    /// What findings of single steps tell already: the index of the step, and the sort of change.
    told: BTreeSet<(usize, String)>,
    floor: Floor,
    /// The floor that was left behind by the migration at hand, which has no way back.
    left: Option<Floor>,
    way: Way,
    kept: Vec<(String, String)>,
}

impl Run<'_, '_> {
    async fn all(mut self) -> Result<Verified> {
        let unknown = self.declarations.of_nothing(self.project);
        self.findings
            .extend(unknown.into_iter().map(|(id, declared)| tell::unused(None, id, declared)));
        let mut before = self.floor.catalog.clone();
        // Gone at the end, since they may change what all databases of a server share.
        let mut stretches = Vec::new();
        let applied = self.floor.above;
        for migration in &self.project.migrations[..applied] {
            let timings = Timings::default();
            self.record(migration, Vec::new(), Verdict::NotSelected, None, timings);
        }
        for index in applied..self.selection.end {
            let migration = &self.project.migrations[index];
            (self.progress)(Event::Migration(&migration.id));
            let Some(after) = self.step(index, migration, &before).await? else {
                self.way.cut_short = Some(format!("`{}` cannot be applied", migration.id));
                if self.options.keep {
                    let what =
                        format!("the state before `{}`, which cannot be applied", migration.id);
                    self.kept.push((self.reader.database().to_owned(), what));
                }
                break;
            };
            if let Some(floor) = self.left.take()
                && floor.above < index
                && self.selection.tested.contains(&floor.above)
            {
                stretches.push((floor, index, before));
            }
            before = after;
        }
        if self.way.cut_short.is_none() {
            self.last_stretch(&before).await?;
        }
        for (floor, index, head) in stretches {
            self.stretch_below(floor, index, &head).await?;
        }
        let chain = self.way.outcome();
        self.rest_of_the_list();
        self.finish(chain).await
    }

    fn set_floor(&mut self, index: usize, after: &Catalog, migration: &Migration, why: &str) {
        if self.selection.tested.contains(&index) {
            let stop = Stop { migration: migration.id.clone(), reason: why.to_owned() };
            self.way.stops.push(stop);
        }
        let floor = Floor { above: index + 1, catalog: after.clone() };
        self.left = Some(std::mem::replace(&mut self.floor, floor));
    }

    /// Notes a migration; `verdict` is what it is if nothing was found about it.
    fn record(
        &mut self,
        migration: &Migration,
        findings: Vec<Finding>,
        verdict: Verdict,
        round_trip: Option<model::RoundTrip>,
        timings: Timings,
    ) {
        let flawed = findings.iter().any(|finding| !self.options.allow.contains(&finding.rule));
        let verdict = match (flawed, findings.is_empty()) {
            (true, _) => Verdict::Flawed,
            (false, false) => Verdict::Allowed,
            (false, true) => verdict,
        };
        self.findings.extend(findings);
        self.migrations.push(model::Migration {
            id: migration.id.clone(),
            verdict,
            round_trip,
            timings,
        });
    }

    /// The migrations that the run did not come to.
    fn rest_of_the_list(&mut self) {
        for (index, migration) in
            self.project.migrations.iter().enumerate().skip(self.migrations.len())
        {
            let verdict =
                if index < self.selection.end { Verdict::NotReached } else { Verdict::NotSelected };
            self.migrations.push(model::Migration {
                id: migration.id.clone(),
                verdict,
                round_trip: None,
                timings: Timings::default(),
            });
        }
    }

    async fn finish(mut self, chain: Chain) -> Result<Verified> {
        let mut allowed = BTreeMap::new();
        let mut findings = Vec::new();
        for finding in self.findings {
            if self.options.allow.contains(&finding.rule) {
                *allowed.entry(finding.rule).or_insert(0) += 1;
            } else {
                findings.push(finding);
            }
        }
        // Only now, so that an interrupted run leaves nothing whose name nobody was told.
        self.reader.release().await?;
        let mut kept = Vec::new();
        for (database, what) in self.kept {
            kept.push((self.databases.keep(&database).await?, what));
        }
        Ok(Verified { migrations: self.migrations, chain, findings, allowed, kept })
    }
}
