//! Finds out which tables are deleted from softly, and by which column.

mod evidence;
mod named;
mod sign;

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, Name, Table, TableKind, quote_ident};
use crate::error::Result;
use crate::values::{Value, literal};
use evidence::Evidence;
use sign::Sign;

/// The least that must speak for a column so that something may be found broken by it.
const ENOUGH: u32 = 3;

/// The soft delete of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftDelete {
    pub table: Name,
    /// The column that says whether a row is deleted.
    pub column: String,
    /// Its value in a live row; `None` is NULL.
    pub live: Option<String>,
    /// Its value in a deleted row.
    pub deleted: Option<String>,
    /// The condition under which a row is live, in terms of the table's own columns.
    pub live_where: String,
    /// Other columns that say the same and must be set together: a flag beside a time. Each with
    /// its value in a live and in a deleted row.
    pub partners: Vec<(String, Option<String>, Option<String>)>,
    /// Whether too little speaks for it, as with a mere `active`; then nothing is found broken
    /// by it.
    pub weak: bool,
    /// Why it is taken for one, a phrase each.
    pub because: Vec<String>,
}

impl SoftDelete {
    /// The values of a deleted row, partners included.
    pub fn deleted_cells(&self) -> BTreeMap<String, Value> {
        let own = (self.column.clone(), self.deleted.clone());
        let partners =
            self.partners.iter().map(|(name, _, deleted)| (name.clone(), deleted.clone()));
        std::iter::once(own).chain(partners).collect()
    }

    /// The values of a live row, partners included.
    pub fn live_cells(&self) -> BTreeMap<String, Value> {
        let own = (self.column.clone(), self.live.clone());
        let partners = self.partners.iter().map(|(name, live, _)| (name.clone(), live.clone()));
        std::iter::once(own).chain(partners).collect()
    }

    /// What an UPDATE sets to delete a row softly: `is_deleted = 'true', deleted_at = '...'`.
    pub fn deleting(&self) -> String {
        assignments(&self.deleted_cells())
    }

    /// What an UPDATE sets to bring a deleted row back.
    pub fn restoring(&self) -> String {
        assignments(&self.live_cells())
    }

    /// The columns that say whether a row is deleted.
    pub fn columns(&self) -> Vec<&str> {
        let partners = self.partners.iter().map(|(name, _, _)| name.as_str());
        std::iter::once(self.column.as_str()).chain(partners).collect()
    }
}

fn assignments(cells: &BTreeMap<String, Value>) -> String {
    let set =
        |(name, value): (&String, &Value)| format!("{} = {}", quote_ident(name), literal(value));
    cells.iter().map(set).collect::<Vec<_>>().join(", ")
}

/// The soft deletes of a schema. `overrides`: by table, the condition under which a row is live,
/// or `none`: these are not guessed at.
///
/// # Errors
/// When an override names a table or column that does not exist, or its condition is none of
/// the forms that are understood.
pub fn detect(catalog: &Catalog, overrides: &BTreeMap<String, String>) -> Result<Vec<SoftDelete>> {
    let named = named::read(catalog, overrides)?;
    let own = |table: &&Table| table.partition.is_none() && table.kind != TableKind::Foreign;
    let found = catalog.tables.iter().filter(own).filter_map(|table| {
        match named.iter().find(|named| named.table == table.name) {
            Some(named) => {
                let sign = named.sign.clone()?;
                let because = vec![format!("you said that rows are live where {}", named.says)];
                Some(chosen(catalog, table, sign, because, false))
            }
            None => guess(catalog, table),
        }
    });
    Ok(found.collect())
}

/// The column of a table that most speaks for.
fn guess(catalog: &Catalog, table: &Table) -> Option<SoftDelete> {
    let rated = sign::all(catalog, table).into_iter().map(|sign| {
        let evidence = Evidence::of(catalog, table, &sign);
        (sign, evidence)
    });
    // Of equals a time comes before a flag, since it tells more; of those the first.
    let rank =
        |(sign, evidence): &(Sign, Evidence)| (evidence.score, evidence.used, sign.is_time());
    let (sign, evidence) = rated.rev().max_by_key(rank)?;
    Some(chosen(catalog, table, sign, evidence.because, evidence.score < ENOUGH))
}

fn chosen(
    catalog: &Catalog,
    table: &Table,
    sign: Sign,
    because: Vec<String>,
    weak: bool,
) -> SoftDelete {
    SoftDelete {
        table: table.name.clone(),
        partners: partners(catalog, table, &sign),
        live_where: sign.live_where(),
        column: sign.column,
        live: sign.live,
        deleted: sign.deleted,
        weak,
        because,
    }
}

/// The columns that are set along with it: those that a check ties to it, and a flag and a time
/// that say the same word, as `is_deleted` and `deleted_at` do.
fn partners(catalog: &Catalog, table: &Table, sign: &Sign) -> Vec<(String, Value, Value)> {
    let others = sign::all(catalog, table).into_iter().filter(|other| other.column != sign.column);
    let together = others.filter(|other| {
        other.is_time() != sign.is_time() && other.word == sign.word
            || evidence::tied(table, &other.column, &sign.column)
    });
    let mut seen = BTreeSet::new();
    let once = together.filter(|other| seen.insert(other.column.clone()));
    once.map(|other| (other.column, other.live, other.deleted)).collect()
}
