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
