//! Generated cases and sequences of operations, compared with the reference model: the phases
//! behind the cases that are derived one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::check::{Counterexample, Known, Options, Verdict};
use super::context::Context;
use super::context::row::Row;
use super::model::{self, Live, Model, Pool, PoolRow};
use super::promise::{Evidence, Otherwise, Promise};
use super::runner::Runner;
use crate::catalog::Name;
use crate::error::Result;
use crate::values::Value;

/// The id of the invariant that these cases try.
pub const ID: &str = "rows-follow-the-model";

/// How many tables one model has at most; what is further away from a table does not matter to it.
const TABLES: usize = 8;

/// For so many generated cases there is one sequence of up to twenty operations.
const CASES_PER_SEQUENCE: usize = 20;

/// How long it may take where the user sets no time.
const PATIENCE: Duration = Duration::from_secs(600);

/// Compares each table, together with those it refers to, with the model.
///
/// # Errors
/// When the connection is lost.
pub async fn verdicts(
    runner: &mut Runner<'_>,
    context: &Context,
    options: &Options,
    deadline: Option<Instant>,
) -> Result<(Vec<Verdict>, Vec<String>)> {
    let deadline = deadline.unwrap_or_else(|| Instant::now() + PATIENCE);
    let (mut verdicts, mut not_reached) = (Vec::new(), Vec::new());
    let clusters = clusters(context);
    let wanted = |names: &[Name]| {
        let only = &options.only;
        only.is_empty()
            || only.iter().any(|word| {
                word == ID
                    || names.iter().any(|name| name.to_string() == *word || name.name == *word)
            })
    };
    for names in clusters.into_iter().filter(|names| wanted(names)) {
        let Some(last) = names.last() else { continue };
        if Instant::now() > deadline {
            not_reached.push(promise(last, &names).id());
            continue;
        }
        verdicts.extend(compare(runner, context, &names, options, deadline).await?);
    }
    Ok((verdicts, not_reached))
}

async fn compare(
    runner: &mut Runner<'_>,
    context: &Context,
    names: &[Name],
    options: &Options,
    deadline: Instant,
) -> Result<Vec<Verdict>> {
    let pools: Vec<Pool> = names.iter().map(|name| pool(context, name)).collect();
    let live: Vec<Live> = names.iter().flat_map(|name| live(context, name)).collect();
    let mut model = Model::new(runner, &context.catalog, &pools, &live).await?;
    let left_out: Vec<_> = model.left_out().to_vec();
    let mut verdicts: Vec<Verdict> = left_out
        .iter()
        .map(|left| Verdict {
            promise: promise(&left.table, std::slice::from_ref(&left.table)),
            known: Known::Untested { reason: left.reason.clone() },
        })
        .collect();
    let covered: Vec<Name> = model.tables().cloned().collect();
    let Some(last) = covered.last().cloned() else { return Ok(verdicts) };
    let cases = options.cases * covered.len();
    let ran = model::run(
        runner,
        &mut model,
        cases,
        cases.div_ceil(CASES_PER_SEQUENCE),
        options.seed,
        deadline,
    )
    .await?;
    let known = match ran.disagreement {
        Some(found) => Known::Broken(Counterexample::Case {
            setup: found.setup,
            case: found.case,
            outcome: found.outcome,
        }),
        None => Known::Holds { cases: ran.cases + ran.sequences },
    };
    verdicts.push(Verdict { promise: promise(&last, &covered), known });
    Ok(verdicts)
}

fn promise(table: &Name, names: &[Name]) -> Promise {
    let tables: Vec<String> = names.iter().map(ToString::to_string).collect();
    Promise {
        invariant: ID.to_owned(),
        table: table.clone(),
        object: "rows".to_owned(),
        says: format!("rows of {} do what the catalog says of them", tables.join(", ")),
        otherwise: Otherwise::Broken,
        evidence: Evidence::Cases(Vec::new()),
    }
}

/// Each table with those that it refers to, directly or not; without those that are part of
/// another such set.
fn clusters(context: &Context) -> Vec<Vec<Name>> {
    let mut all: Vec<Vec<Name>> = Vec::new();
    let able = |name: &Name| context.unable(name).is_none();
    for shape in context.shapes().filter(|shape| able(shape.name())) {
        let mut names: Vec<Name> = vec![shape.name().clone()];
        let mut next = 0;
        while next < names.len() {
            let links = context.shape(&names[next]).map(|shape| shape.links.as_slice());
            // What it cannot do without comes first, since there may be too many.
            let mut links: Vec<_> = links.unwrap_or_default().iter().collect();
            links.sort_by_key(|link| !link.required);
            for link in links {
                let room = names.len() < TABLES || link.required;
                if room && able(&link.parent) && !names.contains(&link.parent) {
                    names.push(link.parent.clone());
                }
            }
            next += 1;
        }
        names.reverse();
        all.push(names);
    }
    let sets: Vec<BTreeSet<Name>> =
        all.iter().map(|names| names.iter().cloned().collect()).collect();
    let largest = |at: &usize| {
        let others = sets.iter().enumerate();
        !others.into_iter().any(|(other, set)| {
            other != *at && sets[*at].is_subset(set) && (sets[*at] != *set || other < *at)
        })
    };
    (0..all.len()).filter(largest).map(|at| all[at].clone()).collect()
}

/// Rows that the operations draw from: some that the table takes, with and without parents, and
/// for each of its constraints one that it refuses.
fn pool(context: &Context, name: &Name) -> Pool {
    let mut rows: Vec<Row> =
        (0..context.room(name).min(3)).filter_map(|n| context.row(name, n)).collect();
    let Some(shape) = context.shape(name) else { return Pool::default() };
    let Some(first) = rows.first().cloned() else {
        return Pool { table: name.clone(), rows: Vec::new() };
    };
    for link in &shape.links {
        for n in 0..context.room(&link.parent).min(3) {
            let parent = context.row(&link.parent, n);
            rows.extend(parent.and_then(|parent| context.child(link, n, &parent)));
        }
    }
    for (column, _) in shape.columns() {
        if first.text(&column.name).is_some() {
            rows.push(first.clone().with(&column.name, None));
        }
    }
    for component in context.components(name) {
        for check in 0..component.checks.len() {
            let refused = component.combos.iter().find(|combo| {
                combo.checks[check] == Some(false)
                    && combo.checks.iter().filter(|truth| **truth == Some(false)).count() == 1
            });
            let known = |column: &String| !shape.links.iter().any(|l| l.columns.contains(column));
            if let Some(combo) = refused
                && component.columns.iter().all(known)
            {
                let cells = component.columns.iter().zip(&combo.cells);
                rows.push(cells.fold(first.clone(), |row, (c, value)| row.with(c, value.clone())));
            }
        }
    }
    let mut seen: BTreeSet<BTreeMap<String, Value>> = BTreeSet::new();
    rows.retain(|row| seen.insert(row.cells.clone()));
    let rows = rows.into_iter().map(|row| PoolRow { cells: row.cells }).collect();
    Pool { table: name.clone(), rows }
}

fn live(context: &Context, name: &Name) -> Vec<Live> {
    let Some(soft) = context.soft_delete(name).filter(|soft| !soft.weak) else {
        return Vec::new();
    };
    let one = |(column, live, deleted): (String, Value, Value)| Live {
        table: name.clone(),
        column,
        deleted,
        live,
    };
    let own = (soft.column.clone(), soft.live.clone(), soft.deleted.clone());
    std::iter::once(own).chain(soft.partners.iter().cloned()).map(one).collect()
}
