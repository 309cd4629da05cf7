//! Which values satisfy the checks of a table. Nothing is evaluated here: the server is asked
//! for the truth of every clause over combinations of candidate values.

use std::collections::BTreeSet;

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Row as _};

use super::shape::{Check, Shape};
use crate::catalog::{quote_ident, quote_literal};
use crate::error::{Error, Result};
use crate::sql::expression::{self, Condition};
use crate::values::{Value, literal};

/// How many combinations of values are tried for the columns that checks link.
const COMBINATIONS: usize = 3000;

/// Columns that checks link, so that their values must be chosen together. A column without a
/// check is alone.
#[derive(Debug, Clone)]
pub struct Component {
    pub columns: Vec<String>,
    /// The checks over these columns, as numbers into those of the shape.
    pub checks: Vec<usize>,
    /// The clauses of each of these checks.
    pub conditions: Vec<Condition>,
    /// The combinations that were tried, the most ordinary values first.
    pub combos: Vec<Combo>,
}

/// Values of a component's columns, and what its checks say of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Combo {
    pub cells: Vec<Value>,
    /// For each check: true, false, or unknown.
    pub checks: Vec<Option<bool>>,
    /// For each check, each of its clauses.
    pub clauses: Vec<Vec<Option<bool>>>,
}

impl Combo {
    /// Whether the database takes it: a check that comes to unknown is satisfied.
    pub fn is_good(&self) -> bool {
        self.checks.iter().all(|truth| *truth != Some(false))
    }
}

/// The columns of a table in groups that share checks, in the order of the columns.
pub fn groups(shape: &Shape) -> Vec<(Vec<String>, Vec<usize>)> {
    let mut groups: Vec<(BTreeSet<usize>, Vec<usize>)> = Vec::new();
    let place = |name: &str| shape.table.columns.iter().position(|column| column.name == name);
    for (number, check) in shape.checks.iter().enumerate() {
        let mut columns: BTreeSet<usize> =
            check.columns.iter().filter_map(|name| place(name)).collect();
        let mut checks = vec![number];
        let (linked, rest): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|(other, _)| !other.is_disjoint(&columns));
        for (other, theirs) in linked {
            columns.extend(other);
            checks.extend(theirs);
        }
        checks.sort_unstable();
        groups = rest;
        groups.push((columns, checks));
    }
    for (number, column) in shape.table.columns.iter().enumerate() {
        let known = groups.iter().any(|(columns, _)| columns.contains(&number));
        if !known && column.generated.is_none() {
            groups.push((BTreeSet::from([number]), Vec::new()));
        }
    }
    groups.sort();
    let name = |number: usize| shape.table.columns[number].name.clone();
    groups
        .into_iter()
        .map(|(columns, checks)| (columns.into_iter().map(name).collect(), checks))
        .collect()
}

/// Asks the server what the checks say of combinations of `candidates`, which stand as
/// `columns` do.
pub async fn solve(
    conn: &mut PgConnection,
    shape: &Shape,
    columns: Vec<String>,
    checks: Vec<usize>,
    candidates: &[Vec<Value>],
) -> Result<Component> {
    let conditions: Vec<Condition> = checks
        .iter()
        .map(|check| expression::condition(&shape.checks[*check].expression))
        .collect();
    let mut component = Component { columns, checks, conditions, combos: Vec::new() };
    let mut tuples = combinations(candidates);
    if component.checks.is_empty() {
        let free = |cells| Combo { cells, checks: Vec::new(), clauses: Vec::new() };
        component.combos = tuples.into_iter().map(free).collect();
        return Ok(component);
    }
    // If none of the first tries is good, those that violate the fewest checks are varied.
    for _ in 0..3 {
        component.combos.extend(ask(conn, shape, &component, &tuples).await?);
        if component.combos.iter().any(Combo::is_good) || component.combos.is_empty() {
            break;
        }
        tuples = nearby(&component.combos, candidates);
    }
    Ok(component)
}

/// The combinations to try: all of them if they are few, else the most ordinary ones, each with
/// one and two of its values exchanged, and an even spread of the rest.
fn combinations(candidates: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let sizes: Vec<usize> = candidates.iter().map(Vec::len).collect();
    if sizes.contains(&0) {
        return Vec::new();
    }
    let all = sizes.iter().try_fold(1usize, |product, size| product.checked_mul(*size));
    let tuple = |places: &[usize]| -> Vec<Value> {
        places.iter().zip(candidates).map(|(place, values)| values[*place].clone()).collect()
    };
    let mut places: BTreeSet<(usize, Vec<usize>)> = BTreeSet::new();
    let mut add = |chosen: Vec<usize>| places.insert((chosen.iter().sum(), chosen));
    if let Some(all) = all.filter(|all| *all <= COMBINATIONS) {
        for number in 0..all {
            add(digits(number, &sizes));
        }
    } else {
        let plain = vec![0; sizes.len()];
        add(plain.clone());
        for one in 0..sizes.len() {
            for first in 0..sizes[one] {
                let mut chosen = plain.clone();
                chosen[one] = first;
                add(chosen.clone());
                for other in one + 1..sizes.len() {
                    for second in 1..sizes[other].min(12) {
                        let mut pair = chosen.clone();
                        pair[other] = second;
                        add(pair);
                    }
                }
            }
        }
        // A step that shares no factor with the sizes in all likelihood walks through them evenly.
        for step in 0..COMBINATIONS {
            let spread = sizes.iter().enumerate().map(|(n, size)| {
                (step.wrapping_mul(2_654_435_761).wrapping_add(step / (n + 1)) >> (n % 7)) % size
            });
            add(spread.collect());
        }
    }
    places.into_iter().take(2 * COMBINATIONS).map(|(_, chosen)| tuple(&chosen)).collect()
}

fn digits(mut number: usize, sizes: &[usize]) -> Vec<usize> {
    sizes
        .iter()
        .map(|size| {
            let digit = number % size;
            number /= size;
            digit
        })
        .collect()
}

/// The best of what was tried, with each value exchanged in turn.
fn nearby(tried: &[Combo], candidates: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let wrong = |combo: &&Combo| {
        combo.clauses.iter().flatten().filter(|truth| **truth == Some(false)).count()
            + combo.checks.iter().filter(|truth| **truth == Some(false)).count() * 2
    };
    let mut best: Vec<&Combo> = tried.iter().collect();
    best.sort_by_key(wrong);
    let known: BTreeSet<&Vec<Value>> = tried.iter().map(|combo| &combo.cells).collect();
    let mut tuples = BTreeSet::new();
    for combo in best.into_iter().take(20) {
        for (column, values) in candidates.iter().enumerate() {
            for value in values {
                let mut cells = combo.cells.clone();
                cells[column] = value.clone();
                if !known.contains(&cells) {
                    tuples.insert(cells);
                }
            }
        }
    }
    tuples.into_iter().take(COMBINATIONS).collect()
}

/// Evaluates the checks over `tuples`. A combination that the server cannot evaluate is left out.
async fn ask(
    conn: &mut PgConnection,
    shape: &Shape,
    component: &Component,
    tuples: &[Vec<Value>],
) -> Result<Vec<Combo>> {
    let truth =
        |sql: &str| format!("CASE ({sql}) WHEN true THEN 't' WHEN false THEN 'f' ELSE 'u' END");
    let mut asked = Vec::new();
    for (check, condition) in component.checks.iter().zip(&component.conditions) {
        asked.push(truth(&shape.checks[*check].expression));
        asked.extend(condition.leaves.iter().map(|leaf| truth(&leaf.text)));
    }
    let asked = format!("concat({})", asked.join(", "));
    let cast = |column: &String| {
        shape.column(column).map_or_else(String::new, |(_, resolved)| resolved.cast.clone())
    };
    let sources: Vec<String> =
        (1..=component.columns.len()).map(|n| format!("${n}::text[]")).collect();
    let names: Vec<String> = (1..=component.columns.len()).map(|n| format!("c{n}")).collect();
    let cells: Vec<String> = component
        .columns
        .iter()
        .zip(&names)
        .map(|(column, name)| format!("{name}::{} AS {}", cast(column), quote_ident(column)))
        .collect();
    let sql = format!(
        "SELECT {asked} FROM (SELECT n, {} FROM unnest({}) WITH ORDINALITY AS v ({}, n)) AS {} ORDER BY n",
        cells.join(", "),
        sources.join(", "),
        names.join(", "),
        quote_ident(&shape.name().name),
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for column in 0..component.columns.len() {
        let values: Vec<Option<&str>> =
            tuples.iter().map(|cells| cells[column].as_deref()).collect();
        query = query.bind(values);
    }
    let told: Vec<Option<String>> = match query.fetch_all(&mut *conn).await {
        Ok(rows) => rows.iter().map(text).collect::<Result<_>>()?,
        Err(sqlx::Error::Database(_)) => {
            let mut told = Vec::with_capacity(tuples.len());
            for tuple in tuples.iter().take(COMBINATIONS / 3) {
                let cells = component.columns.iter().zip(tuple).map(|(column, value)| {
                    let value = literal(value);
                    format!("{value}::{} AS {}", cast(column), quote_ident(column))
                });
                let cells = cells.collect::<Vec<_>>().join(", ");
                let alias = quote_ident(&shape.name().name);
                let sql = format!("SELECT {asked} FROM (SELECT {cells}) AS {alias}");
                told.push(one(conn, &sql).await?);
            }
            told
        }
        Err(error) => {
            return Err(Error::new("the checks could not be evaluated").because_sql(error));
        }
    };
    let read = |(tuple, told): (&Vec<Value>, Option<String>)| {
        Some(combo(component, tuple.clone(), &told?))
    };
    Ok(tuples.iter().zip(told).filter_map(read).collect())
}

fn text(row: &PgRow) -> Result<Option<String>> {
    row.try_get(0).map_err(|error| Error::new("the server sent no text").because_sql(error))
}

/// One value, or nothing if it cannot be computed.
async fn one(conn: &mut PgConnection, sql: &str) -> Result<Option<String>> {
    let guarded = format!("SELECT pg_temp.shakedown_value({})", quote_literal(sql));
    match sqlx::query(AssertSqlSafe(guarded)).fetch_one(conn).await {
        Ok(row) => text(&row),
        // It took longer than the session allows.
        Err(sqlx::Error::Database(_)) => Ok(None),
        Err(error) => Err(Error::new("the checks could not be evaluated").because_sql(error)),
    }
}

fn combo(component: &Component, cells: Vec<Value>, told: &str) -> Combo {
    let mut letters = told.chars().map(|letter| match letter {
        't' => Some(true),
        'f' => Some(false),
        _ => None,
    });
    let mut next = || letters.next().flatten();
    let (mut checks, mut clauses) = (Vec::new(), Vec::new());
    for condition in &component.conditions {
        checks.push(next());
        clauses.push(condition.leaves.iter().map(|_| next()).collect());
    }
    Combo { cells, checks, clauses }
}

/// The columns of a check that may be given values; others are computed from them.
pub fn given<'a>(shape: &Shape, check: &'a Check) -> Vec<&'a str> {
    let given = |name: &&String| shape.column(name).is_some();
    check.columns.iter().filter(given).map(String::as_str).collect()
}
