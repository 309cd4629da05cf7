//! Soft deletes are found by the conventions of those who write schemas, and not elsewhere.

use std::collections::BTreeMap;

use shakedown::catalog::{self, Catalog};
use shakedown::invariants::soft_delete::{SoftDelete, detect};
use sqlx::AssertSqlSafe;

use crate::support::{block_on, scratch};

fn catalog_of(sql: &str) -> Catalog {
    block_on(async {
        let database = scratch().await;
        let mut conn = database.conn().await;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.unwrap();
        catalog::load(&mut conn).await.unwrap()
    })
}

fn found(sql: &str) -> Vec<SoftDelete> {
    detect(&catalog_of(sql), &BTreeMap::new()).unwrap()
}

fn named(sql: &str, table: &str, condition: &str) -> Result<Vec<SoftDelete>, String> {
    let overrides = BTreeMap::from([(table.to_owned(), condition.to_owned())]);
    detect(&catalog_of(sql), &overrides).map_err(|error| error.to_string())
}

/// The table, how a row is live in it, and whether much speaks for it.
fn told(found: &[SoftDelete]) -> Vec<String> {
    let weak = |soft: &SoftDelete| if soft.weak { " (weak)" } else { "" };
    found.iter().map(|s| format!("{}: {}{}", s.table.name, s.live_where, weak(s))).collect()
}

#[test]
fn every_usual_way_to_mark_a_row_as_deleted_is_found() {
    let found = found(
        "CREATE TYPE c_state AS ENUM ('draft', 'live', 'deleted');
         CREATE TABLE a_null (id int PRIMARY KEY, deleted_at timestamptz);
         CREATE TABLE b_camel (id int PRIMARY KEY, \"deletedAt\" timestamp(3));
         CREATE TABLE c_enum (id int PRIMARY KEY, status c_state NOT NULL DEFAULT 'draft');
         CREATE TABLE d_text (id int PRIMARY KEY,
             status varchar(9) NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'deleted')));
         CREATE TABLE e_flag (id int PRIMARY KEY, is_deleted boolean NOT NULL DEFAULT false);
         CREATE TABLE f_removed (id int PRIMARY KEY, is_removed boolean NOT NULL DEFAULT false);
         CREATE TABLE g_unix (id int PRIMARY KEY, deleted_at bigint NOT NULL DEFAULT 0);
         CREATE TABLE h_number (id int PRIMARY KEY, is_del smallint NOT NULL DEFAULT 0);
         CREATE TABLE i_epoch (id int PRIMARY KEY,
             deletion_timestamp timestamptz NOT NULL DEFAULT 'epoch');
         CREATE TABLE j_discard (id int PRIMARY KEY, discarded_at timestamp);
         CREATE TABLE k_date (id int PRIMARY KEY, date_deleted date);
         CREATE TABLE l_bare_time (id int PRIMARY KEY, deleted timestamptz);
         CREATE TABLE m_bare_flag (id int PRIMARY KEY, deleted boolean DEFAULT false);
         CREATE TABLE n_trash (id int PRIMARY KEY, trashed_at timestamptz);
         CREATE TABLE o_forever (id int PRIMARY KEY,
             removed_at timestamptz NOT NULL DEFAULT 'infinity');
         CREATE TABLE p_unix_null (id int PRIMARY KEY, deleted_at bigint);",
    );
    assert_eq!(
        told(&found),
        [
            "a_null: deleted_at IS NULL",
            "b_camel: \"deletedAt\" IS NULL",
            "c_enum: status IS DISTINCT FROM 'deleted'",
            "d_text: status IS DISTINCT FROM 'deleted'",
            "e_flag: is_deleted IS NOT TRUE",
            "f_removed: is_removed IS NOT TRUE",
            "g_unix: deleted_at = '0'",
            "h_number: is_del = '0'",
            "i_epoch: deletion_timestamp = '1970-01-01 00:00:00+00'",
            "j_discard: discarded_at IS NULL",
            "k_date: date_deleted IS NULL",
            "l_bare_time: deleted IS NULL",
            "m_bare_flag: deleted IS NOT TRUE",
            "n_trash: trashed_at IS NULL",
            "o_forever: removed_at = 'infinity'",
            "p_unix_null: deleted_at IS NULL",
        ]
    );
}

#[test]
fn columns_that_only_sound_alike_are_none() {
    let found = found(
        "CREATE TABLE people (id int PRIMARY KEY);
         CREATE TABLE a_counter (id int PRIMARY KEY, deleted int NOT NULL DEFAULT 0);
         CREATE TABLE b_actor (id int PRIMARY KEY, deleted_by int REFERENCES people);
         CREATE TABLE c_log (id int PRIMARY KEY, deleted_at timestamptz NOT NULL DEFAULT now());
         CREATE TABLE d_log (id int PRIMARY KEY, deleted_at timestamptz NOT NULL);
         CREATE TABLE e_reason (id int PRIMARY KEY, deleted text);
         CREATE TABLE f_cascade (id int PRIMARY KEY, deleted_by_cascade boolean);
         CREATE TABLE g_status (id int PRIMARY KEY,
             status text CHECK (status IN ('open', 'paid')));
         CREATE TABLE h_free_status (id int PRIMARY KEY, status text);
         CREATE TABLE i_key (deleted_at timestamptz PRIMARY KEY);
         CREATE TABLE j_removed (id int PRIMARY KEY, removed_items int NOT NULL DEFAULT 0);
         CREATE TABLE k_inactive (id int PRIMARY KEY, active int);
         CREATE TABLE l_computed (id int PRIMARY KEY,
             t timestamptz, is_deleted boolean GENERATED ALWAYS AS (t IS NOT NULL) STORED);
         CREATE TABLE m_default_true (id int PRIMARY KEY, is_deleted boolean DEFAULT true);",
    );
    assert_eq!(told(&found), Vec::<String>::new());
}

#[test]
fn a_mere_switch_or_archive_is_weak_until_more_speaks_for_it() {
    let found = found(
        "CREATE TABLE a_feature_flags (name text PRIMARY KEY, active boolean NOT NULL DEFAULT true);
         CREATE TABLE b_archive (id int PRIMARY KEY, archived_at timestamptz);
         CREATE TABLE c_archive (id int PRIMARY KEY, name text, archived_at timestamptz);
         CREATE UNIQUE INDEX ON c_archive (name) WHERE archived_at IS NULL;
         CREATE TABLE d_members (id int PRIMARY KEY, active boolean NOT NULL DEFAULT true);
         CREATE RULE keep AS ON DELETE TO d_members
             DO INSTEAD UPDATE d_members SET active = false WHERE id = OLD.id;",
    );
    assert_eq!(
        told(&found),
        [
            "a_feature_flags: active (weak)",
            "b_archive: archived_at IS NULL (weak)",
            "c_archive: archived_at IS NULL",
            "d_members: active",
        ]
    );
}

#[test]
fn a_flag_and_a_time_go_together_and_the_one_that_is_asked_for_leads() {
    let found = found(
        "CREATE TABLE a (id int PRIMARY KEY, is_deleted boolean NOT NULL DEFAULT false,
             deleted_at timestamptz, is_active boolean NOT NULL DEFAULT true,
             CHECK (is_deleted = (deleted_at IS NOT NULL)));
         CREATE INDEX ON a (id) WHERE NOT is_deleted;
         CREATE TABLE b (id int PRIMARY KEY, deleted boolean, deleted_at timestamptz);
         CREATE TABLE c (id int PRIMARY KEY, deleted_at timestamptz, archived_at timestamptz);",
    );
    assert_eq!(
        told(&found),
        ["a: is_deleted IS NOT TRUE", "b: deleted_at IS NULL", "c: deleted_at IS NULL"]
    );
    assert_eq!(
        found[0].deleting(),
        "deleted_at = '2025-06-01 12:00:00+00', is_deleted = 'true'",
        "what is said twice is set together"
    );
    assert_eq!(found[0].restoring(), "deleted_at = NULL, is_deleted = 'false'");
    assert_eq!(found[1].columns(), ["deleted_at", "deleted"]);
    assert!(found[2].partners.is_empty(), "an archived row is not a deleted one");
}

#[test]
fn what_speaks_for_it_is_told() {
    let found = found(
        "CREATE TABLE users (id int PRIMARY KEY, email text, deleted_at timestamptz);
         CREATE UNIQUE INDEX live ON users (email) WHERE deleted_at IS NULL;
         CREATE VIEW active_users AS SELECT id, email FROM users WHERE deleted_at IS NULL;
         CREATE POLICY seen ON users USING (deleted_at IS NULL);
         CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN UPDATE users SET deleted_at = now() WHERE id = OLD.id; RETURN NULL; END';
         CREATE TRIGGER keep BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION keep();
         CREATE TABLE items (id int PRIMARY KEY, deleted_at timestamptz);",
    );
    let users = &found[1];
    assert_eq!(
        users.because,
        [
            "`deleted_at` is a time that is NULL in live rows",
            "the unique index `live` leaves rows out by it",
            "the view `active_users` filters by it",
            "the policy `seen` asks for it",
            "the trigger `keep` sets it instead of deleting",
            "2 tables have the same column",
        ]
    );
}

#[test]
fn what_the_user_says_goes_before_what_is_found() {
    let sql = "CREATE TABLE a (id int PRIMARY KEY, deleted_at timestamptz, gone boolean,
                   hidden_since timestamptz NOT NULL DEFAULT 'epoch', phase text DEFAULT 'on')";
    for (condition, expected) in [
        ("deleted_at IS NULL", "a: deleted_at IS NULL"),
        ("NOT gone", "a: gone IS NOT TRUE"),
        ("gone", "a: gone"),
        ("gone = false", "a: gone IS NOT TRUE"),
        ("hidden_since = 'epoch'", "a: hidden_since = 'epoch'"),
        ("phase <> 'off'", "a: phase IS DISTINCT FROM 'off'"),
    ] {
        assert_eq!(told(&named(sql, "a", condition).unwrap()), [expected]);
        assert_eq!(told(&named(sql, "public.a", condition).unwrap()), [expected]);
    }
    assert_eq!(told(&named(sql, "a", "none").unwrap()), Vec::<String>::new());
}

#[test]
fn a_table_or_column_that_does_not_exist_is_an_error() {
    let sql = "CREATE TABLE a (id int PRIMARY KEY, deleted_at timestamptz)";
    let error = |table, condition| named(sql, table, condition).unwrap_err();
    assert_eq!(error("b", "none"), "there is no table `b` to have a soft delete");
    assert_eq!(
        error("a", "removed_at IS NULL"),
        "`removed_at IS NULL`: the table `public.a` has no column `removed_at`"
    );
    assert_eq!(
        error("a", "deleted_at > now()"),
        "`deleted_at > now()` does not say which rows of `public.a` are live"
    );
}
