//! `partition-bounds`: each row goes to the partition for its value, and the partitions leave no gap.

use std::collections::BTreeMap;

use super::Invariant;
use super::pieces::risk;
use super::times::or_refused;
use crate::catalog::{Catalog, Name, Table};
use crate::invariants::case::{Case, Group};
use crate::invariants::context::Context;
use crate::invariants::context::row::Row;
use crate::invariants::context::shape::Shape;
use crate::invariants::promise::{Evidence, Promise};

pub(super) const INVARIANT: Invariant = Invariant {
    id: "partition-bounds",
    group: "partitions",
    page: include_str!("pages/partition-bounds.md"),
    derive,
};

/// A partition of one column, with the values it takes.
struct Part<'a> {
    table: &'a Table,
    /// The lowest value, or each value of a list; none if it has no lowest one.
    first: Vec<String>,
    /// The first value that is above all of its own.
    end: Option<String>,
}

fn derive(context: &Context) -> Vec<Promise> {
    context.shapes().filter_map(|shape| promise(context, shape)).collect()
}

fn promise(context: &Context, shape: &Shape) -> Option<Promise> {
    let key = shape.table.partition_key.as_deref()?;
    let inside = key.strip_prefix("RANGE (").or_else(|| key.strip_prefix("LIST ("))?;
    let column = inside.strip_suffix(')')?.trim_matches('"');
    shape.column(column)?;
    let parts = parts(&context.catalog, shape.name());
    let evidence = match context.unable(shape.name()) {
        Some(reason) => Evidence::Untested(reason.to_owned()),
        None => Evidence::Cases(groups(context, shape, column, &parts)),
    };
    let tried = !matches!(&evidence, Evidence::Cases(groups) if groups.is_empty());
    let example = &parts.first()?.table.name;
    tried.then(|| Promise {
        invariant: INVARIANT.id.to_owned(),
        table: shape.name().clone(),
        object: key.to_owned(),
        says: format!("each row goes to the partition for its {column}, and none between two of them is left without"),
        otherwise: risk(
            format!("there are values of {column} between those of two partitions for which there is none, and such rows are refused"),
            format!(
                "CREATE TABLE {} PARTITION OF {} FOR VALUES FROM ... TO ... for what is missing",
                example.sibling(&format!("{}_gap", shape.name().name)),
                shape.name()
            ),
        ),
        evidence,
    })
}

fn parts<'a>(catalog: &'a Catalog, root: &Name) -> Vec<Part<'a>> {
    let own = catalog.tables.iter().filter_map(|table| Some((table, table.partition.as_ref()?)));
    let own = own.filter(|(_, partition)| partition.of == *root && !partition.detach_pending);
    own.map(|(table, partition)| {
        let between = |from: &str| {
            let rest = partition.bound.split_once(from)?.1;
            let end = rest.find(") TO (").or_else(|| rest.rfind(')'))?;
            Some(rest[..end].to_owned())
        };
        let value = |text: String| {
            let bare = text.trim().trim_matches('\'').replace("''", "'");
            (bare != "MINVALUE" && bare != "MAXVALUE").then_some(bare)
        };
        let listed = between("IN (").map(|all| {
            all.split(", ").map(str::to_owned).filter_map(value).filter(|v| v != "NULL").collect()
        });
        Part {
            table,
            first: listed
                .unwrap_or_else(|| between("FROM (").and_then(value).into_iter().collect()),
            end: between("TO (").and_then(value),
        }
    })
    .collect()
}

fn groups(context: &Context, shape: &Shape, column: &str, parts: &[Part<'_>]) -> Vec<Group> {
    let row = |value: &str| {
        let fixed = BTreeMap::from([(column.to_owned(), Some(value.to_owned()))]);
        context.row_with(shape.name(), 0, &fixed)
    };
    let group = |row: &Row, case: Case| Group { setup: context.setup(&[row]), cases: vec![case] };
    let default = parts.iter().any(|part| {
        part.table.partition.as_ref().is_some_and(|partition| partition.bound == "DEFAULT")
    });
    let mut groups = Vec::new();
    for part in parts {
        let name = &part.table.name;
        // A partition that is partitioned itself may lack a place further down.
        if part.table.partition_key.is_some() {
            continue;
        }
        let within =
            |row: &Row| format!("SELECT count(*) FROM ONLY {name} WHERE {}", row.condition());
        for value in &part.first {
            let Some(row) = row(value) else { continue };
            let about = format!("{column} = {value}, which belongs to {}", name.name);
            let case = Case::yields(about, vec![row.insert(), within(&row)], "1");
            groups.push(group(&row, case));
        }
        let Some((end, row)) = part.end.as_ref().and_then(|end| Some((end, row(end)?))) else {
            continue;
        };
        let about = format!("{column} = {end}, which no longer belongs to {}", name.name);
        let ops = vec![or_refused(&row.insert()), within(&row)];
        groups.push(group(&row, Case::yields(about, ops, "0")));
        let last = parts.iter().all(|other| other.end.is_some())
            && parts.iter().all(|other| !above(&other.first, end));
        if !last && !default {
            let about = format!("{column} = {end}, right after {}", name.name);
            groups.push(group(&row, Case::accepted(about, vec![row.insert()])));
        } else if !default {
            let about = format!("{column} = {end}, after the last partition");
            groups.push(group(&row, Case::rejected(about, vec![row.insert()], &["23514"])));
        }
    }
    groups
}

/// Whether a partition begins at or above `end`: by number where both are, else by text, which
/// is right for times as Postgres writes them.
fn above(first: &[String], end: &str) -> bool {
    first.iter().any(|first| match (first.parse::<f64>(), end.parse::<f64>()) {
        (Ok(first), Ok(end)) => first >= end,
        _ => first.as_str() >= end,
    })
}
