//! Inserts, updates and deletes.

use std::collections::BTreeSet;

use crate::catalog::{Column, ConstraintKind, quote_ident};
use crate::invariants::soft_delete::SoftDelete;
use crate::values::literal;
use crate::values::types::Base;

use super::draft::{Draft, Kind, list, row};
use super::fresh::{Fresh, fresh};
use super::source::{Source, foreign_keys};

/// What can be written to a table. What cannot is told in `left_out`.
pub(super) fn writes(source: &Source<'_>, left_out: &mut Vec<String>) -> Vec<Draft> {
    let Some(key) = source.row_key() else {
        left_out.push("nothing is written, since no key finds a single row".to_owned());
        return Vec::new();
    };
    let mut drafts = Vec::new();
    let copy = copy(source, &key);
    match &copy {
        Ok(copy) => {
            let text = format!("{}{};\n", copy.sets, copy.statement);
            drafts.push(Draft {
                kind: Kind::Insert,
                name: format!("insert {}", source.name),
                text,
            });
        }
        Err(why) => left_out.push(format!("nothing is inserted, since {why}")),
    }
    drafts.extend(update(source, &key));
    let text = match (source.soft_delete, &copy) {
        (Some(soft_delete), _) => Some(soft(source, &key, soft_delete)),
        (None, Ok(copy)) => Some(hard(source, &key, copy)),
        (None, Err(_)) => None,
    };
    drafts.extend(text.map(|text| {
        let name = format!("delete {}", source.name);
        Draft { kind: Kind::Delete, name, text }
    }));
    drafts
}

/// A statement that copies a row, without what ends it, and the variables that it needs.
struct Copy {
    sets: String,
    statement: String,
}

/// `Err` says why no copy of a row can be made.
fn copy(source: &Source<'_>, key: &[&str]) -> Result<Copy, String> {
    let fresh = fresh(source)?;
    let (mut sets, condition) = row(source, key, "uniform");
    // What comes into being is live.
    let live = source.soft_delete.map(SoftDelete::live_cells).unwrap_or_default();
    let (mut columns, mut values) = (Vec::new(), Vec::new());
    for column in &source.table.columns {
        let name = column.name.as_str();
        let value = match (fresh.get(name), live.get(name)) {
            (Some(Fresh::LeftOut), _) => continue,
            (Some(Fresh::Value { set, value }), _) => {
                sets.push_str(set);
                value.clone()
            }
            (None, Some(value)) => literal(value),
            (None, None) => quote_ident(name),
        };
        columns.push(name);
        values.push(value);
    }
    let table = &source.table.name;
    if columns.is_empty() {
        let statement = format!("INSERT INTO {table} DEFAULT VALUES");
        return Ok(Copy { sets: String::new(), statement });
    }
    let (columns, values) = (list(columns), values.join(", "));
    let statement = format!(
        "INSERT INTO {table} ({columns})\nSELECT {values}\nFROM {table}\nWHERE {condition}"
    );
    Ok(Copy { sets, statement })
}

/// One column of a row gets the value of another row.
fn update(source: &Source<'_>, key: &[&str]) -> Option<Draft> {
    let kept = kept(source);
    let columns = source.table.columns.iter().filter(|column| !kept.contains(column.name.as_str()));
    let rated = columns.filter_map(|column| Some((rank(source, column)?, column)));
    let (_, column) = rated.min_by_key(|(rank, _)| *rank)?;
    let (table, column) = (&source.table.name, quote_ident(&column.name));
    let (sets, condition) = row(source, key, "uniform");
    let text = format!(
        "{sets}\\set value key({table}.{column}, uniform, 2)\n\
         UPDATE {table} SET {column} = :value WHERE {condition};\n"
    );
    Some(Draft { kind: Kind::Update, name: format!("update {}", source.name), text })
}

/// The columns that have a part in something that another value would break.
fn kept<'s>(source: &'s Source<'_>) -> BTreeSet<&'s str> {
    let table = source.table;
    let mut kept: BTreeSet<&str> = BTreeSet::new();
    let by_database = |column: &&Column| column.generated.is_some() || column.identity.is_some();
    kept.extend(table.columns.iter().filter(by_database).map(|column| column.name.as_str()));
    kept.extend(foreign_keys(table).flat_map(|(one, _)| &one.columns).map(String::as_str));
    kept.extend(source.soft_delete.into_iter().flat_map(SoftDelete::columns));
    kept.extend(table.partition_key.iter().flat_map(|key| source.mentioned(key)));
    for index in table.indexes.iter().filter(|index| index.unique) {
        kept.extend(source.unique_columns(index));
        kept.extend(index.predicate.iter().flat_map(|predicate| source.mentioned(predicate)));
    }
    for constraint in &table.constraints {
        let condition = constraint.expression.as_deref().unwrap_or_default();
        match constraint.kind {
            ConstraintKind::Exclusion => {
                kept.extend(constraint.columns.iter().flat_map(|part| source.excluded(part)));
                kept.extend(source.mentioned(condition));
            }
            ConstraintKind::Check => {
                let columns: BTreeSet<&str> = source.mentioned(condition).into_iter().collect();
                if columns.len() > 1 {
                    kept.extend(columns);
                }
            }
            _ => {}
        }
    }
    kept
}

/// How well a column suits to be changed: less is better. Those that hold documents are not read
/// into memory just to change one.
fn rank(source: &Source<'_>, column: &Column) -> Option<(bool, u8)> {
    let rank = match source.base(column) {
        Base::Text(Some(_)) | Base::Citext => 0,
        Base::Bool | Base::Enum(_) => 1,
        base if base.is_number() => 1,
        Base::Text(None) => 2,
        base if base.is_instant() => 4,
        Base::Json | Base::Jsonb | Base::Bytea | Base::Xml | Base::TsVector => return None,
        _ => 3,
    };
    Some((!column.not_null, rank))
}

/// A soft delete of one of the newest rows. One that is deleted already is written all the same,
/// so that the operation costs the same however long a run lasts.
fn soft(source: &Source<'_>, key: &[&str], soft_delete: &SoftDelete) -> String {
    let (sets, condition) = row(source, key, "newest");
    let (table, deleting) = (&source.table.name, soft_delete.deleting());
    format!("{sets}UPDATE {table} SET {deleting} WHERE {condition};\n")
}

/// A row is made and deleted, so that the table keeps its size.
fn hard(source: &Source<'_>, key: &[&str], copy: &Copy) -> String {
    let (mut returned, mut conditions) = (Vec::new(), Vec::new());
    for (number, column) in key.iter().enumerate() {
        let name = format!("key_{}", number + 1);
        let base = source.table.column(column).map(|column| source.base(column));
        // `\gset` takes the values of few types.
        let plain = matches!(base, Some(Base::Int(_) | Base::Uuid | Base::Text(_)));
        let cast = if plain { "" } else { "::text" };
        let column = quote_ident(column);
        returned.push(format!("{column}{cast} AS {name}"));
        conditions.push(format!("{column} = :new_{name}"));
    }
    let (sets, insert, table) = (&copy.sets, &copy.statement, &source.table.name);
    let (returned, conditions) = (returned.join(", "), conditions.join(" AND "));
    format!(
        "{sets}BEGIN;\n{insert}\nRETURNING {returned} \\gset new_\n\
         DELETE FROM {table} WHERE {conditions};\nCOMMIT;\n"
    )
}
