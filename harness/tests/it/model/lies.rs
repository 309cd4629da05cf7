//! Schemas that do something else than their catalog says.

use super::{Tried, pool, told};
use crate::support::block_on;
use shakedown::invariants::model::{Disagreement, Pool};

fn found(says: &str, lie: &str, pools: Vec<Pool>) -> Disagreement {
    let (ran, _) = block_on(Tried { says, lie, pools, live: Vec::new() }.run(3000, 0));
    ran.disagreement.expect("the lie is found")
}

/// How many statements make the rows it starts from, and how many are tried on them.
fn size(found: &Disagreement) -> (usize, usize) {
    let tried = found.case.ops.iter().filter(|op| !op.starts_with("SELECT "));
    (found.setup.len(), tried.count())
}

fn parent_and_child(action: &str) -> String {
    format!(
        "CREATE TABLE parent (id int PRIMARY KEY, note text NOT NULL DEFAULT 'n');
         CREATE TABLE child (id int PRIMARY KEY, parent_id int,
             CONSTRAINT up FOREIGN KEY (parent_id) REFERENCES parent {action})"
    )
}

fn pools() -> Vec<Pool> {
    vec![
        pool("parent", "id note", &["1 | a", "2 | b", "3 | NULL"]),
        pool("child", "id parent_id", &["1 | 1", "2 | 1", "3 | 2", "4 | NULL"]),
    ]
}

fn instead(action: &str) -> String {
    format!(
        "ALTER TABLE child DROP CONSTRAINT up, ADD CONSTRAINT up FOREIGN KEY (parent_id) REFERENCES parent {action}"
    )
}

#[test]
fn another_action_of_a_foreign_key_takes_two_rows_and_one_statement() {
    for (says, does) in [
        ("ON DELETE CASCADE", "ON DELETE SET NULL"),
        ("ON DELETE SET NULL", "ON DELETE CASCADE"),
        ("ON DELETE RESTRICT", "ON DELETE CASCADE"),
        ("ON UPDATE CASCADE", ""),
    ] {
        let found = found(&parent_and_child(says), &instead(does), pools());
        assert_eq!(size(&found), (2, 1), "{says} {does}\n{}", told(&found));
    }
}

#[test]
fn a_reference_that_is_checked_later_takes_one_statement() {
    let found =
        found(&parent_and_child("DEFERRABLE INITIALLY DEFERRED"), &instead("DEFERRABLE"), pools());
    assert!(matches!(size(&found), (0, 2) | (2, 2)), "{}", told(&found));
}

#[test]
fn a_lost_not_null_takes_one_statement() {
    let found =
        found(&parent_and_child(""), "ALTER TABLE parent ALTER note DROP NOT NULL", pools());
    assert_eq!(size(&found), (0, 1), "{}", told(&found));
}

#[test]
fn a_lost_key_takes_two_statements_in_all() {
    let found = found(
        "CREATE TABLE t (id int PRIMARY KEY, email text); CREATE UNIQUE INDEX t_email ON t (lower(email))",
        "DROP INDEX t_email",
        vec![pool("t", "id email", &["1 | a", "2 | A", "3 | b", "4 | NULL"])],
    );
    let (setup, ops) = size(&found);
    assert_eq!((setup + ops, ops), (2, 1), "{}", told(&found));
}

#[test]
fn a_predicate_that_is_gone_takes_two_statements_in_all() {
    let found = found(
        "CREATE TABLE t (id int PRIMARY KEY, email text, gone bool); CREATE UNIQUE INDEX t_email ON t (email) WHERE NOT gone",
        "DROP INDEX t_email; CREATE UNIQUE INDEX t_email ON t (email)",
        vec![pool(
            "t",
            "id email gone",
            &["1 | a | f", "2 | a | t", "3 | b | f", "4 | NULL | NULL"],
        )],
    );
    let (setup, ops) = size(&found);
    assert_eq!((setup + ops, ops), (2, 1), "{}", told(&found));
}

#[test]
fn a_trigger_that_changes_a_value_takes_one_statement() {
    let found = found(
        &parent_and_child(""),
        "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := upper(NEW.note); RETURN NEW; END $$;
         CREATE TRIGGER shout BEFORE INSERT ON parent FOR EACH ROW EXECUTE FUNCTION shout()",
        pools(),
    );
    assert_eq!(size(&found), (0, 1), "{}", told(&found));
}

#[test]
fn a_trigger_that_keeps_a_row_takes_one_row_and_one_statement() {
    let found = found(
        &parent_and_child("ON DELETE CASCADE"),
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
         CREATE TRIGGER keep BEFORE DELETE ON child FOR EACH ROW EXECUTE FUNCTION keep()",
        pools(),
    );
    let (setup, ops) = size(&found);
    assert!(ops == 1 && setup <= 2, "{}", told(&found));
}

#[test]
fn a_check_that_is_gone_and_one_that_was_added_take_one_statement() {
    let table = "CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n > 0))";
    for lie in ["ALTER TABLE t DROP CONSTRAINT t_n_check", "ALTER TABLE t ADD CHECK (n < 9)"] {
        let found = found(table, lie, vec![pool("t", "id n", &["1 | 1", "2 | 0", "3 | 10"])]);
        assert_eq!(size(&found), (0, 1), "{}", told(&found));
    }
}

#[test]
fn a_lie_among_forty_tables_is_found() {
    let mut says = "CREATE TABLE hub (id int PRIMARY KEY);".to_owned();
    let mut pools = vec![pool("hub", "id", &["1", "2"])];
    for n in 0..40 {
        says += &format!(
            "CREATE TABLE t{n} (id int PRIMARY KEY, hub int REFERENCES hub ON DELETE CASCADE);"
        );
        pools.push(pool(&format!("t{n}"), "id hub", &["1 | 1", "2 | 2"]));
    }
    let lie = "ALTER TABLE t33 DROP CONSTRAINT t33_hub_fkey";
    let found = found(&says, lie, pools);
    assert_eq!(size(&found), (0, 1), "{}", told(&found));
    assert!(found.case.ops[0].starts_with("INSERT INTO public.t33"), "{}", told(&found));
}

#[test]
fn committed_transactions_find_a_lie_and_are_made_small_too() {
    let says = parent_and_child("ON DELETE CASCADE");
    let lie = instead("ON DELETE SET NULL");
    let tried = Tried { says: &says, lie: &lie, pools: pools(), live: Vec::new() };
    let (_, ran) = block_on(tried.run(0, 50));
    let found = ran.disagreement.expect("the lie is found");
    assert!(found.committed && found.setup.is_empty());
    let bounds = ["BEGIN", "COMMIT", "ROLLBACK", "SELECT"];
    let ops = found.case.ops.iter().filter(|op| !bounds.iter().any(|word| op.starts_with(word)));
    assert_eq!(ops.count(), 3, "{}", told(&found));
}
