//! Migrations are run over tables that have rows, up and down.

use std::fs;
use std::time::Duration;

use shakedown::invariants::check::{Checked, Db, Known, Options, Trap, check};
use shakedown::invariants::rehearsal::{KEEPS_VALUES, TAKES_ROWS};
use shakedown::prepare;
use shakedown::source::{self, Project};
use tempfile::TempDir;

use crate::support::{block_on, repository, scratch, server};

const USERS: (&str, &str) =
    ("CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL, age int);", "DROP TABLE users;");

/// A project of these up and down scripts; without a down where it is empty.
fn project(scripts: &[(&str, &str)]) -> (TempDir, Project) {
    let folder = tempfile::tempdir().unwrap();
    for (index, (up, down)) in scripts.iter().enumerate() {
        let file = |way: &str| folder.path().join(format!("{:04}_step.{way}.sql", index + 1));
        fs::write(file("up"), up).unwrap();
        if !down.is_empty() {
            fs::write(file("down"), down).unwrap();
        }
    }
    let project = source::load(folder.path(), None).unwrap();
    (folder, project)
}

async fn checked(project: Project, options: Options) -> Checked {
    let database = scratch().await;
    prepare::apply(&project, server(), &database.name).await.unwrap();
    let only = vec![TAKES_ROWS.to_owned(), KEEPS_VALUES.to_owned()];
    let options = Options { only, project: Some(project), ..options };
    check(&Db { server: server(), name: &database.name }, &options).await.unwrap()
}

/// What is known of the last of these migrations.
fn last(scripts: &[(&str, &str)], invariant: &str) -> Option<Known> {
    let (_folder, project) = project(scripts);
    let id = project.migrations.last().unwrap().id.clone();
    let checked = block_on(checked(project, Options::default()));
    let mut verdicts = checked.verdicts.into_iter();
    let mine = verdicts
        .find(|verdict| verdict.promise.table.name == id && verdict.promise.invariant == invariant);
    mine.map(|verdict| verdict.known)
}

#[track_caller]
fn is_risk(known: Option<Known>, fact: &str) {
    let Some(Known::Risk(Trap::Script { fact: told, .. })) = &known else {
        panic!("no risk: {known:?}");
    };
    assert!(told.contains(fact), "{told}");
}

#[track_caller]
fn holds(known: Option<Known>) {
    assert!(matches!(known, Some(Known::Holds { cases }) if cases >= 20), "{known:?}");
}

#[test]
fn what_rows_of_before_violate_is_told() {
    for (up, fact) in [
        ("ALTER TABLE users ADD COLUMN code text NOT NULL;", "contains null values"),
        ("ALTER TABLE users ALTER COLUMN age SET NOT NULL;", "contains null values"),
        ("ALTER TABLE users ADD UNIQUE (email);", "could not create unique index"),
        ("ALTER TABLE users ADD CHECK (email = 'a');", "is violated by some row"),
        (
            "CREATE TABLE mails (email text PRIMARY KEY);
             ALTER TABLE users ADD FOREIGN KEY (email) REFERENCES mails (email);",
            "violates foreign key constraint",
        ),
        ("ALTER TABLE users ALTER COLUMN email TYPE varchar(2);", "value too long"),
    ] {
        let scripts = [USERS, (up, "")];
        is_risk(last(&scripts, TAKES_ROWS), fact);
        assert_eq!(last(&scripts, KEEPS_VALUES), None, "{up}");
    }
}

#[test]
fn the_same_done_with_care_holds() {
    for up in [
        "ALTER TABLE users ADD COLUMN code text NOT NULL DEFAULT '';",
        "UPDATE users SET age = 0 WHERE age IS NULL; ALTER TABLE users ALTER COLUMN age SET NOT NULL;",
        "ALTER TABLE users ADD CONSTRAINT adult CHECK (age > 1000000) NOT VALID;",
        "ALTER TABLE users ALTER COLUMN email TYPE varchar(2) USING left(email, 2);",
    ] {
        holds(last(&[USERS, (up, "")], TAKES_ROWS));
    }
}

#[test]
fn a_constraint_that_binds_new_rows_before_old_ones_are_validated_holds() {
    let bind = "ALTER TABLE users ADD CONSTRAINT aged CHECK (age IS NOT NULL) NOT VALID;";
    let validate = "ALTER TABLE users VALIDATE CONSTRAINT aged;
        ALTER TABLE users ALTER COLUMN age SET NOT NULL;";
    holds(last(&[USERS, (bind, ""), (validate, "")], TAKES_ROWS));
}

#[test]
fn what_an_earlier_migration_did_to_the_rows_counts() {
    let fill = "UPDATE users SET age = 1 WHERE age IS NULL;";
    let require = "ALTER TABLE users ALTER COLUMN age SET NOT NULL;";
    holds(last(&[USERS, ("CREATE TABLE a ();", ""), (fill, ""), (require, "")], TAKES_ROWS));
    let other = "CREATE TABLE a (id int); UPDATE a SET id = 1;";
    is_risk(last(&[USERS, (other, ""), (require, "")], TAKES_ROWS), "contains null values");
}

#[test]
fn a_migration_that_a_server_takes_only_once_is_remarked_and_fails_nothing() {
    let role = format!("shakedown_rehearsal_{}", std::process::id());
    let (create, drop) = (format!("CREATE ROLE {role};"), format!("DROP ROLE {role};"));
    let (_folder, project) = project(&[USERS, (&create, &drop), ("SELECT 1;", "SELECT 1;")]);
    let checked = block_on(async {
        let checked = checked(project, Options::default()).await;
        let mut admin = server().connect(None).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&mut admin).await.unwrap();
        checked
    });
    assert!(checked.verdicts.is_empty(), "{:?}", checked.verdicts);
    assert!(checked.remarks[0].contains("from `0002_step` on"), "{:?}", checked.remarks);
}

#[test]
fn the_place_of_the_statement_that_fails_is_known() {
    let up = "ALTER TABLE users ADD COLUMN note text;\n\nALTER TABLE users ADD UNIQUE (email);\n";
    let known = last(&[USERS, (up, "")], TAKES_ROWS);
    let Some(Known::Risk(Trap::Script { place, .. })) = known else { panic!("{known:?}") };
    assert_eq!(place.line, 3);
    assert!(place.file.ends_with("0002_step.up.sql"), "{}", place.file);
}

#[test]
fn values_that_do_not_come_back_are_named() {
    for (up, down, fact) in [
        ("UPDATE users SET email = 'a';", "SELECT 1;", "public.users (email)"),
        ("DELETE FROM users WHERE age IS NULL;", "SELECT 1;", "rows of public.users"),
        (
            "ALTER TABLE users ALTER COLUMN email TYPE varchar(2) USING left(email, 2);",
            "ALTER TABLE users ALTER COLUMN email TYPE text;",
            "public.users (email)",
        ),
        // The schema comes back only where there are no rows.
        (
            "ALTER TABLE users ALTER COLUMN email DROP NOT NULL; UPDATE users SET email = NULL;",
            "ALTER TABLE users ALTER COLUMN email SET NOT NULL;",
            "contains null values",
        ),
    ] {
        is_risk(last(&[USERS, (up, down)], KEEPS_VALUES), fact);
    }
}

#[test]
fn values_that_come_back_or_were_not_there_are_no_risk() {
    for (up, down) in [
        ("UPDATE users SET email = email || 'x';", "UPDATE users SET email = left(email, -1);"),
        ("UPDATE users SET age = 1 WHERE age IS NULL;", "-- Nothing to take back."),
        ("ALTER TABLE users ADD COLUMN note text;", "ALTER TABLE users DROP COLUMN note;"),
        ("ALTER TABLE users DROP COLUMN age;", "ALTER TABLE users ADD COLUMN age int;"),
    ] {
        holds(last(&[USERS, (up, down)], KEEPS_VALUES));
    }
}

#[test]
fn what_is_irreversible_on_purpose_only_has_to_succeed() {
    let up = "-- shakedown: irreversible the old ones are gone\nUPDATE users SET email = 'a';";
    let raises = "DO $$ BEGIN RAISE EXCEPTION 'irreversible: the old ones are gone'; END $$;";
    for scripts in [[USERS, (up, "SELECT 1;")], [USERS, ("UPDATE users SET age = 1;", raises)]] {
        holds(last(&scripts, TAKES_ROWS));
        assert_eq!(last(&scripts, KEEPS_VALUES), None);
    }
}

#[test]
fn only_the_newest_ten_are_tried_and_the_time_is_heeded() {
    let add: Vec<String> = (0..12).map(|n| format!("ALTER TABLE users ADD c{n} int;")).collect();
    let drop: Vec<String> = (0..12).map(|n| format!("ALTER TABLE users DROP c{n};")).collect();
    let more = add.iter().zip(&drop).map(|(add, drop)| (add.as_str(), drop.as_str()));
    let scripts: Vec<(&str, &str)> = std::iter::once(USERS).chain(more).collect();
    let (_folder, project) = project(&scripts);
    block_on(async {
        let all = checked(project.clone(), Options::default()).await;
        let tried: Vec<&str> = all.verdicts.iter().map(|v| v.promise.table.name.as_str()).collect();
        assert_eq!(tried.len(), 20);
        assert!(all.remarks[0].contains("the 3 before them were not"), "{:?}", all.remarks);
        assert_eq!(tried.first(), Some(&"0004_step"), "{tried:?}");
        let time = Some(Duration::from_nanos(1));
        let none = checked(project, Options { time, ..Options::default() }).await;
        assert!(none.verdicts.is_empty());
        let last = "migration-keeps-values:migrations.\"0013_step\":down".to_owned();
        assert!(none.not_reached.contains(&last), "{:?}", none.not_reached);
    });
}

#[test]
fn the_migrations_of_this_repository_take_rows_and_keep_their_values() {
    let project = source::load(&repository("migrations"), None).unwrap();
    let checked = block_on(checked(project, Options::default()));
    assert_eq!(checked.verdicts.len(), 20);
    for verdict in checked.verdicts {
        let known = &verdict.known;
        assert!(
            matches!(known, Known::Holds { cases } if *cases >= 60),
            "{}: {known:?}",
            verdict.promise.id()
        );
    }
}
