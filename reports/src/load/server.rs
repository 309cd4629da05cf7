//! The words for what a server did meanwhile.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a server did between the beginning and the end of a measurement.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ServerMeasured {
    /// The processor time of the server's processes, in seconds, where they run on this machine.
    pub cpu_s: Option<f64>,
    /// Differences of the server's own counters, by their name in Postgres:
    /// `pg_stat_wal.wal_bytes`, `pg_stat_database.blks_hit`, `pg_stat_io.reads`.
    pub counters: BTreeMap<String, f64>,
    /// What the sessions of the users were doing, each time they were looked at.
    pub activity: Activity,
    /// The statements that took the most time, the slowest first.
    pub statements: Vec<Statement>,
    /// What could not be asked, and why, a sentence each.
    pub missing: Vec<String>,
}

impl ServerMeasured {
    /// Adds what the server did in another measurement.
    pub fn add(&mut self, other: Self) {
        self.cpu_s = self.cpu_s.zip(other.cpu_s).map(|(one, other)| one + other);
        for (name, value) in other.counters {
            *self.counters.entry(name).or_default() += value;
        }
        self.activity.add(other.activity);
        for statement in other.statements {
            match self.statements.iter_mut().find(|one| one.query_id == statement.query_id) {
                Some(one) => one.add(&statement),
                None => self.statements.push(statement),
            }
        }
        self.statements.sort_by(|one, other| other.total_ms.total_cmp(&one.total_ms));
        for missing in other.missing {
            if !self.missing.contains(&missing) {
                self.missing.push(missing);
            }
        }
    }
}

impl Activity {
    fn add(&mut self, other: Self) {
        self.samples += other.samples;
        for (state, seen) in other.states {
            *self.states.entry(state).or_default() += seen;
        }
        for wait in other.waits {
            match self.waits.iter_mut().find(|one| one.event == wait.event) {
                Some(one) => one.seen += wait.seen,
                None => self.waits.push(wait),
            }
        }
        self.waits.sort_by_key(|wait| std::cmp::Reverse(wait.seen));
        self.max_waiting_locks = self.max_waiting_locks.max(other.max_waiting_locks);
    }
}

impl Statement {
    /// Adds what the same statement did in another measurement.
    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.total_ms += other.total_ms;
        self.mean_ms = if self.calls > 0 { self.total_ms / self.calls as f64 } else { 0.0 };
        self.rows += other.rows;
        self.blocks_hit += other.blocks_hit;
        self.blocks_read += other.blocks_read;
        self.wal_bytes += other.wal_bytes;
    }
}

/// What sessions were doing when they were looked at.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Activity {
    /// How often all of them were looked at.
    pub samples: u64,
    /// Sessions seen by state: `active`, `idle in transaction`, `idle`, summed over all samples.
    pub states: BTreeMap<String, u64>,
    /// What active ones waited for, the most frequent first.
    pub waits: Vec<WaitEvent>,
    /// The most locks that were not granted at a time.
    pub max_waiting_locks: u64,
}

/// Something that active sessions were seen waiting for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct WaitEvent {
    /// As `pg_stat_activity` has it: `LWLock:WALWrite`; `CPU` where it waited for nothing.
    pub event: String,
    /// How often it was seen.
    pub seen: u64,
}

/// One statement, as `pg_stat_statements` has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Statement {
    /// The number by which Postgres knows it: `queryid`.
    pub query_id: i64,
    /// Its text, with constants taken out.
    pub text: String,
    /// How often it was executed.
    pub calls: u64,
    /// How long all executions took in the server, in milliseconds.
    pub total_ms: f64,
    /// How long one took on average, in milliseconds.
    pub mean_ms: f64,
    /// How many rows it returned or changed.
    pub rows: u64,
    /// Pages it found in the server's memory.
    pub blocks_hit: u64,
    /// Pages it had to read.
    pub blocks_read: u64,
    /// Bytes of WAL it wrote.
    pub wal_bytes: u64,
    /// Its plan, as `EXPLAIN` prints it.
    pub plan: Option<String>,
    /// How the plan was made, as the end of a sentence: `run on a clone`, `planned without its
    /// arguments`.
    pub plan_of: Option<String>,
}
