//! What operations are derived from: a table with its keys, its soft delete and its place among
//! the others.

use crate::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Index, IndexColumn, Name, References, Table,
    TableKind,
};
use crate::invariants::soft_delete::SoftDelete;
use crate::sql::expression;
use crate::values::types::{Base, resolve};

use super::live;

/// A table that operations are derived for.
#[derive(Debug)]
pub(in crate::load) struct Source<'a> {
    catalog: &'a Catalog,
    pub(in crate::load) table: &'a Table,
    /// As operations name it: without its schema if that is `public`.
    pub(super) name: String,
    pub(super) soft_delete: Option<&'a SoftDelete>,
    /// The condition under which a row is live, if there is a soft delete.
    pub(super) live: Option<String>,
    /// What at most one row has, the primary key first.
    pub(super) keys: Vec<Key<'a>>,
    /// How many foreign keys lead to it.
    pub(super) referred: usize,
}

/// What at most one row has, or at most one live row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key<'a> {
    /// The columns, each with the expression of it that is unique, if it is not the column itself.
    pub(super) parts: Vec<(&'a str, Option<&'a str>)>,
    pub(super) primary: bool,
    /// Whether it holds among live rows only.
    pub(super) live_only: bool,
}

/// The tables of a catalog that have rows of their own.
pub(in crate::load) fn sources<'a>(
    catalog: &'a Catalog,
    leave_out: &dyn Fn(&Name) -> bool,
    soft_deletes: &'a [SoftDelete],
) -> Vec<Source<'a>> {
    let own = |table: &&Table| {
        table.partition.is_none() && table.kind != TableKind::Foreign && !leave_out(&table.name)
    };
    let source = |table: &'a Table| {
        let soft_delete = soft_deletes.iter().find(|one| one.table == table.name && !one.weak);
        let live = soft_delete.map(|soft_delete| live::condition(table, soft_delete));
        let name = match table.name.schema.as_str() {
            "public" => table.name.name.clone(),
            schema => format!("{schema}.{}", table.name.name),
        };
        let all = catalog.tables.iter().filter(own).flat_map(foreign_keys);
        let referred = all.filter(|(_, to)| to.table == table.name).count();
        let keys = keys(table, live.as_deref());
        Source { catalog, table, name, soft_delete, live, keys, referred }
    };
    catalog.tables.iter().filter(own).map(source).collect()
}

/// The foreign keys of a table with what they point to.
pub(in crate::load) fn foreign_keys(
    table: &Table,
) -> impl Iterator<Item = (&Constraint, &References)> {
    let foreign = table.constraints.iter().filter(|one| one.kind == ConstraintKind::ForeignKey);
    foreign.filter_map(|one| Some((one, one.references.as_ref()?)))
}

impl Source<'_> {
    /// The columns of the key that finds one row: the primary key, or else another that is never
    /// null.
    pub(super) fn row_key(&self) -> Option<Vec<&str>> {
        let always = |key: &&Key<'_>| {
            let columns = key.parts.iter().map(|(column, part)| (self.table.column(column), part));
            let sure = |(column, part): (Option<&Column>, &Option<&str>)| {
                part.is_none() && column.is_some_and(|column| column.not_null)
            };
            !key.live_only && (key.primary || columns.into_iter().all(sure))
        };
        let key = self.keys.iter().find(always)?;
        Some(key.parts.iter().map(|(column, _)| *column).collect())
    }

    /// How many foreign keys lead to it and from it.
    pub(super) fn degree(&self) -> usize {
        self.referred + foreign_keys(self.table).count()
    }

    /// All its columns, as SQL.
    pub(super) fn columns(&self) -> String {
        super::draft::list(self.table.columns.iter().map(|column| column.name.as_str()))
    }

    /// What a column can hold.
    pub(in crate::load) fn base(&self, column: &Column) -> Base {
        resolve(self.catalog, &column.data_type).base
    }

    /// The columns that an expression is about, through generated ones.
    pub(super) fn mentioned(&self, text: &str) -> Vec<&str> {
        let columns = &self.table.columns;
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let found = expression::columns(text, &names).into_iter();
        found.flat_map(|name| self.through(name)).collect()
    }

    /// A column, or what it is generated from.
    fn through<'s>(&'s self, column: &'s str) -> Vec<&'s str> {
        match self.table.column(column).and_then(|column| column.generated.as_ref()) {
            Some(generated) => self.mentioned(&generated.expression),
            None => vec![column],
        }
    }

    /// The columns of a part of an exclusion, which is a column's bare name or an expression.
    pub(super) fn excluded<'s>(&'s self, part: &'s str) -> Vec<&'s str> {
        match self.table.column(part) {
            Some(column) => self.through(&column.name),
            None => self.mentioned(part),
        }
    }

    /// The columns that decide what is unique in an index.
    pub(in crate::load) fn unique_columns<'s>(&'s self, index: &'s Index) -> Vec<&'s str> {
        let parts = index.columns.iter().map(|part| (&part.column, &part.expression));
        parts
            .flat_map(|part| match part {
                (Some(column), _) => self.through(column),
                (None, Some(expression)) => self.mentioned(expression),
                (None, None) => Vec::new(),
            })
            .collect()
    }
}

/// The keys that rows can be looked up by.
fn keys<'a>(table: &'a Table, live: Option<&str>) -> Vec<Key<'a>> {
    let primary = table.primary_key().map(|primary| &primary.name);
    let mut keys: Vec<Key<'a>> = Vec::new();
    for index in table.indexes.iter().filter(|index| index.unique && index.valid) {
        let live_only = match &index.predicate {
            Some(predicate) if live.is_some_and(|live| live::same(predicate, live)) => true,
            Some(_) => continue,
            None => false,
        };
        let parts: Option<Vec<_>> = index.columns.iter().map(|one| part(table, one)).collect();
        let Some(parts) = parts else { continue };
        let key = Key { parts, primary: primary == Some(&index.name), live_only };
        if keys.iter().all(|known| known.parts != key.parts) {
            keys.push(key);
        }
    }
    keys.sort_by_key(|key| (!key.primary, key.parts.len()));
    keys
}

/// A column of an index, with its expression if it is one of a single column.
fn part<'a>(table: &'a Table, part: &'a IndexColumn) -> Option<(&'a str, Option<&'a str>)> {
    if let Some(column) = &part.column {
        return Some((column, None));
    }
    let expression = part.expression.as_deref()?;
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    match expression::columns(expression, &names)[..] {
        [column] => Some((column, Some(expression))),
        _ => None,
    }
}
