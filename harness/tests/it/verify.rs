//! What `verify` finds, and what it does not hold against anybody.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use shakedown::checks::RULES;
use shakedown::database::Databases;
use shakedown::source;
use shakedown::verify::{Options, Verified, verify};
use shakedown_reports::model::{Chain, RoundTrip, Verdict};
use tempfile::TempDir;

use crate::support::{repository, server};

async fn run(
    folder: &Path,
    format: Option<&str>,
    options: &Options,
) -> shakedown::error::Result<Verified> {
    let project = source::load(folder, format)?;
    let mut databases = Databases::on(server()).await?;
    let verified = verify(&project, &mut databases, options, &mut |_| {}).await;
    databases.close().await?;
    verified
}

/// A folder of sqlx files: `(name, text)`.
fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// The findings as `rule file:line`, one line each.
fn told(verified: &Verified) -> String {
    let mut text = String::new();
    for finding in &verified.findings {
        let name = Path::new(&finding.file).file_name().unwrap().to_string_lossy().into_owned();
        let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
        writeln!(text, "{} {name}{line}", finding.rule).unwrap();
    }
    text
}

async fn check(files: &[(&str, &str)], expected: &str) -> Verified {
    let folder = project(files);
    let verified = run(folder.path(), Some("sqlx"), &Options::default()).await.unwrap();
    assert_eq!(told(&verified).trim(), expected, "{:#?}", verified.findings);
    verified
}

#[derive(serde::Deserialize)]
struct Expected {
    finding: Vec<ExpectedFinding>,
}

#[derive(serde::Deserialize)]
struct ExpectedFinding {
    rule: String,
    file: String,
    line: Option<u32>,
}

#[tokio::test]
async fn every_bad_folder_gives_exactly_its_finding() {
    for entry in fs::read_dir(repository("migrations/bad")).unwrap() {
        let folder = entry.unwrap().path();
        let expected = fs::read_to_string(folder.join("expect.toml")).unwrap();
        let expected: Expected = toml::from_str(&expected).unwrap();
        let expected: Vec<String> = expected
            .finding
            .iter()
            .map(|finding| {
                let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
                format!("{} {}{line}", finding.rule, finding.file)
            })
            .collect();
        let verified = run(&folder, None, &Options::default()).await.unwrap();
        assert_eq!(
            told(&verified).trim(),
            expected.join("\n"),
            "{}: {verified:#?}",
            folder.display()
        );
    }
}

#[test]
fn every_rule_has_its_bad_folder_and_its_page() {
    let folders: BTreeSet<String> = fs::read_dir(repository("migrations/bad"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let rules: BTreeSet<String> = RULES.iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(folders, rules);
    for rule in RULES {
        assert!(rule.page.starts_with(&format!("# {}\n", rule.id)), "{}", rule.id);
        for part in ["How it comes about", "What to do", "Example"] {
            assert!(rule.page.contains(&format!("\n## {part}\n")), "{} lacks `{part}`", rule.id);
        }
        let pages = repository("harness/src/checks/rules");
        assert_eq!(fs::read_dir(pages).unwrap().count(), RULES.len());
    }
}

#[tokio::test]
async fn the_rapids_schema_holds_step_by_step() {
    let verified = run(&repository("migrations"), None, &Options::default()).await.unwrap();
    assert_eq!(told(&verified), "");
    assert!(verified.migrations.len() >= 10);
    for migration in &verified.migrations {
        assert_eq!(migration.verdict, Verdict::Reversible, "{}", migration.id);
    }
    let clones = |migration: &&shakedown_reports::model::Migration| {
        migration.round_trip == Some(RoundTrip::Clone)
    };
    assert!(
        verified.migrations.iter().any(|migration| clones(&migration)),
        "CONCURRENTLY needs a clone"
    );
    assert_eq!(
        verified.chain,
        Chain::Restored { steps: verified.migrations.len(), stops: Vec::new(), untried: None }
    );
}

#[tokio::test]
async fn every_example_of_a_format_holds() {
    for entry in fs::read_dir(repository("migrations/formats")).unwrap() {
        let folder = entry.unwrap().path();
        if folder.is_dir() {
            let verified = run(&folder, None, &Options::default()).await.unwrap();
            assert_eq!(told(&verified), "", "{}", folder.display());
            assert!(matches!(verified.chain, Chain::Restored { .. }), "{}", folder.display());
        }
    }
}

const USERS: (&str, &str) =
    ("1_users.up.sql", "CREATE TABLE users (id int PRIMARY KEY, name text);");
const NO_USERS: (&str, &str) = ("1_users.down.sql", "DROP TABLE users;");

#[tokio::test]
async fn after_a_failing_down_the_next_migration_is_tested_from_a_correct_state() {
    let files = [
        USERS,
        NO_USERS,
        ("2_age.up.sql", "ALTER TABLE users ADD age int;"),
        ("2_age.down.sql", "-- wrong name\nALTER TABLE users DROP COLUMN agee;"),
        ("3_mail.up.sql", "ALTER TABLE users ADD mail text;"),
        ("3_mail.down.sql", "ALTER TABLE users DROP COLUMN mail;"),
    ];
    let verified = check(&files, "down-fails 2_age.down.sql:2").await;
    let verdicts: Vec<&Verdict> =
        verified.migrations.iter().map(|migration| &migration.verdict).collect();
    assert_eq!(verdicts, [&Verdict::Reversible, &Verdict::Flawed, &Verdict::Reversible]);
    // What lies above and below it is each gone on its own.
    let Chain::Restored { steps: 2, stops, .. } = &verified.chain else {
        panic!("{:?}", verified.chain)
    };
    assert_eq!(stops[0].migration, "2_age");
}

#[tokio::test]
async fn a_failing_up_ends_the_run_at_that_step_and_says_so() {
    let files = [
        USERS,
        NO_USERS,
        ("2_age.up.sql", "ALTER TABLE users ADD one int;\nALTER TABLE usr ADD age int;"),
        ("2_age.down.sql", "ALTER TABLE users DROP age;"),
        ("3_mail.up.sql", "ALTER TABLE users ADD mail text;"),
        ("3_mail.down.sql", "ALTER TABLE users DROP mail;"),
    ];
    let verified = check(&files, "up-fails 2_age.up.sql:2").await;
    assert_eq!(verified.migrations[2].verdict, Verdict::NotReached);
    assert!(matches!(&verified.chain, Chain::NotRun { reason } if reason.contains("2_age")));
    let finding = &verified.findings[0];
    assert_eq!(finding.message, "`2_age` cannot be applied: relation \"usr\" does not exist");
    assert_eq!(finding.places[0].text, "ALTER TABLE usr ADD age int;");
}

#[tokio::test]
async fn an_error_without_a_position_points_at_its_statement() {
    let files = [
        USERS,
        NO_USERS,
        (
            "2_rows.up.sql",
            "INSERT INTO users VALUES (1);\n\n-- again\nINSERT INTO users VALUES (1);",
        ),
        ("2_rows.down.sql", "DELETE FROM users;"),
    ];
    let verified = check(&files, "up-fails 2_rows.up.sql:4").await;
    assert!(verified.findings[0].notes.iter().any(|note| note.contains("(id)=(1) already exists")));
}

#[tokio::test]
async fn what_cannot_run_in_one_transaction_is_tried_on_a_clone_and_is_no_fault() {
    // An enum label used where it was added, a table altered while triggers are pending, a
    // temporary table of the same name in both directions, and a script with its own COMMIT.
    let verified = check(
        &[
            ("1_moods.up.sql", "CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE days (mood mood);"),
            ("1_moods.down.sql", "DROP TABLE days; DROP TYPE mood;"),
            ("2_sad.up.sql", "-- no-transaction\nALTER TYPE mood ADD VALUE 'sad';"),
            (
                "2_sad.down.sql",
                "ALTER TABLE days ALTER mood TYPE text; DROP TYPE mood; CREATE TYPE mood AS ENUM ('ok'); \
                 ALTER TABLE days ALTER mood TYPE mood USING mood::mood;",
            ),
            ("3_own.up.sql", "BEGIN; ALTER TABLE days ADD day date; COMMIT;"),
            ("3_own.down.sql", "BEGIN; ALTER TABLE days DROP day; COMMIT;"),
            ("4_index.up.sql", "-- no-transaction\nCREATE INDEX CONCURRENTLY days_day ON days (day);"),
            ("4_index.down.sql", "-- no-transaction\nDROP INDEX CONCURRENTLY days_day;"),
            (
                "5_pending.up.sql",
                "CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1); \
                 CREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);",
            ),
            ("5_pending.down.sql", "INSERT INTO b VALUES (1); DROP TABLE b; DROP TABLE a;"),
        ],
        "down-fails 5_pending.down.sql:1",
    )
    .await;
    for id in ["3_own", "4_index"] {
        let migration = verified.migrations.iter().find(|migration| migration.id == id).unwrap();
        assert_eq!(
            (&migration.verdict, migration.round_trip),
            (&Verdict::Reversible, Some(RoundTrip::Clone))
        );
    }
}

#[tokio::test]
async fn a_label_used_in_the_script_that_adds_it_fails_only_where_it_fails_for_the_runner() {
    let moods = ("1_moods.up.sql", "CREATE TYPE mood AS ENUM ('ok');");
    let no_moods = ("1_moods.down.sql", "DROP TYPE mood;");
    let rebuilt =
        ("2_sad.down.sql", "DROP TABLE days; DROP TYPE mood; CREATE TYPE mood AS ENUM ('ok');");
    let up = "ALTER TYPE mood ADD VALUE 'sad'; CREATE TABLE days (mood mood DEFAULT 'sad');";
    // In a transaction of sqlx's the new label is unsafe to use (55P04).
    let verified =
        check(&[moods, no_moods, ("2_sad.up.sql", up), rebuilt], "up-fails 2_sad.up.sql:1").await;
    assert!(verified.findings[0].notes.contains(&"SQLSTATE 55P04".to_owned()));
    // dbmate can commit after each block, so that nothing is wrong with the same statements.
    let folder = project(&[
        (
            "1_moods.sql",
            "-- migrate:up\nCREATE TYPE mood AS ENUM ('ok');\n-- migrate:down\nDROP TYPE mood;\n",
        ),
        (
            "2_sad.sql",
            "-- migrate:up transaction:false\nALTER TYPE mood ADD VALUE 'sad';\n\
                       -- migrate:down\nDROP TYPE mood; CREATE TYPE mood AS ENUM ('ok');\n",
        ),
        (
            "3_days.sql",
            "-- migrate:up\nCREATE TABLE days (mood mood DEFAULT 'sad');\n-- migrate:down\nDROP TABLE days;\n",
        ),
    ]);
    let verified = run(folder.path(), None, &Options::default()).await.unwrap();
    assert_eq!(told(&verified), "");
}

#[tokio::test]
async fn what_one_script_sets_for_its_session_does_not_reach_the_next() {
    let files = [
        ("1_s.up.sql", "SET search_path = ''; CREATE TABLE public.a (id int);"),
        ("1_s.down.sql", "SET search_path = ''; DROP TABLE public.a;"),
        ("2_b.up.sql", "CREATE TABLE b (id int);"),
        ("2_b.down.sql", "DROP TABLE b;"),
    ];
    check(&files, "").await;
}

#[tokio::test]
async fn a_script_may_speak_of_the_table_in_which_its_runner_keeps_its_books() {
    let files = [
        ("1_a.up.sql", "COMMENT ON TABLE _sqlx_migrations IS 'not by hand';"),
        ("1_a.down.sql", "COMMENT ON TABLE _sqlx_migrations IS NULL;"),
    ];
    check(&files, "").await;
}

#[tokio::test]
async fn a_constraint_that_fails_at_commit_is_found_at_the_end_of_the_script() {
    let verified = check(
        &[
            (
                "1_a.up.sql",
                "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);",
            ),
            ("1_a.down.sql", "DROP TABLE b; DROP TABLE a;"),
            ("2_b.up.sql", "INSERT INTO b VALUES (7);"),
            ("2_b.down.sql", "DELETE FROM b;"),
        ],
        "up-fails 2_b.up.sql:1",
    )
    .await;
    assert!(verified.findings[0].notes.iter().any(|note| note.contains("committed")));
}

#[tokio::test]
async fn the_trace_is_told_object_by_object_with_what_mends_it() {
    let verified = check(
        &[
            USERS,
            NO_USERS,
            (
                "2_mood.up.sql",
                "CREATE TYPE mood AS ENUM ('ok');\nALTER TABLE users ADD mood mood;\nCOMMENT ON TABLE users IS 'people';",
            ),
            ("2_mood.down.sql", "ALTER TABLE users DROP mood;"),
        ],
        "down-leaves-trace 2_mood.down.sql:1",
    )
    .await;
    let finding = &verified.findings[0];
    let objects: Vec<&str> = finding.changes.iter().map(|change| change.object.as_str()).collect();
    assert_eq!(objects.len(), 2, "{objects:?}");
    assert!(objects.iter().any(|object| object.contains("public.mood")), "{objects:?}");
    assert!(finding.help.as_deref().unwrap().contains("2_mood.down.sql"), "{:?}", finding.help);
    let mend = finding.mend.as_deref().unwrap();
    assert!(mend.contains("DROP TYPE public.mood"), "{mend}");
    assert!(mend.contains("COMMENT ON TABLE public.users IS NULL"), "{mend}");
    assert!(
        finding.notes.iter().any(|note| note.contains("cannot be applied again")),
        "{:?}",
        finding.notes
    );
}

#[tokio::test]
async fn a_pure_data_migration_with_an_empty_down_is_no_finding() {
    let files = [
        USERS,
        NO_USERS,
        ("2_rows.up.sql", "INSERT INTO users SELECT coalesce(max(id), 0) + 1 FROM users;"),
        ("2_rows.down.sql", "-- the rows may stay\n"),
    ];
    check(&files, "").await;
}

#[tokio::test]
async fn what_is_declared_irreversible_is_no_finding_and_the_chain_stops_there() {
    let files = [
        USERS,
        NO_USERS,
        (
            "2_gone.up.sql",
            "-- shakedown: irreversible the names are gone\nALTER TABLE users DROP name;",
        ),
        ("2_gone.down.sql", "-- nothing can be done\n"),
        ("3_raises.up.sql", "DROP TABLE users;"),
        (
            "3_raises.down.sql",
            "DO $$ BEGIN RAISE EXCEPTION 'irreversible: restore from backup'; END $$;",
        ),
        ("4_more.up.sql", "CREATE TABLE more (id int);"),
        ("4_more.down.sql", "DROP TABLE more;"),
    ];
    let verified = check(&files, "").await;
    assert_eq!(
        verified.migrations[1].verdict,
        Verdict::Irreversible { reason: "the names are gone".to_owned() }
    );
    let raised = "irreversible: restore from backup".to_owned();
    assert_eq!(verified.migrations[2].verdict, Verdict::Irreversible { reason: raised });
    assert!(
        matches!(&verified.chain, Chain::Restored { steps: 2, stops, .. } if stops[1].migration == "3_raises")
    );
}

#[tokio::test]
async fn an_exception_that_does_not_say_irreversible_is_a_failing_down() {
    let files = [USERS, ("1_users.down.sql", "DO $$ BEGIN RAISE EXCEPTION 'not today'; END $$;")];
    check(&files, "down-fails 1_users.down.sql:1").await;
}

#[tokio::test]
async fn a_declaration_without_a_reason_is_refused() {
    let folder = project(&[USERS, ("1_users.down.sql", "-- shakedown: irreversible\n")]);
    let error = run(folder.path(), None, &Options::default()).await.unwrap_err();
    assert!(
        error.to_string().contains("line 1 declares a migration irreversible without a reason"),
        "{error}"
    );
}

#[tokio::test]
async fn an_allowed_rule_is_counted_but_not_told() {
    let folder = project(&[USERS, ("1_users.down.sql", "")]);
    let options =
        Options { allow: BTreeSet::from(["down-empty".to_owned()]), ..Options::default() };
    let verified = run(folder.path(), Some("sqlx"), &options).await.unwrap();
    assert_eq!(told(&verified), "");
    assert_eq!(verified.allowed, BTreeMap::from([("down-empty".to_owned(), 1)]));
}

fn three_steps() -> TempDir {
    project(&[
        ("1_a.up.sql", "CREATE TABLE a (id int);"),
        ("1_a.down.sql", ""),
        ("2_b.up.sql", "CREATE TABLE b (id int);"),
        ("2_b.down.sql", "DROP TABLE b;"),
        ("3_c.up.sql", "CREATE TABLE c (id int);"),
        ("3_c.down.sql", ""),
    ])
}

#[tokio::test]
async fn only_from_and_to_choose_what_is_tested() {
    let folder = three_steps();
    for (options, expected) in [
        (Options { only: vec!["2".to_owned()], ..Options::default() }, ""),
        (
            Options { only: vec!["3_c".to_owned()], ..Options::default() },
            "down-empty 3_c.down.sql:1",
        ),
        (
            Options { from: Some("2_b".to_owned()), ..Options::default() },
            "down-empty 3_c.down.sql:1",
        ),
        (Options { to: Some("2_b".to_owned()), ..Options::default() }, "down-empty 1_a.down.sql:1"),
    ] {
        let verified = run(folder.path(), None, &options).await.unwrap();
        assert_eq!(told(&verified).trim(), expected, "{options:?}");
        assert_eq!(verified.migrations.len(), 3);
    }
}

#[tokio::test]
async fn an_id_that_fits_none_or_several_is_told_with_what_there_is() {
    let folder =
        project(&[USERS, NO_USERS, ("10_more.up.sql", "SELECT 1"), ("10_more.down.sql", "")]);
    let only = |name: &str| Options { only: vec![name.to_owned()], ..Options::default() };
    let error = run(folder.path(), None, &only("9")).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no migration `9`");
    assert!(error.hint_text().unwrap().contains("`1_users` to `10_more`"));
    let error = run(folder.path(), None, &only("1")).await.unwrap_err();
    assert_eq!(error.to_string(), "`1` fits 2 migrations");
}

#[tokio::test]
async fn names_with_quotes_and_in_other_scripts_and_carriage_returns_just_work() {
    let files = [
        ("1_it's \"so\".up.sql", "CREATE TABLE \"o'clock \"\"x\"\"\" (\"größe\" int);\r\n"),
        ("1_it's \"so\".down.sql", "DROP TABLE \"o'clock \"\"x\"\"\";\r\n"),
        ("2_заказы.up.sql", "CREATE TABLE заказы (id int);\r\n\r\nCREATE INDEX 日 ON заказы (id);"),
        ("2_заказы.down.sql", "DROP TABLE заказы;"),
    ];
    check(&files, "").await;
}

#[tokio::test]
async fn a_byte_order_mark_is_a_finding_that_says_what_it_is() {
    let files =
        [("1_a.up.sql", "\u{feff}CREATE TABLE a (id int);"), ("1_a.down.sql", "DROP TABLE a;")];
    let verified = check(&files, "up-fails 1_a.up.sql:1").await;
    assert!(verified.findings[0].help.as_deref().unwrap().contains("byte order mark"));
}

#[tokio::test]
async fn a_script_of_twenty_megabytes_runs() {
    let values: Vec<String> =
        (0..2_100).map(|id| format!("({id}, '{}')", "x".repeat(10_000))).collect();
    let rows =
        format!("INSERT INTO users VALUES\n{}\nON CONFLICT DO NOTHING;\n", values.join(",\n"));
    assert!(rows.len() > 20_000_000);
    let files = [
        USERS,
        NO_USERS,
        ("2_seed.up.sql", rows.as_str()),
        ("2_seed.down.sql", "DELETE FROM users;"),
    ];
    check(&files, "").await;
}

/// The SQL that the only finding offers.
async fn mend(files: &[(&str, &str)], expected: &str) -> Option<String> {
    let verified = check(files, expected).await;
    verified.findings[0].mend.clone()
}

#[tokio::test]
async fn a_rename_is_mended_by_a_rename_which_keeps_the_values() {
    let files = [
        USERS,
        NO_USERS,
        (
            "2_r.up.sql",
            "ALTER TABLE users RENAME name TO full_name;\nALTER TABLE users RENAME TO people;",
        ),
        ("2_r.down.sql", "ALTER TABLE people RENAME TO users;"),
    ];
    let mend = mend(&files, "down-leaves-trace 2_r.down.sql:1").await.unwrap();
    assert_eq!(mend, "ALTER TABLE public.users RENAME COLUMN full_name TO name;");
}

#[tokio::test]
async fn only_sql_that_was_seen_to_restore_all_is_offered() {
    // Dropping the view on its own fails, since another one reads from it.
    let files = [
        ("1_v.up.sql", "CREATE VIEW v AS SELECT 1 AS a;"),
        ("1_v.down.sql", "DROP VIEW v;"),
        (
            "2_w.up.sql",
            "CREATE OR REPLACE VIEW v AS SELECT 1 AS a, 2 AS b;\nCREATE VIEW w AS SELECT a FROM v;",
        ),
        ("2_w.down.sql", "SELECT 1;"),
    ];
    let expected = "down-leaves-trace 2_w.down.sql:1\nchain-down-fails 1_v.down.sql:1";
    let verified = check(&files, expected).await;
    let [trace, chain] = verified.findings.as_slice() else { panic!("two findings") };
    match &trace.mend {
        None => assert!(trace.changes.iter().all(|change| change.mend.is_none()), "{trace:#?}"),
        Some(mend) => {
            let mut mended = files;
            mended[3].1 = mend;
            check(&mended, "").await;
        }
    }
    assert!(chain.notes.iter().any(|note| note.contains("`2_w`")), "{:?}", chain.notes);
}

#[tokio::test]
async fn what_is_offered_after_an_empty_down_takes_the_migration_back() {
    let up = (
        "2_x.up.sql",
        "CREATE TYPE mood AS ENUM ('ok');\nALTER TABLE users ADD mood mood;\nCREATE INDEX ON users (mood);\n\
         CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1;\nEND\n$$;",
    );
    let files = [USERS, NO_USERS, up, ("2_x.down.sql", "-- later\n")];
    let down = mend(&files, "down-empty 2_x.down.sql:1").await.expect("these can be mended");
    check(&[USERS, NO_USERS, up, ("2_x.down.sql", &down)], "").await;
}

#[tokio::test]
async fn two_renames_in_one_table_are_told_apart_and_what_was_not_renamed_is_not_taken_for_it() {
    let files = [
        USERS,
        NO_USERS,
        (
            "2_r.up.sql",
            "ALTER TABLE users RENAME id TO key;\nALTER TABLE users RENAME name TO title;",
        ),
        ("2_r.down.sql", ""),
    ];
    let both = mend(&files, "down-empty 2_r.down.sql:1").await.unwrap();
    assert!(both.contains("COLUMN key TO id;") && both.contains("COLUMN title TO name;"), "{both}");
    assert!(!both.contains("DROP"), "{both}");
    let up = ("2_r.up.sql", "ALTER TABLE users DROP name;\nALTER TABLE users ADD email text;");
    let verified =
        check(&[USERS, NO_USERS, up, ("2_r.down.sql", "")], "down-empty 2_r.down.sql:1").await;
    let finding = &verified.findings[0];
    assert!(!finding.mend.as_ref().unwrap().contains("RENAME"), "{finding:#?}");
    assert!(finding.notes.iter().any(|note| note.contains("do not come back")), "{finding:#?}");
}

#[tokio::test]
async fn a_trial_that_is_rolled_back_leaves_sequences_where_they_were() {
    let files = [
        (
            "1_p.up.sql",
            "CREATE TABLE plans (id serial PRIMARY KEY, name text UNIQUE); CREATE TABLE prices (plan int REFERENCES plans);",
        ),
        ("1_p.down.sql", "DROP TABLE prices, plans;"),
        ("2_free.up.sql", "INSERT INTO plans (name) VALUES ('free');"),
        ("2_free.down.sql", "DELETE FROM plans WHERE name = 'free';"),
        ("3_pro.up.sql", "INSERT INTO plans (name) VALUES ('pro'); INSERT INTO prices VALUES (2);"),
        (
            "3_pro.down.sql",
            "DELETE FROM prices; DELETE FROM plans WHERE name = 'pro'; SELECT setval('plans_id_seq', 1);",
        ),
    ];
    let verified = check(&files, "").await;
    assert_eq!(verified.migrations[2].round_trip, Some(RoundTrip::Transaction));
}

#[tokio::test]
async fn what_fails_only_since_databases_share_their_roles_is_told_as_not_tested() {
    let role = format!("shakedown_test_{}", std::process::id());
    let up =
        format!("CREATE ROLE {role}; GRANT SELECT ON t TO {role}; CREATE INDEX ON t (a); COMMIT;");
    let down =
        format!("DROP INDEX t_a_idx; REVOKE SELECT ON t FROM {role}; DROP ROLE {role}; COMMIT;");
    let files = [
        ("1_t.up.sql", "CREATE TABLE t (a int);"),
        ("1_t.down.sql", "DROP TABLE t;"),
        // Its own COMMIT asks for a clone, which shares the role with the original.
        ("2_r.up.sql", up.as_str()),
        ("2_r.down.sql", down.as_str()),
    ];
    let verified = check(&files, "").await;
    let Verdict::Untested { reason } = &verified.migrations[1].verdict else {
        panic!("{:?}", verified.migrations)
    };
    assert!(reason.contains(&role), "{reason}");
    let mut connection = server().connect(None).await.unwrap();
    let drop = sqlx::AssertSqlSafe(format!("DROP ROLE IF EXISTS {role}"));
    sqlx::raw_sql(drop).execute(&mut connection).await.unwrap();
}

#[tokio::test]
async fn what_one_step_tells_does_not_hide_another_change_of_the_same_object_on_the_way() {
    let files = [
        ("1_s.up.sql", "CREATE TABLE settings (a int, b int, c int);"),
        (
            "1_s.down.sql",
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM settings) THEN DROP TABLE settings; END IF; END $$;",
        ),
        ("2_b.up.sql", "ALTER TABLE settings DROP COLUMN b;"),
        ("2_b.down.sql", "ALTER TABLE settings ADD COLUMN b int;"),
        ("3_rows.up.sql", "INSERT INTO settings VALUES (1, 2);"),
        ("3_rows.down.sql", "SELECT 1;"),
    ];
    check(&files, "column-order 2_b.down.sql:1\nchain-differs 1_s.up.sql:1").await;
}

#[tokio::test]
async fn the_line_is_that_of_the_statement_on_the_same_table_and_column() {
    let files = [
        ("1_t.up.sql", "CREATE TABLE u (id text);\nCREATE TABLE o (id text);"),
        ("1_t.down.sql", "DROP TABLE o, u;"),
        (
            "2_t.up.sql",
            "UPDATE o SET id = 1;\nALTER TABLE u ALTER id TYPE varchar(9);\nALTER TABLE o ALTER id TYPE varchar(9);",
        ),
        (
            "2_t.down.sql",
            "UPDATE o SET id = 1;\nALTER TABLE u ALTER id TYPE text;\nALTER TABLE o ALTER id TYPE char(9);",
        ),
    ];
    let verified = check(&files, "down-leaves-trace 2_t.down.sql:3").await;
    assert_eq!(verified.findings[0].places[1].line, 3);
}

#[tokio::test]
async fn columns_in_another_order_are_told_by_those_that_moved() {
    let files = [
        ("1_t.up.sql", "CREATE TABLE t (a int, b int, c int, d int);"),
        ("1_t.down.sql", "DROP TABLE t;"),
        ("2_t.up.sql", "ALTER TABLE t DROP b;"),
        ("2_t.down.sql", "DELETE FROM t;\nALTER TABLE t ADD b int;"),
    ];
    let verified = check(&files, "column-order 2_t.down.sql:2").await;
    assert_eq!(verified.findings[0].changes[0].details, ["column `b` was number 2, is number 4"]);
}

#[tokio::test]
async fn the_stretches_between_migrations_without_a_way_back_are_gone_each_on_its_own() {
    let files = [
        ("1_c.up.sql", "CREATE TABLE c (code varchar(2));"),
        ("1_c.down.sql", "DROP TABLE c;"),
        ("2_wide.up.sql", "ALTER TABLE c ALTER code TYPE varchar(9);"),
        ("2_wide.down.sql", "ALTER TABLE c ALTER code TYPE varchar(2);"),
        ("3_rows.up.sql", "INSERT INTO c VALUES ('long one');"),
        ("3_rows.down.sql", "SELECT 'they may stay';"),
        ("4_bad.up.sql", "CREATE TABLE bad (id int);"),
        ("4_bad.down.sql", "DROP TABLE worse;"),
        ("5_d.up.sql", "CREATE TABLE d (id int);"),
        ("5_d.down.sql", "DROP TABLE d;"),
    ];
    check(&files, "down-fails 4_bad.down.sql:1\nchain-down-fails 2_wide.down.sql:1").await;
}

#[tokio::test]
async fn a_setting_of_the_database_reaches_the_scripts_that_come_after_it() {
    let set = "CREATE SCHEMA app; DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app, public', current_database()); END $$;";
    let unset = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET search_path', current_database()); END $$; DROP SCHEMA app;";
    let files = [
        ("1_s.up.sql", set),
        ("1_s.down.sql", unset),
        ("2_t.up.sql", "CREATE TABLE t (id int);"),
        ("2_t.down.sql", "DROP TABLE app.t;"),
    ];
    check(&files, "").await;
}

#[tokio::test]
async fn a_lock_of_the_session_does_not_make_the_next_script_wait() {
    let files = [
        ("1_a.up.sql", "SELECT pg_advisory_lock(1); CREATE TABLE a (id int);"),
        ("1_a.down.sql", "SELECT pg_advisory_lock(1); DROP TABLE a;"),
    ];
    check(&files, "").await;
}

#[tokio::test]
async fn a_copy_from_the_client_is_a_finding_at_its_line() {
    let files = [
        USERS,
        NO_USERS,
        ("2_c.up.sql", "/* not\ncopy users from stdin */\nCOPY users (id,\n name) FROM stdin;\n"),
        ("2_c.down.sql", ""),
    ];
    let verified = check(&files, "up-fails 2_c.up.sql:3").await;
    assert!(verified.findings[0].message.contains("need psql"), "{}", verified.findings[0].message);
}

#[tokio::test]
async fn a_failure_in_a_script_that_is_too_long_to_take_apart_claims_no_place() {
    let padding = format!("-- {}\n", "x".repeat(5 << 20));
    let script = format!("INSERT INTO users VALUES (1);\n{padding}INSERT INTO users VALUES (1);");
    let files = [USERS, NO_USERS, ("2_c.up.sql", script.as_str()), ("2_c.down.sql", "")];
    let verified = check(&files, "up-fails 2_c.up.sql:1").await;
    let notes = &verified.findings[0].notes;
    assert!(!notes.iter().any(|note| note.contains("committed")), "{notes:?}");
}

#[tokio::test]
async fn a_failing_up_cannot_be_allowed_and_what_is_allowed_is_not_called_reversible() {
    let folder = project(&[USERS, ("1_users.down.sql", "")]);
    let allow =
        |rule: &str| Options { allow: BTreeSet::from([rule.to_owned()]), ..Options::default() };
    let verified = run(folder.path(), Some("sqlx"), &allow("down-empty")).await.unwrap();
    assert_eq!(verified.migrations[0].verdict, Verdict::Allowed);
    let error = run(folder.path(), Some("sqlx"), &allow("up-fails")).await.unwrap_err();
    assert!(error.to_string().contains("`up-fails` cannot be allowed"), "{error}");
}

#[tokio::test]
async fn an_object_that_went_with_its_column_is_told_at_the_statement_on_its_table() {
    let files = [
        (
            "1_t.up.sql",
            "CREATE TABLE t (a int, b int);\nCREATE INDEX t_ab ON t (a, b);\nCREATE TABLE u (a int);",
        ),
        ("1_t.down.sql", "DROP TABLE u, t;"),
        ("2_b.up.sql", "ALTER TABLE t DROP b;"),
        (
            "2_b.down.sql",
            "-- the index is forgotten\nALTER TABLE t ADD b int;\nALTER TABLE u ALTER a SET DEFAULT 1;\nALTER TABLE u ALTER a DROP DEFAULT;",
        ),
    ];
    let verified = check(&files, "down-leaves-trace 2_b.down.sql:2").await;
    assert!(verified.findings[0].mend.as_deref().unwrap().contains("CREATE INDEX t_ab"));
}
