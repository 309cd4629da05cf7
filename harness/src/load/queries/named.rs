//! The queries of an SQL file, by their names if they have some.

use std::path::Path;

use super::Query;
use crate::error::{Error, Result};
use crate::sql::{self, parameters};

/// The queries of a file: from one `-- name:` to the next, or one for each statement.
pub(super) fn read(file: &Path, text: &str) -> Result<Vec<Query>> {
    let blocks = blocks(text);
    if blocks.is_empty() {
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let statements = statements(text).ok_or_else(|| {
            Error::new(format!("the statements of `{}` are not understood", file.display()))
                .hint("begin each with a line `-- name: find_user`")
        })?;
        return Ok(queries(file, &stem.unwrap_or_default(), 1, &statements, true));
    }
    let all = blocks.iter().flat_map(|block| {
        // What the parser does not understand may still be one statement to Postgres.
        let whole = || vec![parameters::numbered(block.text.trim().trim_end_matches(';'))];
        let statements = statements(block.text).unwrap_or_else(whole);
        let several = statements.len() > 1;
        queries(file, block.name, block.weight, &statements, several)
    });
    Ok(all.collect())
}

/// A query with its name.
#[derive(Debug)]
struct Block<'t> {
    name: &'t str,
    weight: u32,
    text: &'t str,
}

/// What stands behind each line with a name.
fn blocks(text: &str) -> Vec<Block<'_>> {
    let (mut starts, mut at) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        if let Some(name) = name(line) {
            starts.push((at, at + line.len(), name));
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).map(|(start, ..)| *start).chain([text.len()]);
    let block = |from: usize, to: usize, name| {
        let text = &text[from..to];
        let comments = text.lines().take_while(|line| line.trim_start().starts_with("--"));
        let weight = comments.filter_map(|line| marked(line, "weight")?.parse().ok()).next();
        Block { name, weight: weight.unwrap_or(1), text }
    };
    starts.iter().zip(ends).map(|((_, from, name), to)| block(*from, to, *name)).collect()
}

/// The name that a line gives, without what sqlc and aiosql say behind it: `:one`, `^`, `(a, b)`.
fn name(line: &str) -> Option<&str> {
    let name = marked(line, "name")?;
    let end = name.find(|c: char| !(c.is_alphanumeric() || "_-.".contains(c)));
    Some(&name[..end.unwrap_or(name.len())]).filter(|name| !name.is_empty())
}

/// What stands behind `-- word:`.
fn marked<'t>(line: &'t str, word: &str) -> Option<&'t str> {
    let rest = line.trim().strip_prefix("--")?.trim_start().strip_prefix(word)?;
    Some(rest.trim_start().strip_prefix(':')?.trim())
}

/// The statements of a text, each with parameters from `$1` on.
fn statements(text: &str) -> Option<Vec<String>> {
    // Names are replaced first, since the parser does not know them all.
    let text = parameters::numbered(text);
    let statements = sql::statements(&text)?;
    let one = |statement: sql::Statement| parameters::renumbered(&text[statement.range]);
    Some(statements.into_iter().map(one).collect())
}

/// A query for each statement, with a number behind its name if there are several.
fn queries(
    file: &Path,
    name: &str,
    weight: u32,
    statements: &[String],
    several: bool,
) -> Vec<Query> {
    let one = |(at, sql): (usize, &String)| Query {
        name: if several { format!("{name}-{}", at + 1) } else { name.to_owned() },
        sql: sql.clone(),
        weight,
        file: file.display().to_string(),
    };
    statements.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(String, u32, String)> {
        let queries = read(Path::new("queries/users.sql"), text).unwrap();
        queries.into_iter().map(|query| (query.name, query.weight, query.sql)).collect()
    }

    fn one(name: &str, weight: u32, sql: &str) -> (String, u32, String) {
        (name.to_owned(), weight, sql.to_owned())
    }

    #[test]
    fn names_of_sqlc_and_aiosql_are_read_without_their_marks() {
        let text = "-- All about users.\n\
                    -- name: find_user :one\nSELECT 1 FROM users WHERE id = $1;\n\
                    -- name: find-user(id)^\n-- weight: 9\n-- By its id.\n\
                    SELECT 2 FROM users WHERE id = :id\n\
                    --name:drop_user!\nDELETE FROM users WHERE id = @id AND a = sqlc.narg(b);";
        assert_eq!(
            told(text),
            [
                one("find_user", 1, "SELECT 1 FROM users WHERE id = $1"),
                one("find-user", 9, "SELECT 2 FROM users WHERE id = $1"),
                one("drop_user", 1, "DELETE FROM users WHERE id = $1 AND a = $2"),
            ]
        );
    }

    #[test]
    fn statements_without_names_are_told_apart_by_numbers() {
        let text = "-- first\nSELECT ':a' FROM a WHERE b = :x AND c = :y;\n\n\
                    SELECT 1 FROM b WHERE c = :y AND d = :x;";
        assert_eq!(
            told(text),
            [
                one("users-1", 1, "SELECT ':a' FROM a WHERE b = $1 AND c = $2"),
                // Which number a parameter has matters to nobody, since none is bound by hand.
                one("users-2", 1, "SELECT 1 FROM b WHERE c = $2 AND d = $1"),
            ]
        );
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_file_unless_it_has_a_name() {
        let error = read(Path::new("a.sql"), "SELECT FROM WHERE (;").unwrap_err();
        assert_eq!(error.to_string(), "the statements of `a.sql` are not understood");
        assert_eq!(
            told("-- name: odd\nSELECT FROM WHERE (;"),
            [one("odd", 1, "SELECT FROM WHERE (")]
        );
        assert_eq!(told("-- nothing but words\n"), []);
    }
}
