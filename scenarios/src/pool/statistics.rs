//! What a pool did.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shakedown_reports::load::{Histogram, PoolMeasured};

use super::stages::Stages;

/// Counters and histograms of one pool.
#[derive(Debug, Default)]
pub(super) struct Statistics {
    times: Mutex<Times>,
    timeouts: AtomicU64,
    connects: AtomicU64,
    max_in_use: AtomicU32,
}

#[derive(Debug, Default)]
struct Times {
    permit: Histogram,
    connect: Histogram,
    validate: Histogram,
    hold: Histogram,
    release: Histogram,
}

impl Statistics {
    fn times(&self) -> MutexGuard<'_, Times> {
        // Times are still right after a panic of somebody else.
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn acquired(&self, stages: &Stages) {
        let mut times = self.times();
        times.permit.record(stages.permit);
        if let Some(connect) = stages.connect {
            times.connect.record(connect);
        }
        if let Some(validate) = stages.validate {
            times.validate.record(validate);
        }
    }

    pub(super) fn held(&self, time: Duration) {
        self.times().hold.record(time);
    }

    pub(super) fn released(&self, took: Duration) {
        self.times().release.record(took);
    }

    pub(super) fn timed_out(&self) {
        self.timeouts.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn connected(&self) {
        self.connects.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn in_use(&self, number: u32) {
        self.max_in_use.fetch_max(number, Ordering::Relaxed);
    }

    /// All of it. `time` is for how long it was measured.
    pub(super) fn measured(&self, time: Duration) -> PoolMeasured {
        let times = self.times();
        let held = times.hold.mean().as_secs_f64() * times.hold.count() as f64;
        let time = time.as_secs_f64();
        PoolMeasured {
            permit: times.permit.clone(),
            connect: times.connect.clone(),
            validate: times.validate.clone(),
            hold: times.hold.clone(),
            release: times.release.clone(),
            timeouts: self.timeouts.load(Ordering::Relaxed),
            connects: self.connects.load(Ordering::Relaxed),
            mean_in_use: if time > 0.0 { held / time } else { 0.0 },
            max_in_use: self.max_in_use.load(Ordering::Relaxed),
        }
    }

    /// Forgets everything, but for the connections that are in use now.
    pub(super) fn reset(&self, in_use: u32) {
        *self.times() = Times::default();
        self.timeouts.store(0, Ordering::Relaxed);
        self.connects.store(0, Ordering::Relaxed);
        self.max_in_use.store(in_use, Ordering::Relaxed);
    }
}
