//! What all strategies of an experiment have in common.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::Asked;
use crate::catalog::Catalog;
use crate::measure::Bench;

/// What is counted, where, and how long yet.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) bench: Bench<'a>,
    pub(super) asked: &'a Asked,
    pub(super) catalog: Catalog,
    /// How many rows each table has.
    pub(super) rows: BTreeMap<String, u64>,
    /// The database with rows that times are measured on clones of.
    pub(super) seeded: String,
    /// The same with keys that do not differ from run to run, for counting.
    pub(super) counted: String,
    /// When there is no more time.
    pub(super) until: Instant,
    pub(super) stop: watch::Receiver<bool>,
}

impl Stage<'_> {
    /// Whether nothing more is wanted, or the time is over.
    pub(super) fn over(&self) -> bool {
        self.stopped() || self.left().is_zero()
    }

    /// Whether nothing more is wanted.
    pub(super) fn stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// How much time there is yet.
    pub(super) fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}
