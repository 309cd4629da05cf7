//! Generated cases and sequences of operations, compared with the reference model: the phases
//! behind the cases that are derived one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::check::{Counterexample, Known, Options, Verdict};
use super::context::Context;
use super::context::row::Row;
use super::context::shape::Shape;
use super::model::{self, Live, Model, Pool, PoolRow};
use super::promise::{Evidence, Otherwise, Promise};
use super::runner::Runner;
use super::strength::empty;
use crate::catalog::Name;
use crate::database::Databases;
use crate::error::Result;
use crate::values::Value;
use sqlx::postgres::PgConnection;

/// The id of the invariant that these cases try.
pub const ID: &str = "rows-follow-the-model";

/// How many tables one model has at most; what is further away from a table does not matter to it.
const TABLES: usize = 8;

/// For so many generated cases there is one sequence of up to twenty operations.
const CASES_PER_SEQUENCE: usize = 20;

/// How many sequences are really committed for each group of tables; they are the slowest.
const COMMITTED: usize = 20;

/// How long it may take where the user sets no time.
const PATIENCE: Duration = Duration::from_secs(600);

/// Compares each table, together with those it refers to, with the model, but for the promises
/// that are `known` already by their ids. The second value names the promises that the time did
/// not suffice for, the third is the number of cases.
///
/// All is run on a clone without rows: those that are there would only be in the way, and a table
/// of millions would be read for each row that a foreign key without an index follows.
///
/// # Errors
/// When the connection is lost.
pub async fn verdicts(
    databases: &mut Databases<'_>,
    name: &str,
    context: &Context,
    options: &Options,
    known: &[String],
    deadline: Option<Instant>,
) -> Result<(Vec<Verdict>, Vec<String>, usize)> {
    let deadline = deadline.unwrap_or_else(|| Instant::now() + PATIENCE);
    let (mut verdicts, mut not_reached) = (Vec::new(), Vec::new());
    let clone = databases.create(Some(name)).await?;
    // What only a COMMIT shows has a connection of its own.
    let mut committing = databases.connect(&clone).await?;
    // Where the user may not empty them, rows that are in the way keep their tables out.
    let _ = empty(&mut committing, &context.catalog).await;
    let mut conn = databases.connect(&clone).await?;
    let mut runner = Runner::new(&mut conn, context.deferred).await?;
    // Children come first, since their parents are tried along with them.
    let mut names: Vec<&Name> = context.shapes().map(Shape::name).collect();
    names.reverse();
    let mut done: BTreeSet<Name> = BTreeSet::new();
    for name in names {
        if done.contains(name) || context.unable(name).is_some() || !wanted(name, &options.only) {
            continue;
        }
        let cluster = cluster(context, name);
        if known.contains(&promise(name, &cluster).id()) {
            continue;
        }
        if Instant::now() > deadline {
            not_reached.push(promise(name, &cluster).id());
            continue;
        }
        let runner = &mut runner;
        let (known, covered) =
            compare(runner, &mut committing, context, &cluster, &done, options, deadline).await?;
        match known {
            Known::Holds { .. } if Instant::now() > deadline => {
                not_reached.push(promise(name, &cluster).id());
            }
            known => {
                verdicts.push(Verdict { promise: promise(name, &covered), known });
                done.extend(covered);
            }
        }
    }
    let ran = runner.ran;
    drop((committing, conn));
    databases.drop(&clone).await?;
    Ok((verdicts, not_reached, ran))
}

fn wanted(name: &Name, only: &[String]) -> bool {
    let full = name.to_string();
    only.is_empty() || only.iter().any(|word| *word == ID || *word == full || *word == name.name)
}

/// Compares the first of some tables with the model, together with those of the others that
/// the model can speak for.
async fn compare(
    runner: &mut Runner<'_>,
    committing: &mut PgConnection,
    context: &Context,
    names: &[Name],
    done: &BTreeSet<Name>,
    options: &Options,
    deadline: Instant,
) -> Result<(Known, Vec<Name>)> {
    let pools: Vec<Pool> = names.iter().map(|name| pool(context, name)).collect();
    let live: Vec<Live> = names.iter().flat_map(|name| live(context, name)).collect();
    let mut model = Model::new(runner, &context.catalog, &pools, &live).await?;
    if let Some(left) = model.left_out().iter().find(|left| left.table == names[0]) {
        return Ok((Known::OutOfScope { reason: left.reason.clone() }, vec![names[0].clone()]));
    }
    let covered: Vec<Name> = model.tables().cloned().collect();
    let fresh = covered.iter().filter(|name| !done.contains(*name)).count();
    let cases = options.cases * fresh;
    let sequences = cases.div_ceil(CASES_PER_SEQUENCE);
    let mut ran = model::run(runner, &mut model, cases, sequences, options.seed, deadline).await?;
    if ran.disagreement.is_none() {
        let sequences = COMMITTED.min(cases);
        let seed = options.seed;
        let more =
            model::run_committed(runner, committing, &mut model, sequences, seed, deadline).await?;
        ran.compared += more.sequences;
        ran.disagreement = more.disagreement;
    }
    let known = match ran.disagreement {
        Some(found) => Known::Broken(Counterexample::Case {
            setup: found.setup,
            case: found.case,
            outcome: found.outcome,
        }),
        None => Known::Holds { cases: ran.compared },
    };
    Ok((known, covered))
}

fn promise(table: &Name, names: &[Name]) -> Promise {
    let others = names.iter().filter(|other| *other != table).map(ToString::to_string);
    let tables: Vec<String> = std::iter::once(table.to_string()).chain(others).collect();
    Promise {
        invariant: ID.to_owned(),
        table: table.clone(),
        object: "rows".to_owned(),
        says: format!("rows of {} do what the catalog says of them", tables.join(", ")),
        otherwise: Otherwise::Broken,
        evidence: Evidence::Cases(Vec::new()),
    }
}

/// The table and those that it refers to, directly or not.
fn cluster(context: &Context, name: &Name) -> Vec<Name> {
    let mut names: Vec<Name> = vec![name.clone()];
    let mut next = 0;
    while next < names.len() {
        let links = context.shape(&names[next]).map(|shape| shape.links.as_slice());
        // What it cannot do without comes first, since there may be too many.
        let mut links: Vec<_> = links.unwrap_or_default().iter().collect();
        links.sort_by_key(|link| !link.required);
        for link in links {
            let room = names.len() < TABLES || link.required;
            let able = context.unable(&link.parent).is_none();
            if room && able && !names.contains(&link.parent) {
                names.push(link.parent.clone());
            }
        }
        next += 1;
    }
    names
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
