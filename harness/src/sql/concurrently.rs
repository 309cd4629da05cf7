//! `CONCURRENTLY`, put into statements about indexes and taken out of them.

use std::ops::Range;

/// Where the word stands, or would, in a statement that makes, drops or rebuilds an index.
fn place(statement: &str) -> Option<(usize, Option<Range<usize>>)> {
    let mut words = words(statement);
    let first = words.next()?;
    let is =
        |word: &Range<usize>, wanted: &str| statement[word.clone()].eq_ignore_ascii_case(wanted);
    if !["create", "drop", "reindex"].iter().any(|verb| is(&first, verb)) {
        return None;
    }
    let index = words.find(|word| !is(word, "unique"))?;
    if !["index", "table"].iter().any(|what| is(&index, what))
        || is(&index, "table") && !is(&first, "reindex")
    {
        return None;
    }
    let next = words.next()?;
    let there = is(&next, "concurrently");
    Some((index.end, there.then_some(next)))
}

fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let from = at + text[at..].find(|c: char| !c.is_whitespace())?;
        let length = text[from..].find(char::is_whitespace).unwrap_or(text.len() - from);
        at = from + length;
        Some(from..at)
    })
}

/// The statement without the word, for a transaction.
pub fn without_concurrently(statement: &str) -> String {
    match place(statement) {
        Some((before, Some(word))) => format!("{}{}", &statement[..before], &statement[word.end..]),
        _ => statement.to_owned(),
    }
}

/// The statement with the word, if it can have it.
pub fn with_concurrently(statement: &str) -> String {
    match place(statement) {
        Some((before, None)) => {
            format!("{} CONCURRENTLY{}", &statement[..before], &statement[before..])
        }
        _ => statement.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_goes_in_and_out_where_it_belongs() {
        for (without, with) in [
            ("CREATE INDEX a ON t (b)", "CREATE INDEX CONCURRENTLY a ON t (b)"),
            ("create unique index a on t (b)", "create unique index CONCURRENTLY a on t (b)"),
            (
                "CREATE INDEX IF NOT EXISTS a ON t (b)",
                "CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON t (b)",
            ),
            ("DROP INDEX public.a", "DROP INDEX CONCURRENTLY public.a"),
        ] {
            assert_eq!(with_concurrently(without), with);
            assert_eq!(without_concurrently(with), without);
            assert_eq!(with_concurrently(with), with, "once is enough");
            assert_eq!(without_concurrently(without), without);
        }
    }

    #[test]
    fn other_statements_stay_as_they_are() {
        for other in [
            "CREATE TABLE t (a int)",
            "CREATE EXTENSION pg_trgm",
            "DROP TABLE index",
            "ANALYZE t",
            "",
        ] {
            assert_eq!(with_concurrently(other), other);
        }
    }
}
