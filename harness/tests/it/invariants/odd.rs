//! Schemas that stand in the way of being tested: what is said then, and what is left behind.

use std::collections::BTreeSet;
use std::time::Duration;

use shakedown::invariants::check::{Checked, Db, Known, Options, check};
use shakedown::server::{self, Choice, Request};
use shakedown::source::FORMATS;
use sqlx::AssertSqlSafe;

use crate::support::{Scratch, block_on, request, scratch, server as shared};

/// Invariants that look into the catalog.
const STATIC: [&str; 6] = [
    "index-valid",
    "constraint-validated",
    "deferred-reference",
    "foreign-key-index",
    "no-orphans",
    "trigger-enabled",
];

async fn with(sql: &str) -> Scratch {
    let database = scratch().await;
    let mut conn = database.conn().await;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.unwrap();
    database
}

async fn checked(sql: &str, options: &Options) -> Checked {
    let database = with(sql).await;
    check(&Db { server: shared(), name: &database.name }, options).await.unwrap()
}

/// Why the promises of a table could not be tried; fails if one was.
fn untested(checked: &Checked, table: &str) -> String {
    let mut reasons: Vec<&str> = Vec::new();
    for verdict in checked.verdicts.iter().filter(|v| v.promise.table.name == table) {
        match &verdict.known {
            Known::Untested { reason } => reasons.push(reason),
            // What the catalog alone tells needs no row.
            Known::Risk(_) => {}
            Known::Holds { .. } if STATIC.contains(&verdict.promise.invariant.as_str()) => {}
            known => panic!("{}: {known:?}", verdict.promise.id()),
        }
    }
    reasons.sort_unstable();
    reasons.dedup();
    assert!(!reasons.is_empty());
    reasons.join("; ")
}

fn holds(checked: &Checked, table: &str) -> usize {
    let of = checked.verdicts.iter().filter(|verdict| verdict.promise.table.name == table);
    of.filter(|verdict| matches!(verdict.known, Known::Holds { .. })).count()
}

#[test]
fn a_table_that_refuses_every_row_is_told_with_the_servers_reason() {
    let sql = "CREATE TABLE closed (id int PRIMARY KEY);
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'this table is closed'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON closed FOR EACH ROW EXECUTE FUNCTION refuse();
        CREATE TABLE child (id int PRIMARY KEY, closed_id int NOT NULL REFERENCES closed);
        CREATE TABLE open (id int PRIMARY KEY);";
    let checked = block_on(checked(sql, &Options::default()));
    assert_eq!(untested(&checked, "closed"), "every row is refused: this table is closed");
    assert_eq!(
        untested(&checked, "child"),
        "every row is refused: this table is closed; it needs rows of public.closed, which takes none"
    );
    assert!(holds(&checked, "open") > 0);
}

#[test]
fn a_trigger_that_crashes_on_every_row_is_broken() {
    let crashing = |body: &str| {
        format!(
            "CREATE TABLE logs (id int PRIMARY KEY, what text);
            CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$;
            CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON logs FOR EACH ROW EXECUTE FUNCTION stamp();"
        )
    };
    for body in ["NEW.changed_at := now();", "ASSERT false, 'never';"] {
        let checked = block_on(checked(&crashing(body), &Options::default()));
        let mut verdicts = checked.verdicts.iter();
        let found = verdicts.find(|verdict| verdict.promise.invariant == "trigger-paths").unwrap();
        assert!(matches!(found.known, Known::Broken(_)), "{body} {:?}", found.known);
    }
}

#[test]
fn a_check_that_cannot_be_solved_is_named() {
    let sql = "CREATE TABLE riddle (id int PRIMARY KEY, answer text NOT NULL,
        CONSTRAINT riddle_answer CHECK (md5(answer) = 'd41d8cd98f00b204e9800998ecf8427f0'));";
    let checked = block_on(checked(sql, &Options::default()));
    assert_eq!(
        untested(&checked, "riddle"),
        "no values were found that satisfy the check `riddle_answer`"
    );
}

#[test]
fn a_check_that_comes_out_differently_each_time_is_never_called_broken() {
    let sql = "CREATE TABLE dice (id int PRIMARY KEY, n int CHECK (random() < 0.5));";
    let checked = block_on(checked(sql, &Options::default()));
    let reason = untested(&checked, "dice");
    assert!(reason.contains("random"), "{reason}");
}

#[test]
fn a_trigger_that_sleeps_does_not_hold_up_the_rest() {
    let sql = "CREATE TABLE slow (id int PRIMARY KEY);
        CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_sleep(3600); RETURN NEW; END $$;
        CREATE TRIGGER sleep BEFORE INSERT ON slow FOR EACH ROW EXECUTE FUNCTION sleep();
        CREATE TABLE quick (id int PRIMARY KEY);";
    let checked = block_on(checked(sql, &Options::default()));
    let reason = untested(&checked, "slow");
    assert!(reason.contains("statement timeout"), "{reason}");
    assert!(holds(&checked, "quick") > 0);
}

#[test]
fn tables_that_the_user_may_not_write_to_are_told_with_the_servers_reason() {
    block_on(async {
        let database = with("CREATE TABLE theirs (id int PRIMARY KEY);").await;
        let mut conn = shared().connect(None).await.unwrap();
        let role = format!("reader_{}", &database.name[10..26]);
        let create = format!("CREATE ROLE {role} LOGIN CREATEDB PASSWORD 'pw'");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut conn).await.unwrap();
        // Only its owner or a superuser may copy a database that is not marked as a template.
        let mark = format!("ALTER DATABASE {} IS_TEMPLATE true", database.name);
        sqlx::raw_sql(AssertSqlSafe(mark)).execute(&mut conn).await.unwrap();
        let address = shared().address("postgres");
        let host = address.rsplit_once('@').unwrap().1;
        let choice = Choice::Url(format!("postgres://{role}:pw@{host}"));
        let theirs = server::start(&Request { choice, ..request() }).await.unwrap();
        let checked =
            check(&Db { server: &theirs, name: &database.name }, &Options::default()).await;
        let unmark =
            format!("ALTER DATABASE {} IS_TEMPLATE false; DROP ROLE {role}", database.name);
        sqlx::raw_sql(AssertSqlSafe(unmark)).execute(&mut conn).await.unwrap();
        let reason = untested(&checked.unwrap(), "theirs");
        assert_eq!(reason, "every row is refused: permission denied for table theirs");
    });
}

#[test]
fn what_the_time_does_not_suffice_for_is_named() {
    let tables: String = (0..40)
        .map(|n| format!("CREATE TABLE t{n} (id int PRIMARY KEY, a text UNIQUE);\n"))
        .collect();
    let options = Options { time: Some(Duration::from_nanos(1)), ..Options::default() };
    let checked = block_on(checked(&tables, &options));
    assert_eq!(holds(&checked, "t7"), 0);
    assert!(checked.not_reached.len() >= 80, "{:?}", checked.not_reached);
    assert!(checked.not_reached.contains(&"unique-columns:public.t7:t7_a_key".to_owned()));
}

#[test]
fn nothing_outlives_a_check() {
    block_on(async {
        let sql =
            "CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, b text UNIQUE);
            INSERT INTO a (b) VALUES ('x');";
        let database = with(sql).await;
        let content = "SELECT (SELECT string_agg(a::text, ',') FROM a)
            || (SELECT last_value FROM a_id_seq) || (SELECT count(*) FROM pg_class)";
        let mut conn = database.conn().await;
        let before: String = sqlx::query_scalar(content).fetch_one(&mut conn).await.unwrap();
        drop(conn);
        check(&Db { server: shared(), name: &database.name }, &Options::default()).await.unwrap();
        let mut conn = database.conn().await;
        let after: String = sqlx::query_scalar(content).fetch_one(&mut conn).await.unwrap();
        assert_eq!(before, after);
    });
}

#[test]
fn rows_that_are_already_there_do_not_stand_in_the_way() {
    let sql = "CREATE TABLE old (id int PRIMARY KEY, name text NOT NULL UNIQUE);
        INSERT INTO old SELECT n, 'word' || lpad((n - 1)::text, 6, '0') FROM generate_series(1, 3000) AS n;
        INSERT INTO old SELECT n, 'another ' || n FROM generate_series(1000001, 1000100) AS n;";
    let checked = block_on(checked(sql, &Options::default()));
    assert!(holds(&checked, "old") >= 2, "{:?}", checked.verdicts.first());
}

#[tokio::test]
async fn a_table_without_a_key_is_out_of_scope_of_the_model_and_nothing_is_left_undone() {
    let checked = checked("CREATE TABLE log (line text)", &Options::default()).await;
    let model: Vec<&Known> = checked
        .verdicts
        .iter()
        .filter(|verdict| verdict.promise.invariant == "rows-follow-the-model")
        .map(|verdict| &verdict.known)
        .collect();
    let [Known::OutOfScope { reason }] = model.as_slice() else { panic!("{model:?}") };
    assert_eq!(reason, "it has no unique key of columns to tell its rows by");
    assert!(checked.verdicts.iter().all(|v| !matches!(v.known, Known::Untested { .. })));
}

#[tokio::test]
async fn tables_of_migration_runners_are_left_out() {
    let kept = FORMATS.iter().map(|format| format!("{};\n", format.bookkeeping));
    // Two formats name theirs alike.
    let mut names = BTreeSet::new();
    let kept = kept.filter(|sql| names.insert(sql.split(' ').nth(2).map(str::to_owned)));
    let kept: String = kept.filter(|sql| sql.len() > 2).collect();
    let database = with(&format!("{kept} CREATE TABLE a (id int PRIMARY KEY)")).await;
    let checked = check(&Db { server: shared(), name: &database.name }, &Options::default()).await;
    let tables: BTreeSet<String> =
        checked.unwrap().verdicts.iter().map(|v| v.promise.table.to_string()).collect();
    assert_eq!(tables, BTreeSet::from(["public.a".to_owned()]));
    // The database itself still has them.
    let mut conn = database.conn().await;
    sqlx::query("SELECT * FROM _sqlx_migrations").execute(&mut conn).await.unwrap();
}

#[tokio::test]
async fn a_table_of_the_name_of_a_runners_but_with_other_columns_is_tested() {
    let sql = "CREATE TABLE migrations (id int PRIMARY KEY, bird text NOT NULL)";
    assert!(holds(&checked(sql, &Options::default()).await, "migrations") > 0);
}
