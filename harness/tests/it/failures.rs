//! Failures of promises as people and later runs get them: psql scripts, stored files, suites.

use std::fs;
use std::path::Path;
use std::process::Command;

use shakedown::database::Databases;
use shakedown::invariants::case::{Case, Expect, Group, Outcome, Rejection};
use shakedown::invariants::check::{
    Checked, Counterexample, Db, Failure, Known, Options, Verdict, check,
};
use shakedown::invariants::promise::{Duel, Evidence, Otherwise, Promise};
use shakedown::invariants::replay::{Fate, replay};
use shakedown::invariants::runner::Runner;
use shakedown::invariants::script::psql;
use shakedown::invariants::store;
use shakedown::invariants::suite::{self, Suite};
use sqlx::AssertSqlSafe;

use crate::support::{Scratch, scratch, server};

const SCHEMA: &str = "CREATE TABLE users (id int PRIMARY KEY, email text);
    CREATE TABLE orders (id int PRIMARY KEY,
        buyer int NOT NULL REFERENCES users ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED);";

async fn made(sql: &str) -> Scratch {
    let scratch = scratch().await;
    let mut conn = scratch.conn().await;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.unwrap();
    scratch
}

fn owned(statements: &[&str]) -> Vec<String> {
    statements.iter().map(|&sql| sql.to_owned()).collect()
}

/// The case with what came of it on this schema.
async fn tried(scratch: &Scratch, setup: &[&str], case: Case) -> Counterexample {
    let setup = owned(setup);
    let group = Group { setup: setup.clone(), cases: vec![case.clone()] };
    let mut conn = scratch.conn().await;
    let mut outcomes = Runner::new(&mut conn, true).await.unwrap().run(&[group]).await.unwrap();
    Counterexample::Case { case, setup, outcome: outcomes.remove(0).remove(0) }
}

/// What psql writes to both of its outputs when it runs a script, or nothing without a psql.
fn in_psql(database: &str, script: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("script.sql");
    fs::write(&file, script).unwrap();
    let ran = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--file"])
        .arg(&file)
        .arg(server().address(database))
        .env("LC_ALL", "C")
        .output();
    match ran {
        Ok(output) => Some(
            String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr),
        ),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "no psql: {error}");
            eprintln!("not run: there is no psql here");
            None
        }
    }
}

#[tokio::test]
async fn a_script_shows_in_psql_that_a_row_is_accepted_and_leaves_nothing() {
    let scratch = made(SCHEMA).await;
    let second = owned(&["INSERT INTO users VALUES (2, 'a') -- the same"]);
    let case = Case::rejected("a second user\nwith the same email", second, &["23505"]);
    let found = tried(&scratch, &["INSERT INTO users VALUES (1, 'a')"], case).await;
    let script = psql("no two rows agree in email", &found);
    assert_eq!(
        script,
        "-- no two rows agree in email\n\
         -- Tried: a second user\n\
         -- with the same email\n\
         -- Expected: refused with 23505 (unique violation)\n\
         -- Seen: accepted\n\
         \\set VERBOSITY verbose\n\
         BEGIN;\n\
         -- The rows it starts from.\n\
         INSERT INTO users VALUES (1, 'a');\n\
         -- What is tried.\n\
         INSERT INTO users VALUES (2, 'a') -- the same\n;\n\
         SET CONSTRAINTS ALL IMMEDIATE;\n\
         ROLLBACK;\n\
         \\set VERBOSITY default\n"
    );
    let Some(shown) = in_psql(&scratch.name, &script) else { return };
    assert_eq!(shown, "", "no error is what is to be seen");
    let count = "SELECT count(*) FROM users";
    let left: i64 = sqlx::query_scalar(count).fetch_one(&mut scratch.conn().await).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_script_shows_in_psql_what_refuses_a_statement() {
    let scratch = made(SCHEMA).await;
    let setup = ["INSERT INTO users VALUES (1, 'a')", "INSERT INTO orders VALUES (1, 1)"];
    let delete = owned(&["DELETE FROM users WHERE id = 1"]);
    let found = tried(&scratch, &setup, Case::accepted("deleting a buyer", delete)).await;
    let script = psql("orders outlive their buyers", &found);
    assert!(script.contains("-- Seen: refused with 23502 (not null violation)"), "{script}");
    assert!(!script.contains("SET CONSTRAINTS"), "it is refused before that: {script}");
    let Some(shown) = in_psql(&scratch.name, &script) else { return };
    assert!(shown.contains("ERROR:  23502: null value in column \"buyer\""), "{shown}");
    assert_eq!(shown.matches("ERROR:").count(), 1, "{shown}");
}

#[tokio::test]
async fn a_script_shows_in_psql_what_is_refused_at_the_end() {
    let scratch = made(SCHEMA).await;
    let orphan = owned(&["INSERT INTO orders VALUES (1, 7)"]);
    let found = tried(&scratch, &[], Case::accepted("an order of nobody", orphan)).await;
    let script = psql("orders may be of nobody", &found);
    assert!(script.contains(", when it was checked at the end\n"), "{script}");
    let Some(shown) = in_psql(&scratch.name, &script) else { return };
    assert!(shown.contains("ERROR:  23503:") && shown.contains("orders_buyer_fkey"), "{shown}");
}

#[tokio::test]
async fn a_script_shows_in_psql_the_value_of_a_query() {
    let scratch = made(SCHEMA).await;
    let ops = owned(&["INSERT INTO users VALUES (1, ' a ')", "SELECT length(email) FROM users"]);
    let found = tried(&scratch, &[], Case::yields("blanks", ops, "1")).await;
    let script = psql("blanks are taken off", &found);
    assert!(script.contains("-- Expected: the query gives `1`\n-- Seen: the query gives `3`\n"));
    let Some(shown) = in_psql(&scratch.name, &script) else { return };
    assert_eq!(shown, "3\n");
}

#[tokio::test]
async fn a_script_of_steps_goes_on_after_those_that_are_refused() {
    let scratch = made(SCHEMA).await;
    let refused =
        |state: &str| Expect::Rejected { sqlstates: vec![state.to_owned()], constraint: None };
    let case = Case {
        about: "a short history".to_owned(),
        ops: owned(&[
            "INSERT INTO users VALUES (1, 'a')",
            "INSERT INTO users VALUES (1, 'b')",
            "INSERT INTO users VALUES (2, 'a')",
        ]),
        expect: Expect::Steps(vec![
            Expect::Accepted,
            refused("23505"),
            refused("23505"),
            Expect::Accepted,
        ]),
    };
    let found = tried(&scratch, &[], case).await;
    let script = psql("no two rows agree in email", &found);
    let told =
        "-- Expected of statement 3: refused with 23505 (unique violation)\n-- Seen: accepted\n";
    assert!(script.contains(told), "{script}");
    assert!(script.contains("-- 1. accepted\nINSERT"), "{script}");
    assert!(
        script.contains("-- 3. expected: refused with 23505 (unique violation); seen: accepted\n")
    );
    let Some(shown) = in_psql(&scratch.name, &script) else { return };
    assert_eq!(shown.matches("ERROR:  23505:").count(), 1, "{shown}");
    assert!(!shown.contains("25P02"), "the transaction goes on: {shown}");
}

#[test]
fn a_script_of_two_sessions_says_what_goes_into_which() {
    let duel = Duel {
        about: "the same email from two sessions at once".to_owned(),
        setup: owned(&["INSERT INTO shops VALUES (1)"]),
        first: owned(&["INSERT INTO users VALUES (1, 'a')"]),
        second: owned(&["INSERT INTO users VALUES (2, 'a') -- waits"]),
        then: "SELECT count(*) FROM users".to_owned(),
        gives: "1".to_owned(),
    };
    let found = Counterexample::Duel { duel, gave: Some("2".to_owned()) };
    assert_eq!(
        psql("no two rows agree in email", &found),
        "-- no two rows agree in email\n\
         -- Tried: the same email from two sessions at once\n\
         -- Expected: the query at the end gives `1`\n\
         -- Seen: it gives `2`\n\
         -- Open psql twice on a database with this schema that nobody needs: both sessions commit.\n\
         -- Paste each part where it says; where the second session waits, go on with the first.\n\
         \n-- In the first session:\nBEGIN;\nINSERT INTO shops VALUES (1);\nCOMMIT;\n\
         \n-- In the first session:\nBEGIN;\nINSERT INTO users VALUES (1, 'a');\n\
         \n-- In the second session:\nBEGIN;\nINSERT INTO users VALUES (2, 'a') -- waits\n;\n\
         \n-- In the first session:\nCOMMIT;\n\
         \n-- In the second session:\nCOMMIT;\n\
         \n-- In the first session; this must give 1:\nSELECT count(*) FROM users;\n"
    );
}

#[test]
fn a_long_statement_is_broken_outside_of_quotes() {
    let value = "it''s a long \" text ".repeat(5);
    let columns = "a_column, another_column, one_more_column".to_owned();
    let sql = format!("INSERT INTO public.users ({columns}) VALUES ('{value}', '{value}', 1)");
    let script = |sql: &str| {
        let case = Case::accepted("x", owned(&[sql]));
        let setup = Vec::new();
        psql("x", &Counterexample::Case { case, setup, outcome: Outcome::Accepted })
    };
    let told = script(&sql);
    assert!(!told.contains(&sql), "{told}");
    assert!(told.replace("\n    ", " ").contains(&format!("{sql};\n")), "{told}");
    assert_eq!(told.matches(&format!("'{value}'")).count(), 2, "{told}");
    // Where quotes are not plain, nothing is done.
    let dollars = sql.replace("1)", "$$'$$)");
    assert!(script(&dollars).contains(&dollars));
}

fn failure(object: &str) -> Failure {
    let statement = owned(&["INSERT INTO users VALUES (1, NULL)"]);
    let case = Case::rejected("a user without an email", statement, &["23502"]);
    Failure {
        promise: Promise {
            invariant: "not-null".to_owned(),
            table: "public.users".parse().unwrap(),
            object: object.to_owned(),
            says: "every user has an email".to_owned(),
            otherwise: Otherwise::Broken,
            evidence: Evidence::cases(Vec::new(), vec![case.clone()]),
        },
        schema: "3f9a1c".to_owned(),
        counterexample: Counterexample::Case {
            case,
            setup: Vec::new(),
            outcome: Outcome::Accepted,
        },
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn failures_come_back_from_the_store_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let store_folder = folder.path().join(".shakedown/failures");
    assert_eq!(store::load(&store_folder).unwrap(), Vec::new(), "none is stored yet");
    let all = [failure("email"), failure("e mail/é")];
    store::save(&store_folder, &all).unwrap();
    let mut loaded = store::load(&store_folder).unwrap();
    loaded.sort_by_key(|failure| std::cmp::Reverse(failure.promise.id()));
    assert_eq!(loaded, all);
    // Beside each is its script, and every name is plain.
    let files = names(&store_folder);
    assert_eq!(files.len(), 4, "{files:?}");
    for file in &files {
        assert!(file.starts_with("not-null-public.users-e"), "{file}");
        assert!(file.is_ascii() && !file.contains([' ', ':', '/']), "{file}");
    }
    let script = fs::read_to_string(store::script_of(&store_folder, &all[0].promise.id())).unwrap();
    assert!(script.contains("\nINSERT INTO users VALUES (1, NULL);\n"), "{script}");
}

#[test]
fn a_newer_failure_of_a_promise_takes_the_place_of_the_older() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = failure("email");
    store::save(folder.path(), &[one.clone()]).unwrap();
    one.schema = "another".to_owned();
    store::save(folder.path(), &[one.clone()]).unwrap();
    assert_eq!(store::load(folder.path()).unwrap(), [one]);
}

#[test]
fn what_no_longer_fails_leaves_the_store_and_so_does_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let store_folder = folder.path().join("failures");
    let (one, other) = (failure("c"), failure("d"));
    store::save(&store_folder, &[one.clone(), other.clone()]).unwrap();
    store::forget(&store_folder, &[one]).unwrap();
    assert_eq!(store::load(&store_folder).unwrap(), std::slice::from_ref(&other));
    assert_eq!(names(&store_folder).len(), 2, "its script went with it");
    store::forget(&store_folder, &[other.clone(), other]).unwrap();
    assert!(!store_folder.exists());
}

#[test]
fn names_of_long_and_of_like_promises_stay_apart() {
    let long = "x".repeat(300);
    assert!(store::name(&long).len() < 100);
    assert_ne!(store::name(&long), store::name(&format!("{long}y")));
    assert_ne!(store::name("a:b"), store::name("a/b"));
}

#[test]
fn a_broken_file_in_the_store_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x.json"), "{\"promise\": 3}").unwrap();
    let error = store::load(folder.path()).unwrap_err();
    assert!(error.to_string().contains("x.json` holds no stored failure"), "{error}");
    assert!(error.hint_text().unwrap().contains("remove the file"));
}

#[tokio::test]
async fn a_failure_that_is_run_again_tells_whether_it_still_fails() {
    let fate = async |schema: &str, stored: Failure| {
        let scratch = made(schema).await;
        let mut databases = Databases::on(server()).await.unwrap();
        let replayed = replay(&mut databases, &scratch.name, &[stored]).await.unwrap();
        databases.close().await.unwrap();
        replayed[0].fate.clone()
    };
    let stored = failure("email");
    let nullable = "CREATE TABLE users (id int, email text)";
    assert_eq!(fate(nullable, stored.clone()).await, Fate::StillFails);
    let mended = "CREATE TABLE users (id int, email text NOT NULL)";
    assert_eq!(fate(mended, stored.clone()).await, Fate::Holds);
    let mut unfit = stored;
    let Counterexample::Case { setup, .. } = &mut unfit.counterexample else { panic!() };
    *setup = owned(&["INSERT INTO gone VALUES (1)"]);
    assert!(matches!(fate(nullable, unfit).await, Fate::Untested(_)));
}

#[test]
fn what_is_stored_of_a_promise_is_what_failed() {
    let mut verdict = checked().verdicts.remove(0);
    let stored = failure("email").counterexample;
    verdict.known = Known::Broken(stored.clone());
    let Counterexample::Case { setup, case, .. } = stored else { panic!() };
    let failures = store::failures(&Checked { verdicts: vec![verdict], ..Checked::default() });
    assert_eq!(failures[0].promise.evidence, Evidence::cases(setup, vec![case]));
}

#[tokio::test]
async fn an_earlier_failure_is_told_once_and_keeps_no_case_from_a_suite() {
    let scratch = made("CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL)").await;
    let fresh = check(&Db { server: server(), name: &scratch.name }, &Options::default()).await;
    let of = |checked: &Checked, id: &str| -> Vec<Verdict> {
        checked.verdicts.iter().filter(|verdict| verdict.promise.id() == id).cloned().collect()
    };
    let fresh = fresh.unwrap();
    let ids = ["not-null:public.users:email", "rows-follow-the-model:public.users:rows"];
    let failing = ids.map(|id| {
        let [verdict] = of(&fresh, id).try_into().unwrap();
        // As if the schema were wrong about it.
        let row = owned(&["INSERT INTO users VALUES (1, 'a')"]);
        let case = Case::rejected("a row that is accepted", row, &["23502"]);
        let counterexample =
            Counterexample::Case { case, setup: Vec::new(), outcome: Outcome::Accepted };
        let evidence = Evidence::Cases(Vec::new());
        let promise = Promise { evidence, ..verdict.promise };
        Failure { promise, schema: String::new(), counterexample }
    });
    let options = Options { earlier: failing.into(), ..Options::default() };
    let again = check(&Db { server: server(), name: &scratch.name }, &options).await.unwrap();
    assert_eq!(again.verdicts.len(), fresh.verdicts.len());
    for id in ids {
        let (before, now) = (of(&fresh, id), of(&again, id));
        let [now] = now.as_slice() else { panic!("{now:?}") };
        assert!(matches!(now.known, Known::Broken(_)), "{now:?}");
        assert_eq!(now.promise.cases(), before[0].promise.cases(), "{id} keeps its own cases");
    }
}

/// What a check of the schema would hand over: a promise that holds, one without cases.
fn checked() -> Checked {
    let promise = |object: &str, evidence| Promise {
        invariant: "unique".to_owned(),
        table: "public.users".parse().unwrap(),
        object: object.to_owned(),
        says: "no two rows agree in id".to_owned(),
        otherwise: Otherwise::Broken,
        evidence,
    };
    let again = owned(&["INSERT INTO users VALUES (1, 'b')"]);
    let other = owned(&["INSERT INTO users VALUES (2, 'b')"]);
    let cases = vec![Case::rejected("again", again, &["23505"]), Case::accepted("another", other)];
    let tried = Evidence::cases(owned(&["INSERT INTO users VALUES (1, 'a')"]), cases);
    let untested = Evidence::Untested("a trigger refuses every row".to_owned());
    let reason = "a trigger refuses every row".to_owned();
    Checked {
        verdicts: vec![
            Verdict { promise: promise("users_pkey", tried), known: Known::Holds { cases: 2 } },
            Verdict { promise: promise("email", untested), known: Known::Untested { reason } },
        ],
        schema: "3f9a1c".to_owned(),
        ..Checked::default()
    }
}

#[tokio::test]
async fn a_suite_finds_out_whether_another_schema_promises_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("suite.json");
    let scratch = made(SCHEMA).await;
    let suite = suite::derive(&mut scratch.conn().await, &checked(), 7).await.unwrap();
    assert_eq!((suite.promises.len(), suite.seed), (1, 7), "what has no cases is left out");
    assert_eq!(suite.baseline[0][0][1], Outcome::Accepted);
    suite.save(&file).unwrap();
    let loaded = Suite::load(&file).unwrap();
    assert_eq!(loaded, suite);

    let here = suite::run(&mut scratch.conn().await, &loaded, "one".to_owned()).await.unwrap();
    let known = |checked: &Checked| -> Vec<Known> {
        checked.verdicts.iter().map(|verdict| verdict.known.clone()).collect()
    };
    assert_eq!(known(&here), [Known::Holds { cases: 2 }]);
    let without_key = made("CREATE TABLE users (id int, email text)").await;
    let there = suite::run(&mut without_key.conn().await, &loaded, "two".to_owned()).await.unwrap();
    let Known::Broken(Counterexample::Case { case, setup, outcome }) = &there.verdicts[0].known
    else {
        panic!("{there:?}")
    };
    assert_eq!((case.about.as_str(), outcome), ("again", &Outcome::Accepted));
    assert_eq!(*setup, ["INSERT INTO users VALUES (1, 'a')"]);
    assert_eq!((there.cases, there.schema.as_str()), (2, "two"));
    // Where not even its rows can be made, it shows nothing.
    let nothing = made("SELECT 1").await;
    let there = suite::run(&mut nothing.conn().await, &loaded, String::new()).await.unwrap();
    assert!(matches!(there.verdicts[0].known, Known::Untested { .. }), "{there:?}");
}

#[tokio::test]
async fn a_file_that_is_no_suite_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("suite.json");
    let refused = |wanted: &str| {
        let error = Suite::load(&file).unwrap_err();
        assert!(error.to_string().contains("suite.json"), "{error}");
        assert!(error.whole().contains(wanted), "{}", error.whole());
        assert!(error.hint_text().is_some());
    };
    refused("cannot be read");
    fs::write(&file, "garbage").unwrap();
    refused("is no suite");
    fs::write(&file, "{\"version\": 99, \"cases\": 1}").unwrap();
    refused("has version 99");
    let scratch = made(SCHEMA).await;
    let mut suite = suite::derive(&mut scratch.conn().await, &checked(), 7).await.unwrap();
    suite.baseline[0][0].pop();
    suite.save(&file).unwrap();
    refused("a promise without cases, or other outcomes than it has cases");
}

#[test]
fn words_of_the_server_are_part_of_what_was_seen() {
    let rejection = Rejection {
        op: 1,
        sqlstate: "23503".to_owned(),
        constraint: "orders_buyer_fkey".to_owned(),
        message: "still referenced".to_owned(),
    };
    let case = Case::accepted("x", owned(&["DELETE FROM a"]));
    let setup = Vec::new();
    let found = Counterexample::Case { case, setup, outcome: Outcome::Rejected(rejection) };
    let seen = "-- Seen: refused with 23503 (foreign key violation) by `orders_buyer_fkey`: \
                still referenced, when it was checked at the end\n";
    assert!(psql("it goes", &found).contains(seen), "{}", psql("it goes", &found));
}
