//! What failed earlier is run first, also what shows only when it is committed.

use shakedown::catalog::Name;
use shakedown::invariants::case::{Case, Expect, Outcome};
use shakedown::invariants::check::{Checked, Counterexample, Db, Failure, Known, Options, check};
use shakedown::invariants::promise::{Evidence, Otherwise, Promise};

use crate::support::{block_on, scratch, server};

fn steps(ops: &[&str], expect: Vec<Expect>) -> Case {
    let ops = ops.iter().map(|op| (*op).to_owned()).collect();
    Case { about: "a trip".to_owned(), ops, expect: Expect::Steps(expect) }
}

fn failure(case: Case) -> Failure {
    let promise = Promise {
        invariant: "rows-follow-the-model".to_owned(),
        table: Name::new("public", "trips"),
        object: "rows".to_owned(),
        says: "rows of public.trips do what the catalog says of them".to_owned(),
        otherwise: Otherwise::Broken,
        evidence: Evidence::Cases(Vec::new()),
    };
    let outcome = Outcome::Accepted;
    let counterexample = Counterexample::Case { setup: Vec::new(), case, outcome };
    Failure { promise, schema: String::new(), counterexample }
}

async fn checked(earlier: Vec<Failure>) -> Checked {
    let database = scratch().await;
    let mut conn = database.conn().await;
    let sql = "CREATE TABLE trips (id int PRIMARY KEY, next int
        REFERENCES trips DEFERRABLE INITIALLY DEFERRED);";
    sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    drop(conn);
    let only = vec!["index-valid".to_owned()];
    let options = Options { earlier, only, ..Options::default() };
    check(&Db { server: server(), name: &database.name }, &options).await.unwrap()
}

const TRIP: [&str; 4] =
    ["BEGIN", "INSERT INTO trips VALUES (1, 2)", "COMMIT", "SELECT count(*)::text FROM trips"];

#[test]
fn a_transaction_that_its_commit_refuses_is_run_on_a_clone_and_still_fails() {
    let expect = vec![
        Expect::Accepted,
        Expect::Accepted,
        Expect::Accepted,
        Expect::Yields(Some("1".to_owned())),
        Expect::Accepted,
    ];
    let checked = block_on(checked(vec![failure(steps(&TRIP, expect))]));
    let found = checked.verdicts.iter().find(|v| v.promise.invariant == "rows-follow-the-model");
    let Known::Broken(Counterexample::Case { outcome: Outcome::Steps(steps), .. }) =
        &found.unwrap().known
    else {
        panic!("{found:?}");
    };
    assert!(
        matches!(&steps[2], Outcome::Rejected(rejection) if rejection.sqlstate == "23503"),
        "{steps:?}"
    );
    assert_eq!(checked.gone, []);
}

#[test]
fn a_failure_that_no_longer_fails_is_gone() {
    let refused = Expect::Rejected { sqlstates: vec!["23503".to_owned()], constraint: None };
    let expect = vec![
        Expect::Accepted,
        Expect::Accepted,
        refused,
        Expect::Yields(Some("0".to_owned())),
        Expect::Accepted,
    ];
    let earlier = failure(steps(&TRIP, expect));
    let checked = block_on(checked(vec![earlier.clone()]));
    assert_eq!(checked.gone, [earlier]);
    assert!(checked.verdicts.iter().all(|verdict| matches!(verdict.known, Known::Holds { .. })));
}
