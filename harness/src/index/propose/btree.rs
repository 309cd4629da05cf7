//! The btree indexes that a scan asks for.

use super::index::Draft;
use super::key::Key;
use super::statistics::Statistics;
use super::want::{Always, Want};
use crate::catalog::quote_ident;

/// So many columns are carried along at most, and so many bytes of them: an index that is as wide
/// as its table saves nothing.
const CARRIED: usize = 4;
const CARRIED_WIDTH: i32 = 64;

/// A constant in a query is one of a kind if its column has at most so many different values.
const FEW_VALUES: f64 = 50.0;

/// What equality, order and range ask for, in this order: rows that are equal in the first keys lie
/// together, within them they lie in the order of the next, and a range over the last ends the
/// scan early.
pub(super) fn drafts(want: &Want<'_>, statistics: &Statistics) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let keys = keys(&want.equal, &want.sort, &want.ranges);
    full(&keys, want, statistics, &mut drafts);
    // A range may come before the order, where it leaves few rows to sort.
    if !want.sort.is_empty() && !want.ranges.is_empty() {
        drafts.push(Draft::btree(want.table, &self::keys(&want.equal, &[], &want.ranges)));
    }
    // What is joined is known once the other side is read.
    for key in &want.joined {
        let equal: Vec<Key> = want.equal.iter().chain([key]).cloned().collect();
        full(&self::keys(&equal, &want.sort, &[]), want, statistics, &mut drafts);
        drafts.push(Draft::btree(want.table, std::slice::from_ref(key)));
    }
    for key in want.equal.iter().chain(&want.ranges).chain(want.sort.first()) {
        drafts.push(Draft::btree(want.table, std::slice::from_ref(key)));
    }
    // `LIKE 'abc%'` is a range, in the order of bytes.
    for (key, pattern) in &want.patterns {
        if !pattern.trim_start_matches('\'').starts_with(['%', '_']) {
            drafts.push(Draft::other(want.table, "btree", key, "text_pattern_ops"));
        }
    }
    drafts
}

/// The whole, the part of it that a condition leaves, and both with what else is read.
fn full(keys: &[Key], want: &Want<'_>, statistics: &Statistics, drafts: &mut Vec<Draft>) {
    let carried = carried(keys, want, statistics);
    if !keys.is_empty() {
        let whole = Draft::btree(want.table, keys);
        if let Some(include) = &carried {
            drafts.push(Draft { include: include.clone(), ..whole.clone() });
        }
        drafts.push(whole);
    }
    let always = want.always.iter().filter(|one| is_few(one, want, statistics));
    let always: Vec<&Always> = always.collect();
    if always.is_empty() {
        return;
    }
    let predicate = always.iter().map(|one| parenthesised(&one.sql));
    let predicate = Some(predicate.collect::<Vec<_>>().join(" AND "));
    // What the condition fixes need not be a key, unless nothing else is one.
    let fixed =
        |key: &&Key| always.iter().any(|one| one.fixes.as_ref().is_some_and(|it| it.is(key)));
    let free: Vec<Key> = keys.iter().filter(|key| !fixed(key)).cloned().collect();
    let keys = if free.is_empty() { keys.to_vec() } else { free };
    let keys = if keys.is_empty() { primary(want) } else { keys };
    if keys.is_empty() {
        return;
    }
    let part = Draft { predicate, ..Draft::btree(want.table, &keys) };
    if let Some(include) = carried {
        let include = include.into_iter().filter(|name| !part.keys.contains(name)).collect();
        drafts.push(Draft { include, ..part.clone() });
    }
    drafts.push(part);
}

/// Whether a condition is about one of few values: an index for one of many customers is of no use
/// to the others.
fn is_few(always: &Always, want: &Want<'_>, statistics: &Statistics) -> bool {
    let column = always.fixes.as_ref().and_then(|key| key.column.as_ref());
    let values = column.and_then(|name| statistics.values(&want.table.name.to_string(), name));
    !always.by_value || values.is_some_and(|values| values.distinct <= FEW_VALUES)
}

/// Keys in the order of equality, sort and range, each once.
fn keys(equal: &[Key], sort: &[Key], ranges: &[Key]) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for key in equal.iter().chain(sort).chain(ranges) {
        if !keys.iter().any(|known| known.is(key)) {
            keys.push(key.clone());
        }
    }
    keys
}

/// The columns that are read and are no keys, if they are few and narrow: with them the table
/// itself need not be read.
fn carried(keys: &[Key], want: &Want<'_>, statistics: &Statistics) -> Option<Vec<String>> {
    let table = want.table.name.to_string();
    let others = want
        .columns
        .iter()
        .filter(|name| !keys.iter().any(|key| key.column.as_ref() == Some(name)));
    let others: Vec<&String> = others.collect();
    let width =
        others.iter().filter_map(|name| statistics.values(&table, name)).map(|values| values.width);
    let fits = (1..=CARRIED).contains(&others.len()) && width.sum::<i32>() <= CARRIED_WIDTH;
    fits.then(|| others.into_iter().map(|name| quote_ident(name)).collect())
}

/// The primary key, where a condition alone says which rows are meant.
fn primary(want: &Want<'_>) -> Vec<Key> {
    let columns = want.table.primary_key().map(|key| key.columns.as_slice()).unwrap_or_default();
    let columns = columns.iter().filter_map(|name| want.table.column(name));
    columns.map(Key::of_column).collect()
}

/// A clause that is joined with others by AND.
fn parenthesised(clause: &str) -> String {
    if clause.to_uppercase().contains(" OR ") { format!("({clause})") } else { clause.to_owned() }
}
