//! The words for what was measured under load.

mod advise;
mod histogram;
mod pool;
mod server;

pub use advise::{Asked, advise, bottleneck};
pub use histogram::{Histogram, Packed};
pub use pool::{Advice, PoolMeasured, PoolSettings, Profile, Sizing, Validate};
pub use server::{Activity, ServerMeasured, Statement, WaitEvent};

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Outcome;

/// What was driven against the schema, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Load {
    /// What the users did.
    pub scenario: Workload,
    /// How many rows each table had at the beginning: `public.users`.
    pub rows: BTreeMap<String, u64>,
    /// What all arguments and arrivals come from: the same seed gives the same operations.
    pub seed: u64,
    /// Which of several workers measured this, if there were several: `2/4`.
    pub worker: Option<String>,
    /// Each setting that was tried, in the order in which it ran.
    pub cells: Vec<Cell>,
    /// Which setting to take, if several were tried.
    pub advice: Option<Advice>,
    /// Why not every setting was measured, if that is so: the server went away for good.
    pub incomplete: Option<String>,
    /// What one has to know of the whole, a sentence each: what was left out of a derived mix.
    pub notes: Vec<String>,
}

/// A named mix of operations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Workload {
    /// Its name: `working-day`.
    pub name: String,
    /// Where it comes from, as the end of a sentence: `built in`, `derived from the catalog`.
    pub origin: String,
    /// Its operations, each with its weight and its script.
    pub operations: Vec<Script>,
}

/// One operation of a mix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Script {
    /// Its name: `sign-in`.
    pub name: String,
    /// How often it is done, in relation to the others.
    pub weight: u32,
    /// Its text, as pgbench has scripts.
    pub text: String,
}

/// One setting and what was measured with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Cell {
    /// What tells it from the others: `pool of 8`.
    pub name: String,
    /// What was set.
    pub setup: Setup,
    /// How long was measured, without the warm-up, in seconds.
    pub measured_s: f64,
    /// A digest of the operations with their arguments, in hexadecimal: equal where the same
    /// operations were done.
    pub digest: String,
    /// What came of each operation of the mix, in its order.
    pub operations: Vec<OperationMeasured>,
    /// The course of it, second by second.
    pub seconds: Vec<Second>,
    /// What the pool did, if there was one.
    pub pool: Option<PoolMeasured>,
    /// What it cost this program.
    pub client: Client,
    /// What the server did meanwhile, as far as it could be asked.
    pub server: Option<ServerMeasured>,
    /// The times in which no operation succeeded although some were tried.
    pub outages: Vec<Outage>,
    /// What one has to know to read the numbers, a sentence each: the rate was not reached.
    pub remarks: Vec<String>,
    /// Why it ended before its time, if it did.
    pub ended_early: Option<String>,
}

/// What is set for one cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Setup {
    /// How many users there are at the same time.
    pub users: usize,
    /// Operations begun in a second, at moments that are drawn at random; nothing if each user
    /// begins one when the last is done.
    pub rate: Option<f64>,
    /// With a rate: operations that are later than this when they could begin are skipped,
    /// those that end later are counted as late; in milliseconds.
    pub latency_limit_ms: Option<f64>,
    /// What each user waits between two operations, in milliseconds.
    pub think_ms: f64,
    /// How long it ran before anything was measured, in seconds.
    pub warmup_s: f64,
    /// How long was to be measured, in seconds; nothing if a number of operations was asked for.
    pub time_s: Option<f64>,
    /// How many operations were to be done; nothing if a time was given.
    pub operations: Option<u64>,
    /// Whether statements are prepared once for each connection.
    pub prepared: bool,
    /// The pool; nothing if each user keeps a connection of their own.
    pub pool: Option<PoolSettings>,
    /// What the settings of the pool were translated from, if they were.
    pub profile: Option<Profile>,
    /// The PgBouncer in between, if there is one.
    pub bouncer: Option<Bouncer>,
    /// What happens on purpose in the middle: `server restart`, `burst`.
    pub storm: Option<String>,
}

/// A PgBouncer between the users and the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Bouncer {
    /// As it says it itself: `1.18.0`; left out for one of Neon, which does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `transaction` or `session`.
    pub mode: String,
    /// Its `default_pool_size`.
    pub pool_size: u32,
}

impl Bouncer {
    /// What people call it: `PgBouncer 1.18.0`.
    pub fn name(&self) -> String {
        match &self.version {
            Some(version) => format!("PgBouncer {version}"),
            None => "Neon's PgBouncer".to_owned(),
        }
    }
}

/// What came of one operation of the mix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct OperationMeasured {
    /// Its name: `sign-in`.
    pub name: String,
    /// How often it was done to its end.
    pub done: u64,
    /// How often it failed, by SQLSTATE, or by `pool-timeout`, `connection`, `client`.
    pub failed: BTreeMap<String, u64>,
    /// How often it was tried again after `40001` or `40P01`.
    pub retried: u64,
    /// How often it was left out, since it was later than the latency limit before it began.
    pub skipped: u64,
    /// How often it was done, but later than the latency limit.
    pub late: u64,
    /// From the moment it was due until it was done, of those that were done.
    pub response: Histogram,
    /// From the moment it was due until it had a connection.
    pub wait: Histogram,
    /// From then until it was done.
    pub query: Histogram,
}

/// One second of a run. What was done is counted in the second in which it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Second {
    /// Seconds since the measurement began.
    pub at: u64,
    /// Operations that failed.
    pub failed: u64,
    /// Operations that were left out.
    pub skipped: u64,
    /// From due until done, by operation, in the order of the mix.
    pub response: Vec<Packed>,
    /// The most connections of the pool that were in use at a time, seen at each acquire.
    pub in_use: Option<u32>,
}

/// What a cell cost this program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Client {
    /// Its processor time during the measurement, user and system, in seconds.
    pub cpu_s: f64,
    /// The processors that this program may use.
    pub processors: usize,
    /// How many operations goose counted, warm-up included, as a check of our own counts.
    pub goose_count: u64,
    /// How many operations our recorder counted, warm-up included.
    pub own_count: u64,
}

/// A time in which nothing succeeded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Outage {
    /// When the first operation failed, in seconds since the measurement began.
    pub from_s: f64,
    /// When one succeeded again; nothing if none did until the end.
    pub until_s: Option<f64>,
    /// What most of them failed with: an SQLSTATE, or as in [`OperationMeasured::failed`].
    pub with: String,
    /// How many operations failed meanwhile.
    pub failed: u64,
}

impl OperationMeasured {
    /// Nothing measured yet of the operation of this name.
    pub fn none(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            done: 0,
            failed: BTreeMap::new(),
            retried: 0,
            skipped: 0,
            late: 0,
            response: Histogram::default(),
            wait: Histogram::default(),
            query: Histogram::default(),
        }
    }

    /// Adds what was measured of the same operation elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.done = self.done.saturating_add(other.done);
        for (state, count) in &other.failed {
            let sum = self.failed.entry(state.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
        self.retried = self.retried.saturating_add(other.retried);
        self.skipped = self.skipped.saturating_add(other.skipped);
        self.late = self.late.saturating_add(other.late);
        self.response.add(&other.response);
        self.wait.add(&other.wait);
        self.query.add(&other.query);
    }
}

impl Second {
    /// Adds what was measured in the same second elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.failed = self.failed.saturating_add(other.failed);
        self.skipped = self.skipped.saturating_add(other.skipped);
        self.in_use = self.in_use.max(other.in_use);
        for (sum, one) in self.response.iter_mut().zip(&other.response) {
            let mut both = sum.unpack();
            both.add(&one.unpack());
            *sum = both.pack();
        }
    }

    /// Operations done in it.
    pub fn done(&self) -> u64 {
        saturating(self.response.iter().map(Packed::count))
    }
}

impl Cell {
    /// The operations that were done.
    pub fn done(&self) -> u64 {
        saturating(self.operations.iter().map(|operation| operation.done))
    }

    /// The operations that failed.
    pub fn failed(&self) -> u64 {
        saturating(self.operations.iter().flat_map(|operation| operation.failed.values().copied()))
    }

    /// Whether failures belong to what is tried.
    fn on_purpose(&self) -> bool {
        self.setup.storm.is_some() || self.setup.bouncer.is_some()
    }

    /// The operations that failed, but for those that got no connection where settings are
    /// compared.
    fn failed_otherwise(&self, compared: bool) -> u64 {
        let of = |operation: &OperationMeasured| -> u64 {
            let counted =
                |(state, _): &(&String, &u64)| !(compared && state.as_str() == "pool-timeout");
            saturating(operation.failed.iter().filter(counted).map(|(_, count)| *count))
        };
        saturating(self.operations.iter().map(of))
    }

    /// Whether something failed that is not expected to, `compared` with other settings or not.
    pub(crate) fn fails(&self, compared: bool) -> bool {
        !self.on_purpose() && self.failed_otherwise(compared) > 0
    }

    /// Adds what was measured of the same setting later, behind what is there.
    pub fn append(&mut self, later: Self) {
        // What ended after the last whole second belongs to the first one of what follows.
        let behind = self.measured_s.round() as u64;
        self.measured_s += later.measured_s;
        let digest = |digest: &str| u64::from_str_radix(digest, 16).unwrap_or(0);
        self.digest = format!("{:016x}", digest(&self.digest).wrapping_add(digest(&later.digest)));
        for (sum, one) in self.operations.iter_mut().zip(&later.operations) {
            sum.add(one);
        }
        for second in later.seconds {
            let second = Second { at: second.at + behind, ..second };
            match self.seconds.iter_mut().find(|one| one.at == second.at) {
                Some(one) => one.add(&second),
                None => self.seconds.push(second),
            }
        }
        self.pool = match (self.pool.take(), later.pool) {
            (Some(mut sum), Some(one)) => {
                // In use is a mean over time, of which both have their part.
                sum.add(&one, self.measured_s - later.measured_s, later.measured_s);
                Some(sum)
            }
            (one, other) => one.or(other),
        };
        self.client.cpu_s += later.client.cpu_s;
        self.client.goose_count += later.client.goose_count;
        self.client.own_count += later.client.own_count;
        self.server = match (self.server.take(), later.server) {
            (Some(mut sum), Some(one)) => {
                sum.add(one);
                Some(sum)
            }
            (one, other) => one.or(other),
        };
        let moved = |outage: Outage| Outage {
            from_s: outage.from_s + behind as f64,
            until_s: outage.until_s.map(|until| until + behind as f64),
            ..outage
        };
        self.outages.extend(later.outages.into_iter().map(moved));
        for remark in later.remarks {
            if !self.remarks.contains(&remark) {
                self.remarks.push(remark);
            }
        }
        self.ended_early = self.ended_early.take().or(later.ended_early);
    }

    /// Operations done in a second.
    pub fn rate(&self) -> f64 {
        if self.measured_s > 0.0 { self.done() as f64 / self.measured_s } else { 0.0 }
    }

    /// One histogram of all operations, of those that `part` takes.
    pub fn all(&self, part: impl Fn(&OperationMeasured) -> &Histogram) -> Histogram {
        let mut sum = Histogram::default();
        for operation in &self.operations {
            sum.add(part(operation));
        }
        sum
    }
}

impl Load {
    /// Whether all that was asked for was measured, and nothing failed that is not expected to.
    ///
    /// Where several settings are compared, what a pool is too small for, what PgBouncer does not
    /// let through and what a storm breaks are what was to be found out.
    pub fn outcome(&self) -> Outcome {
        let ended =
            self.incomplete.is_some() || self.cells.iter().any(|cell| cell.ended_early.is_some());
        let none = self.cells.iter().any(|cell| cell.done() == 0);
        let compared = self.cells.len() > 1;
        if self.cells.iter().any(|cell| cell.fails(compared)) {
            Outcome::Found
        } else if ended || none || self.cells.is_empty() {
            Outcome::Incomplete
        } else {
            Outcome::Held
        }
    }
}

/// The sum of counts. Those of a stored report may be anything, also too large to be added.
pub(crate) fn saturating(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add)
}
