//! How an object is named: for a reader, in a script, and in a statement about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::name::quote_ident;
use super::{
    DefaultPrivileges, Extension, Kind, Name, Other, Routine, RoutineKind, Schema, Sequence, Table,
    TableKind, Type, TypeKind, View,
};

/// An object that a user can name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Object {
    pub kind: Kind,
    /// Its name with all that it is part of, quoted: `public.users.email`.
    pub name: String,
    /// The bare names a script would mention, from the outside in, without the
    /// schema: `users`, `email`.
    pub bare: Vec<String>,
    /// What `COMMENT ON` or `DROP` would call it: `TRIGGER touch ON public.users`.
    pub address: String,
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

impl Object {
    /// Its own bare name.
    pub fn bare_name(&self) -> &str {
        self.bare.last().map_or("", String::as_str)
    }

    fn new(kind: Kind, name: String, bare: Vec<String>) -> Self {
        let address = format!("{} {name}", kind.as_str().to_uppercase());
        Self { kind, name, bare, address }
    }

    fn in_schema(kind: Kind, name: &Name) -> Self {
        Self::new(kind, name.to_string(), vec![name.name.clone()])
    }

    pub(super) fn schema(schema: &Schema) -> Self {
        Self::new(Kind::Schema, quote_ident(&schema.name), vec![schema.name.clone()])
    }

    pub(super) fn extension(extension: &Extension) -> Self {
        Self::new(Kind::Extension, quote_ident(&extension.name), vec![extension.name.clone()])
    }

    pub(super) fn r#type(r#type: &Type) -> Self {
        let domain = matches!(r#type.kind, TypeKind::Domain(_));
        Self::in_schema(if domain { Kind::Domain } else { Kind::Type }, &r#type.name)
    }

    pub(super) fn sequence(sequence: &Sequence) -> Self {
        Self::in_schema(Kind::Sequence, &sequence.name)
    }

    pub(super) fn table(table: &Table) -> Self {
        let foreign = table.kind == TableKind::Foreign;
        Self::in_schema(if foreign { Kind::ForeignTable } else { Kind::Table }, &table.name)
    }

    pub(super) fn view(view: &View) -> Self {
        let kind = if view.materialized { Kind::MaterializedView } else { Kind::View };
        Self::in_schema(kind, &view.name)
    }

    pub(super) fn routine(routine: &Routine) -> Self {
        let procedure = routine.kind == RoutineKind::Procedure;
        let kind = if procedure { Kind::Procedure } else { Kind::Function };
        Self::new(kind, routine.signature.clone(), vec![routine.name.name.clone()])
    }

    pub(super) fn other(other: &Other) -> Self {
        Self::new(other.kind, other.name.clone(), other.bare.clone())
    }

    pub(super) fn default_privileges(d: &DefaultPrivileges) -> Self {
        let role = quote_ident(&d.role);
        let schema = d.schema.as_ref().map(|schema| format!(" in schema {}", quote_ident(schema)));
        let name = format!("of {role} for {}{}", d.objects, schema.unwrap_or_default());
        Self::new(Kind::DefaultPrivileges, name, vec![d.role.clone()])
    }

    pub(super) fn column(relation: &Name, column: &str) -> Self {
        Self::new(
            Kind::Column,
            format!("{relation}.{}", quote_ident(column)),
            vec![relation.name.clone(), column.to_owned()],
        )
    }

    pub(super) fn index(relation: &Name, index: &str) -> Self {
        let name = relation.sibling(index).to_string();
        Self::new(Kind::Index, name, vec![relation.name.clone(), index.to_owned()])
    }

    /// A constraint, trigger, policy or rule.
    pub(super) fn on(kind: Kind, relation: &Name, part: &str) -> Self {
        let quoted = quote_ident(part);
        Self {
            kind,
            name: format!("{relation}.{quoted}"),
            bare: vec![relation.name.clone(), part.to_owned()],
            address: format!("{} {quoted} ON {relation}", kind.as_str().to_uppercase()),
        }
    }

    pub(super) fn domain_constraint(domain: &Name, constraint: &str) -> Self {
        let quoted = quote_ident(constraint);
        Self {
            kind: Kind::Constraint,
            name: format!("{domain}.{quoted}"),
            bare: vec![domain.name.clone(), constraint.to_owned()],
            address: format!("CONSTRAINT {quoted} ON DOMAIN {domain}"),
        }
    }
}
