//! The whole way, from the head down to the base and up again.

use std::collections::BTreeSet;
use std::ops::Range;

use shakedown_reports::model::{Chain, Finding, Stop, Untried};

use super::{Event, Floor, Run};
use crate::catalog::{Catalog, Change};
use crate::checks::chain::{self, Travelled};
use crate::checks::session::{self, Reader};
use crate::checks::tell;
use crate::error::Result;
use crate::source::{Down, Migration};

/// What came of the way, added up over its stretches.
#[derive(Debug, Default)]
pub(super) struct Way {
    /// The migrations that were to be taken back and applied again.
    steps: usize,
    /// Whether a stretch did not end where it began.
    broken: bool,
    /// Whether it broke on something that no single step tells.
    news: bool,
    /// The migrations that have no way back.
    pub(super) stops: Vec<Stop>,
    /// The stretches that could not be gone.
    untried: Option<Untried>,
    /// Why the head was not reached.
    pub(super) cut_short: Option<String>,
    /// A second database, in which the ups before a stretch are applied when one is needed.
    behind: Option<Behind>,
}

/// A database that follows the first one at a distance.
#[derive(Debug)]
struct Behind {
    database: String,
    /// How many migrations are applied to it.
    applied: usize,
}

impl Way {
    pub(super) fn outcome(&mut self) -> Chain {
        let stops = std::mem::take(&mut self.stops);
        if self.broken {
            return Chain::Broken { steps: self.steps, told_by_steps: !self.news };
        }
        if (self.steps > 0 || self.untried.is_some()) && self.cut_short.is_none() {
            return Chain::Restored { steps: self.steps, stops, untried: self.untried.take() };
        }
        let reason = match (&self.cut_short, stops.last()) {
            (Some(why), _) => why.clone(),
            (None, Some(stop)) => {
                format!("`{}` cannot be taken back: {}", stop.migration, stop.reason)
            }
            (None, None) => "there is nothing to take back".to_owned(),
        };
        Chain::NotRun { reason: format!("since {reason}") }
    }
}

impl Run<'_, '_> {
    /// From the head down to the newest migration that has no way back, and up again.
    pub(super) async fn last_stretch(&mut self, head: &Catalog) -> Result<()> {
        let stretch = self.floor.above..self.selection.end;
        if stretch.is_empty() {
            return Ok(());
        }
        let below = self.floor.catalog.clone();
        let mut reader = std::mem::replace(&mut self.reader, Reader::of(""));
        let whole = self.travel(&mut reader, stretch, &below, head).await?;
        self.reader = reader;
        if !whole && self.options.keep {
            let what = "the way from the head and back, where it ended".to_owned();
            self.kept.push((self.reader.database().to_owned(), what));
        }
        Ok(())
    }

    /// The stretch between a migration that has no way back and the one at `index`, which has
    /// none either. It is gone on a clone of a database that has not seen the latter.
    pub(super) async fn stretch_below(
        &mut self,
        floor: Floor,
        index: usize,
        head: &Catalog,
    ) -> Result<()> {
        let stretch = floor.above..index;
        if let Some(untried) = &mut self.way.untried {
            untried.steps += stretch.len();
            return Ok(());
        }
        let behind = match self.way.behind.take() {
            Some(behind) => behind,
            None => Behind { database: self.new_database().await?, applied: 0 },
        };
        for migration in &self.project.migrations[behind.applied..index] {
            if let Err(failure) =
                session::run(self.databases, &behind.database, &migration.up).await?
            {
                // What all databases of a server share, such as a role, is there already.
                let reason = format!(
                    "`{}` cannot be applied a second time on this server ({})",
                    migration.id, failure.message
                );
                let steps =
                    self.way.untried.as_ref().map_or(0, |untried| untried.steps) + stretch.len();
                self.way.untried = Some(Untried { steps, reason });
                self.databases.drop(&behind.database).await?;
                return Ok(());
            }
        }
        let clone = self.databases.create(Some(&behind.database)).await?;
        self.way.behind = Some(Behind { applied: index, ..behind });
        let mut reader = Reader::of(&clone);
        self.travel(&mut reader, stretch, &floor.catalog, head).await?;
        reader.release().await?;
        self.databases.drop(&clone).await
    }

    /// An empty database with the table of the runner.
    async fn new_database(&mut self) -> Result<String> {
        let database = self.databases.create(None).await?;
        let mut reader = Reader::of(&database);
        let bookkeeping = sqlx::raw_sql(self.project.format.bookkeeping);
        bookkeeping
            .execute(reader.connection(self.databases).await?)
            .await
            .map_err(session::lost)?;
        reader.release().await?;
        Ok(database)
    }

    /// Goes a stretch down and up again, and says whether it ended where it began.
    async fn travel(
        &mut self,
        reader: &mut Reader,
        stretch: Range<usize>,
        below: &Catalog,
        head: &Catalog,
    ) -> Result<bool> {
        (self.progress)(Event::Chain);
        let migrations = &self.project.migrations[stretch.clone()];
        let progress = &mut self.progress;
        let ran = || progress(Event::Ran { scripts: 1 });
        let travelled = chain::travel(self.databases, reader, migrations, below, head, ran).await?;
        let findings = self.findings.len();
        self.tell_chain(&stretch, migrations, &travelled);
        let held = matches!(&travelled, Travelled::DownFailed { failure, .. } if failure.is_held_by_a_sibling());
        if held {
            return Ok(true); // Noted as not tried: it is no fault of the scripts.
        }
        self.way.steps += stretch.len();
        let whole = matches!(&travelled, Travelled::There { below, head } if below.is_empty() && head.is_empty());
        self.way.broken |= !whole;
        self.way.news |= self.findings.len() > findings;
        Ok(whole)
    }

    fn tell_chain(
        &mut self,
        stretch: &Range<usize>,
        migrations: &[Migration],
        travelled: &Travelled,
    ) {
        let flawed = |migration: &Migration, rule: &str, findings: &[Finding]| {
            findings.iter().any(|finding| {
                finding.rule == rule && finding.migration.as_deref() == Some(&migration.id)
            })
        };
        match travelled {
            Travelled::There { below, head } => {
                self.differs(stretch, below, "at the base");
                self.differs(stretch, head, "at the head");
            }
            Travelled::DiffersBelow { changes } => self.differs(stretch, changes, "at the base"),
            Travelled::DownFailed { at, failure } if failure.is_held_by_a_sibling() => {
                let id = &migrations[*at].id;
                let reason = format!(
                    "`{id}` drops what other databases of this server use: {}",
                    failure.message
                );
                let steps =
                    self.way.untried.as_ref().map_or(0, |untried| untried.steps) + migrations.len();
                self.way.untried = Some(Untried { steps, reason });
            }
            Travelled::DownFailed { at, failure } => {
                let migration = &migrations[*at];
                if let Down::Script(down) = &migration.down {
                    let what = "cannot be taken back on the way from the head to the base";
                    let mut finding =
                        tell::refused("chain-down-fails", migration, down, failure, what);
                    finding.notes.extend(self.likely_cause(stretch.start + at + 1..stretch.end));
                    self.findings.push(finding);
                }
            }
            Travelled::UpFailed { at, failure } => {
                let migration = &migrations[*at];
                if !flawed(migration, "reapply-fails", &self.findings) {
                    let what = "cannot be applied again on the way back from the base";
                    self.findings.push(tell::refused(
                        "chain-up-fails",
                        migration,
                        &migration.up,
                        failure,
                        what,
                    ));
                }
            }
        }
    }

    /// Of these migrations the last to be taken back that leaves a trace by itself.
    fn likely_cause(&self, taken_back: Range<usize>) -> Option<String> {
        let leaves_trace = |id: &str| {
            let of = |finding: &&Finding| finding.migration.as_deref() == Some(id);
            self.findings.iter().filter(of).any(|finding| finding.rule == "down-leaves-trace")
        };
        let mut taken_back = self.project.migrations[taken_back].iter();
        let id = &taken_back.find(|migration| leaves_trace(&migration.id))?.id;
        Some(format!("`{id}`, which was taken back before it, leaves a trace; that may be why"))
    }

    /// Tells what differs on the whole way, but for what a finding of a step on it tells already.
    fn differs(&mut self, stretch: &Range<usize>, changes: &[Change], where_to: &str) {
        let on_the_way = self.told.iter().filter(|(index, _)| stretch.contains(index));
        let told: BTreeSet<&str> = on_the_way.map(|(_, sort)| sort.as_str()).collect();
        let news: Vec<&Change> =
            changes.iter().filter(|change| !told.contains(change.sort_of().as_str())).collect();
        if !news.is_empty() {
            self.findings.push(tell::chain_differs(self.project, &news, where_to));
        }
    }
}
