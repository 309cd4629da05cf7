//! Tables.

use super::columns::define;
use super::constraints::{add_constraint, create_index};
use super::{Mender, Pair, Statements, alter_options, options, reset, settings};
use crate::catalog::name::quote_ident;
use crate::catalog::object::Object;
use crate::catalog::{Column, Constraint, ConstraintKind, Name, Partition, Table, TableKind};

impl Mender<'_> {
    pub(in crate::catalog) fn table(&self, pair: Pair<'_, Table>) -> Option<Statements> {
        match pair {
            (Some(before), Some(after)) => Self::alter_table(before, after),
            (Some(before), None) => self.create_table(before),
            (None, after) => Self::dropped(&Object::table(after?)),
        }
    }

    /// The table itself, without its parts.
    fn alter_table(before: &Table, after: &Table) -> Option<Statements> {
        let object = Object::table(before);
        let name = &before.name;
        let alter = |action: String| format!("ALTER {} {action}", object.address);
        let fixed = |table: &Table| (table.kind, table.partition_key.clone(), table.server.clone());
        if fixed(before) != fixed(after) {
            return None;
        }
        let mut statements = Vec::new();
        if before.unlogged != after.unlogged {
            let logged = if before.unlogged { "UNLOGGED" } else { "LOGGED" };
            statements.push(alter(format!("SET {logged}")));
        }
        if before.of_type != after.of_type {
            statements.push(alter(match &before.of_type {
                Some(of) => format!("OF {of}"),
                None => "NOT OF".to_owned(),
            }));
        }
        if before.partition != after.partition {
            if let Some(Partition { of, .. }) = &after.partition {
                statements.push(format!("ALTER TABLE {of} DETACH PARTITION {name}"));
            }
            statements.extend(before.partition.as_ref().map(|partition| attach(name, partition)));
        }
        if before.inherits != after.inherits {
            let kept = |parent: &&Name| before.inherits.contains(parent);
            let gone = after.inherits.iter().filter(|parent| !kept(parent));
            statements.extend(gone.map(|parent| alter(format!("NO INHERIT {parent}"))));
            let new = before.inherits.iter().filter(|parent| !after.inherits.contains(parent));
            statements.extend(new.clone().map(|parent| alter(format!("INHERIT {parent}"))));
            let order: Vec<_> = after.inherits.iter().filter(kept).chain(new).collect();
            if !order.into_iter().eq(&before.inherits) {
                return None;
            }
        }
        if let Some(method) =
            before.access_method.as_ref().filter(|_| before.access_method != after.access_method)
        {
            statements.push(alter(format!("SET ACCESS METHOD {}", quote_ident(method))));
        }
        if before.tablespace != after.tablespace {
            let tablespace = before.tablespace.as_deref().unwrap_or("pg_default");
            statements.push(alter(format!("SET TABLESPACE {}", quote_ident(tablespace))));
        }
        let mut actions = reset(&before.options, &after.options, "");
        actions.extend(reset(&before.toast_options, &after.toast_options, "toast."));
        if before.row_security != after.row_security {
            actions.push(row_security(before).to_owned());
        }
        if before.row_security_forced != after.row_security_forced {
            actions.push(force_row_security(before).to_owned());
        }
        if before.replica_identity != after.replica_identity {
            actions.push(replica_identity(before)?);
        }
        if before.server_options != after.server_options {
            actions.push(alter_options(&before.server_options, &after.server_options)?);
        }
        statements.extend(actions.into_iter().map(alter));
        statements.extend(Self::say(&object, &before.about, &after.about)?);
        Some(statements)
    }

    fn create_table(&self, table: &Table) -> Option<Statements> {
        let name = &table.name;
        let object = Object::table(table);
        let alter = |action: String| format!("ALTER {} {action}", object.address);
        let (mut statements, owned) = self.owned_sequences(|owner| owner.table == *name)?;
        statements.push(self.define_table(table)?);
        if table.of_type.is_some() || !table.inherits.is_empty() {
            statements.extend(self.override_inherited(table));
        }
        // A partition is made as a table of its own and then attached, which
        // lets it keep its own order of columns and names of indexes.
        let own = |constraint: &&Constraint| table.partition.is_some() || !constraint.not_local;
        let (keys, others): (Vec<_>, Vec<_>) = table
            .constraints
            .iter()
            .filter(own)
            .partition(|c| c.kind == ConstraintKind::ForeignKey);
        for constraint in others.into_iter().chain(keys) {
            statements.push(add_constraint(name, constraint));
            let object = Object::on(crate::catalog::Kind::Constraint, name, &constraint.name);
            statements.extend(self.say_all(&object, &constraint.about)?);
        }
        for index in &table.indexes {
            if !index.of_constraint {
                statements.push(create_index(index)?);
            }
            statements.extend(self.finish_index(name, index)?);
        }
        statements.extend(table.partition.as_ref().map(|partition| attach(name, partition)));
        for trigger in &table.triggers {
            statements.extend(self.create_trigger(name, trigger)?);
        }
        for rule in &table.rules {
            statements.extend(self.create_rule(name, rule)?);
        }
        for policy in &table.policies {
            statements.extend(self.policy(name, (Some(policy), None))?);
        }
        if table.row_security {
            statements.push(alter(row_security(table).to_owned()));
        }
        if table.row_security_forced {
            statements.push(alter(force_row_security(table).to_owned()));
        }
        if table.replica_identity != "default" {
            statements.push(alter(replica_identity(table)?));
        }
        statements.extend(owned);
        statements.extend(self.say_all(&object, &table.about)?);
        for column in &table.columns {
            statements.extend(self.finish_column(name, column)?);
        }
        Some(statements)
    }

    fn define_table(&self, table: &Table) -> Option<String> {
        let own = |column: &&Column| table.partition.is_some() || !column.not_local;
        // A constraint of its own says so for some columns, under its name.
        let named: Vec<_> =
            table.constraints.iter().filter(|c| c.kind == ConstraintKind::NotNull).collect();
        let define = |column: &Column| {
            let is_named = named.iter().any(|constraint| constraint.columns.contains(&column.name));
            define(&Column { not_null: column.not_null && !is_named, ..column.clone() })
        };
        let columns: Option<Vec<_>> = table.columns.iter().filter(own).map(define).collect();
        let mut columns = format!(" (\n    {}\n)", columns?.join(",\n    "));
        if columns.trim() == "(\n    \n)" {
            " ()".clone_into(&mut columns);
        }
        if let Some(of) = &table.of_type {
            columns = format!(" OF {of}");
        }
        let word = match (table.kind, table.unlogged) {
            (TableKind::Foreign, _) => "FOREIGN TABLE",
            (_, true) => "UNLOGGED TABLE",
            (_, false) => "TABLE",
        };
        let mut statement = format!("CREATE {word} {}{columns}", table.name);
        if !table.inherits.is_empty() {
            let parents: Vec<_> = table.inherits.iter().map(Name::to_string).collect();
            statement += &format!(" INHERITS ({})", parents.join(", "));
        }
        if let Some(key) = &table.partition_key {
            statement += &format!(" PARTITION BY {key}");
        }
        if let Some(method) = table.access_method.as_ref().filter(|method| *method != "heap") {
            statement += &format!(" USING {}", quote_ident(method));
        }
        let mut with = settings(&table.options, "");
        with.extend(settings(&table.toast_options, "toast."));
        if !with.is_empty() {
            statement += &format!(" WITH ({})", with.join(", "));
        }
        if let Some(tablespace) = &table.tablespace {
            statement += &format!(" TABLESPACE {}", quote_ident(tablespace));
        }
        if let Some(server) = &table.server {
            statement +=
                &format!(" SERVER {}{}", quote_ident(server), options(&table.server_options)?);
        }
        Some(statement)
    }

    /// What an inherited column or one of a type has of its own.
    fn override_inherited(&self, table: &Table) -> Statements {
        let parents: Vec<_> =
            table.inherits.iter().filter_map(|parent| self.before.table(parent)).collect();
        let mut statements = Vec::new();
        let taken_over = |column: &&Column| table.of_type.is_some() || column.not_local;
        for column in table.columns.iter().filter(taken_over) {
            let inherited = parents.iter().find_map(|parent| parent.column(&column.name));
            let alter = |action: String| {
                let column = quote_ident(&column.name);
                format!("ALTER TABLE ONLY {} ALTER COLUMN {column} {action}", table.name)
            };
            if column.default != inherited.and_then(|column| column.default.clone()) {
                statements.push(alter(match &column.default {
                    Some(default) => format!("SET DEFAULT {default}"),
                    None => "DROP DEFAULT".to_owned(),
                }));
            }
            if column.not_null && !inherited.is_some_and(|column| column.not_null) {
                statements.push(alter("SET NOT NULL".to_owned()));
            }
        }
        statements
    }
}

fn attach(name: &Name, partition: &Partition) -> String {
    format!("ALTER TABLE {} ATTACH PARTITION {name} {}", partition.of, partition.bound)
}

fn row_security(table: &Table) -> &'static str {
    if table.row_security { "ENABLE ROW LEVEL SECURITY" } else { "DISABLE ROW LEVEL SECURITY" }
}

fn force_row_security(table: &Table) -> &'static str {
    if table.row_security_forced {
        "FORCE ROW LEVEL SECURITY"
    } else {
        "NO FORCE ROW LEVEL SECURITY"
    }
}

fn replica_identity(table: &Table) -> Option<String> {
    let identity = &table.replica_identity;
    Some(match identity.strip_prefix("index ") {
        Some("(dropped)") => return None,
        Some(index) => format!("REPLICA IDENTITY USING INDEX {index}"),
        None => format!("REPLICA IDENTITY {}", identity.to_uppercase()),
    })
}
