//! Whatever a script did to its session, the same schema is read the same way.

use std::fmt::Write as _;

use shakedown::catalog::{diff, load};
use sqlx::PgConnection;

use super::run;
use super::whole::one_of_each;
use crate::support::scratch;

/// Settings that change how Postgres words things, and objects that stand in for its own.
#[tokio::test]
async fn the_session_makes_no_difference_and_is_left_as_it_was() {
    let scratch = scratch().await;
    let mut conn = scratch.conn().await;
    run(&mut conn, &one_of_each()).await;
    let plain = load(&mut conn).await.unwrap();
    let odd = "CREATE SCHEMA odd; CREATE TABLE odd.pg_class (a int); CREATE VIEW odd.pg_namespace AS SELECT 1 AS oid;
        CREATE FUNCTION odd.pg_get_expr(pg_node_tree, oid) RETURNS text LANGUAGE sql AS $$SELECT 'no'$$;
        CREATE FUNCTION odd.wrong(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT false';
        CREATE OPERATOR odd.= (FUNCTION = odd.wrong, LEFTARG = oid, RIGHTARG = oid);
        CREATE FUNCTION odd.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS $$SELECT 'no'$$;
        CREATE TYPE odd.text AS ENUM ('no'); CREATE TYPE odd.regclass AS ENUM ('no'); CREATE TEMP TABLE pg_attribute (a int);
        CREATE TEMP TABLE pg_prepared_statements (a int);";
    let settings = [
        ("search_path", "odd, app, pg_temp, pg_catalog"),
        ("quote_all_identifiers", "on"),
        ("DateStyle", "German, DMY"),
        ("IntervalStyle", "iso_8601"),
        ("TimeZone", "Asia/Tokyo"),
        ("bytea_output", "escape"),
        ("extra_float_digits", "-3"),
        ("standard_conforming_strings", "off"),
        ("xmloption", "document"),
        ("xmlbinary", "hex"),
        ("client_encoding", "LATIN1"),
        ("statement_timeout", "30min"),
        ("jit", "on"),
        ("my.setting", "it's a \\ 'test'"),
    ];
    let mut script = String::new();
    for (name, value) in settings {
        let value = value.replace('\\', "\\\\").replace('\'', "''");
        writeln!(script, "SELECT pg_catalog.set_config('{name}', E'{value}', false);").unwrap();
    }
    run(&mut conn, odd).await;
    let with_odd = load(&mut conn).await.unwrap();
    assert_eq!(
        diff(&plain, &with_odd).iter().filter(|c| !c.object.name.starts_with("odd")).count(),
        0
    );
    run(&mut conn, &script).await;
    for begin in [
        "",
        "BEGIN",
        "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY",
        "BEGIN; SAVEPOINT s",
        "BEGIN; SET LOCAL search_path = odd; SET LOCAL DateStyle = SQL",
    ] {
        run(&mut conn, begin).await;
        let before = settings_of(&mut conn).await;
        assert_eq!(load(&mut conn).await.unwrap(), with_odd, "{begin}");
        assert_eq!(settings_of(&mut conn).await, before, "after {begin}");
        run(&mut conn, "DEALLOCATE ALL").await;
        assert_eq!(load(&mut conn).await.unwrap(), with_odd, "{begin}");
        assert_eq!(settings_of(&mut conn).await, before, "after {begin}");
        if !begin.is_empty() {
            run(&mut conn, "COMMIT").await;
        }
        for (name, value) in settings {
            assert_eq!(setting(&mut conn, name).await, value, "{name} after {begin}");
        }
    }

    // What a transaction sets for itself ends with it, though it was read in between.
    run(&mut conn, "RESET ALL; BEGIN; SET LOCAL search_path = app; SET TimeZone = 'Asia/Tokyo'")
        .await;
    load(&mut conn).await.unwrap();
    assert_eq!(setting(&mut conn, "search_path").await, "app");
    run(&mut conn, "COMMIT").await;
    assert_eq!(setting(&mut conn, "search_path").await, "\"$user\", public");
    assert_eq!(setting(&mut conn, "TimeZone").await, "Asia/Tokyo");
}

/// A script may go on as another role, who may read less.
#[tokio::test]
async fn another_role_sees_the_same() {
    let scratch = scratch().await;
    let mut conn = scratch.conn().await;
    run(&mut conn, &one_of_each()).await;
    let plain = load(&mut conn).await.unwrap();
    for (as_role, back) in [
        ("SET ROLE c_bob", "RESET ROLE"),
        ("BEGIN; SET LOCAL ROLE c_bob", "ROLLBACK"),
        ("SET SESSION AUTHORIZATION c_bob", "RESET SESSION AUTHORIZATION"),
        ("SET SESSION AUTHORIZATION c_bob; SET ROLE c_bob", "RESET SESSION AUTHORIZATION"),
        ("BEGIN; SET SESSION AUTHORIZATION c_bob", "COMMIT; RESET SESSION AUTHORIZATION"),
        ("BEGIN; SET LOCAL SESSION AUTHORIZATION c_bob; SET ROLE c_bob", "ROLLBACK"),
    ] {
        run(&mut conn, as_role).await;
        let before = settings_of(&mut conn).await;
        assert_eq!(load(&mut conn).await.unwrap(), plain, "{as_role}");
        assert_eq!(settings_of(&mut conn).await, before, "{as_role}");
        run(&mut conn, back).await;
        let user: String = sqlx::query_scalar("SELECT session_user || '/' || current_user")
            .fetch_one(&mut conn)
            .await
            .unwrap();
        assert_eq!(user, "postgres/postgres", "{back}");
    }
}

#[tokio::test]
async fn an_aborted_transaction_is_an_error_and_can_be_rolled_back() {
    let scratch = scratch().await;
    let mut conn = scratch.conn().await;
    run(&mut conn, "BEGIN").await;
    assert!(sqlx::raw_sql("SELECT 1 / 0").execute(&mut conn).await.is_err());
    assert!(load(&mut conn).await.is_err());
    run(&mut conn, "ROLLBACK").await;
    load(&mut conn).await.unwrap();
}

async fn setting(conn: &mut PgConnection, name: &str) -> String {
    sqlx::query_scalar("SELECT pg_catalog.current_setting($1)")
        .bind(name)
        .persistent(false)
        .fetch_one(conn)
        .await
        .unwrap()
}

/// Every setting, the user and whether the transaction is still there.
async fn settings_of(conn: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT pg_catalog.concat(name, '=', setting) FROM pg_catalog.pg_show_all_settings()
         WHERE name OPERATOR(pg_catalog.<>) 'client_encoding' OR setting OPERATOR(pg_catalog.=) 'LATIN1'
         UNION ALL SELECT pg_catalog.concat(session_user, '/', current_user)
         UNION ALL SELECT pg_catalog.concat(pg_catalog.current_setting('transaction_isolation'), pg_catalog.current_setting('transaction_read_only'))",
    )
    .persistent(false)
    .fetch_all(conn)
    .await
    .unwrap()
}
