//! Reading migration folders: each format, its traps, and how formats are told apart.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use shakedown::error::Error;
use shakedown::source::{Batch, Detection, Down, FORMATS, Folder, Migration, load};
use shakedown::sql::line_of;
use tempfile::TempDir;

// --- helpers ---------------------------------------------------------------------------

/// A folder with these files, at the top of a repository of its own.
fn folder<B: AsRef<[u8]>>(files: &[(&str, B)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn migrations(format: &str, files: &[(&str, &str)]) -> Vec<Migration> {
    load(folder(files).path(), Some(format)).unwrap().migrations
}

fn ids(format: &str, files: &[(&str, &str)]) -> Vec<String> {
    migrations(format, files).into_iter().map(|migration| migration.id).collect()
}

/// A single file's migration.
fn one(format: &str, name: &str, text: &str) -> Migration {
    migrations(format, &[(name, text)]).remove(0)
}

/// The batches of the way up: whether in a transaction, and what is sent.
fn up(migration: &Migration) -> Vec<(bool, Vec<&str>)> {
    sent(&migration.up.text, &migration.up.batches)
}

fn down(migration: &Migration) -> Vec<(bool, Vec<&str>)> {
    match &migration.down {
        Down::Script(script) => sent(&script.text, &script.batches),
        other => panic!("{} has no down script but {other:?}", migration.id),
    }
}

fn sent<'a>(text: &'a str, batches: &[Batch]) -> Vec<(bool, Vec<&'a str>)> {
    let messages =
        |batch: &Batch| batch.messages.iter().map(|range| &text[range.clone()]).collect();
    batches.iter().map(|batch| (batch.in_transaction, messages(batch))).collect()
}

/// The format that the folder is taken for.
#[track_caller]
fn detected(expected: &str, because: &str, files: &[(&str, &str)]) {
    let project = load(folder(files).path(), None).unwrap();
    let reason = project.detected.unwrap();
    assert_eq!(project.format.name, expected, "{reason}");
    assert!(reason.contains(because), "{reason}");
}

/// Loading fails, and message and hint contain all of these.
#[track_caller]
fn refused<B: AsRef<[u8]>>(format: Option<&str>, files: &[(&str, B)], told: &[&str]) {
    let dir = folder(files);
    let error = load(dir.path(), format).expect_err("the folder should be refused");
    contains_all(&error, told);
}

#[track_caller]
fn contains_all(error: &Error, told: &[&str]) {
    let said = format!("{error}\nhint: {}", error.hint_text().unwrap_or_default());
    for part in told {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
}

fn example(format: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/formats").join(format)
}

// --- every format ----------------------------------------------------------------------

#[test]
fn every_format_has_an_example_that_is_detected_as_it() {
    for format in FORMATS {
        let project = load(&example(format.name), None).unwrap();
        assert_eq!(project.format.name, format.name, "{:?}", project.detected);
        assert!(project.migrations.len() >= 2, "{} has too small an example", format.name);
        let named = load(&example(format.name), Some(format.name)).unwrap();
        assert_eq!(named.migrations, project.migrations);
        assert_eq!(named.detected, None);
    }
}

#[test]
fn no_format_claims_the_example_of_another() {
    for format in FORMATS {
        for other in FORMATS.iter().filter(|other| other.name != format.name) {
            let folder = Folder::open(&example(other.name)).unwrap();
            let said = (format.detect)(&folder);
            assert!(
                !matches!(said, Detection::Yes(_)),
                "{} of {}: {said:?}",
                format.name,
                other.name
            );
        }
    }
}

#[test]
fn every_example_goes_up_and_down() {
    for format in FORMATS {
        for migration in load(&example(format.name), None).unwrap().migrations {
            assert!(migration.up.messages().next().is_some(), "{}", migration.id);
            assert!(!down(&migration).is_empty(), "{}", migration.id);
        }
    }
}

#[test]
fn formats_have_names_of_their_own_and_say_what_they_look_like() {
    let mut names: Vec<_> = FORMATS.iter().map(|format| format.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FORMATS.len());
    assert!(FORMATS.iter().all(|format| format.looks_like.contains('`')));
}

#[test]
fn an_unknown_format_is_answered_with_the_known_ones() {
    refused(
        Some("sqlxx"),
        &[("1_a.sql", "")],
        &["no migration format `sqlxx`", "`sqlx`", "`goose`"],
    );
}

// --- folders and files -----------------------------------------------------------------

#[test]
fn a_missing_folder_a_file_and_an_empty_folder_are_told_apart() {
    let dir = folder(&[("1_a.sql", "SELECT 1")]);
    let error = load(&dir.path().join("nowhere"), None).unwrap_err();
    contains_all(&error, &["there is no folder", "nowhere`"]);
    let error = load(&dir.path().join("1_a.sql"), None).unwrap_err();
    contains_all(&error, &["1_a.sql` is a file", &format!("`{}`", dir.path().display())]);
    let empty = tempfile::tempdir().unwrap();
    contains_all(&load(empty.path(), None).unwrap_err(), &["is empty"]);
}

#[cfg(unix)]
#[test]
fn a_dangling_link_is_an_error_that_names_it() {
    let dir = folder(&[("1_a.sql", "SELECT 1")]);
    std::os::unix::fs::symlink("nowhere", dir.path().join("2_b.sql")).unwrap();
    contains_all(&load(dir.path(), Some("sqlx")).unwrap_err(), &["cannot read", "2_b.sql"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_name_that_is_not_utf8_is_an_error() {
    use std::os::unix::ffi::OsStrExt;
    let dir = folder(&[("1_a.sql", "SELECT 1")]);
    fs::write(dir.path().join(std::ffi::OsStr::from_bytes(b"2_\xe9.sql")), "").unwrap();
    contains_all(&load(dir.path(), None).unwrap_err(), &["name", "not UTF-8"]);
}

#[test]
fn text_that_is_not_utf8_is_an_error_with_line_and_byte() {
    let latin: &[u8] = b"SELECT 1;\n-- caf\xe9\n";
    refused(
        None,
        &[("1_a.sql", latin)],
        &["1_a.sql` is not UTF-8", "byte 7 of line 2 is 0xE9", "LATIN1"],
    );
    let utf16: &[u8] = b"\xff\xfeS\0E\0";
    refused(None, &[("1_a.sql", utf16)], &["byte 1 of line 1 is 0xFF", "-f UTF-16"]);
    let unmarked: &[u8] = b"S\0E\0";
    refused(None, &[("1_a.sql", unmarked)], &["byte 2 of line 1 is 0x00", "-f UTF-16"]);
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_kept() {
    for format in ["sqlx", "golang-migrate", "maragudk-migrate", "plain"] {
        let text = "\u{feff}SELECT 1;\r\n\r\nSELECT 2;\r\n";
        let migration = one(format, "1_a.up.sql", text);
        assert_eq!(migration.up.messages().collect::<Vec<_>>(), [text], "{format}");
    }
}

#[test]
fn names_with_spaces_quotes_and_other_scripts_work() {
    for name in ["1_two words", "1_it's \"quoted\"", "1_миграция", "1_移行", "1_\u{1f600}"]
    {
        let migration = one("sqlx", &format!("{name}.up.sql"), "SELECT 1");
        assert_eq!(migration.id, name);
        assert!(migration.up.file.ends_with(format!("{name}.up.sql")));
    }
}

#[test]
fn files_are_named_as_the_user_would_type_them() {
    let migration = &load(&example("sqlx"), None).unwrap().migrations[0];
    assert_eq!(migration.up.file, example("sqlx").join("20260105090000_create_shelves.up.sql"));
}

#[test]
fn lines_count_from_one() {
    let script = one("sqlx", "1_a.sql", "a\nb\r\nc").up;
    let lines: Vec<_> = [0, 1, 2, 5, 6].map(|offset| line_of(&script.text, offset)).into();
    assert_eq!(lines, [1, 1, 2, 3, 3]);
}

// --- sqlx ------------------------------------------------------------------------------

#[test]
fn sqlx_orders_by_number() {
    let files = [("10_c.sql", ""), ("9_b.up.sql", ""), ("001_a.sql", ""), ("-1_z.sql", "")];
    assert_eq!(ids("sqlx", &files), ["-1_z", "001_a", "9_b", "10_c"]);
}

#[test]
fn sqlx_wraps_each_file_unless_its_first_byte_says_otherwise() {
    let wrapped = |text| up(&one("sqlx", "1_a.sql", text))[0].0;
    assert!(wrapped("SELECT 1"));
    assert!(!wrapped("-- no-transaction\nSELECT 1"));
    assert!(!wrapped("-- no-transaction because of the index\nSELECT 1"));
    assert!(wrapped("\n-- no-transaction\nSELECT 1"));
    assert!(wrapped("\u{feff}-- no-transaction\nSELECT 1"));
    assert!(wrapped("--no-transaction\nSELECT 1"));
}

#[test]
fn sqlx_decides_on_the_transaction_file_by_file() {
    let files = [("1_a.up.sql", "-- no-transaction\nSELECT 1"), ("1_a.down.sql", "SELECT 2")];
    let migration = &migrations("sqlx", &files)[0];
    assert_eq!(up(migration), [(false, vec!["-- no-transaction\nSELECT 1"])]);
    assert_eq!(down(migration), [(true, vec!["SELECT 2"])]);
}

#[test]
fn sqlx_tells_a_missing_way_back_from_none_at_all() {
    assert_eq!(one("sqlx", "1_a.up.sql", "").down, Down::Missing);
    assert_eq!(one("sqlx", "1_a.sql", "").down, Down::ForwardOnly);
    // A file named `down.sql` is a simple migration, a step forward.
    assert_eq!(ids("sqlx", &[("1_up.sql", ""), ("2_down.sql", "")]), ["1_up", "2_down"]);
}

#[test]
fn sqlx_passes_over_other_files_and_folders() {
    let files = [
        ("1_a.sql", ""),
        ("README.md", ""),
        ("notes_on_sql.txt", ""),
        ("seed.sql", ""),
        ("mod.rs", ""),
        ("bad/2_b.sql", ""),
        ("formats/goose/1_a.sql", "-- +goose Up"),
    ];
    assert_eq!(ids("sqlx", &files), ["1_a"]);
    detected("sqlx", "`1_a.sql`", &files);
}

#[test]
fn sqlx_refuses_names_without_a_number() {
    refused(Some("sqlx"), &[("1_a.sql", ""), ("create_b.sql", "")], &["create_b.sql", "`create`"]);
    refused(Some("sqlx"), &[("99999999999999999999_a.sql", "")], &["not a whole number"]);
}

#[test]
fn the_same_version_twice_is_an_error_that_names_both() {
    for format in ["sqlx", "golang-migrate"] {
        let files = [("1_a.up.sql", ""), ("01_b.up.sql", "")];
        refused(Some(format), &files, &["01_b.up.sql", "1_a.up.sql", "same version"]);
    }
    refused(Some("sqlx"), &[("1_a.sql", ""), ("1_b.up.sql", "")], &["1_a.sql", "1_b.up.sql"]);
    refused(Some("dbmate"), &[("1_a.sql", DBMATE), ("1b.sql", DBMATE)], &["1_a.sql", "1b.sql"]);
    refused(Some("goose"), &[("1_a.sql", GOOSE), ("01_b.sql", GOOSE)], &["1_a.sql", "01_b.sql"]);
    let diesel = [("2026-01-05_a/up.sql", "SELECT 1"), ("20260105_b/up.sql", "SELECT 1")];
    refused(Some("diesel"), &diesel, &["2026-01-05_a", "20260105_b"]);
    refused(Some("plain"), &[("a.sql", ""), ("a.up.sql", "")], &["a.sql", "a.up.sql"]);
}

#[test]
fn a_way_down_alone_is_a_step_whose_way_up_does_nothing() {
    for format in ["golang-migrate", "maragudk-migrate", "plain"] {
        let files = [("1_a.up.sql", "A"), ("2_b.down.sql", "B"), ("3_c.up.sql", "C")];
        assert_eq!(ids(format, &files), ["1_a", "2_b", "3_c"]);
        let all = migrations(format, &files);
        assert_eq!(up(&all[1]), []);
        assert!(all[1].up.file.ends_with("2_b.down.sql"));
        assert_eq!(down(&all[1])[0].1, ["B"]);
        assert_eq!(all[2].down, Down::Missing);
    }
    // For sqlx such a step never was applied, so that it is never taken back.
    assert_eq!(ids("sqlx", &[("1_a.up.sql", "A"), ("2_b.down.sql", "B")]), ["1_a"]);
}

// --- golang-migrate --------------------------------------------------------------------

#[test]
fn golang_migrate_orders_by_number() {
    let files = [("10_c.up.sql", ""), ("9_b.up.sql", ""), ("18446744073709551615_z.up.sql", "")];
    assert_eq!(ids("golang-migrate", &files), ["9_b", "10_c", "18446744073709551615_z"]);
}

#[test]
fn golang_migrate_sends_a_file_as_one_query_outside_of_a_transaction() {
    let text = "-- no-transaction\nSELECT 1; SELECT 2;";
    assert_eq!(up(&one("golang-migrate", "1_a.up.sql", text)), [(false, vec![text])]);
    assert_eq!(up(&one("golang-migrate", "1_a.up.sql", " \n")), []);
}

#[test]
fn golang_migrate_counts_backup_copies_and_passes_over_other_names() {
    let files = [("1_a.up.sql", ""), ("1_a.up.sql.bak", "")];
    refused(Some("golang-migrate"), &files, &["1_a.up.sql`", "1_a.up.sql.bak`"]);
    let files = [
        ("1_a.up.sql", ""),
        ("b.up.sql", ""),
        ("2_c.sql", ""),
        ("99999999999999999999_d.up.sql", ""),
    ];
    assert_eq!(ids("golang-migrate", &files), ["1_a"]);
    assert_eq!(ids("golang-migrate", &[("1_up.to.date.down.up.sql", "")]), ["1_up.to.date.down"]);
}

// --- dbmate ----------------------------------------------------------------------------

const DBMATE: &str = "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n";

#[test]
fn dbmate_orders_by_file_name() {
    let files = [("9_a.sql", DBMATE), ("10_b.sql", DBMATE), ("011c.sql", DBMATE), ("x_d.sql", "")];
    assert_eq!(ids("dbmate", &files), ["011c", "10_b", "9_a"]);
}

#[test]
fn dbmate_sends_each_block_with_its_directive() {
    let migration = one("dbmate", "1_a.sql", &format!("\n-- About a.\n{DBMATE}"));
    assert_eq!(up(&migration), [(true, vec!["-- migrate:up\nSELECT 1;\n"])]);
    assert_eq!(down(&migration), [(true, vec!["-- migrate:down\nSELECT 2;\n"])]);
}

#[test]
fn dbmate_turns_the_transaction_off_block_by_block() {
    let wrapped = |options: &str| {
        let text = format!("-- migrate:up{options}\nSELECT 1;\r\n--migrate:down\r\nSELECT 2;");
        let migration = one("dbmate", "1_a.sql", &text);
        assert!(down(&migration)[0].0);
        up(&migration)[0].0
    };
    assert!(!wrapped(" transaction:false"));
    assert!(!wrapped("\t  other:1 transaction:false \r"));
    assert!(!wrapped(" transaction:true transaction:false"));
    assert!(wrapped(""));
    assert!(wrapped(" transaction:true"));
    assert!(wrapped(" transaction: false"));
    assert!(wrapped(" transaction:false:1"));
    assert!(wrapped(" transaction:False"));
}

#[test]
fn dbmate_commits_several_blocks_one_after_another_and_takes_them_back_in_file_order() {
    let text = "-- migrate:up transaction:false\nA;\n-- migrate:down\nB;\n-- migrate:up\nC;\n-- migrate:down\nD;\n";
    let migration = one("dbmate", "1_a.sql", text);
    let first = "-- migrate:up transaction:false\nA;\n";
    assert_eq!(up(&migration), [(false, vec![first]), (true, vec!["-- migrate:up\nC;\n"])]);
    let (b, d) = ("-- migrate:down\nB;\n", "-- migrate:down\nD;\n");
    assert_eq!(down(&migration), [(true, vec![b]), (true, vec![d])]);
    assert!(!in_one_transaction(&migration.up));
    let Down::Script(script) = &migration.down else { panic!() };
    assert!(!in_one_transaction(script));
    assert!(in_one_transaction(&one("dbmate", "1_a.sql", DBMATE).up));
}

#[test]
fn dbmate_wants_both_blocks_and_nothing_before_them() {
    let refused_for =
        |text: &str, told: &[&str]| refused(Some("dbmate"), &[("1_a.sql", text)], told);
    refused_for("SELECT 1;", &["1_a.sql", "no line `-- migrate:up`"]);
    refused_for(" -- migrate:up\n", &["no line `-- migrate:up`"]);
    refused_for("-- migrate:upward\n", &["no line `-- migrate:up`"]);
    refused_for("-- migrate:up\nSELECT 1;", &["line 1 has no `-- migrate:down`"]);
    refused_for(&format!("-- x\nSELECT 0;\n{DBMATE}"), &["line 2 stands before"]);
    refused_for(&format!("{DBMATE}-- migrate:down\n"), &["line 5 is a second"]);
    refused_for(&format!("\u{feff}{DBMATE}"), &["no line `-- migrate:up`", "byte order mark"]);
}

// --- goose -----------------------------------------------------------------------------

const GOOSE: &str = "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n";

#[test]
fn goose_orders_by_number_and_passes_over_other_files() {
    let files = [
        ("10_b.sql", GOOSE),
        ("9_a.sql", GOOSE),
        ("seed.sql", ""),
        ("1_x_test.go", ""),
        ("x.go", ""),
    ];
    assert_eq!(ids("goose", &files), ["9_a", "10_b"]);
}

#[test]
fn goose_splits_at_a_semicolon_that_ends_a_line() {
    let text = "-- +goose Up\n-- lead\nSELECT 1; SELECT 2;\n\nSELECT\n  -- inside;\n  3 ; -- done\nSELECT 4;--done\n;\n";
    let expected =
        ["SELECT 1; SELECT 2;", "SELECT\n  -- inside;\n  3 ; -- done", "SELECT 4;--done\n;"];
    assert_eq!(up(&one("goose", "1_a.sql", text)), [(true, expected.to_vec())]);
}

#[test]
fn goose_keeps_a_block_whole() {
    let text = "-- +goose uP\n--+goose statementbegin\n-- lead\nDO $$\nBEGIN\n  NULL;\nEND $$;\n-- +goose StatementEnd\nSELECT 1;\n";
    let block = "DO $$\nBEGIN\n  NULL;\nEND $$;";
    assert_eq!(up(&one("goose", "1_a.sql", text)), [(true, vec![block, "SELECT 1;"])]);
}

#[test]
fn goose_turns_the_transaction_off_for_both_directions_from_anywhere() {
    let migration = one("goose", "1_a.sql", &format!("{GOOSE}-- +goose no transaction\n"));
    assert_eq!(up(&migration), [(false, vec!["SELECT 1;"])]);
    assert_eq!(down(&migration), [(false, vec!["SELECT 2;"])]);
    assert!(up(&one("goose", "1_a.sql", GOOSE))[0].0);
    assert!(up(&one("goose", "1_a.sql", &format!("-- NO TRANSACTION\n{GOOSE}")))[0].0);
}

#[test]
fn goose_tells_a_missing_down_from_an_empty_one() {
    assert_eq!(one("goose", "1_a.sql", "-- +goose Up\nSELECT 1;\n").down, Down::Missing);
    let empty =
        "-- +goose Up\n-- +goose Down\n-- +goose StatementBegin\n-- none\n-- +goose StatementEnd\n";
    let migration = one("goose", "1_a.sql", empty);
    assert_eq!(up(&migration), []);
    assert_eq!(down(&migration), []);
}

#[test]
fn goose_reads_lines_without_their_carriage_returns() {
    let migration =
        one("goose", "1_a.sql", "-- +goose Up\r\nSELECT\r\n1;\r\n-- +goose Down\r\nSELECT 2;\r");
    assert_eq!(up(&migration), [(true, vec!["SELECT\n1;"])]);
    assert_eq!(down(&migration), [(true, vec!["SELECT 2;"])]);
    assert_eq!(line_of(&migration.up.text, migration.up.batches[0].messages[0].end), 3);
}

#[test]
fn goose_refuses_what_it_cannot_parse_with_the_line() {
    let refused_for =
        |text: &str, told: &[&str]| refused(Some("goose"), &[("1_a.sql", text)], told);
    refused_for("SELECT 1;", &["1_a.sql`", "line 1 stands before"]);
    refused_for("-- nothing\n", &["has no `-- +goose Up`"]);
    refused_for("-- +GOOSE Up\n", &["has no `-- +goose Up`"]);
    refused_for(&format!("\u{feff}{GOOSE}"), &["line 1", "byte order mark"]);
    refused_for(
        "-- +goose Up\nSELECT 1;\n\nSELECT 2\n",
        &["line 4 begins a statement that no `;`"],
    );
    refused_for("-- +goose Up\nSELECT 1\n-- +goose Down\n", &["line 2 begins"]);
    refused_for(&format!("{GOOSE}-- +goose Up\n"), &["line 5 is a second"]);
    refused_for("-- +goose Down\n-- +goose Up\n", &["line 1 has `-- +goose Down`"]);
    refused_for("-- +goose Up\n  -- +goose Down\n", &["line 2 is no annotation"]);
    refused_for("-- +goose Up -- first\n", &["line 1 is no annotation"]);
    refused_for("-- +goose Up\n-- for +goose users\n", &["line 2 is no annotation"]);
    refused_for("-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n", &["StatementEnd"]);
    refused_for("-- +goose Up\n-- +goose StatementEnd\n", &["line 2 ends a statement"]);
    refused_for("-- +goose StatementBegin\n", &["line 1 begins a statement before"]);
}

#[test]
fn goose_loses_the_line_after_an_empty_block_and_we_say_so() {
    let empty = "-- +goose Up\n-- +goose StatementBegin\n-- +goose StatementEnd\n";
    refused(Some("goose"), &[("1_a.sql", format!("{empty}SELECT 1;\n"))], &["loses line 4"]);
    let block = "-- +goose StatementBegin\nSELECT 1;\n-- +goose StatementEnd\n";
    assert_eq!(
        up(&one("goose", "1_a.sql", &format!("{empty}{block}"))),
        [(true, vec!["SELECT 1;"])]
    );
}

#[test]
fn goose_migrations_that_only_goose_can_run_are_named() {
    let env = "-- +goose Up\n-- +goose ENVSUB ON\nSELECT '${REGION}';\n-- +goose ENVSUB OFF\n";
    refused(Some("goose"), &[("1_a.sql", env)], &["line 2", "environment", "--to"]);
    let go = [("1_a.sql", GOOSE), ("2_b.go", "import \"github.com/pressly/goose/v3\"")];
    refused(None, &go, &["2_b.go", "in Go", "--to"]);
    refused(None, &go[1..], &["2_b.go"]);
    refused(Some("goose"), &[("a.sql", GOOSE)], &["no version", "a.sql"]);
    refused(Some("goose"), &[("0_a.sql", GOOSE)], &["no version", "above 0"]);
}

// --- diesel ----------------------------------------------------------------------------

#[test]
fn diesel_orders_by_the_version_as_a_string() {
    let files = [
        ("2019-09-12-100000_b/up.sql", "SELECT 1"),
        ("00000000000000_diesel_initial_setup/up.sql", "SELECT 1"),
        ("000000000000000_longer/up.sql", "SELECT 1"),
        ("20190912_a/up.sql", "SELECT 1"),
        ("9_z/up.sql", "SELECT 1"),
        ("10_y/up.sql", "SELECT 1"),
    ];
    let expected = [
        "00000000000000_diesel_initial_setup",
        "000000000000000_longer",
        "10_y",
        "20190912_a",
        "2019-09-12-100000_b",
        "9_z",
    ];
    assert_eq!(ids("diesel", &files), expected);
}

#[test]
fn diesel_wraps_unless_its_metadata_leaves_the_key_out_or_false() {
    let wrapped = |metadata: &str| {
        let files = [
            ("1_a/up.sql", "SELECT 1"),
            ("1_a/down.sql", "SELECT 2"),
            ("1_a/metadata.toml", metadata),
        ];
        let migration = migrations("diesel", &files).remove(0);
        assert_eq!(up(&migration)[0].0, down(&migration)[0].0);
        up(&migration)[0].0
    };
    assert!(!wrapped("run_in_transaction = false"));
    assert!(wrapped("run_in_transaction = true"));
    assert!(!wrapped(""));
    assert!(!wrapped("# run_in_transaction = true"));
    assert!(wrapped("run_in_transaction = 'no'"));
    assert!(wrapped("run_in_transaction ="));
    assert!(up(&migrations("diesel", &[("1_a/up.sql", "SELECT 1")])[0])[0].0);
}

#[test]
fn diesel_tells_a_missing_down_from_an_empty_one_and_refuses_an_empty_up() {
    let all =
        migrations("diesel", &[("1_a/up.sql", "A"), ("2_b/up.sql", "B"), ("2_b/down.sql", "")]);
    assert_eq!(all[0].down, Down::Missing);
    assert_eq!(down(&all[1]), []);
    refused(Some("diesel"), &[("1_a/up.sql", "")], &["up.sql", "empty"]);
}

#[test]
fn diesel_skips_hidden_and_empty_folders_and_refuses_others() {
    let dir = folder(&[("1_a/up.sql", "A"), (".old/x.sql", ""), ("notes.md", "")]);
    fs::create_dir(dir.path().join("2_empty")).unwrap();
    assert_eq!(load(dir.path(), None).unwrap().migrations.len(), 1);
    refused(None, &[("1_a/up.sql", "A"), ("old/x.sql", "")], &["old", "no `up.sql`"]);
}

// --- maragudk-migrate ------------------------------------------------------------------

#[test]
fn maragudk_orders_by_name_and_wraps_each_file() {
    let files = [
        ("10_x.up.sql", "X"),
        ("0001_b_y.up.sql", "Y"),
        ("0001_a_z.up.sql", "Z"),
        ("0001_a_z.down.sql", "D"),
    ];
    assert_eq!(ids("maragudk-migrate", &files), ["0001_a_z", "0001_b_y", "10_x"]);
    let all = migrations("maragudk-migrate", &files);
    assert_eq!(up(&all[0]), [(true, vec!["Z"])]);
    assert_eq!(down(&all[0]), [(true, vec!["D"])]);
    assert_eq!(all[1].down, Down::Missing);
}

#[test]
fn maragudk_passes_over_names_with_dots() {
    let files = [("a.up.sql", ""), ("1.2.up.sql", ""), ("b c.up.sql", "")];
    assert_eq!(ids("maragudk-migrate", &files), ["a"]);
}

// --- plain -----------------------------------------------------------------------------

#[test]
fn plain_pairs_come_in_four_shapes() {
    for (first, second) in [
        ("users.up.sql", "users.down.sql"),
        ("users_up.sql", "users_down.sql"),
        ("users.sql", "users.rollback.sql"),
        ("users.sql", "users.down.sql"),
        ("up/users.sql", "down/users.sql"),
        ("001_users_up.sql", "001_users_down.sql"),
        ("001_users.sql", "001_users.rollback.sql"),
    ] {
        let files = [(first, "A; B"), (second, "C")];
        detected("plain", first, &files);
        let all = migrations("plain", &files);
        assert_eq!(all.len(), 1, "{first}");
        assert!(all[0].id.ends_with("users"), "{}", all[0].id);
        assert_eq!(up(&all[0]), [(false, vec!["A; B"])]);
        assert_eq!(down(&all[0]), [(false, vec!["C"])]);
    }
}

#[test]
fn plain_orders_by_name_and_passes_over_hidden_files() {
    let files = [("b.up.sql", ""), ("a.up.sql", ""), (".a.up.sql", ""), ("x.txt", "")];
    assert_eq!(ids("plain", &files), ["a", "b"]);
}

#[test]
fn plain_takes_a_down_in_a_name_for_a_step_forward_unless_there_is_an_up() {
    let files = [("a.up.sql", ""), ("a.down.sql", ""), ("scale_down.sql", "")];
    assert_eq!(ids("plain", &files), ["a", "scale_down"]);
    assert_eq!(migrations("plain", &files)[1].down, Down::Missing);
}

#[test]
fn plain_folders_are_matched_by_file_name() {
    let files = [("up/a.sql", "A"), ("up/b.sql", "B"), ("down/a.sql", "C"), ("seed.sql", "")];
    assert_eq!(ids("plain", &files), ["a", "b"]);
    let all = migrations("plain", &files);
    assert!(all[0].up.file.ends_with("up/a.sql"));
    assert_eq!(down(&all[0]), [(false, vec!["C"])]);
    assert_eq!(all[1].down, Down::Missing);
}

// --- telling formats apart -------------------------------------------------------------

const PAIR: [(&str, &str); 2] =
    [("000001_a.up.sql", "SELECT 1"), ("000001_a.down.sql", "SELECT 2")];

#[test]
fn numbered_pairs_belong_to_the_runner_of_the_project_around_them() {
    let within = |manifest: &'static str, text: &'static str| {
        let [up, down] = PAIR;
        vec![up, down, (manifest, text)]
    };
    detected("sqlx", "`Cargo.toml`", &within("Cargo.toml", ""));
    detected("golang-migrate", "`go.mod`", &within("go.mod", ""));
    detected(
        "maragudk-migrate",
        "`go.mod`",
        &within("go.mod", "require maragu.dev/migrate v0.6.0"),
    );

    let dir =
        folder(&[("go.mod", ""), ("db/Cargo.toml", ""), ("db/sql/20260105090000_a.up.sql", "")]);
    let found = |path: &str| load(&dir.path().join(path), None).unwrap().format.name;
    assert_eq!(found("db/sql"), "sqlx");
    fs::remove_file(dir.path().join("db/Cargo.toml")).unwrap();
    assert_eq!(found("db/sql"), "golang-migrate");
    fs::create_dir(dir.path().join("db/.git")).unwrap();
    assert_eq!(found("db/sql"), "sqlx", "what lies outside of the repository must not count");
}

#[test]
fn a_no_transaction_line_outweighs_the_project_around() {
    let files = [("1_a.up.sql", "-- no-transaction\nSELECT 1"), ("go.mod", "")];
    detected("sqlx", "no-transaction", &files);
}

#[test]
fn numbered_pairs_without_a_project_are_told_apart_by_their_digits() {
    detected("golang-migrate", "in sequence", &PAIR);
    detected("golang-migrate", "by the second", &[("1500360784_a.up.sql", "")]);
    detected("sqlx", "by its date", &[("20260105090000_a.up.sql", "")]);
    let both = [("20260105090000_a.up.sql", ""), ("Cargo.toml", ""), ("go.mod", "")];
    detected("sqlx", "by its date", &both);
}

#[test]
fn a_number_shared_by_letters_is_a_way_of_counting_and_otherwise_a_mistake() {
    let lettered = [("0001_a_x.up.sql", ""), ("0001_b_y.up.sql", ""), ("go.mod", "")];
    detected("maragudk-migrate", "letters", &lettered);
    let mistake = [("0001_users.up.sql", ""), ("0001_items.up.sql", ""), ("go.mod", "")];
    refused(None, &mistake, &["same version", "0001_users.up.sql", "0001_items.up.sql"]);
}

#[test]
fn a_simple_sqlx_folder_gives_way_to_formats_that_mark_their_files() {
    detected("sqlx", "`1_a.sql`", &[("1_a.sql", "SELECT 1")]);
    detected("goose", "1_a.sql", &[("1_a.sql", GOOSE), ("Cargo.toml", "")]);
    detected("dbmate", "1_a.sql", &[("1_a.sql", DBMATE), ("Cargo.toml", "")]);
}

#[test]
fn two_formats_in_one_folder_are_an_error_that_names_both() {
    let files = [("1_a.sql", GOOSE), ("2_b.up.sql", "SELECT 1"), ("Cargo.toml", "")];
    refused(None, &files, &["goose", "`1_a.sql`", "sqlx", "`2_b.up.sql`", "--format sqlx"]);
    let files = [("1_a.sql", GOOSE), ("2_b.sql", DBMATE)];
    refused(None, &files, &["goose", "dbmate", "1_a.sql", "2_b.sql"]);
}

#[test]
fn a_folder_above_the_migrations_is_answered_with_the_folder_to_give() {
    let files = [("README.md", ""), ("db/migrations/1_a.up.sql", ""), ("target/x/1_a.sql", "")];
    refused(None, &files, &["no migrations in", "/db/migrations`"]);
    let files = [("migrations/mysql/1_a/up.sql", "A"), ("migrations/postgresql/1_a/up.sql", "A")];
    let dir = folder(&files);
    let hint = load(dir.path(), None).unwrap_err().hint_text().unwrap().to_owned();
    assert!(hint.find("postgresql") < hint.find("mysql"), "{hint}");
    let error = load(&dir.path().join("migrations/mysql/1_a"), None).unwrap_err();
    contains_all(&error, &["single migration", "migrations/mysql`"]);
}

#[test]
fn a_folder_without_migrations_is_answered_with_the_known_formats() {
    refused(None, &[("users.sql", "")], &["holds no migrations", "--format", "goose: "]);
    refused(Some("goose"), &[("notes.md", "")], &["no goose migrations", "-- +goose Up"]);
}

/// Whether the runner sends all of it in one transaction of its own making.
fn in_one_transaction(script: &shakedown::source::Script) -> bool {
    script.batches.len() <= 1 && script.batches.iter().all(|batch| batch.in_transaction)
}
