//! What could be done about indexes: what the plans of the workload ask for, foreign keys that no
//! index serves, and indexes that nothing speaks for.

mod btree;
mod foreign_keys;
mod index;
mod key;
mod other;
mod removals;
mod statistics;
mod want;

use std::collections::BTreeMap;

use sqlx::postgres::PgConnection;

use super::Proposal;
use super::stage::Stage;
use crate::catalog::{Name, TableKind};
use crate::error::Result;
use crate::measure::count::{Cost, Planned};
use index::Draft;

pub(super) use removals::removals;
pub(super) use statistics::Statistics;
pub(super) use want::whole;

/// What is proposed, and what would have been if the server had it.
#[derive(Debug, Default)]
pub(super) struct Proposed {
    pub(super) proposals: Vec<Proposal>,
    /// What cannot be built here, a sentence each.
    pub(super) missing: Vec<String>,
}

/// Proposes strategies for the schema as it is. `leave_out` says which tables are nobody's
/// business.
pub(super) async fn propose(
    stage: &Stage<'_>,
    connection: &mut PgConnection,
    base: &[Cost],
    plans: &[Planned],
    leave_out: &dyn Fn(&Name) -> bool,
) -> Result<Proposed> {
    let statistics = Statistics::load(connection).await?;
    let catalog = &stage.catalog;
    let mut drafts: Vec<Draft> = Vec::new();
    for planned in plans {
        let name = &stage.bench.scenario.operations[planned.operation].name;
        for want in want::wants(planned, catalog).iter().filter(|want| !leave_out(&want.table.name))
        {
            let found = btree::drafts(want, &statistics).into_iter();
            let found = found.chain(other::drafts(want, &statistics));
            for draft in found.map(|draft| draft.because(format!("`{name}` {}", want.told()))) {
                index::add(&mut drafts, draft);
            }
        }
    }
    let mut missing = Vec::new();
    drafts.retain(|draft| match draft.extension {
        Some(extension) if statistics.has_extension(extension).is_none() => {
            missing.push(format!(
                "`{}` could be tried if the server had the extension `{extension}`: install the \
                 contributed extensions of Postgres",
                draft.definition("")
            ));
            false
        }
        _ => true,
    });
    for draft in &mut drafts {
        // What is there already need not be made.
        draft.extension =
            draft.extension.filter(|name| statistics.has_extension(name) == Some(false));
    }
    drafts.retain(|draft| !index::is_there(draft, catalog));
    let mut taken = index::names(catalog);
    let mut proposals: Vec<Proposal> =
        drafts.iter().map(|draft| draft.proposal(&mut taken)).collect();
    for proposal in &mut proposals {
        // Plans name the indexes of partitions, which are called otherwise.
        let tables = proposal.tables.iter().filter_map(|name| catalog.table(name));
        let mut partitioned = tables.filter(|table| table.kind == TableKind::Partitioned);
        proposal.promise = partitioned.next().map(|_| 0.0);
    }
    foreign_keys::add(catalog, base, &statistics, leave_out, &mut proposals, &mut taken);
    proposals.extend(removals::removals(
        catalog,
        base,
        &statistics,
        stage.asked.drop_unused,
        leave_out,
    ));
    missing.sort();
    missing.dedup();
    Ok(Proposed { proposals, missing })
}

/// How often each index was scanned by all operations together.
fn scans(base: &[Cost]) -> BTreeMap<&str, i64> {
    let mut scans: BTreeMap<&str, i64> = BTreeMap::new();
    for (name, count) in base.iter().flat_map(|cost| &cost.scans) {
        *scans.entry(name).or_default() += count;
    }
    scans
}
