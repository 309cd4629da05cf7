//! Notices times in which nothing succeeds, since connections are gone.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use shakedown_reports::load::Outage;

/// What is shorter is a hiccup of single connections and no outage.
const SHORTEST: Duration = Duration::from_millis(50);

/// Keeps the outages of a run.
#[derive(Debug, Default)]
pub(super) struct Outages {
    /// Whether one may be under way, so that success costs next to nothing.
    failing: AtomicBool,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    open: Option<Open>,
    over: Vec<Outage>,
}

#[derive(Debug)]
struct Open {
    from: Duration,
    states: BTreeMap<String, u64>,
}

impl Outages {
    /// An operation failed since its connection was gone, at this time of the measurement.
    pub(super) fn failed(&self, at: Duration, state: &str) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let open = inner.open.get_or_insert_with(|| Open { from: at, states: BTreeMap::new() });
        *open.states.entry(state.to_owned()).or_default() += 1;
        self.failing.store(true, Ordering::Relaxed);
    }

    /// An operation succeeded.
    pub(super) fn succeeded(&self, at: Duration) {
        if self.failing.load(Ordering::Relaxed) {
            let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(open) = inner.open.take_if(|open| open.from <= at) {
                self.failing.store(false, Ordering::Relaxed);
                inner.over.extend(open.end(Some(at)).filter(|_| at >= open.from + SHORTEST));
            }
        }
    }

    /// All of them, at the end of a run.
    pub(super) fn finish(&self) -> Vec<Outage> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let last = inner.open.take().and_then(|open| open.end(None));
        inner.over.extend(last);
        std::mem::take(&mut inner.over)
    }
}

impl Open {
    fn end(&self, at: Option<Duration>) -> Option<Outage> {
        let (state, _) = self.states.iter().max_by_key(|(_, count)| **count)?;
        Some(Outage {
            from_s: self.from.as_secs_f64(),
            until_s: at.map(|at| at.as_secs_f64()),
            with: state.clone(),
            failed: self.states.values().sum(),
        })
    }
}
