//! Triggers, policies and rules.

use super::{Mender, Pair, Statements};
use crate::catalog::name::quote_ident;
use crate::catalog::object::Object;
use crate::catalog::{Enabled, Kind, Name, Policy, Rule, Trigger};

impl Mender<'_> {
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
}

fn enable(table: &Name, what: &str, name: &str, enabled: Enabled) -> String {
    format!("ALTER TABLE {table} {} {what} {}", enabled.as_sql(), quote_ident(name))
}
