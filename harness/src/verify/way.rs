//! The whole way, from the head down to the base and up again.

use shakedown_reports::model::{Chain, Finding};

use super::{Event, Run};
use crate::catalog::{Catalog, Change};
use crate::checks::chain::{self, Travelled};
use crate::checks::tell;
use crate::error::Result;
use crate::source::{Down, Migration};

impl Run<'_, '_> {
    /// From the head down to the floor and up again.
    pub(super) async fn chain(&mut self, head: &Catalog) -> Result<Chain> {
        let migrations = &self.project.migrations[self.floor.above..self.selection.end];
        if migrations.is_empty() {
            let reason = match &self.floor.why {
                Some(stop) => {
                    format!("since `{}` cannot be taken back: {}", stop.migration, stop.reason)
                }
                None => "since there is nothing to take back".to_owned(),
            };
            return Ok(Chain::NotRun { reason });
        }
        (self.progress)(Event::Chain);
        let progress = &mut self.progress;
        let travelled = chain::travel(
            self.databases,
            &mut self.reader,
            migrations,
            &self.floor.catalog,
            head,
            || progress(Event::Ran { scripts: 1 }),
        )
        .await?;
        let steps = migrations.len();
        let findings_before = self.findings.len();
        self.tell_chain(migrations, &travelled);
        let broken = !matches!(&travelled, Travelled::There { below, head } if below.is_empty() && head.is_empty());
        if !broken {
            return Ok(Chain::Restored { steps, stopped_at: self.floor.why.clone() });
        }
        if self.options.keep {
            self.reader.release().await?;
            let kept = self.databases.keep(self.reader.database()).await?;
            self.kept.push((kept, "the way from the head and back, where it ended".to_owned()));
        }
        let told = self.findings.len() == findings_before;
        Ok(Chain::Broken { steps, told_by_steps: told })
    }

    fn tell_chain(&mut self, migrations: &[Migration], travelled: &Travelled) {
        let flawed = |migration: &Migration, rule: &str, findings: &[Finding]| {
            findings.iter().any(|finding| {
                finding.rule == rule && finding.migration.as_deref() == Some(&migration.id)
            })
        };
        match travelled {
            Travelled::There { below, head } => {
                self.differs(below, "at the base");
                self.differs(head, "at the head");
            }
            Travelled::DiffersBelow { changes } => self.differs(changes, "at the base"),
            Travelled::DownFailed { at, failure } => {
                let migration = &migrations[*at];
                if let Down::Script(down) = &migration.down {
                    let what = "cannot be taken back on the way from the head to the base";
                    self.findings.push(tell::refused(
                        "chain-down-fails",
                        migration,
                        down,
                        failure,
                        what,
                    ));
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

    /// Tells what differs on the whole way, but for what a step's finding told already.
    fn differs(&mut self, changes: &[Change], where_to: &str) {
        let news: Vec<&Change> =
            changes.iter().filter(|change| !self.told.contains(&change.told().object)).collect();
        if !news.is_empty() {
            self.findings.push(tell::chain_differs(self.project, &news, where_to));
        }
    }
}
