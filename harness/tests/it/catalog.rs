//! The schema as a value: every change to a schema is noticed, told of the object that a user
//! would name, and mended by the statements that are offered; nothing else makes a difference.

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

/// Things that change nothing of a schema.
async fn check_same(before_sql: &str, changes: &[&str]) {
    let scratch = scratch().await;
    let mut conn = scratch.conn().await;
    run(&mut conn, before_sql).await;
    let before = load(&mut conn).await.unwrap();
    for change in changes {
        for message in change.lines() {
            run(&mut conn, message).await;
        }
        let after = load(&mut conn).await.unwrap();
        let lines: Vec<_> = diff(&before, &after).iter().map(line).collect();
        assert_eq!(lines, [""; 0], "after {change}");
        assert_eq!(before, after, "after {change}");
    }
}

const USERS: &str =
    "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, age integer DEFAULT 7);";

#[tokio::test]
async fn schemas_and_extensions() {
    check(&[
        ("CREATE SCHEMA app;", "DROP SCHEMA app;", &["schema app: missing"]),
        ("", "CREATE SCHEMA \"My app\";", &["schema \"My app\": extra"]),
        ("CREATE SCHEMA app;", "COMMENT ON SCHEMA app IS 'it''s'", &["schema app: comment none -> it's"]),
        (
            &format!("{ROLES} CREATE SCHEMA app;"),
            "ALTER SCHEMA app OWNER TO c_alice",
            &["schema app: owner postgres -> c_alice"],
        ),
        (
            &format!("{ROLES} CREATE SCHEMA app;"),
            "GRANT USAGE ON SCHEMA app TO c_alice WITH GRANT OPTION; GRANT CREATE ON SCHEMA app TO PUBLIC",
            &["schema app: privileges postgres=UC/postgres -> =C/postgres, c_alice=U*/postgres, postgres=UC/postgres"],
        ),
        (
            "CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext;",
            "DROP EXTENSION citext",
            &["extension citext: missing"],
        ),
        ("", "CREATE EXTENSION hstore", &["extension hstore: extra"]),
        (
            "CREATE SCHEMA ext; CREATE EXTENSION citext;",
            "ALTER EXTENSION citext SET SCHEMA ext",
            &["extension citext: schema public -> ext"],
        ),
        ("CREATE EXTENSION hstore VERSION '1.7'", "ALTER EXTENSION hstore UPDATE TO '1.8'", &["extension hstore: version 1.7 -> 1.8 (no mend)"]),
    ])
    .await;
}

#[tokio::test]
async fn types() {
    let mood = "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TABLE t (a mood DEFAULT 'sad', b mood[], c int);";
    check(&[
        ("", "CREATE TYPE mood AS ENUM ('sad', 'happy')", &["type public.mood: extra"]),
        ("CREATE TYPE mood AS ENUM ('sad', 'it''s');", "DROP TYPE mood", &["type public.mood: missing"]),
        (mood, "ALTER TYPE mood ADD VALUE 'ok' BEFORE 'happy'", &["type public.mood: labels sad, happy -> sad, ok, happy"]),
        (mood, "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'", &[
            "type public.mood: labels sad, happy -> blue, happy",
            "column public.t.a: default 'sad'::public.mood -> 'blue'::public.mood",
        ]),
        (
            "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');",
            "DROP TYPE mood; CREATE TYPE mood AS ENUM ('ok')",
            &["type public.mood: labels sad, ok, happy -> ok"],
        ),
        (
            "CREATE TYPE mood AS ENUM ('sad', 'happy');",
            "DROP TYPE mood; CREATE TYPE mood AS ENUM ('happy', 'sad')",
            &["type public.mood: labels sad, happy -> happy, sad"],
        ),
        ("", "CREATE DOMAIN d AS text NOT NULL", &["domain public.d: extra"]),
        (
            "CREATE DOMAIN d AS varchar(3) COLLATE \"C\" DEFAULT 'x' NOT NULL CONSTRAINT c CHECK (value <> 'y'); ALTER DOMAIN d ADD CONSTRAINT n CHECK (value > 'a') NOT VALID; COMMENT ON CONSTRAINT c ON DOMAIN d IS 'why'; COMMENT ON DOMAIN d IS 'what';",
            "DROP DOMAIN d",
            &["domain public.d: missing"],
        ),
        ("CREATE DOMAIN d AS text;", "ALTER DOMAIN d SET DEFAULT 'x'; ALTER DOMAIN d SET NOT NULL", &["domain public.d: default none -> 'x'::text; not null false -> true"]),
        ("CREATE DOMAIN d AS text;", "ALTER DOMAIN d ADD CONSTRAINT c CHECK (value <> '')", &["constraint public.d.c: extra"]),
        ("CREATE DOMAIN d AS text CONSTRAINT c CHECK (value <> '');", "ALTER DOMAIN d DROP CONSTRAINT c", &["constraint public.d.c: missing"]),
        (
            "CREATE DOMAIN d AS text CONSTRAINT c CHECK (value <> '');",
            "ALTER DOMAIN d DROP CONSTRAINT c; ALTER DOMAIN d ADD CONSTRAINT c CHECK (value <> '') NOT VALID",
            &["constraint public.d.c: definition CHECK ((VALUE <> ''::text)) -> CHECK ((VALUE <> ''::text)) NOT VALID; validated true -> false"],
        ),
        ("CREATE DOMAIN d AS text CONSTRAINT c CHECK (value <> '');", "COMMENT ON CONSTRAINT c ON DOMAIN d IS 'why'", &["constraint public.d.c: comment none -> why"]),
        ("CREATE DOMAIN d AS text;", "DROP DOMAIN d; CREATE DOMAIN d AS varchar(3)", &["domain public.d: type text -> character varying(3) (no mend)"]),
        (
            "CREATE TYPE pair AS (a int, b text COLLATE \"C\"); COMMENT ON COLUMN pair.a IS 'first';",
            "DROP TYPE pair",
            &["type public.pair: missing"],
        ),
        (
            "CREATE TYPE pair AS (a int, b text);",
            "ALTER TYPE pair ADD ATTRIBUTE c date; ALTER TYPE pair ALTER ATTRIBUTE a TYPE bigint; COMMENT ON COLUMN pair.b IS 'second'",
            &["type public.pair: attribute a type integer -> bigint; attribute b comment none -> second; attribute c none -> date"],
        ),
        ("CREATE TYPE pair AS (a int, b text);", "ALTER TYPE pair DROP ATTRIBUTE b", &["type public.pair: attribute b text -> none"]),
        (
            "CREATE TYPE pair AS (a int, b text);",
            "ALTER TYPE pair DROP ATTRIBUTE a; ALTER TYPE pair ADD ATTRIBUTE a int",
            &["type public.pair: attribute order a, b -> b, a (no mend)"],
        ),
        (
            "CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = float8mi, multirange_type_name = spans);",
            "DROP TYPE span",
            &["type public.span: missing"],
        ),
        (
            "CREATE TYPE span AS RANGE (subtype = float8);",
            "DROP TYPE span; CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = float8mi)",
            &["type public.span: subtype diff none -> float8mi"],
        ),
        ("", "CREATE TYPE later", &["type public.later: extra"]),
        ("CREATE TYPE t1 AS (a int);", "DROP TYPE t1; CREATE TYPE t1 AS ENUM ()", &["type public.t1: kind composite -> enum"]),
        (&format!("{ROLES} CREATE TYPE mood AS ENUM ('a');"), "ALTER TYPE mood OWNER TO c_bob; REVOKE USAGE ON TYPE mood FROM PUBLIC", &[
            "type public.mood: owner postgres -> c_bob; privileges =U/postgres, postgres=U/postgres -> c_bob=U/c_bob",
        ]),
    ])
    .await;
}

#[tokio::test]
async fn a_base_type() {
    check(&[(
        "CREATE TYPE b; CREATE FUNCTION b_in(cstring) RETURNS b IMMUTABLE STRICT LANGUAGE internal AS 'textin'; CREATE FUNCTION b_out(b) RETURNS cstring IMMUTABLE STRICT LANGUAGE internal AS 'textout'; CREATE TYPE b (INPUT = b_in, OUTPUT = b_out, LIKE = text);",
        "ALTER TYPE b SET (STORAGE = external)",
        &["type public.b: definition INPUT = public.b_in, OUTPUT = public.b_out, INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = extended, CATEGORY = 'U', DELIMITER = ',' -> INPUT = public.b_in, OUTPUT = public.b_out, INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = external, CATEGORY = 'U', DELIMITER = ',' (no mend)"],
    )])
    .await;
}

#[tokio::test]
async fn tables() {
    let parts = "CREATE TABLE p (id int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');";
    check(&[
        (USERS, "DROP TABLE users", &["table public.users: missing"]),
        ("", USERS, &["table public.users: extra"]),
        (
            "CREATE TYPE mood AS ENUM ('a', 'b');
             CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
             CREATE TABLE other (id int PRIMARY KEY, UNIQUE (id));
             CREATE UNLOGGED TABLE \"Every\" (
                id serial, uid int GENERATED ALWAYS AS IDENTITY (START 5 INCREMENT 2), b bigint GENERATED BY DEFAULT AS IDENTITY,
                m mood DEFAULT 'a' NOT NULL, n numeric(10,2) CHECK (n > 0), v varchar(3) COLLATE \"C\" DEFAULT 'x',
                g int GENERATED ALWAYS AS (b * 2) STORED, arr mood[], other int REFERENCES other ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
                PRIMARY KEY (id), CONSTRAINT u UNIQUE NULLS NOT DISTINCT (n, v) INCLUDE (m),
                CONSTRAINT x EXCLUDE USING btree (b WITH =) WHERE (b > 3)
             ) WITH (fillfactor = 70, toast.autovacuum_enabled = off);
             ALTER TABLE \"Every\" ALTER v SET STORAGE external, ALTER v SET STATISTICS 50, ALTER n SET (n_distinct = 5);
             CREATE INDEX ON \"Every\" (lower(v) DESC) WHERE n > 5;
             CREATE UNIQUE INDEX ri ON \"Every\" (m);
             ALTER TABLE \"Every\" REPLICA IDENTITY USING INDEX ri, CLUSTER ON ri, ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
             CREATE POLICY p ON \"Every\" FOR SELECT TO PUBLIC USING (n > 1);
             CREATE TRIGGER touch BEFORE UPDATE ON \"Every\" FOR EACH ROW EXECUTE FUNCTION touch();
             ALTER TABLE \"Every\" DISABLE TRIGGER touch;
             CREATE RULE r AS ON DELETE TO \"Every\" DO INSTEAD NOTHING;
             COMMENT ON TABLE \"Every\" IS 't'; COMMENT ON COLUMN \"Every\".n IS 'c'; COMMENT ON CONSTRAINT u ON \"Every\" IS 'k';
             COMMENT ON INDEX ri IS 'i'; COMMENT ON TRIGGER touch ON \"Every\" IS 'g'; COMMENT ON POLICY p ON \"Every\" IS 'p';
             COMMENT ON RULE r ON \"Every\" IS 'r'; GRANT SELECT ON \"Every\" TO PUBLIC; GRANT UPDATE (n) ON \"Every\" TO PUBLIC;",
            "DROP TABLE \"Every\"",
            &["table public.\"Every\": missing"],
        ),
        (
            "",
            "CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE a (id serial PRIMARY KEY, b int REFERENCES b); CREATE TABLE c (b int REFERENCES b); CREATE VIEW v AS SELECT * FROM a; CREATE VIEW u AS SELECT * FROM v",
            &["view public.u: extra", "view public.v: extra", "table public.a: extra", "table public.c: extra", "table public.b: extra"],
        ),
        (
            "CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE a (id int REFERENCES b); CREATE VIEW v AS SELECT * FROM a; CREATE VIEW u AS SELECT * FROM v;",
            "DROP TABLE a, b CASCADE",
            &["table public.b: missing", "table public.a: missing", "view public.v: missing", "view public.u: missing"],
        ),
        (USERS, "ALTER TABLE users SET UNLOGGED", &["table public.users: unlogged false -> true"]),
        (USERS, "ALTER TABLE users SET (fillfactor = 50, toast.vacuum_truncate = off)", &["table public.users: options none -> fillfactor=50; toast options none -> vacuum_truncate=off"]),
        ("CREATE TABLE t (a text) WITH (fillfactor = 50, autovacuum_enabled = off);", "ALTER TABLE t RESET (fillfactor), SET (autovacuum_enabled = on, parallel_workers = 2)", &[
            "table public.t: options autovacuum_enabled=off, fillfactor=50 -> autovacuum_enabled=on, parallel_workers=2",
        ]),
        (USERS, "ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY", &["table public.users: row security false -> true; row security forced false -> true"]),
        (USERS, "ALTER TABLE users REPLICA IDENTITY FULL", &["table public.users: replica identity default -> full"]),
        (&format!("{USERS} CREATE UNIQUE INDEX k ON users (email); ALTER TABLE users REPLICA IDENTITY USING INDEX k;"), "ALTER TABLE users REPLICA IDENTITY NOTHING", &["table public.users: replica identity index k -> nothing"]),
        (&format!("{USERS} CREATE UNIQUE INDEX k ON users (email); CREATE UNIQUE INDEX l ON users (email); ALTER TABLE users REPLICA IDENTITY USING INDEX k;"), "ALTER TABLE users REPLICA IDENTITY USING INDEX l", &["table public.users: replica identity index k -> index l"]),
        ("CREATE TYPE row AS (a int, b text); CREATE TABLE t OF row (a NOT NULL, b DEFAULT 'x');", "ALTER TABLE t NOT OF", &["table public.t: of type public.\"row\" -> none"]),
        ("CREATE TYPE row AS (a int, b text); CREATE TABLE t OF row (a NOT NULL, b DEFAULT 'x');", "DROP TABLE t", &["table public.t: missing"]),
        (parts, "DROP TABLE p1", &["table public.p1: missing"]),
        (parts, "DROP TABLE p", &["table public.p: missing", "table public.p1: missing"]),
        (parts, "ALTER TABLE p DETACH PARTITION p1", &["table public.p1: partition public.p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') -> none"]),
        (parts, "CREATE TABLE rest PARTITION OF p DEFAULT", &["table public.rest: extra"]),
        (parts, "ALTER TABLE p DETACH PARTITION p1; ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM ('2020-01-01') TO ('2022-01-01')", &[
            "table public.p1: partition bound FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') -> FOR VALUES FROM ('2020-01-01') TO ('2022-01-01')",
        ]),
        ("CREATE TABLE p (a int) PARTITION BY LIST (a);", "DROP TABLE p; CREATE TABLE p (a int) PARTITION BY HASH (a)", &["table public.p: partition key LIST (a) -> HASH (a) (no mend)"]),
        ("CREATE TABLE a (x int); CREATE TABLE b (y int DEFAULT 3); CREATE TABLE c (z int) INHERITS (a, b);", "DROP TABLE c", &["table public.c: missing"]),
        ("CREATE TABLE a (x int); CREATE TABLE b (x int); CREATE TABLE c (z int) INHERITS (a, b);", "ALTER TABLE c NO INHERIT a; ALTER TABLE c INHERIT a", &["table public.c: inherits public.a, public.b -> public.b, public.a (no mend)"]),
        ("CREATE TABLE a (x int); CREATE TABLE c (x int);", "ALTER TABLE c INHERIT a", &["table public.c: inherits none -> public.a"]),
        (&format!("{ROLES} {USERS} CREATE TABLE s (id serial, i int GENERATED ALWAYS AS IDENTITY);"), "ALTER TABLE s OWNER TO c_alice", &["table public.s: owner postgres -> c_alice"]),
        (&format!("{ROLES} {USERS}"), "GRANT SELECT, INSERT ON users TO c_alice; REVOKE DELETE ON users FROM postgres", &[
            "table public.users: privileges postgres=arwdDxt/postgres -> c_alice=ar/postgres, postgres=arwDxt/postgres",
        ]),
        (USERS, "COMMENT ON TABLE users IS E'a\\\\b'", &["table public.users: comment none -> a\\b"]),
        ("CREATE TABLE s (id serial, i int GENERATED ALWAYS AS IDENTITY);", "ALTER TABLE s SET UNLOGGED", &["table public.s: unlogged false -> true"]),
        (USERS, "ALTER TABLE users RENAME TO people", &["table public.people: extra", "table public.users: missing"]),
        ("CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY); COMMENT ON SEQUENCE t_id_seq IS 'ids'; GRANT USAGE ON SEQUENCE t_id_seq TO PUBLIC;", "DROP TABLE t", &["table public.t: missing"]),
    ])
    .await;
}

#[tokio::test]
async fn columns() {
    check(&[
        (USERS, "ALTER TABLE users DROP COLUMN age", &["column public.users.age: missing"]),
        (USERS, "ALTER TABLE users ADD COLUMN \"Full name\" text", &["column public.users.\"Full name\": extra"]),
        (USERS, "ALTER TABLE users ALTER age TYPE bigint", &["column public.users.age: type integer -> bigint"]),
        ("CREATE TABLE t (a varchar(3), n numeric(5,2), ts timestamptz(3));", "ALTER TABLE t ALTER a TYPE varchar(4), ALTER n TYPE numeric(6,2), ALTER ts TYPE timestamptz", &[
            "column public.t.a: type character varying(3) -> character varying(4)",
            "column public.t.n: type numeric(5,2) -> numeric(6,2)",
            "column public.t.ts: type timestamp(3) with time zone -> timestamp with time zone",
        ]),
        (USERS, "ALTER TABLE users ALTER email DROP NOT NULL", &["column public.users.email: not null true -> false"]),
        (USERS, "ALTER TABLE users ALTER age SET NOT NULL", &["column public.users.age: not null false -> true"]),
        (USERS, "ALTER TABLE users ALTER age DROP DEFAULT", &["column public.users.age: default 7 -> none"]),
        (USERS, "ALTER TABLE users ALTER email SET DEFAULT now()::text", &["column public.users.email: default none -> (now())::text"]),
        ("CREATE TABLE t (a text);", "ALTER TABLE t ALTER a TYPE text COLLATE \"C\"", &["column public.t.a: collation none -> \"C\""]),
        ("CREATE TABLE t (a text COLLATE \"POSIX\");", "ALTER TABLE t ALTER a TYPE text", &["column public.t.a: collation \"POSIX\" -> none"]),
        ("CREATE DOMAIN d AS text COLLATE \"C\"; CREATE TABLE t (a d);", "ALTER TABLE t ALTER a TYPE d COLLATE \"default\"", &["column public.t.a: collation none -> \"default\""]),
        ("CREATE TABLE t (a text);", "ALTER TABLE t ALTER a SET STORAGE main", &["column public.t.a: storage none -> main"]),
        ("CREATE TABLE t (a text COMPRESSION pglz);", "ALTER TABLE t ALTER a SET COMPRESSION default", &["column public.t.a: compression pglz -> none"]),
        ("CREATE TABLE t (a text);", "ALTER TABLE t ALTER a SET STATISTICS 0", &["column public.t.a: statistics none -> 0"]),
        ("CREATE TABLE t (a text);", "ALTER TABLE t ALTER a SET (n_distinct = -0.5)", &["column public.t.a: options none -> n_distinct=-0.5"]),
        ("CREATE TABLE t (a int NOT NULL);", "ALTER TABLE t ALTER a ADD GENERATED ALWAYS AS IDENTITY", &[
            "column public.t.a: identity none -> always public.t_a_seq",
        ]),
        ("CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY (START 3));", "ALTER TABLE t ALTER a DROP IDENTITY", &[
            "column public.t.a: identity always public.t_a_seq -> none",
        ]),
        ("CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY);", "ALTER TABLE t ALTER a DROP IDENTITY, ALTER a DROP NOT NULL", &[
            "column public.t.a: identity always public.t_a_seq -> none; not null true -> false",
        ]),
        ("CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY);", "ALTER TABLE t ALTER a SET GENERATED BY DEFAULT SET INCREMENT 5 SET CYCLE", &[
            "column public.t.a: identity always true -> false; identity sequence cycle false -> true; identity sequence increment 1 -> 5",
        ]),
        ("CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY);", "ALTER SEQUENCE t_a_seq RENAME TO s", &["column public.t.a: identity sequence name public.t_a_seq -> public.s"]),
        ("CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED);", "ALTER TABLE t ALTER b DROP EXPRESSION", &[
            "column public.t.b: generated (a * 2) stored -> none",
        ]),
        ("CREATE TABLE t (a int, b int);", "ALTER TABLE t DROP b, ADD b int GENERATED ALWAYS AS (a * 2) STORED", &["column public.t.b: generated none -> (a * 2) stored"]),
        (USERS, "COMMENT ON COLUMN users.email IS 'mail'", &["column public.users.email: comment none -> mail"]),
        (&format!("{ROLES} {USERS}"), "GRANT SELECT (email), UPDATE (email) ON users TO c_bob", &["column public.users.email: privileges none -> c_bob=rw/postgres"]),
        (&format!("{ROLES} {USERS} GRANT SELECT (email) ON users TO c_bob WITH GRANT OPTION;"), "REVOKE GRANT OPTION FOR SELECT (email) ON users FROM c_bob", &["column public.users.email: privileges c_bob=r*/postgres -> c_bob=r/postgres"]),
        ("CREATE TABLE t (a int);", "ALTER TABLE t ADD id serial", &["column public.t.id: extra"]),
        ("CREATE TABLE t (a int, id serial NOT NULL);", "ALTER TABLE t DROP id", &["column public.t.id: missing"]),
        ("CREATE TABLE t (a int);", "CREATE SEQUENCE s OWNED BY t.a; ALTER TABLE t ALTER a SET DEFAULT nextval('s')", &[
            "column public.t.a: default none -> nextval('public.s'::regclass)",
            "sequence public.s: extra",
        ]),
        // A column whose type changes along with what stands on it.
        ("CREATE TABLE t (a text DEFAULT 'x' NOT NULL);", "ALTER TABLE t ALTER a DROP DEFAULT, ALTER a TYPE int USING 1, ALTER a SET DEFAULT 5, ALTER a DROP NOT NULL", &[
            "column public.t.a: default 'x'::text -> 5; not null true -> false; type text -> integer",
        ]),
        // The order of columns is a difference of its own, and only among those in both.
        ("CREATE TABLE t (a int, b int, c int);", "ALTER TABLE t DROP a, ADD a int", &["table public.t: order a b c -> b c a (no mend)"]),
        ("CREATE TABLE t (a int, b int, c int);", "ALTER TABLE t DROP a, ADD a bigint", &[
            "table public.t: order a b c -> b c a (no mend)",
            "column public.t.a: type integer -> bigint",
        ]),
        ("CREATE TABLE t (a int, b int, c int);", "ALTER TABLE t DROP b, ADD d int", &["column public.t.d: extra", "column public.t.b: missing"]),
        // What a parent hands down is said once.
        ("CREATE TABLE p (a int, b int); CREATE TABLE c () INHERITS (p); CREATE TABLE d () INHERITS (c);", "ALTER TABLE p DROP a, ADD x text, ALTER b TYPE bigint, ALTER b SET DEFAULT 3", &[
            "column public.p.x: extra", "column public.p.a: missing", "column public.p.b: default none -> 3; type integer -> bigint",
        ]),
        ("CREATE TABLE p (a int, b int) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p DEFAULT;", "ALTER TABLE p ADD x text NOT NULL, ALTER b SET NOT NULL", &[
            "column public.p.x: extra", "column public.p.b: not null false -> true",
        ]),
        ("CREATE TABLE p (a int); CREATE TABLE c () INHERITS (p);", "ALTER TABLE c ALTER a SET DEFAULT 4", &["column public.c.a: default none -> 4"]),
    ])
    .await;
}

#[tokio::test]
async fn constraints() {
    let two = "CREATE TABLE a (id int PRIMARY KEY, x int, UNIQUE (id, x)); CREATE TABLE b (a int, x int, y int);";
    let fk = |how: &str| {
        format!(
            "{two} ALTER TABLE b ADD CONSTRAINT f FOREIGN KEY (a, x) REFERENCES a (id, x) {how};"
        )
    };
    let again = |how: &str| {
        format!(
            "ALTER TABLE b DROP CONSTRAINT f; ALTER TABLE b ADD CONSTRAINT f FOREIGN KEY (a, x) REFERENCES a (id, x) {how}"
        )
    };
    check(&[
        (USERS, "ALTER TABLE users ADD CHECK (age > 0)", &["constraint public.users.users_age_check: extra"]),
        (&format!("{USERS} ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0);"), "ALTER TABLE users DROP CONSTRAINT c", &["constraint public.users.c: missing"]),
        (&format!("{USERS} ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0);"), "ALTER TABLE users DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (age > 1 AND email <> '')", &[
            "constraint public.users.c: columns age -> age, email; expression (age > 0) -> ((age > 1) AND (email <> ''::text))",
        ]),
        (&format!("{USERS} ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0);"), "ALTER TABLE users DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (age > 0) NOT VALID", &["constraint public.users.c: validated true -> false"]),
        (&format!("{USERS} ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID;"), "ALTER TABLE users VALIDATE CONSTRAINT c", &["constraint public.users.c: validated false -> true"]),
        (&format!("{USERS} ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0);"), "ALTER TABLE users DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (age > 0) NO INHERIT", &["constraint public.users.c: no inherit false -> true"]),
        (&format!("{USERS} ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0);"), "ALTER TABLE users RENAME CONSTRAINT c TO d", &["constraint public.users.d: extra", "constraint public.users.c: missing"]),
        (&format!("{USERS} ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0);"), "COMMENT ON CONSTRAINT c ON users IS 'old enough'", &["constraint public.users.c: comment none -> old enough"]),
        (USERS, "ALTER TABLE users DROP CONSTRAINT users_pkey", &["constraint public.users.users_pkey: missing"]),
        ("CREATE TABLE t (a int);", "ALTER TABLE t ADD PRIMARY KEY (a)", &["constraint public.t.t_pkey: extra", "column public.t.a: not null false -> true"]),
        (USERS, "ALTER TABLE users ADD UNIQUE (email)", &["constraint public.users.users_email_key: extra"]),
        ("CREATE TABLE t (a int, b int, CONSTRAINT u UNIQUE (a));", "ALTER TABLE t DROP CONSTRAINT u, ADD CONSTRAINT u UNIQUE (b, a)", &["constraint public.t.u: columns a -> b, a"]),
        ("CREATE TABLE t (a int, b int, CONSTRAINT u UNIQUE (a));", "ALTER TABLE t DROP CONSTRAINT u, ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (a)", &["constraint public.t.u: definition UNIQUE (a) -> UNIQUE NULLS NOT DISTINCT (a)"]),
        ("CREATE TABLE t (a int, b int, CONSTRAINT u UNIQUE (a));", "ALTER TABLE t DROP CONSTRAINT u, ADD CONSTRAINT u UNIQUE (a) INCLUDE (b)", &["constraint public.t.u: definition UNIQUE (a) -> UNIQUE (a) INCLUDE (b)"]),
        ("CREATE TABLE t (a int, CONSTRAINT u UNIQUE (a));", "ALTER TABLE t DROP CONSTRAINT u, ADD CONSTRAINT u UNIQUE (a) DEFERRABLE", &["constraint public.t.u: deferrable false -> true"]),
        ("CREATE TABLE t (a int, CONSTRAINT u UNIQUE (a));", "ALTER TABLE t DROP CONSTRAINT u; CREATE UNIQUE INDEX u ON t (a)", &["index public.u: extra", "constraint public.t.u: missing"]),
        ("CREATE TABLE t (a int, CONSTRAINT u UNIQUE (a)); COMMENT ON INDEX u IS 'i'; ALTER TABLE t CLUSTER ON u;", "ALTER TABLE t DROP CONSTRAINT u", &["constraint public.t.u: missing"]),
        ("CREATE TABLE t (a int, CONSTRAINT u UNIQUE (a));", "ALTER INDEX u SET (fillfactor = 60)", &["index public.u: options none -> fillfactor=60"]),
        ("CREATE TABLE t (a int, b int, CONSTRAINT x EXCLUDE USING btree (a WITH =, (a + b) WITH =));", "ALTER TABLE t DROP CONSTRAINT x", &["constraint public.t.x: missing"]),
        ("CREATE TABLE t (a int, b int4range, CONSTRAINT x EXCLUDE USING gist (b WITH &&));", "ALTER TABLE t DROP CONSTRAINT x, ADD CONSTRAINT x EXCLUDE USING gist (b WITH =)", &["constraint public.t.x: operators && -> ="]),
        ("CREATE TABLE t (a int, b int4range, CONSTRAINT x EXCLUDE USING gist (b WITH &&));", "ALTER TABLE t DROP CONSTRAINT x, ADD CONSTRAINT x EXCLUDE USING gist (b WITH &&) WHERE (a > 1)", &[
            "constraint public.t.x: definition EXCLUDE USING gist (b WITH &&) -> EXCLUDE USING gist (b WITH &&) WHERE ((a > 1))",
        ]),
        (&fk(""), "ALTER TABLE b DROP CONSTRAINT f", &["constraint public.b.f: missing"]),
        (&fk(""), &again("ON DELETE CASCADE ON UPDATE SET NULL"), &["constraint public.b.f: references on delete no action -> cascade; references on update no action -> set null"]),
        (&fk("ON DELETE RESTRICT"), &again("ON DELETE SET NULL (x)"), &["constraint public.b.f: references on delete restrict -> set null; references set columns none -> x"]),
        (&fk("ON DELETE SET DEFAULT"), &again("ON DELETE SET DEFAULT (a)"), &["constraint public.b.f: references set columns none -> a"]),
        (&fk(""), &again("MATCH FULL"), &["constraint public.b.f: references match simple -> full"]),
        (&fk(""), &again("NOT VALID"), &["constraint public.b.f: validated true -> false"]),
        (&fk(""), "ALTER TABLE b DISABLE TRIGGER ALL", &["constraint public.b.f: disabled false -> true"]),
        (&fk("DEFERRABLE"), "ALTER TABLE b ALTER CONSTRAINT f DEFERRABLE INITIALLY DEFERRED", &["constraint public.b.f: initially deferred false -> true"]),
        (&fk(""), "ALTER TABLE b ALTER CONSTRAINT f DEFERRABLE", &["constraint public.b.f: deferrable false -> true"]),
        (&fk(""), "ALTER TABLE b DROP CONSTRAINT f, ADD CONSTRAINT f FOREIGN KEY (x, a) REFERENCES a (x, id)", &["constraint public.b.f: columns a, x -> x, a; references columns id, x -> x, id"]),
        ("CREATE TABLE p (a int, b int) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p DEFAULT; CREATE TABLE o (id int PRIMARY KEY);", "ALTER TABLE p ADD PRIMARY KEY (a), ADD CHECK (b > 0), ADD FOREIGN KEY (b) REFERENCES o", &[
            "constraint public.p.p_b_check: extra", "constraint public.p.p_b_fkey: extra", "constraint public.p.p_pkey: extra", "column public.p.a: not null false -> true",
        ]),
        ("CREATE TABLE o (id int PRIMARY KEY); CREATE TABLE p (a int PRIMARY KEY, b int REFERENCES o, CHECK (b > 0)) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p DEFAULT;", "ALTER TABLE p DROP CONSTRAINT p_pkey, DROP CONSTRAINT p_b_check, DROP CONSTRAINT p_b_fkey", &[
            "constraint public.p.p_b_check: missing", "constraint public.p.p_b_fkey: missing", "constraint public.p.p_pkey: missing",
        ]),
        ("CREATE TABLE o (id int PRIMARY KEY); CREATE TABLE p (a int PRIMARY KEY, b int REFERENCES o, CHECK (b > 0)) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p DEFAULT; CREATE INDEX ON p (b);", "DROP TABLE c", &["table public.c: missing"]),
        ("CREATE TABLE p (a int PRIMARY KEY) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p DEFAULT; CREATE TABLE r (a int);", "ALTER TABLE r ADD FOREIGN KEY (a) REFERENCES p", &["constraint public.r.r_a_fkey: extra"]),
        ("CREATE TABLE p (a int); CREATE TABLE c () INHERITS (p);", "ALTER TABLE p ADD CONSTRAINT k CHECK (a > 0)", &["constraint public.p.k: extra"]),
        ("CREATE TABLE p (a int, CONSTRAINT k CHECK (a > 0)); CREATE TABLE c () INHERITS (p);", "ALTER TABLE p DROP CONSTRAINT k", &["constraint public.p.k: missing"]),
        ("CREATE TABLE t (a oid CHECK (tableoid > a));", "ALTER TABLE t DROP CONSTRAINT t_check", &["constraint public.t.t_check: missing"]),
    ])
    .await;
}

#[tokio::test]
async fn indexes() {
    let t = "CREATE TABLE t (a int, b text, c jsonb);";
    let i = "CREATE TABLE t (a int, b text, c jsonb); CREATE INDEX i ON t (a);";
    let again = |how: &str| format!("DROP INDEX i; CREATE {how}");
    check(&[
        (t, "CREATE INDEX i ON t (a)", &["index public.i: extra"]),
        (i, "DROP INDEX i", &["index public.i: missing"]),
        (i, &again("UNIQUE INDEX i ON t (a)"), &["index public.i: unique false -> true"]),
        (i, &again("INDEX i ON t (a DESC)"), &["index public.i: columns a int4_ops -> a descending nulls first int4_ops"]),
        (i, &again("INDEX i ON t (a NULLS FIRST)"), &["index public.i: columns a int4_ops -> a nulls first int4_ops"]),
        (i, &again("INDEX i ON t (a, (a + 1))"), &["index public.i: columns a int4_ops -> a int4_ops, (a + 1) int4_ops"]),
        (i, &again("INDEX i ON t (a) INCLUDE (b)"), &["index public.i: include none -> b"]),
        (i, &again("INDEX i ON t (a) WHERE b IS NULL"), &["index public.i: predicate none -> (b IS NULL)"]),
        (i, &again("INDEX i ON t USING hash (a)"), &["index public.i: method btree -> hash"]),
        (i, "ALTER INDEX i SET (fillfactor = 60)", &["index public.i: options none -> fillfactor=60"]),
        ("CREATE TABLE t (b text); CREATE INDEX i ON t (b);", &again("INDEX i ON t (b text_pattern_ops)"), &["index public.i: columns b \"default\" text_ops -> b \"default\" text_pattern_ops"]),
        ("CREATE TABLE t (b text); CREATE INDEX i ON t (b);", &again("INDEX i ON t (b COLLATE \"C\")"), &["index public.i: columns b \"default\" text_ops -> b \"C\" text_ops"]),
        ("CREATE TABLE t (c jsonb); CREATE INDEX i ON t USING gin (c);", &again("INDEX i ON t USING gin (c jsonb_path_ops)"), &["index public.i: columns c jsonb_ops -> c jsonb_path_ops"]),
        ("CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a);", &again("UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT"), &["index public.i: nulls not distinct false -> true"]),
        ("CREATE EXTENSION pg_trgm; CREATE TABLE t (b text); CREATE INDEX i ON t USING gist (b gist_trgm_ops);", &again("INDEX i ON t USING gist (b gist_trgm_ops (siglen = 32))"), &[
            "index public.i: definition CREATE INDEX i ON public.t USING gist (b public.gist_trgm_ops) -> CREATE INDEX i ON public.t USING gist (b public.gist_trgm_ops (siglen='32'))",
        ]),
        (i, "ALTER TABLE t CLUSTER ON i", &["index public.i: clustered false -> true"]),
        ("CREATE TABLE t (a int); CREATE INDEX i ON t ((a + 1));", "ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 77", &["index public.i: statistics 1 none -> 77"]),
        (i, "COMMENT ON INDEX i IS 'fast'", &["index public.i: comment none -> fast"]),
        (i, "ALTER INDEX i RENAME TO j", &["index public.j: extra", "index public.i: missing"]),
        (i, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass", &["index public.i: valid true -> false"]),
        ("CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p DEFAULT;", "CREATE INDEX ON p (a)", &["index public.p_a_idx: extra"]),
        ("CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p DEFAULT; CREATE INDEX ON p (a);", "DROP INDEX p_a_idx", &["index public.p_a_idx: missing"]),
        ("CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p DEFAULT; CREATE INDEX pi ON ONLY p (a); CREATE INDEX ci ON c (a);", "ALTER INDEX pi ATTACH PARTITION ci", &[
            "index public.ci: attached to none -> public.pi (no mend)", "index public.pi: valid false -> true (no mend)",
        ]),
        ("CREATE EXTENSION citext; CREATE TABLE t (a citext); CREATE INDEX i ON t (a);", "CREATE INDEX j ON t (a)", &["index public.j: extra"]),
        ("CREATE EXTENSION citext; CREATE TABLE t (a int); CREATE INDEX i ON t (a); ", "ALTER INDEX i DEPENDS ON EXTENSION citext", &["index public.i: extensions none -> citext"]),
    ])
    .await;
}

#[tokio::test]
async fn sequences() {
    let s = "CREATE TABLE t (a int, b int); CREATE SEQUENCE s;";
    check(&[
        (s, "DROP SEQUENCE s", &["sequence public.s: missing"]),
        (s, "CREATE SEQUENCE r AS smallint START 7 INCREMENT -2 MAXVALUE 9 CYCLE", &["sequence public.r: extra"]),
        (s, "ALTER SEQUENCE s AS integer INCREMENT 3 MINVALUE -5 MAXVALUE 99 START 4 CACHE 8 CYCLE", &[
            "sequence public.s: cache 1 -> 8; cycle false -> true; increment 1 -> 3; maximum 9223372036854775807 -> 99; minimum 1 -> -5; start 1 -> 4; type bigint -> integer",
        ]),
        (s, "ALTER SEQUENCE s OWNED BY t.a", &["sequence public.s: owned by none -> a public.t"]),
        ("CREATE TABLE t (a int, b int); CREATE SEQUENCE s OWNED BY t.a;", "ALTER SEQUENCE s OWNED BY t.b", &["sequence public.s: owned by column a -> b"]),
        (s, "ALTER SEQUENCE s SET UNLOGGED", &["sequence public.s: unlogged false -> true"]),
        (&format!("{ROLES} {s}"), "ALTER SEQUENCE s OWNER TO c_bob", &["sequence public.s: owner postgres -> c_bob"]),
        (&format!("{ROLES} {s}"), "GRANT USAGE ON SEQUENCE s TO c_bob", &["sequence public.s: privileges postgres=rwU/postgres -> c_bob=U/postgres, postgres=rwU/postgres"]),
        (s, "COMMENT ON SEQUENCE s IS 'x'", &["sequence public.s: comment none -> x"]),
    ])
    .await;
}

#[tokio::test]
async fn views() {
    let v = "CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a FROM t;";
    let m = "CREATE TABLE t (a int, b int); CREATE MATERIALIZED VIEW m AS SELECT a, b FROM t; CREATE INDEX mi ON m (a);";
    check(&[
        (v, "DROP VIEW v", &["view public.v: missing"]),
        (v, "CREATE VIEW w WITH (security_barrier) AS SELECT 1 AS x", &["view public.w: extra"]),
        (v, "CREATE OR REPLACE VIEW v AS SELECT a FROM t WHERE b > 1", &["view public.v: definition SELECT a FROM public.t; -> SELECT a FROM public.t WHERE (b > 1);"]),
        (v, "CREATE OR REPLACE VIEW v AS SELECT a, b FROM t", &["view public.v: definition SELECT a FROM public.t; -> SELECT a, b FROM public.t;"]),
        ("CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a, b FROM t; COMMENT ON COLUMN v.a IS 'x'; GRANT SELECT ON v TO PUBLIC; CREATE RULE r AS ON INSERT TO v DO INSTEAD NOTHING;", "DROP VIEW v; CREATE VIEW v AS SELECT a FROM t", &[
            "column public.v.a: comment x -> none",
            "view public.v: definition SELECT a, b FROM public.t; -> SELECT a FROM public.t;; privileges =r/postgres, postgres=arwdDxt/postgres -> postgres=arwdDxt/postgres",
            "rule public.v.r: missing",
        ]),
        ("CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a, b FROM t; COMMENT ON COLUMN v.b IS 'x'; CREATE RULE r AS ON INSERT TO v DO INSTEAD NOTHING;", "DROP VIEW v; CREATE VIEW v AS SELECT b, a FROM t", &[
            "column public.v.b: comment x -> none (no mend)",
            "view public.v: definition SELECT a, b FROM public.t; -> SELECT b, a FROM public.t;",
            "rule public.v.r: missing (no mend)",
        ]),
        ("CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a, b FROM t; COMMENT ON COLUMN v.b IS 'x';", "DROP VIEW v; CREATE VIEW v AS SELECT a FROM t", &[
            "view public.v: definition SELECT a, b FROM public.t; -> SELECT a FROM public.t;",
        ]),
        (v, "ALTER VIEW v SET (security_invoker = true, check_option = local)", &["view public.v: options none -> check_option=local, security_invoker=true"]),
        (v, "ALTER VIEW v ALTER a SET DEFAULT 5", &["column public.v.a: default none -> 5"]),
        (v, "COMMENT ON VIEW v IS 'x'; COMMENT ON COLUMN v.a IS 'y'", &["column public.v.a: comment none -> y", "view public.v: comment none -> x"]),
        (v, "ALTER VIEW v RENAME COLUMN a TO z", &["view public.v: definition SELECT a FROM public.t; -> SELECT a AS z FROM public.t;"]),
        (&format!("{ROLES} {v}"), "ALTER VIEW v OWNER TO c_alice; GRANT SELECT ON v TO c_bob", &["view public.v: owner postgres -> c_alice; privileges postgres=arwdDxt/postgres -> c_alice=arwdDxt/c_alice, c_bob=r/c_alice"]),
        (m, "DROP MATERIALIZED VIEW m", &["materialized view public.m: missing"]),
        (m, "REFRESH MATERIALIZED VIEW m WITH NO DATA", &["materialized view public.m: populated true -> false"]),
        (m, "DROP INDEX mi; CREATE UNIQUE INDEX mu ON m (b)", &["index public.mu: extra", "index public.mi: missing"]),
        (m, "ALTER MATERIALIZED VIEW m SET (fillfactor = 50); ALTER MATERIALIZED VIEW m ALTER a SET STATISTICS 9", &[
            "column public.m.a: statistics none -> 9", "materialized view public.m: options none -> fillfactor=50",
        ]),
        (m, "DROP MATERIALIZED VIEW m; CREATE MATERIALIZED VIEW m AS SELECT a FROM t WITH NO DATA", &[
            "index public.mi: missing (no mend)",
            "materialized view public.m: definition SELECT a, b FROM public.t; -> SELECT a FROM public.t;; populated true -> false",
        ]),
        (m, "DROP MATERIALIZED VIEW m; CREATE VIEW m AS SELECT a, b FROM t", &[
            "index public.mi: missing (no mend)",
            "materialized view public.m: access method heap -> none; materialized true -> false",
        ]),
    ])
    .await;
}

#[tokio::test]
async fn routines() {
    let f = "CREATE FUNCTION f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql AS 'SELECT a';";
    let p = "CREATE PROCEDURE p(a int, OUT b int) LANGUAGE plpgsql AS 'BEGIN b := 1; END';";
    check(&[
        (f, "DROP FUNCTION f", &["function public.f(integer,text): missing"]),
        (f, "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 2'", &["function public.f(integer): extra"]),
        (f, "CREATE OR REPLACE FUNCTION f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql AS 'SELECT a + 1'", &["function public.f(integer,text): body SELECT a -> SELECT a + 1"]),
        (f, "CREATE OR REPLACE FUNCTION f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql AS ' SELECT  a '", &["function public.f(integer,text): body (white space only) SELECT a -> SELECT a"]),
        (f, "CREATE OR REPLACE FUNCTION f(a int, b text DEFAULT 'y') RETURNS int LANGUAGE sql AS 'SELECT a'", &["function public.f(integer,text): arguments a integer, b text DEFAULT 'x'::text -> a integer, b text DEFAULT 'y'::text"]),
        (f, "DROP FUNCTION f; CREATE FUNCTION f(z int, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'", &[
            "function public.f(integer,text): arguments a integer, b text DEFAULT 'x'::text -> z integer, b text DEFAULT 'x'::text; body SELECT a -> SELECT 1::bigint; result integer -> bigint",
        ]),
        (f, "ALTER FUNCTION f IMMUTABLE STRICT SECURITY DEFINER LEAKPROOF PARALLEL SAFE COST 5", &[
            "function public.f(integer,text): cost 100 -> 5; leakproof false -> true; parallel unsafe -> safe; security definer false -> true; strict false -> true; volatility volatile -> immutable",
        ]),
        (f, "ALTER FUNCTION f SET search_path = public, pg_temp; ALTER FUNCTION f SET my.x = 'it''s'", &["function public.f(integer,text): settings none -> my.x=it's, search_path=public, pg_temp"]),
        (
            "CREATE FUNCTION g(VARIADIC a int[]) RETURNS TABLE (x int, y text) LANGUAGE plpgsql STABLE STRICT LEAKPROOF PARALLEL RESTRICTED COST 7 ROWS 9 SET search_path = public, \"$user\" SET my.x = 'a b' SET work_mem = '5MB' AS $x$BEGIN /* $$ */ END$x$; COMMENT ON FUNCTION g IS 'g';",
            "DROP FUNCTION g",
            &["function public.g(integer[]): missing"],
        ),
        ("CREATE FUNCTION g() RETURNS SETOF int LANGUAGE sql AS 'SELECT 1';", "ALTER FUNCTION g ROWS 5", &["function public.g(): rows 1000 -> 5"]),
        ("CREATE FUNCTION g(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a; END;", "DROP FUNCTION g", &["function public.g(integer): missing"]),
        ("CREATE FUNCTION g(a int) RETURNS int LANGUAGE sql RETURN a;", "CREATE OR REPLACE FUNCTION g(a int) RETURNS int LANGUAGE sql RETURN a + 1", &["function public.g(integer): sql body RETURN a -> RETURN (a + 1)"]),
        ("CREATE FUNCTION g(float8, float8) RETURNS float8 IMMUTABLE LANGUAGE internal AS 'float8pl';", "CREATE OR REPLACE FUNCTION g(float8, float8) RETURNS float8 IMMUTABLE LANGUAGE internal AS 'float8mi'", &["function public.g(double precision,double precision): body float8pl -> float8mi"]),
        ("CREATE FUNCTION g() RETURNS bigint WINDOW LANGUAGE internal AS 'window_row_number';", "DROP FUNCTION g", &["function public.g(): missing"]),
        (p, "DROP PROCEDURE p", &["procedure public.p(integer): missing"]),
        (p, "CREATE OR REPLACE PROCEDURE p(a int, OUT b int) LANGUAGE plpgsql AS 'BEGIN b := 2; END'; COMMENT ON PROCEDURE p IS 'x'", &["procedure public.p(integer): body BEGIN b := 1; END -> BEGIN b := 2; END; comment none -> x"]),
        (p, "DROP PROCEDURE p; CREATE FUNCTION p(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'", &[
            "procedure public.p(integer): arguments IN a integer, OUT b integer -> a integer; body BEGIN b := 1; END -> SELECT 1; kind procedure -> function; language plpgsql -> sql; result none -> integer",
        ]),
        (&format!("{ROLES} {f}"), "ALTER FUNCTION f OWNER TO c_alice", &["function public.f(integer,text): owner postgres -> c_alice"]),
        (&format!("{ROLES} {f}"), "REVOKE EXECUTE ON FUNCTION f FROM PUBLIC; GRANT EXECUTE ON FUNCTION f TO c_bob", &["function public.f(integer,text): privileges =X/postgres, postgres=X/postgres -> c_bob=X/postgres, postgres=X/postgres"]),
        ("CREATE EXTENSION hstore; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';", "ALTER FUNCTION f DEPENDS ON EXTENSION hstore", &["function public.f(): extensions none -> hstore"]),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';", "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'", &["function public.f(): body SELECT 1 -> BEGIN RETURN 1; END; language sql -> plpgsql"]),
    ])
    .await;
}

#[tokio::test]
async fn triggers_policies_and_rules() {
    let t = "CREATE TABLE t (a int, b int); CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE FUNCTION h() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';";
    let g = &format!("{t} CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g();");
    let again = |how: &str| format!("DROP TRIGGER x ON t; CREATE TRIGGER x {how}");
    let part = "CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p DEFAULT; CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';";
    let policy = &format!("{ROLES} {t} CREATE POLICY y ON t FOR UPDATE USING (a > 0);");
    let rule = "CREATE TABLE t (a int); CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;";
    check(&[
        (t, "CREATE TRIGGER x AFTER UPDATE OF a ON t FOR EACH ROW WHEN (OLD.a > 1) EXECUTE FUNCTION g()", &["trigger public.t.x: extra"]),
        (g, "DROP TRIGGER x ON t", &["trigger public.t.x: missing"]),
        (g, &again("AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION g()"), &["trigger public.t.x: timing before -> after"]),
        (g, &again("BEFORE INSERT OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION g()"), &["trigger public.t.x: events insert -> insert, delete"]),
        (g, &again("BEFORE INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION g()"), &["trigger public.t.x: for each row true -> false"]),
        (g, &again("BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION h()"), &["trigger public.t.x: function public.g() -> public.h()"]),
        (g, &again("BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g('q')"), &[
            "trigger public.t.x: definition CREATE TRIGGER x BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.g() -> CREATE TRIGGER x BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.g('q')",
        ]),
        (t, "CREATE CONSTRAINT TRIGGER x AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION g()", &["trigger public.t.x: extra"]),
        (t, "CREATE TRIGGER x AFTER INSERT ON t REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION g()", &["trigger public.t.x: extra"]),
        (g, "ALTER TABLE t DISABLE TRIGGER x", &["trigger public.t.x: enabled origin -> disabled"]),
        (g, "ALTER TABLE t ENABLE ALWAYS TRIGGER x; COMMENT ON TRIGGER x ON t IS 'c'", &["trigger public.t.x: enabled origin -> always; comment none -> c"]),
        ("CREATE VIEW v AS SELECT 1 AS a; CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';", "CREATE TRIGGER x INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION g()", &["trigger public.v.x: extra"]),
        (part, "CREATE TRIGGER x AFTER INSERT ON p FOR EACH ROW EXECUTE FUNCTION g()", &["trigger public.p.x: extra"]),
        (&format!("{part} CREATE TRIGGER x AFTER INSERT ON p FOR EACH ROW EXECUTE FUNCTION g();"), "ALTER TABLE c DISABLE TRIGGER x", &["trigger public.c.x: extra (no mend)"]),
        (policy, "DROP POLICY y ON t", &["policy public.t.y: missing"]),
        (policy, "CREATE POLICY z ON t AS RESTRICTIVE FOR INSERT TO c_alice WITH CHECK (a > 0)", &["policy public.t.z: extra"]),
        (policy, "ALTER POLICY y ON t TO c_bob, c_alice USING (a > 1) WITH CHECK (b > 1)", &["policy public.t.y: check none -> (b > 1); roles PUBLIC -> c_alice, c_bob; using (a > 0) -> (a > 1)"]),
        (policy, "DROP POLICY y ON t; CREATE POLICY y ON t AS RESTRICTIVE FOR DELETE USING (a > 0)", &["policy public.t.y: command update -> delete; permissive true -> false"]),
        (policy, "COMMENT ON POLICY y ON t IS 'c'", &["policy public.t.y: comment none -> c"]),
        (rule, "DROP RULE r ON t", &["rule public.t.r: missing"]),
        (rule, "CREATE RULE s AS ON UPDATE TO t DO ALSO SELECT 1", &["rule public.t.s: extra"]),
        (rule, "CREATE OR REPLACE RULE r AS ON DELETE TO t WHERE old.a > 1 DO INSTEAD NOTHING", &[
            "rule public.t.r: definition CREATE RULE r AS ON DELETE TO public.t DO INSTEAD NOTHING; -> CREATE RULE r AS ON DELETE TO public.t WHERE (old.a > 1) DO INSTEAD NOTHING;",
        ]),
        (rule, "ALTER TABLE t DISABLE RULE r; COMMENT ON RULE r ON t IS 'c'", &["rule public.t.r: enabled origin -> disabled; comment none -> c"]),
    ])
    .await;
}

#[tokio::test]
async fn operators_and_aggregates() {
    let eq = "CREATE FUNCTION same(int, int) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT $1 = $2';";
    let op = &format!("{eq} CREATE OPERATOR === (FUNCTION = same, LEFTARG = int, RIGHTARG = int);");
    let add =
        "CREATE FUNCTION add(int, int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 + $2';";
    let agg =
        &format!("{add} CREATE AGGREGATE total(int) (SFUNC = add, STYPE = int, INITCOND = '0');");
    let class = &format!(
        "{ROLES} CREATE OPERATOR CLASS c FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 3 =, FUNCTION 1 btint4cmp(int, int);"
    );
    check(&[
        (op, "DROP OPERATOR === (int, int)", &["operator public.===(integer,integer): missing"]),
        (eq, "CREATE OPERATOR === (FUNCTION = same, LEFTARG = int, RIGHTARG = int, COMMUTATOR = ===, HASHES)", &["operator public.===(integer,integer): extra"]),
        (op, "ALTER OPERATOR === (int, int) SET (RESTRICT = eqsel, JOIN = eqjoinsel)", &[
            "operator public.===(integer,integer): definition CREATE OPERATOR public.=== (FUNCTION = public.same, LEFTARG = integer, RIGHTARG = integer) -> CREATE OPERATOR public.=== (FUNCTION = public.same, LEFTARG = integer, RIGHTARG = integer, RESTRICT = eqsel, JOIN = eqjoinsel)",
        ]),
        (&format!("{ROLES} {op}"), "ALTER OPERATOR === (int, int) OWNER TO c_bob; COMMENT ON OPERATOR === (int, int) IS 'c'", &["operator public.===(integer,integer): comment none -> c; owner postgres -> c_bob"]),
        (agg, "DROP AGGREGATE total(int)", &["aggregate public.total(integer): missing"]),
        (agg, "CREATE OR REPLACE AGGREGATE total(int) (SFUNC = add, STYPE = int, INITCOND = '5', PARALLEL = SAFE)", &[
            "aggregate public.total(integer): definition CREATE AGGREGATE public.total(integer) (SFUNC = public.add, STYPE = integer, INITCOND = '0', PARALLEL = UNSAFE) -> CREATE AGGREGATE public.total(integer) (SFUNC = public.add, STYPE = integer, INITCOND = '5', PARALLEL = SAFE)",
        ]),
        (&format!("{ROLES} {agg}"), "REVOKE EXECUTE ON FUNCTION total FROM PUBLIC; COMMENT ON AGGREGATE total(int) IS 'c'", &["aggregate public.total(integer): comment none -> c; privileges =X/postgres, postgres=X/postgres -> postgres=X/postgres"]),
        (add, "CREATE AGGREGATE p(float8 ORDER BY float8) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA)", &["aggregate public.p(double precision ORDER BY double precision): extra"]),
        ("CREATE AGGREGATE n(*) (SFUNC = int8inc, STYPE = int8, INITCOND = '0');", "DROP AGGREGATE n(*)", &["aggregate public.n(*): missing"]),
        (class, "DROP OPERATOR CLASS c USING btree", &["operator class public.c USING btree: missing"]),
        (class, "DROP OPERATOR FAMILY c USING btree", &["operator family public.c USING btree: missing", "operator class public.c USING btree: missing"]),
        ("", "CREATE OPERATOR FAMILY f USING btree; ALTER OPERATOR FAMILY f USING btree ADD OPERATOR 1 < (int, bigint), FUNCTION 1 btint48cmp(int, bigint)", &["operator family public.f USING btree: extra"]),
        ("CREATE OPERATOR FAMILY f USING btree; ALTER OPERATOR FAMILY f USING btree ADD OPERATOR 1 < (int, bigint), FUNCTION 1 btint48cmp(int, bigint);", "ALTER OPERATOR FAMILY f USING btree DROP OPERATOR 1 (int, bigint)", &[
            "operator family public.f USING btree: definition CREATE OPERATOR FAMILY public.f USING btree; ALTER OPERATOR FAMILY public.f USING btree ADD FUNCTION 1 (integer, bigint) btint48cmp(integer,bigint), OPERATOR 1 <(integer,bigint) -> CREATE OPERATOR FAMILY public.f USING btree; ALTER OPERATOR FAMILY public.f USING btree ADD FUNCTION 1 (integer, bigint) btint48cmp(integer,bigint)",
        ]),
        (class, "ALTER OPERATOR CLASS c USING btree OWNER TO c_alice; COMMENT ON OPERATOR FAMILY c USING btree IS 'x'", &[
            "operator family public.c USING btree: comment none -> x", "operator class public.c USING btree: owner postgres -> c_alice",
        ]),
        ("", "CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler", &["access method heap2: extra"]),
        ("CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler; CREATE TABLE t (a int) USING heap2;", "DROP TABLE t", &["table public.t: missing"]),
        ("CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler; CREATE TABLE t (a int);", "ALTER TABLE t SET ACCESS METHOD heap2", &["table public.t: access method heap -> heap2"]),
    ])
    .await;
}

#[tokio::test]
async fn casts_collations_conversions_and_languages() {
    let cast = "CREATE TYPE e AS ENUM ('a'); CREATE FUNCTION to_e(int) RETURNS e IMMUTABLE LANGUAGE sql AS $$SELECT 'a'::e$$; CREATE CAST (int AS e) WITH FUNCTION to_e(int);";
    let event = "CREATE FUNCTION ev() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER x ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE') EXECUTE FUNCTION ev();";
    let stat = "CREATE TABLE t (a int, b int, c int); CREATE STATISTICS s (ndistinct, mcv) ON a, b FROM t;";
    let like = "CREATE TRUSTED LANGUAGE mine HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;";
    check(&[
        (cast, "DROP CAST (int AS e)", &["cast (integer AS public.e): missing"]),
        (cast, "DROP CAST (int AS e); CREATE CAST (int AS e) WITH FUNCTION to_e(int) AS ASSIGNMENT", &[
            "cast (integer AS public.e): definition CREATE CAST (integer AS public.e) WITH FUNCTION public.to_e(integer) -> CREATE CAST (integer AS public.e) WITH FUNCTION public.to_e(integer) AS ASSIGNMENT",
        ]),
        (cast, "COMMENT ON CAST (int AS e) IS 'c'; CREATE CAST (e AS int) WITH INOUT AS IMPLICIT", &["cast (integer AS public.e): comment none -> c", "cast (public.e AS integer): extra"]),
        ("CREATE COLLATION c FROM \"C\";", "DROP COLLATION c", &["collation public.c: missing"]),
        ("CREATE COLLATION c FROM \"C\";", "DROP COLLATION c; CREATE COLLATION c (LC_COLLATE = 'POSIX', LC_CTYPE = 'C')", &[
            "collation public.c: definition CREATE COLLATION public.c (PROVIDER = libc, LC_COLLATE = 'C', LC_CTYPE = 'C') -> CREATE COLLATION public.c (PROVIDER = libc, LC_COLLATE = 'POSIX', LC_CTYPE = 'C')",
        ]),
        ("CREATE COLLATION c FROM \"C\"; CREATE TABLE t (a text COLLATE c);", "COMMENT ON COLLATION c IS 'x'; ALTER TABLE t ALTER a TYPE text", &["collation public.c: comment none -> x", "column public.t.a: collation public.c -> none"]),
        ("CREATE CONVERSION c FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;", "DROP CONVERSION c", &["conversion public.c: missing"]),
        ("CREATE CONVERSION c FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;", "DROP CONVERSION c; CREATE DEFAULT CONVERSION c FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8", &[
            "conversion public.c: definition CREATE CONVERSION public.c FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8 -> CREATE DEFAULT CONVERSION public.c FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
        ]),
        ("", like, &["language mine: extra"]),
        (&format!("{ROLES} {like}"), "COMMENT ON LANGUAGE mine IS 'x'; ALTER LANGUAGE mine OWNER TO c_bob; REVOKE USAGE ON LANGUAGE mine FROM PUBLIC", &["language mine: comment none -> x; owner postgres -> c_bob; privileges =U/postgres, postgres=U/postgres -> c_bob=U/c_bob"]),
        ("CREATE TYPE e AS ENUM ('a'); CREATE FUNCTION fe(internal) RETURNS internal IMMUTABLE LANGUAGE internal AS 'textin';", "CREATE TRANSFORM FOR e LANGUAGE plpgsql (FROM SQL WITH FUNCTION fe(internal))", &["transform FOR public.e LANGUAGE plpgsql: extra"]),
        ("CREATE TYPE e AS ENUM ('a'); CREATE FUNCTION fe(internal) RETURNS internal IMMUTABLE LANGUAGE internal AS 'textin'; CREATE TRANSFORM FOR e LANGUAGE plpgsql (FROM SQL WITH FUNCTION fe(internal));", "DROP TRANSFORM FOR e LANGUAGE plpgsql", &["transform FOR public.e LANGUAGE plpgsql: missing"]),
        (event, "DROP EVENT TRIGGER x", &["event trigger x: missing"]),
        (event, "ALTER EVENT TRIGGER x DISABLE; COMMENT ON EVENT TRIGGER x IS 'c'", &[
            "event trigger x: definition CREATE EVENT TRIGGER x ON ddl_command_end WHEN TAG IN ('ALTER TABLE', 'CREATE TABLE') EXECUTE FUNCTION public.ev() -> CREATE EVENT TRIGGER x ON ddl_command_end WHEN TAG IN ('ALTER TABLE', 'CREATE TABLE') EXECUTE FUNCTION public.ev(); ALTER EVENT TRIGGER x DISABLE; comment none -> c",
        ]),
        (stat, "DROP STATISTICS s", &["statistics public.s: missing"]),
        (stat, "ALTER STATISTICS s SET STATISTICS 42; COMMENT ON STATISTICS s IS 'c'", &[
            "statistics public.s: definition CREATE STATISTICS public.s (ndistinct, mcv) ON a, b FROM public.t -> CREATE STATISTICS public.s (ndistinct, mcv) ON a, b FROM public.t; ALTER STATISTICS public.s SET STATISTICS 42; comment none -> c",
        ]),
        (stat, "DROP STATISTICS s; CREATE STATISTICS s ON a, c, (a + b) FROM t", &[
            "statistics public.s: definition CREATE STATISTICS public.s (ndistinct, mcv) ON a, b FROM public.t -> CREATE STATISTICS public.s ON a, c, (a + b) FROM public.t",
        ]),
    ])
    .await;
}

#[tokio::test]
async fn text_search() {
    let c = "CREATE TEXT SEARCH CONFIGURATION c (COPY = english);";
    let d = "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple, stopwords = english);";
    check(&[
        (c, "DROP TEXT SEARCH CONFIGURATION c", &["text search configuration public.c: missing"]),
        ("CREATE TEXT SEARCH CONFIGURATION c (PARSER = \"default\");", "ALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR int, word WITH english_stem, simple; COMMENT ON TEXT SEARCH CONFIGURATION c IS 'c'", &[
            "text search configuration public.c: definition CREATE TEXT SEARCH CONFIGURATION public.c (PARSER = pg_catalog.\"default\") -> CREATE TEXT SEARCH CONFIGURATION public.c (PARSER = pg_catalog.\"default\"); ALTER TEXT SEARCH CONFIGURATION public.c ADD MAPPING FOR \"int\" WITH english_stem, simple; ALTER TEXT SEARCH CONFIGURATION public.c ADD MAPPING FOR word WITH english_stem, simple; comment none -> c",
        ]),
        (d, "DROP TEXT SEARCH DICTIONARY d", &["text search dictionary public.d: missing"]),
        (d, "ALTER TEXT SEARCH DICTIONARY d (accept = false); COMMENT ON TEXT SEARCH DICTIONARY d IS 'c'", &[
            "text search dictionary public.d: definition CREATE TEXT SEARCH DICTIONARY public.d (TEMPLATE = pg_catalog.simple, stopwords = 'english') -> CREATE TEXT SEARCH DICTIONARY public.d (TEMPLATE = pg_catalog.simple, stopwords = 'english', accept = 'false'); comment none -> c",
        ]),
        ("", "CREATE TEXT SEARCH TEMPLATE t (INIT = dsimple_init, LEXIZE = dsimple_lexize)", &["text search template public.t: extra"]),
        ("CREATE TEXT SEARCH TEMPLATE t (INIT = dsimple_init, LEXIZE = dsimple_lexize);", "DROP TEXT SEARCH TEMPLATE t", &["text search template public.t: missing"]),
        ("CREATE TEXT SEARCH PARSER p (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);", "DROP TEXT SEARCH PARSER p", &["text search parser public.p: missing"]),
    ])
    .await;
}

#[tokio::test]
async fn foreign_data() {
    let w = "CREATE FOREIGN DATA WRAPPER w OPTIONS (debug 'true');";
    let s = &format!(
        "{w} CREATE SERVER s TYPE 'x' VERSION '1' FOREIGN DATA WRAPPER w OPTIONS (host 'a', port '1');"
    );
    let u = &format!(
        "{ROLES} {s} CREATE USER MAPPING FOR c_alice SERVER s OPTIONS (user 'al', password 'hush'); CREATE USER MAPPING FOR PUBLIC SERVER s;"
    );
    let t = &format!(
        "{s} CREATE FOREIGN TABLE t (a int OPTIONS (k 'v') NOT NULL, b text CHECK (b <> '')) SERVER s OPTIONS (x 'y');"
    );
    check(&[
        (w, "DROP FOREIGN DATA WRAPPER w", &["foreign data wrapper w: missing"]),
        (w, "ALTER FOREIGN DATA WRAPPER w OPTIONS (SET debug 'false', ADD other '1'); COMMENT ON FOREIGN DATA WRAPPER w IS 'c'", &["foreign data wrapper w: options debug=true -> debug=false, other=1; comment none -> c"]),
        (s, "DROP SERVER s", &["server s: missing"]),
        (t, "ALTER SERVER s OPTIONS (SET host 'b', DROP port)", &["server s: options host=a, port=1 -> host=b"]),
        (&format!("{ROLES} {s}"), "GRANT USAGE ON FOREIGN SERVER s TO c_bob; GRANT USAGE ON FOREIGN DATA WRAPPER w TO c_bob", &[
            "foreign data wrapper w: privileges postgres=U/postgres -> c_bob=U/postgres, postgres=U/postgres",
            "server s: privileges postgres=U/postgres -> c_bob=U/postgres, postgres=U/postgres",
        ]),
        (u, "DROP USER MAPPING FOR PUBLIC SERVER s", &["user mapping FOR PUBLIC SERVER s: missing"]),
        // A password is nowhere to be read, and so neither compared nor put back.
        (u, "ALTER USER MAPPING FOR c_alice SERVER s OPTIONS (SET password 'other')", &[]),
        (u, "ALTER USER MAPPING FOR c_alice SERVER s OPTIONS (SET user 'bo')", &["user mapping FOR c_alice SERVER s: options password=***, user=al -> password=***, user=bo"]),
        (u, "DROP USER MAPPING FOR c_alice SERVER s", &["user mapping FOR c_alice SERVER s: missing (no mend)"]),
        (t, "DROP FOREIGN TABLE t", &["foreign table public.t: missing"]),
        (t, "ALTER FOREIGN TABLE t OPTIONS (SET x 'z'); ALTER FOREIGN TABLE t ALTER a OPTIONS (DROP k)", &["foreign table public.t: server options x=y -> x=z", "column public.t.a: server options k=v -> none"]),
        (t, "ALTER FOREIGN TABLE t ADD c int; COMMENT ON FOREIGN TABLE t IS 'c'", &["column public.t.c: extra", "foreign table public.t: comment none -> c"]),
        (&format!("{s} CREATE TABLE t (a int);"), "DROP TABLE t; CREATE FOREIGN TABLE t (a int) SERVER s", &[
            "table public.t: access method heap -> none; kind ordinary -> foreign; server none -> s (no mend)",
        ]),
    ])
    .await;
}

#[tokio::test]
async fn replication_and_default_privileges() {
    let t = "CREATE TABLE t (a int PRIMARY KEY, b int, c int); CREATE SCHEMA app;";
    let p = &format!(
        "{t} CREATE PUBLICATION p FOR TABLE t (a, b) WHERE (a > 1), TABLES IN SCHEMA app WITH (publish = 'insert');"
    );
    let p = p.replace("t (a, b)", "t");
    let s = "CREATE SUBSCRIPTION s CONNECTION 'dbname=nowhere password=hush' PUBLICATION b, a WITH (connect = false, slot_name = NONE);";
    check(&[
        (&p, "DROP PUBLICATION p", &["publication p: missing"]),
        (&p, "ALTER PUBLICATION p SET TABLE t WHERE (a > 2)", &[
            "publication p: definition CREATE PUBLICATION p FOR TABLE ONLY public.t WHERE ((a > 1)), TABLES IN SCHEMA app WITH (publish = 'insert', publish_via_partition_root = false) -> CREATE PUBLICATION p FOR TABLE ONLY public.t WHERE ((a > 2)) WITH (publish = 'insert', publish_via_partition_root = false)",
        ]),
        (&format!("{t} CREATE PUBLICATION p FOR TABLE t;"), "ALTER PUBLICATION p SET TABLE t (c, a)", &[
            "publication p: definition CREATE PUBLICATION p FOR TABLE ONLY public.t WITH (publish = 'insert, update, delete, truncate', publish_via_partition_root = false) -> CREATE PUBLICATION p FOR TABLE ONLY public.t (a, c) WITH (publish = 'insert, update, delete, truncate', publish_via_partition_root = false)",
        ]),
        (t, "CREATE PUBLICATION q FOR ALL TABLES; COMMENT ON PUBLICATION q IS 'c'", &["publication q: extra"]),
        (s, "ALTER SUBSCRIPTION s SET (binary = true)", &[
            "subscription s: definition CREATE SUBSCRIPTION s CONNECTION '***' PUBLICATION a, b WITH (connect = false, enabled = false, slot_name = NONE, binary = false, streaming = off, synchronous_commit = 'off', two_phase = false, disable_on_error = false, password_required = true, run_as_owner = false, origin = any) -> CREATE SUBSCRIPTION s CONNECTION '***' PUBLICATION a, b WITH (connect = false, enabled = false, slot_name = NONE, binary = true, streaming = off, synchronous_commit = 'off', two_phase = false, disable_on_error = false, password_required = true, run_as_owner = false, origin = any) (no mend)",
        ]),
        (s, "DROP SUBSCRIPTION s", &["subscription s: missing (no mend)"]),
        ("", s, &["subscription s: extra"]),
        (ROLES, "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO c_alice", &["default privileges of postgres for tables: extra"]),
        (ROLES, "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC", &["default privileges of postgres for functions: extra"]),
        (&format!("{ROLES} CREATE SCHEMA app; ALTER DEFAULT PRIVILEGES FOR ROLE c_bob IN SCHEMA app GRANT USAGE, SELECT ON SEQUENCES TO c_alice WITH GRANT OPTION;"), "ALTER DEFAULT PRIVILEGES FOR ROLE c_bob IN SCHEMA app REVOKE ALL ON SEQUENCES FROM c_alice", &["default privileges of c_bob for sequences in schema app: missing"]),
        (&format!("{ROLES} ALTER DEFAULT PRIVILEGES FOR ROLE c_bob GRANT SELECT ON TABLES TO c_alice;"), "ALTER DEFAULT PRIVILEGES FOR ROLE c_bob GRANT INSERT ON TABLES TO c_alice", &[
            "default privileges of c_bob for tables: privileges c_alice=r/c_bob, c_bob=arwdDxt/c_bob -> c_alice=ar/c_bob, c_bob=arwdDxt/c_bob",
        ]),
        (ROLES, "ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC; ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO c_bob", &[
            "default privileges of postgres for schemas: extra", "default privileges of postgres for types: extra",
        ]),
    ])
    .await;
}

/// A database with one of every kind of object.
fn one_of_each() -> String {
    format!(
        "{ROLES}
        CREATE SCHEMA app AUTHORIZATION c_alice; COMMENT ON SCHEMA app IS 'the application';
        CREATE EXTENSION citext; CREATE EXTENSION hstore SCHEMA app;
        CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'happy');
        CREATE DOMAIN app.email AS citext CONSTRAINT at CHECK (value LIKE '%@%');
        CREATE TYPE app.pair AS (a int, b text);
        CREATE TYPE app.span AS RANGE (subtype = float8, subtype_diff = float8mi);
        CREATE TYPE app.shell;
        CREATE SEQUENCE app.counter AS integer INCREMENT 2 CYCLE;
        CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.at := now(); RETURN NEW; END$$;
        CREATE FUNCTION app.twice(int) RETURNS int IMMUTABLE LANGUAGE sql RETURN $1 * 2;
        CREATE FUNCTION app.same(int, int) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT $1 = $2';
        CREATE FUNCTION app.ev() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE PROCEDURE app.work(INOUT n int DEFAULT 3) LANGUAGE plpgsql AS 'BEGIN n := n + 1; END';
        CREATE AGGREGATE app.total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
        CREATE OPERATOR app.=== (FUNCTION = app.same, LEFTARG = int, RIGHTARG = int);
        CREATE OPERATOR CLASS app.class FOR TYPE int USING btree AS OPERATOR 1 <, FUNCTION 1 btint4cmp(int, int);
        CREATE CAST (app.mood AS int) WITH INOUT;
        CREATE COLLATION app.plain FROM \"C\";
        CREATE CONVERSION app.conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
        CREATE TEXT SEARCH DICTIONARY app.dict (TEMPLATE = simple);
        CREATE TEXT SEARCH CONFIGURATION app.conf (COPY = english);
        CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
        CREATE TABLE app.users (
            id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email app.email UNIQUE, mood app.mood DEFAULT 'ok' NOT NULL,
            name text COLLATE app.plain, at timestamptz DEFAULT '2020-01-01 00:00+00', during tstzrange, price money DEFAULT '1.50',
            double int GENERATED ALWAYS AS (app.twice(id)) STORED, gap interval DEFAULT '1 day 02:00', f float8 DEFAULT 0.1,
            CHECK (name <> E'a\\\\b'), EXCLUDE USING gist (during WITH &&)
        ) WITH (fillfactor = 90);
        CREATE INDEX ON app.users (lower(name)) WHERE mood = 'happy';
        CREATE TABLE app.\"Order\" (id bigserial PRIMARY KEY, \"user\" int NOT NULL REFERENCES app.users ON DELETE CASCADE, day date) USING heap2;
        CREATE TABLE app.parts (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
        CREATE TABLE app.parts_1 PARTITION OF app.parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
        CREATE TABLE app.child (extra int) INHERITS (app.users);
        CREATE VIEW app.happy AS SELECT id, name FROM app.users WHERE mood = 'happy';
        CREATE MATERIALIZED VIEW app.days AS SELECT day, count(*) FROM app.\"Order\" GROUP BY day; CREATE UNIQUE INDEX ON app.days (day);
        CREATE TRIGGER touch BEFORE UPDATE ON app.users FOR EACH ROW EXECUTE FUNCTION app.touch();
        CREATE RULE keep AS ON DELETE TO app.parts DO INSTEAD NOTHING;
        ALTER TABLE app.users ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON app.users TO c_alice USING (id > 0);
        CREATE STATISTICS app.stat ON id, mood FROM app.users;
        CREATE FOREIGN DATA WRAPPER wrap; CREATE SERVER far FOREIGN DATA WRAPPER wrap OPTIONS (host 'x');
        CREATE USER MAPPING FOR c_alice SERVER far OPTIONS (user 'al', password 'hush');
        CREATE FOREIGN TABLE app.away (a int) SERVER far OPTIONS (t 'x');
        CREATE PUBLICATION pub FOR TABLE app.users WHERE (id > 5);
        CREATE EVENT TRIGGER ev ON ddl_command_end EXECUTE FUNCTION app.ev(); ALTER EVENT TRIGGER ev DISABLE;
        ALTER DEFAULT PRIVILEGES FOR ROLE c_bob IN SCHEMA app GRANT SELECT ON TABLES TO c_alice;
        GRANT SELECT, UPDATE (name) ON app.users TO c_alice; GRANT USAGE ON SCHEMA app TO PUBLIC;
        COMMENT ON TABLE app.users IS 'people'; COMMENT ON COLUMN app.users.name IS 'in full';"
    )
}

#[tokio::test]
async fn two_databases_of_one_script_are_equal_and_survive_json() {
    let (one, two) = (scratch().await, scratch().await);
    let (mut one, mut two) = (one.conn().await, two.conn().await);
    run(&mut one, &one_of_each()).await;
    // Other oids, numbers of columns and file nodes.
    run(&mut two, "CREATE TABLE passing (a int, b text); DROP TABLE passing;").await;
    let script = one_of_each()
        .replace("name text COLLATE app.plain", "gone text, name text COLLATE app.plain");
    run(&mut two, &format!("{script} ALTER TABLE app.users DROP COLUMN gone")).await;
    run(&mut two, "VACUUM FULL").await;

    let (one, two) = (load(&mut one).await.unwrap(), load(&mut two).await.unwrap());
    let lines: Vec<_> = diff(&one, &two).iter().map(line).collect();
    assert_eq!(lines, [""; 0]);
    assert_eq!(one, two);

    let json = serde_json::to_string(&one).unwrap();
    assert!(!json.contains("hush"), "a password is in the catalog");
    assert_eq!(serde_json::from_str::<Catalog>(&json).unwrap(), one);
    // Nothing of an extension's is listed, and nothing that Postgres makes by the way.
    for text in ["citext_eq", "pg_toast", "_mood", "spanmultirange(", "RI_Constraint"] {
        assert!(!json.contains(text), "{text} is in the catalog");
    }
    let kinds: std::collections::BTreeSet<_> = one.others.iter().map(|other| other.kind).collect();
    assert_eq!(kinds.len(), 16, "{kinds:?}");

    // From nothing, everything is missing once, and the mends make it all.
    let empty = scratch().await;
    let mut empty = empty.conn().await;
    let nothing = load(&mut empty).await.unwrap();
    let changes = diff(&one, &nothing);
    for change in &changes {
        let Some(mend) = &change.mend else {
            assert_eq!(line(change), "user mapping FOR c_alice SERVER far: missing (no mend)");
            continue;
        };
        run(&mut empty, mend).await;
    }
    let made = load(&mut empty).await.unwrap();
    let lines: Vec<_> = diff(&one, &made).iter().map(line).collect();
    assert_eq!(lines, ["user mapping FOR c_alice SERVER far: missing (no mend)"]);
    // And back again.
    for change in diff(&nothing, &made) {
        run(&mut empty, &change.mend.unwrap()).await;
    }
    assert_eq!(diff(&nothing, &load(&mut empty).await.unwrap()), []);
}

/// Every field of every kind of object, changed one at a time in the serialised catalog.
#[tokio::test]
async fn no_field_can_change_unsaid() {
    let scratch = scratch().await;
    let mut conn = scratch.conn().await;
    run(&mut conn, &one_of_each()).await;
    let catalog = load(&mut conn).await.unwrap();
    let json = serde_json::to_value(&catalog).unwrap();
    let mut paths = std::collections::BTreeMap::new();
    leaves(&json, String::new(), String::new(), &mut paths);
    assert!(paths.len() > 250, "only {} fields", paths.len());
    let mut tried = 0;
    for path in paths.values() {
        let value = json.pointer(path).unwrap();
        let in_order = ["columns", "attributes"].iter().any(|name| path.ends_with(name));
        for other in others(value, in_order) {
            let mut json = json.clone();
            *json.pointer_mut(path).unwrap() = other;
            let Ok(changed) = serde_json::from_value::<Catalog>(json) else { continue };
            if changed == catalog {
                continue;
            }
            tried += 1;
            assert!(!diff(&catalog, &changed).is_empty(), "{path} can change unsaid");
            assert!(!diff(&changed, &catalog).is_empty(), "{path} can change back unsaid");
        }
    }
    assert!(tried > 250, "only {tried} changes made sense");
}

/// One path to each field: `shape` is the path without the places in arrays.
fn leaves(
    value: &serde_json::Value,
    path: String,
    shape: String,
    paths: &mut std::collections::BTreeMap<String, String>,
) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                leaves(value, format!("{path}/{key}"), format!("{shape}/{key}"), paths);
            }
        }
        serde_json::Value::Array(items) if !items.is_empty() => {
            for (at, value) in items.iter().enumerate() {
                leaves(value, format!("{path}/{at}"), format!("{shape}/*"), paths);
            }
            paths.entry(format!("{shape} itself")).or_insert(path);
        }
        _ => {
            // Null tells nothing of what else could be there.
            let shape = if value.is_null() { format!("{shape} null") } else { shape };
            paths.entry(shape).or_insert(path);
        }
    }
}

/// Other values of the kind. Lists of objects are sorted by name, but for those that are in order.
fn others(value: &serde_json::Value, in_order: bool) -> Vec<serde_json::Value> {
    use serde_json::{Value, json};
    match value {
        Value::Null => vec![json!("x"), json!(1), json!(["x"])],
        Value::Bool(value) => vec![json!(!value)],
        Value::Number(number) => vec![json!(number.as_i64().unwrap_or(0).wrapping_sub(1))],
        Value::String(text) => {
            let words =
                ["disabled", "origin", "after", "update", "check", "cascade", "full", "server"];
            let mut others = vec![json!(format!("{text}x"))];
            others.extend(words.map(|word| json!(word)));
            others
        }
        Value::Array(items) if items.is_empty() => vec![json!(["x"])],
        Value::Array(items) => {
            let mut turned = items.clone();
            if in_order || items[0].is_string() {
                turned.reverse();
            }
            vec![json!([]), json!(items[1..]), json!(turned)]
        }
        Value::Object(_) => Vec::new(),
    }
}

#[tokio::test]
async fn what_is_not_schema_makes_no_difference() {
    check_same(
        &one_of_each(),
        &[
            "GRANT DELETE ON app.users TO c_bob; REVOKE DELETE ON app.users FROM c_bob",
            "GRANT EXECUTE ON FUNCTION app.twice TO c_bob; REVOKE EXECUTE ON FUNCTION app.twice FROM c_bob",
            "GRANT USAGE ON TYPE app.mood TO c_bob; REVOKE USAGE ON TYPE app.mood FROM c_bob",
            "GRANT USAGE ON SEQUENCE app.counter TO PUBLIC; REVOKE ALL ON SEQUENCE app.counter FROM PUBLIC",
            "REVOKE SELECT ON app.happy FROM postgres; GRANT SELECT ON app.happy TO postgres",
            "GRANT UPDATE (at) ON app.users TO c_bob; REVOKE UPDATE (at) ON app.users FROM c_bob",
            "GRANT USAGE ON FOREIGN SERVER far TO c_bob; REVOKE USAGE ON FOREIGN SERVER far FROM c_bob",
            "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO c_bob; ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM c_bob",
            "SELECT nextval('app.counter'), setval('app.users_id_seq', 99)",
            "INSERT INTO app.users (email, name) VALUES ('a@b', 'a'), ('c@d', 'b'); INSERT INTO app.parts VALUES (1, '2020-05-05')",
            "ANALYZE",
            "VACUUM",
            "VACUUM FULL app.users",
            "REINDEX TABLE app.users",
            "CLUSTER app.users USING users_pkey; ALTER TABLE app.users SET WITHOUT CLUSTER",
            "REFRESH MATERIALIZED VIEW app.days",
            "TRUNCATE app.users CASCADE",
            "SET search_path = app, public",
            "SET quote_all_identifiers = on",
            "CREATE TEMP TABLE scratch (a int PRIMARY KEY, b app.mood DEFAULT 'ok'); CREATE TEMP VIEW scratch_view AS SELECT * FROM scratch; CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "DROP INDEX app.users_lower_idx; CREATE INDEX ON app.users (lower(name)) WHERE mood = 'happy'",
            "CREATE INDEX CONCURRENTLY passing ON app.users (name)\nDROP INDEX CONCURRENTLY app.passing",
            "DROP VIEW app.happy; CREATE VIEW app.happy AS SELECT u.id, u.name FROM app.users AS u WHERE u.mood = 'happy'; DROP VIEW app.happy; CREATE VIEW app.happy AS SELECT id, name FROM app.users WHERE mood = 'happy'",
            "DROP TRIGGER touch ON app.users; CREATE TRIGGER touch BEFORE UPDATE ON app.users FOR EACH ROW EXECUTE FUNCTION app.touch()",
            "CREATE OR REPLACE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.at := now(); RETURN NEW; END$$",
            "ALTER TABLE app.users DROP CONSTRAINT users_email_key, ADD UNIQUE (email)",
            "ALTER TABLE app.\"Order\" DROP CONSTRAINT \"Order_user_fkey\"; ALTER TABLE app.\"Order\" ADD FOREIGN KEY (\"user\") REFERENCES app.users ON DELETE CASCADE",
            "ALTER TABLE app.users ADD COLUMN passing int DEFAULT 5; ALTER TABLE app.users DROP COLUMN passing",
            "ALTER TABLE app.users RENAME TO people; ALTER TABLE app.people RENAME TO users",
            "ALTER TABLE app.users ALTER at TYPE timestamptz(3); ALTER TABLE app.users ALTER at TYPE timestamptz",
            "DROP TABLE app.\"Order\" CASCADE; CREATE TABLE app.\"Order\" (id bigserial PRIMARY KEY, \"user\" int NOT NULL REFERENCES app.users ON DELETE CASCADE, day date) USING heap2; CREATE MATERIALIZED VIEW app.days AS SELECT day, count(*) FROM app.\"Order\" GROUP BY day; CREATE UNIQUE INDEX ON app.days (day)",
            "DROP TABLE app.parts; CREATE TABLE app.parts (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day); CREATE TABLE app.parts_1 PARTITION OF app.parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01'); CREATE RULE keep AS ON DELETE TO app.parts DO INSTEAD NOTHING",
            "DROP EXTENSION hstore; CREATE EXTENSION hstore SCHEMA app",
            "COMMENT ON TABLE app.parts IS 'x'; COMMENT ON TABLE app.parts IS NULL",
            "ALTER TABLE app.users ALTER at SET STATISTICS 9; ALTER TABLE app.users ALTER at SET STATISTICS -1",
            "ALTER TABLE app.users SET (autovacuum_enabled = off); ALTER TABLE app.users RESET (autovacuum_enabled)",
            "ALTER TABLE app.users DISABLE TRIGGER ALL; ALTER TABLE app.users ENABLE TRIGGER ALL",
            "CREATE TABLE app.parts_2 (LIKE app.parts INCLUDING ALL); ALTER TABLE app.parts ATTACH PARTITION app.parts_2 DEFAULT; DROP TABLE app.parts_2",
            "DEALLOCATE ALL",
            "DISCARD ALL",
        ],
    )
    .await;
}

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
