//! Puts a [`Catalog`] together from what the queries return: parts go to the
//! relations they belong to, numbers and oids give way to names, all is sorted.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::about::{About, Grant, list, masked, or_default};
use super::name::Name;
use super::types::{Domain, DomainConstraint, Range, Type, TypeKind};
use super::{
    Catalog, Column, Constraint, DefaultPrivileges, Extension, Generated, Identity, Index, Other,
    OwnedBy, Policy, Routine, Rule, Schema, Sequence, Table, Trigger, TypeRef, View,
};
use crate::error::{Error, Result};

type Oid = u32;

/// Everything the one statement returns, by the name of the query.
#[derive(Deserialize)]
pub(super) struct Rows {
    schemas: Option<BTreeMap<Oid, Schema>>,
    extensions: Option<BTreeMap<Oid, Extension>>,
    names: Names,
    types: Option<BTreeMap<Oid, TypeRow>>,
    sequences: Option<BTreeMap<Oid, SequenceRow>>,
    tables: Option<BTreeMap<Oid, Table>>,
    columns: Option<Vec<ColumnRow>>,
    constraints: Option<Vec<ConstraintRow>>,
    indexes: Option<Vec<IndexRow>>,
    triggers: Option<BTreeMap<String, Trigger>>,
    policies: Option<BTreeMap<String, Policy>>,
    rules: Option<BTreeMap<String, Rule>>,
    views: Option<BTreeMap<Oid, View>>,
    routines: Option<BTreeMap<Oid, Routine>>,
    default_privileges: Option<Vec<DefaultPrivileges>>,
    operators: Option<Vec<OtherRow>>,
    text_search: Option<Vec<OtherRow>>,
    foreign: Option<Vec<OtherRow>>,
    replication: Option<Vec<OtherRow>>,
    rarities: Option<Vec<OtherRow>>,
    remarks: Remarks,
}

/// What columns and indexes name by oid.
#[derive(Deserialize)]
struct Names {
    types: Option<BTreeMap<Oid, NamedType>>,
    collations: Option<BTreeMap<Oid, String>>,
    operator_classes: Option<BTreeMap<Oid, String>>,
}

#[derive(Deserialize)]
struct NamedType {
    schema: String,
    name: String,
    array: bool,
    storage: u8,
    collation: Oid,
}

/// What is said about objects from outside, by catalog, oid and column.
#[derive(Deserialize)]
struct Remarks {
    #[serde(deserialize_with = "or_default")]
    comments: BTreeMap<String, String>,
    #[serde(deserialize_with = "or_default")]
    labels: Vec<(String, String, String)>,
    #[serde(deserialize_with = "or_default")]
    extensions: Vec<(String, String)>,
}

impl Remarks {
    /// Adds to `about` what is said about the object `oid` of the catalog `class`,
    /// or about one of its columns.
    fn add(&self, about: &mut About, class: &str, oid: Oid, column: i16) {
        self.add_key(about, &format!("{class}/{oid}/{column}"));
    }

    fn add_key(&self, about: &mut About, key: &str) {
        about.comment = self.comments.get(key).cloned();
        let labels = self.labels.iter().filter(|(of, ..)| of == key);
        about.labels =
            labels.map(|(_, provider, label)| (provider.clone(), label.clone())).collect();
        let extensions = self.extensions.iter().filter(|(of, _)| of == key);
        about.extensions = extensions.map(|(_, extension)| extension.clone()).collect();
    }
}

#[derive(Deserialize)]
struct TypeRow {
    name: Name,
    about: About,
    kind: String,
    labels: Option<Vec<String>>,
    relation: Oid,
    domain: Option<DomainRow>,
    range: Option<Range>,
    base: Option<String>,
}

#[derive(Deserialize)]
struct DomainRow {
    r#type: Oid,
    type_text: String,
    collation: Option<String>,
    default: Option<String>,
    not_null: bool,
    constraints: Option<Vec<DomainConstraintRow>>,
}

#[derive(Deserialize)]
struct DomainConstraintRow {
    oid: Oid,
    name: String,
    expression: String,
    definition: String,
    validated: bool,
}

#[derive(Deserialize)]
struct SequenceRow {
    name: Name,
    about: About,
    unlogged: bool,
    r#type: String,
    start: i64,
    increment: i64,
    minimum: i64,
    maximum: i64,
    cache: i64,
    cycle: bool,
    owned_by: Option<OwnedBy>,
    identity_of: Option<String>,
}

#[derive(Deserialize)]
struct ColumnRow {
    relation: Oid,
    number: i16,
    name: String,
    r#type: Oid,
    type_text: String,
    collation: Oid,
    not_null: bool,
    storage: u8,
    expression: Option<String>,
    rare: Option<RareColumn>,
}

/// What few columns have.
#[derive(Deserialize)]
struct RareColumn {
    generated: String,
    identity: String,
    compression: String,
    statistics: Option<i32>,
    inherited: i32,
    local: bool,
    #[serde(deserialize_with = "list")]
    options: Vec<String>,
    #[serde(deserialize_with = "masked")]
    server_options: Vec<String>,
    #[serde(deserialize_with = "list")]
    privileges: Vec<Grant>,
}

#[derive(Deserialize)]
struct ConstraintRow {
    relation: Oid,
    oid: Oid,
    name: String,
    kind: super::ConstraintKind,
    columns: Option<Vec<i16>>,
    definition: String,
    expression: Option<String>,
    references: Option<ReferencesRow>,
    operators: Option<Vec<String>>,
    deferrable: bool,
    initially_deferred: bool,
    validated: bool,
    no_inherit: bool,
    local: bool,
    inherited: i32,
    attached_to: Option<String>,
}

#[derive(Deserialize)]
struct ReferencesRow {
    relation: Oid,
    table: Name,
    columns: Vec<i16>,
    on_update: super::Action,
    on_delete: super::Action,
    r#match: super::Match,
    set_columns: Option<Vec<i16>>,
}

#[derive(Deserialize)]
struct IndexRow {
    relation: Oid,
    oid: Oid,
    name: String,
    method: String,
    of_constraint: bool,
    unique: bool,
    nulls_not_distinct: bool,
    valid: bool,
    ready: bool,
    clustered: bool,
    keys: usize,
    columns: String,
    classes: String,
    collations: String,
    ordering: String,
    expressions: Option<Vec<String>>,
    predicate: Option<String>,
    definition: Option<String>,
    #[serde(deserialize_with = "list")]
    options: Vec<String>,
    tablespace: Option<String>,
    attached_to: Option<Name>,
}

#[derive(Deserialize)]
struct OtherRow {
    key: String,
    kind: super::Kind,
    name: String,
    bare: Vec<Option<String>>,
    about: About,
    #[serde(deserialize_with = "masked")]
    options: Vec<String>,
    definition: String,
}

/// Columns by relation and number.
type Columns = BTreeMap<Oid, BTreeMap<i16, Column>>;

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

/// The columns of relations, and the statistics targets of index columns.
fn columns(
    rows: Vec<ColumnRow>,
    names: &Names,
    mut identities: Identities,
    remarks: &Remarks,
) -> Result<(Columns, BTreeMap<Oid, BTreeMap<i16, i32>>)> {
    let mut columns = Columns::new();
    let mut statistics = BTreeMap::<_, BTreeMap<_, _>>::new();
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

fn type_ref(names: &Names, oid: Oid, text: String) -> Result<(TypeRef, &NamedType)> {
    let known = names.types.as_ref().and_then(|types| types.get(&oid));
    let known = known.ok_or_else(|| Error::new(format!("the type `{text}` is not known")))?;
    let (schema, name) = (known.schema.clone(), known.name.clone());
    Ok((TypeRef { text, schema, name, array: known.array }, known))
}

fn collation(names: &Names, oid: Oid) -> Result<String> {
    let name = names.collations.as_ref().and_then(|collations| collations.get(&oid));
    name.cloned().ok_or_else(|| Error::new(format!("the collation {oid} is not known")))
}

fn storage(letter: u8) -> Result<&'static str> {
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
fn named(columns: &Columns, relation: Oid, numbers: &[i16]) -> Result<Vec<String>> {
    let columns = columns.get(&relation);
    let name = |number| {
        let column = columns.and_then(|columns| columns.get(number));
        column.map(|column| column.name.clone()).ok_or_else(|| {
            Error::new(format!("column {number} of relation {relation} is not known"))
        })
    };
    numbers.iter().filter(|number| **number > 0).map(name).collect()
}

fn constraints(
    rows: Vec<ConstraintRow>,
    columns: &Columns,
    remarks: &Remarks,
) -> Result<BTreeMap<Oid, Vec<Constraint>>> {
    let mut constraints = BTreeMap::<_, Vec<_>>::new();
    for row in rows {
        let mut about = About::default();
        remarks.add(&mut about, "pg_constraint", row.oid, 0);
        let references = match row.references {
            None => None,
            Some(to) => Some(super::References {
                columns: named(columns, to.relation, &to.columns)?,
                set_columns: named(columns, row.relation, &to.set_columns.unwrap_or_default())?,
                table: to.table,
                on_update: to.on_update,
                on_delete: to.on_delete,
                matching: to.r#match,
            }),
        };
        constraints.entry(row.relation).or_default().push(Constraint {
            columns: named(columns, row.relation, &row.columns.unwrap_or_default())?,
            name: row.name,
            kind: row.kind,
            references,
            expression: row.expression,
            operators: row.operators.unwrap_or_default(),
            deferrable: row.deferrable,
            initially_deferred: row.initially_deferred,
            validated: row.validated,
            no_inherit: row.no_inherit,
            inherited: row.inherited,
            not_local: !row.local,
            attached_to: row.attached_to,
            definition: row.definition,
            about,
        });
    }
    Ok(constraints)
}

/// Takes what exclusions are about from their indexes, which know expressions too.
fn name_exclusions(table: &mut Table) {
    for constraint in &mut table.constraints {
        let index = table.indexes.iter().find(|index| index.name == constraint.name);
        if let (super::ConstraintKind::Exclusion, Some(index)) = (constraint.kind, index) {
            let elements = index.columns.iter();
            constraint.columns = elements
                .filter_map(|element| element.column.clone().or_else(|| element.expression.clone()))
                .collect();
        }
    }
}

fn indexes(
    rows: Vec<IndexRow>,
    columns: &Columns,
    statistics: &BTreeMap<Oid, BTreeMap<i16, i32>>,
    names: &Names,
    remarks: &Remarks,
) -> Result<BTreeMap<Oid, Vec<Index>>> {
    let mut indexes = BTreeMap::<_, Vec<_>>::new();
    for row in rows {
        let mut about = About::default();
        remarks.add(&mut about, "pg_class", row.oid, 0);
        let numbers: Vec<i16> = numbers(&row.columns)?;
        let (keys, include) = numbers.split_at(row.keys.min(numbers.len()));
        indexes.entry(row.relation).or_default().push(Index {
            columns: index_columns(&row, keys, columns, names)?,
            include: named(columns, row.relation, include)?,
            name: row.name,
            method: row.method,
            of_constraint: row.of_constraint,
            unique: row.unique,
            nulls_not_distinct: row.nulls_not_distinct,
            predicate: row.predicate,
            valid: row.valid,
            ready: row.ready,
            clustered: row.clustered,
            options: row.options,
            tablespace: row.tablespace,
            attached_to: row.attached_to,
            statistics: statistics.get(&row.oid).cloned().unwrap_or_default(),
            definition: row.definition,
            about,
        });
    }
    Ok(indexes)
}

fn index_columns(
    row: &IndexRow,
    keys: &[i16],
    columns: &Columns,
    names: &Names,
) -> Result<Vec<super::IndexColumn>> {
    let classes: Vec<Oid> = numbers(&row.classes)?;
    let collations: Vec<Oid> = numbers(&row.collations)?;
    let ordering: Vec<i16> = numbers(&row.ordering)?;
    let mut expressions = row.expressions.iter().flatten();
    let mut found = Vec::new();
    for (((&key, class), &collated), order) in
        keys.iter().zip(classes).zip(&collations).zip(ordering)
    {
        let class = names.operator_classes.as_ref().and_then(|classes| classes.get(&class));
        found.push(super::IndexColumn {
            column: named(columns, row.relation, &[key])?.pop(),
            expression: if key == 0 { expressions.next().map(unwrapped) } else { None },
            collation: if collated == 0 { None } else { Some(collation(names, collated)?) },
            operator_class: class.cloned().unwrap_or_default(),
            descending: order & 1 != 0,
            nulls_first: order & 2 != 0,
        });
    }
    Ok(found)
}

/// An expression without the parentheses that an index puts around all but calls.
fn unwrapped(expression: &String) -> String {
    let inner = expression.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    inner.unwrap_or(expression).to_owned()
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
