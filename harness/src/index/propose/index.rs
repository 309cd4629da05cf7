//! An index that is not there yet, and what it is called.

use std::collections::BTreeSet;

use shakedown_reports::index::Origin;

use super::key::Key;
use crate::catalog::{Catalog, Index, Name, Table, quote_ident};
use crate::index::Proposal;

/// The longest name that Postgres keeps, in bytes.
const LONGEST_NAME: usize = 63;

/// An index as it is proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) table: Name,
    /// `btree`, `hash`, `gin`, `gist` or `brin`.
    pub(super) method: &'static str,
    /// What it is ordered by: `created_at DESC`, `title gin_trgm_ops`.
    pub(super) keys: Vec<String>,
    /// What stands for the keys in its name.
    pub(super) words: Vec<String>,
    pub(super) include: Vec<String>,
    pub(super) predicate: Option<String>,
    /// What has to be made first.
    pub(super) extension: Option<&'static str>,
    /// What asks for it, a phrase each.
    pub(super) because: Vec<String>,
}

impl Draft {
    /// A btree over keys in their order.
    pub(super) fn btree(table: &Table, keys: &[Key]) -> Self {
        Self {
            table: table.name.clone(),
            method: "btree",
            keys: keys.iter().map(Key::ordered).collect(),
            words: keys.iter().map(word).collect(),
            include: Vec::new(),
            predicate: None,
            extension: None,
            because: Vec::new(),
        }
    }

    /// An index of another kind on one key, with an operator class if it is not the usual one.
    pub(super) fn other(table: &Table, method: &'static str, key: &Key, class: &str) -> Self {
        let keys = vec![format!("{} {class}", key.sql).trim().to_owned()];
        Self { method, keys, ..Self::btree(table, std::slice::from_ref(key)) }
    }

    pub(super) fn because(mut self, why: String) -> Self {
        self.because.push(why);
        self
    }

    /// The statement that makes it, with a name or without.
    pub(super) fn definition(&self, name: &str) -> String {
        let mut sql = format!("CREATE INDEX {name} ON {}", self.table);
        if name.is_empty() {
            sql = sql.replacen("INDEX  ON", "INDEX ON", 1);
        }
        if self.method != "btree" {
            sql.push_str(&format!(" USING {}", self.method));
        }
        sql.push_str(&format!(" ({})", self.keys.join(", ")));
        if !self.include.is_empty() {
            sql.push_str(&format!(" INCLUDE ({})", self.include.join(", ")));
        }
        if let Some(predicate) = &self.predicate {
            sql.push_str(&format!(" WHERE {predicate}"));
        }
        sql
    }

    /// With a name that nothing of `taken` has; it is taken then, too.
    pub(super) fn proposal(&self, taken: &mut BTreeSet<String>) -> Proposal {
        let name = self.name(taken);
        let full = Name::new(self.table.schema.clone(), name.clone());
        let create = self.definition(&quote_ident(&name));
        let made = self.extension.map(|name| format!("CREATE EXTENSION IF NOT EXISTS {name}"));
        let unmade = self.extension.map(|name| format!("DROP EXTENSION {name}"));
        Proposal {
            name,
            origin: Origin::Proposed,
            tables: vec![self.table.clone()],
            create: made.into_iter().chain([create]).collect(),
            drop: std::iter::once(format!("DROP INDEX {full}")).chain(unmade).collect(),
            because: self.because.clone(),
            promise: None,
            keep: None,
        }
    }

    /// As Postgres would call it, with a word for what is unusual: `items_owner_id_live_idx`.
    fn name(&self, taken: &mut BTreeSet<String>) -> String {
        let mut end = String::new();
        match self.method {
            "btree" => {}
            method => end.push_str(&format!("_{method}")),
        }
        if !self.include.is_empty() {
            end.push_str("_covering");
        }
        if self.predicate.is_some() {
            end.push_str("_part");
        }
        let words = std::iter::once(self.table.name.clone()).chain(self.words.iter().cloned());
        let begin = words.collect::<Vec<_>>().join("_");
        for number in 1.. {
            let number = if number == 1 { String::new() } else { number.to_string() };
            let end = format!("{end}_idx{number}");
            let mut name = begin.clone();
            while name.len() + end.len() > LONGEST_NAME {
                name.pop();
            }
            name.push_str(&end);
            if taken.insert(name.clone()) {
                return name;
            }
        }
        begin
    }
}

/// A key as a part of a name.
fn word(key: &Key) -> String {
    let text = key.column.as_ref().unwrap_or(&key.sql).to_lowercase();
    let letters = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    letters.take(3).collect::<Vec<_>>().join("_")
}

/// Adds a draft, or its reason to one that is the same.
pub(super) fn add(drafts: &mut Vec<Draft>, draft: Draft) {
    let same = |known: &&mut Draft| known.definition("") == draft.definition("");
    match drafts.iter_mut().find(same) {
        Some(known) => {
            let new = draft.because.iter().filter(|why| !known.because.contains(why));
            let new: Vec<String> = new.cloned().collect();
            known.because.extend(new);
        }
        None => drafts.push(draft),
    }
}

/// Whether the table has such an index, or one that begins with the same keys and can do all that.
pub(super) fn is_there(draft: &Draft, catalog: &Catalog) -> bool {
    let Some(table) = catalog.table(&draft.table) else { return false };
    table.indexes.iter().filter(|index| index.valid && index.method == draft.method).any(|index| {
        let keys = with_classes(index);
        let predicate = index.predicate.as_deref().map(stripped);
        let same = predicate.as_deref() == draft.predicate.as_deref().map(stripped).as_deref();
        let include = draft.include.iter().all(|name| {
            let name = unquoted(name);
            index.include.contains(&name)
                || index.columns.iter().any(|part| part.column.as_deref() == Some(&*name))
        });
        let enough = match draft.method {
            "btree" => keys.starts_with(&draft.keys),
            _ => keys == draft.keys,
        };
        same && include && enough
    })
}

/// The keys of an index in its order, as a draft has them.
pub(super) fn ordered(index: &Index) -> Vec<String> {
    let key = |part: &crate::catalog::IndexColumn| {
        let sql = match (&part.column, &part.expression) {
            (Some(column), _) => quote_ident(column),
            (None, Some(expression)) => expression.clone(),
            (None, None) => String::new(),
        };
        let nulls = match (part.descending, part.nulls_first) {
            (true, true) | (false, false) => "",
            (true, false) => " NULLS LAST",
            (false, true) => " NULLS FIRST",
        };
        format!("{sql}{}{nulls}", if part.descending { " DESC" } else { "" })
    };
    index.columns.iter().map(key).collect()
}

/// The keys with the operator classes that are none of a type's own.
fn with_classes(index: &Index) -> Vec<String> {
    let special = |class: &str| {
        ["pattern_ops", "trgm_ops", "path_ops"].iter().any(|end| class.ends_with(end))
    };
    let pairs = ordered(index).into_iter().zip(&index.columns);
    let written = pairs.map(|(key, part)| match part.operator_class.rsplit('.').next() {
        Some(class) if special(class) => format!("{key} {class}"),
        _ => key,
    });
    written.collect()
}

fn stripped(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '(' && *c != ')').collect()
}

fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) => inside.replace("\"\"", "\""),
        None => name.to_owned(),
    }
}

/// The names that no new index may have: those of relations and of constraints.
pub(super) fn names(catalog: &Catalog) -> BTreeSet<String> {
    let tables = catalog.tables.iter();
    tables
        .flat_map(|table| {
            let indexes = table.indexes.iter().map(|index| index.name.clone());
            indexes.chain([table.name.name.clone()])
        })
        .chain(catalog.views.iter().map(|view| view.name.name.clone()))
        .collect()
}
