//! Strategies that the user gives.

use shakedown_reports::index::Origin;

use super::Proposal;
use crate::catalog::{Catalog, Name, quote_ident};
use crate::error::{Error, Result};
use crate::sql;

/// The lines between what makes a strategy and what undoes it, in one file.
const BETWEEN: [&str; 4] = ["drop", "down", "migrate:down", "+goose down"];

/// Reads a strategy from a text: the statements that make it, and behind a line `-- drop` those
/// that undo it. Without such a line the indexes that it makes are dropped.
///
/// # Errors
/// When there is no statement, it cannot be taken apart, or nothing says how to undo it.
pub fn read(name: &str, text: &str) -> Result<Proposal> {
    let is_between = |line: &str| {
        let marked = line.trim().strip_prefix("--").map(|rest| rest.trim().to_lowercase());
        marked.is_some_and(|word| BETWEEN.contains(&word.as_str()))
    };
    let mut create = String::new();
    let mut drop: Option<String> = None;
    for line in text.split_inclusive('\n') {
        match &mut drop {
            Some(drop) => drop.push_str(line),
            None if is_between(line) => drop = Some(String::new()),
            None => create.push_str(line),
        }
    }
    of(name, &create, drop.as_deref())
}

/// A strategy from the statements that make it and those that undo it.
///
/// # Errors
/// As those of [`read`].
pub fn of(name: &str, create: &str, drop: Option<&str>) -> Result<Proposal> {
    let create = statements(name, create)?;
    if create.is_empty() {
        return Err(Error::new(format!("the strategy `{name}` does nothing"))
            .hint("write CREATE INDEX name ON table (column) into it"));
    }
    let drop = match drop {
        Some(drop) => statements(name, drop)?,
        None => {
            let undone = create.iter().rev().map(|sql| undone(name, sql));
            undone.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect()
        }
    };
    Ok(Proposal {
        name: name.to_owned(),
        origin: Origin::Given,
        tables: Vec::new(),
        create,
        drop,
        because: vec!["you gave it".to_owned()],
        promise: Some(f64::INFINITY),
        keep: None,
    })
}

fn statements(name: &str, text: &str) -> Result<Vec<String>> {
    let statements = sql::statements(text).ok_or_else(|| {
        Error::new(format!("the strategy `{name}` cannot be taken apart into statements"))
            .hint("write plain SQL, each statement with a semicolon behind it")
    })?;
    Ok(statements.into_iter().map(|statement| text[statement.range].to_owned()).collect())
}

/// What stands for the statements that made the indexes which the statement behind it drops: only
/// the catalog knows them.
const AS_MADE: &str = "-- as it was made before ";

/// What undoes a statement, where that can be told from it; nothing if there is nothing to undo.
fn undone(name: &str, statement: &str) -> Result<Option<String>> {
    let words: Vec<&str> = statement.split_whitespace().collect();
    let is = |at: usize, wanted: &str| {
        words.get(at).is_some_and(|word| word.eq_ignore_ascii_case(wanted))
    };
    if let Some(index) = index_of(statement) {
        return Ok(Some(format!("DROP INDEX {index}")));
    }
    if is(0, "drop") && is(1, "index") {
        return Ok(Some(format!("{AS_MADE}{statement}")));
    }
    // Others may use the extension by then.
    if is(0, "create") && is(1, "extension") || is(0, "analyze") {
        return Ok(None);
    }
    Err(Error::new(format!("nothing says how to undo the strategy `{name}`"))
        .hint("write a line `-- drop` into its file, and behind it the statements that undo it"))
}

/// The name of the index that a statement makes, as it is written there.
fn index_of(statement: &str) -> Option<String> {
    made(statement)?.0.map(str::to_owned)
}

/// The name of the index that a statement makes, if it has one, and that of its table.
fn made(statement: &str) -> Option<(Option<&str>, &str)> {
    let rest = words(statement, &["create"])?;
    let rest = words(rest, &["unique"]).unwrap_or(rest);
    let rest = words(rest, &["index"])?;
    let rest = words(rest, &["concurrently"]).unwrap_or(rest);
    let rest = words(rest, &["if", "not", "exists"]).unwrap_or(rest);
    let (index, rest) = match words(rest, &["on"]) {
        Some(_) => (None, rest),
        None => {
            let (index, rest) = name(rest);
            (Some(index), rest)
        }
    };
    let rest = words(rest, &["on"])?;
    let rest = words(rest, &["only"]).unwrap_or(rest);
    Some((index, name(rest).0))
}

/// What stands behind these words, in any case, if the text begins with them.
fn words<'t>(text: &'t str, wanted: &[&str]) -> Option<&'t str> {
    let mut rest = text.trim_start();
    for word in wanted {
        let (first, behind) = name(rest);
        rest = first.eq_ignore_ascii_case(word).then(|| behind.trim_start())?;
    }
    Some(rest)
}

/// The name that a text begins with, with its schema and quotes, and what stands behind it.
fn name(text: &str) -> (&str, &str) {
    let mut quoted = false;
    let end = text.find(|c: char| {
        quoted ^= c == '"';
        !quoted && (c.is_whitespace() || c == '(')
    });
    text.split_at(end.unwrap_or(text.len()))
}

/// Completes a strategy with what only the catalog knows: the tables whose indexes it changes, and
/// how an index that it drops was made.
pub(super) fn complete(mut proposal: Proposal, catalog: &Catalog) -> Proposal {
    proposal.tables = Vec::new();
    for statement in &proposal.create {
        for table in tables(statement, catalog) {
            if !proposal.tables.contains(table) {
                proposal.tables.push(table.clone());
            }
        }
    }
    let schema = proposal.tables.first().map(|table| table.schema.clone());
    let undo = proposal.drop.iter().flat_map(|sql| match sql.strip_prefix(AS_MADE) {
        Some(made) => definitions(made, catalog),
        None => vec![qualified(sql, schema.as_deref())],
    });
    proposal.drop = undo.collect();
    proposal
}

/// The tables that a statement is about: that of the index that it makes, or else those that it
/// mentions, themselves or by an index.
fn tables<'c>(statement: &str, catalog: &'c Catalog) -> Vec<&'c Name> {
    let all = catalog.tables.iter();
    if let Some((_, written)) = made(statement) {
        let named = |table: &&crate::catalog::Table| {
            let bare = quote_ident(&table.name.name);
            let folded = written.to_lowercase();
            [written, &folded].iter().any(|name| **name == bare || **name == table.name.to_string())
        };
        // Without a schema it is that which comes first on the usual path.
        let found: Vec<&Name> = all.filter(named).map(|table| &table.name).collect();
        let public = found.iter().copied().find(|name| name.schema == "public");
        return public.or(found.first().copied()).into_iter().collect();
    }
    let mentioned = all.filter(|table| {
        let indexes = table.indexes.iter().map(|index| index.name.as_str());
        let mut names = std::iter::once(table.name.name.as_str()).chain(indexes);
        names.any(|name| sql::mentions(statement, name))
    });
    mentioned.map(|table| &table.name).collect()
}

/// `DROP INDEX name` with the schema of its table.
fn qualified(statement: &str, schema: Option<&str>) -> String {
    match (statement.strip_prefix("DROP INDEX "), schema) {
        (Some(name), Some(schema)) if !name.contains('.') => {
            format!("DROP INDEX {}.{name}", quote_ident(schema))
        }
        _ => statement.to_owned(),
    }
}

/// How the indexes were made that a statement drops.
fn definitions(statement: &str, catalog: &Catalog) -> Vec<String> {
    let indexes = catalog.tables.iter().flat_map(|table| &table.indexes);
    let dropped = indexes.filter(|index| sql::mentions(statement, &index.name));
    dropped.filter_map(|index| index.definition.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_how_to_make_a_strategy_and_how_to_undo_it() {
        let text = "-- The newest first.\nCREATE INDEX a ON t (b DESC);\nANALYZE t;\n-- drop\nDROP INDEX a;\n";
        let strategy = read("mine", text).unwrap();
        assert_eq!(strategy.create, ["CREATE INDEX a ON t (b DESC)", "ANALYZE t"]);
        assert_eq!(strategy.drop, ["DROP INDEX a"]);
    }

    #[test]
    fn what_makes_an_index_says_how_to_drop_it() {
        let of = |sql: &str| {
            read("mine", sql).map(|strategy| strategy.drop).map_err(|error| error.whole())
        };
        assert_eq!(
            of("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a ON t (b)"),
            Ok(vec!["DROP INDEX a".to_owned()])
        );
        let odd = of("create index if not exists \"my index\" on only s.\"My T\" (\"a b\")");
        assert_eq!(odd, Ok(vec!["DROP INDEX \"my index\"".to_owned()]));
        assert_eq!(made("CREATE INDEX ON t(b)"), Some((None, "t")));
        assert_eq!(made("CREATE INDEX a ON s.\"My T\" (b)"), Some((Some("a"), "s.\"My T\"")));
        let refused = of("ALTER TABLE t ALTER b SET STORAGE plain").unwrap_err();
        assert!(refused.contains("nothing says how to undo the strategy `mine`"), "{refused}");
        assert!(
            of("CREATE INDEX ON t (b)").is_err(),
            "an index without a name cannot be dropped by it"
        );
        assert!(of("-- nothing").unwrap_err().contains("does nothing"));
    }
}
