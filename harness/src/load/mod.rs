//! Load on a schema: tables with rows, a workload, and settings to run it at, each on a clone of
//! the same database.
//!
//! [`run`] makes the database and measures every [`Setting`]; [`axes`] makes the settings of a
//! sweep over pools; [`derive`](mod@derive) makes a workload where nobody wrote one; [`queries`] makes
//! one of those that people have.

pub mod axes;
mod cells;
pub mod derive;
pub mod pgbench;
mod plans;
pub mod queries;
mod run;
mod seeded;
mod storms;
mod through;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use shakedown_reports::load::{Asked as Limits, PoolSettings, Profile};
use shakedown_scenarios::Scenario;
use shakedown_scenarios::engine::{End, Pace, Progress, Storm};

pub use crate::catalog::Name;
use crate::invariants::report::Subject;
use crate::server::bouncer;

pub use run::run;
pub(crate) use run::{measured, scenario, told};
pub(crate) use seeded::{Seeded, rows, seeded};

/// What is asked of a load.
#[derive(Debug, Clone)]
pub struct Asked {
    pub workload: Workload,
    /// How many rows each table gets, besides what migrations put there. A database of the user
    /// keeps the rows that it has.
    pub rows: u64,
    /// The rows of single tables.
    pub tables: BTreeMap<Name, u64>,
    /// The variable `:scale` of scripts, and the size of pgbench's tables.
    pub scale: u32,
    /// What rows, arguments and arrivals come from.
    pub seed: u64,
    /// How often a transaction of a derived workload is tried that fails with 40001 or 40P01.
    pub tries: u32,
    /// What each user waits between two operations of a closed loop.
    pub think: Duration,
    /// How long each setting runs before anything is measured.
    pub warmup: Duration,
    /// When the measurement of a setting ends.
    pub end: End,
    /// How long a statement may take, and wait for a lock.
    pub statement_timeout: Duration,
    /// By table, the condition under which a row is live, or `none`, for a derived workload.
    pub soft_deletes: BTreeMap<String, String>,
    /// What is run, in this order; at least one.
    pub settings: Vec<Setting>,
    /// How often all settings are run. Every second time the order is turned round, so that a
    /// machine that gets slower or faster favours none of them.
    pub rounds: u32,
    /// Whether a setting of several is to be advised, and within which limits.
    pub advise: Option<Limits>,
    /// What is tried with the setting that was advised, or with the only one.
    pub storms: Vec<StormKind>,
    /// Which of several workers this is.
    pub worker: Option<Worker>,
    /// When the first setting begins; at once if nothing.
    pub start_at: Option<Timestamp>,
    /// Where a PgBouncer is looked for, where notes on it are kept, and its image.
    pub bouncer: BouncerFrom,
}

/// Where a PgBouncer comes from.
#[derive(Debug, Clone, Default)]
pub struct BouncerFrom {
    /// The folders in which programs are.
    pub path: Vec<PathBuf>,
    /// Where the notes on what runs are kept.
    pub cache: PathBuf,
    /// The image of a container, if none is installed.
    pub image: Option<String>,
}

/// What is driven.
#[derive(Debug)]
pub enum Target {
    /// The schema of migrations or of a database.
    Subject(Subject),
    /// The tables of pgbench.
    Pgbench,
}

/// What is done.
#[derive(Debug, Clone)]
pub enum Workload {
    /// What somebody wrote, or what is built in.
    Given(Scenario),
    /// What the catalog suggests.
    Derived,
    /// Queries that people have, whose arguments come from rows.
    Queries {
        queries: Vec<queries::Query>,
        /// Where they come from, as the end of a sentence.
        origin: String,
        /// What is known already of those that are left out, a sentence each.
        left_out: Vec<String>,
        /// Whether nobody named them: then the catalog's are taken where none of them can be done.
        found: bool,
    },
}

/// One of several workers that share a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worker {
    /// Its number, from one.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

/// What tells one run from the others.
#[derive(Debug, Clone)]
pub struct Setting {
    pub name: String,
    pub users: usize,
    pub pace: Pace,
    /// Whether statements are prepared once for each connection.
    pub prepared: bool,
    /// The pool; each user has a connection of its own without.
    pub pool: Option<PoolSettings>,
    /// What the settings of the pool were translated from, if they were.
    pub profile: Option<Profile>,
    /// The PgBouncer in between, if there is one.
    pub bouncer: Option<bouncer::Wanted>,
    pub storm: Option<Storm>,
}

/// Something that goes wrong on purpose, as `--storm` takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StormKind {
    ColdStart,
    Lifetimes,
    Restart,
    Burst,
}

/// What happens while a load runs, for those who watch.
#[derive(Debug)]
pub enum Event<'a> {
    /// Tables are made and filled.
    Seeding,
    /// The workload is derived and tried out.
    Deriving,
    /// A worker waits for its time.
    Waiting(Timestamp),
    /// A setting is prepared. `number` counts from one.
    Setting { name: &'a str, number: usize, of: usize },
    /// About once a second while it runs.
    Progress(&'a Progress),
    /// The plans of the slowest statements are made.
    Plans,
}

impl Worker {
    /// The seed of this worker, so that no two do the same.
    pub(crate) fn seed(self, seed: u64) -> u64 {
        seed.wrapping_add(u64::from(self.number - 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// Its part of something that can be counted.
    pub fn share(self, all: usize) -> usize {
        let (number, of) = (self.number as usize, self.of as usize);
        all / of + usize::from(number <= all % of)
    }
}
