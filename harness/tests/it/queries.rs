//! Workloads made of queries that people have, on the RAPIDS schema and on schemas with oddities.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use shakedown::catalog;
use shakedown::database::Databases;
use shakedown::datagen;
use shakedown::error::Result;
use shakedown::load::queries::{self, Query, of_path, of_server, of_sql, of_sqlx};
use shakedown::server::{self, Profile, Request};
use shakedown_scenarios::Scenario;
use shakedown_scenarios::engine::{self, PlanForm};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};

use crate::derive::{rapids, run};
use crate::engine::on_threads;
use crate::support::{Scratch, request, scratch, server};

/// A workload with the database that it was tried on.
struct Made {
    scratch: Scratch,
    scenario: Scenario,
    left_out: Vec<String>,
}

fn query(name: &str, sql: &str) -> Query {
    Query { name: name.to_owned(), sql: sql.to_owned(), weight: 1, file: "app.sql".to_owned() }
}

/// Fills a schema with rows and makes a workload of queries.
async fn made(schema: &str, rows: u64, queries: &[(&str, &str)]) -> Result<Made> {
    let queries: Vec<Query> = queries.iter().map(|(name, sql)| query(name, sql)).collect();
    let scratch = scratch().await;
    let mut conn = scratch.conn().await;
    run(&mut conn, schema).await;
    let catalog = catalog::load(&mut conn).await.unwrap();
    let plan = datagen::Plan { seed: 1, default_rows: rows, ..datagen::Plan::default() };
    datagen::fill(&mut conn, &catalog, &plan).await.unwrap();
    let (scenario, mut left_out) =
        queries::scenario(&mut conn, &catalog, &queries, "app", "made of app.sql", 1).await?;
    let (scenario, failed) = queries::tried(&options(&scratch), scenario, 1).await?;
    left_out.extend(failed);
    Ok(Made { scratch, scenario, left_out })
}

fn options(scratch: &Scratch) -> PgConnectOptions {
    server().options(&scratch.name).unwrap()
}

impl Made {
    #[track_caller]
    fn text(&self, name: &str) -> &str {
        let found = self.scenario.operations.iter().find(|operation| operation.name == name);
        &found.unwrap_or_else(|| panic!("no `{name}`: {:?}", self.left_out)).text
    }

    async fn ask(&self, sql: &str) -> String {
        let query = AssertSqlSafe(format!("SELECT ({sql})::text"));
        sqlx::query_scalar(query).fetch_one(&mut self.scratch.conn().await).await.unwrap()
    }

    /// How many rows each query returned or changed, in three goes with different numbers.
    async fn rows(&self) -> Vec<(String, Vec<u64>)> {
        let mut all = Vec::new();
        for operation in &self.scenario.operations {
            let operations = vec![operation.clone()];
            let one = Arc::new(Scenario { operations, ..self.scenario.clone() });
            let mut rows = Vec::new();
            for seed in [1, 2, 3] {
                let explained = engine::explain(
                    &options(&self.scratch),
                    &one,
                    |_| true,
                    seed,
                    1,
                    PlanForm::Text,
                )
                .await
                .unwrap();
                let plan = &explained[0].plan;
                let actual = plan.split("actual time=").nth(1).unwrap();
                let number = actual.split("rows=").nth(1).unwrap();
                let number = number.split(|c: char| !c.is_ascii_digit()).next().unwrap();
                rows.push(number.parse().unwrap());
            }
            all.push((operation.name.clone(), rows));
        }
        all
    }
}

const READS: &[(&str, &str)] = &[
    ("by id", "SELECT * FROM users WHERE id = $1"),
    ("by mail", "SELECT id FROM users WHERE lower(email) = lower($1)"),
    ("by lower mail", "SELECT id FROM users WHERE lower(email) = $1::text"),
    ("by several", "SELECT id FROM users WHERE id = ANY($1)"),
    ("by list", "SELECT id FROM users WHERE id IN ($1, $2, $3)"),
    ("of owner", "SELECT * FROM items WHERE owner_id = $1 AND id = $2"),
    (
        "joined",
        "SELECT i.title FROM items i JOIN users u ON u.id = i.owner_id \
         WHERE u.id = $1 AND i.id = $2",
    ),
    (
        "page",
        "SELECT id FROM items WHERE owner_id = $1 AND (created_at, id) <= ($2, $3) \
         ORDER BY created_at DESC, id DESC LIMIT $4",
    ),
    ("all by offset", "SELECT id FROM items ORDER BY id LIMIT $1 OFFSET $2"),
    ("title like", "SELECT id FROM items WHERE title LIKE $1"),
    ("title has", "SELECT id FROM items WHERE title ILIKE '%' || $1 || '%'"),
    (
        "title words",
        "SELECT id FROM items WHERE to_tsvector('simple', title) @@ to_tsquery('simple', $1)",
    ),
    ("by query", "SELECT id FROM items WHERE to_tsvector('simple', title) @@ $1"),
    ("between", "SELECT id FROM invoices WHERE amount_cents BETWEEN $1 AND $2"),
    ("status", "SELECT id FROM invoices WHERE status = $1"),
    ("day", "SELECT id FROM items WHERE created_at::date = $1"),
    ("optional", "SELECT id FROM users WHERE ($1::text IS NULL OR email = $1)"),
    (
        "after the first",
        "SELECT id FROM items WHERE owner_id = $1 \
         AND created_at >= (SELECT min(created_at) FROM items WHERE owner_id = $1)",
    ),
    ("a soft one", "SELECT count(*) FROM items WHERE created_at > now() - $1::interval"),
];

#[test]
fn what_is_looked_for_is_there() {
    on_threads(async {
        let made = made(&rapids(), 200, READS).await.unwrap();
        assert_eq!(made.left_out, Vec::<String>::new());
        for (name, rows) in made.rows().await {
            match name.as_str() {
                "by id" | "by mail" | "by lower mail" | "of owner" | "joined" => {
                    assert_eq!(rows, [1, 1, 1], "{name}");
                }
                "by several" | "by list" => assert!(rows.contains(&3), "{name}: {rows:?}"),
                // Two values of two rows, in their order.
                "between" => assert!(rows.iter().all(|rows| *rows > 1), "{name}: {rows:?}"),
                _ => assert!(rows.iter().all(|rows| *rows > 0), "{name}: {rows:?}"),
            }
        }
        assert_eq!(
            made.text("joined"),
            "\\set owner_id key(public.items.owner_id, zipf)\n\
             \\set id key(public.items.id, zipf)\n\
             SELECT i.title FROM items i JOIN users u ON u.id = i.owner_id \
             WHERE u.id = :owner_id AND i.id = :id;\n"
        );
    });
}

#[test]
fn what_is_written_belongs_to_rows_that_exist_and_is_unique_where_it_must_be() {
    on_threads(async {
        let queries = [
            (
                "new user",
                "INSERT INTO users (email, hashed_password, full_name) VALUES ($1, $2, $3) \
                 RETURNING id",
            ),
            (
                "two users",
                "INSERT INTO users (id, email, hashed_password) \
                 VALUES ($1, lower($2), $3), ($4, lower($5), $6)",
            ),
            ("new item", "INSERT INTO items (owner_id, category_id, title) VALUES ($1, $2, $3)"),
            (
                "new category",
                "INSERT INTO categories (name) VALUES ($1) \
                 ON CONFLICT (name) DO UPDATE SET description = $2",
            ),
            ("rename", "UPDATE users SET full_name = COALESCE($2, full_name) WHERE id = $1"),
            ("new mail", "UPDATE users SET email = $2 WHERE id = $1"),
            ("move", "UPDATE items SET owner_id = $2 WHERE id = $1"),
            ("remove", "DELETE FROM items WHERE id = $1"),
        ];
        let made = made(&rapids(), 200, &queries).await.unwrap();
        assert_eq!(made.left_out, Vec::<String>::new());
        // Each is tried five times; users that migrations put there are none.
        assert_eq!(made.ask("SELECT count(*) FROM users").await, "215");
        assert_eq!(made.ask("SELECT count(*) FROM categories").await, "205");
        let item = made.text("new item");
        assert!(item.contains("key(public.users.id, uniform)"), "{item}");
        assert!(item.contains("key(public.categories.id, uniform)"), "{item}");
        let mail = made.text("new mail");
        assert!(mail.contains("\\set fresh_2 random("), "{mail}");
        let moved = made.text("move");
        assert!(moved.contains("SET owner_id = :owner_id WHERE id = :id;"), "{moved}");
    });
}

#[test]
fn a_query_that_fails_is_left_out_with_its_file_and_reason() {
    on_threads(async {
        let schema = "CREATE TABLE notes (id int PRIMARY KEY, text text CHECK (text <> 'x'));
            CREATE TABLE never (id int PRIMARY KEY, CHECK (id IS NULL));
            CREATE TABLE pairs (a int REFERENCES notes, b int REFERENCES notes, PRIMARY KEY (a, b))";
        let queries = [
            ("good", "SELECT text FROM notes WHERE id = $1"),
            ("gone", "SELECT * FROM gone WHERE id = $1"),
            ("ddl", "CREATE TABLE more (id int)"),
            ("two", "SELECT 1 FROM notes; SELECT 2 FROM notes"),
            ("odd", "SELECT $1::polygon FROM notes"),
            ("refused", "UPDATE notes SET text = 'x' WHERE id = $1"),
            ("pair", "INSERT INTO pairs (a, b) VALUES ($1, $2)"),
            ("divided", "SELECT 1 / (id - id) FROM notes WHERE id = $1"),
            ("cut off", "SELECT text FROM notes WHERE (id = $1 AND"),
        ];
        let made = made(schema, 20, &queries).await.unwrap();
        let names: Vec<&str> = made.scenario.operations.iter().map(|one| &*one.name).collect();
        let left_out = made.left_out.join("\n");
        assert_eq!(names[0], "good", "{left_out}");
        assert_eq!(names.len() + made.left_out.len(), queries.len());
        for sentence in [
            "`gone` of `app.sql` is left out: it does not prepare: relation \"gone\" does not exist",
            "`ddl` of `app.sql` is left out: `CREATE TABLE` is nothing that is planned",
            "`two` of `app.sql` is left out: it holds 2 statements instead of one",
            "`odd` of `app.sql` is left out: no value is known for `$1`, which is of the type polygon",
            "`refused` of `app.sql` is left out: new row for relation \"notes\" violates check",
            "`pair` of `app.sql` is left out: no row can be inserted, since all columns of a unique \
             key are foreign keys",
            "`divided` of `app.sql` is left out: division by zero (22012)",
            "`cut off` of `app.sql` is left out: it does not prepare: syntax error at end of input",
        ] {
            assert!(left_out.contains(sentence), "{sentence}\n{left_out}");
        }
    });
}

#[test]
fn a_workload_of_which_nothing_is_left_is_refused() {
    on_threads(async {
        let schema = "CREATE TABLE empty (id int PRIMARY KEY)";
        let Err(error) = made(schema, 0, &[("gone", "SELECT * FROM gone")]).await else {
            panic!("it is made of nothing")
        };
        let wanted = "none of the queries of `app` can be run: `gone` of `app.sql` is left out";
        assert!(error.to_string().starts_with(wanted), "{error}");
        assert!(error.hint_text().unwrap().contains("--rows 1000"));
    });
}

#[test]
fn partitions_odd_names_and_types_find_their_rows() {
    on_threads(async {
        let schema = r#"CREATE SCHEMA "My S"; CREATE TYPE mood AS ENUM ('good', 'so so');
            CREATE DOMAIN short AS varchar(20);
            CREATE TABLE "My S"."Or.der" ("Id" int PRIMARY KEY, "select" short NOT NULL, m mood NOT NULL,
                tags text[] NOT NULL, data jsonb NOT NULL, gone int);
            ALTER TABLE "My S"."Or.der" DROP COLUMN gone;
            ALTER TABLE "My S"."Or.der" ADD COLUMN code text NOT NULL UNIQUE;
            CREATE TABLE measures (device int NOT NULL, at timestamptz NOT NULL, value float8 NOT NULL,
                PRIMARY KEY (device, at)) PARTITION BY RANGE (at);
            CREATE TABLE measures_old PARTITION OF measures FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
            CREATE TABLE measures_new PARTITION OF measures FOR VALUES FROM ('2024-01-01') TO (MAXVALUE);"#;
        let queries = [
            (
                "quoted",
                r#"SELECT * FROM "My S"."Or.der" AS "O" WHERE "O"."Id" = $1 AND "select" = $2"#,
            ),
            ("mood", r#"SELECT * FROM "My S"."Or.der" WHERE m = $1 LIMIT 1"#),
            ("tagged", r#"SELECT * FROM "My S"."Or.der" WHERE tags @> $1"#),
            ("document", r#"SELECT * FROM "My S"."Or.der" WHERE data @> $1"#),
            (
                "one of it",
                r#"SELECT * FROM "My S"."Or.der" WHERE "Id" = $2 AND cardinality(tags) = $1"#,
            ),
            ("all columns", r#"INSERT INTO "My S"."Or.der" VALUES ($1, $2, $3, $4, $5, $6)"#),
            ("measured", "SELECT * FROM measures WHERE device = $1 AND at = $2"),
            (
                "since",
                "SELECT * FROM measures WHERE device = $1 AND at >= $2 AND at < $2 + $3::interval",
            ),
        ];
        let made = made(schema, 100, &queries).await.unwrap();
        assert_eq!(made.left_out, Vec::<String>::new());
        assert_eq!(made.ask(r#"SELECT count(*) FROM "My S"."Or.der""#).await, "105");
        for (name, rows) in made.rows().await {
            if name != "all columns" {
                assert!(rows.iter().all(|rows| *rows > 0), "{name}: {rows:?}");
            }
        }
        let measured = made.text("measured");
        assert!(measured.contains("key(public.measures.at, zipf)"), "{measured}");
    });
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

fn told(queries: &[Query]) -> Vec<(&str, &str, u32)> {
    queries.iter().map(|one| (one.name.as_str(), one.sql.as_str(), one.weight)).collect()
}

#[test]
fn the_offline_data_of_sqlx_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let one = r#"{"db_name": "PostgreSQL", "query": "\n  SELECT id FROM users WHERE id = $1;\n",
        "describe": {"columns": [], "parameters": {"Left": ["Uuid"]}, "nullable": []},
        "hash": "0a1b2c3d4e5f"}"#;
    write(path, "query-0a1b2c3d4e5f.json", one);
    write(path, "other.json", "{}");
    let queries = of_path(path).unwrap();
    assert_eq!(
        told(&queries),
        [("select users 0a1b2c3d", "SELECT id FROM users WHERE id = $1", 1)]
    );
    assert!(queries[0].file.ends_with("query-0a1b2c3d4e5f.json"));

    write(path, "query-f.json", &one.replace("PostgreSQL", "MySQL"));
    let error = of_sqlx(path).unwrap_err();
    assert!(error.to_string().ends_with("query-f.json` is a query for MySQL"), "{error}");
    write(path, "query-f.json", "{\"query\": 1}");
    let error = of_sqlx(path).unwrap_err();
    assert!(error.to_string().ends_with("query-f.json` is no offline data of sqlx"), "{error}");
    let none = tempfile::tempdir().unwrap();
    let error = of_sqlx(none.path()).unwrap_err();
    assert!(error.to_string().starts_with("there is no query in `"), "{error}");
    assert_eq!(error.hint_text(), Some("write it: cargo sqlx prepare"));
}

#[test]
fn files_of_sql_are_read_with_their_names_and_weights() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(path, "plain.sql", "SELECT 1 FROM a WHERE b = :b;\nSELECT 2 FROM a;\n");
    write(path, "notes.txt", "no SQL");
    fs::create_dir(path.join("users")).unwrap();
    write(
        path,
        "users/users.sql",
        "-- name: find :one\n-- weight: 9\nSELECT * FROM users WHERE id = @id::uuid;\n\
         -- name: drop!\nDELETE FROM users WHERE id = sqlc.arg(id);\n",
    );
    let queries = of_path(path).unwrap();
    assert_eq!(
        told(&queries),
        [
            ("plain-1", "SELECT 1 FROM a WHERE b = $1", 1),
            ("plain-2", "SELECT 2 FROM a", 1),
            ("find", "SELECT * FROM users WHERE id = $1::uuid", 9),
            ("drop", "DELETE FROM users WHERE id = $1", 1),
        ]
    );
    assert_eq!(told(&of_path(&path.join("plain.sql")).unwrap()).len(), 2);
    write(path, "plain.sql", "SELECT FROM WHERE (");
    let error = of_sql(path).unwrap_err();
    assert!(error.to_string().contains("plain.sql` are not understood"), "{error}");
    let error = of_sql(&path.join("gone.sql")).unwrap_err();
    assert!(error.to_string().contains("gone.sql` cannot be read"), "{error}");
    write(path, "plain.sql", "-- nothing\n");
    let error = of_sql(&path.join("plain.sql")).unwrap_err();
    assert!(error.to_string().starts_with("there is no query in `"), "{error}");
}

#[test]
fn a_server_that_counts_no_statements_says_what_to_do() {
    on_threads(async {
        let scratch = scratch().await;
        let name = scratch.name.clone();
        let maintenance = server().options("postgres").unwrap();
        let error = of_server(&maintenance, &name).await.unwrap_err();
        let absent = format!("there is no `pg_stat_statements` in the database `{name}`");
        assert_eq!(error.to_string(), absent);
        assert!(error.hint_text().unwrap().contains("CREATE EXTENSION pg_stat_statements"));

        let create = "CREATE EXTENSION pg_stat_statements";
        run(&mut scratch.conn().await, create).await;
        let error = of_server(&maintenance, &name).await.unwrap_err();
        assert_eq!(error.to_string(), "the server does not load `pg_stat_statements`");
        assert!(error.hint_text().unwrap().contains("shared_preload_libraries"));
    });
}

/// Puts a view in the place of that of the extension.
async fn counted(scratch: &Scratch, rows: &str) {
    let sql = format!(
        "CREATE EXTENSION pg_stat_statements; CREATE TABLE users (id int PRIMARY KEY);
         ALTER EXTENSION pg_stat_statements DROP VIEW pg_stat_statements;
         DROP VIEW pg_stat_statements; CREATE TABLE witness (n int);
         CREATE FUNCTION seen(text) RETURNS text LANGUAGE plpgsql AS
             $$ BEGIN INSERT INTO witness VALUES (1); RETURN $1; END $$;
         CREATE VIEW pg_stat_statements AS
             SELECT d.oid AS dbid, s.* FROM pg_database AS d, (VALUES {rows})
                 AS s (queryid, query, calls, total_exec_time)
             WHERE d.datname = current_database()"
    );
    run(&mut scratch.conn().await, &sql).await;
}

#[test]
fn a_running_server_is_read_in_a_session_that_may_not_write() {
    on_threads(async {
        let scratch = scratch().await;
        counted(&scratch, "(1::int8, seen('SELECT 1 FROM users'), 1::int8, 1::float8)").await;
        let view = "SELECT query FROM pg_stat_statements";
        run(&mut scratch.conn().await, view).await;
        let error = of_server(&options(&scratch), &scratch.name).await.unwrap_err();
        let refused = "cannot execute INSERT in a read-only transaction";
        assert!(error.whole().contains(refused), "{}", error.whole());
    });
}

#[test]
fn what_is_no_query_of_the_database_is_left_out_and_told() {
    on_threads(async {
        let scratch = scratch().await;
        let rows = "(1::int8, 'SELECT * FROM users WHERE id = $1', 9000000::int8, 90::float8), \
             (2, 'UPDATE users SET id = $1 WHERE id = $2', 1000000, 50), \
             (3, 'SELECT * FROM users WHERE (id = $1 AND', 5, 40), (4, 'BEGIN', 5, 1), \
             (5, 'SELECT oid FROM pg_class', 5, 1), (6, 'DELETE FROM users WHERE id = $1', 1, 1), \
             (NULL, '<insufficient privilege>', 5, 1)";
        counted(&scratch, rows).await;
        let (queries, notes) = of_server(&options(&scratch), &scratch.name).await.unwrap();
        let weights: Vec<(&str, u32)> =
            queries.iter().map(|one| (one.name.as_str(), one.weight)).collect();
        assert_eq!(
            weights,
            [
                ("select users 00000000", 900_000),
                ("update users 00000000", 100_000),
                ("delete users 00000000", 1)
            ]
        );
        let notes = notes.join("\n");
        for sentence in [
            "`SELECT * FROM users WHERE (id = $1 AND` is left out, since its text may be cut off",
            "the statements of other roles may not be seen; say `GRANT pg_read_all_stats TO`",
            "2 statements are left out that are no queries on tables of the database",
            "1 rare queries are done more often than they were",
        ] {
            assert!(notes.contains(sentence), "{sentence}\n{notes}");
        }
    });
}

#[test]
fn a_role_that_may_see_no_text_is_told_so() {
    on_threads(async {
        let scratch = scratch().await;
        counted(&scratch, "(NULL::int8, '<insufficient privilege>', 5::int8, 1::float8)").await;
        let error = of_server(&options(&scratch), &scratch.name).await.unwrap_err();
        assert_eq!(error.to_string(), "the texts of the statements may not be seen by this role");
        assert!(error.hint_text().unwrap().contains("pg_read_all_stats"));
    });
}

#[test]
fn the_queries_of_a_durable_server_are_read_and_run_on_a_scratch_copy() {
    on_threads(async {
        let request = Request { profile: Profile::Durable, ..request() };
        let server = server::start(&request).await.unwrap();
        let mut databases = Databases::on(&server).await.unwrap();
        let name = databases.create(None).await.unwrap();
        let live = server.options(&name).unwrap();
        let mut connection = live.connect().await.unwrap();
        run(&mut connection, &rapids()).await;
        run(&mut connection, "CREATE EXTENSION pg_stat_statements").await;
        let catalog = catalog::load(&mut connection).await.unwrap();
        let plan = datagen::Plan { seed: 1, default_rows: 50, ..datagen::Plan::default() };
        datagen::fill(&mut connection, &catalog, &plan).await.unwrap();
        run(&mut connection, "SELECT pg_stat_statements_reset()").await;
        for number in 0..30 {
            let sql = format!(
                "SELECT full_name FROM users WHERE email = 'a{number}' \
                 AND created_at > now() - interval '{number} days'"
            );
            run(&mut connection, &sql).await;
        }
        for number in 0..10 {
            let sql =
                format!("INSERT INTO users (email, hashed_password) VALUES ('a{number}@b', 'x')");
            run(&mut connection, &sql).await;
        }
        run(&mut connection, "BEGIN; SELECT count(*) FROM pg_class; COMMIT").await;
        let count = "SELECT count(*) FROM users";
        let before: i64 = sqlx::query_scalar(count).fetch_one(&mut connection).await.unwrap();

        let (queries, notes) = of_server(&live, &name).await.unwrap();
        let mut weights: Vec<(&str, u32)> =
            queries.iter().map(|one| (one.sql.as_str(), one.weight)).collect();
        weights.sort_by_key(|(_, weight)| *weight);
        assert_eq!(
            weights,
            [
                (count, 1),
                ("INSERT INTO users (email, hashed_password) VALUES ($1, $2)", 10),
                (
                    "SELECT full_name FROM users WHERE email = $1 \
                     AND created_at > now() - $2::interval",
                    30
                ),
            ],
            "{notes:?}"
        );

        let now: i64 = sqlx::query_scalar(count).fetch_one(&mut connection).await.unwrap();
        assert_eq!(now, before, "nothing is run where the queries are read");
        drop(connection);
        let copy = databases.create(Some(&name)).await.unwrap();
        let mut connection = databases.connect(&copy).await.unwrap();
        let (scenario, left_out) =
            queries::scenario(&mut connection, &catalog, &queries, "live", "read", 1)
                .await
                .unwrap();
        let copy = server.options(&copy).unwrap();
        let (scenario, failed) = queries::tried(&copy, scenario, 1).await.unwrap();
        assert_eq!((left_out, failed), (Vec::new(), Vec::new()));
        assert_eq!(scenario.operations.len(), 3);
    });
}
