//! The indexes that are no btrees: hash, BRIN, GIN and GiST.

use super::index::Draft;
use super::key::Key;
use super::statistics::Statistics;
use super::want::Want;
use crate::catalog::Column;

/// A BRIN index keeps a summary for each 128 pages, so that a table of a few of them has no use
/// for one.
const BRIN_PAGES: i64 = 1024;

/// How well the rows have to lie in the order of a column for BRIN.
const BRIN_CORRELATION: f64 = 0.9;

/// A btree of narrower keys is as small as a hash index.
const HASH_WIDTH: i32 = 16;

pub(super) fn drafts(want: &Want<'_>, statistics: &Statistics) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let table = want.table.name.to_string();
    for key in &want.ranges {
        let values = key.column.as_ref().and_then(|name| statistics.values(&table, name));
        let ordered = values.is_some_and(|values| values.correlation.abs() >= BRIN_CORRELATION);
        if ordered && statistics.size(&table).pages >= BRIN_PAGES {
            drafts.push(Draft::other(want.table, "brin", key, ""));
        }
    }
    if want.sort.is_empty() && want.ranges.is_empty() && want.equal.len() == 1 {
        let key = &want.equal[0];
        let values = key.column.as_ref().and_then(|name| statistics.values(&table, name));
        if values.is_none_or(|values| values.width >= HASH_WIDTH) {
            drafts.push(Draft::other(want.table, "hash", key, ""));
        }
    }
    for (key, pattern) in &want.patterns {
        // A word anywhere in a text: three letters of it at least make a trigram.
        if pattern.trim_start_matches('\'').starts_with('%') {
            let draft = Draft::other(want.table, "gin", key, "gin_trgm_ops");
            drafts.push(Draft { extension: Some("pg_trgm"), ..draft });
        }
    }
    for (key, operator) in &want.contains {
        drafts.extend(containing(want, key, operator));
    }
    drafts
}

/// What serves an operator of containment on a key, by its type.
fn containing(want: &Want<'_>, key: &Key, operator: &str) -> Option<Draft> {
    let column = key.column.as_ref().and_then(|name| want.table.column(name));
    let gin = |class: &str| Some(Draft::other(want.table, "gin", key, class));
    let is = |name: &str| column.is_some_and(|column| column.data_type.name == name);
    match operator {
        "@@" => gin(""),
        "@>" | "@?" if is("jsonb") => gin("jsonb_path_ops"),
        "?" | "?|" | "?&" if is("jsonb") => gin(""),
        "@>" | "<@" | "&&" if column.is_some_and(|column: &Column| column.data_type.array) => {
            gin("")
        }
        "@>" | "<@" | "&&" if column.is_some() => Some(Draft::other(want.table, "gist", key, "")),
        _ => None,
    }
}
