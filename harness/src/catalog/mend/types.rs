//! Types and domains.

use super::{Mender, Pair, Statements};
use crate::catalog::name::{quote_ident, quote_literal};
use crate::catalog::object::Object;
use crate::catalog::{Column, Domain, DomainConstraint, Name, Range, Type, TypeKind};

impl Mender<'_> {
    pub(in crate::catalog) fn r#type(&self, pair: Pair<'_, Type>) -> Option<Statements> {
        let (before, after) = match pair {
            (None, after) => return Self::dropped(&Object::r#type(after?)),
            (Some(before), None) => return self.create_type(before),
            (Some(before), Some(after)) => (before, after),
        };
        let object = Object::r#type(before);
        let name = &before.name;
        let mut statements = match (&before.kind, &after.kind) {
            (TypeKind::Enum { labels: old }, TypeKind::Enum { labels: new }) if old != new => {
                match enum_labels(name, old, new) {
                    Some(statements) => statements,
                    // The old type goes, and what is said about it with it.
                    None => return self.replace_enum(before, old),
                }
            }
            (TypeKind::Domain(old), TypeKind::Domain(new)) => alter_domain(name, old, new)?,
            (TypeKind::Composite { attributes: old }, TypeKind::Composite { attributes: new }) => {
                alter_composite(name, old, new)?
            }
            (old, new) if old == new => Vec::new(),
            // Functions of its own stand on it.
            (TypeKind::Base { .. }, _) | (_, TypeKind::Base { .. }) => return None,
            _ => {
                let mut statements = Self::dropped(&Object::r#type(after))?;
                statements.extend(self.create_type(before)?);
                return Some(statements);
            }
        };
        statements.extend(Self::say(&object, &before.about, &after.about)?);
        Some(statements)
    }

    fn create_type(&self, r#type: &Type) -> Option<Statements> {
        let name = &r#type.name;
        let mut statements = vec![match &r#type.kind {
            TypeKind::Enum { labels } => format!("CREATE TYPE {name} AS ENUM ({})", quoted(labels)),
            TypeKind::Domain(domain) => create_domain(name, domain),
            TypeKind::Composite { attributes } => {
                let attributes: Vec<_> = attributes.iter().map(attribute).collect();
                format!("CREATE TYPE {name} AS ({})", attributes.join(", "))
            }
            TypeKind::Range(range) => create_range(name, range),
            // It cannot be made without functions that cannot be made without it.
            TypeKind::Base { .. } => return None,
            TypeKind::Shell => format!("CREATE TYPE {name}"),
        }];
        statements.extend(self.say_all(&Object::r#type(r#type), &r#type.about)?);
        match &r#type.kind {
            TypeKind::Domain(domain) => {
                for constraint in domain.constraints.iter().filter(|c| c.comment.is_some()) {
                    statements.push(comment_on_constraint(name, constraint));
                }
            }
            TypeKind::Composite { attributes } => {
                for attribute in attributes {
                    let object = Object::column(name, &attribute.name);
                    statements.extend(self.say_all(&object, &attribute.about)?);
                }
            }
            _ => {}
        }
        Some(statements)
    }

    /// Postgres cannot take a label away or move it: another type takes the place
    /// of the old one in every column that has it.
    fn replace_enum(&self, before: &Type, labels: &[String]) -> Option<Statements> {
        let name = &before.name;
        let aside = name.sibling(&format!("{}_old", name.name));
        let mut statements = vec![
            format!("ALTER TYPE {name} RENAME TO {}", quote_ident(&aside.name)),
            format!("CREATE TYPE {name} AS ENUM ({})", quoted(labels)),
        ];
        for table in &self.after.tables {
            let columns = table.columns.iter().filter(|column| {
                let of = &column.data_type;
                of.schema == name.schema && of.name == name.name && !column.not_local
            });
            for column in columns {
                let alter = format!(
                    "ALTER TABLE {} ALTER COLUMN {}",
                    table.name,
                    quote_ident(&column.name)
                );
                if column.default.is_some() {
                    statements.push(format!("{alter} DROP DEFAULT"));
                }
                let array = if column.data_type.array { "[]" } else { "" };
                statements.push(format!(
                    "{alter} TYPE {name}{array} USING {}::text{array}::{name}{array}",
                    quote_ident(&column.name)
                ));
                if let Some(default) = &column.default {
                    statements.push(format!("{alter} SET DEFAULT {default}"));
                }
            }
        }
        statements.push(format!("DROP TYPE {aside}"));
        statements.extend(self.say_all(&Object::r#type(before), &before.about)?);
        Some(statements)
    }

    pub(in crate::catalog) fn domain_constraint(
        &self,
        domain: &Name,
        (before, after): Pair<'_, DomainConstraint>,
    ) -> Option<Statements> {
        let drop = |constraint: &DomainConstraint| {
            format!("ALTER DOMAIN {domain} DROP CONSTRAINT {}", quote_ident(&constraint.name))
        };
        let Some(before) = before else { return Some(vec![drop(after?)]) };
        let name = quote_ident(&before.name);
        let mut statements = Vec::new();
        let mut comment = after.and_then(|after| after.comment.clone());
        if let Some(after) = after {
            let validated = DomainConstraint {
                validated: true,
                definition: before.definition.clone(),
                comment: before.comment.clone(),
                ..after.clone()
            };
            if validated == *before && !after.validated {
                statements.push(format!("ALTER DOMAIN {domain} VALIDATE CONSTRAINT {name}"));
            } else if validated.definition != after.definition || *before != validated {
                statements.push(drop(after));
            }
        }
        if after.is_none() || statements.iter().any(|statement| statement.contains(" DROP ")) {
            comment = None;
            statements
                .push(format!("ALTER DOMAIN {domain} ADD CONSTRAINT {name} {}", before.definition));
        }
        if comment != before.comment {
            statements.push(comment_on_constraint(domain, before));
        }
        Some(statements)
    }
}

fn quoted(labels: &[String]) -> String {
    labels.iter().map(|label| quote_literal(label)).collect::<Vec<_>>().join(", ")
}

/// Labels renamed, or added where some are missing; `None` if some have to go.
fn enum_labels(name: &Name, before: &[String], after: &[String]) -> Option<Statements> {
    if before.len() == after.len() {
        let renamed: Vec<_> = before.iter().zip(after).filter(|(old, new)| old != new).collect();
        if renamed.iter().any(|(old, new)| after.contains(old) || before.contains(new)) {
            return None;
        }
        let rename = |(old, new): (&String, &String)| {
            let (old, new) = (quote_literal(old), quote_literal(new));
            format!("ALTER TYPE {name} RENAME VALUE {new} TO {old}")
        };
        return Some(renamed.into_iter().map(rename).collect());
    }
    let kept: Vec<_> = before.iter().filter(|label| after.contains(label)).collect();
    if !kept.iter().copied().eq(after) {
        return None;
    }
    let mut statements = Vec::new();
    for (at, label) in before.iter().enumerate().filter(|(_, label)| !after.contains(label)) {
        // All before it are there by now; without any, the first there is follows it.
        let place = match (at.checked_sub(1).and_then(|at| before.get(at)), after.first()) {
            (Some(previous), _) => format!(" AFTER {}", quote_literal(previous)),
            (None, Some(first)) => format!(" BEFORE {}", quote_literal(first)),
            (None, None) => String::new(),
        };
        statements.push(format!("ALTER TYPE {name} ADD VALUE {}{place}", quote_literal(label)));
    }
    Some(statements)
}

fn attribute(attribute: &Column) -> String {
    format!("{} {}", quote_ident(&attribute.name), type_of(attribute))
}

fn type_of(attribute: &Column) -> String {
    let collation = attribute.collation.as_ref().map(|c| format!(" COLLATE {c}"));
    format!("{}{}", attribute.data_type.text, collation.unwrap_or_default())
}

fn alter_composite(name: &Name, before: &[Column], after: &[Column]) -> Option<Statements> {
    let mut statements = Vec::new();
    let find = |of: &[Column], name: &str| of.iter().find(|c| c.name == name).cloned();
    for gone in after.iter().filter(|attribute| find(before, &attribute.name).is_none()) {
        statements.push(format!("ALTER TYPE {name} DROP ATTRIBUTE {}", quote_ident(&gone.name)));
    }
    let mut like: Vec<_> =
        after.iter().filter(|a| find(before, &a.name).is_some()).cloned().collect();
    for old in before {
        let object = Object::column(name, &old.name);
        if let Some(new) = like.iter_mut().find(|new| new.name == old.name) {
            if type_of(old) != type_of(new) {
                statements.push(format!(
                    "ALTER TYPE {name} ALTER ATTRIBUTE {} TYPE {}",
                    quote_ident(&old.name),
                    type_of(old)
                ));
            }
            statements.extend(Mender::say(&object, &old.about, &new.about)?);
            *new = old.clone();
        } else {
            statements.push(format!("ALTER TYPE {name} ADD ATTRIBUTE {}", attribute(old)));
            statements.extend(Mender::say(&object, &old.about, &Column::default().about)?);
            like.push(old.clone());
        }
    }
    (like == before).then_some(statements)
}

fn create_domain(name: &Name, domain: &Domain) -> String {
    let mut clauses = vec![format!("CREATE DOMAIN {name} AS {}", domain.data_type.text)];
    clauses.extend(domain.collation.as_ref().map(|collation| format!("COLLATE {collation}")));
    clauses.extend(domain.default.as_ref().map(|default| format!("DEFAULT {default}")));
    if domain.not_null {
        clauses.push("NOT NULL".to_owned());
    }
    for constraint in domain.constraints.iter().filter(|constraint| constraint.validated) {
        let name = quote_ident(&constraint.name);
        clauses.push(format!("CONSTRAINT {name} {}", constraint.definition));
    }
    let mut statement = clauses.join(" ");
    for constraint in domain.constraints.iter().filter(|constraint| !constraint.validated) {
        let (constraint, definition) = (quote_ident(&constraint.name), &constraint.definition);
        statement += &format!(";\nALTER DOMAIN {name} ADD CONSTRAINT {constraint} {definition}");
    }
    statement
}

fn alter_domain(name: &Name, before: &Domain, after: &Domain) -> Option<Statements> {
    let same_base = before.data_type == after.data_type && before.collation == after.collation;
    let alter = |action: String| format!("ALTER DOMAIN {name} {action}");
    let mut statements = Vec::new();
    if before.default != after.default {
        statements.push(alter(match &before.default {
            Some(default) => format!("SET DEFAULT {default}"),
            None => "DROP DEFAULT".to_owned(),
        }));
    }
    if before.not_null != after.not_null {
        let verb = if before.not_null { "SET" } else { "DROP" };
        statements.push(alter(format!("{verb} NOT NULL")));
    }
    same_base.then_some(statements)
}

fn comment_on_constraint(domain: &Name, constraint: &DomainConstraint) -> String {
    let address = Object::domain_constraint(domain, &constraint.name).address;
    let comment = constraint.comment.as_deref().map_or("NULL".to_owned(), quote_literal);
    format!("COMMENT ON {address} IS {comment}")
}

fn create_range(name: &Name, range: &Range) -> String {
    let mut options = vec![format!("SUBTYPE = {}", range.subtype)];
    options.extend(range.operator_class.as_ref().map(|class| format!("SUBTYPE_OPCLASS = {class}")));
    options.extend(range.collation.as_ref().map(|collation| format!("COLLATION = {collation}")));
    options.extend(range.canonical.as_ref().map(|function| format!("CANONICAL = {function}")));
    options
        .extend(range.subtype_diff.as_ref().map(|function| format!("SUBTYPE_DIFF = {function}")));
    options.push(format!("MULTIRANGE_TYPE_NAME = {}", range.multirange));
    format!("CREATE TYPE {name} AS RANGE ({})", options.join(", "))
}
