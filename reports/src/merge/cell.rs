//! The same cell of all workers as one.

use std::collections::BTreeMap;

use crate::load::{Cell, Outage, PoolMeasured, Second};

/// Adds the same cell of all workers, in their order.
///
/// `Err` if a digest is none.
pub(super) fn together(mut cells: Vec<Cell>, of: usize) -> Result<Cell, String> {
    let server = cells
        .iter()
        .enumerate()
        .rev()
        .filter_map(|(at, cell)| Some((cell.measured_s, cell.server.clone()?, at + 1)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let mut digest = 0_u64;
    for (cell, number) in cells.iter_mut().zip(1..) {
        digest = digest
            .wrapping_add(u64::from_str_radix(&cell.digest, 16).map_err(|_| {
                format!("`{}` of worker `{number}/{of}` is no digest", cell.digest)
            })?);
        let say = |what: &String| format!("worker {number}/{of}: {what}");
        cell.remarks = cell.remarks.iter().map(say).collect();
        cell.ended_early = cell.ended_early.as_ref().map(say);
        cell.server = None;
    }
    let mut cells = cells.into_iter();
    let Some(mut sum) = cells.next() else { return Err("there is no cell to merge".to_owned()) };
    for cell in cells {
        add(&mut sum, cell);
    }
    sum.digest = format!("{digest:016x}");
    sum.outages = overlapping(std::mem::take(&mut sum.outages));
    let (server, looked) = server.map(|(_, server, number)| (server, number)).unzip();
    sum.server = server;
    if let Some(number) = looked.filter(|_| of > 1) {
        sum.remarks.push(format!(
            "all workers looked at the same server: its counters are those of worker \
             {number}/{of}, which measured longest"
        ));
    }
    if sum.pool.is_some() && of > 1 {
        sum.remarks.push(format!(
            "each of the {of} workers had such a pool of its own: connections in use are added, \
             as if all had the most at the same time"
        ));
    }
    Ok(sum)
}

fn add(sum: &mut Cell, other: Cell) {
    sum.setup.users += other.setup.users;
    sum.setup.rate = sum.setup.rate.zip(other.setup.rate).map(|(mine, theirs)| mine + theirs);
    sum.setup.operations =
        sum.setup.operations.zip(other.setup.operations).map(|(mine, theirs)| mine + theirs);
    sum.measured_s = sum.measured_s.max(other.measured_s);
    for (mine, theirs) in sum.operations.iter_mut().zip(&other.operations) {
        mine.add(theirs);
    }
    add_seconds(&mut sum.seconds, other.seconds);
    if let (Some(mine), Some(theirs)) = (&mut sum.pool, &other.pool) {
        add_pool(mine, theirs);
    }
    // Workers are meant to run on machines of their own.
    sum.client.processors += other.client.processors;
    sum.client.cpu_s += other.client.cpu_s;
    sum.client.goose_count += other.client.goose_count;
    sum.client.own_count += other.client.own_count;
    sum.outages.extend(other.outages);
    sum.remarks.extend(other.remarks);
    sum.ended_early = sum.ended_early.take().or(other.ended_early);
}

fn add_seconds(sum: &mut Vec<Second>, others: Vec<Second>) {
    let mut by_time: BTreeMap<u64, Second> =
        std::mem::take(sum).into_iter().map(|second| (second.at, second)).collect();
    for other in others {
        match by_time.get_mut(&other.at) {
            Some(mine) => {
                // These are connections of different pools, which add.
                let in_use = match (mine.in_use, other.in_use) {
                    (Some(mine), Some(theirs)) => Some(mine + theirs),
                    (mine, theirs) => mine.or(theirs),
                };
                mine.add(&other);
                mine.in_use = in_use;
            }
            None => drop(by_time.insert(other.at, other)),
        }
    }
    *sum = by_time.into_values().collect();
}

/// Each worker has a pool of its own, so that what is in use adds. Of one pool, measured
/// twice, it would not.
fn add_pool(sum: &mut PoolMeasured, other: &PoolMeasured) {
    let mean_in_use = sum.mean_in_use + other.mean_in_use;
    let max_in_use = sum.max_in_use + other.max_in_use;
    sum.add(other, 1.0, 1.0);
    (sum.mean_in_use, sum.max_in_use) = (mean_in_use, max_in_use);
}

/// Outages of single workers that overlap, as one: they saw the same server.
fn overlapping(mut all: Vec<Outage>) -> Vec<Outage> {
    all.sort_by(|a, b| a.from_s.total_cmp(&b.from_s));
    let mut out: Vec<Outage> = Vec::new();
    for one in all {
        let last =
            out.last_mut().filter(|last| last.until_s.is_none_or(|until| one.from_s <= until));
        let Some(last) = last else {
            out.push(one);
            continue;
        };
        if one.failed > last.failed {
            last.with = one.with;
        }
        last.failed += one.failed;
        last.until_s = last.until_s.zip(one.until_s).map(|(mine, theirs)| mine.max(theirs));
    }
    out
}
