//! Columns and their types.

use super::rows::{ColumnRow, NamedType, Names, Remarks};
use super::{Columns, Identities, Oid, Statistics};
use crate::catalog::{Column, Generated, Identity, TypeRef};
use crate::error::{Error, Result};

/// The columns of relations, and the statistics targets of index columns.
pub(super) fn columns(
    rows: Vec<ColumnRow>,
    names: &Names,
    mut identities: Identities,
    remarks: &Remarks,
) -> Result<(Columns, Statistics)> {
    let mut columns = Columns::new();
    let mut statistics = Statistics::new();
    for row in rows {
        let (data_type, known) = type_ref(names, row.r#type, row.type_text)?;
        let mut column = Column {
            data_type,
            name: row.name,
            not_null: row.not_null,
            default: row.expression,
            ..Column::default()
        };
        if row.collation != known.collation {
            column.collation = Some(collation(names, row.collation)?);
        }
        if row.storage != known.storage {
            column.storage = Some(storage(row.storage)?.to_owned());
        }
        if let Some(rare) = row.rare {
            if !rare.generated.is_empty() {
                let expression = column.default.take().unwrap_or_default();
                column.generated = Some(Generated { stored: rare.generated == "s", expression });
            }
            if let Some(sequence) = identities.remove(&(row.relation, row.number)) {
                column.identity = Some(Identity { always: rare.identity == "a", sequence });
            }
            column.compression = match rare.compression.as_str() {
                "" => None,
                "p" => Some("pglz".to_owned()),
                "l" => Some("lz4".to_owned()),
                other => Some(other.to_owned()),
            };
            column.statistics = rare.statistics;
            column.inherited = rare.inherited;
            column.not_local = !rare.local;
            column.options = rare.options;
            column.server_options = rare.server_options;
            column.about.privileges = rare.privileges;
        }
        remarks.add(&mut column.about, "pg_class", row.relation, row.number);
        if let Some(target) = column.statistics {
            statistics.entry(row.relation).or_default().insert(row.number, target);
        }
        columns.entry(row.relation).or_default().insert(row.number, column);
    }
    Ok((columns, statistics))
}

pub(super) fn type_ref(names: &Names, oid: Oid, text: String) -> Result<(TypeRef, &NamedType)> {
    let known = names.types.as_ref().and_then(|types| types.get(&oid));
    let known = known.ok_or_else(|| Error::new(format!("the type `{text}` is not known")))?;
    let (schema, name) = (known.schema.clone(), known.name.clone());
    Ok((TypeRef { text, schema, name, array: known.array }, known))
}

pub(super) fn collation(names: &Names, oid: Oid) -> Result<String> {
    let name = names.collations.as_ref().and_then(|collations| collations.get(&oid));
    name.cloned().ok_or_else(|| Error::new(format!("the collation {oid} is not known")))
}

pub(super) fn storage(letter: u8) -> Result<&'static str> {
    match letter {
        b'p' => Ok("plain"),
        b'e' => Ok("external"),
        b'm' => Ok("main"),
        b'x' => Ok("extended"),
        _ => Err(Error::new(format!("the storage `{}` is not known", char::from(letter)))),
    }
}

/// The names of the columns with these numbers; system columns and whole rows
/// have none that a user gave.
pub(super) fn named(columns: &Columns, relation: Oid, numbers: &[i16]) -> Result<Vec<String>> {
    let columns = columns.get(&relation);
    let name = |number| {
        let column = columns.and_then(|columns| columns.get(number));
        column.map(|column| column.name.clone()).ok_or_else(|| {
            Error::new(format!("column {number} of relation {relation} is not known"))
        })
    };
    numbers.iter().filter(|number| **number > 0).map(name).collect()
}
