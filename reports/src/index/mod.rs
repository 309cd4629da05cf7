//! The words for what index strategies give and cost.

mod effect;
mod standing;
mod work;

pub use effect::{Change, Effect, Turn, effect, turn};
pub use standing::stand;
pub use work::{BLOCK, PER_ROW, Work};

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::load::Workload;
use crate::model::Outcome;
use crate::stats::Interval;

/// What was tried on a schema and a workload, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Indexes {
    /// What the users do.
    pub scenario: Workload,
    /// How many rows each table has: `public.users`.
    pub rows: BTreeMap<String, u64>,
    /// What rows and arguments come from: the same seed gives the same counts.
    pub seed: u64,
    /// The part of all operations that write, from 0 to 1.
    pub write_share: f64,
    /// The schema as it is.
    pub base: Vec<Counted>,
    /// Everything that was tried, or was to be, the best first.
    pub strategies: Vec<Strategy>,
    /// What to do; nothing if everything is best left as it is.
    pub advice: Option<Advice>,
    /// What was not tried and why, a sentence each.
    pub left_out: Vec<String>,
    /// What one has to know of the whole, a sentence each.
    pub notes: Vec<String>,
    /// Why it ended before everything was done, if it did.
    pub incomplete: Option<String>,
}

/// An operation and what the server counted while it was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Counted {
    /// The name of the operation.
    pub name: String,
    /// The part of all operations that it makes up, from 0 to 1.
    pub share: f64,
    /// Whether it changes rows.
    pub writes: bool,
    /// How often it was done for these counts.
    pub times: u64,
    /// How often it failed.
    pub failed: u64,
    /// What it failed with first, if it did.
    pub failure: Option<String>,
    /// All of its counts together.
    pub counters: Counters,
    /// How its statements are run, one plan each.
    pub plans: Vec<Plan>,
}

/// Counts that do not depend on the machine: the same operations on the same rows give the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Counters {
    /// Pages that were looked at, in memory or not: `shared_blks_hit + shared_blks_read`.
    pub buffers: u64,
    /// Pages that were clean and got changed.
    pub dirtied: u64,
    /// Rows that scans of tables read, and entries that scans of indexes gave.
    pub rows_read: u64,
    /// Rows that were returned, or changed.
    pub rows_returned: u64,
    /// Records of the write-ahead log.
    pub wal_records: u64,
    /// Bytes of the write-ahead log; without images of whole pages on a scratch server.
    pub wal_bytes: u64,
    /// Images of whole pages among them.
    pub wal_images: u64,
    /// Rows that were updated.
    pub updates: u64,
    /// Those of them that needed no new index entry.
    pub hot_updates: u64,
    /// Scans of whole tables that were begun.
    #[serde(default)]
    pub seq_scans: u64,
    /// Statements that were sent, those that begin and end transactions included. Each takes a
    /// round trip to the server.
    #[serde(default)]
    pub statements: u64,
}

/// How a statement is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Plan {
    /// The statement with its arguments written into it, to be run by hand.
    pub statement: String,
    /// Its nodes in one line, with the indexes they use: `Limit > Index Scan items_owner_idx`.
    pub shape: String,
    /// The nodes as a tree, a line each, with rows and pages.
    pub tree: Vec<String>,
    /// The indexes that it uses.
    pub indexes: Vec<String>,
}

/// Something that can be done about indexes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Strategy {
    /// Its name: that of the index, or `drop` and that of the index, or as the user called it.
    pub name: String,
    /// Who thought of it.
    pub origin: Origin,
    /// The tables whose indexes it changes: `public.items`.
    pub tables: Vec<String>,
    /// The statements that do it.
    pub create: Vec<String>,
    /// The statements that undo it.
    pub drop: Vec<String>,
    /// What speaks for trying it, a phrase each, with the operation that suggests it.
    pub because: Vec<String>,
    /// Why it is not advised even where it saves work, if so.
    pub keep: Option<String>,
    /// How it was made, if it was.
    pub build: Option<Build>,
    /// What the operations count with it, where it was measured; reads that do not look at its
    /// tables are as in the schema as it is.
    pub operations: Vec<Counted>,
    /// What it gives and costs, if it was measured.
    pub effect: Option<Effect>,
    /// The times beside those of the schema as it is, if they were measured.
    pub timed: Option<Timed>,
    /// What came of it.
    pub standing: Standing,
}

/// Who thought of a strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The user gave it.
    Given,
    /// The plans of the workload ask for it.
    Proposed,
    /// The catalog speaks against an index that is there.
    Removal,
}

/// What making a strategy took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Build {
    /// How long its statements ran, in milliseconds.
    pub ms: f64,
    /// Bytes of the write-ahead log that they wrote.
    pub wal_bytes: u64,
    /// The bytes that indexes take more than before; less if it drops some.
    pub bytes: i64,
    /// The strongest lock on each table: `SHARE on public.items`, with what it keeps waiting.
    pub locks: Vec<String>,
    /// Whether it is to be done `CONCURRENTLY`, since operations of the workload would wait.
    pub concurrently: bool,
}

/// Times beside those of the schema as it is: both ran in turns, in short slices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Timed {
    /// All operations by their share: its time divided by that of the schema as it is.
    pub all: Interval,
    /// The same of those that only read; nothing if none does.
    pub reads: Option<Interval>,
    /// The same of those that write; nothing if none does.
    pub writes: Option<Interval>,
}

/// What came of a strategy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[schemars(deny_unknown_fields)]
pub enum Standing {
    /// It is part of the advice.
    Advised,
    /// Nothing else on its tables is better in reads, writes and bytes at once.
    Front,
    /// Something else on its tables is at least as good in reads, writes and bytes.
    Beaten {
        /// The name of the other strategy; `the schema as it is` if that is better.
        by: String,
    },
    /// The planner takes it for nothing that the workload does.
    Ignored,
    /// It was not tried.
    NotMeasured {
        /// Why not.
        reason: String,
    },
    /// Its statements failed, or took too long.
    Failed {
        /// What the server says.
        message: String,
    },
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Advice {
    /// The strategies to take together, each with what it adds to those before it.
    pub steps: Vec<Step>,
    /// What all of them together count.
    pub operations: Vec<Counted>,
    /// What all of them together give and cost.
    pub effect: Effect,
    /// The times of all of them together, if they were measured.
    pub timed: Option<Timed>,
    /// The statements that do it, as a migration would.
    pub up: Vec<String>,
    /// The statements that undo it.
    pub down: Vec<String>,
}

/// A strategy of an advice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Step {
    /// The name of the strategy.
    pub name: String,
    /// The part of the work of the mix that it takes away, beside those before it, from 0 to 1.
    pub saves: f64,
    /// Why it is taken: the operation that gains most, and what that does now.
    pub because: String,
}

impl Origin {
    /// The least part of the work of the mix that such a strategy has to save to be advised, from 0
    /// to 1. An index costs memory, vacuum and backups too, which nobody counts here; one that goes
    /// has them to give.
    pub fn enough(self) -> f64 {
        match self {
            Self::Removal => 0.01,
            Self::Given | Self::Proposed => 0.05,
        }
    }
}

impl Counted {
    /// How often it was done without failing. What fails is counted by no server.
    pub fn done(&self) -> u64 {
        self.times.saturating_sub(self.failed)
    }

    /// A count for each time that it was done.
    pub fn each(&self, count: impl Fn(&Counters) -> u64) -> f64 {
        count(&self.counters) as f64 / self.done().max(1) as f64
    }
}

impl Indexes {
    /// Whether everything that was asked for could be tried, and nothing of the workload failed.
    pub fn outcome(&self) -> Outcome {
        let failed = self.base.iter().any(|one| one.failed > 0);
        let untried = self.strategies.iter().any(|strategy| {
            strategy.origin == Origin::Given
                && matches!(
                    strategy.standing,
                    Standing::Failed { .. } | Standing::NotMeasured { .. }
                )
        });
        match (failed, untried || self.incomplete.is_some()) {
            (true, _) => Outcome::Found,
            (false, true) => Outcome::Incomplete,
            (false, false) => Outcome::Held,
        }
    }
}
