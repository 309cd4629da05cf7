//! Keys that are as random as those of the schema, and yet the same in each run.
//!
//! Where a new entry of an index belongs decides which page is split, and so how many pages and
//! records of the write-ahead log an insert takes.

use sqlx::postgres::PgConnection;

use super::execute;
use crate::catalog::{Catalog, quote_ident};
use crate::error::Result;

/// The functions that make random keys, as defaults have them.
const RANDOM: [&str; 4] =
    ["gen_random_uuid()", "uuidv4()", "uuid_generate_v4()", "public.uuid_generate_v4()"];

/// The setting in which a session counts the keys that it made.
pub(crate) const COUNTER: &str = "shakedown.uuid";

/// Where it begins in a session that counts, and in one that makes plans: what a strategy makes
/// itself is counted from nothing, and no two of them make the same key.
pub(crate) const OF_COUNTS: &str = "1000000000";
pub(crate) const OF_PLANS: &str = "2000000000";

/// The digest of a number that a session counts up: spread like `gen_random_uuid()`.
const FUNCTION: &str = "CREATE FUNCTION public.shakedown_uuid() RETURNS uuid LANGUAGE sql VOLATILE \
    SET search_path = pg_catalog AS $$ SELECT md5('shakedown ' || set_config('shakedown.uuid', \
    (coalesce(nullif(current_setting('shakedown.uuid', true), ''), '0')::int8 + 1)::text, false))::uuid $$";

/// Replaces the defaults of a database of ours.
pub(crate) async fn fix(connection: &mut PgConnection, catalog: &Catalog) -> Result<()> {
    let mut statements = Vec::new();
    for table in &catalog.tables {
        let random = table.columns.iter().filter(|column| {
            column.default.as_deref().is_some_and(|default| RANDOM.contains(&default))
        });
        for column in random {
            statements.push(format!(
                "ALTER TABLE {} ALTER COLUMN {} SET DEFAULT public.shakedown_uuid()",
                table.name,
                quote_ident(&column.name)
            ));
        }
    }
    if statements.is_empty() {
        return Ok(());
    }
    execute(connection, "CREATE SCHEMA IF NOT EXISTS public").await?;
    execute(connection, FUNCTION).await?;
    for sql in statements {
        execute(connection, &sql).await?;
    }
    Ok(())
}
