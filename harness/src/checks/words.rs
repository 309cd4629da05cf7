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

    /// The names that a script which makes this change mentions together, such as table and
    /// column; for columns in another order the table and those that moved.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.object.bare.iter().map(String::as_str).collect();
        if let What::ColumnOrder { before, after } = &self.what {
            names.extend(moved(before, after).into_iter().map(|(name, _)| name));
        }
        names
    }

    /// The object and in what way it changed, without values: two changes of one sort have
    /// one cause.
    pub(crate) fn sort_of(&self) -> String {
        let way = match &self.what {
            What::Missing => "missing".to_owned(),
            What::Extra => "extra".to_owned(),
            What::ColumnOrder { .. } => "order".to_owned(),
            What::Differs(fields) => {
                fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ")
            }
        };
        format!("{}: {way}", self.object)
    }

    /// It in the words of a report.
    pub(crate) fn told(&self) -> model::Change {
        let (how, details) = match &self.what {
            What::Missing => (How::Lost, Vec::new()),
            What::Extra => (How::LeftBehind, Vec::new()),
            What::Differs(fields) => (How::Differs, fields.iter().map(detail).collect()),
            What::ColumnOrder { before, after } => {
                let told = |(name, place): (&str, String)| format!("column `{name}` {place}");
                (How::Differs, moved(before, after).into_iter().map(told).collect())
            }
        };
        model::Change { object: self.object.to_string(), how, details, mend: self.mend.clone() }
    }
}

/// The columns that moved, each with where it was and is. As few as explain the new order:
/// the longest run of columns that kept their order did not move.
fn moved<'a>(before: &'a [String], after: &[String]) -> Vec<(&'a str, String)> {
    let places: Vec<Option<usize>> =
        before.iter().map(|name| after.iter().position(|other| other == name)).collect();
    // The longest rising run that ends at each column, and the column before it in that run.
    let mut runs: Vec<(usize, Option<usize>)> = Vec::new();
    for (at, place) in places.iter().enumerate() {
        let behind = (0..at).filter(|other| places[*other] < *place && places[*other].is_some());
        let best = behind.max_by_key(|other| runs[*other].0);
        runs.push((best.map_or(1, |other| runs[other].0 + 1), best));
    }
    let mut kept = vec![false; before.len()];
    let mut last = (0..runs.len()).filter(|at| places[*at].is_some()).max_by_key(|at| runs[*at].0);
    while let Some(at) = last {
        kept[at] = true;
        last = runs[at].1;
    }
    let moved = (0..before.len()).filter(|at| !kept[*at]);
    moved
        .filter_map(|at| {
            let place = places[at]?;
            Some((before[at].as_str(), format!("was number {}, is number {}", at + 1, place + 1)))
        })
        .collect()
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
    fn as_few_columns_moved_as_explain_the_order() {
        let names = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let (before, after) = (names("id key name at"), names("id name at key"));
        assert_eq!(moved(&before, &after), [("key", "was number 2, is number 4".to_owned())]);
        assert_eq!(moved(&before, &before), []);
        assert_eq!(moved(&names("a b"), &names("b a")).len(), 1);
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
