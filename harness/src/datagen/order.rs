//! In what order tables are filled: what is referred to comes before what refers to it, and
//! cycles are cut where a foreign key may be NULL at first or is checked only at the end.

use std::collections::BTreeSet;

use super::build::{foreign_keys, optional};
use super::world::World;
use crate::catalog::Catalog;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// These tables, in one transaction if they are several.
    Fill(Vec<Turn>),
    /// These need rows of each other before any of them can have one.
    Stuck(Vec<usize>),
}

/// One table's turn.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) table: usize,
    /// The foreign keys that stay NULL until all tables have rows.
    pub(super) postponed: Vec<String>,
}

/// A foreign key from one table to another.
struct Edge<'c> {
    from: usize,
    to: usize,
    name: &'c str,
    optional: bool,
    deferrable: bool,
}

/// The order for `tables`, all of them, once.
pub(super) fn order(catalog: &Catalog, world: &World, tables: &[usize]) -> Vec<Step> {
    let mut left: BTreeSet<usize> = tables.iter().copied().collect();
    let edges: Vec<_> = tables
        .iter()
        .flat_map(|at| foreign_keys(catalog, &catalog.tables[*at]).map(|(key, to)| (*at, key, to)))
        // A partition gets its rows with its root.
        .map(|(from, key, to)| (from, key, root(catalog, to)))
        .filter(|(from, _, to)| from != to)
        .map(|(from, key, to)| Edge {
            from,
            to,
            name: &key.name,
            optional: optional(&world.tables[from], key),
            deferrable: key.deferrable,
        })
        .collect();
    let mut steps = Vec::new();
    while !left.is_empty() {
        let open: Vec<_> = edges
            .iter()
            .filter(|edge| left.contains(&edge.from) && left.contains(&edge.to))
            .collect();
        let needs = |at: usize| open.iter().filter(move |edge| edge.from == at);
        let ready: Vec<_> = left.iter().copied().filter(|at| needs(*at).next().is_none()).collect();
        if !ready.is_empty() {
            left.retain(|at| !ready.contains(at));
            let turn = |table| Step::Fill(vec![Turn { table, postponed: Vec::new() }]);
            steps.extend(ready.into_iter().map(turn));
            continue;
        }
        let step = cut(&cycle(&left, &open), &open);
        match &step {
            Step::Fill(turns) => left.retain(|at| !turns.iter().any(|turn| turn.table == *at)),
            Step::Stuck(tables) => left.retain(|at| !tables.contains(at)),
        }
        steps.push(step);
    }
    steps
}

/// The table at the top of partitions.
fn root(catalog: &Catalog, at: usize) -> usize {
    let parent = catalog.tables[at].partition.as_ref().map(|partition| &partition.of);
    let place = parent.and_then(|of| catalog.tables.iter().position(|table| table.name == *of));
    place.map_or(at, |place| root(catalog, place))
}

/// Tables that all lead to each other, and to no other that is left.
fn cycle(left: &BTreeSet<usize>, open: &[&Edge<'_>]) -> BTreeSet<usize> {
    let reach = |at: usize| {
        let mut reached = BTreeSet::new();
        let mut next = vec![at];
        while let Some(at) = next.pop() {
            let beyond = open.iter().filter(|edge| edge.from == at).map(|edge| edge.to);
            next.extend(beyond.filter(|to| reached.insert(*to)));
        }
        reached
    };
    // What leads to the fewest leads only to tables that lead back.
    left.iter().map(|at| reach(*at)).min_by_key(BTreeSet::len).unwrap_or_default()
}

/// Cuts a cycle.
fn cut(cycle: &BTreeSet<usize>, open: &[&Edge<'_>]) -> Step {
    let mut turns: Vec<Turn> = Vec::new();
    let mut together = false;
    let mut left = cycle.clone();
    while !left.is_empty() {
        let needs = |at: usize| {
            let left = &left;
            open.iter().filter(move |edge| edge.from == at && left.contains(&edge.to)).copied()
        };
        let hard = |edge: &&Edge<'_>| !edge.optional && !edge.deferrable;
        let possible = left.iter().copied().filter(|at| needs(*at).filter(hard).count() == 0);
        let waits = |edge: &&Edge<'_>| !edge.optional;
        let best = possible.min_by_key(|at| (needs(*at).filter(waits).count(), needs(*at).count()));
        let Some(table) = best else {
            return Step::Stuck(cycle.iter().copied().collect());
        };
        together |= needs(table).any(|edge| waits(&edge));
        let postponed = needs(table).filter(|edge| edge.optional).map(|edge| edge.name.to_owned());
        let postponed = postponed.collect();
        turns.push(Turn { table, postponed });
        left.remove(&table);
        if !together {
            // The rest may be free by now.
            break;
        }
    }
    Step::Fill(turns)
}
