//! What hangs on tables and views: constraints, indexes, triggers, policies, rules; and views.

use super::{Mender, Pair, Statements, reset, settings};
use crate::catalog::name::quote_ident;
use crate::catalog::object::Object;
use crate::catalog::{Column, Constraint, Enabled, Index, Kind, Name, Policy, Rule, Trigger, View};

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

    pub(in crate::catalog) fn trigger(
        &self,
        table: &Name,
        pair: Pair<'_, Trigger>,
    ) -> Option<Statements> {
        let object = |trigger: &Trigger| Object::on(Kind::Trigger, table, &trigger.name);
        let (before, after) = match pair {
            // A partition's copy stands out only while it is enabled on its own.
            (None, Some(after)) if after.inherited => return None,
            (None, after) => return Self::dropped(&object(after?)),
            (Some(before), None) if before.inherited => {
                return Some(vec![enable(table, "TRIGGER", &before.name, before.enabled)]);
            }
            (Some(before), after) => (before, after),
        };
        let mut statements = Vec::new();
        if let Some(after) = after {
            let like =
                Trigger { enabled: before.enabled, about: before.about.clone(), ..after.clone() };
            if like == *before {
                if before.enabled != after.enabled {
                    statements.push(enable(table, "TRIGGER", &before.name, before.enabled));
                }
                statements.extend(Self::say(&object(before), &before.about, &after.about)?);
                return Some(statements);
            }
            statements = Self::dropped(&object(after))?;
        }
        statements.extend(self.create_trigger(table, before)?);
        Some(statements)
    }

    pub(super) fn create_trigger(&self, table: &Name, trigger: &Trigger) -> Option<Statements> {
        let mut statements = Vec::new();
        if !trigger.inherited {
            statements.push(trigger.definition.clone());
        }
        if trigger.enabled != Enabled::Origin || trigger.inherited {
            statements.push(enable(table, "TRIGGER", &trigger.name, trigger.enabled));
        }
        let object = Object::on(Kind::Trigger, table, &trigger.name);
        statements.extend(self.say_all(&object, &trigger.about)?);
        Some(statements)
    }

    pub(in crate::catalog) fn policy(
        &self,
        table: &Name,
        pair: Pair<'_, Policy>,
    ) -> Option<Statements> {
        let object = |policy: &Policy| Object::on(Kind::Policy, table, &policy.name);
        let (before, after) = match pair {
            (None, after) => return Self::dropped(&object(after?)),
            (Some(before), after) => (before, after),
        };
        let mut statements = Vec::new();
        if let Some(after) = after {
            let like = Policy { about: before.about.clone(), ..after.clone() };
            if like == *before {
                return Self::say(&object(before), &before.about, &after.about);
            }
            statements = Self::dropped(&object(after))?;
        }
        let kind = if before.permissive { "PERMISSIVE" } else { "RESTRICTIVE" };
        let mut clauses = vec![format!(
            "CREATE POLICY {} ON {table} AS {kind} FOR {} TO {}",
            quote_ident(&before.name),
            before.command.to_uppercase(),
            before.roles.join(", ")
        )];
        clauses.extend(before.using.as_ref().map(|using| format!("USING ({using})")));
        clauses.extend(before.check.as_ref().map(|check| format!("WITH CHECK ({check})")));
        statements.push(clauses.join(" "));
        statements.extend(self.say_all(&object(before), &before.about)?);
        Some(statements)
    }

    pub(in crate::catalog) fn rule(
        &self,
        table: &Name,
        pair: Pair<'_, Rule>,
    ) -> Option<Statements> {
        let object = |rule: &Rule| Object::on(Kind::Rule, table, &rule.name);
        let (before, after) = match pair {
            (None, after) => return Self::dropped(&object(after?)),
            (Some(before), after) => (before, after),
        };
        let mut statements = Vec::new();
        if let Some(after) = after {
            let like =
                Rule { enabled: before.enabled, about: before.about.clone(), ..after.clone() };
            if like == *before {
                if before.enabled != after.enabled {
                    statements.push(enable(table, "RULE", &before.name, before.enabled));
                }
                statements.extend(Self::say(&object(before), &before.about, &after.about)?);
                return Some(statements);
            }
            statements = Self::dropped(&object(after))?;
        }
        statements.extend(self.create_rule(table, before)?);
        Some(statements)
    }

    pub(super) fn create_rule(&self, table: &Name, rule: &Rule) -> Option<Statements> {
        let mut statements = vec![rule.definition.trim_end_matches(';').to_owned()];
        if rule.enabled != Enabled::Origin {
            statements.push(enable(table, "RULE", &rule.name, rule.enabled));
        }
        let object = Object::on(Kind::Rule, table, &rule.name);
        statements.extend(self.say_all(&object, &rule.about)?);
        Some(statements)
    }

    pub(in crate::catalog) fn view(&self, pair: Pair<'_, View>) -> Option<Statements> {
        let (before, after) = match pair {
            (None, after) => return Self::dropped(&Object::view(after?)),
            (Some(before), None) => return self.create_view(before),
            (Some(before), Some(after)) => (before, after),
        };
        let object = Object::view(before);
        if self.is_remade(before, after) {
            let mut statements = Self::dropped(&Object::view(after))?;
            statements.extend(self.create_view(before)?);
            return Some(statements);
        }
        let mut like = after.clone();
        let mut statements = Vec::new();
        if before.definition != after.definition {
            statements.push(define_view(before, true));
            like.definition.clone_from(&before.definition);
            like.options.clone_from(&before.options);
            let is_new = |column: &&Column| !after.columns.iter().any(|c| c.name == column.name);
            for column in before.columns.iter().filter(is_new) {
                statements.extend(self.finish_view_column(before, column)?);
            }
        }
        let alter = |action: String| format!("ALTER {} {action}", object.address);
        let actions = reset(&before.options, &like.options, "");
        statements.extend(actions.into_iter().map(alter));
        let actions = reset(&before.toast_options, &after.toast_options, "toast.");
        statements.extend(actions.into_iter().map(alter));
        if let Some(method) =
            before.access_method.as_ref().filter(|_| before.access_method != after.access_method)
        {
            statements.push(alter(format!("SET ACCESS METHOD {}", quote_ident(method))));
        }
        if before.tablespace != after.tablespace {
            let tablespace = before.tablespace.as_deref().unwrap_or("pg_default");
            statements.push(alter(format!("SET TABLESPACE {}", quote_ident(tablespace))));
        }
        if before.populated != after.populated {
            let with = if before.populated { "" } else { " WITH NO DATA" };
            statements.push(format!("REFRESH MATERIALIZED VIEW {}{with}", before.name));
        }
        statements.extend(Self::say(&object, &before.about, &after.about)?);
        Some(statements)
    }

    /// Whether a view has to be dropped and made again to be as before:
    /// `CREATE OR REPLACE` can only append columns.
    pub(in crate::catalog) fn is_remade(&self, before: &View, after: &View) -> bool {
        let columns = |view: &View| {
            let columns = view.columns.iter();
            columns
                .map(|c| (c.name.clone(), c.data_type.clone(), c.collation.clone()))
                .collect::<Vec<_>>()
        };
        before.materialized != after.materialized
            || before.definition != after.definition
                && (before.materialized || !columns(before).starts_with(&columns(after)))
    }

    fn create_view(&self, view: &View) -> Option<Statements> {
        let name = &view.name;
        let object = Object::view(view);
        let mut statements = vec![define_view(view, false)];
        for index in &view.indexes {
            statements.push(create_index(index)?);
            statements.extend(self.finish_index(name, index)?);
        }
        for trigger in &view.triggers {
            statements.extend(self.create_trigger(name, trigger)?);
        }
        for rule in &view.rules {
            statements.extend(self.create_rule(name, rule)?);
        }
        statements.extend(self.say_all(&object, &view.about)?);
        for column in &view.columns {
            statements.extend(self.finish_view_column(view, column)?);
        }
        Some(statements)
    }

    /// What the query of a view does not say of a column.
    fn finish_view_column(&self, view: &View, column: &Column) -> Option<Statements> {
        let alter = |action: String| {
            format!("ALTER TABLE {} ALTER COLUMN {} {action}", view.name, quote_ident(&column.name))
        };
        let default = column.default.as_ref().map(|default| format!("SET DEFAULT {default}"));
        let storage = column.storage.as_ref().filter(|_| view.materialized);
        let storage = storage.map(|storage| format!("SET STORAGE {storage}"));
        let mut statements: Statements = default.into_iter().chain(storage).map(alter).collect();
        statements.extend(self.finish_column(&view.name, column)?);
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

fn enable(table: &Name, what: &str, name: &str, enabled: Enabled) -> String {
    format!("ALTER TABLE {table} {} {what} {}", enabled.as_sql(), quote_ident(name))
}

fn define_view(view: &View, replace: bool) -> String {
    let View { name, .. } = view;
    let query = view.definition.trim().trim_end_matches(';');
    let mut with = settings(&view.options, "");
    with.extend(settings(&view.toast_options, "toast."));
    let with = if with.is_empty() { String::new() } else { format!(" WITH ({})", with.join(", ")) };
    if !view.materialized {
        let replace = if replace { "OR REPLACE " } else { "" };
        return format!("CREATE {replace}VIEW {name}{with} AS\n {query}");
    }
    let method = view.access_method.as_deref().filter(|method| *method != "heap");
    let method = method.map(|method| format!(" USING {}", quote_ident(method)));
    let tablespace =
        view.tablespace.as_ref().map(|name| format!(" TABLESPACE {}", quote_ident(name)));
    let no_data = if view.populated { "" } else { "\nWITH NO DATA" };
    format!(
        "CREATE MATERIALIZED VIEW {name}{}{with}{} AS\n {query}{no_data}",
        method.unwrap_or_default(),
        tablespace.unwrap_or_default(),
    )
}
