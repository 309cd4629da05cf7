//! What an index can be ordered by: a column, or an expression of columns of one table.

use crate::catalog::{Column, Table, quote_ident};
use crate::sql::expression;

/// A column or an expression of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// As an index has it: `email`, `lower(email)`, `((a + b))`.
    pub(super) sql: String,
    /// Its column, unless it is an expression.
    pub(super) column: Option<String>,
    /// Whether the greatest come first.
    pub(super) descending: bool,
    /// Where nulls are, if it is not the usual place.
    pub(super) nulls: Option<&'static str>,
}

impl Key {
    /// A column by its name.
    pub(super) fn of_column(column: &Column) -> Self {
        Self {
            sql: quote_ident(&column.name),
            column: Some(column.name.clone()),
            descending: false,
            nulls: None,
        }
    }

    /// What a plan has as an operand, where it is about columns of the table called `alias` and
    /// nothing else.
    pub(super) fn of_operand(operand: &str, alias: &str, table: &Table) -> Option<Self> {
        let bare = bare(operand, alias)?;
        if let Some(column) = table.columns.iter().find(|column| quote_ident(&column.name) == bare)
        {
            return Some(Self::of_column(column));
        }
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let mentioned = expression::columns(&bare, &names);
        // What is called with nothing of the table is no key, and a subquery neither.
        let usable = !mentioned.is_empty()
            && !bare.starts_with("ROW(")
            && !bare.contains("SubPlan")
            && !bare.contains('$');
        usable.then(|| Self { sql: wrapped(&bare), column: None, descending: false, nulls: None })
    }

    /// What a plan sorts by: `items.created_at DESC NULLS LAST`.
    pub(super) fn of_sort(text: &str, alias: &str, table: &Table) -> Option<Self> {
        let (rest, nulls) =
            match (text.strip_suffix(" NULLS FIRST"), text.strip_suffix(" NULLS LAST")) {
                (Some(rest), _) => (rest, Some("NULLS FIRST")),
                (None, Some(rest)) => (rest, Some("NULLS LAST")),
                (None, None) => (text, None),
            };
        let (rest, descending) = match rest.strip_suffix(" DESC") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let key = Self::of_operand(rest, alias, table)?;
        Some(Self { descending, nulls, ..key })
    }

    /// With its direction, as an index has it.
    pub(super) fn ordered(&self) -> String {
        let descending = if self.descending { " DESC" } else { "" };
        let nulls = self.nulls.map(|nulls| format!(" {nulls}"));
        format!("{}{descending}{}", self.sql, nulls.unwrap_or_default())
    }

    /// Whether both are the same but for their direction.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.sql == other.sql
    }
}

/// An expression without the name of its table before its columns. Nothing if another table has a
/// part in it.
pub(super) fn bare(text: &str, alias: &str) -> Option<String> {
    let text = unwrapped(text.trim());
    let own = format!("{}.", quote_ident(alias));
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let quoted = shakedown_scenarios::script::quoted(rest);
        let at_word =
            !out.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.' || c == '"');
        if at_word && let Some(behind) = rest.strip_prefix(&own) {
            rest = behind;
        } else if quoted > 0 {
            out.push_str(&rest[..quoted]);
            rest = &rest[quoted..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    (!has_qualified(&out)).then_some(out)
}

/// Whether a name stands before a point, outside of texts and numbers: `users.id`.
fn has_qualified(text: &str) -> bool {
    let mut rest = text;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let skip = if first == '\'' { shakedown_scenarios::script::quoted(rest) } else { 0 };
        if skip > 0 {
            rest = &rest[skip..];
            before = '\'';
            continue;
        }
        if first == '.' && (before.is_alphabetic() || before == '_' || before == '"') {
            return true;
        }
        before = first;
        rest = &rest[first.len_utf8()..];
    }
    false
}

/// Without parentheses around all of it.
fn unwrapped(text: &str) -> &str {
    let mut text = text;
    while let Some(inside) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'))
        && closes_at_end(inside)
    {
        text = inside.trim();
    }
    text
}

/// Whether no parenthesis within closes one that is not within.
fn closes_at_end(inside: &str) -> bool {
    let mut depth = 0_i32;
    inside.chars().all(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth >= 0
    })
}

/// An expression needs parentheses in an index, unless it is a call.
fn wrapped(expression: &str) -> String {
    let name = expression.find('(').map(|at| &expression[..at]);
    let inside = name.and_then(|name| expression[name.len() + 1..].strip_suffix(')'));
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    match (name, inside) {
        // What Postgres writes like a call and is none: `COALESCE` and the like are fine.
        (Some(name), Some(inside)) if is_name(name) && closes_at_end(inside) => {
            expression.to_owned()
        }
        _ => format!("({expression})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let column = |name: &str| Column { name: name.to_owned(), ..Column::default() };
        let columns = ["email", "created_at", "Name", "data"].map(column).to_vec();
        Table { columns, ..Table::default() }
    }

    fn operand(text: &str) -> Option<(String, Option<String>)> {
        Key::of_operand(text, "u", &table()).map(|key| (key.sql, key.column))
    }

    #[test]
    fn columns_of_the_table_are_known_by_its_alias() {
        assert_eq!(operand("u.email"), Some(("email".to_owned(), Some("email".to_owned()))));
        assert_eq!(operand("(u.\"Name\")"), Some(("\"Name\"".to_owned(), Some("Name".to_owned()))));
        assert_eq!(operand("v.email"), None, "another table");
        assert_eq!(operand("'u.email'::text"), None, "a text");
        assert_eq!(operand("now()"), None, "nothing of the table");
    }

    #[test]
    fn expressions_lose_the_alias_and_get_parentheses_where_they_need_them() {
        let sql = |text: &str| operand(text).map(|(sql, _)| sql);
        assert_eq!(sql("lower(u.email)"), Some("lower(email)".to_owned()));
        assert_eq!(sql("(u.data ->> 'u.x'::text)"), Some("(data ->> 'u.x'::text)".to_owned()));
        assert_eq!(
            sql("(lower(u.email) || lower(u.\"Name\"))").as_deref(),
            Some("(lower(email) || lower(\"Name\"))")
        );
        assert_eq!(sql("(u.email || v.email)"), None, "two tables");
        assert_eq!(sql("(SubPlan 1)"), None);
    }

    #[test]
    fn directions_are_kept() {
        let sort = |text: &str| Key::of_sort(text, "u", &table()).map(|key| key.ordered());
        assert_eq!(sort("u.created_at DESC"), Some("created_at DESC".to_owned()));
        assert_eq!(
            sort("u.created_at DESC NULLS LAST"),
            Some("created_at DESC NULLS LAST".to_owned())
        );
        assert_eq!(sort("(lower(u.email))"), Some("lower(email)".to_owned()));
    }
}
