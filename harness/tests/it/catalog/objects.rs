//! Everything that is not a relation.

use super::{ROLES, check};

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
