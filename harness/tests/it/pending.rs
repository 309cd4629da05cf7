//! `verify --database`: what is pending is tested on a clone of a database with its rows.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use shakedown::database::Databases;
use shakedown::error::Error;
use shakedown::prepare;
use shakedown::source::{self, FORMATS, Notes};
use shakedown::verify::{self, Applied, Options};
use shakedown_reports::model::{Report, Verdict};
use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use crate::support::{Scratch, repository, scratch, server};

/// A database in which somebody ran this, without anybody connected to it.
async fn database(sql: &str) -> Scratch {
    let scratch = scratch().await;
    let mut connection = scratch.conn().await;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    scratch
}

/// What is taken for applied to a database.
async fn applied(
    folder: &Path,
    format: &str,
    of: &Scratch,
    from: Option<&str>,
) -> Result<usize, Error> {
    let project = source::load(folder, Some(format)).unwrap();
    let mut databases = Databases::on(server()).await.unwrap();
    let options = Options { from: from.map(str::to_owned), ..Options::default() };
    let found = verify::clone_of(&of.name, &project, &mut databases, &options).await;
    databases.close().await.unwrap();
    found.map(|Applied { migrations, .. }| migrations)
}

#[tokio::test]
async fn what_each_runner_noted_is_taken_for_applied() {
    // As each of them writes its table, after the first two of the examples or the first one.
    for (format, notes, expected) in [
        (
            "sqlx",
            "INSERT INTO _sqlx_migrations VALUES (20260105090000, 'create shelves', now(), true, '', 1)",
            1,
        ),
        ("golang-migrate", "INSERT INTO schema_migrations VALUES (2, false)", 2),
        ("dbmate", "INSERT INTO schema_migrations VALUES ('20260105090000')", 1),
        (
            "goose",
            "INSERT INTO goose_db_version (version_id, is_applied) \
             VALUES (0, true), (1, true), (2, true), (3, true), (3, false)",
            2,
        ),
        (
            "diesel",
            "INSERT INTO __diesel_schema_migrations VALUES ('00000000000000'), ('20260105090000')",
            2,
        ),
        ("maragudk-migrate", "INSERT INTO migrations VALUES ('0001_b_create_plants')", 2),
    ] {
        let known = source::Format::by_name(format).unwrap();
        let folder = repository("migrations/formats").join(format);
        let none = database(known.bookkeeping).await;
        assert_eq!(applied(&folder, format, &none, None).await.unwrap(), 0, "{format}");
        let some = database(&format!("{}; {notes}", known.bookkeeping)).await;
        assert_eq!(applied(&folder, format, &some, None).await.unwrap(), expected, "{format}");
    }
    let without = FORMATS.iter().filter(|format| format.notes == Notes::None);
    assert_eq!(without.map(|format| format.name).collect::<Vec<_>>(), ["plain"]);
}

/// Three migrations of which the last wants what rows may not have.
fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("1_users.up.sql", "CREATE TABLE users (id int PRIMARY KEY, email text);"),
        ("1_users.down.sql", "DROP TABLE users;"),
        ("2_index.up.sql", "CREATE INDEX users_email ON users (email);"),
        ("2_index.down.sql", "DROP INDEX users_email;"),
        ("3_required.up.sql", "ALTER TABLE users ALTER COLUMN email SET NOT NULL;"),
        ("3_required.down.sql", "ALTER TABLE users ALTER COLUMN email DROP NOT NULL;"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

const NOTED: &str = "INSERT INTO _sqlx_migrations VALUES (1, 'users', now(), true, '', 1)";

/// A database of the user with the first migration applied, and these rows.
async fn shop(folder: &Path, rows: &str) -> Scratch {
    let scratch = database("").await;
    let project = source::load(folder, Some("sqlx")).unwrap();
    let first = source::Project { migrations: project.migrations[..1].to_vec(), ..project };
    prepare::apply(&first, server(), &scratch.name).await.unwrap();
    let mut connection = scratch.conn().await;
    let sql = AssertSqlSafe(format!("{NOTED}; {rows}"));
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    scratch
}

fn shakedown(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_shakedown"))
        .arg("verify")
        .args(arguments)
        .args(["--format", "sqlx", &folder.display().to_string()])
        .env("SHAKEDOWN_POSTGRES", server().address("postgres"))
        .output()
        .unwrap();
    (status.code(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

#[tokio::test]
async fn a_migration_that_the_rows_of_the_database_refuse_is_found() {
    let folder = project();
    let good = shop(folder.path(), "INSERT INTO users VALUES (1, 'a@b.c')").await;
    let out = folder.path().join("report.json");
    let to = format!("json={}", out.display());
    let (code, said) = shakedown(folder.path(), &["--database", &good.name, "--out", &to]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("with its rows and 1 migration applied"), "{said}");
    assert!(said.ends_with("held: 2 reversible, 1 already applied\n"), "{said}");
    let report: Report = serde_json::from_slice(&fs::read(out).unwrap()).unwrap();
    assert_eq!(report.migrations[0].verdict, Verdict::NotSelected);
    assert_eq!(report.project.began_with.unwrap().applied, 1);

    let bad = shop(folder.path(), "INSERT INTO users VALUES (1, 'a@b.c'), (2, NULL)").await;
    let (code, said) = shakedown(folder.path(), &["--database", &bad.name]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("[up-fails]"), "{said}");
    assert!(said.contains("3_required.up.sql:1"), "{said}");
    assert!(said.contains("column \"email\" of relation \"users\" contains null values"), "{said}");

    // Its rows are copied once, and not again for nothing.
    let project = source::load(folder.path(), Some("sqlx")).unwrap();
    let mut databases = Databases::on(server()).await.unwrap();
    let options = Options::default();
    let after = verify::clone_of(&good.name, &project, &mut databases, &options).await.unwrap();
    let options = Options { after: Some(after), ..options };
    verify::verify(&project, &mut databases, &options, &mut |_| {}).await.unwrap();
    assert_eq!(databases.names().len(), 1, "{:?}", databases.names());
    databases.close().await.unwrap();

    // The database itself is as it was.
    let mut connection = bad.conn().await;
    let (rows, indexes): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM users), \
         (SELECT count(*) FROM pg_indexes WHERE indexname = 'users_email')",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!((rows, indexes), (2, 0));
}

#[tokio::test]
async fn the_first_that_is_pending_can_be_named_where_nobody_notes_it() {
    let folder = project();
    let shop = shop(folder.path(), "DROP TABLE _sqlx_migrations").await;
    let (code, said) = shakedown(folder.path(), &["--database", &shop.name]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("cannot be read from the table that it keeps"), "{said}");
    assert!(said.contains("--from <id>"), "{said}");
    let (code, said) = shakedown(folder.path(), &["--database", &shop.name, "--from", "2"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.ends_with("held: 2 reversible, 1 already applied\n"), "{said}");

    let plain = repository("migrations/formats/plain");
    let empty = database("").await;
    let error = applied(&plain, "plain", &empty, None).await.unwrap_err();
    assert!(error.to_string().contains("nobody notes which migrations"), "{error}");
    assert_eq!(applied(&plain, "plain", &empty, Some("02")).await.unwrap(), 1);
}

#[tokio::test]
async fn nothing_that_is_pending_is_no_failure_and_is_said() {
    let folder = project();
    let others = "INSERT INTO _sqlx_migrations VALUES (2, '', now(), true, '', 1), (3, '', now(), true, '', 1)";
    let shop = shop(folder.path(), others).await;
    let (code, said) = shakedown(folder.path(), &["--database", &shop.name]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.ends_with("nothing to verify: 3 already applied\n"), "{said}");
}

#[tokio::test]
async fn notes_that_do_not_fit_the_folder_are_told() {
    let folder = project();
    for (notes, why) in [
        ("(7, '', now(), true, '', 1)", "`7` is applied"),
        ("(3, '', now(), true, '', 1)", "but not `2_index` before it"),
        ("(2, '', now(), false, '', 1)", "failed halfway"),
    ] {
        let notes = format!("INSERT INTO _sqlx_migrations VALUES {notes}");
        let shop = shop(folder.path(), &notes).await;
        let error = applied(folder.path(), "sqlx", &shop, None).await.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert!(error.hint_text().is_some(), "{error}");
    }
    let shop = shop(folder.path(), "").await;
    let (code, said) = shakedown(folder.path(), &["--database", &shop.name, "--only", "1_users"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("`1_users` is applied there already"), "{said}");
}

#[test]
fn a_database_needs_a_server_that_has_it() {
    let folder = project();
    let arguments = ["--database", "shop", "--postgres", "embedded"];
    let (code, said) = shakedown(folder.path(), &arguments);
    assert_eq!(code, Some(2));
    assert!(said.contains("`--database shop` needs the address of the server"), "{said}");
}
