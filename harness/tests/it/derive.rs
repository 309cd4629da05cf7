//! Workloads that nobody wrote, on the RAPIDS schema and on schemas with every oddity.

use std::collections::BTreeMap;

use shakedown::catalog::{self, Catalog};
use shakedown::datagen;
use shakedown::invariants::soft_delete;
use shakedown::load::derive::{Derived, derive, tried};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::support::{Scratch, repository, scratch, server};

/// A workload with the database that it was tried on.
struct Tried {
    scratch: Scratch,
    derived: Derived,
}

pub(crate) async fn run(conn: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(conn).await.unwrap();
}

/// Fills a schema with rows, derives its workload and tries it.
async fn workload(sql: &str, rows: u64) -> Tried {
    let scratch = scratch().await;
    let mut conn = scratch.conn().await;
    run(&mut conn, sql).await;
    let catalog = catalog::load(&mut conn).await.unwrap();
    let plan = datagen::Plan { seed: 1, default_rows: rows, ..datagen::Plan::default() };
    datagen::fill(&mut conn, &catalog, &plan).await.unwrap();
    let derived = derived(&catalog);
    let options = server().options(&scratch.name).unwrap();
    let derived = tried(&options, derived, 1).await.unwrap();
    Tried { scratch, derived }
}

fn derived(catalog: &Catalog) -> Derived {
    let soft_deletes = soft_delete::detect(catalog, &BTreeMap::new()).unwrap();
    derive(catalog, &|_| false, &soft_deletes, 1).unwrap()
}

impl Tried {
    fn names(&self) -> Vec<&str> {
        self.derived.operations.iter().map(|operation| operation.name.as_str()).collect()
    }

    #[track_caller]
    fn text(&self, name: &str) -> &str {
        let found = self.derived.operations.iter().find(|operation| operation.name == name);
        let found = found.unwrap_or_else(|| {
            panic!("no `{name}` in {:?}, {:?}", self.names(), self.derived.left_out)
        });
        &found.text
    }

    /// The one value of a query, as text.
    async fn ask(&self, sql: &str) -> String {
        let query = AssertSqlSafe(format!("SELECT ({sql})::text"));
        sqlx::query_scalar(query).fetch_one(&mut self.scratch.conn().await).await.unwrap()
    }
}

pub(crate) fn rapids() -> String {
    let mut files: Vec<_> = std::fs::read_dir(repository("migrations"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".up.sql"))
        .collect();
    files.sort();
    // Each on its own, since some take no part in a transaction.
    let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    texts.collect::<Vec<_>>().join("\n").replace(" CONCURRENTLY", "")
}

#[tokio::test]
async fn the_rapids_schema_is_read_and_written_as_its_users_would() {
    let tried = workload(&rapids(), 200).await;
    assert_eq!(tried.derived.left_out, Vec::<String>::new());
    for name in ["users", "items", "invoices", "categories"] {
        for verb in ["insert", "update", "delete"] {
            tried.text(&format!("{verb} {name}"));
        }
        assert!(tried.text(&format!("get {name} by id")).contains("key(public."));
    }
    let by_email = tried.text("get users by email");
    assert!(by_email.contains("lower(email) = lower(:email) AND (NOT is_deleted)"), "{by_email}");
    let list = tried.text("list items by owner_id");
    assert!(list.starts_with("\\set owner_id key(public.users.id, zipf)\n"), "{list}");
    assert!(list.contains("is_deleted"), "{list}");
    assert!(list.ends_with("ORDER BY created_at DESC\nLIMIT 20;\n"), "{list}");
    let delete = tried.text("delete users");
    assert!(delete.contains("UPDATE public.users SET"), "{delete}");
    assert!(delete.contains("is_deleted = 'true'"), "{delete}");
    // Invoices are never deleted softly: what is made is deleted, and their number stays.
    assert!(tried.text("delete invoices").contains("\nDELETE FROM public.invoices WHERE id = "));
    assert_eq!(tried.ask("SELECT count(*) FROM invoices").await, "205");
}

#[tokio::test]
async fn the_weights_are_those_of_an_application_that_reads_more_than_it_writes() {
    let tried = workload(&rapids(), 20).await;
    let sum = |verb: &str| -> u32 {
        let all = tried.derived.operations.iter().filter(|one| one.name.starts_with(verb));
        all.map(|one| one.weight).sum()
    };
    for (verb, wanted) in
        [("get", 500), ("list", 300), ("insert", 100), ("update", 80), ("delete", 20)]
    {
        assert!(sum(verb).abs_diff(wanted) <= 3, "{verb}: {} of {wanted}", sum(verb));
    }
    let weight = |name: &str| {
        tried.derived.operations.iter().find(|one| one.name == name).map(|one| one.weight)
    };
    assert!(weight("insert users") > weight("insert invoices"), "more foreign keys lead to users");
}

#[tokio::test]
async fn a_condition_is_written_as_an_index_has_it() {
    let tried = workload(
        "CREATE TABLE notes (id int PRIMARY KEY, author int NOT NULL, slug varchar(60) NOT NULL,
             deleted_at timestamptz);
         CREATE UNIQUE INDEX ON notes (slug) WHERE (deleted_at IS NULL);
         CREATE TABLE docs (id int PRIMARY KEY, note int REFERENCES notes, is_deleted bool NOT NULL
             DEFAULT false);
         CREATE INDEX ON docs (note) WHERE NOT is_deleted;",
        50,
    )
    .await;
    assert_eq!(tried.derived.left_out, Vec::<String>::new());
    assert!(tried.text("get notes by slug").ends_with("slug = :slug AND (deleted_at IS NULL);\n"));
    assert!(tried.text("list docs by note").contains("note = :note AND (NOT is_deleted)\n"));
}

#[tokio::test]
async fn odd_names_and_composite_keys_are_no_obstacle() {
    let tried = workload(
        r#"CREATE SCHEMA "My Schema";
           CREATE TABLE "My Schema"."Or.der" (
               "Id ""x""" bigint, "Tenant" uuid, "Select" text NOT NULL DEFAULT 'a', client_id int,
               PRIMARY KEY ("Tenant", "Id ""x"""));
           CREATE TABLE "My Schema".lines (
               id int PRIMARY KEY, "order" bigint, tenant uuid, n int NOT NULL, "createdAt" date,
               FOREIGN KEY (tenant, "order") REFERENCES "My Schema"."Or.der");
           CREATE TABLE folders (id serial PRIMARY KEY, parent_id int REFERENCES folders,
               title text NOT NULL);"#,
        50,
    )
    .await;
    assert_eq!(tried.derived.left_out, Vec::<String>::new());
    let get = tried.text("get My Schema.Or.der by Tenant, Id \"x\"");
    assert!(get.contains(r#"key("My Schema"."Or.der"."Id ""x""", zipf)"#), "{get}");
    assert!(get.contains(r#"WHERE "Tenant" = :key_1 AND "Id ""x""" = :key_2"#), "{get}");
    let list = tried.text("list My Schema.lines by tenant, order");
    assert!(list.contains("ORDER BY \"createdAt\" DESC"), "{list}");
    assert!(tried.text("list folders by parent_id").contains("key(public.folders.id, zipf)"));
    assert_eq!(tried.names().iter().filter(|name| name.starts_with("delete")).count(), 3);
}

#[tokio::test]
async fn what_must_be_unique_is_made_fresh() {
    let tried = workload(
        "CREATE TABLE always (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
             code varchar(10) UNIQUE NOT NULL, mail text UNIQUE CHECK (mail LIKE '%@%'),
             short char(6) UNIQUE, token bytea UNIQUE, amount numeric(20, 2) UNIQUE,
             n int NOT NULL, a int NOT NULL, below int GENERATED ALWAYS AS (a - 1) STORED UNIQUE);
         CREATE TABLE numbers (id int PRIMARY KEY, label text NOT NULL);
         CREATE TABLE measures (device int NOT NULL REFERENCES numbers, at timestamptz NOT NULL,
             value float8 NOT NULL, PRIMARY KEY (device, at)) PARTITION BY RANGE (at);
         CREATE TABLE measures_all PARTITION OF measures DEFAULT;
         CREATE TABLE extras (id int PRIMARY KEY, n int NOT NULL,
             number int UNIQUE REFERENCES numbers);
         CREATE TABLE things (id uuid DEFAULT gen_random_uuid() PRIMARY KEY, kind int NOT NULL);",
        100,
    )
    .await;
    assert_eq!(tried.derived.left_out, Vec::<String>::new());
    for table in ["always", "numbers", "measures", "extras", "things"] {
        tried.text(&format!("insert {table}"));
        tried.text(&format!("update {table}"));
        assert_eq!(tried.ask(&format!("SELECT count(*) FROM {table}")).await, "105", "{table}");
    }
    assert!(!tried.names().iter().any(|name| name.contains("measures_all")), "a partition");
    assert!(!tried.text("insert things").contains("fake(uuid)"), "the default makes it");
    assert_eq!(tried.ask("SELECT max(length(code)) FROM always").await, "10");
}

#[tokio::test]
async fn arguments_of_every_type_find_their_rows() {
    let types = [
        ("bytea", r"'\x00ff'"),
        ("timestamptz", "'2024-02-29 12:00:00.123456+00'"),
        ("date", "'2024-02-29'"),
        ("numeric(12,3)", "'123456.789'"),
        ("\"Mood\"", "'so so'"),
        ("other.\"Mood 2\"", "'good'"),
        ("other.short", "'abc'"),
        ("positive", "'7'"),
        ("int[]", "'{1,NULL,3}'"),
        ("char(3)[]", "'{abc,x}'"),
        ("\"Mood\"[]", "'{good}'"),
        ("inet", "'10.1.2.3/8'"),
        ("jsonb", r#"'{"a": "it''s"}'"#),
        ("\"char\"", "'x'"),
        ("char(5)", "'ab'"),
        ("interval", "'1 day 02:00'"),
        ("int4range", "'[1,5)'"),
        ("bit(4)", "'1010'"),
        ("time", "'12:00'"),
        ("float4", "'0.1'"),
        ("float8", "'1e-300'"),
        ("oid", "'3000000000'"),
        ("money", "'12.50'"),
        ("macaddr", "'08:00:2b:01:02:03'"),
        ("name", "'a name'"),
        ("tsvector", "'a b'"),
    ];
    let mut sql = r#"CREATE SCHEMA other; CREATE TYPE "Mood" AS ENUM ('good', 'so so');
        CREATE TYPE other."Mood 2" AS ENUM ('good', 'bad');
        CREATE DOMAIN other.short AS varchar(5); CREATE DOMAIN positive AS int CHECK (VALUE > 0);"#
        .to_owned();
    let mut wanted = Vec::new();
    for (number, (name, value)) in types.iter().enumerate() {
        sql.push_str(&format!(
            "CREATE TABLE t{number} (id {name} PRIMARY KEY, other {name} NOT NULL);
             INSERT INTO t{number} VALUES ({value}, {value});"
        ));
        let script = format!(
            "\\set id key(public.t{number}.id)\n\\set other key(public.t{number}.other)\n\
             UPDATE t{number} SET other = :other WHERE id = :id RETURNING 1 AS found \\gset\n"
        );
        let file = format!("t{number}.sql");
        wanted.push(shakedown_scenarios::script::read(name, 1, 1, &file, &script).unwrap());
    }
    let scratch = scratch().await;
    run(&mut scratch.conn().await, &sql).await;
    let scenario = std::sync::Arc::new(shakedown_scenarios::Scenario {
        name: "types".to_owned(),
        origin: "written in a test".to_owned(),
        operations: wanted,
    });
    let options = server().options(&scratch.name).unwrap();
    let failed = shakedown_scenarios::engine::attempt(&options, &scenario, 1, 1).await.unwrap();
    for ((name, _), failed) in types.iter().zip(failed) {
        assert_eq!(failed, None, "{name}");
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_left_out_with_its_reason() {
    let tried = workload(
        "CREATE TABLE final (id int PRIMARY KEY, label text NOT NULL);
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'final rows are final'; END $$;
         CREATE TRIGGER refuse BEFORE UPDATE ON final FOR EACH ROW EXECUTE FUNCTION refuse();
         CREATE TABLE keyless (n int, final_id int NOT NULL REFERENCES final);
         CREATE TABLE grades (grade char(2) PRIMARY KEY, label text NOT NULL);
         CREATE TABLE profiles (final_id int PRIMARY KEY REFERENCES final, bio text NOT NULL);
         CREATE TABLE pairs (a int REFERENCES final, b int REFERENCES final, PRIMARY KEY (a, b));
         CREATE TABLE never (id int PRIMARY KEY, CHECK (id IS NULL), CHECK (id < 0), n int NOT NULL);
         CREATE TABLE nothing (id int PRIMARY KEY, final_id int REFERENCES never);",
        20,
    )
    .await;
    let left_out = tried.derived.left_out.join("\n");
    for sentence in [
        "`update final` is left out: final rows are final (P0001)",
        "public.keyless: nothing is written, since no key finds a single row",
        "public.grades: nothing is inserted, since no fresh value can be made for the unique key \
         `grades_pkey`",
        "public.pairs, public.profiles: nothing is inserted, since all columns of a unique key \
         are foreign keys",
    ] {
        assert!(left_out.contains(sentence), "{left_out}");
    }
    // What is left is not hurt by what failed.
    for name in ["get final by id", "insert final", "delete final", "list keyless by final_id"] {
        tried.text(name);
    }
    tried.text("get profiles by final_id");
    tried.text("update grades");
    assert!(!tried.names().contains(&"list profiles by final_id"), "that is its lookup");
}

#[tokio::test]
async fn tables_without_rows_are_told_in_one_sentence() {
    let tried = workload(
        "CREATE TABLE a (id int PRIMARY KEY, n int); CREATE TABLE b (id int PRIMARY KEY, n int);",
        0,
    )
    .await;
    assert_eq!(tried.names(), Vec::<&str>::new());
    let sentence = "nothing is done that needs rows of public.a, public.b: no rows";
    assert_eq!(tried.derived.left_out, [sentence]);
}

#[tokio::test]
async fn of_many_tables_those_are_driven_that_hang_together_most() {
    let mut sql = "CREATE TABLE hub (id int PRIMARY KEY, label text NOT NULL);".to_owned();
    for n in 0..30 {
        sql.push_str(&format!("CREATE TABLE alone{n} (id int PRIMARY KEY, n int NOT NULL);"));
        sql.push_str(&format!("CREATE TABLE keyless{n} (n int NOT NULL);"));
    }
    sql.push_str("CREATE TABLE spoke (id int PRIMARY KEY, hub int NOT NULL REFERENCES hub);");
    let scratch = scratch().await;
    let mut conn = scratch.conn().await;
    run(&mut conn, &sql).await;
    let derived = derived(&catalog::load(&mut conn).await.unwrap());
    assert!((57..=60).contains(&derived.operations.len()), "{}", derived.operations.len());
    let has = |name: &str| derived.operations.iter().any(|operation| operation.name == name);
    assert!(has("get hub by id") && has("list spoke by hub"));
    // Nothing is said of why tables that are not driven could not be.
    let [sentence] = derived.left_out.as_slice() else { panic!("{:?}", derived.left_out) };
    assert!(
        sentence.starts_with("of 32 tables 17 with few foreign keys are not driven"),
        "{sentence}"
    );
}
