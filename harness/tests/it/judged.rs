//! What a report says of promises: findings with their places, allowances, the outcome.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use shakedown::catalog::{self, Catalog};
use shakedown::checks::Declared;
use shakedown::invariants::RULES;
use shakedown::invariants::case::{Case, Outcome as Came};
use shakedown::invariants::check::{Checked, Counterexample, Known, Trap, Verdict};
use shakedown::invariants::promise::{Evidence, Otherwise, Promise};
use shakedown::invariants::report::{Judgement, Subject, Told, told};
use shakedown::source;
use shakedown_reports::model::{Finding, Kept, Outcome, Severity};
use sqlx::AssertSqlSafe;

use crate::support::{repository, scratch};

const USERS: &str = "-- people\nCREATE TABLE users (\n    id int PRIMARY KEY,\n    \
                     email text UNIQUE,\n    deleted_at timestamptz\n);\n";
const INDEX: &str = "CREATE INDEX users_live\n    ON users (email) WHERE deleted_at IS NULL;\n\n\
                     CREATE INDEX ON users (email, deleted_at);\n\
                     CREATE VIEW emails AS SELECT email FROM users;\n";

fn project(folder: &Path) -> Subject {
    fs::write(folder.join("1_users.up.sql"), USERS).unwrap();
    fs::write(folder.join("2_index.up.sql"), INDEX).unwrap();
    fs::write(folder.join("1_users.down.sql"), "").unwrap();
    fs::write(folder.join("2_index.down.sql"), "").unwrap();
    Subject::Project(source::load(folder, None).unwrap())
}

async fn catalog() -> Catalog {
    let mut conn = scratch().await.conn().await;
    for sql in [USERS, INDEX] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.unwrap();
    }
    catalog::load(&mut conn).await.unwrap()
}

fn broken(object: &str) -> Verdict {
    let again = vec!["INSERT INTO users VALUES (1, 'a')".to_owned()];
    let case = Case::rejected("the same again", again, &["23505"]);
    let counterexample = Counterexample::Case { case, setup: Vec::new(), outcome: Came::Accepted };
    let known = Known::Broken(counterexample);
    Verdict { promise: promise("unique", object, Otherwise::Broken), known }
}

fn risk(object: &str, way_out: &str) -> Verdict {
    let otherwise = Otherwise::Risk {
        trap: "two users can have emails that differ only in case".to_owned(),
        way_out: way_out.to_owned(),
    };
    let known = Known::Risk(Trap::Fact("no index of it ignores case".to_owned()));
    Verdict { promise: promise("unique-ignores-case", object, otherwise), known }
}

fn promise(invariant: &str, object: &str, otherwise: Otherwise) -> Promise {
    Promise {
        invariant: invariant.to_owned(),
        table: "public.users".parse().unwrap(),
        object: object.to_owned(),
        says: "no two rows agree in email".to_owned(),
        otherwise,
        evidence: Evidence::Cases(Vec::new()),
    }
}

fn checked(verdicts: Vec<Verdict>) -> Checked {
    Checked { verdicts, ..Checked::default() }
}

fn allow(id: &str) -> Judgement {
    let declared = Declared {
        reason: "the application lowers them".to_owned(),
        file: "shakedown.toml".to_owned(),
        line: Some(3),
    };
    Judgement { allow: BTreeMap::from([(id.to_owned(), declared)]), deny_risk: false, whole: true }
}

/// What is told of verdicts on a database, of which nothing is known but its name.
fn judged(verdicts: Vec<Verdict>, judgement: &Judgement) -> Told {
    let subject = Subject::Database("shop".to_owned());
    told(&checked(verdicts), 7, &subject, &Catalog::default(), judgement)
}

#[tokio::test]
async fn a_finding_names_the_line_that_defines_its_object() {
    let folder = tempfile::tempdir().unwrap();
    let (subject, catalog) = (project(folder.path()), catalog().await);
    let place = |object: &str| {
        let told =
            told(&checked(vec![broken(object)]), 7, &subject, &catalog, &Judgement::default());
        let Finding { file, line, places, .. } = &told.findings[0];
        let marked = &places[0].text[places[0].start..places[0].end];
        let file = Path::new(file).file_name().unwrap().to_string_lossy().into_owned();
        format!("{file}:{} {marked}", line.unwrap())
    };
    // Its own name; the columns of what Postgres named; columns; the table.
    assert_eq!(place("users_live"), "2_index.up.sql:1 users_live");
    assert_eq!(place("users_email_key"), "1_users.up.sql:4 email");
    assert_eq!(place("users_email_deleted_at_idx"), "2_index.up.sql:4 email");
    assert_eq!(place("deleted_at"), "1_users.up.sql:5 deleted_at");
    assert_eq!(place("users_pkey"), "1_users.up.sql:3 id");
    assert_eq!(place("cascade paths"), "1_users.up.sql:2 users");
}

#[test]
fn on_a_database_a_finding_names_the_database() {
    let told = judged(vec![broken("users_email_key")], &Judgement::default());
    let finding = &told.findings[0];
    assert_eq!((finding.file.as_str(), finding.line), ("shop", None));
    assert!(finding.places.is_empty());
}

#[test]
fn what_is_broken_is_an_error_with_the_script_that_shows_it() {
    let told = judged(vec![broken("users_email_key")], &Judgement::default());
    assert_eq!(told.outcome, Outcome::Found);
    let finding = &told.findings[0];
    assert_eq!((finding.rule.as_str(), finding.severity), ("unique", Severity::Error));
    assert_eq!(finding.promise.as_deref(), Some("unique:public.users:users_email_key"));
    assert_eq!(
        finding.message,
        "`users_email_key` of `public.users` promises that no two rows agree in email, and that is not so"
    );
    let notes = [
        "tried: the same again",
        "expected: refused with 23505 (unique violation)",
        "seen: accepted",
    ];
    assert_eq!(finding.notes, notes);
    assert!(finding.script.as_deref().unwrap().contains("\nINSERT INTO users VALUES (1, 'a');\n"));
    assert_eq!(told.invariants.promises[0].verdict, Kept::Broken);
}

#[test]
fn a_risk_is_told_with_its_way_out_and_fails_only_when_denied() {
    let sql = "CREATE UNIQUE INDEX ON users (lower(email))";
    let verdicts = || vec![risk("a", sql), risk("b", "let the application lower it")];
    let told = judged(verdicts(), &Judgement::default());
    assert_eq!(told.outcome, Outcome::Held);
    let [with_sql, in_words] = told.findings.as_slice() else { panic!("{told:?}") };
    assert_eq!(with_sql.severity, Severity::Risk);
    assert_eq!(with_sql.mend, Some(format!("{sql};")));
    assert_eq!(with_sql.notes, ["no index of it ignores case"]);
    assert_eq!(in_words.help.as_deref(), Some("let the application lower it"));
    assert_eq!(in_words.mend, None);
    let told = judged(verdicts(), &Judgement { deny_risk: true, ..Judgement::default() });
    assert_eq!((told.outcome, told.findings[0].severity), (Outcome::Found, Severity::Warning));
}

#[test]
fn what_could_not_be_tried_or_was_not_reached_is_not_held() {
    let mut untested = broken("a");
    untested.known = Known::Untested { reason: "a trigger refuses every row".to_owned() };
    assert_eq!(judged(vec![untested], &Judgement::default()).outcome, Outcome::Incomplete);
    let not_reached = Checked { not_reached: vec!["public.log".to_owned()], ..checked(Vec::new()) };
    let subject = Subject::Database("shop".to_owned());
    let told = told(&not_reached, 7, &subject, &Catalog::default(), &allow("unique:public.log:x"));
    assert_eq!(told.outcome, Outcome::Incomplete);
    assert_eq!(told.findings, Vec::new(), "it may allow something in what was not reached");
}

#[test]
fn an_allowance_silences_a_risk_by_its_id_or_its_first_parts() {
    for id in [
        "unique-ignores-case:public.users:users_email_key",
        "unique-ignores-case:public.users",
        "unique-ignores-case",
    ] {
        let told = judged(vec![risk("users_email_key", "x")], &allow(id));
        assert_eq!((told.outcome, told.findings), (Outcome::Held, Vec::new()), "{id}");
        let reason = "the application lowers them".to_owned();
        assert_eq!(told.invariants.promises[0].verdict, Kept::Allowed { reason });
        assert_eq!(told.allowed["unique-ignores-case"], 1);
    }
    // Parts are whole: this is another invariant, and another table.
    for id in ["unique", "unique-ignores-case:public.user", "unique-ignores-case:public.users:u"] {
        let told = judged(vec![risk("users_email_key", "x")], &allow(id));
        assert_eq!(told.findings[0].severity, Severity::Risk, "{id}");
    }
}

#[test]
fn what_is_broken_is_allowed_by_its_whole_id_alone() {
    let told = judged(vec![broken("users_email_key")], &allow("unique:public.users"));
    assert_eq!(told.invariants.promises[0].verdict, Kept::Broken);
    let told =
        judged(vec![broken("users_email_key")], &allow("unique:public.users:users_email_key"));
    assert_eq!(told.outcome, Outcome::Held);
}

#[test]
fn an_allowance_of_nothing_is_a_finding_at_its_line() {
    let holds = Verdict { known: Known::Holds { cases: 3 }, ..broken("users_email_key") };
    let judgement = allow("unique:public.users:users_email_key");
    let told = judged(vec![holds.clone()], &judgement);
    assert_eq!(told.outcome, Outcome::Found);
    let finding = &told.findings[0];
    assert_eq!((finding.rule.as_str(), finding.severity), ("allowance-unused", Severity::Warning));
    assert_eq!((finding.file.as_str(), finding.line), ("shakedown.toml", Some(3)));
    assert_eq!(finding.notes, ["the reason given is: the application lowers them"]);
    // Nothing is said after a run that did not try everything.
    let part = Judgement { whole: false, ..judgement };
    assert_eq!(judged(vec![holds], &part).outcome, Outcome::Held);
}

#[test]
fn an_allowance_is_not_unused_where_its_promise_could_not_be_tried() {
    let mut untested = risk("users_email_key", "x");
    untested.known = Known::Untested { reason: "a trigger refuses every row".to_owned() };
    let told = judged(vec![untested], &allow("unique-ignores-case"));
    assert_eq!(told.findings, Vec::new());
}

#[test]
fn every_rule_about_promises_has_its_page() {
    for rule in RULES {
        assert!(rule.page.starts_with(&format!("# {}\n", rule.id)), "{}", rule.id);
        assert!(!rule.summary().is_empty());
        for part in ["How it comes about", "What to do", "Example"] {
            assert!(rule.page.contains(&format!("\n## {part}\n")), "{} lacks `{part}`", rule.id);
        }
    }
    let pages = repository("harness/src/invariants/rules");
    assert_eq!(fs::read_dir(pages).unwrap().count(), RULES.len());
}
