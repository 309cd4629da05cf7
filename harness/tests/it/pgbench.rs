//! Our tables of pgbench beside those that pgbench makes.

use std::process::Command;

use shakedown::catalog;
use shakedown::load::pgbench;
use sqlx::postgres::PgConnection;

use crate::support::{scratch, server};

#[tokio::test]
async fn the_tables_of_pgbench_are_those_that_it_makes() {
    let (ours, theirs) = (scratch().await, scratch().await);
    let mut our = ours.conn().await;
    pgbench::fill(&mut our, 1).await.unwrap();
    assert_eq!(content(&mut our).await[0], "1 rows, 1, 0, 0 characters");

    let program = Command::new("pgbench")
        .args(["--initialize", "--scale", "1", "--quiet"])
        .arg(server().address(&theirs.name))
        .output();
    let output = match program {
        Ok(output) => output,
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "pgbench cannot be run: {error}");
            eprintln!("not compared with pgbench, which cannot be run: {error}");
            return;
        }
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut their = theirs.conn().await;
    assert_eq!(content(&mut our).await, content(&mut their).await);
    let (our, their) =
        (catalog::load(&mut our).await.unwrap(), catalog::load(&mut their).await.unwrap());
    assert_eq!(catalog::diff(&their, &our), []);
    assert_eq!(their, our);
}

/// What each table holds, in numbers that would differ if a row did.
async fn content(conn: &mut PgConnection) -> Vec<String> {
    let mut all = Vec::new();
    for query in [
        "SELECT format('%s rows, %s, %s, %s characters', count(*), sum(bid), sum(bbalance),
             coalesce(sum(octet_length(filler)), 0)) FROM pgbench_branches",
        "SELECT format('%s rows, %s, %s, %s', count(*), sum(tid::bigint * bid), sum(tbalance),
             count(filler)) FROM pgbench_tellers",
        "SELECT format('%s rows, %s, %s, %s characters', count(*), sum(aid::bigint * bid),
             sum(abalance), sum(octet_length(filler))) FROM pgbench_accounts",
        "SELECT count(*)::text FROM pgbench_history",
    ] {
        all.push(sqlx::query_scalar(query).fetch_one(&mut *conn).await.unwrap());
    }
    all
}
