//! The schema of a database as a value: read from `pg_catalog`, ordered,
//! comparable, serialisable.
//!
//! Two databases have the same schema if and only if their [`Catalog`] values
//! are equal; [`diff`] says in words where they are not.

mod about;
mod build;
mod constraint;
mod diff;
mod fields;
mod index;
mod kind;
mod load;
mod mend;
mod name;
mod object;
mod other;
mod routine;
mod sequence;
mod table;
mod types;
mod view;

use serde::{Deserialize, Serialize};

pub use about::{About, Grant, Privilege};
pub use constraint::{Action, Constraint, ConstraintKind, Match, References};
pub use diff::{Change, Field, Object, What, diff};
pub use index::{Index, IndexColumn};
pub use kind::Kind;
pub use load::load;
pub use name::{Name, quote_ident, quote_literal};
pub use other::{DefaultPrivileges, Other};
pub use routine::{Routine, RoutineKind};
pub use sequence::{OwnedBy, Sequence};
pub use table::{
    Column, Enabled, Event, Generated, Identity, Partition, Policy, Rule, Table, TableKind, Timing,
    Trigger, TypeRef,
};
pub use types::{Domain, DomainConstraint, Range, Type, TypeKind};
pub use view::View;

/// Everything that a schema is: what a dump of it would show, without its data,
/// without Postgres's own objects and those that belong to an extension.
///
/// Every list is sorted by name, but for columns, which keep their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    pub schemas: Vec<Schema>,
    pub extensions: Vec<Extension>,
    pub types: Vec<Type>,
    /// Without those of identity columns, which are inside the columns.
    pub sequences: Vec<Sequence>,
    pub tables: Vec<Table>,
    pub views: Vec<View>,
    pub routines: Vec<Routine>,
    pub default_privileges: Vec<DefaultPrivileges>,
    /// By kind, then name.
    pub others: Vec<Other>,
}

impl Catalog {
    /// The table of that name.
    pub fn table(&self, name: &Name) -> Option<&Table> {
        find(&self.tables, name, |table| &table.name)
    }

    /// The view of that name.
    pub fn view(&self, name: &Name) -> Option<&View> {
        find(&self.views, name, |view| &view.name)
    }

    /// The type that a column has, if it was made by a user.
    pub fn type_of(&self, column: &TypeRef) -> Option<&Type> {
        let name = Name::new(&column.schema, &column.name);
        find(&self.types, &name, |r#type| &r#type.name)
    }
}

impl Table {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The constraint of that name.
    pub fn constraint(&self, name: &str) -> Option<&Constraint> {
        self.constraints.iter().find(|constraint| constraint.name == name)
    }

    /// The primary key, if it has one.
    pub fn primary_key(&self) -> Option<&Constraint> {
        self.constraints.iter().find(|constraint| constraint.kind == ConstraintKind::PrimaryKey)
    }
}

fn find<'a, T>(sorted: &'a [T], name: &Name, key: impl Fn(&T) -> &Name) -> Option<&'a T> {
    sorted.binary_search_by(|item| key(item).cmp(name)).ok().map(|at| &sorted[at])
}

/// A schema that objects live in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    pub name: String,
    pub about: About,
}

/// An installed extension; what belongs to it is not in the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    pub name: String,
    pub schema: String,
    pub version: String,
    pub about: About,
}
