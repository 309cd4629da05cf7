//! What is proposed for which query, before anything is measured.

use std::time::Duration;

use shakedown::index::Asked;
use shakedown_reports::index::{Origin, Standing, Strategy};

use super::{asked, project, scenario, tried};
use crate::engine::on_threads;

const SCHEMA: &str = "
CREATE TABLE people (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL,
    born date NOT NULL,
    tags text[] NOT NULL,
    facts jsonb NOT NULL,
    stay tstzrange NOT NULL,
    about text NOT NULL,
    gone_at timestamptz
);
CREATE TABLE letters (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id bigint NOT NULL REFERENCES people ON DELETE CASCADE,
    written_at timestamptz NOT NULL,
    text text NOT NULL
);
INSERT INTO people (email, born, tags, facts, stay, about, gone_at)
SELECT 'P' || n || '@example.com', date '1950-01-01' + n, ARRAY['t' || n % 50], jsonb_build_object('k', n),
    tstzrange(timestamptz '2026-01-01' + n * interval '1 hour', timestamptz '2026-01-02' + n * interval '1 hour'),
    'about ' || md5(n::text), CASE WHEN n % 2 = 0 THEN now() END
FROM generate_series(1, 3000) AS n;
INSERT INTO letters (person_id, written_at, text)
SELECT 1 + n % 3000, timestamptz '2026-01-01' + n * interval '1 second', repeat('x', 800)
FROM generate_series(1, 20000) AS n;
";

/// The statements that are proposed for a script. There is no time to measure any.
async fn proposed(script: &str) -> Vec<Strategy> {
    let folder = project(SCHEMA);
    let asked = asked(scenario(&[("query", 1, script)]), 0, Vec::new());
    let asked = Asked { budget: Duration::from_millis(1), ..asked };
    let indexes = tried(folder.path(), &asked).await.unwrap();
    assert!(indexes.advice.is_none(), "nothing is advised that was not measured");
    indexes.strategies
}

#[track_caller]
fn check(strategies: &[Strategy], wanted: &[&str]) {
    let all: Vec<&String> = strategies.iter().flat_map(|one| &one.create).collect();
    for wanted in wanted {
        assert!(all.iter().any(|sql| sql.ends_with(wanted)), "no `{wanted}` in {all:#?}");
    }
}

#[track_caller]
fn check_none(strategies: &[Strategy], unwanted: &str) {
    let all: Vec<&String> = strategies.iter().flat_map(|one| &one.create).collect();
    assert!(!all.iter().any(|sql| sql.contains(unwanted)), "{all:#?}");
}

#[test]
fn keys_come_in_the_order_of_equality_sort_and_range() {
    on_threads(async {
        let script = "SELECT id FROM letters WHERE person_id = 5 AND written_at > '2026-01-01' \
                      ORDER BY id DESC LIMIT 3;\n";
        let found = proposed(script).await;
        check(
            &found,
            &["(person_id, id DESC, written_at)", "(person_id, written_at)", "(person_id)"],
        );
        check_none(&found, "(written_at, person_id");
        assert!(found.iter().all(|one| matches!(one.standing, Standing::NotMeasured { .. })));
    });
}

#[test]
fn a_page_by_key_asks_for_the_keys_of_its_row_in_their_order() {
    on_threads(async {
        let script = "SELECT id FROM letters WHERE person_id = 5 AND (written_at, id) < ('2026-01-02', 9000) \
                      ORDER BY written_at DESC, id DESC LIMIT 3;\n";
        check(&proposed(script).await, &["(person_id, written_at DESC, id DESC)"]);
    });
}

#[test]
fn few_narrow_columns_are_carried_along_and_wide_ones_are_not() {
    on_threads(async {
        let narrow = proposed("SELECT id, written_at FROM letters WHERE person_id = 5;\n").await;
        check(&narrow, &["(person_id) INCLUDE (id, written_at)"]);
        let wide = proposed("SELECT id, text FROM letters WHERE person_id = 5;\n").await;
        check(&wide, &["(person_id)"]);
        check_none(&wide, "INCLUDE");
    });
}

#[test]
fn a_condition_that_never_changes_makes_a_partial_index_and_an_argument_does_not() {
    on_threads(async {
        let query = "\\set n random(1, 3000)\nSELECT id FROM people WHERE gone_at IS NULL AND \
                     email = 'P' || :n || '@example.com';\n";
        let found = proposed(query).await;
        check(&found, &["(email) WHERE gone_at IS NULL", "(email, gone_at)", "(email)"]);
        check_none(&found, "WHERE email");
    });
}

#[test]
fn an_expression_is_a_key_as_the_query_writes_it() {
    on_threads(async {
        let query = "\\set n random(1, 3000)\nSELECT id FROM people WHERE lower(email) = 'p' || :n || '@example.com';\n";
        check(&proposed(query).await, &["(lower(email))", "USING hash (lower(email))"]);
    });
}

#[test]
fn each_operator_gets_the_method_that_serves_it() {
    on_threads(async {
        let conditions = [
            ("about LIKE '%abc%'", "USING gin (about gin_trgm_ops)"),
            ("about LIKE 'about a%'", "(about text_pattern_ops)"),
            ("facts @> '{\"k\": 5}'", "USING gin (facts jsonb_path_ops)"),
            ("facts ? 'x'", "USING gin (facts)"),
            ("tags @> ARRAY['t1']", "USING gin (tags)"),
            ("stay && tstzrange('2026-01-01', '2026-01-02')", "USING gist (stay)"),
            ("to_tsvector('simple', about) @@ to_tsquery('simple', 'abc')", "about))"),
        ];
        let one =
            |(condition, _): &(&str, &str)| format!("SELECT id FROM people WHERE {condition};\n");
        let found = proposed(&conditions.iter().map(one).collect::<String>()).await;
        check(&found, &conditions.map(|(_, wanted)| wanted));
        // Rows of a large table lie in the order in which they were written.
        let range = "SELECT count(*) FROM letters WHERE written_at BETWEEN '2026-01-01' AND '2026-01-01 00:10';\n";
        check(&proposed(range).await, &["USING brin (written_at)"]);
        let spread = proposed("SELECT count(*) FROM people WHERE born > '1958-01-01';\n").await;
        check(&spread, &["(born)"]);
        check_none(&spread, "brin");
    });
}

#[test]
fn a_foreign_key_without_an_index_is_proposed_where_its_parents_are_deleted() {
    on_threads(async {
        let delete = "\\set p key(people.id)\nDELETE FROM people WHERE id = :p;\n";
        let found = proposed(delete).await;
        let own = found.iter().find(|one| one.create[0].ends_with("(person_id)")).unwrap();
        assert!(own.because[0].contains("no index serves `letters_person_id_fkey`"), "{own:?}");
        assert_eq!(own.keep, None);
        // Where none are, it is told and not measured.
        let found =
            proposed("\\set p key(people.id)\nSELECT email FROM people WHERE id = :p;\n").await;
        let own = found.iter().find(|one| one.create[0].ends_with("(person_id)")).unwrap();
        let reason = "the workload deletes nothing from public.people";
        assert_eq!(own.standing, Standing::NotMeasured { reason: reason.to_owned() });
    });
}

#[test]
fn an_index_that_is_there_already_is_not_proposed_again() {
    on_threads(async {
        let folder = project(&format!(
            "{SCHEMA} CREATE INDEX mine ON letters (person_id, written_at DESC);"
        ));
        let script = "SELECT id, text FROM letters WHERE person_id = 5 ORDER BY written_at DESC;\n";
        let asked = asked(scenario(&[("query", 1, script)]), 0, Vec::new());
        let asked = Asked { budget: Duration::from_millis(1), ..asked };
        let found = tried(folder.path(), &asked).await.unwrap().strategies;
        let proposed = found.iter().filter(|one| one.origin == Origin::Proposed);
        let all: Vec<_> = proposed.flat_map(|one| &one.create).collect();
        assert!(
            !all.iter().any(|sql| sql.ends_with("(person_id)") || sql.ends_with("DESC)")),
            "{all:?}"
        );
    });
}
