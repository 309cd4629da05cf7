//! What people say of indexes and keys, measured: each test runs the files of `docs/folklore` and
//! holds what `docs/folklore.md` says of them, in counts that do not depend on the machine.

use std::collections::BTreeSet;
use std::fs;

use shakedown::index::{Proposal, given};
use shakedown_reports::index::{Counted, Counters, Indexes};
use shakedown_scenarios::{Scenario, script};

use crate::engine::on_threads;
use crate::index::{asked, operation, strategy, tried};
use crate::support::repository;

/// Enough that a table has a hundred pages, and few enough to be quick.
const ROWS: u64 = 3000;

#[test]
fn a_unique_index_makes_a_second_one_on_the_address_needless() {
    on_threads(async {
        let scripts = scripts(&["unique-email-sign-in", "unique-email-sign-up"]);
        let indexes = measured(scripts, ROWS, &["unique-email"]).await;
        let twin = &strategy(&indexes, "unique-email").operations;
        let [before, after] = both(&indexes.base, twin, "unique-email-sign-in");
        assert!(before.plans[0].indexes == ["users_live_email_key"], "{:?}", before.plans);
        assert_eq!(before.counters, after.counters, "reads gain nothing");
        let [before, after] = both(&indexes.base, twin, "unique-email-sign-up");
        let records = more(before, after, |counters| counters.wal_records);
        assert!((0.9..1.5).contains(&records), "a record more for each sign-up: {records}");
        let pages = more(before, after, |counters| counters.buffers);
        assert!((1.0..4.0).contains(&pages), "about two pages more for each sign-up: {pages}");
        // Addresses are some thirty bytes long.
        let bytes = bytes(&indexes, "unique-email");
        assert!((20..100).contains(&(bytes / ROWS as i64)), "{bytes}");
    });
}

#[test]
fn without_an_index_on_the_foreign_key_each_delete_of_a_parent_reads_all_children() {
    on_threads(async {
        let scripts = scripts(&["foreign-key-create", "foreign-key-delete"]);
        let indexes = measured(scripts, ROWS, &["foreign-key"]).await;
        let without = &strategy(&indexes, "foreign-key").operations;
        let [before, after] = both(&indexes.base, without, "foreign-key-delete");
        let read = |counted: &Counted| counted.each(|counters| counters.rows_read);
        assert!(read(before) < 5.0, "{before:?}");
        assert!(read(after) > 0.9 * ROWS as f64, "{after:?}");
        assert!(pages(after) > 3.0 * pages(before), "{before:?} {after:?}");
        let [before, after] = both(&indexes.base, without, "foreign-key-create");
        let records = more(after, before, |counters| counters.wal_records);
        assert!((0.9..1.5).contains(&records), "the index costs a record an item: {records}");
    });
}

#[test]
fn an_index_on_two_values_serves_only_the_rare_one_and_a_partial_one_does_so_for_less() {
    on_threads(async {
        let scripts = scripts(&[
            "low-cardinality-most",
            "low-cardinality-few",
            "low-cardinality-count",
            "low-cardinality-sign-up",
        ]);
        let given = ["low-cardinality-full", "low-cardinality-partial"];
        let indexes = measured(scripts, ROWS, &given).await;
        let records = |counters: &Counters| counters.wal_records;
        for name in given {
            let with = &strategy(&indexes, name).operations;
            let [before, after] = both(&indexes.base, with, "low-cardinality-most");
            assert_eq!(after.plans[0].shape, "Seq Scan users", "{name}");
            assert_eq!(before.counters, after.counters, "{name}");
            // The rare rows lie on nearly all pages, so that fewer rows are read, not pages.
            let [before, after] = both(&indexes.base, with, "low-cardinality-few");
            assert_eq!(after.counters.rows_read, after.counters.rows_returned, "{name}");
            assert!(before.counters.rows_read > 5 * after.counters.rows_read, "{name}");
            assert!(pages(after) > 0.8 * pages(before), "{name} {before:?} {after:?}");
            // To count them the index is enough.
            let [before, after] = both(&indexes.base, with, "low-cardinality-count");
            assert!(after.plans[0].shape.contains("Index Only Scan"), "{:?}", after.plans);
            assert!(pages(before) > 10.0 * pages(after), "{name} {before:?} {after:?}");
        }
        let signed_up = |name| {
            let with = &strategy(&indexes, name).operations;
            let [before, after] = both(&indexes.base, with, "low-cardinality-sign-up");
            more(before, after, records)
        };
        assert!(signed_up("low-cardinality-full") >= 0.9);
        assert!(signed_up("low-cardinality-partial").abs() < 0.1, "new users are active");
        assert!(
            bytes(&indexes, "low-cardinality-partial") < bytes(&indexes, "low-cardinality-full")
        );
    });
}

#[test]
fn an_index_pays_on_nine_hundred_rows_and_not_on_fifty() {
    on_threads(async {
        let names = ["small-table-find", "small-table-create"];
        let indexes = measured(scripts(&names), 900, &["small-table"]).await;
        let with = &strategy(&indexes, "small-table").operations;
        let [before, after] = both(&indexes.base, with, "small-table-find");
        assert_eq!(before.plans[0].shape, "Seq Scan items");
        assert_eq!(after.plans[0].indexes, ["items_title_idx"]);
        assert!(before.counters.rows_read > 500 * after.counters.rows_read, "{after:?}");
        assert!(pages(before) > 5.0 * pages(after), "{before:?} {after:?}");
        let [before, after] = both(&indexes.base, with, "small-table-create");
        let records = more(before, after, |counters| counters.wal_records);
        assert!((0.9..1.5).contains(&records), "{records}");

        let indexes = measured(scripts(&names), 50, &["small-table"]).await;
        let with = &strategy(&indexes, "small-table").operations;
        let [before, after] = both(&indexes.base, with, "small-table-find");
        assert_eq!(after.plans[0].shape, "Seq Scan items");
        assert_eq!(before.counters, after.counters);
    });
}

#[test]
fn each_index_costs_each_insert_and_one_on_what_edits_change_costs_them_hot() {
    on_threads(async {
        let scripts = scripts(&["write-heavy-create", "write-heavy-edit"]);
        let given = ["write-heavy-1", "write-heavy-2", "write-heavy-3"];
        let indexes = measured(scripts, ROWS, &given).await;
        let records = |counters: &Counters| counters.wal_records;
        let share = |counted: &Counted| {
            counted.counters.hot_updates as f64 / counted.counters.updates as f64
        };
        for (number, name) in (1..).zip(given) {
            let with = &strategy(&indexes, name).operations;
            let [before, after] = both(&indexes.base, with, "write-heavy-create");
            let added = more(before, after, records);
            assert!((added - f64::from(number)).abs() < 0.3, "{name} adds {added} records");
            let added = more(before, after, |counters| counters.buffers);
            assert!((added - f64::from(2 * number)).abs() < 1.0, "{name} adds {added} pages");
            let [before, after] = both(&indexes.base, with, "write-heavy-edit");
            assert!(share(before) > 0.9, "{before:?}");
            if number < 3 {
                assert!(share(after) > 0.9, "{name} {after:?}");
            } else {
                assert_eq!(after.counters.hot_updates, 0, "{name}");
                assert!(after.counters.wal_records > 2 * before.counters.wal_records, "{after:?}");
                assert!(pages(after) > 1.8 * pages(before), "{before:?} {after:?}");
            }
        }
    });
}

#[test]
fn an_offset_reads_all_that_it_skips_and_a_keyset_reads_its_page() {
    on_threads(async {
        let scripts =
            scripts(&["pages-offset-2", "pages-offset-50", "pages-offset-500", "pages-keyset"]);
        let indexes = measured(scripts, ROWS, &["pages"]).await;
        let covering = &strategy(&indexes, "pages").operations;
        let read = |operations: &[Counted], name: &str| {
            operation(operations, name).each(|counters| counters.rows_read)
        };
        for operations in [&indexes.base, covering] {
            assert!((read(operations, "pages-offset-2") - 40.0).abs() < 1.0);
            assert!((read(operations, "pages-offset-50") - 1000.0).abs() < 1.0);
            // So few rows have no page 500, which all of them are read to find out.
            assert!(read(operations, "pages-offset-500") > 0.9 * ROWS as f64);
            assert!(read(operations, "pages-keyset") < 21.0, "wherever the page is");
        }
        let [keyset, covered] = both(&indexes.base, covering, "pages-keyset");
        assert!(pages(keyset) < 30.0 && pages(covered) < 6.0, "{keyset:?} {covered:?}");
        let [deep, covered] = both(&indexes.base, covering, "pages-offset-50");
        assert!(pages(deep) > 30.0 * pages(keyset), "{deep:?}");
        assert!(pages(deep) > 50.0 * pages(covered), "{covered:?}");
    });
}

#[test]
fn a_covering_index_serves_named_columns_alone_and_only_where_pages_are_vacuumed() {
    on_threads(async {
        let scripts = scripts(&["select-star-star", "select-star-columns", "select-star-create"]);
        let given = ["select-star-covering", "select-star-edited"];
        let indexes = measured(scripts, ROWS, &given).await;
        let star = operation(&indexes.base, "select-star-star");
        let columns = operation(&indexes.base, "select-star-columns");
        assert_eq!(star.plans[0].shape, columns.plans[0].shape, "no index covers either");
        assert!((pages(star) - pages(columns)).abs() < 1.0, "{star:?} {columns:?}");

        let covering = &strategy(&indexes, "select-star-covering").operations;
        let [before, after] = both(&indexes.base, covering, "select-star-columns");
        assert_eq!(after.plans[0].shape, "Limit > Index Only Scan items_live_list_idx");
        assert!(pages(before) > 5.0 * pages(after), "{before:?} {after:?}");
        let [before, after] = both(&indexes.base, covering, "select-star-star");
        assert!((pages(before) - pages(after)).abs() < 1.0, "{before:?} {after:?}");
        let [before, after] = both(&indexes.base, covering, "select-star-create");
        let records = more(before, after, |counters| counters.wal_records);
        assert!((0.9..1.5).contains(&records), "{records}");

        let edited = &strategy(&indexes, "select-star-edited").operations;
        let [covered, edited] = both(covering, edited, "select-star-columns");
        assert!(pages(edited) > 4.0 * pages(covered), "{covered:?} {edited:?}");
    });
}

#[test]
fn copy_saves_log_only_where_keys_come_along_and_indexes_do_not_outweigh_it() {
    on_threads(async {
        let ways = ["bulk-one-by-one", "bulk-one-statement", "bulk-copy", "bulk-copy-with-keys"];
        let indexes = measured(scripts(&ways), ROWS, &["bulk"]).await;
        let records = |operations: &[Counted]| {
            ways.map(|name| operation(operations, name).each(|counters| counters.wal_records))
        };
        let near = |one: f64, other: f64| (one - other).abs() < 0.05 * other;
        let [each, one, copy, keyed] = records(&indexes.base);
        assert!(each > 500.0, "a record for each row and each index: {each}");
        assert!(near(one, each) && near(copy, each), "{one} {copy} {each}");
        assert!((0.7..0.95).contains(&(keyed / each)), "{keyed} {each}");
        let [each, one, copy, keyed] = records(&strategy(&indexes, "bulk").operations);
        assert!((190.0..230.0).contains(&each), "a row and its key: {each}");
        assert!(near(one, each) && near(copy, each), "{one} {copy} {each}");
        assert!(keyed < 0.6 * each, "the rows of a page are one record: {keyed} {each}");
    });
}

#[test]
fn keys_in_the_order_of_time_dirty_fewer_pages_and_fill_them_better() {
    on_threads(async {
        let given = ["uuid-random", "uuid-ordered"];
        let indexes = measured(scripts(&["uuid-create"]), ROWS, &given).await;
        let [random, ordered] = both(
            &strategy(&indexes, "uuid-random").operations,
            &strategy(&indexes, "uuid-ordered").operations,
            "uuid-create",
        );
        let dirtied = more(ordered, random, |counters| counters.dirtied);
        assert!(dirtied > 0.1, "{random:?} {ordered:?}");
        let [random, ordered] = given.map(|name| bytes(&indexes, name));
        assert!(random > ordered, "{random} {ordered}");
    });
}

#[test]
fn the_page_names_every_file_of_its_folder_and_no_other() {
    let page = fs::read_to_string(repository("docs").join("folklore.md")).unwrap();
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
    let named: BTreeSet<String> = page
        .split("docs/folklore/")
        .skip(1)
        .map(|rest| rest.split(|letter| !is_of_name(letter)).next().unwrap().to_owned())
        .collect();
    let files = fs::read_dir(repository("docs/folklore")).unwrap();
    let there: BTreeSet<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(named, there);
}

/// Counts a workload on the RAPIDS schema as it is and with each strategy of the folder.
async fn measured(scenario: Scenario, rows: u64, strategies: &[&str]) -> Indexes {
    let given = strategies.iter().map(|name| proposal(name)).collect();
    let asked = asked(scenario, rows, given);
    let indexes = tried(&repository("migrations"), &asked).await.unwrap();
    let with = strategies.iter().flat_map(|name| &strategy(&indexes, name).operations);
    for counted in indexes.base.iter().chain(with) {
        assert_eq!(counted.failed, 0, "{counted:?}");
    }
    indexes
}

/// The operations of these scripts of the folder, each as often.
fn scripts(names: &[&str]) -> Scenario {
    let one = |name: &&str| script::read(name, 1, 1, name, &read(name, "workload")).unwrap();
    Scenario {
        name: "folklore".to_owned(),
        origin: "scripts of the page".to_owned(),
        operations: names.iter().map(one).collect(),
    }
}

fn proposal(name: &str) -> Proposal {
    given::read(name, &read(name, "strategy")).unwrap()
}

fn read(name: &str, kind: &str) -> String {
    let file = repository("docs/folklore").join(format!("{name}.{kind}.sql"));
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// An operation as two have it.
fn both<'a>(one: &'a [Counted], other: &'a [Counted], name: &str) -> [&'a Counted; 2] {
    [operation(one, name), operation(other, name)]
}

/// Pages that an operation looks at.
fn pages(counted: &Counted) -> f64 {
    counted.each(|counters| counters.buffers)
}

/// How much more of something an operation counts.
fn more(before: &Counted, after: &Counted, count: impl Fn(&Counters) -> u64) -> f64 {
    after.each(&count) - before.each(&count)
}

/// The bytes that the indexes take more with a strategy.
#[track_caller]
fn bytes(indexes: &Indexes, name: &str) -> i64 {
    strategy(indexes, name).build.as_ref().unwrap().bytes
}
