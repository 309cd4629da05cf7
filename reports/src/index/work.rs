//! One number for what an operation costs, made of counts that do not vary with the machine.

use super::{Counted, Counters};

/// What a row that is read costs beside a page: `cpu_tuple_cost` beside `seq_page_cost`, as
/// Postgres's planner has them.
pub const PER_ROW: f64 = 0.01;

/// The bytes of a page, by which those of the write-ahead log are counted.
pub const BLOCK: f64 = 8192.0;

/// What operations cost, in pages: each page that is looked at is one, each row that is read a
/// hundredth, and the write-ahead log as many as it fills. The planner weighs pages and rows the
/// same way, so that its choices and ours are about the same thing; but it estimates them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Work(pub f64);

impl Work {
    /// Of one operation, on the average of those that were done.
    pub fn of(counted: &Counted) -> Self {
        let Counters { buffers, rows_read, wal_bytes, .. } = counted.counters;
        let all = buffers as f64 + PER_ROW * rows_read as f64 + wal_bytes as f64 / BLOCK;
        Self(all / counted.done().max(1) as f64)
    }

    /// Of an average operation among those that write, or those that do not; nothing if there
    /// are none.
    pub fn of_those(operations: &[Counted], writes: bool) -> Option<Self> {
        let those = || operations.iter().filter(|one| one.writes == writes);
        let share: f64 = those().map(|one| one.share).sum();
        let sum: f64 = those().map(|one| one.share * Self::of(one).0).sum();
        (share > 0.0).then(|| Self(sum / share))
    }

    /// Of an average operation of the whole mix.
    pub fn of_mix(operations: &[Counted]) -> Self {
        Self(operations.iter().map(|one| one.share * Self::of(one).0).sum())
    }
}
