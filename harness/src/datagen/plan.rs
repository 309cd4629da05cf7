//! Decides what the rows of a table are, from the catalog and from what the server holds.

use std::sync::Arc;

use super::conditions::{self, Condition};
use super::datum::{Datum, Kept};
use super::filler::Filler;
use super::groups::{Asker, linked};
use super::keys::Key;
use super::order::Turn;
use super::world::{Cell, Group, Rows, Source, World};
use super::{build, keys, partitions, server};
use crate::catalog::Catalog;
use crate::values::candidates;
use crate::values::types::{Base, resolve};

/// How many rows are read of a table whose rows are not ours.
pub(super) const READ: u64 = 10_000;

/// Plans the rows of a table; says why they are fewer than wanted, or why there are none.
pub(super) async fn table(
    filler: &mut Filler<'_>,
    turn: &Turn,
    wanted: u64,
) -> Result<Result<Option<String>, String>, sqlx::Error> {
    let at = turn.table;
    let (catalog, about) = (filler.catalog, &filler.catalog.tables[turn.table]);
    let world = Arc::make_mut(&mut filler.world);
    for (_, to) in build::foreign_keys(catalog, about) {
        if to != at && world.tables[to].rows.count() == 0 {
            read(filler.conn, catalog, world, to).await?;
        }
    }
    if let Err(reason) = build::refer(world, catalog, at, &turn.postponed) {
        return Ok(Err(reason));
    }
    if let Err(reason) = unknown(world, catalog, at) {
        return Ok(Err(reason));
    }
    let held = server::held(filler.conn, &server::from(about), &world.tables[at]).await?;
    let mut all = conditions::conditions(catalog, about);
    if about.partition_key.is_some() {
        let places = partitions::places(filler.conn, catalog, about, &world.tables[at]).await?;
        if places.is_empty() {
            return Ok(Err("it has no partitions".to_owned()));
        }
        for column in places.iter().flatten().map(|(column, _)| *column) {
            if world.tables[at].columns[column].source == Source::Plain {
                world.tables[at].columns[column].source = Source::Partition;
            }
        }
        world.tables[at].partitions = places;
        all.extend(conditions::partitions(filler.conn, about).await?);
    }
    let sample = filler.sample;
    let mut asker = Asker { conn: &mut *filler.conn, catalog, table: at, rows: wanted, sample };
    let keys = keys::keys(about);
    for column in keys.iter().flat_map(|key| key.columns.iter().copied()) {
        if world.tables[at].columns[column].source != Source::Plain {
            continue;
        }
        let alone: Vec<_> = all.iter().filter(|condition| condition.columns == [column]).collect();
        if !alone.is_empty()
            && let Some(kept) = asker.listed(world, column, &alone).await?
        {
            world.tables[at].columns[column].source = Source::OneOf(kept);
        }
    }
    let mut rows = wanted;
    let mut reason = None;
    let mut partial = Vec::new();
    for key in &keys {
        let distinct = distinct(world, at, key, held.rows, rows);
        if distinct >= rows {
            continue;
        }
        match &key.predicate {
            Some(predicate) => partial.push((
                distinct,
                Condition {
                    says: format!("condition of the index on {}", key.says),
                    sql: format!("({predicate}) IS NOT TRUE"),
                    columns: conditions::columns(about, predicate),
                },
            )),
            None => {
                rows = distinct;
                reason = Some(format!("there are only {rows} different values of {}", key.says));
            }
        }
    }
    count_on(world, at, &held);
    keys::invert(world, catalog, at);
    world.tables[at].rows = Rows::Made { first: held.rows, count: rows };
    let limits = partial.iter().map(|(_, condition)| condition.clone());
    let every: Vec<_> = all.iter().cloned().chain(limits).collect();
    for (columns, members) in linked(&every) {
        let (outside, members): (Vec<_>, Vec<_>) = members
            .into_iter()
            .partition(|member| partial.iter().any(|(_, other)| other == *member));
        let mut group = match members.as_slice() {
            [] => None,
            members => asker.group(world, &columns, members).await?,
        };
        if group.as_ref().is_some_and(|group| group.shapes.is_empty()) {
            let says: Vec<_> = members.iter().map(|member| member.says.as_str()).collect();
            let some = asker.passing(world, &columns, &members).await?;
            if !some.is_empty() {
                let (all, few) = (world.tables[at].rows.count(), some.len());
                let says = says.join(" and its ");
                reason = Some(format!("its {says} allows {few} of the {all} rows that were made"));
                world.tables[at].rows = Rows::Some(some);
                continue;
            }
            return Ok(Err(format!(
                "no values were found that its {} allows",
                says.join(" and its ")
            )));
        }
        let from =
            partial.iter().filter(|(_, c)| outside.contains(&c)).map(|(from, _)| *from).min();
        if let Some(from) = from {
            let both: Vec<_> = members.iter().chain(&outside).copied().collect();
            let anything = vec![(1, vec![Cell::Own; columns.len()])];
            let others = asker.group(world, &columns, &both).await?;
            let others = others.map_or_else(|| anything.clone(), |group| group.shapes);
            if others.is_empty() {
                rows = rows.min(from);
                world.tables[at].rows = Rows::Made { first: held.rows, count: rows };
                reason = Some(format!("there are only {rows} rows outside of {}", outside[0].says));
            } else {
                let group =
                    group.get_or_insert_with(|| Group { shapes: anything, ..Group::default() });
                group.others = Some((held.rows + from, others));
            }
        }
        if let Some(group) = group {
            let table = &mut world.tables[at];
            for (place, column) in columns.iter().enumerate() {
                table.columns[*column].group = Some((table.groups.len(), place));
            }
            table.groups.push(group);
        }
    }
    Ok(Ok(reason))
}

/// Makes a key distinct. Of a partial one that cannot be for all rows, the columns of its
/// condition are left alone: they keep the other rows out of it.
fn distinct(world: &mut World, at: usize, key: &Key, first: u64, rows: u64) -> u64 {
    let before = world.tables[at].clone();
    let distinct = keys::arrange(world, at, key, first, rows);
    let Some(predicate) = &key.predicate else { return distinct };
    if distinct >= rows {
        return distinct;
    }
    world.tables[at] = before;
    let outside = |column: &usize| {
        let name = &world.tables[at].columns[*column].name;
        crate::sql::expression::columns(predicate, &[name]).is_empty()
    };
    let columns = key.columns.iter().copied().filter(outside).collect();
    keys::arrange(world, at, &Key { columns, ..key.clone() }, first, rows).max(1)
}

/// Lets what is counted go on from where the table is.
fn count_on(world: &mut World, at: usize, held: &server::Held) {
    for (column, reached) in &held.reached {
        if let Source::Count(start, step) = &mut world.tables[at].columns[*column].source {
            let steps = step.saturating_mul(held.rows.cast_signed());
            *start = reached.saturating_add(*step).saturating_sub(steps);
        }
    }
}

/// Finds values of types that are not known by heart.
fn unknown(world: &mut World, catalog: &Catalog, at: usize) -> Result<(), String> {
    let about = &catalog.tables[at];
    for (column, declared) in world.tables[at].columns.iter_mut().zip(&about.columns) {
        if column.source != Source::Null || !matches!(column.base, Base::Other(_)) {
            continue;
        }
        let resolved = resolve(catalog, &declared.data_type);
        let kept = |text: String| Kept { datum: Datum::Text, text: text.into_bytes() };
        let known: Vec<_> =
            (0..8).map_while(|n| candidates::distinct(&resolved, n)).map(kept).collect();
        if !known.is_empty() {
            column.source = Source::OneOf(known);
        } else if column.not_null {
            let (name, of) = (&column.name, &declared.data_type.text);
            return Err(format!("it is not known how to make a `{of}` for its column `{name}`"));
        }
    }
    Ok(())
}

/// Reads the keys of a table whose rows are not ours, as far as anything refers to them.
pub(super) async fn read(
    conn: &mut sqlx::postgres::PgConnection,
    catalog: &Catalog,
    world: &mut World,
    at: usize,
) -> Result<(), sqlx::Error> {
    let mut columns = Vec::new();
    for other in &catalog.tables {
        for (key, to) in build::foreign_keys(catalog, other) {
            let theirs = key.references.iter().flat_map(|references| &references.columns);
            let place =
                |name: &String| world.tables[at].columns.iter().position(|c| c.name == *name);
            columns.extend(theirs.filter(|_| to == at).filter_map(place));
        }
    }
    columns.sort_unstable();
    columns.dedup();
    if columns.is_empty() {
        return Ok(());
    }
    let from = server::from(&catalog.tables[at]);
    let mut savepoint = sqlx::Connection::begin(conn).await?;
    match server::rows(&mut savepoint, &from, &world.tables[at], &columns, READ).await {
        Ok(rows) => {
            savepoint.commit().await?;
            world.tables[at].rows = Rows::Read(rows);
        }
        Err(sqlx::Error::Database(_)) => savepoint.rollback().await?,
        Err(other) => return Err(other),
    }
    Ok(())
}
