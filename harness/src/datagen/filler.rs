//! Fills one table after the other, and keeps account of what came of each.

use std::sync::Arc;

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

use super::order::{Step, Turn, order};
use super::world::{Rows, World};
use super::{Filled, FilledTable, Plan, after, build, bulk, load, plan, together};
use crate::catalog::{self, Catalog, Enabled, Event, TableKind, Timing};

/// On how many rows checks are tried before all of them are sent, at first and once that was too
/// few.
const SAMPLES: [u64; 2] = [200, 5000];

/// SQLSTATE of a row that a check refuses.
const CHECK: &str = "23514";

pub(super) async fn run(
    conn: &mut PgConnection,
    catalog: &Catalog,
    plan: &Plan,
) -> Result<Filled, sqlx::Error> {
    let world = Arc::new(build::world(catalog, plan.seed));
    let filled = Filled::default();
    let mut filler = Filler { conn, catalog, plan, world, filled, sample: SAMPLES[0] };
    filler.run().await?;
    Ok(filler.filled)
}

pub(super) struct Filler<'a> {
    pub(super) conn: &'a mut PgConnection,
    pub(super) catalog: &'a Catalog,
    pub(super) plan: &'a Plan,
    pub(super) world: Arc<World>,
    filled: Filled,
    pub(super) sample: u64,
}

/// Why the server refused rows.
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) message: String,
}

/// Why a table has fewer rows than wanted, if it has any; else why it has none, unless none
/// were wanted.
type Planned = Result<Option<String>, Option<String>>;

impl Filler<'_> {
    async fn run(&mut self) -> Result<(), sqlx::Error> {
        let mut tables = Vec::new();
        for (at, table) in self.catalog.tables.iter().enumerate() {
            match table.kind {
                TableKind::Foreign => {
                    self.tell(at, 0, Some("its rows live on another server".into()));
                }
                _ if table.partition.is_none() => tables.push(at),
                _ => {}
            }
        }
        let mut filled = Vec::new();
        for step in order(self.catalog, &self.world, &tables) {
            match step {
                Step::Fill(turns) => {
                    self.fill(&turns).await?;
                    filled.extend(turns);
                }
                Step::Stuck(tables) => {
                    let names =
                        tables.iter().map(|at| format!("`{}`", self.catalog.tables[*at].name));
                    let names = names.collect::<Vec<_>>().join(" and ");
                    let reason =
                        format!("{names} need rows of each other before they can have any");
                    tables.iter().for_each(|at| self.none(*at, Some(reason.clone())));
                }
            }
        }
        for turn in filled.iter().filter(|turn| !turn.postponed.is_empty()) {
            if let Some(reason) =
                after::point(self.conn, &self.world, self.catalog, turn.table).await?
            {
                self.remark(turn.table, reason);
            }
        }
        after::analyze(self.conn, &self.filled).await
    }

    pub(super) fn wanted(&self, at: usize) -> u64 {
        let name = &self.catalog.tables[at].name;
        self.plan.rows.get(name).copied().unwrap_or(self.plan.default_rows)
    }

    fn tell(&mut self, at: usize, rows: u64, reason: Option<String>) {
        let name = self.catalog.tables[at].name.clone();
        self.filled.tables.push(FilledTable { name, rows, reason });
    }

    fn remark(&mut self, at: usize, reason: String) {
        let name = &self.catalog.tables[at].name;
        if let Some(table) = self.filled.tables.iter_mut().find(|table| table.name == *name) {
            table.reason = both(table.reason.take(), Some(reason));
        }
    }

    async fn fill(&mut self, turns: &[Turn]) -> Result<(), sqlx::Error> {
        match turns {
            [turn] => self.one(turn).await,
            several => together::fill(self, several).await,
        }
    }

    async fn one(&mut self, turn: &Turn) -> Result<(), sqlx::Error> {
        let at = turn.table;
        let bare = self.world.tables[at].clone();
        for sample in SAMPLES {
            self.sample = sample;
            Arc::make_mut(&mut self.world).tables[at] = bare.clone();
            let reason = match self.plan_turn(turn).await? {
                Ok(reason) => reason,
                Err(reason) => {
                    self.none(at, reason);
                    break;
                }
            };
            let (rows, more) = match self.send(at).await? {
                Ok(sent) => sent,
                Err(refusal) if refusal.code == CHECK && sample < SAMPLES[1] => continue,
                Err(refusal) => self.try_some(at, &refusal.message).await?,
            };
            self.settle(at, rows, both(reason, more)).await?;
            break;
        }
        self.sample = SAMPLES[0];
        Ok(())
    }

    /// Sends a table's rows in the way that was asked for, or else in the other; with what is to
    /// be said of it.
    async fn send(
        &mut self,
        at: usize,
    ) -> Result<Result<(u64, Option<String>), Refusal>, sqlx::Error> {
        let mut reason = None;
        if bulk::pays(self, at) {
            match bulk::load(self, at).await? {
                Ok(rows) => return Ok(Ok((rows, None))),
                // It is the rows that are refused, in either way.
                Err(refusal) if refusal.code.starts_with("23") => return Ok(Err(refusal)),
                Err(refusal) => {
                    let why = refusal.message;
                    reason = Some(format!("its indexes stayed while rows came in: {why}"));
                }
            }
        }
        Ok(self.load(at).await?.map(|rows| (rows, reason)))
    }

    pub(super) async fn plan_turn(&mut self, turn: &Turn) -> Result<Planned, sqlx::Error> {
        let wanted = self.wanted(turn.table);
        if wanted == 0 {
            return Ok(Err(None));
        }
        Ok(plan::table(self, turn, wanted).await?.map_err(Some))
    }

    /// Sends a table's rows; what the server says if it refuses them.
    async fn load(&mut self, at: usize) -> Result<Result<u64, Refusal>, sqlx::Error> {
        let mut savepoint = self.conn.begin().await?;
        let mut loaded = load::copy(&mut savepoint, &self.world, at).await;
        if loaded.is_ok() {
            // What is checked only at the end is checked now, so that it is this table's.
            let now = sqlx::raw_sql("SET CONSTRAINTS ALL IMMEDIATE").execute(&mut *savepoint).await;
            loaded = now.and(loaded);
        }
        match loaded {
            Ok(rows) => {
                savepoint.commit().await?;
                Ok(Ok(rows))
            }
            Err(error) => {
                let refusal = refusal(error)?;
                savepoint.rollback().await?;
                Ok(Err(refusal))
            }
        }
    }

    /// Tries some rows one by one where all of them at once were refused.
    async fn try_some(
        &mut self,
        at: usize,
        refusal: &str,
    ) -> Result<(u64, Option<String>), sqlx::Error> {
        let load::Tried { rows, tried } = load::insert(self.conn, &self.world, at).await?;
        let count = rows.len() as u64;
        let reason = match count {
            0 => format!("it refuses every row that was tried: {refusal}"),
            _ => format!("it took {count} of {tried} rows that were tried one by one: {refusal}"),
        };
        Arc::make_mut(&mut self.world).tables[at].rows = Rows::Some(rows);
        Ok((count, Some(reason)))
    }

    /// Says that a table has got no rows.
    pub(super) fn none(&mut self, at: usize, reason: Option<String>) {
        Arc::make_mut(&mut self.world).tables[at].rows = Rows::Some(Vec::new());
        self.tell(at, 0, reason);
    }

    /// What is to be done once a table has its rows.
    pub(super) async fn settle(
        &mut self,
        at: usize,
        rows: u64,
        mut reason: Option<String>,
    ) -> Result<(), sqlx::Error> {
        let table = &self.catalog.tables[at];
        let made = self.world.tables[at].rows.count();
        if rows < made && reason.is_none() {
            reason = Some(format!("its triggers left out {} of {made} rows", made - rows));
        }
        let before = |trigger: &&catalog::Trigger| {
            trigger.timing == Timing::Before
                && trigger.for_each_row
                && trigger.events.contains(&Event::Insert)
                && matches!(trigger.enabled, Enabled::Origin | Enabled::Always)
        };
        if rows < made || table.triggers.iter().any(|trigger| before(&trigger)) {
            // The rows may not be what was sent.
            let world = Arc::make_mut(&mut self.world);
            plan::read(self.conn, self.catalog, world, at).await?;
        }
        after::count(self.conn, &self.world, self.catalog, at).await?;
        self.tell(at, rows, reason);
        Ok(())
    }
}

/// What the server said, if it was the server.
pub(super) fn refusal(error: sqlx::Error) -> Result<Refusal, sqlx::Error> {
    match error {
        sqlx::Error::Database(error) => Ok(Refusal {
            code: error.code().unwrap_or_default().into_owned(),
            message: error.message().to_owned(),
        }),
        other => Err(other),
    }
}

fn both(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("{one}; {other}")),
        (one, other) => one.or(other),
    }
}
