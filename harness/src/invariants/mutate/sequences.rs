//! Sequences, those of identity columns among them.

use super::Change;
use super::ddl::columns;
use crate::catalog::{Catalog, Name, OwnedBy, Sequence};

const WIDTHS: [&str; 3] = ["smallint", "integer", "bigint"];

pub(super) fn retyped(catalog: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for (table, sequence) in sequences(catalog) {
        for other in WIDTHS.into_iter().filter(|width| *width != sequence.data_type) {
            let says = format!("counts {} as {other}", sequence.name.name);
            changes.push(change(table.clone(), sequence, says, &format!("AS {other}")));
        }
    }
    changes
}

pub(super) fn cycle_exchanged(catalog: &Catalog) -> Vec<Change> {
    let change = |(table, sequence): (Name, &Sequence)| {
        let (verb, option) =
            if sequence.cycle { ("ends", "NO CYCLE") } else { ("begins again", "CYCLE") };
        let says = format!("{} {verb} after its last value", sequence.name.name);
        change(table, sequence, says, option)
    };
    sequences(catalog).into_iter().map(change).collect()
}

/// Each sequence with the table that it counts for; its own name if it counts for none.
fn sequences(catalog: &Catalog) -> Vec<(Name, &Sequence)> {
    let owner = |owner: &OwnedBy| owner.table.clone();
    let free = catalog.sequences.iter().map(|sequence| {
        (sequence.owned_by.as_ref().map_or_else(|| sequence.name.clone(), owner), sequence)
    });
    let identities = columns(catalog).filter_map(|(table, column)| {
        column.identity.as_ref().map(|identity| (table.name.clone(), &identity.sequence))
    });
    free.chain(identities).collect()
}

fn change(table: Name, sequence: &Sequence, says: String, option: &str) -> Change {
    let ddl = vec![format!("ALTER SEQUENCE {} {option}", sequence.name)];
    Change { table, object: sequence.name.name.clone(), says, ddl }
}
