//! Reads a [`Catalog`] from a server.
//!
//! All is read by one statement, and so in one state. It is prepared once for
//! each session, since planning it takes longer than running it.

use serde::Deserialize;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Row as _};

use super::Catalog;
use super::build::{Rows, build};
use super::name::quote_literal;
use crate::error::{Error, Result};

macro_rules! read {
    ($first:ident $(, $name:ident)*) => {
        concat!(
            "PREPARE shakedown_catalog AS WITH ",
            include_str!("queries/shared.sql"),
            "SELECT json_build_object('", stringify!($first), "', (\n",
            include_str!(concat!("queries/", stringify!($first), ".sql")), ")",
            $(", '", stringify!($name), "', (\n",
            include_str!(concat!("queries/", stringify!($name), ".sql")), ")",)*
            ")::text"
        )
    };
}

/// Makes the statement whose one value holds all that a catalog is built from.
const PREPARE: &str = read!(
    schemas,
    extensions,
    names,
    types,
    sequences,
    tables,
    columns,
    constraints,
    indexes,
    triggers,
    policies,
    rules,
    views,
    routines,
    default_privileges,
    operators,
    text_search,
    foreign,
    replication,
    rarities,
    remarks
);

/// What every statement is read under, so that Postgres words the same thing the
/// same way whatever a script has set, and no object of a user's can stand in for
/// one of Postgres's.
const PINNED: &[(&str, &str)] = &[
    ("search_path", "pg_catalog, pg_temp"),
    ("quote_all_identifiers", "off"),
    ("DateStyle", "ISO, YMD"),
    ("IntervalStyle", "postgres"),
    ("TimeZone", "UTC"),
    ("bytea_output", "hex"),
    ("extra_float_digits", "1"),
    ("lc_monetary", "C"),
    ("standard_conforming_strings", "on"),
    ("xmlbinary", "base64"),
    ("xmloption", "content"),
    ("client_encoding", "UTF8"),
    ("statement_timeout", "0"),
    // Planning takes longest: the joins are written in a good order.
    ("from_collapse_limit", "1"),
    ("join_collapse_limit", "1"),
    ("jit", "off"),
];

/// The state of a session before it is read.
#[derive(Deserialize)]
struct Before {
    settings: Vec<(String, String)>,
    role: String,
    session_user: String,
    login: Option<String>,
    prepared: bool,
}

/// Reads the catalog of the database that `conn` is connected to, as the session
/// sees it: with what an open transaction has changed.
///
/// It works inside a transaction and outside one, and leaves settings, role and
/// transaction as they were. It does leave a prepared statement behind that makes
/// the next call on this connection several times faster.
pub async fn load(conn: &mut PgConnection) -> Result<Catalog> {
    let before = run(conn, include_str!("queries/settings_before.sql").to_owned()).await?;
    let before: Before = parse(&text(&before, "the settings of the session")?)?;
    let rows = run(conn, script(&before)).await?;
    let rows: Rows = parse(&text(&rows, "its description")?)?;
    build(rows)
}

/// The statements that read the catalog under the pinned settings and then put
/// back what was. They are one message: outside a transaction block Postgres runs
/// such a message as one transaction, whose end puts the settings back by itself.
fn script(before: &Before) -> String {
    let set = |name: &str, value: &str| {
        format!("pg_catalog.set_config({}, {}, true)", quote_literal(name), quote_literal(value))
    };
    let mut pin = Vec::new();
    let mut restore = Vec::new();
    // Another role may not see all options of user mappings.
    if let Some(login) = before.login.as_ref().filter(|login| **login != before.session_user) {
        pin.push(set("session_authorization", login));
        restore.push(set("session_authorization", &before.session_user));
    }
    if before.role != "none" {
        pin.push(set("role", "none"));
        restore.push(set("role", &before.role));
    }
    pin.extend(PINNED.iter().map(|(name, value)| set(name, value)));
    restore.extend(before.settings.iter().map(|(name, value)| set(name, value)));

    let prepare = if before.prepared { String::new() } else { format!("{PREPARE};\n") };
    let select = |calls: &[String]| format!("SELECT {};\n", calls.join(", "));
    format!("{}{prepare}EXECUTE shakedown_catalog;\n{}", select(&pin), select(&restore))
}

/// Runs a script and returns the one row of its statements that is not about settings.
async fn run(conn: &mut PgConnection, script: String) -> Result<Vec<PgRow>> {
    sqlx::raw_sql(AssertSqlSafe(script)).fetch_all(conn).await.map_err(|error| {
        Error::new("the schema of the database could not be read").because_sql(error)
    })
}

/// The one text among rows of settings: the only row with a single column.
fn text(rows: &[PgRow], what: &str) -> Result<String> {
    let row = rows.iter().find(|row| row.len() == 1);
    let row = row.ok_or_else(|| Error::new(format!("the server did not send {what}")))?;
    row.try_get_unchecked(0)
        .map_err(|error| Error::new(format!("the server did not send {what}")).because(error))
}

fn parse<T: for<'de> Deserialize<'de>>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| {
        Error::new("the server describes its schema in a way that is not understood").because(error)
    })
}
