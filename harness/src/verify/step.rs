//! One migration: its up, and whether it can be taken back and applied again.

use std::time::Duration;

use shakedown_reports::model::{self, Finding, Timings, Verdict};

use super::{Event, Run};
use crate::catalog::{self, Catalog, Change};
use crate::checks::round_trip::{self, Again, Step, Trip};
use crate::checks::{declared, mend, session, tell};
use crate::error::Result;
use crate::source::{Down, Migration, Script};
use crate::sql;

impl Run<'_, '_> {
    /// Applies a migration and, if it is to be tested, takes it back and applies it again.
    /// Returns the catalog after it, or nothing if it cannot be applied.
    pub(super) async fn step(
        &mut self,
        index: usize,
        migration: &Migration,
        before: &Catalog,
    ) -> Result<Option<Catalog>> {
        let up = match session::run(self.databases, self.reader.database(), &migration.up).await? {
            Ok(took) => took,
            Err(failure) => {
                let finding = tell::refused(
                    "up-fails",
                    migration,
                    &migration.up,
                    &failure,
                    "cannot be applied",
                );
                self.record(migration, vec![finding], Verdict::Flawed, None, Timings::default());
                return Ok(None);
            }
        };
        (self.progress)(Event::Ran { scripts: 1 });
        let after = self.reader.catalog(self.databases).await?;
        let timings = Timings { up_ms: Some(ms(up)), ..Timings::default() };
        if !self.selection.tested.contains(&index) {
            self.set_floor(index, &after, migration, "it was not selected");
            self.record(migration, Vec::new(), Verdict::NotSelected, None, timings);
            return Ok(Some(after));
        }
        match &migration.down {
            Down::ForwardOnly => {
                self.set_floor(index, &after, migration, "its format only goes forward");
                self.record(migration, Vec::new(), Verdict::ForwardOnly, None, timings);
            }
            Down::Missing => {
                let finding = tell::down_missing(migration);
                self.no_way_back(
                    index,
                    migration,
                    &after,
                    vec![finding],
                    "it has no down script",
                    timings,
                );
            }
            Down::Script(down) => {
                self.tested(index, migration, down, before, &after, timings).await?;
            }
        }
        Ok(Some(after))
    }

    /// The round trip of a migration that has a down script.
    async fn tested(
        &mut self,
        index: usize,
        migration: &Migration,
        down: &Script,
        before: &Catalog,
        after: &Catalog,
        mut timings: Timings,
    ) -> Result<()> {
        let did = catalog::diff(before, after);
        if !did.is_empty() && down.messages().all(sql::is_blank) {
            // Told as what the down ought to mend: the way from the catalog after to that before.
            let mend =
                mend::tried(self.reader.connection(self.databases).await?, before, &migration.up)
                    .await?;
            let finding = tell::down_empty(migration, down, &did, mend.as_ref());
            self.no_way_back(
                index,
                migration,
                after,
                vec![finding],
                "its down script is empty",
                timings,
            );
            return Ok(());
        }
        let step = Step { up: &migration.up, down, before, after };
        let (how, trip, clone) =
            round_trip::round_trip(self.databases, &mut self.reader, step, self.options.keep)
                .await?;
        if let Some(clone) = clone {
            self.kept.push((clone, format!("`{}` after its round trip", migration.id)));
        }
        (self.progress)(Event::Ran { scripts: 2 });
        match trip {
            Trip::DownFailed(failure) if failure.is_held_by_a_sibling() => {
                let reason = format!(
                    "its down drops what the clone and its original share: {}",
                    failure.message
                );
                self.set_floor(index, after, migration, &reason);
                self.record(
                    migration,
                    Vec::new(),
                    Verdict::Untested { reason },
                    Some(how),
                    timings,
                );
            }
            Trip::DownFailed(failure) => {
                if let Some(reason) = declared::raised(&failure) {
                    self.set_floor(index, after, migration, "it is irreversible");
                    self.record(
                        migration,
                        Vec::new(),
                        Verdict::Irreversible { reason },
                        Some(how),
                        timings,
                    );
                } else {
                    let finding = tell::refused(
                        "down-fails",
                        migration,
                        down,
                        &failure,
                        "cannot be taken back",
                    );
                    self.no_way_back(
                        index,
                        migration,
                        after,
                        vec![finding],
                        "its down script fails",
                        timings,
                    );
                }
            }
            Trip::Done { down: took, traces, mend, again } => {
                timings.down_ms = Some(ms(took));
                let mut findings = tell::traces(migration, down, &traces, mend.as_ref(), &again);
                let mild = traces.iter().all(Change::is_column_order);
                let mut touched: Vec<&Change> = traces.iter().collect();
                match &again {
                    Again::Failed(failure) if mild => {
                        let what = "cannot be applied again after it was taken back";
                        findings.push(tell::refused(
                            "reapply-fails",
                            migration,
                            &migration.up,
                            failure,
                            what,
                        ));
                    }
                    Again::Failed(_) => {}
                    Again::Applied { up, changes } => {
                        timings.reapply_ms = Some(ms(*up));
                        // Columns in another order, or a trace, show again after the second up.
                        let news: Vec<Change> = changes
                            .iter()
                            .filter(|change| traces.is_empty() || !change.is_column_order())
                            .cloned()
                            .collect();
                        if mild && !news.is_empty() {
                            findings.push(tell::reapply_differs(migration, &news));
                        }
                        touched.extend(changes);
                    }
                }
                self.told.extend(touched.into_iter().map(|change| (index, change.sort_of())));
                let lossy = did.iter().any(Change::loses_rows);
                self.after_trip(
                    index,
                    migration,
                    after,
                    findings,
                    how,
                    timings,
                    lossy || did.is_empty(),
                );
            }
        }
        Ok(())
    }

    /// The verdict on a migration whose down ran. `excused`: a declaration counts as used
    /// although the catalog came back, since rows do not.
    #[expect(clippy::too_many_arguments, reason = "one caller, and each is a fact of its own")]
    fn after_trip(
        &mut self,
        index: usize,
        migration: &Migration,
        after: &Catalog,
        findings: Vec<Finding>,
        how: model::RoundTrip,
        timings: Timings,
        excused: bool,
    ) {
        let declared = self.declarations.of(&migration.id).cloned();
        match declared {
            Some(declared) if !findings.is_empty() || excused => {
                self.set_floor(index, after, migration, "it is irreversible");
                let verdict = Verdict::Irreversible { reason: declared.reason };
                self.record(migration, Vec::new(), verdict, Some(how), timings);
            }
            Some(declared) => {
                let finding = tell::unused(Some(migration), &migration.id, &declared);
                self.record(migration, vec![finding], Verdict::Reversible, Some(how), timings);
            }
            None => {
                self.record(migration, findings, Verdict::Reversible, Some(how), timings);
            }
        }
    }

    /// A migration that cannot be taken back: on purpose, or else with these findings.
    fn no_way_back(
        &mut self,
        index: usize,
        migration: &Migration,
        after: &Catalog,
        findings: Vec<Finding>,
        why: &str,
        timings: Timings,
    ) {
        match self.declarations.of(&migration.id) {
            Some(declared) => {
                let verdict = Verdict::Irreversible { reason: declared.reason.clone() };
                self.set_floor(index, after, migration, "it is irreversible");
                self.record(migration, Vec::new(), verdict, None, timings);
            }
            None => {
                self.set_floor(index, after, migration, why);
                self.record(migration, findings, Verdict::Flawed, None, timings);
            }
        }
    }
}

fn ms(duration: Duration) -> f64 {
    // Microseconds are as much as a single run can claim.
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}
