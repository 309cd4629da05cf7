//! In which fields two values of the same kind differ, in words.
//!
//! The values are compared as serialised, so that a field can be added to a
//! struct and no difference in it goes unsaid.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::about::About;

/// A property of an object that is not the same in both catalogs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// What it is, in Postgres's words: `default`, `not null`, `identity sequence increment`.
    pub name: String,
    /// What it was; `None` if there was none.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

/// Keys that only group others and say nothing to a reader.
const SILENT: [&str; 7] = ["about", "kind", "enum", "domain", "composite", "range", "base"];

/// Keys that come first when a whole value is said.
const FIRST: [&str; 6] = ["name", "column", "expression", "type", "of", "table"];

/// The fields in which `before` and `after` differ, without those named in `skip`.
pub(super) fn fields<T: Serialize>(before: &T, after: &T, skip: &[&str]) -> Vec<Field> {
    let mut fields = Vec::new();
    let value = |item: &T| serde_json::to_value(item).unwrap_or_default();
    if let (Value::Object(before), Value::Object(after)) = (value(before), value(after)) {
        compare("", &before, &after, skip, &mut fields);
    }
    fields
}

fn compare(
    path: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    skip: &[&str],
    fields: &mut Vec<Field>,
) {
    // What is said about an object comes after what it is.
    let keys: BTreeSet<_> =
        before.keys().chain(after.keys()).map(|key| (key == "about", key)).collect();
    for (_, key) in keys {
        if path.is_empty() && skip.contains(&key.as_str()) {
            continue;
        }
        let (old, new) = (before.get(key), after.get(key));
        if old == new {
            continue;
        }
        let name = path_of(path, key);
        match (old, new) {
            (Some(Value::Object(old)), Some(Value::Object(new))) if !old.contains_key("text") => {
                let with_owner = key == "about" && only_owner_moved(old, new);
                let skip = if with_owner { &["privileges"] } else { skip };
                compare(&name, old, new, skip, fields);
            }
            _ => fields.push(Field {
                name: if name.is_empty() { key.replace('_', " ") } else { name },
                before: old.and_then(words),
                after: new.and_then(words),
            }),
        }
    }
}

/// Whether the privileges of an [`About`] differ only in that they name another owner.
fn only_owner_moved(before: &Map<String, Value>, after: &Map<String, Value>) -> bool {
    let about = |map: &Map<String, Value>| About::deserialize(Value::Object(map.clone())).ok();
    match (about(before), about(after)) {
        (Some(before), Some(after)) if before.owner != after.owner => {
            after.handed_over(before.owner.as_deref()).privileges == before.privileges
        }
        _ => false,
    }
}

fn path_of(path: &str, key: &str) -> String {
    match (path.is_empty(), SILENT.contains(&key)) {
        (_, true) => path.to_owned(),
        (true, false) => key.replace('_', " "),
        (false, false) => format!("{path} {}", key.replace('_', " ")),
    }
}

/// What a value says; `None` if nothing.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => Some(items.iter().filter_map(words).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => match map.get("text") {
            Some(text) => words(text),
            None => {
                let mut entries: Vec<_> = map.iter().collect();
                entries.sort_by_key(|(key, _)| {
                    let place = FIRST.iter().position(|first| first == key);
                    (place.unwrap_or(FIRST.len()), *key)
                });
                Some(entries.into_iter().filter_map(entry).collect::<Vec<_>>().join(" "))
            }
        },
    }
}

/// What an entry says among others: a flag its name, the rest their value.
fn entry((key, value): (&String, &Value)) -> Option<String> {
    match value {
        Value::Bool(true) => Some(key.replace('_', " ")),
        Value::Bool(false) => None,
        // The name of something nested stands for it.
        Value::Object(map) if map.contains_key("name") => map.get("name").and_then(words),
        value => words(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_named_in_words() {
        let before = json!({"not_null": true, "about": {"comment": "a"}, "type": {"text": "integer", "name": "int4"}});
        let after =
            json!({"not_null": false, "about": {}, "type": {"text": "bigint", "name": "int8"}});
        let said: Vec<_> = fields(&before, &after, &[])
            .into_iter()
            .map(|f| format!("{}: {:?} -> {:?}", f.name, f.before, f.after))
            .collect();
        assert_eq!(
            said,
            [
                r#"not null: Some("true") -> Some("false")"#,
                r#"type: Some("integer") -> Some("bigint")"#,
                r#"comment: Some("a") -> None"#,
            ]
        );
        assert_eq!(fields(&before, &before, &[]), []);
        assert_eq!(fields(&before, &after, &["about", "type"]).len(), 1);
    }
}
