//! The schema as a value: every change to a schema is noticed, told of the object that a user
//! would name, and mended by the statements that are offered; nothing else makes a difference.

mod objects;
mod relations;
mod session;
mod whole;

use std::fmt::Write as _;

use shakedown::catalog::{Catalog, Change, What, diff, load};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::scratch;

/// Roles belong to a server, not to a database: tests that run side by side share these.
const ROLES: &str = "DO $$ BEGIN CREATE ROLE c_alice; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
    DO $$ BEGIN CREATE ROLE c_bob; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;";

async fn run(conn: &mut PgConnection, sql: &str) {
    if let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(conn).await {
        panic!("{error}\nin: {sql}");
    }
}

/// A change in one line: the object, what of it differs, and whether that can be mended.
fn line(change: &Change) -> String {
    let what = match &change.what {
        What::Missing => "missing".to_owned(),
        What::Extra => "extra".to_owned(),
        What::Differs(fields) => {
            let value = |value: &Option<String>| value.clone().unwrap_or("none".to_owned());
            let fields: Vec<_> = fields
                .iter()
                .map(|f| format!("{} {} -> {}", f.name, value(&f.before), value(&f.after)))
                .collect();
            fields.join("; ")
        }
        What::ColumnOrder { before, after } => {
            format!("order {} -> {}", before.join(" "), after.join(" "))
        }
    };
    let mend = if change.mend.is_some() { "" } else { " (no mend)" };
    format!("{}: {}{mend}", change.object, what.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// One change to a schema: what is there, what changes it, and the lines it is told in.
type Case<'a> = (&'a str, &'a str, &'a [&'a str]);

/// Tries each case in a transaction of its own. Where every change can be mended, running the
/// mends in their order has to restore the catalog.
async fn check(cases: &[Case<'_>]) {
    let scratch = scratch().await;
    let mut conn = scratch.conn().await;
    let mut wrong = String::new();
    for (before_sql, change_sql, expected) in cases {
        run(&mut conn, "BEGIN").await;
        run(&mut conn, before_sql).await;
        let before = load(&mut conn).await.unwrap();
        run(&mut conn, change_sql).await;
        let after = load(&mut conn).await.unwrap();
        let changes = diff(&before, &after);
        let lines: Vec<_> = changes.iter().map(line).collect();
        if lines != *expected {
            writeln!(wrong, "{change_sql}\n  is told {lines:#?}\n  instead of {expected:#?}")
                .unwrap();
        }
        assert_eq!(changes.is_empty(), before == after, "{change_sql}");
        if let Some(problem) = mended(&mut conn, &before, &changes).await {
            writeln!(wrong, "{change_sql}\n  {problem}").unwrap();
        }
        run(&mut conn, "ROLLBACK").await;
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Runs the mends and says what went wrong.
async fn mended(conn: &mut PgConnection, before: &Catalog, changes: &[Change]) -> Option<String> {
    let mends: Option<Vec<_>> = changes.iter().map(|change| change.mend.clone()).collect();
    let mends = mends?;
    for mend in &mends {
        if let Err(error) = sqlx::raw_sql(AssertSqlSafe(mend.clone())).execute(&mut *conn).await {
            return Some(format!("has a mend that fails: {error}\n{mend}"));
        }
    }
    let left = diff(before, &load(conn).await.unwrap());
    // A column that is added again comes last.
    let order = |change: &&Change| matches!(change.what, What::ColumnOrder { .. });
    let lines: Vec<_> = left.iter().filter(|change| !order(change)).map(line).collect();
    (!lines.is_empty())
        .then(|| format!("is not mended by\n{}\n  but left {lines:#?}", mends.join("\n")))
}

const USERS: &str =
    "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, age integer DEFAULT 7);";
