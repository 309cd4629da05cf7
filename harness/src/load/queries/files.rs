//! Queries in files: sqlx's offline data, and SQL.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Query;
use super::named;
use crate::error::{Error, Result};
use crate::sql::written;

/// What a file of sqlx's offline data tells, as far as it is needed.
#[derive(Debug, Deserialize)]
struct Offline {
    db_name: String,
    query: String,
    hash: String,
}

/// The queries of a path: a `.sqlx` folder, a `.sql` file, or a folder of them.
///
/// # Errors
/// When there are none, or a file cannot be read.
pub fn of_path(path: &Path) -> Result<Vec<Query>> {
    let is_sqlx = path.is_dir() && files(path)?.iter().any(|file| is_offline(file));
    if is_sqlx { of_sqlx(path) } else { of_sql(path) }
}

/// The queries of a `.sqlx` folder, as `cargo sqlx prepare` writes it, each with the weight 1.
///
/// # Errors
/// When there are none, a file cannot be read, or a query is for another database than Postgres.
pub fn of_sqlx(folder: &Path) -> Result<Vec<Query>> {
    let mut queries = Vec::new();
    for file in files(folder)?.into_iter().filter(|file| is_offline(file)) {
        let shown = file.display().to_string();
        let offline: Offline = serde_json::from_str(&text(&file)?).map_err(|error| {
            Error::new(format!("`{shown}` is no offline data of sqlx"))
                .because(error)
                .hint("write it anew: cargo sqlx prepare")
        })?;
        if offline.db_name != "PostgreSQL" {
            return Err(Error::new(format!("`{shown}` is a query for {}", offline.db_name))
                .hint("take the `.sqlx` folder of a project on Postgres"));
        }
        let sql = offline.query.trim().trim_end_matches(';').trim_end().to_owned();
        let short: String = offline.hash.chars().take(8).collect();
        let name = format!("{} {short}", summary(&sql));
        queries.push(Query { name, sql, weight: 1, file: shown });
    }
    some(queries, folder, "write it: cargo sqlx prepare")
}

/// The queries of a `.sql` file, or of all in a folder and those below it: named ones as sqlc and
/// aiosql have them, or plain statements. Parameters of any of those tools become `$1`. A line
/// `-- weight: 9` behind that of the name says how often a query is done.
///
/// # Errors
/// When there are none, a file cannot be read, or statements without names are not understood.
pub fn of_sql(path: &Path) -> Result<Vec<Query>> {
    let (mut folders, mut found) = (Vec::new(), Vec::new());
    if path.is_dir() {
        folders.push(path.to_owned());
    } else {
        found.push(path.to_owned());
    }
    while let Some(folder) = folders.pop() {
        for file in files(&folder)? {
            if file.is_dir() {
                folders.push(file);
            } else if file.extension().is_some_and(|extension| extension == "sql") {
                found.push(file);
            }
        }
    }
    found.sort();
    let mut queries = Vec::new();
    for file in found {
        queries.extend(named::read(&file, &text(&file)?)?);
    }
    some(queries, path, "name a file with statements, each ended by a semicolon")
}

/// What a query does, in two words: `select users`.
pub(super) fn summary(sql: &str) -> String {
    let first = sql.split(|c: char| !c.is_alphabetic()).find(|word| !word.is_empty());
    let verb = first.unwrap_or("query").to_lowercase();
    match written::relations(sql).and_then(|relations| relations.into_iter().next()) {
        Some((_, relation)) => format!("{verb} {relation}"),
        None => verb,
    }
}

fn is_offline(file: &Path) -> bool {
    let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.starts_with("query-") && name.ends_with(".json")
}

/// What is in a folder, in the order of its names.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let unread = |error| {
        Error::new(format!("the folder `{}` cannot be read", folder.display()))
            .because(error)
            .hint("name a folder with queries")
    };
    let entries = fs::read_dir(folder).map_err(unread)?;
    let mut files = Vec::new();
    for entry in entries {
        files.push(entry.map_err(unread)?.path());
    }
    files.sort();
    Ok(files)
}

fn text(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|error| {
        Error::new(format!("the file `{}` cannot be read", file.display()))
            .because(error)
            .hint("name a file of SQL, or a folder of them")
    })
}

fn some(queries: Vec<Query>, path: &Path, hint: &str) -> Result<Vec<Query>> {
    if queries.is_empty() {
        return Err(Error::new(format!("there is no query in `{}`", path.display())).hint(hint));
    }
    Ok(queries)
}
