//! What a strategy gives and costs beside the schema as it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Counted, Work};

/// Differences smaller than this part of the work are none: counts are within it from run to run.
pub(super) const NONE: f64 = 0.001;

/// What a strategy gives and costs, in the pages of [`Work`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Effect {
    /// The work of an average operation that only reads, before and with it; zero without any.
    pub reads: Change,
    /// The same of those that write.
    pub writes: Change,
    /// The same of the whole mix as it stands.
    pub mix: Change,
    /// The bytes that indexes take more.
    pub bytes: i64,
    /// At which share of writes it is worth its price.
    pub turn: Turn,
}

/// A number before and after.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Change {
    /// In the schema as it is.
    pub before: f64,
    /// With the strategy.
    pub after: f64,
}

/// For which shares of writes a strategy saves more than it costs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[schemars(deny_unknown_fields)]
pub enum Turn {
    /// For any.
    Always,
    /// For none.
    Never,
    /// It makes no difference to any.
    Same,
    /// While less than this part of all operations write.
    Below {
        /// From 0 to 1.
        share: f64,
    },
    /// While more than this part of all operations write.
    Above {
        /// From 0 to 1.
        share: f64,
    },
}

impl Change {
    /// What is saved; negative where it costs.
    pub fn saved(&self) -> f64 {
        self.before - self.after
    }

    /// The part that is saved; 0 of nothing.
    pub fn part(&self) -> f64 {
        if self.before > 0.0 { self.saved() / self.before } else { 0.0 }
    }

    /// What is saved, or nothing where the difference may be chance.
    pub fn surely(&self) -> f64 {
        if self.saved().abs() <= NONE * self.before { 0.0 } else { self.saved() }
    }
}

/// Compares the counts with a strategy to those without.
///
/// An operation that always fails in one of both says nothing, and is left out.
pub fn effect(base: &[Counted], with: &[Counted], bytes: i64) -> Effect {
    let both = base.iter().zip(with).filter(|(one, other)| one.done() > 0 && other.done() > 0);
    let (base, with): (Vec<Counted>, Vec<Counted>) =
        both.map(|(one, other)| (one.clone(), other.clone())).unzip();
    let (base, with) = (base.as_slice(), with.as_slice());
    let of = |operations: &[Counted], writes| {
        Work::of_those(operations, writes).map_or(0.0, |work| work.0)
    };
    let change = |writes| Change { before: of(base, writes), after: of(with, writes) };
    let (reads, writes) = (change(false), change(true));
    let mix = Change { before: Work::of_mix(base).0, after: Work::of_mix(with).0 };
    Effect { reads, writes, mix, bytes, turn: turn(reads.surely(), -writes.surely()) }
}

/// Where a strategy turns that saves `gain` with each read and costs `cost` with each write. At a
/// share `s` of writes it saves `(1 - s) gain - s cost`.
pub fn turn(gain: f64, cost: f64) -> Turn {
    let share = gain / (gain + cost);
    match (gain > 0.0, cost > 0.0) {
        (true, true) => Turn::Below { share },
        (true, false) => Turn::Always,
        (false, true) => Turn::Never,
        (false, false) if gain == 0.0 && cost == 0.0 => Turn::Same,
        (false, false) if gain == 0.0 => Turn::Always,
        (false, false) if cost == 0.0 => Turn::Never,
        (false, false) => Turn::Above { share },
    }
}
