//! Puts a [`Catalog`] together from what the queries return: parts go to the
//! relations they belong to, numbers and oids give way to names, all is sorted.

mod columns;
mod constraints;
mod rows;

use std::collections::BTreeMap;

use columns::{columns, type_ref};
use constraints::{constraints, indexes, name_exclusions};
use rows::{DomainConstraintRow, DomainRow, Names, Remarks, SequenceRow, TypeRow};

use super::about::About;
use super::{
    Catalog, Column, DefaultPrivileges, Domain, DomainConstraint, Other, Policy, Rule, Sequence,
    Trigger, Type, TypeKind,
};
use crate::error::{Error, Result};

pub(super) use rows::Rows;

type Oid = u32;

/// Columns by relation and number.
type Columns = BTreeMap<Oid, BTreeMap<i16, Column>>;

/// Statistics targets by relation and column number.
type Statistics = BTreeMap<Oid, BTreeMap<i16, i32>>;

/// Builds the catalog.
pub(super) fn build(rows: Rows) -> Result<Catalog> {
    let remarks = rows.remarks;
    let (sequences, identities) = sequences(rows.sequences.unwrap_or_default(), &remarks)?;
    let (mut columns, statistics) =
        columns(rows.columns.unwrap_or_default(), &rows.names, identities, &remarks)?;
    let mut constraints = constraints(rows.constraints.unwrap_or_default(), &columns, &remarks)?;
    let mut indexes =
        indexes(rows.indexes.unwrap_or_default(), &columns, &statistics, &rows.names, &remarks)?;
    let mut triggers =
        parts(rows.triggers, "pg_trigger", &remarks, |t: &mut Trigger| &mut t.about)?;
    let mut policies = parts(rows.policies, "pg_policy", &remarks, |p: &mut Policy| &mut p.about)?;
    let mut rules = parts(rows.rules, "pg_rewrite", &remarks, |r: &mut Rule| &mut r.about)?;

    let mut catalog = Catalog {
        types: types(rows.types.unwrap_or_default(), &mut columns, &rows.names, &remarks)?,
        sequences,
        default_privileges: rows.default_privileges.unwrap_or_default(),
        ..Catalog::default()
    };
    for (oid, mut table) in rows.tables.unwrap_or_default() {
        remarks.add(&mut table.about, "pg_class", oid, 0);
        table.columns = columns.remove(&oid).unwrap_or_default().into_values().collect();
        table.constraints = constraints.remove(&oid).unwrap_or_default();
        table.indexes = indexes.remove(&oid).unwrap_or_default();
        name_exclusions(&mut table);
        table.triggers = triggers.remove(&oid).unwrap_or_default();
        table.policies = policies.remove(&oid).unwrap_or_default();
        table.rules = rules.remove(&oid).unwrap_or_default();
        table.constraints.sort_by(|a, b| a.name.cmp(&b.name));
        table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        table.triggers.sort_by(|a, b| a.name.cmp(&b.name));
        table.policies.sort_by(|a, b| a.name.cmp(&b.name));
        table.rules.sort_by(|a, b| a.name.cmp(&b.name));
        catalog.tables.push(table);
    }
    for (oid, mut view) in rows.views.unwrap_or_default() {
        remarks.add(&mut view.about, "pg_class", oid, 0);
        view.columns = columns.remove(&oid).unwrap_or_default().into_values().collect();
        view.indexes = indexes.remove(&oid).unwrap_or_default();
        view.triggers = triggers.remove(&oid).unwrap_or_default();
        view.rules = rules.remove(&oid).unwrap_or_default();
        view.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        view.triggers.sort_by(|a, b| a.name.cmp(&b.name));
        view.rules.sort_by(|a, b| a.name.cmp(&b.name));
        catalog.views.push(view);
    }
    for (oid, mut schema) in rows.schemas.unwrap_or_default() {
        remarks.add(&mut schema.about, "pg_namespace", oid, 0);
        catalog.schemas.push(schema);
    }
    for (oid, mut extension) in rows.extensions.unwrap_or_default() {
        remarks.add(&mut extension.about, "pg_extension", oid, 0);
        catalog.extensions.push(extension);
    }
    for (oid, mut routine) in rows.routines.unwrap_or_default() {
        remarks.add(&mut routine.about, "pg_proc", oid, 0);
        catalog.routines.push(routine);
    }
    let others = [rows.operators, rows.text_search, rows.foreign, rows.replication, rows.rarities];
    for mut row in others.into_iter().flatten().flatten() {
        remarks.add_key(&mut row.about, &row.key);
        catalog.others.push(Other {
            kind: row.kind,
            name: row.name,
            bare: row.bare.into_iter().flatten().collect(),
            about: row.about,
            options: row.options,
            definition: row.definition,
        });
    }
    sort(&mut catalog);
    Ok(catalog)
}

fn sort(catalog: &mut Catalog) {
    catalog.schemas.sort_by(|a, b| a.name.cmp(&b.name));
    catalog.extensions.sort_by(|a, b| a.name.cmp(&b.name));
    catalog.types.sort_by(|a, b| a.name.cmp(&b.name));
    catalog.sequences.sort_by(|a, b| a.name.cmp(&b.name));
    catalog.tables.sort_by(|a, b| a.name.cmp(&b.name));
    catalog.views.sort_by(|a, b| a.name.cmp(&b.name));
    catalog.routines.sort_by(|a, b| a.signature.cmp(&b.signature));
    let key = |d: &DefaultPrivileges| (d.role.clone(), d.schema.clone(), d.objects.clone());
    catalog.default_privileges.sort_by_key(key);
    catalog.others.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
}

/// Identity columns' sequences by relation and column number.
type Identities = BTreeMap<(Oid, i16), Sequence>;

fn sequences(
    rows: BTreeMap<Oid, SequenceRow>,
    remarks: &Remarks,
) -> Result<(Vec<Sequence>, Identities)> {
    let mut sequences = Vec::new();
    let mut identities = BTreeMap::new();
    for (oid, row) in rows {
        let mut about = row.about;
        remarks.add(&mut about, "pg_class", oid, 0);
        let sequence = Sequence {
            name: row.name,
            about,
            unlogged: row.unlogged,
            data_type: row.r#type,
            start: row.start,
            increment: row.increment,
            minimum: row.minimum,
            maximum: row.maximum,
            cache: row.cache,
            cycle: row.cycle,
            owned_by: row.owned_by,
        };
        match row.identity_of {
            Some(column) => {
                identities.insert(pair(&column)?, sequence);
            }
            None => sequences.push(sequence),
        }
    }
    Ok((sequences, identities))
}

fn types(
    rows: BTreeMap<Oid, TypeRow>,
    columns: &mut Columns,
    names: &Names,
    remarks: &Remarks,
) -> Result<Vec<Type>> {
    let mut types = Vec::new();
    for (oid, row) in rows {
        let kind = match (row.kind.as_str(), row.domain, row.range) {
            ("enum", ..) => TypeKind::Enum { labels: row.labels.unwrap_or_default() },
            ("domain", Some(domain), _) => TypeKind::Domain(build_domain(domain, names, remarks)?),
            ("composite", ..) => {
                let attributes = columns.remove(&row.relation).unwrap_or_default();
                TypeKind::Composite { attributes: attributes.into_values().collect() }
            }
            ("range", _, Some(range)) => TypeKind::Range(range),
            ("shell", ..) => TypeKind::Shell,
            _ => TypeKind::Base { definition: row.base.unwrap_or_default() },
        };
        let mut about = row.about;
        remarks.add(&mut about, "pg_type", oid, 0);
        types.push(Type { name: row.name, about, kind });
    }
    Ok(types)
}

fn build_domain(row: DomainRow, names: &Names, remarks: &Remarks) -> Result<Domain> {
    let build_constraint = |row: DomainConstraintRow| DomainConstraint {
        name: row.name,
        expression: row.expression,
        validated: row.validated,
        definition: row.definition,
        comment: remarks.comments.get(&format!("pg_constraint/{}/0", row.oid)).cloned(),
    };
    let mut constraints: Vec<_> =
        row.constraints.into_iter().flatten().map(build_constraint).collect();
    constraints.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Domain {
        data_type: type_ref(names, row.r#type, row.type_text)?.0,
        collation: row.collation,
        default: row.default,
        not_null: row.not_null,
        constraints,
    })
}

/// Sorts parts by the relation they belong to; their keys are `relation/oid`.
fn parts<T>(
    rows: Option<BTreeMap<String, T>>,
    class: &str,
    remarks: &Remarks,
    about: impl Fn(&mut T) -> &mut About,
) -> Result<BTreeMap<Oid, Vec<T>>> {
    let mut parts = BTreeMap::<_, Vec<_>>::new();
    for (key, mut part) in rows.unwrap_or_default() {
        let (relation, oid): (Oid, Oid) = pair(&key)?;
        remarks.add(about(&mut part), class, oid, 0);
        parts.entry(relation).or_default().push(part);
    }
    Ok(parts)
}

/// The two numbers of `1/2`.
fn pair<A: std::str::FromStr, B: std::str::FromStr>(text: &str) -> Result<(A, B)> {
    let pair = text.split_once('/').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    pair.ok_or_else(|| Error::new(format!("`{text}` is not a pair of numbers")))
}

/// The numbers of `1 2 3`, as Postgres writes a vector.
fn numbers<T: std::str::FromStr>(text: &str) -> Result<Vec<T>> {
    let number = |word: &str| {
        word.parse().map_err(|_| Error::new(format!("`{text}` is not a list of numbers")))
    };
    text.split_ascii_whitespace().map(number).collect()
}
