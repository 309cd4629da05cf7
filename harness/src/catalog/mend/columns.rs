//! Columns.

use super::objects::sequence_options;
use super::{Mender, Pair, Statements, alter_options, options, reset, settings};
use crate::catalog::name::quote_ident;
use crate::catalog::object::Object;
use crate::catalog::{Column, Identity, Name};

impl Mender<'_> {
    /// A column of a table, or of a view, whose columns come with its definition.
    pub(in crate::catalog) fn column(
        &self,
        table: &Name,
        pair: Pair<'_, Column>,
    ) -> Option<Statements> {
        let (before, after) = match pair {
            (None, after) => {
                let column = quote_ident(&after?.name);
                return Some(vec![format!("ALTER TABLE {table} DROP COLUMN {column}")]);
            }
            (Some(before), after) => (before, after),
        };
        let Some(after) = after else {
            let (mut statements, owned) =
                self.owned_sequences(|owner| owner.table == *table && owner.column == before.name)?;
            statements.push(format!("ALTER TABLE {table} ADD COLUMN {}", define(before)?));
            statements.extend(self.finish_column(table, before)?);
            statements.extend(owned);
            return Some(statements);
        };
        let alter = |action: String| {
            format!("ALTER TABLE {table} ALTER COLUMN {} {action}", quote_ident(&before.name))
        };
        if before.generated != after.generated && before.generated.is_some() {
            // Postgres gives a column a generated expression only as it makes it.
            let mut statements = self.column(table, (None, Some(after)))?;
            statements.extend(self.column(table, (Some(before), None))?);
            return Some(statements);
        }
        let mut like = after.clone();
        let mut statements = Vec::new();
        if before.generated != after.generated {
            statements.push(alter("DROP EXPRESSION".to_owned()));
            like.generated = None;
        }
        let retyped = before.data_type != after.data_type || before.collation != after.collation;
        if retyped {
            if after.default.is_some() && before.default != after.default {
                // The default need not fit the other type.
                statements.push(alter("DROP DEFAULT".to_owned()));
                like.default = None;
            }
            let (name, text) = (quote_ident(&before.name), &before.data_type.text);
            let collation = before.collation.as_ref().map(|c| format!(" COLLATE {c}"));
            let collation = collation.unwrap_or_default();
            statements.push(alter(format!("TYPE {text}{collation} USING {name}::{text}")));
            like.data_type = before.data_type.clone();
            like.collation.clone_from(&before.collation);
        }
        if before.not_null != after.not_null {
            let verb = if before.not_null { "SET" } else { "DROP" };
            let at = if before.not_null { statements.len() } else { 0 };
            // An identity column has to be not null first, and last.
            let drops_identity = before.identity.is_none() && after.identity.is_some();
            if !drops_identity {
                statements.insert(at, alter(format!("{verb} NOT NULL")));
            }
        }
        if before.identity != after.identity {
            statements.extend(self.identity(table, before, after)?);
            like.identity.clone_from(&before.identity);
        }
        if before.not_null != after.not_null {
            let drops_identity = before.identity.is_none() && after.identity.is_some();
            if drops_identity {
                let verb = if before.not_null { "SET" } else { "DROP" };
                statements.push(alter(format!("{verb} NOT NULL")));
            }
            like.not_null = before.not_null;
        }
        if before.default != like.default {
            statements.push(alter(match &before.default {
                Some(default) => format!("SET DEFAULT {default}"),
                None => "DROP DEFAULT".to_owned(),
            }));
        }
        like.default.clone_from(&before.default);
        if before.storage != after.storage || retyped && before.storage.is_some() {
            let storage = before.storage.as_deref().unwrap_or("DEFAULT");
            statements.push(alter(format!("SET STORAGE {}", storage.to_uppercase())));
            like.storage.clone_from(&before.storage);
        }
        if before.compression != after.compression {
            let compression = before.compression.as_deref().unwrap_or("default");
            statements.push(alter(format!("SET COMPRESSION {compression}")));
            like.compression.clone_from(&before.compression);
        }
        if before.statistics != after.statistics {
            statements.push(alter(format!("SET STATISTICS {}", before.statistics.unwrap_or(-1))));
            like.statistics = before.statistics;
        }
        if before.options != after.options {
            let actions = reset(&before.options, &after.options, "");
            statements.extend(actions.into_iter().map(alter));
            like.options.clone_from(&before.options);
        }
        if before.server_options != after.server_options {
            let options = alter_options(&before.server_options, &after.server_options)?;
            statements.push(alter(options));
            like.server_options.clone_from(&before.server_options);
        }
        let object = Object::column(table, &before.name);
        statements.extend(Self::say(&object, &before.about, &after.about)?);
        like.about = before.about.clone();
        (like == *before).then_some(statements)
    }

    fn identity(&self, table: &Name, before: &Column, after: &Column) -> Option<Statements> {
        let column = quote_ident(&before.name);
        let alter = |action: String| format!("ALTER TABLE {table} ALTER COLUMN {column} {action}");
        let mut statements = Vec::new();
        match (&before.identity, &after.identity) {
            (None, _) => statements.push(alter("DROP IDENTITY".to_owned())),
            (Some(old), None) => {
                statements.push(alter(format!("ADD GENERATED {}", generated(old))));
                statements
                    .extend(self.say_all(&Object::sequence(&old.sequence), &old.sequence.about)?);
            }
            (Some(old), Some(new)) => {
                if old.always != new.always {
                    let how = if old.always { "ALWAYS" } else { "BY DEFAULT" };
                    statements.push(alter(format!("SET GENERATED {how}")));
                }
                let name = &new.sequence.name;
                if old.sequence.name != *name {
                    if old.sequence.name.schema != name.schema {
                        return None;
                    }
                    let to = quote_ident(&old.sequence.name.name);
                    statements.push(format!("ALTER SEQUENCE {name} RENAME TO {to}"));
                }
                statements.extend(self.sequence((
                    Some(&old.sequence),
                    Some(&crate::catalog::Sequence {
                        name: old.sequence.name.clone(),
                        ..new.sequence.clone()
                    }),
                ))?);
            }
        }
        Some(statements)
    }

    /// What a definition has no place for.
    pub(super) fn finish_column(&self, table: &Name, column: &Column) -> Option<Statements> {
        let alter = |action: String| {
            format!("ALTER TABLE {table} ALTER COLUMN {} {action}", quote_ident(&column.name))
        };
        let mut statements = Vec::new();
        if let Some(target) = column.statistics {
            statements.push(alter(format!("SET STATISTICS {target}")));
        }
        if !column.options.is_empty() {
            statements.push(alter(format!("SET ({})", settings(&column.options, "").join(", "))));
        }
        if let Some(identity) = &column.identity {
            let sequence = &identity.sequence;
            let about = crate::catalog::About {
                owner: sequence.about.owner.clone(),
                ..sequence.about.clone()
            };
            let said = self.say_all(&Object::sequence(sequence), &about)?;
            // Its owner is the table's, and cannot be another.
            statements.extend(said.into_iter().filter(|s| !s.contains(" OWNER TO ")));
        }
        statements.extend(self.say_all(&Object::column(table, &column.name), &column.about)?);
        Some(statements)
    }
}

/// A column as `CREATE TABLE` and `ADD COLUMN` have it.
pub(super) fn define(column: &Column) -> Option<String> {
    let mut clauses = vec![quote_ident(&column.name), column.data_type.text.clone()];
    clauses.extend(column.storage.as_ref().map(|storage| format!("STORAGE {storage}")));
    clauses.extend(column.compression.as_ref().map(|method| format!("COMPRESSION {method}")));
    let options = options(&column.server_options)?;
    if !options.is_empty() {
        clauses.push(options.trim_start().to_owned());
    }
    clauses.extend(column.collation.as_ref().map(|collation| format!("COLLATE {collation}")));
    clauses.extend(column.default.as_ref().map(|default| format!("DEFAULT {default}")));
    if let Some(generated) = &column.generated {
        let stored = if generated.stored { " STORED" } else { " VIRTUAL" };
        clauses.push(format!("GENERATED ALWAYS AS ({}){stored}", generated.expression));
    }
    if let Some(identity) = &column.identity {
        clauses.push(format!("GENERATED {}", generated(identity)));
    }
    if column.not_null {
        clauses.push("NOT NULL".to_owned());
    }
    Some(clauses.join(" "))
}

fn generated(identity: &Identity) -> String {
    let how = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
    let sequence = &identity.sequence;
    // The type is the column's.
    let options = sequence_options(sequence);
    let options = options.split_once(" INCREMENT").map_or("", |(_, options)| options);
    format!("{how} AS IDENTITY (SEQUENCE NAME {} INCREMENT{options})", sequence.name)
}
