//! The formulas of a table's columns, from its place in the catalog.

use crate::catalog::{
    self, Catalog, Constraint, ConstraintKind, Match, Name, Sequence, quote_literal,
};
use crate::values::types::{Base, resolve};

use super::dice::key;
use super::names;
use super::types::Hints;
use super::wire::wire;
use super::world::{Column, Reference, Rows, Source, Table, World};

/// The tables with columns that are made for their names and types, and no rows yet.
pub(super) fn world(catalog: &Catalog, seed: u64) -> World {
    World { tables: catalog.tables.iter().map(|about| table(catalog, about, seed)).collect() }
}

fn table(catalog: &Catalog, about: &catalog::Table, seed: u64) -> Table {
    let name = &about.name;
    let columns = about.columns.iter().map(|column| {
        let resolved = resolve(catalog, &column.data_type);
        let not_null = column.not_null || resolved.not_null();
        let known = !matches!(resolved.base, Base::Other(_));
        let counted = sequence(catalog, name, column);
        let (start, step) = counted.map_or((1, 0), |found| (found.start, found.increment));
        let source = match &resolved.base {
            _ if column.generated.is_some() => Source::Server,
            Base::Int(_) | Base::Numeric(_) if step != 0 => Source::Count(start, step),
            _ if known => Source::Plain,
            _ if column.default.is_some() => Source::Server,
            _ => Source::Null,
        };
        Column {
            wire: wire(&resolved.base),
            cast: resolved.cast,
            base: resolved.base,
            key: key(seed, &[&name.schema, &name.name, &column.name]),
            not_null,
            absent: names::absent(&column.name),
            hints: Hints {
                words: names::words(&name.name, &column.name),
                amount: names::amount(&column.name),
                moment: names::moment(&column.name),
                share: names::share(&column.name),
            },
            source,
            group: None,
            name: column.name.clone(),
        }
    });
    Table {
        name: name.clone(),
        key: key(seed, &[&name.schema, &name.name]),
        rows: Rows::Made { first: 0, count: 0 },
        columns: columns.collect(),
        references: Vec::new(),
        groups: Vec::new(),
        partitions: Vec::new(),
    }
}

/// The sequence that counts a column.
pub(super) fn sequence<'c>(
    catalog: &'c Catalog,
    table: &Name,
    column: &'c catalog::Column,
) -> Option<&'c Sequence> {
    if let Some(identity) = &column.identity {
        return Some(&identity.sequence);
    }
    let default = column.default.as_ref().filter(|default| default.starts_with("nextval("))?;
    let owns = |owner: &catalog::OwnedBy| owner.table == *table && owner.column == column.name;
    catalog.sequences.iter().find(|found| {
        found.owned_by.as_ref().is_some_and(owns)
            || default.starts_with(&format!("nextval({}", quote_literal(&found.name.to_string())))
    })
}

/// The foreign keys of a table, with the place of the table that each points to.
pub(super) fn foreign_keys<'c>(
    catalog: &'c Catalog,
    table: &'c catalog::Table,
) -> impl Iterator<Item = (&'c Constraint, usize)> {
    table.constraints.iter().filter(|found| found.kind == ConstraintKind::ForeignKey).filter_map(
        |found| {
            let to = &found.references.as_ref()?.table;
            let at = catalog.tables.binary_search_by(|other| other.name.cmp(to)).ok()?;
            Some((found, at))
        },
    )
}

/// Whether a foreign key may be NULL as a whole.
pub(super) fn optional(table: &Table, constraint: &Constraint) -> bool {
    let nullable = |name: &String| {
        let column = table.columns.iter().find(|column| column.name == *name);
        column.is_some_and(|column| !column.not_null && column.source != Source::Server)
    };
    match constraint.references.as_ref().map(|references| references.matching) {
        Some(Match::Full) => constraint.columns.iter().all(nullable),
        _ => constraint.columns.iter().any(nullable),
    }
}

/// Makes the columns of the table's foreign keys follow them. `postponed`: the names of those
/// that stay NULL until later.
///
/// # Errors
/// When a row of it needs a row of a table that has none: the sentence that says so.
pub(super) fn refer(
    world: &mut World,
    catalog: &Catalog,
    at: usize,
    postponed: &[String],
) -> Result<(), String> {
    let about = &catalog.tables[at];
    let mut keys: Vec<_> = foreign_keys(catalog, about).collect();
    let count = |to: usize| world.tables[to].rows.count();
    // What decides most comes first; of those the one with the fewest rows to choose from.
    keys.sort_by_key(|(key, to)| (*to == at, usize::MAX - key.columns.len(), count(*to)));
    for (constraint, to) in keys {
        let later = postponed.contains(&constraint.name);
        let free = optional(&world.tables[at], constraint);
        let empty = to != at && !later && world.tables[to].rows.count() == 0;
        if empty && !free {
            return Err(format!("it needs rows of `{}`", world.tables[to].name));
        }
        let Some(references) = &constraint.references else { continue };
        let place = |table: usize, name: &String| {
            world.tables[table].columns.iter().position(|column| column.name == *name)
        };
        let pairs = constraint.columns.iter().zip(&references.columns);
        let pairs: Vec<_> =
            pairs.filter_map(|(own, theirs)| Some((place(at, own)?, place(to, theirs)?))).collect();
        let table = &mut world.tables[at];
        let decided = |column: usize| {
            matches!(table.columns[column].source, Source::Reference(..) | Source::Server)
        };
        let (mut shared, mut own): (Vec<_>, Vec<_>) =
            pairs.iter().partition(|pair| decided(pair.0));
        if own.is_empty() {
            continue;
        }
        if empty || later {
            // What cannot be NULL is not decided by a reference that is.
            let needed = |pair: &(usize, usize)| table.columns[pair.0].not_null;
            shared.extend(own.iter().copied().filter(needed));
            own.retain(|pair| !needed(pair));
        }
        if empty {
            for (column, _) in own {
                table.columns[column].source = Source::Null;
            }
            continue;
        }
        for (column, theirs) in &own {
            table.columns[*column].source = Source::Reference(table.references.len(), *theirs);
        }
        let absent = own.iter().map(|(column, _)| table.columns[*column].absent).max();
        table.references.push(Reference {
            to,
            shared,
            optional: free,
            postponed: later,
            absent: absent.unwrap_or(0),
            digit: None,
            key: key(table.key, &[&constraint.name]),
        });
    }
    Ok(())
}
