//! When two schemas let in the same rows: rules that bring tables to a common form.
//!
//! The first ones are those of the SchemaAnalyst papers for Postgres: a primary key is a unique
//! key without nulls, a unique key over more columns follows from one over fewer, and a check
//! `IS NOT NULL` is `NOT NULL`.

use crate::catalog::{
    About, Action, Catalog, Column, Constraint, ConstraintKind, Enabled, Index, IndexColumn, Match,
    Table, View, quote_ident,
};

/// A step towards the common form, and why what it brings together is the same.
pub(super) struct Rule {
    pub(super) says: &'static str,
    apply: fn(&mut Table),
}

/// In the order in which they are applied; each relies on those before it.
pub(super) static RULES: &[Rule] = &[
    Rule { says: "the schema is the same but for names and remarks", apply: unnamed },
    Rule { says: "a primary key is a unique key without nulls", apply: primary_keys },
    Rule { says: "a unique index over columns is a unique key", apply: unique_indexes },
    Rule { says: "nulls are not taken one way or the other where there are none", apply: nulls },
    Rule { says: "a unique key follows from one over fewer columns", apply: implied_keys },
    Rule { says: "a check demands a value already", apply: checked_values },
    Rule { says: "no null can be matched partially where there are none", apply: matching },
    Rule { says: "a column without a default has null for it", apply: defaults },
    Rule { says: "a disabled trigger does nothing", apply: disabled_triggers },
];

/// What of `catalog` differs from `other`, as far as mutants change it.
pub(super) fn apart(catalog: &Catalog, other: &Catalog) -> Catalog {
    let differs = |table: &&Table| other.table(&table.name) != Some(*table);
    let in_others = |view: &&View| other.view(&view.name) != Some(*view);
    Catalog {
        tables: catalog.tables.iter().filter(differs).cloned().collect(),
        views: catalog.views.iter().filter(in_others).cloned().collect(),
        types: catalog.types.iter().filter(|it| !other.types.contains(it)).cloned().collect(),
        sequences: catalog
            .sequences
            .iter()
            .filter(|it| !other.sequences.contains(it))
            .cloned()
            .collect(),
        ..Catalog::default()
    }
}

impl Rule {
    pub(super) fn apply(&self, catalog: &mut Catalog) {
        for table in &mut catalog.tables {
            (self.apply)(table);
            table.constraints.sort_by_cached_key(|constraint| format!("{constraint:?}"));
            table.constraints.dedup();
        }
    }
}

/// What a constraint is called, in which order it has its columns and what is said of it do not
/// matter. Its definition says nothing that its fields do not, but for nulls.
fn unnamed(table: &mut Table) {
    table.indexes.retain(|index| !index.of_constraint);
    for index in &mut table.indexes {
        index.about = About::default();
        index.clustered = false;
    }
    for trigger in &mut table.triggers {
        trigger.about = About::default();
    }
    for constraint in &mut table.constraints {
        constraint.name.clear();
        constraint.about = About::default();
        constraint.attached_to = None;
        match constraint.kind {
            ConstraintKind::Unique => {
                let not_distinct = constraint.definition.starts_with(NULLS_NOT_DISTINCT);
                constraint.definition =
                    if not_distinct { NULLS_NOT_DISTINCT } else { "" }.to_owned();
            }
            ConstraintKind::PrimaryKey | ConstraintKind::Check => constraint.definition.clear(),
            ConstraintKind::ForeignKey => {
                constraint.definition.clear();
                sort_pairs(constraint);
            }
            ConstraintKind::Exclusion | ConstraintKind::NotNull => {}
        }
        if matches!(constraint.kind, ConstraintKind::Unique | ConstraintKind::PrimaryKey) {
            constraint.columns.sort();
        }
    }
}

const NULLS_NOT_DISTINCT: &str = "UNIQUE NULLS NOT DISTINCT";

fn sort_pairs(key: &mut Constraint) {
    let Some(to) = &mut key.references else { return };
    let mut pairs: Vec<_> = key.columns.drain(..).zip(to.columns.drain(..)).collect();
    pairs.sort();
    (key.columns, to.columns) = pairs.into_iter().unzip();
    to.set_columns.sort();
}

/// The collation of an index key whose column has none of its own.
const DEFAULT_COLLATION: &str = "\"default\"";

fn primary_keys(table: &mut Table) {
    for constraint in &mut table.constraints {
        if constraint.kind == ConstraintKind::PrimaryKey {
            constraint.kind = ConstraintKind::Unique;
        }
    }
}

fn unique_indexes(table: &mut Table) {
    let columns = &table.columns;
    let is_key = |index: &Index| {
        let plain = |key: &IndexColumn| {
            let column = columns.iter().find(|column| key.column.as_ref() == Some(&column.name));
            column.is_some_and(|column| {
                let default = key.collation.as_ref().is_none_or(|it| it == DEFAULT_COLLATION);
                column.collation == key.collation || column.collation.is_none() && default
            })
        };
        index.unique && index.valid && index.predicate.is_none() && index.columns.iter().all(plain)
    };
    let (keys, rest) = std::mem::take(&mut table.indexes).into_iter().partition(is_key);
    table.indexes = rest;
    for index in keys {
        let mut columns: Vec<_> = index.columns.into_iter().filter_map(|key| key.column).collect();
        columns.sort();
        let nulls = if index.nulls_not_distinct { NULLS_NOT_DISTINCT } else { "" };
        table.constraints.push(Constraint {
            name: String::new(),
            kind: ConstraintKind::Unique,
            columns,
            references: None,
            expression: None,
            operators: Vec::new(),
            deferrable: false,
            initially_deferred: false,
            validated: true,
            disabled: false,
            no_inherit: false,
            inherited: 0,
            not_local: false,
            attached_to: None,
            definition: nulls.to_owned(),
            about: About::default(),
        });
    }
}

/// Functions of one value that give null only for null.
const TOTAL: [&str; 8] =
    ["lower", "upper", "btrim", "ltrim", "rtrim", "length", "char_length", "md5"];

fn nulls(table: &mut Table) {
    let strict: Vec<String> =
        table.columns.iter().filter(|it| it.not_null).map(|it| it.name.clone()).collect();
    for key in table.constraints.iter_mut().filter(|it| it.kind == ConstraintKind::Unique) {
        if key.columns.iter().all(|column| strict.contains(column)) {
            key.definition.clear();
        }
    }
    let is_total = |expression: &str| {
        strict.iter().any(|column| {
            let column = quote_ident(column);
            TOTAL.iter().any(|name| {
                expression == format!("{name}({column})")
                    || expression == format!("{name}(({column})::text)")
            })
        })
    };
    for index in &mut table.indexes {
        let all = index.columns.iter().all(|key| match (&key.column, &key.expression) {
            (Some(column), _) => strict.contains(column),
            (None, Some(expression)) => is_total(expression),
            _ => false,
        });
        if all && index.nulls_not_distinct {
            index.nulls_not_distinct = false;
            index.definition =
                index.definition.take().map(|text| text.replacen(" NULLS NOT DISTINCT", "", 1));
        }
    }
}

/// Rows that agree in all columns of a key agree in some of them.
fn implied_keys(table: &mut Table) {
    let all: Vec<_> =
        table.constraints.iter().filter(|it| it.kind == ConstraintKind::Unique).cloned().collect();
    let follows = |columns: &[String], not_distinct: bool, but: Option<&Constraint>| {
        all.iter().filter(|key| Some(*key) != but && !key.deferrable).any(|key| {
            // One that tells nulls apart does not forbid two of them.
            (!not_distinct || !key.definition.is_empty())
                && key.columns.iter().all(|column| columns.contains(column))
        })
    };
    table.constraints.retain(|key| {
        key.kind != ConstraintKind::Unique
            || !follows(&key.columns, !key.definition.is_empty(), Some(key))
    });
    table.indexes.retain(|index| {
        let columns: Vec<_> = index.columns.iter().filter_map(|key| key.column.clone()).collect();
        !index.unique || !follows(&columns, index.nulls_not_distinct, None)
    });
}

fn checked_values(table: &mut Table) {
    let Table { columns, constraints, .. } = table;
    constraints.retain(|check| {
        let column = columns.iter_mut().find(|column| {
            let demand = format!("({} IS NOT NULL)", quote_ident(&column.name));
            check.kind == ConstraintKind::Check && check.expression.as_ref() == Some(&demand)
        });
        let Some(column) = column else { return true };
        column.not_null = true;
        false
    });
}

fn matching(table: &mut Table) {
    let Table { columns, constraints, .. } = table;
    for key in constraints {
        let strict = |name: &String| columns.iter().any(|it| it.name == *name && it.not_null);
        let all_strict = key.columns.iter().all(strict);
        if let Some(to) = key.references.as_mut().filter(|_| all_strict) {
            to.matching = Match::Simple;
        }
    }
}

fn defaults(table: &mut Table) {
    let Table { columns, constraints, .. } = table;
    for key in constraints {
        let bare = |name: &String| {
            // A domain may bring a default of its own.
            let built_in = |it: &Column| it.data_type.schema == "pg_catalog";
            columns.iter().any(|it| it.name == *name && it.default.is_none() && built_in(it))
        };
        let Some(to) = &mut key.references else { continue };
        let set = if to.set_columns.is_empty() { &key.columns } else { &to.set_columns };
        if to.on_delete == Action::SetDefault && set.iter().all(bare) {
            to.on_delete = Action::SetNull;
        }
        if to.on_update == Action::SetDefault && key.columns.iter().all(bare) {
            to.on_update = Action::SetNull;
        }
    }
}

fn disabled_triggers(table: &mut Table) {
    table.triggers.retain(|trigger| trigger.enabled != Enabled::Disabled);
}
