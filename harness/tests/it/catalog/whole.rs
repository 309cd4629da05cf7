//! A schema with one of every kind of object.

use shakedown::catalog::{Catalog, diff, load};

use super::{ROLES, line, run};
use crate::support::scratch;

/// A database with one of every kind of object.
pub(super) fn one_of_each() -> String {
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
