//! The tables of pgbench, for its built-in scripts and those that people wrote for them.
//!
//! Columns, types and numbers of rows are those that the documentation of pgbench states.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::error::{Error, Result};

/// What each branch has; there is one for each unit of scale.
const TELLERS: u64 = 10;
const ACCOUNTS: u64 = 100_000;

/// From this scale on an account's number may not fit into an integer.
const LARGE: u32 = 20_000;

/// Makes the four tables of pgbench and fills them, as `pgbench -i` does at this scale: one
/// branch, ten tellers and 100,000 accounts for each unit, and no history.
///
/// # Errors
/// When a table of such a name exists, or the server ends the connection.
pub async fn fill(connection: &mut PgConnection, scale: u32) -> Result<()> {
    let sql = format!("{}{}{AFTER}", tables(scale), rows(u64::from(scale.max(1))));
    let made = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await;
    made.map_err(|error| Error::new("the tables of pgbench could not be made").because_sql(error))?;
    // VACUUM takes no part in a transaction, which several statements sent at once are.
    let vacuum = "VACUUM (ANALYZE) pgbench_branches, pgbench_tellers, pgbench_accounts, \
                  pgbench_history";
    let done = sqlx::raw_sql(vacuum).execute(connection).await;
    done.map_err(|error| {
        Error::new("the tables of pgbench could not be vacuumed").because_sql(error)
    })?;
    Ok(())
}

/// The fillers make rows as wide as the benchmark that pgbench follows asks for. All tables are
/// packed full but the history, which says nothing of it.
fn tables(scale: u32) -> String {
    let account = if scale >= LARGE { "bigint" } else { "integer" };
    format!(
        "CREATE TABLE pgbench_branches (
            bid integer NOT NULL, bbalance integer, filler character(88)
        ) WITH (fillfactor = 100);
        CREATE TABLE pgbench_tellers (
            tid integer NOT NULL, bid integer, tbalance integer, filler character(84)
        ) WITH (fillfactor = 100);
        CREATE TABLE pgbench_accounts (
            aid {account} NOT NULL, bid integer, abalance integer, filler character(84)
        ) WITH (fillfactor = 100);
        CREATE TABLE pgbench_history (
            tid integer, bid integer, aid {account}, delta integer, mtime timestamp,
            filler character(22)
        );"
    )
}

/// Every balance is zero. Only accounts have a filler that is there: blanks.
fn rows(scale: u64) -> String {
    let (tellers, accounts) = (scale * TELLERS, scale * ACCOUNTS);
    format!(
        "INSERT INTO pgbench_branches (bid, bbalance)
            SELECT n, 0 FROM generate_series(1, {scale}) AS n;
        INSERT INTO pgbench_tellers (tid, bid, tbalance)
            SELECT n, (n - 1) / {TELLERS} + 1, 0 FROM generate_series(1, {tellers}) AS n;
        INSERT INTO pgbench_accounts (aid, bid, abalance, filler)
            SELECT n, (n - 1) / {ACCOUNTS} + 1, 0, '' FROM generate_series(1, {accounts}) AS n;"
    )
}

/// Keys come after the rows, since an index is built faster than it grows.
const AFTER: &str = "
    ALTER TABLE pgbench_branches ADD PRIMARY KEY (bid);
    ALTER TABLE pgbench_tellers ADD PRIMARY KEY (tid);
    ALTER TABLE pgbench_accounts ADD PRIMARY KEY (aid);";
