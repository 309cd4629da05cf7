//! Each operator on a small schema: the mutants it makes, and those that the server refuses.

use std::collections::BTreeSet;

use shakedown::catalog::load;
use shakedown::invariants::mutate::{OPERATORS, mutants};
use sqlx::{AssertSqlSafe, PgConnection};

use super::run;
use crate::support::{block_on, scratch};

/// A schema, an operator, and the mutants that it makes there. One that is refused ends in the
/// server's words for it.
type Case<'a> = (&'a str, &'a str, &'a [&'a str]);

const CASES: &[Case<'_>] = &[
    ("CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0))", "CCNullifier", &["drops the check c"]),
    (
        "CREATE TABLE t (a text CONSTRAINT c CHECK (a IN ('x', 'y')) CONSTRAINT d CHECK (a <> ALL ('{z}')))",
        "CCInExpressionRHSListExpressionElementR",
        &["drops 'x'::text in the check c", "drops 'y'::text in the check c"],
    ),
    (
        "CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0), b int CONSTRAINT d CHECK (b IN (1, 2)))",
        "CCRelationalExpressionOperatorE",
        &[
            "compares by = instead of > in the check c",
            "compares by <> instead of > in the check c",
            "compares by < instead of > in the check c",
            "compares by <= instead of > in the check c",
            "compares by >= instead of > in the check c",
        ],
    ),
    (
        PARENT_AND_CHILD,
        "FKCColumnPairR",
        &[
            "drops c from the foreign key f (there is no unique constraint matching given keys for referenced table \"t\")",
            "drops d from the foreign key f",
        ],
    ),
    (
        PARENT_AND_CHILD,
        "FKCColumnPairE",
        &[
            "has u.d point to t.a instead of u.c to t.a in the foreign key f",
            "has u.e point to t.a instead of u.c to t.a in the foreign key f",
            "has u.c point to t.b instead of u.c to t.a in the foreign key f (there is no unique constraint matching given keys for referenced table \"t\")",
            "has u.e point to t.b instead of u.d to t.b in the foreign key f",
        ],
    ),
    (
        "CREATE TABLE t (a int CONSTRAINT p PRIMARY KEY, b int, c json); CREATE TABLE u (d int)",
        "PKCColumnA",
        &[
            "adds b to the key p",
            "adds c to the key p (data type json has no default operator class for access method \"btree\")",
            "makes d the primary key of u",
        ],
    ),
    (
        "CREATE TABLE t (a int, b int, CONSTRAINT p PRIMARY KEY (a, b))",
        "PKCColumnR",
        &["drops a from the key p", "drops b from the key p"],
    ),
    (
        "CREATE TABLE t (a int CONSTRAINT p PRIMARY KEY, b int);
         CREATE TABLE u (c int CONSTRAINT f REFERENCES t);
         CREATE TABLE v (d int CONSTRAINT q PRIMARY KEY, e int)",
        "PKCColumnE",
        &[
            "has b instead of a in the key p (there is no unique constraint matching given keys for referenced table \"t\")",
            "has e instead of d in the key q",
        ],
    ),
    (
        "CREATE TABLE t (a int PRIMARY KEY, b int, c int NOT NULL)",
        "NNCA",
        &["adds NOT NULL to t.a (changes nothing)", "adds NOT NULL to t.b"],
    ),
    (
        "CREATE TABLE t (a int PRIMARY KEY, b int, c int NOT NULL, d int GENERATED ALWAYS AS IDENTITY)",
        "NNCR",
        &[
            "drops NOT NULL of t.c",
            "drops NOT NULL of t.d (column \"d\" of relation \"t\" is an identity column)",
        ],
    ),
    (
        "CREATE TABLE t (a int PRIMARY KEY, b int CONSTRAINT k UNIQUE)",
        "UCColumnA",
        &["makes t.a unique", "adds a to the key k"],
    ),
    (
        "CREATE TABLE t (a int, b int, CONSTRAINT k UNIQUE (a, b))",
        "UCColumnR",
        &["drops a from the key k", "drops b from the key k"],
    ),
    (
        "CREATE TABLE t (a int, b int, c int, CONSTRAINT k UNIQUE (a, b))",
        "UCColumnE",
        &["has c instead of a in the key k", "has c instead of b in the key k"],
    ),
    (
        "CREATE TABLE t (a int PRIMARY KEY);
         CREATE TABLE u (b int, CONSTRAINT f FOREIGN KEY (b) REFERENCES t ON DELETE SET NULL (b))",
        "fk-on-delete",
        &[
            "has ON DELETE NO ACTION instead of SET NULL in the foreign key f",
            "has ON DELETE RESTRICT instead of SET NULL in the foreign key f",
            "has ON DELETE CASCADE instead of SET NULL in the foreign key f",
            "has ON DELETE SET DEFAULT instead of SET NULL in the foreign key f",
        ],
    ),
    (
        "CREATE TABLE t (a int PRIMARY KEY);
         CREATE TABLE u (b int CONSTRAINT f REFERENCES t ON UPDATE CASCADE DEFERRABLE)",
        "fk-on-update",
        &[
            "has ON UPDATE NO ACTION instead of CASCADE in the foreign key f",
            "has ON UPDATE RESTRICT instead of CASCADE in the foreign key f",
            "has ON UPDATE SET NULL instead of CASCADE in the foreign key f",
            "has ON UPDATE SET DEFAULT instead of CASCADE in the foreign key f",
        ],
    ),
    (PARENT_AND_CHILD, "fk-match", &["has MATCH FULL in the foreign key f"]),
    (
        "CREATE TABLE t (a int CONSTRAINT p PRIMARY KEY, b int CONSTRAINT k UNIQUE DEFERRABLE);
         CREATE TABLE u (c int CONSTRAINT f REFERENCES t DEFERRABLE INITIALLY DEFERRED)",
        "deferral",
        &[
            "makes k NOT DEFERRABLE",
            "makes k DEFERRABLE INITIALLY DEFERRED",
            "makes p DEFERRABLE (cannot use a deferrable unique constraint for referenced table \"t\")",
            "makes p DEFERRABLE INITIALLY DEFERRED (cannot use a deferrable unique constraint for referenced table \"t\")",
            "makes f NOT DEFERRABLE",
            "makes f DEFERRABLE",
        ],
    ),
    (
        "CREATE TABLE t (a int CONSTRAINT k UNIQUE, b int CONSTRAINT l UNIQUE NULLS NOT DISTINCT)",
        "nulls-distinct",
        &["takes nulls for equal in the key k", "tells nulls apart in the key l"],
    ),
    (INDEXES, "index-drop", &["drops the unique index i"]),
    (
        INDEXES,
        "index-key",
        &[
            "drops a DESC from the unique index i",
            "drops lower(b) text_pattern_ops from the unique index i",
        ],
    ),
    (INDEXES, "index-nulls", &["tells nulls apart in the unique index i"]),
    (INDEXES, "index-all-rows", &["drops the condition (c <> ', )'::text) of the unique index i"]),
    (
        INDEXES,
        "index-other-rows",
        &["negates the condition (c <> ', )'::text) of the unique index i"],
    ),
    (INDEXES, "index-bare", &["has b for lower(b) in the unique index i"]),
    (EXCLUSION, "exclusion-drop", &["drops the exclusion x"]),
    (
        EXCLUSION,
        "exclusion-element",
        &["drops a WITH = from the exclusion x", "drops b WITH && from the exclusion x"],
    ),
    (
        EXCLUSION,
        "exclusion-operator",
        &[
            "excludes by a <> instead of = in the exclusion x",
            "excludes by a && instead of = in the exclusion x (operator does not exist: integer && integer)",
            "excludes by a -|- instead of = in the exclusion x (operator does not exist: integer -|- integer)",
            "excludes by b = instead of && in the exclusion x",
            "excludes by b <> instead of && in the exclusion x (operator <>(anyrange,anyrange) is not a member of operator family \"range_ops\")",
            "excludes by b -|- instead of && in the exclusion x",
        ],
    ),
    (
        DEFAULTS,
        "default-drop",
        &[
            "drops the default of t.a",
            "drops the default of t.b",
            "drops the default of t.c",
            "drops the default of t.d",
            "drops the default of t.e",
            "drops the default of t.f",
            "drops the default of t.g",
        ],
    ),
    (
        DEFAULTS,
        "default-change",
        &[
            "has NOT (true) for the default of t.b",
            "has ('x'::text) || 'x' for the default of t.c",
            "has (now()) + interval '1 day' for the default of t.d",
            "has 'ok'::public.mood for the default of t.e",
            "has '00000000-0000-0000-0000-000000000000'::uuid for the default of t.f",
        ],
    ),
    (GENERATED, "generated-drop", &["drops the expression of t.b"]),
    (GENERATED, "generated-change", &["generates ((a + 1)) + 1 as t.b"]),
    (
        "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b int GENERATED BY DEFAULT AS IDENTITY)",
        "identity",
        &[
            "has GENERATED BY DEFAULT for the identity of t.a",
            "has GENERATED ALWAYS for the identity of t.b",
        ],
    ),
    (
        "CREATE TABLE t (a bigint, b varchar(5), c numeric(6, 2), d timestamptz, e text, f int[]);
         CREATE VIEW v AS SELECT a, b FROM t; CREATE VIEW w AS SELECT a FROM v",
        "type",
        &[
            "has integer instead of bigint for t.a",
            "has character varying(4) instead of character varying(5) for t.b",
            "has character varying(6) instead of character varying(5) for t.b",
            "has numeric(5,2) instead of numeric(6,2) for t.c",
            "has numeric(7,2) instead of numeric(6,2) for t.c",
            "has numeric(5,1) instead of numeric(6,2) for t.c",
            "has numeric(7,3) instead of numeric(6,2) for t.c",
            "has timestamp without time zone instead of timestamp with time zone for t.d",
        ],
    ),
    (DOMAINS, "domain-check-drop", &["drops the check c of d", "drops the check c of e"]),
    (
        DOMAINS,
        "domain-element",
        &["drops 'x'::text in the check c of d", "drops 'y'::text in the check c of d"],
    ),
    (
        DOMAINS,
        "domain-operator",
        &[
            "compares by = instead of > in the check c of e",
            "compares by <> instead of > in the check c of e",
            "compares by < instead of > in the check c of e",
            "compares by <= instead of > in the check c of e",
            "compares by >= instead of > in the check c of e",
        ],
    ),
    (DOMAINS, "domain-null", &["drops NOT NULL of d"]),
    (
        "CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
         CREATE TABLE t (a mood DEFAULT 'sad' CHECK (a > 'sad'))",
        "enum-label",
        &["drops 'sad' of mood", "drops 'it''s ok' of mood"],
    ),
    (TRIGGERS, "trigger-drop", &["drops the trigger g", "drops the trigger h"]),
    (TRIGGERS, "trigger-disable", &["disables the trigger g", "disables the trigger h"]),
    (TRIGGERS, "trigger-after", &["fires the trigger g only after each row"]),
    (POLICIES, "policy-drop", &["drops the policy p"]),
    (POLICIES, "policies-off", &["switches row security of t off"]),
    (POLICIES, "policies-unforced", &["exempts the owner of t from row security"]),
    (VIEWS, "view-check-option", &["drops the check option of v"]),
    (VIEWS, "view-filter", &["shows all rows in v"]),
    (
        SEQUENCES,
        "sequence-type",
        &[
            "counts s as smallint",
            "counts s as bigint",
            "counts n as smallint",
            "counts n as integer",
        ],
    ),
    (
        SEQUENCES,
        "sequence-cycle",
        &["s ends after its last value", "n begins again after its last value"],
    ),
];

const PARENT_AND_CHILD: &str = "
    CREATE TABLE t (a int, b int, PRIMARY KEY (a, b), UNIQUE (a));
    CREATE TABLE u (c int, d int, e int, CONSTRAINT f FOREIGN KEY (c, d) REFERENCES t (a, b))";

const INDEXES: &str = "
    CREATE TABLE t (a int, b text, c text, UNIQUE (c));
    CREATE INDEX ordinary ON t (b);
    CREATE UNIQUE INDEX i ON t (a DESC, lower(b) text_pattern_ops) INCLUDE (c)
        NULLS NOT DISTINCT WITH (fillfactor = 70) WHERE c <> ', )'";

const EXCLUSION: &str = "
    CREATE EXTENSION btree_gist;
    CREATE TABLE t (a int, b daterange, CONSTRAINT x EXCLUDE USING gist (a WITH =, b WITH &&)
        WHERE (a > 0) DEFERRABLE)";

const DEFAULTS: &str = "
    CREATE TYPE mood AS ENUM ('sad', 'ok');
    CREATE TABLE t (a serial, b bool DEFAULT true, c text DEFAULT 'x', d timestamptz DEFAULT now(),
        e mood DEFAULT 'sad', f uuid DEFAULT gen_random_uuid(), g jsonb DEFAULT '{}', h int)";

const GENERATED: &str = "
    CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) STORED CHECK (b > 0), c text);
    CREATE UNIQUE INDEX i ON t (b);
    CREATE VIEW v AS SELECT b FROM t";

const DOMAINS: &str = "
    CREATE DOMAIN d AS text NOT NULL CONSTRAINT c CHECK (VALUE IN ('x', 'y'));
    CREATE DOMAIN e AS int CONSTRAINT c CHECK (VALUE > 0);
    CREATE TABLE t (a d, b e)";

const TRIGGERS: &str = "
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TABLE t (a int);
    CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();
    CREATE TRIGGER h AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()";

const POLICIES: &str = "
    CREATE TABLE t (a int);
    CREATE POLICY p ON t USING (a > 0);
    ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY";

const VIEWS: &str = "
    CREATE TABLE t (a int);
    CREATE VIEW v WITH (security_barrier) AS SELECT a FROM t WHERE a > 0 WITH CHECK OPTION;
    CREATE VIEW w AS SELECT a FROM t";

const SEQUENCES: &str = "
    CREATE SEQUENCE s AS int CYCLE;
    CREATE TABLE t (a bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME n))";

#[test]
fn each_operator_makes_the_mutants_that_its_places_allow() {
    block_on(async {
        let scratch = scratch().await;
        let mut conn = scratch.conn().await;
        let mut wrong = String::new();
        for (sql, operator, expected) in CASES {
            run(&mut conn, "BEGIN").await;
            run(&mut conn, sql).await;
            let made = made(&mut conn, operator).await;
            run(&mut conn, "ROLLBACK").await;
            if made != *expected {
                wrong.push_str(&format!("{operator} makes {made:#?}\ninstead of {expected:#?}\n"));
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    });
}

/// Makes the mutants of one operator, one after the other, and undoes each.
async fn made(conn: &mut PgConnection, operator: &str) -> Vec<String> {
    let catalog = load(conn).await.unwrap();
    let mut said = Vec::new();
    for mutant in mutants(&catalog).into_iter().filter(|mutant| mutant.operator == operator) {
        run(conn, "SAVEPOINT mutant").await;
        let ddl = mutant.ddl.join(";\n");
        let result = sqlx::raw_sql(AssertSqlSafe(ddl)).execute(&mut *conn).await;
        let refused = match &result {
            Err(error) => format!(" ({})", error.as_database_error().unwrap().message()),
            Ok(_) if load(conn).await.unwrap() == catalog => " (changes nothing)".to_owned(),
            Ok(_) => String::new(),
        };
        said.push(format!("{}{refused}", mutant.says));
        run(conn, "ROLLBACK TO mutant").await;
        assert_eq!(load(conn).await.unwrap(), catalog, "{} left a trace", mutant.says);
    }
    said
}

#[test]
fn every_operator_is_tried_above_and_thirteen_are_the_published_ones() {
    let tried: BTreeSet<_> = CASES.iter().map(|(_, operator, _)| *operator).collect();
    let all: BTreeSet<_> = OPERATORS.iter().map(|operator| operator.id).collect();
    assert_eq!(tried, all);
    assert_eq!(all.len(), OPERATORS.len(), "an id stands for one operator");
    assert_eq!(OPERATORS.iter().filter(|operator| operator.published).count(), 13);
}
