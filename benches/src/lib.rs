//! A server for benchmarks, and schemas of a stated size on it.
//!
//! Every benchmark compares two ways of doing one thing in the same run, since absolute
//! times on a shared machine say little; read the ratio.

use shakedown::error::Result;
use shakedown::server::{self, Choice, Profile, Request, Server};

/// Starts an embedded server of the fast profile.
///
/// # Errors
/// When the binaries are neither cached nor to be had.
pub async fn server() -> Result<Server> {
    server::start(&Request {
        choice: Choice::Embedded,
        major: 16,
        profile: Profile::Fast,
        image: None,
        archive: None,
        cache: server::default_cache()?,
        path: server::search_path(),
        port: None,
    })
    .await
}

/// DDL of so many tables, each with a key, a foreign key, a check, an index and a comment.
pub fn schema(tables: usize) -> String {
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
