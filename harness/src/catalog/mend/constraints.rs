//! Constraints and indexes.

use super::{Mender, Pair, Statements, reset, settings};
use crate::catalog::name::quote_ident;
use crate::catalog::object::Object;
use crate::catalog::{Constraint, Index, Kind, Name};

impl Mender<'_> {
    /// A constraint, with the index it owns, before and after.
    pub(in crate::catalog) fn constraint(
        &self,
        table: &Name,
        pair: Pair<'_, Constraint>,
        indexes: Pair<'_, Index>,
    ) -> Option<Statements> {
        let drop = |constraint: &Constraint| {
            format!("ALTER TABLE {table} DROP CONSTRAINT {}", quote_ident(&constraint.name))
        };
        let (before, after) = match pair {
            (None, after) => return Some(vec![drop(after?)]),
            (Some(before), after) => (before, after),
        };
        let object = Object::on(Kind::Constraint, table, &before.name);
        if let Some(after) = after {
            let said = Constraint { about: before.about.clone(), ..after.clone() };
            if said == *before {
                return Self::say(&object, &before.about, &after.about);
            }
            let validated =
                Constraint { validated: true, definition: before.definition.clone(), ..said };
            if validated == *before && !after.validated {
                let name = quote_ident(&before.name);
                let mut statements =
                    vec![format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}")];
                statements.extend(Self::say(&object, &before.about, &after.about)?);
                return Some(statements);
            }
            let inherited = (before.inherited, before.not_local, &before.attached_to);
            if inherited != (after.inherited, after.not_local, &after.attached_to) {
                return None;
            }
        }
        if before.disabled {
            return None;
        }
        let mut statements: Statements = after.into_iter().map(drop).collect();
        statements.push(add_constraint(table, before));
        statements.extend(self.say_all(&object, &before.about)?);
        if let Some(index) = indexes.0 {
            statements.extend(self.finish_index(table, index)?);
        }
        Some(statements)
    }

    pub(in crate::catalog) fn index(
        &self,
        table: &Name,
        pair: Pair<'_, Index>,
    ) -> Option<Statements> {
        let (before, after) = match pair {
            (None, after) => return Self::dropped(&Object::index(table, &after?.name)),
            (Some(before), after) => (before, after),
        };
        let object = Object::index(table, &before.name);
        if let Some(after) = after {
            let mut like = after.clone();
            let mut statements = Vec::new();
            if before.valid && before.ready && !(after.valid && after.ready) {
                statements.push(format!("REINDEX {}", object.address));
                (like.valid, like.ready) = (true, true);
            }
            let actions = reset(&before.options, &after.options, "");
            let actions =
                actions.into_iter().map(|action| format!("ALTER {} {action}", object.address));
            statements.extend(actions);
            like.options.clone_from(&before.options);
            if before.tablespace != after.tablespace {
                let tablespace = before.tablespace.as_deref().unwrap_or("pg_default");
                let tablespace = quote_ident(tablespace);
                statements.push(format!("ALTER {} SET TABLESPACE {tablespace}", object.address));
                like.tablespace.clone_from(&before.tablespace);
            }
            if before.clustered != after.clustered {
                statements.push(cluster(table, before));
                like.clustered = before.clustered;
            }
            for number in before.statistics.keys().chain(after.statistics.keys()) {
                let target = before.statistics.get(number).copied();
                if target != like.statistics.get(number).copied() {
                    statements.push(statistics(&object, *number, target.unwrap_or(-1)));
                    match target {
                        Some(target) => like.statistics.insert(*number, target),
                        None => like.statistics.remove(number),
                    };
                }
            }
            statements.extend(Self::say(&object, &before.about, &after.about)?);
            like.about = before.about.clone();
            if without_options(before) == without_options(after) {
                like.definition.clone_from(&before.definition);
            }
            if like == *before {
                return Some(statements);
            }
            // Neither a constraint nor the index of a partitioned table lets go of its index.
            if before.of_constraint || after.attached_to.is_some() {
                return None;
            }
        }
        let mut statements = match after {
            Some(_) => Self::dropped(&object)?,
            None => Vec::new(),
        };
        statements.push(create_index(before)?);
        if let Some(parent) = &before.attached_to {
            let name = table.sibling(&before.name);
            statements.push(format!("ALTER INDEX {parent} ATTACH PARTITION {name}"));
        }
        statements.extend(self.finish_index(table, before)?);
        Some(statements)
    }

    /// What neither an index's definition nor its constraint's holds.
    pub(super) fn finish_index(&self, table: &Name, index: &Index) -> Option<Statements> {
        let object = Object::index(table, &index.name);
        let mut statements = Vec::new();
        if index.clustered {
            statements.push(cluster(table, index));
        }
        for (number, target) in &index.statistics {
            statements.push(statistics(&object, *number, *target));
        }
        if let Some(tablespace) = &index.tablespace {
            let tablespace = quote_ident(tablespace);
            statements.push(format!("ALTER {} SET TABLESPACE {tablespace}", object.address));
        }
        if index.of_constraint && !index.options.is_empty() {
            let options = settings(&index.options, "").join(", ");
            statements.push(format!("ALTER {} SET ({options})", object.address));
        }
        statements.extend(self.say_all(&object, &index.about)?);
        Some(statements)
    }
}

pub(super) fn add_constraint(table: &Name, constraint: &Constraint) -> String {
    let name = quote_ident(&constraint.name);
    format!("ALTER TABLE {table} ADD CONSTRAINT {name} {}", constraint.definition)
}

/// The statement that makes an index; not one that was invalid.
pub(super) fn create_index(index: &Index) -> Option<String> {
    let definition = index.definition.as_ref().filter(|_| index.valid)?;
    // With `ONLY` the index of a partitioned table would stay invalid.
    Some(definition.replacen(" ON ONLY ", " ON ", 1))
}

/// The definition but for the storage parameters, which can be altered.
fn without_options(index: &Index) -> Option<String> {
    let definition = index.definition.as_ref()?;
    let Some((start, rest)) = definition.split_once(" WITH (") else {
        return Some(definition.clone());
    };
    let rest = rest.split_once(')').map_or("", |(_, rest)| rest);
    Some(format!("{start}{rest}"))
}

fn cluster(table: &Name, index: &Index) -> String {
    if index.clustered {
        format!("ALTER TABLE {table} CLUSTER ON {}", quote_ident(&index.name))
    } else {
        format!("ALTER TABLE {table} SET WITHOUT CLUSTER")
    }
}

fn statistics(index: &Object, number: i16, target: i32) -> String {
    format!("ALTER {} ALTER COLUMN {number} SET STATISTICS {target}", index.address)
}
