//! Two sessions against each other.

use shakedown::invariants::duel::{Ended, duel};
use shakedown::invariants::promise::Duel;
use sqlx::AssertSqlSafe;

use crate::support::{block_on, scratch};

/// What a duel over `schema` ends with. Each side is given as statements between semicolons.
fn ended(schema: &str, setup: &str, first: &str, second: &str, then: &str) -> Ended {
    let statements = |text: &str| {
        text.split(';').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
    };
    block_on(async {
        let database = scratch().await;
        let (mut one, mut other) = (database.conn().await, database.conn().await);
        sqlx::raw_sql(AssertSqlSafe(schema.to_owned())).execute(&mut one).await.unwrap();
        let tried = Duel {
            about: "a test".to_owned(),
            setup: statements(setup),
            first: statements(first),
            second: statements(second),
            then: then.to_owned(),
            gives: String::new(),
        };
        let began = std::time::Instant::now();
        let ended = duel(&mut one, &mut other, &tried).await.unwrap();
        assert!(began.elapsed().as_secs() < 5, "a duel must not hang");
        ended
    })
}

fn gave(value: &str) -> Ended {
    Ended::Gave(Some(value.to_owned()))
}

const FAMILY: &str = "CREATE TABLE parents (id int PRIMARY KEY);
    CREATE TABLE children (id int PRIMARY KEY, parent int REFERENCES parents)";

#[test]
fn the_second_waits_for_the_first_and_is_refused_when_that_commits() {
    let schema = "CREATE TABLE t (id int PRIMARY KEY, who text)";
    let end = ended(
        schema,
        "",
        "INSERT INTO t VALUES (1, 'first')",
        "INSERT INTO t VALUES (2, 'second'); INSERT INTO t VALUES (1, 'second')",
        "SELECT string_agg(who, ',') FROM t",
    );
    assert_eq!(end, gave("first"), "nothing of the second stays");
}

#[test]
fn what_does_not_collide_is_committed_by_both() {
    let end = ended(
        FAMILY,
        "INSERT INTO parents VALUES (1)",
        "INSERT INTO children VALUES (1, 1)",
        "INSERT INTO children VALUES (2, 1)",
        "SELECT count(*) FROM children",
    );
    assert_eq!(end, gave("2"));
}

#[test]
fn a_row_that_goes_while_another_comes_to_refer_to_it_leaves_no_orphan() {
    let orphans = "SELECT count(*) FROM children c
        WHERE NOT EXISTS (SELECT FROM parents p WHERE p.id = c.parent)";
    let setup = "INSERT INTO parents VALUES (1)";
    let (delete, insert) = ("DELETE FROM parents", "INSERT INTO children VALUES (1, 1)");
    assert_eq!(ended(FAMILY, setup, delete, insert, orphans), gave("0"));
    assert_eq!(ended(FAMILY, setup, insert, delete, orphans), gave("0"));
    let unguarded = FAMILY.replace(" REFERENCES parents", "");
    assert_eq!(ended(&unguarded, setup, delete, insert, orphans), gave("1"));
}

#[test]
fn two_that_wait_for_each_other_are_parted() {
    // The first commits only if the second lets it see whether the key is taken.
    let schema = "CREATE TABLE t (id int UNIQUE DEFERRABLE INITIALLY DEFERRED, who text)";
    let end = ended(
        schema,
        "",
        "INSERT INTO t VALUES (1, 'first')",
        "INSERT INTO t VALUES (1, 'second')",
        "SELECT count(*) FROM t",
    );
    assert_eq!(end, gave("1"));
}

#[test]
fn the_setup_is_one_transaction_and_a_refused_one_is_told() {
    let schema = "CREATE TABLE a (id int PRIMARY KEY, b int NOT NULL);
        CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a);
        ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b DEFERRABLE INITIALLY DEFERRED";
    let first = "INSERT INTO a VALUES (1, 1)";
    let both = "INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1)";
    assert_eq!(ended(schema, both, "", "", "SELECT count(*) FROM a"), gave("1"));
    let end = ended(schema, first, "", "", "SELECT count(*) FROM a");
    assert!(matches!(&end, Ended::Refused(why) if why.sqlstate == "23503"), "{end:?}");
}

#[test]
fn no_row_and_null_are_both_nothing() {
    let none = |query: &str| ended("", "", "", "", query);
    assert_eq!(none("SELECT NULL"), Ended::Gave(None));
    assert_eq!(none("SELECT 1 WHERE false"), Ended::Gave(None));
}

#[test]
fn a_first_session_that_is_refused_by_itself_is_no_duel() {
    let seat = "INSERT INTO seats VALUES (-1)";
    let schema = "CREATE TABLE seats (id int CHECK (id > 0))";
    let told = ended(schema, "", seat, seat, "SELECT count(*)::text FROM seats");
    assert!(matches!(&told, Ended::Refused(refused) if refused.sqlstate == "23514"), "{told:?}");
}
