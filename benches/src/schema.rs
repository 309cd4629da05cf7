//! Schemas of a stated size, and the one of this repository.

use std::path::Path;

use shakedown::database::Databases;
use shakedown::error::{Error, Result};
use shakedown::source::{self, Project};
use sqlx::{AssertSqlSafe, Connection};

/// DDL of so many tables, each with a key, a foreign key, a check, an index and a comment.
pub fn ddl(tables: usize) -> String {
    let mut sql = String::from("CREATE TABLE t0 (id int PRIMARY KEY);\n");
    for n in 1..tables {
        let parent = n / 2;
        sql.push_str(&format!(
            "CREATE TABLE t{n} (id int PRIMARY KEY, number bigint GENERATED ALWAYS AS IDENTITY, \
             parent int NOT NULL REFERENCES t{parent} ON DELETE CASCADE, \
             name text NOT NULL CHECK (char_length(name) < 100), \
             email varchar(255) UNIQUE, at timestamptz NOT NULL DEFAULT now());\n\
             CREATE INDEX t{n}_parent ON t{n} (parent);\n\
             COMMENT ON TABLE t{n} IS 'number {n}';\n"
        ));
    }
    sql
}

/// Makes a scratch database, runs `sql` in it and gives its name. Nobody is connected to it
/// afterwards, so that it can be cloned.
///
/// # Errors
/// When the database cannot be made, or the server refuses the SQL.
pub async fn database(databases: &mut Databases<'_>, sql: String) -> Result<String> {
    let name = databases.create(None).await?;
    let mut connection = databases.connect(&name).await?;
    let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await;
    done.map_err(|error| {
        Error::new(format!("the server refuses the schema of `{name}`: {error}"))
            .hint("see that the SQL of the benchmark suits this version of Postgres")
    })?;
    // A failing farewell changes nothing; the server notices the closed socket.
    let _ = connection.close().await;
    Ok(name)
}

/// The migrations of this repository: the RAPIDS schema.
///
/// # Errors
/// When they cannot be read.
pub fn rapids() -> Result<Project> {
    source::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations"), None)
}
