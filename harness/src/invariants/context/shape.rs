//! What a table promises, gathered from where the catalog keeps it: its keys, whether they are
//! constraints or unique indexes; its foreign keys; its checks with those of its domains.

use crate::catalog::{
    Action, Catalog, Column, Constraint, ConstraintKind, Index, Match, Name, Table, TableKind,
};
use crate::sql::{expression, mentions};
use crate::values::types::{self, Resolved};

/// Functions of Postgres that give something else each time, also within one statement.
const FICKLE: [&str; 5] = ["random", "gen_random_uuid", "clock_timestamp", "timeofday", "nextval"];

/// A table and what it promises.
#[derive(Debug, Clone)]
pub struct Shape {
    pub table: Table,
    /// As the table's columns stand.
    pub types: Vec<Resolved>,
    pub keys: Vec<Key>,
    pub links: Vec<Link>,
    pub checks: Vec<Check>,
}

/// A unique constraint, primary key, or unique index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The name by which a violation is told.
    pub name: String,
    pub primary: bool,
    /// Whether a constraint owns the index.
    pub constraint: bool,
    pub parts: Vec<Part>,
    /// The condition of a partial index.
    pub predicate: Option<String>,
    pub nulls_not_distinct: bool,
    pub deferrable: bool,
    pub initially_deferred: bool,
    /// Whether the index is valid and maintained by writes.
    pub valid: bool,
}

/// A column or expression of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The SQL of it: a quoted column or an expression.
    pub sql: String,
    /// The column, unless it is an expression.
    pub column: Option<String>,
    /// The columns that it is computed from.
    pub columns: Vec<String>,
    pub collation: Option<String>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub name: String,
    pub child: Name,
    pub columns: Vec<String>,
    pub parent: Name,
    /// In the order of `columns`.
    pub parent_columns: Vec<String>,
    pub on_delete: Action,
    pub on_update: Action,
    /// The columns that SET NULL or SET DEFAULT sets: those named, else all.
    pub set_columns: Vec<String>,
    pub matching: Match,
    pub deferrable: bool,
    pub initially_deferred: bool,
    pub validated: bool,
    /// Whether triggers that enforce it were disabled.
    pub disabled: bool,
    /// Whether no row can be without it: every column NOT NULL.
    pub required: bool,
}

/// A check of the table, or of the domain of one of its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The name by which a violation is told.
    pub name: String,
    /// In terms of the table's columns.
    pub expression: String,
    pub columns: Vec<String>,
    /// The domain it belongs to.
    pub domain: Option<String>,
    pub validated: bool,
}

impl Shape {
    /// Gathers what `table` promises.
    pub fn of(catalog: &Catalog, table: &Table) -> Self {
        let types: Vec<Resolved> =
            table.columns.iter().map(|column| types::resolve(catalog, &column.data_type)).collect();
        Self {
            keys: keys(table),
            links: links(table),
            checks: checks(table, &types),
            types,
            table: table.clone(),
        }
    }

    /// The shapes of all tables that rows are put into: not of partitions, which get theirs
    /// through their root, and not of foreign tables.
    pub fn all(catalog: &Catalog) -> Vec<Self> {
        let own = |table: &&Table| table.partition.is_none() && table.kind != TableKind::Foreign;
        catalog.tables.iter().filter(own).map(|table| Self::of(catalog, table)).collect()
    }

    pub fn name(&self) -> &Name {
        &self.table.name
    }

    /// The columns that a statement may give values to, with their types.
    pub fn columns(&self) -> impl Iterator<Item = (&Column, &Resolved)> {
        self.table.columns.iter().zip(&self.types).filter(|(column, _)| column.generated.is_none())
    }

    /// A column that may be given values, with its type.
    pub fn column(&self, name: &str) -> Option<(&Column, &Resolved)> {
        self.columns().find(|(column, _)| column.name == name)
    }

    /// Whether the column takes no NULL, by itself or by its domain.
    pub fn not_null(&self, name: &str) -> bool {
        self.column(name).is_some_and(|(column, resolved)| column.not_null || resolved.not_null())
    }

    /// A check that may come out differently each time it is asked, and the function it calls.
    pub fn fickle(&self, catalog: &Catalog) -> Option<(&str, String)> {
        let body = |name: &str| {
            let called = catalog.routines.iter().find(|routine| routine.name.name == name);
            called.map(|routine| routine.body.as_str())
        };
        self.checks.iter().find_map(|check| {
            let function = expression::functions(&check.expression).into_iter().find(|name| {
                FICKLE.contains(&name.as_str())
                    || body(name).is_some_and(|body| FICKLE.iter().any(|f| mentions(body, f)))
            })?;
            Some((check.name.as_str(), function))
        })
    }

    /// The exclusions that have a predicate, as keys of nothing but that.
    pub fn exclusions(&self) -> Vec<Key> {
        let indexes = self.table.indexes.iter().filter(|index| {
            let owner = self.table.constraint(&index.name);
            index.predicate.is_some()
                && owner.is_some_and(|owner| owner.kind == ConstraintKind::Exclusion)
        });
        let key = |index: &Index| Key {
            name: index.name.clone(),
            primary: false,
            constraint: true,
            parts: Vec::new(),
            predicate: index.predicate.clone(),
            nulls_not_distinct: false,
            deferrable: false,
            initially_deferred: false,
            valid: index.valid,
        };
        indexes.map(key).collect()
    }

    /// The key that tells a row from all others: the primary key, else one that is valid,
    /// whole, and whose columns are not null.
    pub fn identity(&self) -> Option<&Key> {
        let tells = |key: &&Key| {
            key.valid
                && key.predicate.is_none()
                && key
                    .parts
                    .iter()
                    .all(|part| part.column.as_ref().is_some_and(|column| self.not_null(column)))
        };
        self.keys.iter().find(|key| key.primary).or_else(|| self.keys.iter().find(tells))
    }
}

impl Key {
    /// The columns it speaks of, each once.
    pub fn columns(&self) -> Vec<&str> {
        let mut columns: Vec<&str> = Vec::new();
        for column in self.parts.iter().flat_map(|part| &part.columns) {
            if !columns.contains(&column.as_str()) {
                columns.push(column);
            }
        }
        columns
    }

    /// Its columns and expressions, as in the parentheses of an index.
    pub fn list(&self) -> String {
        self.parts.iter().map(|part| part.sql.as_str()).collect::<Vec<_>>().join(", ")
    }
}

fn keys(table: &Table) -> Vec<Key> {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let unique = table.indexes.iter().filter(|index| index.unique);
    let mut keys: Vec<Key> = unique
        .map(|index| {
            let owner = table.constraints.iter().find(|owner| {
                index.of_constraint
                    && owner.name == index.name
                    && matches!(owner.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique)
            });
            let parts = index.columns.iter().map(|part| match (&part.column, &part.expression) {
                (Some(column), _) => Part {
                    sql: crate::catalog::quote_ident(column),
                    column: Some(column.clone()),
                    columns: vec![column.clone()],
                    collation: part.collation.clone(),
                },
                (None, expression) => {
                    let sql = expression.clone().unwrap_or_default();
                    let columns = expression::columns(&sql, &names);
                    Part {
                        columns: columns.into_iter().map(str::to_owned).collect(),
                        sql,
                        column: None,
                        collation: part.collation.clone(),
                    }
                }
            });
            Key {
                name: index.name.clone(),
                primary: owner.is_some_and(|owner| owner.kind == ConstraintKind::PrimaryKey),
                constraint: owner.is_some(),
                parts: parts.collect(),
                predicate: index.predicate.clone(),
                nulls_not_distinct: index.nulls_not_distinct,
                deferrable: owner.is_some_and(|owner| owner.deferrable),
                initially_deferred: owner.is_some_and(|owner| owner.initially_deferred),
                valid: index.valid && index.ready,
            }
        })
        .collect();
    keys.sort_by_key(|key| !key.primary);
    keys
}

fn links(table: &Table) -> Vec<Link> {
    let link = |constraint: &Constraint| {
        let references = constraint.references.as_ref()?;
        let not_null = |name: &String| table.column(name).is_some_and(|column| column.not_null);
        let set_columns = match references.set_columns.as_slice() {
            [] => constraint.columns.clone(),
            named => named.to_vec(),
        };
        Some(Link {
            name: constraint.name.clone(),
            child: table.name.clone(),
            columns: constraint.columns.clone(),
            parent: references.table.clone(),
            parent_columns: references.columns.clone(),
            on_delete: references.on_delete,
            on_update: references.on_update,
            set_columns,
            matching: references.matching,
            deferrable: constraint.deferrable,
            initially_deferred: constraint.initially_deferred,
            validated: constraint.validated,
            disabled: constraint.disabled,
            required: constraint.columns.iter().all(not_null),
        })
    };
    table.constraints.iter().filter_map(link).collect()
}

fn checks(table: &Table, types: &[Resolved]) -> Vec<Check> {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let own = table.constraints.iter().filter(|found| found.kind == ConstraintKind::Check);
    let mut checks: Vec<Check> = own
        .filter_map(|constraint| {
            let expression = constraint.expression.clone()?;
            let columns = expression::columns(&expression, &names);
            Some(Check {
                name: constraint.name.clone(),
                columns: columns.into_iter().map(str::to_owned).collect(),
                expression,
                domain: None,
                validated: constraint.validated,
            })
        })
        .collect();
    for (column, resolved) in table.columns.iter().zip(types) {
        for (depth, domain) in resolved.domains.iter().enumerate() {
            let name = if depth == 0 { &column.data_type.name } else { "" };
            checks.extend(domain.constraints.iter().map(|constraint| Check {
                name: constraint.name.clone(),
                expression: expression::with_value(
                    &constraint.expression,
                    &crate::catalog::quote_ident(&column.name),
                ),
                columns: vec![column.name.clone()],
                domain: Some(name.to_owned()),
                validated: constraint.validated,
            }));
        }
    }
    checks
}
