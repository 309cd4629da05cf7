//! Domains.

use super::Change;
use super::checks::{elements_removed, operators_exchanged};
use crate::catalog::{Catalog, Domain, DomainConstraint, Name, TypeKind, quote_ident};

pub(super) fn check_dropped(catalog: &Catalog) -> Vec<Change> {
    let change = |(name, check): (&Name, &DomainConstraint)| Change {
        table: name.clone(),
        object: check.name.clone(),
        says: format!("drops the check {} of {}", check.name, name.name),
        ddl: vec![drop(name, check)],
    };
    checks(catalog).map(change).collect()
}

pub(super) fn element_removed(catalog: &Catalog) -> Vec<Change> {
    edited(catalog, elements_removed)
}

pub(super) fn operator_exchanged(catalog: &Catalog) -> Vec<Change> {
    edited(catalog, operators_exchanged)
}

pub(super) fn null_allowed(catalog: &Catalog) -> Vec<Change> {
    let strict = domains(catalog).filter(|(_, domain)| domain.not_null);
    let change = |(name, _): (&Name, &Domain)| Change {
        table: name.clone(),
        object: name.name.clone(),
        says: format!("drops NOT NULL of {}", name.name),
        ddl: vec![format!("ALTER DOMAIN {name} DROP NOT NULL")],
    };
    strict.map(change).collect()
}

fn edited(catalog: &Catalog, edit: fn(&str) -> Vec<(String, String)>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, check) in checks(catalog) {
        for (says, expression) in edit(&check.expression) {
            let add = format!(
                "ALTER DOMAIN {name} ADD CONSTRAINT {} CHECK ({expression})",
                quote_ident(&check.name)
            );
            changes.push(Change {
                table: name.clone(),
                object: check.name.clone(),
                says: format!("{says} in the check {} of {}", check.name, name.name),
                ddl: vec![drop(name, check), add],
            });
        }
    }
    changes
}

fn drop(name: &Name, check: &DomainConstraint) -> String {
    format!("ALTER DOMAIN {name} DROP CONSTRAINT {}", quote_ident(&check.name))
}

fn checks(catalog: &Catalog) -> impl Iterator<Item = (&Name, &DomainConstraint)> {
    domains(catalog).flat_map(|(name, domain)| domain.constraints.iter().map(move |it| (name, it)))
}

fn domains(catalog: &Catalog) -> impl Iterator<Item = (&Name, &Domain)> {
    catalog.types.iter().filter_map(|it| match &it.kind {
        TypeKind::Domain(domain) => Some((&it.name, domain)),
        _ => None,
    })
}
