//! What one side counts.

use std::collections::BTreeMap;

use shakedown_reports::index::Counted;

use super::operations::impossible;
use super::run::Stage;
use super::sides::sizes;
use crate::database::Databases;
use crate::error::Result;
use crate::measure::count::{Cost, Sample, attach, count};

/// The counts of one side.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    /// In the order of the scenario.
    pub(super) operations: Vec<Counted>,
    /// The bytes of each relation once all operations were done.
    pub(super) sizes: BTreeMap<String, u64>,
}

/// Counts on a clone of a database. Operations that cannot be done there count as failed.
pub(super) async fn tally(
    stage: &Stage<'_>,
    databases: &mut Databases<'_>,
    from: &str,
    samples: &[Sample],
    broken: &BTreeMap<usize, String>,
) -> Result<Tally> {
    let clone = databases.create(Some(from)).await?;
    let failing =
        broken.iter().map(|(at, why)| (*at, impossible(&stage.bench, *at, samples[*at], why)));
    let known: BTreeMap<usize, Cost> = failing.collect();
    let (costs, plans) = count(&stage.bench, &clone, samples, &known).await?;
    let mut operations: Vec<Counted> = costs.into_iter().map(|cost| cost.counted).collect();
    attach(&mut operations, plans.iter());
    let sizes = sizes(databases, &clone).await?;
    databases.drop(&clone).await?;
    Ok(Tally { operations, sizes })
}
