//! Index strategies: what each gives and what it costs, counted and timed on clones of one
//! database.
//!
//! [`run`] counts the schema as it is, proposes what its plans ask for (`propose`), leaves out
//! what the planner would not use (`prune`), counts every strategy on a clone (`build`),
//! searches for the set that takes the most work away from the whole workload (`search`), and
//! times what is worth it in turns with the schema as it is (`timed`).

mod advice;
mod build;
pub mod given;
mod propose;
mod prune;
mod run;
mod search;
mod stage;
mod tell;
mod timed;
mod trial;

use std::time::Duration;

use shakedown_reports::index::Origin;

use crate::catalog::Name;
use crate::load;
use crate::sql;

pub use run::run;

/// What is asked of index strategies.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The tables, their rows and the workload; its settings are of no concern.
    pub load: load::Asked,
    /// What is tried; what the plans ask for and the catalog speaks against if there is nothing.
    pub given: Vec<Proposal>,
    /// Whether that is tried beside what is given, too.
    pub propose: bool,
    /// Whether the workload is all that is ever asked of the schema, so that an index that it does
    /// not use is of no use.
    pub drop_unused: bool,
    /// How long all of it may take. What it does not suffice for is told.
    pub budget: Duration,
    /// Whether times are measured too, or only what does not vary with the machine.
    pub timed: bool,
}

/// Something that can be done about indexes.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The name of an index, or `drop` and that of one, or as the user called it.
    pub name: String,
    pub origin: Origin,
    /// The tables whose indexes it changes, where that is known before it is made.
    pub tables: Vec<Name>,
    /// The statements that do it, without semicolons.
    pub create: Vec<String>,
    /// The statements that undo it.
    pub drop: Vec<String>,
    /// What speaks for it, a phrase each.
    pub because: Vec<String>,
    /// The pages that it may save with an average operation, where the planner cannot tell, as of
    /// foreign keys, which are looked up behind its back. The most promising are measured first.
    pub promise: Option<f64>,
    /// Why it is not to be advised even where it saves work, if so.
    pub keep: Option<String>,
}

impl Proposal {
    /// Whether one of its statements makes this index.
    fn makes(&self, index: &str) -> bool {
        self.origin != Origin::Removal && self.create.iter().any(|made| sql::mentions(made, index))
    }
}

/// What happens meanwhile, for those who watch.
#[derive(Debug)]
pub enum Event<'a> {
    /// Tables are made and filled, the workload is prepared.
    Load(load::Event<'a>),
    /// The schema as it is, is counted.
    Base,
    /// The planner is asked about so many proposals.
    Planning { proposals: usize },
    /// A strategy is built and counted. `number` counts from one.
    Counting { name: &'a str, number: usize, of: usize },
    /// Sets are searched: what is there is counted with one more.
    Adding { name: &'a str, to: usize },
    /// Times are measured in turns.
    Timing { name: &'a str, number: usize, of: usize },
}
