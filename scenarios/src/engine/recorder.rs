//! Keeps the times of operations.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shakedown_reports::load::{Histogram, OperationMeasured, Packed, Second};

/// What came of one operation.
#[derive(Debug)]
pub(super) struct Done {
    /// Its place in the mix.
    pub(super) operation: usize,
    /// From when it was due until it had a connection.
    pub(super) wait: Duration,
    /// From then until it was done.
    pub(super) query: Duration,
    /// When it ended, since the measurement began.
    pub(super) at: Duration,
    /// How often it was tried again.
    pub(super) retried: u32,
    /// Connections of the pool in use when it had one.
    pub(super) in_use: Option<u32>,
    /// What it failed with, if it did.
    pub(super) failed: Option<String>,
    /// A digest of its number and its arguments.
    pub(super) digest: u64,
}

/// Histograms in as many parts as there are processors, so that users seldom wait for one
/// another.
#[derive(Debug)]
pub(super) struct Recorder {
    parts: Vec<Mutex<Part>>,
    limit: Option<Duration>,
}

#[derive(Debug, Default)]
struct Part {
    operations: Vec<OperationMeasured>,
    /// The second that is under way, and those that are over.
    second: Open,
    seconds: BTreeMap<u64, Second>,
    digest: u64,
    /// Of the warm-up, since somebody last looked.
    warming: Histogram,
    failed: u64,
}

#[derive(Debug, Default)]
struct Open {
    at: u64,
    failed: u64,
    skipped: u64,
    in_use: Option<u32>,
    response: Vec<Histogram>,
}

/// All that was kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) operations: Vec<OperationMeasured>,
    pub(super) seconds: Vec<Second>,
    pub(super) digest: u64,
}

impl Recorder {
    /// One for these operations; with a limit, what takes longer counts as late.
    pub(super) fn new(names: &[String], parts: usize, limit: Option<Duration>) -> Self {
        let part = || {
            Mutex::new(Part {
                operations: names.iter().map(|name| OperationMeasured::none(name)).collect(),
                second: Open {
                    response: vec![Histogram::default(); names.len()],
                    ..Open::default()
                },
                ..Part::default()
            })
        };
        Self { parts: (0..parts.max(1)).map(|_| part()).collect(), limit }
    }

    fn part(&self, user: usize) -> MutexGuard<'_, Part> {
        // Numbers are still right after a panic of somebody else.
        self.parts[user % self.parts.len()].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps an operation of the measurement.
    pub(super) fn keep(&self, user: usize, done: &Done) {
        let mut part = self.part(user);
        part.roll(done.at.as_secs());
        part.digest = part.digest.wrapping_add(done.digest);
        let open = &mut part.second;
        open.in_use = open.in_use.max(done.in_use);
        if let Some(state) = &done.failed {
            open.failed += 1;
            part.failed += 1;
            let operation = &mut part.operations[done.operation];
            *operation.failed.entry(state.clone()).or_default() += 1;
            operation.retried += u64::from(done.retried);
            return;
        }
        let response = done.wait + done.query;
        open.response[done.operation].record(response);
        let operation = &mut part.operations[done.operation];
        operation.done += 1;
        operation.retried += u64::from(done.retried);
        operation.late += u64::from(self.limit.is_some_and(|limit| response > limit));
        operation.wait.record(done.wait);
        operation.query.record(done.query);
    }

    /// Counts an operation that was left out, in the second in which it was.
    pub(super) fn skip(&self, user: usize, operation: usize, at: Duration) {
        let mut part = self.part(user);
        part.roll(at.as_secs());
        part.second.skipped += 1;
        part.operations[operation].skipped += 1;
    }

    /// Shows an operation of the warm-up to those who watch.
    pub(super) fn show(&self, user: usize, response: Duration) {
        self.part(user).warming.record(response);
    }

    /// How many operations were kept, those that failed or were left out included.
    pub(super) fn counted(&self) -> u64 {
        let of = |operation: &OperationMeasured| {
            operation.done + operation.skipped + operation.failed.values().sum::<u64>()
        };
        (0..self.parts.len())
            .map(|user| self.part(user).operations.iter().map(of).sum::<u64>())
            .sum()
    }

    /// The times of the last second, and how many operations failed in all.
    pub(super) fn live(&self) -> (Histogram, u64) {
        let mut sum = Histogram::default();
        let mut failed = 0;
        for user in 0..self.parts.len() {
            let mut part = self.part(user);
            sum.add(&part.warming);
            part.warming.clear();
            part.second.response.iter().for_each(|times| sum.add(times));
            let recent = part.second.at.saturating_sub(1);
            if let Some((_, second)) = part.seconds.range(recent..).next_back() {
                second.response.iter().for_each(|times| sum.add(&times.unpack()));
            }
            failed += part.failed;
        }
        (sum, failed)
    }

    /// Everything, added up. The recorder is empty of closed seconds afterwards.
    pub(super) fn finish(&self) -> Kept {
        let mut kept: Option<Kept> = None;
        let mut seconds: BTreeMap<u64, Second> = BTreeMap::new();
        for user in 0..self.parts.len() {
            let mut part = self.part(user);
            part.close();
            for (at, second) in std::mem::take(&mut part.seconds) {
                // Each time is recorded once, in its second, and added up here.
                for (operation, times) in part.operations.iter_mut().zip(&second.response) {
                    operation.response.add(&times.unpack());
                }
                match seconds.get_mut(&at) {
                    Some(there) => there.add(&second),
                    None => drop(seconds.insert(at, second)),
                }
            }
            let operations = part.operations.clone();
            match &mut kept {
                Some(kept) => {
                    kept.digest = kept.digest.wrapping_add(part.digest);
                    for (sum, one) in kept.operations.iter_mut().zip(&operations) {
                        sum.add(one);
                    }
                }
                None => kept = Some(Kept { operations, seconds: Vec::new(), digest: part.digest }),
            }
        }
        let mut kept =
            kept.unwrap_or(Kept { operations: Vec::new(), seconds: Vec::new(), digest: 0 });
        kept.seconds = seconds.into_values().collect();
        kept
    }
}

impl Part {
    /// Closes the second that is under way if it is over.
    fn roll(&mut self, at: u64) {
        if at > self.second.at {
            self.close();
            self.second.at = at;
        }
    }

    fn close(&mut self) {
        let open = &mut self.second;
        let response: Vec<Packed> = open.response.iter().map(Histogram::pack).collect();
        let done = response.iter().any(|response| response.count() > 0);
        if done || open.failed > 0 || open.skipped > 0 {
            let closed = Second {
                at: open.at,
                failed: open.failed,
                skipped: open.skipped,
                response,
                in_use: open.in_use,
            };
            match self.seconds.get_mut(&open.at) {
                Some(there) => there.add(&closed),
                None => drop(self.seconds.insert(open.at, closed)),
            }
        }
        (open.failed, open.skipped, open.in_use) = (0, 0, None);
        open.response.iter_mut().for_each(Histogram::clear);
    }
}
