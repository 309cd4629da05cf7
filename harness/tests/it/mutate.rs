//! Mutants: what each operator changes, what a server makes of it, which of them count, and which
//! a suite notices.

mod operators;
mod scores;

use shakedown::catalog::{Catalog, load};
use shakedown::{migrate, source};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::{Scratch, repository, scratch};

async fn run(conn: &mut PgConnection, sql: &str) {
    if let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(conn).await {
        panic!("{error}\nin: {sql}");
    }
}

/// A database with the schema that `sql` makes.
async fn schema(sql: &str) -> (Scratch, PgConnection, Catalog) {
    let scratch = scratch().await;
    let mut conn = scratch.conn().await;
    run(&mut conn, sql).await;
    let catalog = load(&mut conn).await.unwrap();
    (scratch, conn, catalog)
}

/// A database with the repository's own schema.
async fn rapids() -> (Scratch, PgConnection, Catalog) {
    let scratch = scratch().await;
    let mut conn = scratch.conn().await;
    for migration in source::load(&repository("migrations"), None).unwrap().migrations {
        migrate::run(&mut conn, &migration.up).await.unwrap().unwrap();
    }
    let catalog = load(&mut conn).await.unwrap();
    (scratch, conn, catalog)
}
