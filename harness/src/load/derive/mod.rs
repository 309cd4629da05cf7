//! A workload for any catalog, where nobody wrote one: lookups by every key, lists along every
//! foreign key, inserts, updates and deletes, in about the parts that most applications have.
//!
//! It is written in the language of scripts, so that a report shows it and a user can take it as
//! the beginning of their own. What cannot be derived, or fails when it is tried, is left out and
//! told.

mod chosen;
pub(super) mod draft;
pub(super) mod fresh;
mod live;
mod reads;
pub(super) mod source;
mod tried;
mod weights;
mod writes;

use std::collections::BTreeMap;

use shakedown_scenarios::{Operation, script};

use crate::catalog::{Catalog, Name};
use crate::error::Result;
use crate::invariants::soft_delete::SoftDelete;

use draft::Drafts;
use weights::Part;

pub use tried::tried;

/// A workload that was derived.
#[derive(Debug)]
pub struct Derived {
    pub operations: Vec<Operation>,
    /// What was left out and why, a sentence each.
    pub left_out: Vec<String>,
    /// What the weight of each operation is made of.
    parts: Vec<Part>,
}

/// Derives the operations of a schema. `leave_out` says which tables are nobody's business, as
/// those in which a migration tool keeps its books; `tries` is how often a transaction is tried
/// that fails with 40001 or 40P01.
///
/// The weights sum up to about 1000: lookups 500, lists 300, inserts 100, updates 80, deletes 20.
///
/// # Errors
/// When a name cannot be written into a script, since it has a line break. What else cannot be
/// derived is in `left_out`.
pub fn derive(
    catalog: &Catalog,
    leave_out: &dyn Fn(&Name) -> bool,
    soft_deletes: &[SoftDelete],
    tries: u32,
) -> Result<Derived> {
    let sources = source::sources(catalog, leave_out, soft_deletes);
    let all = sources.iter().map(|source| {
        let mut drafts = reads::lookups(source);
        drafts.extend(reads::lists(source));
        let mut left_out = Vec::new();
        drafts.extend(writes::writes(source, &mut left_out));
        Drafts { source, drafts, left_out }
    });
    let (taken, told) = chosen::take(all.collect());
    let (mut operations, mut parts) = (Vec::new(), Vec::new());
    let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Drafts { source, drafts, left_out } in taken {
        let table = &source.table.name;
        for why in left_out {
            missing.entry(why).or_default().push(table.to_string());
        }
        for draft in drafts {
            let file = format!("derived from {table}");
            operations.push(script::read(&draft.name, 1, tries, &file, &draft.text)?);
            let importance = 1 + source.referred;
            parts.push(Part { kind: draft.kind, table: table.clone(), importance });
        }
    }
    let missing = missing.into_iter().map(|(why, tables)| format!("{}: {why}", tables.join(", ")));
    let left_out = missing.chain(told).collect();
    weights::spread(&mut operations, &parts);
    Ok(Derived { operations, left_out, parts })
}
