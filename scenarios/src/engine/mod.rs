//! Runs a scenario: goose drives the users, each of its transactions does one operation, and
//! our own recorder keeps the times.

mod attempt;
mod bind;
mod compiled;
mod crew;
mod drive;
mod explain;
mod keys;
mod measure;
mod outage;
mod perform;
mod recorder;
mod results;
mod schedule;
mod session;
mod user;

use std::sync::Arc;
use std::time::Duration;

use shakedown_reports::load::{Bouncer, PoolSettings, Profile};
use sqlx::postgres::PgConnectOptions;
use tokio::sync::watch;

use crate::workload::Scenario;

pub(crate) use keys::told;

pub use attempt::attempt;
pub use crew::{Crew, Did};
pub use explain::{Explained, PlanForm, attach, explain, generic_plan};
pub use measure::run;
pub use session::{Performed, Session};

/// What is run, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What tells this run from the others of its report: `pool of 8`.
    pub name: String,
    pub scenario: Arc<Scenario>,
    /// How many operations can be under way at the same time.
    pub users: usize,
    /// When operations begin.
    pub pace: Pace,
    /// What each user waits between two operations of a closed loop.
    pub think: Duration,
    /// How long it runs before anything is measured.
    pub warmup: Duration,
    /// When the measurement ends.
    pub end: End,
    /// What arguments and arrivals come from.
    pub seed: u64,
    /// The variable `:scale` of scripts.
    pub scale: i64,
    /// Whether statements are prepared once for each connection.
    pub prepared: bool,
    /// Where connections come from.
    pub connections: Connections,
    /// What the settings of the pool were translated from, if they were.
    pub profile: Option<Profile>,
    /// How long a statement may take, and wait for a lock, before the server ends it.
    pub statement_timeout: Duration,
    /// The PgBouncer that the connections go to, if they do. It takes no settings when a
    /// connection is made, so that its database must have the timeout.
    pub bouncer: Option<Bouncer>,
    /// What happens on purpose in the middle.
    pub storm: Option<Storm>,
    /// Where the server is asked what it does meanwhile; it is not asked without.
    pub observe: Option<PgConnectOptions>,
}

/// Something that happens on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storm {
    /// All users come at once, and no connection is there yet.
    ColdStart,
    /// The lifetimes of all connections end at this moment of the measurement.
    Lifetimes { at: Duration },
    /// The server is restarted, by whoever started it, at this moment of the measurement.
    Restart { at: Duration },
    /// Operations arrive faster for a while: see [`Burst`].
    Burst,
}

/// When operations begin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// Each user begins one when the last is done.
    Closed,
    /// They arrive at random, so many in a second, and count from when they were due.
    Open {
        /// Operations in a second.
        rate: f64,
        /// Those that are later than this before they begin are skipped.
        limit: Option<Duration>,
        /// A time in which more arrive.
        burst: Option<Burst>,
    },
}

/// A time in which more operations arrive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burst {
    /// When it begins, after the warm-up.
    pub from: Duration,
    /// How long it lasts.
    pub time: Duration,
    /// What the rate is multiplied by.
    pub times: f64,
}

/// When a measurement ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// After this time.
    Time(Duration),
    /// After so many operations, warm-up not counted.
    Operations(u64),
}

/// Where connections come from.
#[derive(Debug, Clone)]
pub enum Connections {
    /// Each user has one of their own.
    Own(PgConnectOptions),
    /// All users share a pool.
    Pool(PgConnectOptions, PoolSettings),
}

/// How a run is doing, for those who watch.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Whether the warm-up is over.
    pub measuring: bool,
    /// How long it has run, warm-up included.
    pub elapsed: Duration,
    /// How long it will run yet, if a time was given.
    pub left: Option<Duration>,
    /// Operations done in the last second.
    pub rate: f64,
    /// Percentiles of the response time in the last second.
    pub p50: Duration,
    pub p99: Duration,
    /// Operations that wait for a connection.
    pub waiting: u64,
    /// Operations that failed so far.
    pub failed: u64,
}

/// A wish from outside that a run end now, and what is told of the run meanwhile.
#[derive(Debug, Clone)]
pub struct Watch {
    /// Once it is true, the run ends and what was measured is returned.
    pub stop: watch::Receiver<bool>,
    /// Gets the state of the run about once a second.
    pub progress: watch::Sender<Progress>,
}
