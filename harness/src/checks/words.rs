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

/// ``default was `now()`, is now missing``, of one line even where the values have several.
fn detail(field: &Field) -> String {
    let (before, after) = (field.before.as_deref().map(short), field.after.as_deref().map(short));
    match (before, after) {
        (Some(before), Some(after)) => format!("{}: was {before}, is {after}", field.name),
        (Some(before), None) => format!("{}: was {before}, is gone", field.name),
        (None, Some(after)) => format!("{}: was not set, is {after}", field.name),
        (None, None) => field.name.clone(),
    }
}

/// The longest value that is shown whole; bodies of functions are longer.
const LONGEST: usize = 100;

fn short(value: &str) -> String {
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return format!("`{line}`");
    }
    let start: String = line.chars().take(LONGEST).collect();
    format!("`{start}...`")
}
