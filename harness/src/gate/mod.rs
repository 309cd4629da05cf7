//! Gates: is a candidate worse than what is there already?
//!
//! [`run`] makes the base and the candidate on one server (`sides`), counts the same seeded
//! operations on both (`tally`), times both in turns beside a second clone of the base (`timed`,
//! `pooled`), and judges the limits of the user (`limits`). [`git`] reads migrations as another
//! commit has them, `stored` takes what an earlier report counted and `moments` compares its times,
//! [`criterion`] reads what criterion saved.

mod allowed;
pub mod criterion;
pub mod git;
mod limits;
mod moments;
mod operations;
mod pooled;
mod run;
mod sides;
mod stored;
mod tally;
mod timed;

use std::collections::BTreeMap;
use std::time::Duration;

use shakedown_reports::Report;
use shakedown_reports::gate::{Inconclusive, Limit, Tolerances};

use crate::load::{self, Setting};
use crate::source::Project;

pub use allowed::allowed;
pub use run::run;

/// What is asked of a gate.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The tables, their rows, the workload, and the settings of the candidate.
    pub load: load::Asked,
    /// What the candidate is compared with; nothing if there are only limits.
    pub base: Option<Base>,
    /// By which part the candidate may be more.
    pub tolerances: Tolerances,
    /// What must hold of the candidate in any case.
    pub limits: Vec<Limit>,
    /// Why a regression is taken, by its subject and measure: `add-item:wal_bytes`; or by the text
    /// of a limit.
    pub allow: BTreeMap<String, String>,
    /// How long times may be measured until all of them are decided.
    pub budget: Duration,
    /// Whether times are measured, or only what does not vary with the machine.
    pub timed: bool,
    /// What is to become of the outcome where nothing can be decided.
    pub inconclusive: Inconclusive,
}

/// What a candidate is compared with.
#[derive(Debug, Clone)]
pub enum Base {
    /// Other migrations, which are run on the same server.
    Project {
        /// As it is told: `origin/main (3f2a91c)`.
        name: String,
        project: Project,
        /// How it is driven, if that is known and has to do with a pool.
        setting: Option<Box<Setting>>,
        /// Why that is not known, a sentence, where it should be.
        unread: Option<String>,
    },
    /// What was counted before, perhaps elsewhere.
    Stored {
        /// The file.
        name: String,
        report: Box<Report>,
    },
}

/// What happens meanwhile, for those who watch.
#[derive(Debug)]
pub enum Event<'a> {
    /// Tables are made and filled, the workload is prepared, a load runs.
    Load(load::Event<'a>),
    /// The migrations that only the candidate has are run over the rows of the base.
    Migrating { id: &'a str },
    /// The operations of `base` or `candidate` are counted.
    Counting { side: &'a str },
    /// Times are measured in turns: so many of all are not decided yet.
    Timing { undecided: usize, of: usize },
    /// Users share a pool, in turns.
    Pooled,
}
