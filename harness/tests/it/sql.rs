//! Statements of a script: their kinds, their places, and what they mention.

use shakedown::sql::{controls_transactions, is_blank, line_of, mentions, statements};

/// `expected`: kind and text of each statement.
fn check(text: &str, expected: &[(&str, &str)]) {
    let found = statements(text).expect("the parser takes it");
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|statement| (statement.kind.as_str(), &text[statement.range.clone()]))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn each_statement_has_its_kind_and_its_text_without_comments_and_semicolon() {
    check(
        "-- users\nCREATE TABLE users (id int);\n\n/* why */ ALTER TYPE mood ADD VALUE 'so; so';\n",
        &[
            ("CREATE TABLE", "CREATE TABLE users (id int)"),
            ("ALTER TYPE", "ALTER TYPE mood ADD VALUE 'so; so'"),
        ],
    );
}

#[test]
fn a_semicolon_within_a_body_ends_no_statement() {
    let body = "DO $x$ BEGIN PERFORM 1; PERFORM 2; END $x$";
    check(&format!("{body}; SELECT 1"), &[("DO", body), ("SELECT", "SELECT 1")]);
}

#[test]
fn carriage_returns_and_other_scripts_do_not_shift_places() {
    let text = "SELECT 'Grüße';\r\nDROP TABLE \"приказы\";\r\n";
    check(text, &[("SELECT", "SELECT 'Grüße'"), ("DROP TABLE", "DROP TABLE \"приказы\"")]);
    let statements = statements(text).unwrap();
    assert_eq!(line_of(text, statements[1].range.start), 2);
}

#[test]
fn what_the_parser_does_not_understand_has_no_statements() {
    assert_eq!(statements("CREATE TABEL users (id int);"), None);
    assert_eq!(statements("\u{feff}SELECT 1;"), None);
}

#[test]
fn only_blanks_comments_and_semicolons_are_blank() {
    assert!(is_blank(""));
    assert!(is_blank("  \r\n-- nothing to do\n/* or /* nested */ */ ;;\n"));
    assert!(!is_blank("-- something\nSELECT 1;"));
    assert!(!is_blank("not even SQL"));
}

#[test]
fn transaction_control_is_seen_at_the_top_level_only() {
    let controls = |text: &str| controls_transactions(&statements(text).unwrap());
    for text in
        ["BEGIN; SELECT 1;", "SELECT 1; COMMIT;", "ROLLBACK", "START TRANSACTION", "END;", "ABORT"]
    {
        assert!(controls(text), "{text}");
    }
    for text in [
        "SELECT 1",
        "DO $$ BEGIN NULL; END $$",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END",
    ] {
        assert!(!controls(text), "{text}");
    }
}

#[test]
fn a_name_is_mentioned_as_a_word_of_its_own_in_any_case() {
    assert!(mentions("DROP TYPE Mood;", "mood"));
    assert!(mentions("EXECUTE 'drop type mood'", "mood"));
    assert!(mentions("ALTER TABLE \"order lines\" RENAME TO x", "order lines"));
    assert!(!mentions("DROP TYPE moody;", "mood"));
    assert!(!mentions("DROP TYPE a_mood;", "mood"));
    assert!(!mentions("SELECT 1", ""));
}

#[test]
fn a_script_of_many_megabytes_is_not_parsed() {
    let text = "INSERT INTO t VALUES (1);\n".repeat(400_000);
    assert_eq!(statements(&text), None);
}
