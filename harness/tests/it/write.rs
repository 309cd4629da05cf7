//! Writing a new migration in the format of a project.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use shakedown::database::Databases;
use shakedown::source::write::{Draft, Drafted, draft_files, write};
use shakedown::source::{self, FORMATS};
use shakedown::verify::{Options, verify};
use shakedown_reports::model::{Chain, RoundTrip, Verdict};
use tempfile::TempDir;

use crate::support::{repository, server};

// --- helpers ---------------------------------------------------------------------------

/// A copy of a folder at the top of a repository of its own.
fn copy_of(folder: &Path) -> TempDir {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let to = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy(&entry.path(), &to);
            } else {
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    copy(folder, dir.path());
    dir
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// All files below a folder, sorted, with what they hold.
fn files(folder: &Path) -> Vec<(String, String)> {
    fn collect(top: &Path, folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(top).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                found.push((format!("{name}/"), String::new()));
                collect(top, &path, found);
            } else {
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    collect(folder, folder, &mut found);
    found.sort();
    found
}

/// Two indexes on columns of a table, in a transaction or not.
fn two_indexes(table: &str, columns: [&str; 2], concurrently: bool) -> Draft {
    let how = if concurrently { "CONCURRENTLY " } else { "" };
    let create = |column| format!("CREATE INDEX {how}drafted_{column} ON {table} ({column})");
    let drop = |column| format!("DROP INDEX {how}drafted_{column}");
    let [first, second] = columns;
    Draft {
        name: "index_drafted".to_owned(),
        up: vec![create(first), create(second)],
        down: vec![drop(second), drop(first)],
        in_transaction: !concurrently,
        comment: Some("Reads of both get faster,\n\nas measured.".to_owned()),
    }
}

/// A table of the example of a format, and two of its columns.
fn table_of(format: &str) -> (&'static str, [&'static str; 2]) {
    match format {
        "sqlx" => ("books", ["shelf_id", "title"]),
        "golang-migrate" => ("bookings", ["room_id", "during"]),
        "dbmate" => ("scans", ["at", "place"]),
        "goose" => ("accounts", ["owner", "updated_at"]),
        "diesel" => ("posts", ["title", "published"]),
        "maragudk-migrate" => ("plants", ["plant_bed_id", "plant_name"]),
        "plain" => ("notes", ["body", "created_at"]),
        other => panic!("name a table of the example of {other} here"),
    }
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The names of the files that a draft becomes, and all else about it.
fn drafted(
    format: &str,
    existing: &[(&str, &str)],
    draft: &Draft,
    now: &str,
) -> (Vec<String>, Drafted) {
    let dir = folder(existing);
    let project = source::load(dir.path(), Some(format)).unwrap();
    let drafted = draft_files(&project, draft, moment(now)).unwrap();
    let name = |path: &Path| path.strip_prefix(dir.path()).unwrap().to_str().unwrap().to_owned();
    (drafted.files.iter().map(|file| name(&file.path)).collect(), drafted)
}

const NOW: &str = "2026-03-04T05:06:07Z";

/// The id of a migration named `index_a` in a folder with this file.
fn next_id(format: &str, existing: &[(&str, &str)], now: &str) -> String {
    let (_, drafted) = drafted(format, existing, &one_index(), now);
    drafted.ids.concat()
}

fn one_index() -> Draft {
    Draft {
        name: "index_a".to_owned(),
        up: vec!["CREATE INDEX a ON t (a)".to_owned()],
        down: vec!["DROP INDEX a".to_owned()],
        in_transaction: true,
        comment: None,
    }
}

// --- on a server -----------------------------------------------------------------------

/// Writes a draft into a copy of the folder and verifies all of it; gives the notes.
async fn holds(original: &Path, draft: &Draft, expected: &Verdict, clone: bool) -> Vec<String> {
    let dir = copy_of(original);
    let before = source::load(dir.path(), None).unwrap();
    let drafted = write(&before, draft).unwrap();

    let project = source::load(dir.path(), None).unwrap();
    assert_eq!(project.format.name, before.format.name);
    let ids: Vec<_> = project.migrations.iter().map(|migration| migration.id.clone()).collect();
    let (old, new) = ids.split_at(before.migrations.len());
    assert_eq!(new, drafted.ids, "{}", project.format.name);
    assert!(before.migrations.iter().map(|migration| &migration.id).eq(old));

    let mut databases = Databases::on(server()).await.unwrap();
    let verified = verify(&project, &mut databases, &Options::default(), &mut |_| {}).await;
    databases.close().await.unwrap();
    let verified = verified.unwrap();
    assert!(verified.findings.is_empty(), "{}: {:#?}", project.format.name, verified.findings);
    assert!(matches!(verified.chain, Chain::Restored { .. } | Chain::NotRun { .. }));
    for migration in &verified.migrations[old.len()..] {
        assert_eq!(&migration.verdict, expected, "{}", migration.id);
        let on_clone = migration.round_trip == Some(RoundTrip::Clone);
        assert_eq!(on_clone, clone, "{} of {}", migration.id, project.format.name);
    }
    drafted.notes
}

#[tokio::test]
async fn every_format_writes_a_migration_that_goes_up_and_down() {
    for format in FORMATS {
        let (table, columns) = table_of(format.name);
        let example = repository("migrations/formats").join(format.name);
        let draft = two_indexes(table, columns, false);
        let notes = holds(&example, &draft, &Verdict::Reversible, false).await;
        assert_eq!(notes, [""; 0], "{}", format.name);
    }
}

#[tokio::test]
async fn every_format_builds_indexes_concurrently_or_says_that_it_cannot() {
    for format in FORMATS {
        let (table, columns) = table_of(format.name);
        let example = repository("migrations/formats").join(format.name);
        let draft = two_indexes(table, columns, true);
        // What only runs outside of a transaction has its round trip on a clone.
        let concurrently = format.leaves_transaction;
        let notes = holds(&example, &draft, &Verdict::Reversible, concurrently).await;
        assert_eq!(notes.is_empty(), concurrently, "{}: {notes:?}", format.name);
    }
}

#[tokio::test]
async fn a_folder_that_only_goes_forward_gets_files_that_do() {
    let dir = folder(&[("0001_t.sql", "CREATE TABLE t (a int, b int);")]);
    for concurrently in [false, true] {
        let draft = two_indexes("t", ["a", "b"], concurrently);
        let notes = holds(dir.path(), &draft, &Verdict::ForwardOnly, false).await;
        assert!(notes[0].contains("no way back is written"), "{notes:?}");
    }
    let existing = [("0001_t.sql", "")];
    let (names, drafted) = drafted("sqlx", &existing, &two_indexes("t", ["a", "b"], true), NOW);
    assert_eq!(names, ["0002_index_drafted_1.sql", "0003_index_drafted_2.sql"]);
    assert!(drafted.files[0].text.starts_with("-- no-transaction\n-- Reads"));
}

// --- what is in the files --------------------------------------------------------------

#[test]
fn statements_outside_of_a_transaction_get_a_migration_each_with_its_own_way_back() {
    let draft = two_indexes("t", ["a", "b"], true);
    let existing = [("001_t.up.sql", ""), ("001_t.down.sql", "")];
    let (names, drafted) = drafted("golang-migrate", &existing, &draft, NOW);
    let expected = [
        "002_index_drafted_1.up.sql",
        "002_index_drafted_1.down.sql",
        "003_index_drafted_2.up.sql",
        "003_index_drafted_2.down.sql",
    ];
    assert_eq!(names, expected);
    assert_eq!(drafted.ids, ["002_index_drafted_1", "003_index_drafted_2"]);
    let texts: Vec<_> = drafted.files.iter().map(|file| file.text.as_str()).collect();
    let comment = "-- Reads of both get faster,\n--\n-- as measured.\n";
    let up =
        |column| format!("{comment}CREATE INDEX CONCURRENTLY drafted_{column} ON t ({column});\n");
    let down = |column| format!("DROP INDEX CONCURRENTLY drafted_{column};\n");
    assert_eq!(texts, [up("a"), down("a"), up("b"), down("b")]);
}

#[test]
fn each_format_marks_what_is_to_leave_the_transaction() {
    let mut draft = one_index();
    draft.in_transaction = false;
    let written = |format, existing: &[(&str, &str)]| -> Vec<String> {
        let (names, drafted) = drafted(format, existing, &draft, NOW);
        let texts = drafted.files.iter().map(|file| file.text.as_str());
        names.iter().zip(texts).map(|(name, text)| format!("{name}\n{text}")).collect()
    };
    let (create, drop) = ("CREATE INDEX a ON t (a);\n", "DROP INDEX a;\n");
    assert_eq!(
        written("sqlx", &[("1_t.up.sql", "")]),
        [
            format!("2_index_a.up.sql\n-- no-transaction\n{create}"),
            format!("2_index_a.down.sql\n-- no-transaction\n{drop}")
        ]
    );
    let dbmate = [("1_t.sql", "-- migrate:up\n-- migrate:down\n")];
    assert_eq!(
        written("dbmate", &dbmate),
        [format!(
            "2_index_a.sql\n-- migrate:up transaction:false\n{create}\n\
             -- migrate:down transaction:false\n{drop}"
        )]
    );
    assert_eq!(
        written("goose", &[("1_t.sql", "-- +goose Up\n")]),
        [format!(
            "2_index_a.sql\n-- +goose NO TRANSACTION\n-- +goose Up\n{create}\n-- +goose Down\n{drop}"
        )]
    );
    assert_eq!(
        written("diesel", &[("1_t/up.sql", "SELECT 1")]),
        [
            format!("2_index_a/up.sql\n{create}"),
            format!("2_index_a/down.sql\n{drop}"),
            "2_index_a/metadata.toml\nrun_in_transaction = false\n".to_owned()
        ]
    );
}

#[test]
fn where_there_is_always_a_transaction_only_the_word_is_left_out() {
    let mut draft = one_index();
    draft.in_transaction = false;
    draft.up = vec![
        "create unique index\n  concurrently a ON t (a)".to_owned(),
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS \"concurrently\" ON t (b)".to_owned(),
        "CREATE INDEX \"concurrently\" ON t (b)".to_owned(),
    ];
    let (names, drafted) = drafted("maragudk-migrate", &[("1_t.up.sql", "")], &draft, NOW);
    assert_eq!(names, ["2_index_a.up.sql", "2_index_a.down.sql"]);
    let expected = "create unique index\n  a ON t (a);\n\
                    CREATE INDEX IF NOT EXISTS \"concurrently\" ON t (b);\n\
                    CREATE INDEX \"concurrently\" ON t (b);\n";
    assert_eq!(drafted.files[0].text, expected);
    assert!(drafted.notes[0].contains("maragudk-migrate runs every migration in a transaction"));
}

#[test]
fn every_statement_ends_with_one_semicolon_that_is_no_comment() {
    let mut draft = one_index();
    draft.up = vec!["SELECT 1 ;\n".to_owned(), "SELECT 2 -- two".to_owned()];
    let (_, drafted) = drafted("plain", &[("1.up.sql", "")], &draft, NOW);
    assert_eq!(drafted.files[0].text, "SELECT 1;\nSELECT 2 -- two\n;\n");
}

#[test]
fn goose_keeps_a_statement_with_semicolons_whole() {
    let mut draft = one_index();
    draft.up = vec!["CREATE INDEX a ON t (a) WHERE b <> 'x;\ny'".to_owned()];
    let dir = folder(&[("1_t.sql", "-- +goose Up\nSELECT 1;\n")]);
    let project = source::load(dir.path(), None).unwrap();
    write(&project, &draft).unwrap();
    let written = source::load(dir.path(), None).unwrap().migrations.remove(1);
    assert_eq!(written.up.messages().collect::<Vec<_>>(), [format!("{};", draft.up[0])]);
}

// --- names and versions ----------------------------------------------------------------

#[test]
fn numbers_go_on_with_the_same_width() {
    let id = |name| next_id("sqlx", &[(name, "")], NOW);
    assert_eq!(id("0001_t.up.sql"), "0002_index_a");
    assert_eq!(id("9_t.up.sql"), "10_index_a");
    assert_eq!(id("099_t.up.sql"), "100_index_a");
    // The last is the largest one, however its file name sorts.
    assert_eq!(next_id("sqlx", &[("9_b.sql", ""), ("10_a.sql", "")], NOW), "11_index_a");
    assert_eq!(next_id("maragudk-migrate", &[("0002_b_t.up.sql", "")], NOW), "0003_index_a");
    assert_eq!(id("00010101000000_t.up.sql"), "00010101000001_index_a");
}

#[test]
fn times_are_now_unless_the_last_one_is_later() {
    let id = |name| next_id("sqlx", &[(name, "")], NOW);
    assert_eq!(id("20250101000000_t.up.sql"), "20260304050607_index_a");
    assert_eq!(id("20260304050607_t.up.sql"), "20260304050608_index_a");
    assert_eq!(id("20261231235959_t.up.sql"), "20270101000000_index_a");
    assert_eq!(id("202501010000_t.up.sql"), "202603040506_index_a");
    assert_eq!(id("202603040506_t.up.sql"), "202603040507_index_a");
    assert_eq!(id("20250101_t.up.sql"), "20260304_index_a");
    assert_eq!(id("20260304_t.up.sql"), "20260305_index_a");
    assert_eq!(id("1500360784_t.up.sql"), "1772600767_index_a");
    assert_eq!(id("1900000000_t.up.sql"), "1900000001_index_a");
    assert_eq!(id("1500360784000_t.up.sql"), "1772600767000_index_a");
    assert_eq!(id("0000000001_t.up.sql"), "0000000002_index_a");
}

#[test]
fn several_migrations_at_one_time_are_a_second_apart() {
    let draft = two_indexes("t", ["a", "b"], true);
    let (_, drafted) = drafted("sqlx", &[("20250101000000_t.up.sql", "")], &draft, NOW);
    assert_eq!(drafted.ids, ["20260304050607_index_drafted_1", "20260304050608_index_drafted_2"]);
}

#[test]
fn names_have_the_dashes_of_their_neighbours() {
    let diesel =
        |folder: &str| next_id("diesel", &[(&format!("{folder}/up.sql"), "SELECT 1")], NOW);
    assert_eq!(diesel("2026-01-05-090000_t"), "2026-03-04-050607_index_a");
    assert_eq!(diesel("20260105090000_t"), "20260304050607_index_a");
    assert_eq!(diesel("00000000000000_diesel_initial_setup"), "2026-03-04-050607_index_a");
    let plain = |name| next_id("plain", &[(name, "")], NOW);
    assert_eq!(plain("01-create-t.up.sql"), "02-index-a");
    assert_eq!(plain("2026-01-05-t.up.sql"), "2026-03-04-index_a");
    assert_eq!(plain("01.up.sql"), "02_index_a");
}

#[test]
fn plain_pairs_are_named_as_the_last_pair() {
    for (first, second, expected) in [
        ("1_t.up.sql", "1_t.down.sql", ["2_index_a.up.sql", "2_index_a.down.sql"]),
        ("1_t_up.sql", "1_t_down.sql", ["2_index_a_up.sql", "2_index_a_down.sql"]),
        ("1_t.sql", "1_t.rollback.sql", ["2_index_a.sql", "2_index_a.rollback.sql"]),
        ("1_t.sql", "1_t.down.sql", ["2_index_a.sql", "2_index_a.down.sql"]),
        ("up/1_t.sql", "down/1_t.sql", ["up/2_index_a.sql", "down/2_index_a.sql"]),
    ] {
        let (names, _) = drafted("plain", &[(first, ""), (second, "")], &one_index(), NOW);
        assert_eq!(names, expected);
    }
}

// --- refusals --------------------------------------------------------------------------

/// Writing fails with these words and leaves the folder as it was.
#[track_caller]
fn refused(format: &str, existing: &[(&str, &str)], draft: &Draft, told: &[&str]) {
    let dir = folder(existing);
    let project = source::load(dir.path(), Some(format)).unwrap();
    refused_in(dir.path(), &project, draft, told);
}

#[track_caller]
fn refused_in(dir: &Path, project: &source::Project, draft: &Draft, told: &[&str]) {
    let before = files(dir);
    let error = write(project, draft).expect_err("it should not be written");
    let said = format!("{}\nhint: {}", error.whole(), error.hint_text().unwrap_or_default());
    for part in told {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    assert_eq!(files(dir), before);
}

#[test]
fn a_file_that_is_there_is_never_overwritten_and_nothing_is_left_beside_it() {
    let dir = folder(&[("0001_t.up.sql", "SELECT 1"), ("0001_t.down.sql", "SELECT 1")]);
    let project = source::load(dir.path(), Some("plain")).unwrap();
    // The way down is written second.
    fs::write(dir.path().join("0002_index_a.down.sql"), "SELECT 'mine'").unwrap();
    let told = ["0002_index_a.down.sql` is there already", "move it"];
    refused_in(dir.path(), &project, &one_index(), &told);

    let dir = folder(&[("0001_t/up.sql", "SELECT 1")]);
    let project = source::load(dir.path(), Some("diesel")).unwrap();
    fs::create_dir(dir.path().join("0002_index_a")).unwrap();
    fs::write(dir.path().join("0002_index_a/down.sql"), "SELECT 'mine'").unwrap();
    refused_in(dir.path(), &project, &one_index(), &["down.sql` is there already"]);
}

#[test]
fn a_folder_of_a_migration_goes_again_with_its_files() {
    let dir = folder(&[("0001_t/up.sql", "SELECT 1")]);
    let project = source::load(dir.path(), Some("diesel")).unwrap();
    // Appeared since the project was read, with the version that the new one takes.
    fs::create_dir(dir.path().join("0002_other")).unwrap();
    fs::write(dir.path().join("0002_other/up.sql"), "SELECT 1").unwrap();
    refused_in(dir.path(), &project, &one_index(), &["0002_index_a", "same version"]);
}

#[test]
fn a_migration_that_would_not_run_last_is_not_written() {
    let text = "-- migrate:up\n-- migrate:down\n";
    let told = ["`10_index_a` would not come after", "`9_t`", "number of digits"];
    refused("dbmate", &[("9_t.sql", text)], &one_index(), &told);
    let told = ["after `seed`", "no number", "0001_users"];
    refused("plain", &[("01_t.up.sql", ""), ("seed.up.sql", "")], &one_index(), &told);
}

#[test]
fn a_draft_that_is_no_migration_is_refused() {
    let existing = [("1_t.up.sql", "")];
    let check = |change: fn(&mut Draft), told: &[&str]| {
        let mut draft = one_index();
        change(&mut draft);
        refused("sqlx", &existing, &draft, told);
    };
    check(|draft| draft.name = "../index a".to_owned(), &["`../index a`", "index_titles"]);
    check(|draft| draft.up.clear(), &["way up of `index_a` lacks a statement"]);
    check(|draft| draft.down.push(" ; ".to_owned()), &["way down of `index_a` lacks"]);
    let unlike = |draft: &mut Draft| {
        draft.in_transaction = false;
        draft.up.push("CREATE INDEX b ON t (b)".to_owned());
    };
    check(unlike, &["2 statements up and 1 down"]);
}
