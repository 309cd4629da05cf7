//! Schemas of which the model must say what the server does.

use super::{Tried, live, pool, told};
use crate::support::block_on;
use shakedown::invariants::model::{Live, Pool};

fn holds(says: &str, pools: Vec<Pool>) {
    holds_with(says, pools, Vec::new());
}

fn holds_with(says: &str, pools: Vec<Pool>, live: Vec<Live>) {
    let (ran, committed) = block_on(Tried { says, lie: "", pools, live }.run(2000, 20));
    for ran in [&ran, &committed] {
        if let Some(found) = &ran.disagreement {
            panic!("{}", told(found));
        }
    }
    assert_eq!((ran.cases, ran.sequences, committed.sequences), (2000, 200, 20));
    assert!(ran.passed_over < 600, "{} passed over", ran.passed_over);
}

fn parent_and_child(child: &str) -> String {
    format!(
        "CREATE TABLE parent (id int PRIMARY KEY, note text);
         CREATE TABLE child (id int PRIMARY KEY, parent_id int DEFAULT 2, {child})"
    )
}

fn parent_and_child_pools() -> Vec<Pool> {
    vec![
        pool("parent", "id note", &["1 | a", "2 | NULL", "3 | a", "NULL | x"]),
        pool("child", "id parent_id", &["1 | 1", "2 | 1", "3 | 2", "4 | NULL", "5 | 9", "1 | -"]),
    ]
}

#[test]
fn every_action_of_a_foreign_key() {
    for action in ["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"] {
        let key = "FOREIGN KEY (parent_id) REFERENCES parent";
        holds(
            &parent_and_child(&format!("{key} ON DELETE {action} ON UPDATE {action}")),
            parent_and_child_pools(),
        );
    }
}

#[test]
fn foreign_keys_that_are_checked_later() {
    for when in ["DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED"] {
        for action in ["NO ACTION", "RESTRICT", "SET DEFAULT"] {
            let key = "FOREIGN KEY (parent_id) REFERENCES parent";
            let key = format!("{key} ON DELETE {action} ON UPDATE {action} {when}");
            holds(&parent_and_child(&key), parent_and_child_pools());
        }
    }
}

#[test]
fn composite_foreign_keys_with_nulls() {
    for (matching, action) in [
        ("SIMPLE", "CASCADE"),
        ("FULL", "CASCADE"),
        ("FULL", "SET NULL"),
        ("SIMPLE", "SET NULL (room)"),
    ] {
        let update = if action == "SET NULL" { "SET NULL" } else { "CASCADE" };
        holds(
            &format!(
                "CREATE TABLE room (house int, room text, PRIMARY KEY (house, room));
                 CREATE TABLE bed (id int PRIMARY KEY, house int, room text,
                     FOREIGN KEY (house, room) REFERENCES room MATCH {matching} ON DELETE {action} ON UPDATE {update})"
            ),
            vec![
                pool("room", "house room", &["1 | a", "1 | b", "2 | a"]),
                pool("bed", "id house room", &["1 | 1 | a", "2 | 1 | b", "3 | NULL | a", "4 | 2 | NULL", "5 | NULL | NULL", "6 | 2 | b"]),
            ],
        );
    }
}

#[test]
fn tables_that_refer_to_themselves() {
    for action in ["CASCADE", "SET NULL", "NO ACTION", "RESTRICT"] {
        holds(
            &format!(
                "CREATE TABLE node (id int PRIMARY KEY, up int REFERENCES node ON DELETE {action} ON UPDATE {action})"
            ),
            vec![pool("node", "id up", &["1 | NULL", "2 | 1", "3 | 2", "4 | 4", "5 | 3", "6 | 9"])],
        );
    }
}

#[test]
fn cycles_of_foreign_keys() {
    for (one, other) in [
        ("CASCADE", "CASCADE"),
        ("SET NULL", "CASCADE"),
        ("NO ACTION DEFERRABLE INITIALLY DEFERRED", "CASCADE"),
    ] {
        holds(
            &format!(
                "CREATE TABLE team (id int PRIMARY KEY, lead int);
                 CREATE TABLE person (id int PRIMARY KEY, team int REFERENCES team ON DELETE {other} ON UPDATE CASCADE);
                 ALTER TABLE team ADD FOREIGN KEY (lead) REFERENCES person ON DELETE {one}"
            ),
            vec![
                pool("team", "id lead", &["1 | NULL", "2 | 1", "3 | 2", "4 | 3"]),
                pool("person", "id team", &["1 | 1", "2 | 2", "3 | NULL", "4 | 3"]),
            ],
        );
    }
}

#[test]
fn partial_expression_and_null_aware_unique_indexes() {
    holds(
        "CREATE TABLE account (id int PRIMARY KEY, email text, name varchar(4), gone boolean NOT NULL DEFAULT false);
         CREATE UNIQUE INDEX account_email ON account (lower(email)) WHERE NOT gone;
         CREATE UNIQUE INDEX account_name ON account (name, gone) NULLS NOT DISTINCT",
        vec![pool(
            "account",
            "id email name gone",
            &["1 | A@x | n | false", "2 | a@x | n | true", "3 | a@X | NULL | -", "4 | NULL | NULL | false", "5 | b | toolong | t", "6 | NULL | m | NULL"],
        )],
    );
}

#[test]
fn unique_constraints_that_are_checked_later() {
    for when in ["", "DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED"] {
        holds(
            &format!(
                "CREATE TABLE slot (id int PRIMARY KEY, place int NOT NULL, UNIQUE (place) {when})"
            ),
            vec![pool("slot", "id place", &["1 | 1", "2 | 2", "3 | 3", "4 | 1", "5 | NULL"])],
        );
    }
}

#[test]
fn cascades_along_paths_of_unequal_length() {
    for action in ["RESTRICT", "NO ACTION", "NO ACTION DEFERRABLE INITIALLY DEFERRED"] {
        holds(
            &format!(
                "CREATE TABLE a (id int PRIMARY KEY);
                 CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a ON DELETE CASCADE);
                 CREATE TABLE x (id int PRIMARY KEY, a int REFERENCES a ON DELETE CASCADE);
                 CREATE TABLE y (id int PRIMARY KEY, x int REFERENCES x ON DELETE CASCADE);
                 CREATE TABLE c (id int PRIMARY KEY, y int REFERENCES y ON DELETE CASCADE, b int REFERENCES b ON DELETE {action})"
            ),
            vec![
                pool("a", "id", &["1", "2"]),
                pool("b", "id a", &["1 | 1", "2 | 2"]),
                pool("x", "id a", &["1 | 1", "2 | 2"]),
                pool("y", "id x", &["1 | 1", "2 | 2"]),
                pool("c", "id y b", &["1 | 1 | 1", "2 | 2 | 2", "3 | 1 | 2", "4 | NULL | 1"]),
            ],
        );
    }
}

#[test]
fn shared_columns_of_two_foreign_keys() {
    holds(
        "CREATE TABLE tenant (id int PRIMARY KEY);
         CREATE TABLE label (tenant int REFERENCES tenant ON DELETE CASCADE, name text, PRIMARY KEY (tenant, name));
         CREATE TABLE thing (id int PRIMARY KEY, tenant int NOT NULL REFERENCES tenant ON DELETE CASCADE, label text,
             FOREIGN KEY (tenant, label) REFERENCES label ON DELETE SET NULL (label) ON UPDATE CASCADE)",
        vec![
            pool("tenant", "id", &["1", "2"]),
            pool("label", "tenant name", &["1 | red", "2 | red", "1 | blue"]),
            pool("thing", "id tenant label", &["1 | 1 | red", "2 | 2 | red", "3 | 1 | NULL", "4 | 2 | blue", "5 | NULL | red"]),
        ],
    );
}

#[test]
fn domains_enums_checks_and_generated_columns() {
    holds(
        "CREATE TYPE mood AS ENUM ('sad', 'ok');
         CREATE DOMAIN percent AS int CHECK (VALUE BETWEEN 0 AND 100);
         CREATE DOMAIN code AS text NOT NULL CHECK (VALUE ~ '^[a-z]+$');
         CREATE TABLE thing (
             id numeric(6,2) PRIMARY KEY, share percent DEFAULT 50, code code, mood mood DEFAULT 'ok', low int, high int,
             width int GENERATED ALWAYS AS (high - low) STORED UNIQUE CHECK (width <> 7),
             CONSTRAINT ordered CHECK (low < high), CHECK (10 / low > 0 OR mood = 'sad'))",
        vec![pool(
            "thing",
            "id share code mood low high",
            &[
                "1 | 1 | a | sad | 1 | 2",
                "1.00 | - | b | - | 3 | 5",
                "2.004 | 101 | a | ok | 1 | 3",
                "3 | 100 | A | ok | 0 | 9",
                "4 | NULL | NULL | bad | NULL | 8",
                "5 | x | c | NULL | 5 | 5",
            ],
        )],
    );
}

#[test]
fn keys_that_look_different_and_are_equal() {
    holds(
        "CREATE TABLE price (amount numeric PRIMARY KEY, code char(4) UNIQUE);
         CREATE TABLE tag (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, amount numeric REFERENCES price ON UPDATE CASCADE ON DELETE SET NULL,
             code char(4) REFERENCES price (code) ON UPDATE RESTRICT ON DELETE RESTRICT, at timestamptz DEFAULT now())",
        vec![
            pool("price", "amount code", &["1 | a", "1.0 | b", "2.50 | a ", "2.5 | NULL", "3 | toolong"]),
            pool("tag", "id amount code", &["1 | 1.00 | a", "2 | 2.5 | b", "3 | NULL | NULL", "4 | 3 | a", "5 | - | -"]),
        ],
    );
}

#[test]
fn what_this_repository_migrates() {
    let mut says = String::new();
    let mut files: Vec<_> = std::fs::read_dir(crate::support::repository("migrations"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    for file in files.iter().filter(|file| file.to_string_lossy().ends_with(".up.sql")) {
        says += &std::fs::read_to_string(file).unwrap().replace("CONCURRENTLY", "");
    }
    let id = |n: u32| format!("00000000-0000-4000-8000-{n:012}");
    let (one, two, none) = (id(1), id(2), id(9));
    let rows = |rows: &[String]| -> Vec<String> { rows.to_vec() };
    let build = |table: &str, columns: &str, all: Vec<String>| {
        pool(table, columns, &all.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let when = "2026-01-01 00:00:00+00";
    holds_with(
        &says,
        vec![
            build(
                "users",
                "id email hashed_password full_name is_deleted deleted_at",
                rows(&[
                    format!("{one} | a@x | h | Ann | - | -"),
                    format!("{two} | A@x | h | NULL | true | {when}"),
                    format!("{} | b@x | h | NULL | - | -", id(3)),
                    format!("{} | xy | h | NULL | true | NULL", id(4)),
                    format!("{} | NULL | NULL | Eve | false | -", id(5)),
                ]),
            ),
            build(
                "categories",
                "id name",
                rows(&[format!("{one} | a"), format!("{two} | a"), format!("{} | b", id(3))]),
            ),
            build(
                "items",
                "id owner_id category_id title",
                rows(&[
                    format!("{one} | {one} | {one} | t"),
                    format!("{two} | {two} | NULL | t"),
                    format!("{} | {one} | {two} | NULL", id(3)),
                    format!("{} | {none} | {none} | u", id(4)),
                ]),
            ),
            build(
                "invoices",
                "id user_id status amount_cents paid_at",
                rows(&[
                    format!("{one} | {one} | - | 1 | -"),
                    format!("{two} | {two} | paid | 0 | {when}"),
                    format!("{} | {} | paid | -1 | NULL", id(3), id(3)),
                ]),
            ),
        ],
        vec![
            live("users", "is_deleted", Some("true"), Some("false")),
            live("users", "deleted_at", Some(when), None),
            live("items", "is_deleted", Some("true"), Some("false")),
            live("items", "deleted_at", Some(when), None),
        ],
    );
}

#[test]
fn several_foreign_keys_to_the_same_table() {
    holds(
        "CREATE TABLE person (id int PRIMARY KEY, name text UNIQUE NULLS NOT DISTINCT);
         CREATE TABLE letter (
             id int PRIMARY KEY,
             writer int REFERENCES person ON DELETE CASCADE ON UPDATE CASCADE,
             reader int REFERENCES person ON DELETE SET NULL ON UPDATE SET NULL,
             witness text REFERENCES person (name) ON DELETE SET NULL ON UPDATE CASCADE,
             answers int REFERENCES letter ON DELETE RESTRICT ON UPDATE NO ACTION,
             UNIQUE NULLS NOT DISTINCT (reader, witness), CHECK (writer <> reader))",
        vec![
            pool("person", "id name", &["1 | a", "2 | b", "3 | NULL", "4 | NULL"]),
            pool(
                "letter",
                "id writer reader witness answers",
                &[
                    "1 | 1 | 2 | a | NULL",
                    "2 | 1 | 2 | b | 1",
                    "3 | 2 | NULL | NULL | 2",
                    "4 | 2 | 2 | a | 4",
                    "5 | NULL | 1 | NULL | 1",
                ],
            ),
        ],
    );
}

#[test]
fn defaults_that_a_foreign_key_falls_back_to() {
    for when in ["", "DEFERRABLE INITIALLY DEFERRED"] {
        holds(
            &format!(
                "CREATE TABLE place (land text, town text, PRIMARY KEY (land, town));
                 CREATE TABLE trip (
                     id int PRIMARY KEY, land text DEFAULT 'x', town text DEFAULT 'y' NOT NULL, back int DEFAULT 1,
                     FOREIGN KEY (land, town) REFERENCES place ON DELETE SET DEFAULT ON UPDATE SET DEFAULT {when},
                     FOREIGN KEY (back) REFERENCES trip ON DELETE SET DEFAULT ON UPDATE CASCADE)"
            ),
            vec![
                pool("place", "land town", &["x | y", "x | z", "u | v"]),
                pool("trip", "id land town back", &["1 | x | z | 1", "2 | u | v | 1", "3 | NULL | v | 2", "4 | - | - | NULL", "5 | u | q | -"]),
            ],
        );
    }
}

#[test]
fn domains_that_forbid_null_below_foreign_keys() {
    holds(
        "CREATE DOMAIN key AS int NOT NULL CHECK (VALUE < 3);
         CREATE TABLE parent (id int PRIMARY KEY);
         CREATE TABLE child (id int PRIMARY KEY, parent key REFERENCES parent ON DELETE SET NULL ON UPDATE CASCADE);
         CREATE TABLE short (id text PRIMARY KEY);
         CREATE TABLE shorter (id int PRIMARY KEY, up varchar(2) REFERENCES short ON UPDATE CASCADE)",
        vec![
            pool("parent", "id", &["1", "2", "3"]),
            pool("child", "id parent", &["1 | 1", "2 | 2", "3 | NULL", "4 | 3"]),
            pool("short", "id", &["a", "ab", "abc"]),
            pool("shorter", "id up", &["1 | a", "2 | ab", "3 | NULL"]),
        ],
    );
}

#[test]
fn numbered_rows_harmless_triggers_and_constraints_that_old_rows_may_break() {
    holds(
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             -- Does not RAISE.
             IF TG_OP = 'UPDATE' THEN NEW.at := clock_timestamp(); END IF; RETURN NEW; END $$;
         CREATE TABLE kind (code uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text);
         CREATE TABLE thing (
             id int PRIMARY KEY, nr bigint GENERATED BY DEFAULT AS IDENTITY UNIQUE, size serial, kind uuid, at timestamptz NOT NULL DEFAULT now());
         ALTER TABLE thing ADD CONSTRAINT kinds FOREIGN KEY (kind) REFERENCES kind ON DELETE CASCADE NOT VALID,
             ADD CONSTRAINT low CHECK (id < 5) NOT VALID;
         CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON thing FOR EACH ROW EXECUTE FUNCTION touch()",
        vec![
            pool("kind", "code name", &["00000000-0000-0000-0000-00000000000A | a", "{00000000000000000000-00000000000b} | b", "- | c"]),
            pool("thing", "id nr kind", &["1 | 1000000 | 00000000-0000-0000-0000-00000000000a", "2 | 1000001 | 00000000-0000-0000-0000-00000000000b", "5 | 1000000 | NULL"]),
        ],
    );
}
