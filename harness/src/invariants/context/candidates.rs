//! Which values are tried in the columns of a table, and what its checks say of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use sqlx::postgres::PgConnection;

use super::shape::{self, Shape};
use super::solve::{self, Combo};
use super::{Context, ROWS, Solved, entries};
use crate::error::Result;
use crate::sql::expression::{self, Literal};
use crate::values::{Value, candidates};

impl Context {
    /// Chooses values for the columns of a table and asks what its checks say of them.
    pub(super) async fn solve(
        &self,
        conn: &mut PgConnection,
        shape: Shape,
        first: usize,
    ) -> Result<Solved> {
        let (varying, changing, varying_links) = varying(&shape);
        let mut components = Vec::new();
        let mut unable = shape.fickle(&self.catalog).map(|(check, function)| {
            format!("its check `{check}` calls {function}(), so that what it refuses changes from run to run")
        });
        for (columns, checks) in solve::groups(&shape) {
            let mut values = Vec::new();
            let given: Vec<String> =
                columns.iter().filter(|name| shape.column(name).is_some()).cloned().collect();
            for name in &given {
                let numbered = varying.contains(name) || changing.contains(name);
                let numbers = numbered.then(|| first..first + ROWS + 2);
                let found = self.candidates(&shape, name, &checks, numbers);
                if found.is_empty() && unable.is_none() {
                    unable = Some(no_value(&shape, name));
                }
                values.push(found);
            }
            if given.is_empty() || given.len() < columns.len() && !checks.is_empty() {
                // A check over a generated column cannot be evaluated without its row.
                let alone = solve::solve(conn, &shape, given, Vec::new(), &values).await?;
                components.push(alone);
                continue;
            }
            let component = solve::solve(conn, &shape, given, checks, &values).await?;
            if unable.is_none() && !component.combos.iter().any(Combo::is_good) {
                let names = component.checks.iter().map(|check| shape.checks[*check].name.as_str());
                let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
                unable = Some(format!(
                    "no values were found that satisfy the check{} {}",
                    if names.len() == 1 { "" } else { "s" },
                    names.join(", ")
                ));
            }
            components.push(component);
        }
        Ok(Solved {
            shape,
            components,
            varying,
            changing,
            varying_links,
            known: Vec::new(),
            rows: 0,
            unable,
            refused: None,
            entries: BTreeMap::new(),
            rewritten: BTreeSet::new(),
        })
    }

    /// The values to try in a column, the most ordinary first. `numbers`: those of the values that
    /// differ from each other, if it is part of a key.
    fn candidates(
        &self,
        shape: &Shape,
        name: &str,
        checks: &[usize],
        numbers: Option<Range<usize>>,
    ) -> Vec<Value> {
        let Some((column, resolved)) = shape.column(name) else { return Vec::new() };
        let mut texts: Vec<String> = Vec::new();
        let varying = numbers.is_some();
        for n in numbers.into_iter().flatten() {
            texts.extend(candidates::distinct(resolved, n));
        }
        // A row can refer to others of its own table only once there are some.
        let links = shape.links.iter().filter(|link| link.columns.iter().any(|own| own == name));
        let link = links.min_by_key(|link| link.parent == link.child);
        if let Some(link) = link {
            let at = link.columns.iter().position(|own| own == name).unwrap_or(0);
            let theirs = (0..ROWS).filter_map(|n| self.row(&link.parent, n));
            texts.extend(
                theirs.filter_map(|row| Some(row.text(&link.parent_columns[at])?.to_owned())),
            );
        } else {
            // What a default says is the most ordinary of all.
            for constant in column.default.as_deref().map(expression::literals).unwrap_or_default()
            {
                if let (Literal::Number(text) | Literal::Text(text), false) = (constant, varying)
                    && column.default.as_deref().is_some_and(|default| !default.contains('('))
                {
                    texts.push(text);
                }
            }
            if let Some(default @ ("true" | "false")) = column.default.as_deref() {
                texts.push(default.to_owned());
            }
            if let Some(soft) = self.soft_delete(shape.name())
                && soft.column == name
            {
                texts.extend(soft.live.clone());
            }
            texts.extend(candidates::ordinary(resolved));
            for check in checks {
                texts.extend(candidates::mined(&shape.checks[*check].expression, resolved));
            }
            if !checks.is_empty() && self.is_judged_alone(shape, name, checks) {
                texts.extend(candidates::largest(resolved));
            }
            texts.extend(entries::telling(shape, name, texts.first()));
        }
        if let Some(partition) = shape.table.partition_key.as_deref()
            && !expression::columns(partition, &[name]).is_empty()
        {
            let bounds = self.catalog.tables.iter().filter_map(|table| table.partition.as_ref());
            let bounds = bounds.filter(|partition| partition.of == *shape.name());
            let mined: Vec<String> = bounds
                .flat_map(|found| candidates::mined(&bound(&found.bound), resolved))
                .collect();
            // Outside the partitions there is no place for a row.
            texts.splice(0..0, mined);
        }
        let mut values: Vec<Value> = Vec::new();
        for value in texts.into_iter().map(Some) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if !shape.not_null(name) {
            // NULL comes after the first value, but first where nobody gives a value.
            let soft = self.soft_delete(shape.name()).filter(|soft| soft.column == name);
            let first = soft.is_some_and(|soft| soft.live.is_none()) || link.is_some();
            values.insert(usize::from(!first).min(values.len()), None);
        }
        values
    }
}

/// What differs from row to row so that no key collides: for each key the roomiest of its columns
/// must, its other columns may, and so may the parents that its foreign keys refer to.
fn varying(shape: &Shape) -> (BTreeSet<String>, BTreeSet<String>, BTreeSet<String>) {
    let (mut must, mut may, mut links) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let linked =
        |name: &str| shape.links.iter().find(|link| link.columns.iter().any(|c| c == name));
    let room = |name: &str| {
        let (_, resolved) = shape.column(name)?;
        Some((0..ROWS).take_while(|n| candidates::distinct(resolved, *n).is_some()).count())
    };
    let exclusions = shape.table.constraints.iter().filter(|found| !found.operators.is_empty());
    let exclusions = exclusions.map(|found| found.columns.iter().map(String::as_str).collect());
    let keys = shape.keys.iter().map(shape::Key::columns);
    for key in keys.chain(exclusions.collect::<Vec<Vec<&str>>>()) {
        let own: Vec<&str> = key.iter().copied().filter(|name| linked(name).is_none()).collect();
        // Of equals the first, so that it stays the same from run to run.
        let roomiest = own.iter().rev().max_by_key(|name| room(name));
        if let Some(name) = roomiest.filter(|name| room(name).is_some_and(|room| room >= 2)) {
            must.insert((*name).to_owned());
            may.extend(own.iter().map(|name| (*name).to_owned()));
        }
        let found = key.iter().filter_map(|name| linked(name));
        links.extend(found.filter(|link| link.parent != link.child).map(|link| link.name.clone()));
    }
    may.retain(|name| !must.contains(name));
    (must, may, links)
}

fn no_value(shape: &Shape, column: &str) -> String {
    let link = shape.links.iter().find(|link| link.columns.iter().any(|own| own == column));
    match link {
        Some(link) => format!("it needs rows of {}, which takes none", link.parent),
        None => {
            let text =
                shape.column(column).map_or("", |(column, _)| column.data_type.text.as_str());
            format!("no value of the type `{text}` of `{column}` is known")
        }
    }
}

/// The bound of a partition as an expression whose constants can be taken.
fn bound(bound: &str) -> String {
    bound.replace("FOR VALUES", "").replace("FROM", "").replace("TO", ",").replace("IN", "")
}
