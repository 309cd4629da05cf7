//! `index-valid`: an index is finished, so that it does what it was made for.

use super::Invariant;
use crate::catalog::{Index, Table, TableKind, quote_ident, quote_literal};
use crate::invariants::case::Case;
use crate::invariants::context::Context;
use crate::invariants::promise::{Evidence, Otherwise, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "index-valid",
    group: "uniqueness",
    page: include_str!("pages/index-valid.md"),
    derive,
};

fn derive(context: &Context) -> Vec<Promise> {
    let indexes = |table: &Table| -> Vec<Promise> {
        table.indexes.iter().map(|index| promise(table, index)).collect()
    };
    context.catalog.tables.iter().flat_map(indexes).collect()
}

fn promise(table: &Table, index: &Index) -> Promise {
    let name = table.name.sibling(&index.name);
    let evidence = if !index.ready {
        Evidence::Seen("writes do not keep the index, since making it was broken off".to_owned())
    } else if !index.valid && table.kind == TableKind::Partitioned {
        Evidence::Seen("the index was made ON ONLY, and some partition lacks its part".to_owned())
    } else if !index.valid {
        Evidence::Seen("the index was left invalid when making it failed".to_owned())
    } else {
        let query = format!(
            "SELECT (indisvalid AND indisready)::text FROM pg_catalog.pg_index WHERE indexrelid = {}::regclass",
            quote_literal(&name.to_string())
        );
        Evidence::cases(Vec::new(), vec![Case::yields("its state", vec![query], "true")])
    };
    let trap = match index.unique {
        true => "rows from before it may agree in its key, and queries do not use it",
        false => "queries do not use it, while each write pays for it",
    };
    let way_out = match table.kind {
        TableKind::Partitioned => {
            format!("ALTER INDEX {name} ATTACH PARTITION ...; for each partition's index")
        }
        _ => format!("REINDEX INDEX CONCURRENTLY {name};"),
    };
    let otherwise = Otherwise::Risk { trap: trap.to_owned(), way_out };
    let says = format!("the index {} is finished", quote_ident(&index.name));
    Promise {
        invariant: INVARIANT.id.to_owned(),
        table: table.name.clone(),
        object: index.name.clone(),
        says,
        otherwise,
        evidence,
    }
}
