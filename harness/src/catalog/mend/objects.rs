//! Schemas, extensions, routines, sequences, default privileges and the rarer objects.

use super::about::grants;
use super::{Mender, Pair, Statements, alter_options, options};
use crate::catalog::name::{quote_dollar, quote_ident, quote_literal};
use crate::catalog::object::Object;
use crate::catalog::{
    DefaultPrivileges, Extension, Kind, Other, Routine, RoutineKind, Schema, Sequence,
};

impl Mender<'_> {
    pub(in crate::catalog) fn schema(&self, pair: Pair<'_, Schema>) -> Option<Statements> {
        match pair {
            (Some(before), Some(after)) => {
                Self::say(&Object::schema(before), &before.about, &after.about)
            }
            (Some(before), None) => {
                let object = Object::schema(before);
                let mut statements = vec![format!("CREATE {}", object.address)];
                statements.extend(self.say_all(&object, &before.about)?);
                Some(statements)
            }
            (None, after) => Self::dropped(&Object::schema(after?)),
        }
    }

    /// There is hardly ever a way from a version to an earlier one.
    pub(in crate::catalog) fn extension(&self, pair: Pair<'_, Extension>) -> Option<Statements> {
        let (before, after) = match pair {
            (None, after) => return Self::dropped(&Object::extension(after?)),
            (Some(before), after) => (before, after),
        };
        let name = quote_ident(&before.name);
        let (schema, version) = (quote_ident(&before.schema), quote_literal(&before.version));
        let Some(after) = after else {
            let mut statements =
                vec![format!("CREATE EXTENSION {name} SCHEMA {schema} VERSION {version}")];
            if let Some(comment) = &before.about.comment {
                statements
                    .push(format!("COMMENT ON EXTENSION {name} IS {}", quote_literal(comment)));
            }
            return Some(statements);
        };
        let mut like = after.clone();
        let mut statements = Vec::new();
        if after.schema != before.schema {
            like.schema.clone_from(&before.schema);
            statements.push(format!("ALTER EXTENSION {name} SET SCHEMA {schema}"));
        }
        if after.about.owner == before.about.owner {
            like.about = before.about.clone();
            let object = Object::extension(before);
            statements.extend(Self::say(&object, &before.about, &after.about)?);
        }
        (like == *before).then_some(statements)
    }

    pub(in crate::catalog) fn sequence(&self, pair: Pair<'_, Sequence>) -> Option<Statements> {
        let (before, after) = match pair {
            (None, after) => return Self::dropped(&Object::sequence(after?)),
            (Some(before), after) => (before, after),
        };
        let object = Object::sequence(before);
        let owner = before.owned_by.as_ref().map_or("NONE".to_owned(), |owner| {
            format!("{}.{}", owner.table, quote_ident(&owner.column))
        });
        let owned = format!("ALTER {} OWNED BY {owner}", object.address);
        let Some(after) = after else {
            let mut statements = vec![create_sequence(before)];
            // The owner of the column has to own the sequence first.
            statements.extend(self.say_all(&object, &before.about)?);
            if before.owned_by.is_some() {
                statements.push(owned);
            }
            return Some(statements);
        };
        let mut statements = Vec::new();
        let options = sequence_options(before);
        if options != sequence_options(after) {
            statements.push(format!("ALTER {} {options}", object.address));
        }
        if before.unlogged != after.unlogged {
            let logged = if before.unlogged { "UNLOGGED" } else { "LOGGED" };
            statements.push(format!("ALTER {} SET {logged}", object.address));
        }
        statements.extend(Self::say(&object, &before.about, &after.about)?);
        if before.owned_by != after.owned_by {
            statements.push(owned);
        }
        Some(statements)
    }

    /// Makes the sequences that a column owns, and then makes it own them. The
    /// column's table is to be made or altered in between.
    pub(super) fn owned_sequences(
        &self,
        is_owned: impl Fn(&crate::catalog::OwnedBy) -> bool,
    ) -> Option<(Statements, Statements)> {
        let (mut first, mut last) = (Vec::new(), Vec::new());
        for sequence in &self.before.sequences {
            let Some(owner) = sequence.owned_by.as_ref().filter(|owner| is_owned(owner)) else {
                continue;
            };
            if self.after.sequences.iter().any(|other| other.name == sequence.name) {
                continue;
            }
            first.push(create_sequence(sequence));
            let object = Object::sequence(sequence);
            let column = format!("{}.{}", owner.table, quote_ident(&owner.column));
            last.extend(self.say_all(&object, &sequence.about)?);
            last.push(format!("ALTER {} OWNED BY {column}", object.address));
        }
        Some((first, last))
    }

    pub(in crate::catalog) fn routine(&self, pair: Pair<'_, Routine>) -> Option<Statements> {
        let (before, after) = match pair {
            (None, after) => return Self::dropped(&Object::routine(after?)),
            (Some(before), after) => (before, after),
        };
        let object = Object::routine(before);
        if let Some(after) = after {
            let same = before.arguments == after.arguments
                && before.result == after.result
                && before.kind == after.kind;
            if same {
                let like = Routine { about: before.about.clone(), ..after.clone() };
                let mut statements = Vec::new();
                if like != *before {
                    statements.push(create_routine(before));
                }
                statements.extend(Self::say(&object, &before.about, &after.about)?);
                return Some(statements);
            }
        }
        let mut statements = match after {
            Some(after) => Self::dropped(&Object::routine(after))?,
            None => Vec::new(),
        };
        statements.push(create_routine(before));
        statements.extend(self.say_all(&object, &before.about)?);
        Some(statements)
    }

    pub(in crate::catalog) fn default_privileges(
        &self,
        pair: Pair<'_, DefaultPrivileges>,
    ) -> Option<Statements> {
        let (before, after) = pair;
        let entry = before.or(after)?;
        let granted = |of: Option<&DefaultPrivileges>| {
            of.map_or_else(|| entry.otherwise.clone(), |entry| entry.privileges.clone())
        };
        let schema =
            entry.schema.as_ref().map(|schema| format!(" IN SCHEMA {}", quote_ident(schema)));
        let role = quote_ident(&entry.role);
        let prefix =
            format!("ALTER DEFAULT PRIVILEGES FOR ROLE {role}{} ", schema.unwrap_or_default());
        let on = format!(" ON {}", entry.objects.to_uppercase());
        grants(&granted(before), &granted(after), Some(&entry.role), None, &on, &prefix)
    }

    pub(in crate::catalog) fn other(&self, pair: Pair<'_, Other>) -> Option<Statements> {
        let (before, after) = match pair {
            (None, after) => return Self::dropped(&Object::other(after?)),
            (Some(before), after) => (before, after),
        };
        let object = Object::other(before);
        if let Some(after) = after.filter(|after| after.definition == before.definition) {
            let mut statements = Vec::new();
            if before.options != after.options {
                let options = alter_options(&before.options, &after.options)?;
                statements.push(format!("ALTER {} {options}", object.address));
            }
            statements.extend(Self::say(&object, &before.about, &after.about)?);
            return Some(statements);
        }
        // Its connection string is not known.
        if before.kind == Kind::Subscription {
            return None;
        }
        let mut statements = match after {
            Some(after) => Self::dropped(&Object::other(after))?,
            None => Vec::new(),
        };
        statements.push(format!("{}{}", before.definition, options(&before.options)?));
        statements.extend(self.say_all(&object, &before.about)?);
        Some(statements)
    }
}

pub(super) fn create_sequence(sequence: &Sequence) -> String {
    let unlogged = if sequence.unlogged { "UNLOGGED " } else { "" };
    format!("CREATE {unlogged}SEQUENCE {} {}", sequence.name, sequence_options(sequence))
}

/// The options of a sequence, all of them, so that they set one as they make one.
pub(super) fn sequence_options(sequence: &Sequence) -> String {
    let Sequence { data_type, start, increment, minimum, maximum, cache, cycle, .. } = sequence;
    let no = if *cycle { "" } else { "NO " };
    format!(
        "AS {data_type} INCREMENT BY {increment} MINVALUE {minimum} MAXVALUE {maximum} \
         START WITH {start} CACHE {cache} {no}CYCLE"
    )
}

fn create_routine(routine: &Routine) -> String {
    let Routine { name, arguments, language, .. } = routine;
    let procedure = routine.kind == RoutineKind::Procedure;
    let kind = if procedure { "PROCEDURE" } else { "FUNCTION" };
    let mut clauses = vec![format!("CREATE OR REPLACE {kind} {name}({arguments})")];
    if let Some(result) = &routine.result {
        clauses.push(format!("RETURNS {result}"));
    }
    clauses.push(format!("LANGUAGE {}", quote_ident(language)));
    if !routine.transforms.is_empty() {
        let types: Vec<_> =
            routine.transforms.iter().map(|name| format!("FOR TYPE {name}")).collect();
        clauses.push(format!("TRANSFORM {}", types.join(", ")));
    }
    if !procedure {
        if routine.kind == RoutineKind::Window {
            clauses.push("WINDOW".to_owned());
        }
        if routine.volatility != "volatile" {
            clauses.push(routine.volatility.to_uppercase());
        }
        if routine.strict {
            clauses.push("STRICT".to_owned());
        }
        if routine.leakproof {
            clauses.push("LEAKPROOF".to_owned());
        }
        if routine.parallel != "unsafe" {
            clauses.push(format!("PARALLEL {}", routine.parallel.to_uppercase()));
        }
        let cheap = matches!(language.as_str(), "c" | "internal");
        if routine.cost != if cheap { "1" } else { "100" } {
            clauses.push(format!("COST {}", routine.cost));
        }
        if let Some(rows) = routine.rows.as_ref().filter(|rows| *rows != "1000") {
            clauses.push(format!("ROWS {rows}"));
        }
        if let Some(support) = &routine.support {
            clauses.push(format!("SUPPORT {support}"));
        }
    }
    if routine.security_definer {
        clauses.push("SECURITY DEFINER".to_owned());
    }
    for setting in &routine.settings {
        let (setting, value) = setting.split_once('=').unwrap_or((setting, ""));
        clauses.push(format!(
            "SET {} TO {}",
            quote_setting(setting),
            setting_value(setting, value)
        ));
    }
    clauses.push(match (&routine.sql_body, &routine.library) {
        (Some(body), _) => body.clone(),
        (None, Some(library)) => {
            format!("AS {}, {}", quote_literal(library), quote_literal(&routine.body))
        }
        (None, None) => format!("AS {}", quote_dollar(&routine.body)),
    });
    clauses.join("\n")
}

/// A setting's name, which may have a prefix of its own.
fn quote_setting(name: &str) -> String {
    name.split('.').map(quote_ident).collect::<Vec<_>>().join(".")
}

/// A setting's value. Those that are lists are kept as they were written, their
/// elements quoted already.
fn setting_value(name: &str, value: &str) -> String {
    const LISTS: [&str; 7] = [
        "datestyle",
        "local_preload_libraries",
        "search_path",
        "session_preload_libraries",
        "shared_preload_libraries",
        "temp_tablespaces",
        "unix_socket_directories",
    ];
    let is_list = LISTS.contains(&name.to_lowercase().as_str());
    if is_list && !value.is_empty() { value.to_owned() } else { quote_literal(value) }
}
