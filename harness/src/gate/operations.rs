//! Which operations of a workload can be done at all on a schema.

use std::collections::BTreeMap;
use std::sync::Arc;

use shakedown_reports::index::{Counted, Counters};
use shakedown_scenarios::Scenario;
use shakedown_scenarios::engine::Session;

use crate::error::{Error, Result};
use crate::measure::Bench;
use crate::measure::count::{Cost, Sample};
use crate::measure::tables::Touched;

/// What the server refuses each operation with before it is done once, by its place: a column that
/// is gone. Those that it takes are not listed.
pub(super) async fn refused(bench: &Bench<'_>, database: &str) -> Result<BTreeMap<usize, String>> {
    if opened(bench, database, |_| true).await.is_ok() {
        return Ok(BTreeMap::new());
    }
    // What is wrong without any operation is not theirs.
    opened(bench, database, |_| false).await?;
    let mut refused = BTreeMap::new();
    for operation in 0..bench.scenario.operations.len() {
        if let Err(error) = opened(bench, database, |at| at == operation).await {
            refused.insert(operation, error.whole());
        }
    }
    Ok(refused)
}

async fn opened(
    bench: &Bench<'_>,
    database: &str,
    wanted: impl Fn(usize) -> bool,
) -> std::result::Result<(), Error> {
    let load = bench.load;
    let options = bench.exact(database)?;
    let scale = load.scale.into();
    let session = Session::open(&options, &bench.scenario, wanted, load.seed, scale, false).await?;
    session.close().await;
    Ok(())
}

/// The scenario without the operations that the base refuses, and a sentence on each of those.
pub(super) fn without(
    scenario: &Scenario,
    refused: &BTreeMap<usize, String>,
) -> Result<(Arc<Scenario>, Vec<String>)> {
    let kept = left(scenario, refused);
    let left_out = refused.iter().map(|(at, why)| {
        format!("`{}` cannot be done on the base: {why}", scenario.operations[*at].name)
    });
    let left_out: Vec<String> = left_out.collect();
    if kept.operations.iter().all(|operation| operation.weight == 0) {
        return Err(Error::new(format!(
            "no operation of `{}` can be done on the base: {}",
            scenario.name,
            left_out.join("; ")
        ))
        .hint("`shakedown load` with the same scenario on the base shows what is wrong"));
    }
    Ok((Arc::new(kept), left_out))
}

/// The scenario without those operations, by their place.
pub(super) fn left(scenario: &Scenario, without: &BTreeMap<usize, String>) -> Scenario {
    let all = scenario.operations.iter().enumerate();
    let kept = all.filter(|(at, _)| !without.contains_key(at)).map(|(_, one)| one.clone());
    Scenario { operations: kept.collect(), ..scenario.clone() }
}

/// What an operation costs that cannot be done: nothing, but it failed each time.
pub(super) fn impossible(bench: &Bench<'_>, operation: usize, sample: Sample, why: &str) -> Cost {
    let counted = Counted {
        name: bench.scenario.operations[operation].name.clone(),
        share: bench.share(operation),
        writes: sample.writes,
        times: sample.times,
        failed: sample.times,
        failure: Some(why.to_owned()),
        counters: Counters::default(),
        plans: Vec::new(),
    };
    Cost { counted, touched: Touched::default(), scans: BTreeMap::new() }
}
