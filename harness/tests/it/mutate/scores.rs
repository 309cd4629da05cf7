//! Which mutants count, and which a suite notices.

use std::collections::BTreeSet;

use shakedown::catalog::load;
use shakedown::invariants::case::{Case, Expect, Group};
use shakedown::invariants::mutate::{Baseline, Class, Judged, Score, score};
use shakedown::invariants::runner::Runner;
use sqlx::PgConnection;

use super::{rapids, schema};
use crate::support::block_on;

/// The score of a suite; its baseline is what comes of it on the unchanged schema.
async fn scored(conn: &mut PgConnection, suite: Vec<Group>) -> Score {
    let catalog = load(conn).await.unwrap();
    let outcomes = Runner::new(conn, true).await.unwrap().run(&suite).await.unwrap();
    let suite: Vec<Baseline> = suite
        .into_iter()
        .zip(outcomes)
        .map(|(group, outcomes)| Baseline { group, outcomes })
        .collect();
    let score = score(conn, &catalog, &suite, &mut |_, _| {}).await.unwrap();
    assert_eq!(load(conn).await.unwrap(), catalog, "a mutant left a trace");
    score
}

fn named<'s>(score: &'s Score, says: &str) -> &'s Judged {
    let found = score.mutants.iter().find(|judged| judged.mutant.says == says);
    found.unwrap_or_else(|| panic!("no mutant {says}"))
}

fn ops(ops: &[&str]) -> Vec<String> {
    ops.iter().map(|op| (*op).to_owned()).collect()
}

fn group(setup: &[&str], cases: Vec<Case>) -> Group {
    Group { setup: ops(setup), cases }
}

#[test]
fn a_suite_kills_what_it_tries_and_nothing_else() {
    block_on(async {
        let (_scratch, mut conn, _) = schema(
            "CREATE TABLE t (id int CONSTRAINT p PRIMARY KEY, a int CONSTRAINT c CHECK (a > 0),
                b text NOT NULL)",
        )
        .await;
        let row = "INSERT INTO t VALUES (1, 1, 'x')";
        let suite = vec![
            group(
                &[],
                vec![
                    Case::accepted("a row", ops(&[row])),
                    Case::rejected(
                        "a of zero",
                        ops(&["INSERT INTO t VALUES (1, 0, 'x')"]),
                        &["23514"],
                    ),
                    Case::rejected("no b", ops(&["INSERT INTO t VALUES (1, 1, NULL)"]), &["23502"]),
                ],
            ),
            group(
                &[row],
                vec![Case {
                    about: "the same id".to_owned(),
                    ops: ops(&[row]),
                    expect: Expect::Steps(vec![
                        Expect::Rejected { sqlstates: ops(&["23505"]), constraint: None },
                        Expect::Accepted,
                    ]),
                }],
            ),
        ];
        let score = scored(&mut conn, suite).await;
        for (says, killed_by) in [
            (
                "drops the check c",
                Some("a of zero: accepted instead of refused with 23514 at statement 1"),
            ),
            (
                "compares by >= instead of > in the check c",
                Some("a of zero: accepted instead of refused with 23514 at statement 1"),
            ),
            ("compares by <> instead of > in the check c", None),
            (
                "drops NOT NULL of t.b",
                Some("no b: accepted instead of refused with 23502 at statement 1"),
            ),
            ("adds NOT NULL to t.a", None),
            (
                "drops the key p",
                Some("the same id: accepted at step 1 instead of refused with 23505 at step 1"),
            ),
            ("makes p DEFERRABLE", None),
            (
                "makes p DEFERRABLE INITIALLY DEFERRED",
                Some("the same id: accepted at step 1 instead of refused with 23505 at step 1"),
            ),
            ("has smallint instead of integer for t.a", None),
        ] {
            let judged = named(&score, says);
            assert_eq!(judged.killed_by.as_deref(), killed_by, "{says}");
            assert_eq!(judged.class, Class::Normal, "{says}");
        }
        let none_enters = named(&score, "compares by < instead of > in the check c");
        assert_eq!(none_enters.class, Class::Impaired);
        assert_eq!(
            none_enters.killed_by.as_deref(),
            Some("a row: refused with 23514 at statement 1 instead of accepted")
        );
        let alive: Vec<_> = score.alive().map(|judged| judged.mutant.says.as_str()).collect();
        assert!(alive.contains(&"adds NOT NULL to t.a") && !alive.contains(&"drops the check c"));
        let total = score.total(false);
        assert_eq!(total.killed + alive.len(), total.normal);
        assert!(score.total(true).all < total.all);
        let counted: usize = score.by_operator().iter().map(|(_, count)| count.all).sum();
        assert_eq!(counted, total.all);
    });
}

#[test]
fn what_only_a_user_of_a_type_shows_is_noticed() {
    block_on(async {
        let (_scratch, mut conn, _) = schema(
            "CREATE TYPE mood AS ENUM ('sad', 'ok');
             CREATE DOMAIN age AS int CONSTRAINT c CHECK (VALUE >= 0);
             CREATE TABLE t (a mood, b age)",
        )
        .await;
        let suite = vec![group(
            &[],
            vec![
                Case::accepted("a sad one", ops(&["INSERT INTO t VALUES ('sad', 0)"])),
                Case::rejected(
                    "before birth",
                    ops(&["INSERT INTO t VALUES (NULL, -1)"]),
                    &["23514"],
                ),
            ],
        )];
        let score = scored(&mut conn, suite).await;
        let killed = |says| named(&score, says).killed_by.is_some();
        assert!(killed("drops 'sad' of mood"));
        assert!(!killed("drops 'ok' of mood"));
        assert!(killed("drops the check c of age"));
        assert!(killed("compares by > instead of >= in the check c of age"));
    });
}

#[test]
fn cases_that_differ_by_themselves_or_cannot_be_reached_kill_nothing() {
    block_on(async {
        let (_scratch, mut conn, _) =
            schema("CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0))").await;
        let suite = vec![
            group(&[], vec![Case::yields("chance", ops(&["SELECT gen_random_uuid()::text"]), "")]),
            group(
                &["INSERT INTO t VALUES (0)"],
                vec![Case::accepted("on zero", ops(&["SELECT 1"]))],
            ),
        ];
        let score = scored(&mut conn, suite).await;
        assert_eq!(score.total(false).killed, 0);
        assert!(score.total(false).normal > 0);
    });
}

#[test]
fn mutants_that_change_nothing_are_told_with_the_rule() {
    const SAME: &str = "the schema is the same but for names and remarks";
    const PRIMARY: &str = "a primary key is a unique key without nulls";
    const NO_NULLS: &str = "nulls are not taken one way or the other where there are none";
    const FEWER: &str = "a unique key follows from one over fewer columns";
    const MATCH: &str = "no null can be matched partially where there are none";
    const DEFAULT: &str = "a column without a default has null for it";
    block_on(async {
        let (_scratch, mut conn, _) = schema(
            "CREATE TABLE t (a int, b int, c text, PRIMARY KEY (a, b),
                 CONSTRAINT given CHECK (c IS NOT NULL));
             ALTER TABLE t ADD CONSTRAINT ab UNIQUE (a, b);
             CREATE TABLE u (id int PRIMARY KEY, d int NOT NULL, e int NOT NULL, g int NOT NULL,
                 h int, x int CONSTRAINT one UNIQUE,
                 CONSTRAINT f FOREIGN KEY (d, e) REFERENCES t (a, b),
                 CONSTRAINT s FOREIGN KEY (h) REFERENCES u ON DELETE SET NULL);
             CREATE UNIQUE INDEX i ON u (lower(g::text), d);
             CREATE UNIQUE INDEX j ON t (c)",
        )
        .await;
        let score = scored(&mut conn, Vec::new()).await;
        for (says, rule) in [
            ("adds NOT NULL to t.a", SAME),
            ("makes u.id unique", PRIMARY),
            ("adds NOT NULL to t.c", "a check demands a value already"),
            ("adds c to the key ab", FEWER),
            ("has MATCH FULL in the foreign key f", MATCH),
            ("has ON DELETE SET DEFAULT instead of SET NULL in the foreign key s", DEFAULT),
            ("takes nulls for equal in the key ab", NO_NULLS),
            ("takes nulls for equal in the unique index i", NO_NULLS),
            ("makes t.c unique", "a unique index over columns is a unique key"),
        ] {
            assert_eq!(named(&score, says).class, Class::Equivalent(rule.to_owned()), "{says}");
        }
        for says in [
            "takes nulls for equal in the key one",
            "takes nulls for equal in the unique index j",
            "drops NOT NULL of u.g",
            "drops the unique index j",
        ] {
            assert_eq!(named(&score, says).class, Class::Normal, "{says}");
        }
    });
}

#[test]
fn a_check_that_others_imply_may_be_changed_without_a_difference() {
    let rule = "the checks of the table refuse the same values, however these lie";
    let equivalent = Class::Equivalent(rule.to_owned());
    block_on(async {
        let (_scratch, mut conn, _) = schema(
            "CREATE TABLE t (full_price numeric NOT NULL CONSTRAINT f CHECK (full_price > 0),
                 price numeric NOT NULL CONSTRAINT p CHECK (price > 0),
                 other text CONSTRAINT x CHECK (length(other) > 1),
                 CONSTRAINT less CHECK (full_price > price));
             CREATE TABLE u (a int CONSTRAINT f CHECK (a > 0), b int CONSTRAINT p CHECK (b > 0),
                 CONSTRAINT less CHECK (a > b));
             CREATE TABLE v (a int CONSTRAINT none CHECK (a >= 5 AND a <= -5 OR a < 9))",
        )
        .await;
        let score = scored(&mut conn, Vec::new()).await;
        let class = |table: &str, says: &str| {
            let of_table = |it: &&Judged| it.mutant.table.name == table && it.mutant.says == says;
            score.mutants.iter().find(of_table).unwrap_or_else(|| panic!("no {says}")).class.clone()
        };
        for says in [
            "drops the check f",
            "compares by >= instead of > in the check f",
            "compares by <> instead of > in the check f",
        ] {
            assert_eq!(class("t", says), equivalent, "{says}");
            assert_eq!(class("u", says), Class::Normal, "b may be null: {says}");
        }
        for says in ["drops the check p", "drops the check less", "drops the check x"] {
            assert_eq!(class("t", says), Class::Normal, "{says}");
        }
        assert_eq!(class("v", "compares by > instead of >= in the check none"), equivalent);
        assert_eq!(class("v", "compares by <= instead of < in the check none"), Class::Normal);
    });
}

#[test]
fn of_two_mutants_that_come_to_the_same_the_later_is_a_duplicate() {
    block_on(async {
        let (_scratch, mut conn, _) = schema(
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
             CREATE TABLE t (a int NOT NULL, b int NOT NULL, CONSTRAINT p PRIMARY KEY (a, b));
             CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
        )
        .await;
        let score = scored(&mut conn, Vec::new()).await;
        for (later, earlier) in [
            ("makes t.a unique", "drops b from the key p"),
            ("disables the trigger g", "drops the trigger g"),
        ] {
            assert_eq!(named(&score, later).class, Class::Duplicate(earlier.to_owned()));
            assert_eq!(named(&score, earlier).class, Class::Normal);
        }
    });
}

#[test]
fn partitions_and_heirs_are_changed_with_their_parents_only() {
    block_on(async {
        let (_scratch, mut conn, _) = schema(
            "CREATE TABLE p (a bigint, b int CONSTRAINT c CHECK (b > 0), PRIMARY KEY (a)) PARTITION BY RANGE (a);
             CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9);
             CREATE TABLE q (a bigint CONSTRAINT f REFERENCES p ON DELETE CASCADE);
             CREATE TABLE i (x bigint CONSTRAINT g CHECK (x > 0));
             CREATE TABLE j (y varchar(5)) INHERITS (i);
             CREATE MATERIALIZED VIEW m AS SELECT y, x FROM j;
             CREATE UNIQUE INDEX k ON m (y);
             CREATE VIEW \"odd Name\" AS SELECT y FROM m",
        )
        .await;
        let score = scored(&mut conn, Vec::new()).await;
        let of_table = |name: &str| -> Vec<&Judged> {
            score.mutants.iter().filter(|judged| judged.mutant.table.name == name).collect()
        };
        assert!(of_table("p1").is_empty());
        assert!(of_table("j").iter().all(|judged| judged.mutant.object != "g"));
        for says in [
            "drops the check c",
            "drops the foreign key f",
            "has ON DELETE RESTRICT instead of CASCADE in the foreign key f",
            "drops the check g",
            "has integer instead of bigint for i.x",
            "has character varying(4) instead of character varying(5) for j.y",
        ] {
            assert_eq!(named(&score, says).class, Class::Normal, "{says}");
        }
    });
}

#[test]
fn the_server_makes_every_mutant_of_the_rapids_schema_but_those_that_cannot_be() {
    block_on(async {
        let (_scratch, mut conn, catalog) = rapids().await;
        let mut told = Vec::new();
        let mut progress = |done, all| told.push((done, all));
        let score = score(&mut conn, &catalog, &[], &mut progress).await.unwrap();
        assert_eq!(load(&mut conn).await.unwrap(), catalog);

        let count = score.mutants.len();
        assert_eq!(told.first().zip(told.last()), Some((&(1, count), &(count, count))));
        let refusals: BTreeSet<&str> = score
            .mutants
            .iter()
            .filter_map(|judged| match &judged.class {
                Class::Stillborn(message) => message.split('"').next(),
                _ => None,
            })
            .collect();
        let expected = [
            // The primary key of users or categories has to be deferred for.
            "cannot use a deferrable unique constraint for referenced table ",
            // Its NOT NULL is part of it.
            "column ",
            // The types of the columns do not fit.
            "foreign key constraint ",
            // What is pointed to is no key, or not one any more.
            "there is no unique constraint matching given keys for referenced table ",
        ];
        assert_eq!(refusals, expected.into());
        assert!(score.total(false).normal > 250, "{:?}", score.total(false));
        assert_eq!(score.alive().count(), score.total(false).normal, "there is no suite");
    });
}
