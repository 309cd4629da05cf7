//! `verify`: every migration up, down and up again, then the whole way.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use shakedown_reports::model::{self, Chain, Finding, Stop, Timings, Verdict};

use crate::catalog::{self, Catalog, Change};
use crate::checks::round_trip::{self, Again, Step, Trip};
use crate::checks::session::{self, Reader};
use crate::checks::{Declarations, Declared, chain, declared, tell};
use crate::database::Databases;
use crate::error::{Error, Result};
use crate::source::{Down, Migration, Project, Script};
use crate::sql;

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
    let selection = Selection::of(project, options)?;
    let declarations = Declarations::read(project, &options.irreversible)?;
    let database = databases.create(None).await?;
    let mut reader = Reader::of(&database);
    let bookkeeping = sqlx::raw_sql(project.format.bookkeeping);
    bookkeeping.execute(reader.connection(databases).await?).await.map_err(session::lost)?;
    let base = reader.catalog(databases).await?;
    progress(Event::Planned {
        scripts: 5 * selection.tested.len() + selection.end - selection.tested.len(),
    });
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
        floor: Floor { above: 0, catalog: base, why: None },
        kept: Vec::new(),
    };
    run.all().await
}

/// Which migrations are applied and which are tested, as indexes.
#[derive(Debug)]
struct Selection {
    tested: BTreeSet<usize>,
    /// One behind the last that is applied.
    end: usize,
}

impl Selection {
    fn of(project: &Project, options: &Options) -> Result<Self> {
        let all = &project.migrations;
        if !options.only.is_empty() {
            let tested: BTreeSet<usize> =
                options.only.iter().map(|name| index_of(all, name)).collect::<Result<_>>()?;
            let end = tested.last().map_or(0, |last| last + 1);
            return Ok(Self { tested, end });
        }
        let first = options.from.as_deref().map_or(Ok(0), |name| index_of(all, name))?;
        let end = options
            .to
            .as_deref()
            .map_or(Ok(all.len()), |name| index_of(all, name).map(|last| last + 1))?;
        if first >= end {
            return Err(Error::new(format!(
                "`{}` comes after `{}`, so that there is nothing to verify",
                options.from.as_deref().unwrap_or_default(),
                options.to.as_deref().unwrap_or_default()
            ))
            .hint("swap `--from` and `--to`"));
        }
        Ok(Self { tested: (first..end).collect(), end })
    }
}

/// The migration of this id, or the only one whose id begins so.
fn index_of(all: &[Migration], name: &str) -> Result<usize> {
    if let Some(index) = all.iter().position(|migration| migration.id == name) {
        return Ok(index);
    }
    let found: Vec<usize> =
        (0..all.len()).filter(|index| all[*index].id.starts_with(name)).collect();
    match found.as_slice() {
        [index] => Ok(*index),
        [] => {
            let ids: Vec<&str> = all.iter().map(|migration| migration.id.as_str()).collect();
            let (first, last) = (ids.first().unwrap_or(&""), ids.last().unwrap_or(&""));
            Err(Error::new(format!("there is no migration `{name}`"))
                .hint(format!("give an id from `{first}` to `{last}`, or the beginning of one")))
        }
        many => Err(Error::new(format!("`{name}` fits {} migrations", many.len()))
            .hint(format!("give more of the id: `{}` or `{}`", all[many[0]].id, all[many[1]].id))),
    }
}

/// How far down the chain can go: the state after the newest migration that has no way back.
#[derive(Debug)]
struct Floor {
    /// The index of the first migration above it.
    above: usize,
    catalog: Catalog,
    why: Option<Stop>,
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
    /// The objects that findings of single steps speak of already.
    told: BTreeSet<String>,
    floor: Floor,
    kept: Vec<(String, String)>,
}

impl Run<'_, '_> {
    async fn all(mut self) -> Result<Verified> {
        let unknown = self.declarations.of_nothing(self.project);
        self.findings
            .extend(unknown.into_iter().map(|(id, declared)| tell::unused(None, id, declared)));
        let mut before = self.floor.catalog.clone();
        let mut broken = None;
        for index in 0..self.selection.end {
            let migration = &self.project.migrations[index];
            (self.progress)(Event::Migration(&migration.id));
            match self.step(index, migration, &before).await? {
                Some(after) => before = after,
                None => {
                    broken = Some(migration.id.clone());
                    break;
                }
            }
        }
        let chain = match broken {
            Some(id) => Chain::NotRun { reason: format!("since `{id}` cannot be applied") },
            None => self.chain(&before).await?,
        };
        self.rest_of_the_list();
        self.finish(chain).await
    }

    /// Applies a migration and, if it is to be tested, takes it back and applies it again.
    /// Returns the catalog after it, or nothing if it cannot be applied.
    async fn step(
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
            let finding = tell::down_empty(migration, down, &did);
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
            let kept = self.databases.keep(&clone).await?;
            self.kept.push((kept, format!("`{}` after its round trip", migration.id)));
        }
        (self.progress)(Event::Ran { scripts: 2 });
        match trip {
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
            Trip::Done { down: took, traces, again } => {
                timings.down_ms = Some(ms(took));
                let mut findings = tell::traces(migration, down, &traces, &again);
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
                self.told.extend(touched.into_iter().map(|change| change.told().object));
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

    fn set_floor(&mut self, index: usize, after: &Catalog, migration: &Migration, why: &str) {
        let why = Some(Stop { migration: migration.id.clone(), reason: why.to_owned() });
        self.floor = Floor { above: index + 1, catalog: after.clone(), why };
    }

    /// Notes a migration; `verdict` is what it is if there are no findings about it.
    fn record(
        &mut self,
        migration: &Migration,
        findings: Vec<Finding>,
        verdict: Verdict,
        round_trip: Option<model::RoundTrip>,
        timings: Timings,
    ) {
        let flawed = findings.iter().any(|finding| !self.options.allow.contains(&finding.rule));
        let verdict = if flawed { Verdict::Flawed } else { verdict };
        self.findings.extend(findings);
        self.migrations.push(model::Migration {
            id: migration.id.clone(),
            verdict,
            round_trip,
            timings,
        });
    }

    /// From the head down to the floor and up again.
    async fn chain(&mut self, head: &Catalog) -> Result<Chain> {
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
        let broken = !matches!(&travelled, chain::Travelled::There { below, head } if below.is_empty() && head.is_empty());
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

    fn tell_chain(&mut self, migrations: &[Migration], travelled: &chain::Travelled) {
        use chain::Travelled;
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

    async fn finish(self, chain: Chain) -> Result<Verified> {
        let mut allowed = BTreeMap::new();
        let mut findings = Vec::new();
        for finding in self.findings {
            if self.options.allow.contains(&finding.rule) {
                *allowed.entry(finding.rule).or_insert(0) += 1;
            } else {
                findings.push(finding);
            }
        }
        Ok(Verified { migrations: self.migrations, chain, findings, allowed, kept: self.kept })
    }
}

fn ms(duration: Duration) -> f64 {
    // Microseconds are as much as a single run can claim.
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}
