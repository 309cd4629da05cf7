//! What a check wants to know of a difference between two catalogs.

use shakedown_reports::model::{self, How};

use crate::catalog::{Change, Field, Kind, What};

impl Change {
    /// Whether nothing but the order of columns differs.
    pub(crate) fn is_column_order(&self) -> bool {
        matches!(self.what, What::ColumnOrder { .. })
    }

    /// Whether a script that made this change may have lost values in rows, so that restoring
    /// the catalog does not restore all.
    pub(crate) fn loses_rows(&self) -> bool {
        match (&self.what, self.object.kind) {
            (What::Missing, Kind::Table | Kind::Column) => true,
            (What::Differs(fields), Kind::Column) => {
                fields.iter().any(|field| field.name == "type")
            }
            (What::Differs(_), Kind::Type) => true,
            _ => false,
        }
    }

    /// The names by which a script may mention it, the most telling first.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.object.bare.iter().rev().map(String::as_str).collect()
    }

    /// It in the words of a report.
    pub(crate) fn told(&self) -> model::Change {
        let (how, details) = match &self.what {
            What::Missing => (How::Lost, Vec::new()),
            What::Extra => (How::LeftBehind, Vec::new()),
            What::Differs(fields) => (How::Differs, fields.iter().map(detail).collect()),
            What::ColumnOrder { before, after } => {
                let details = vec![
                    format!("the order was {}", before.join(", ")),
                    format!("the order is {}", after.join(", ")),
                ];
                (How::Differs, details)
            }
        };
        model::Change { object: self.object.to_string(), how, details, mend: self.mend.clone() }
    }
}

/// ``default: was `now()`, is gone``, in one line even where the values have several.
fn detail(field: &Field) -> String {
    let flat = |value: &String| value.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = &field.name;
    match (field.before.as_ref().map(flat), field.after.as_ref().map(flat)) {
        (Some(before), Some(after)) if before == after => {
            format!("{name}: differs in white space only")
        }
        (Some(before), Some(after)) => {
            let same = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
            format!("{name}: was `{}`, is `{}`", part(&before, same), part(&after, same))
        }
        (Some(before), None) => format!("{name}: was `{}`, is gone", part(&before, 0)),
        (None, Some(after)) => format!("{name}: was not set, is `{}`", part(&after, 0)),
        (None, None) => name.clone(),
    }
}

/// The longest value that is shown whole; definitions of views and functions are longer.
const LONGEST: usize = 100;
/// How much of what is the same is shown in front of what differs.
const LEAD: usize = 30;

/// The value, or the part of it around the first character that differs.
fn part(value: &str, differs_at: usize) -> String {
    let length = value.chars().count();
    if length <= LONGEST {
        return value.to_owned();
    }
    let start = differs_at.saturating_sub(LEAD).min(length - LONGEST);
    let shown: String = value.chars().skip(start).take(LONGEST).collect();
    let before = if start > 0 { "..." } else { "" };
    let after = if start + LONGEST < length { "..." } else { "" };
    format!("{before}{shown}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: Option<&str>, after: Option<&str>) -> String {
        let owned = |value: Option<&str>| value.map(str::to_owned);
        detail(&Field { name: "x".to_owned(), before: owned(before), after: owned(after) })
    }

    #[test]
    fn values_are_told_in_one_line_around_what_differs() {
        assert_eq!(told(Some("now()"), None), "x: was `now()`, is gone");
        assert_eq!(told(None, Some("1")), "x: was not set, is `1`");
        assert_eq!(told(Some("a\n b"), Some("a c")), "x: was `a b`, is `a c`");
        assert_eq!(told(Some("a\n b"), Some("a b")), "x: differs in white space only");
        let long = "column, ".repeat(40);
        let text = told(Some(&format!("{long}old")), Some(&format!("{long}new")));
        assert!(text.contains("column, old`") && text.contains("column, new`"), "{text}");
        assert!(text.chars().count() < 250, "{text}");
    }
}
