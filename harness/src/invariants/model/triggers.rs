//! What a trigger may do to rows, as far as the source of its function tells.

use crate::catalog::{Catalog, Event, Timing, Trigger};

/// What a trigger does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It assigns these columns of the new row and does nothing else.
    Assigns(Vec<String>),
    /// It may do anything, for this reason, which goes on from `its trigger t ...`.
    Unknown(String),
}

/// Words by which a function may refuse a row, drop it, or touch others.
const ACTS: &[&str] = &[
    "RAISE", "ASSERT", "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "PERFORM", "EXECUTE",
    "SELECT", "CALL", "INTO", "OPEN", "FETCH",
];

/// What the function of a trigger does, by its source.
pub(super) fn effect(catalog: &Catalog, trigger: &Trigger) -> Effect {
    let found = catalog.routines.iter().find(|routine| routine.signature == trigger.function);
    let Some(routine) = found else {
        return Effect::Unknown(format!("calls `{}`, whose source is not here", trigger.function));
    };
    if routine.language != "plpgsql" {
        return Effect::Unknown(format!("is written in {}, which is not read", routine.language));
    }
    let source = bare(&routine.body);
    let words = words(&source);
    if let Some(word) = words.iter().find(|word| ACTS.contains(&word.to_uppercase().as_str())) {
        return Effect::Unknown(format!("contains {}", word.to_uppercase()));
    }
    let returns = words.windows(2).filter(|pair| pair[0].eq_ignore_ascii_case("return"));
    let mut returns = returns.map(|pair| pair[1].to_uppercase());
    let on_delete = trigger.events.contains(&Event::Delete);
    let keeps = if on_delete { "OLD" } else { "NEW" };
    if trigger.timing == Timing::Before
        && trigger.for_each_row
        && let Some(other) = returns.find(|what| what != keeps)
    {
        return Effect::Unknown(format!("returns {other}"));
    }
    match assigned(&source) {
        Some(columns) => Effect::Assigns(columns),
        None => Effect::Unknown("assigns the row as a whole".to_owned()),
    }
}

/// The source without comments and strings, which may contain any word.
fn bare(source: &str) -> String {
    let mut kept = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let past = |from: usize, end: &str| {
            rest.get(from..)
                .and_then(|inner| inner.find(end))
                .map_or("", |at| &rest[from + at + end.len()..])
        };
        rest = match c {
            '-' if rest.starts_with("--") => past(2, "\n"),
            '/' if rest.starts_with("/*") => past(2, "*/"),
            '\'' => past(1, "'"),
            _ => {
                kept.push(c);
                &rest[c.len_utf8()..]
            }
        };
        if !kept.ends_with(' ') && matches!(c, '-' | '/' | '\'') {
            kept.push(' ');
        }
    }
    kept
}

fn words(source: &str) -> Vec<&str> {
    let apart = |c: char| !c.is_alphanumeric() && c != '_';
    source.split(apart).filter(|word| !word.is_empty()).collect()
}

/// The columns in `NEW.column := ...`; none if `NEW` itself is assigned.
fn assigned(source: &str) -> Option<Vec<String>> {
    let mut columns = Vec::new();
    for statement in source.split(';') {
        // plpgsql takes `=` for `:=` where a statement starts, which is also after these words.
        let mut start = String::new();
        for word in statement.split_whitespace().chain([""]) {
            let opens = ["BEGIN", "THEN", "ELSE", "LOOP"].contains(&word.to_uppercase().as_str());
            if !opens && !word.is_empty() {
                start.push_str(word);
                start.push(' ');
                continue;
            }
            let statement = std::mem::take(&mut start);
            let Some((target, _)) = statement.split_once('=') else { continue };
            let target = target.trim_end_matches(':').trim();
            if target.eq_ignore_ascii_case("new") {
                return None;
            }
            if let Some((row, column)) = target.split_once('.')
                && row.eq_ignore_ascii_case("new")
            {
                let column = column.split('[').next().unwrap_or(column);
                let quoted = column.strip_prefix('"').and_then(|column| column.strip_suffix('"'));
                columns.push(quoted.map_or_else(|| column.to_lowercase(), str::to_owned));
            }
        }
    }
    Some(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_are_not_words() {
        let source = bare(
            "IF TG_OP = 'DELETE' THEN -- we RAISE nothing\n NEW.a := 1; /* EXECUTE */ END IF;",
        );
        assert!(!words(&source).iter().any(|word| ACTS.contains(word)), "{source}");
    }

    #[test]
    fn assigned_columns_are_found_wherever_they_are_assigned() {
        let columns = |source| assigned(source).unwrap();
        assert_eq!(
            columns("BEGIN NEW.a := OLD.a; IF x = 1 THEN new.b = now(); END IF"),
            ["a", "b"]
        );
        assert_eq!(columns("IF OLD.c = NEW.c THEN y := 1"), [] as [&str; 0]);
        assert_eq!(columns(r#"BEGIN NEW."Up" := 1"#), ["Up"]);
        assert_eq!(assigned("BEGIN NEW := OLD"), None);
    }
}
