//! `shakedown verify --watch`: what is edited is tested again, until Ctrl-C.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::support::{repository, server as shared};

/// A command that watches, and what it says.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

/// How long anything may take on a busy machine.
const LONG: Duration = Duration::from_secs(60);

impl Watching {
    fn start(folder: &Path) -> Self {
        // One pipe for both, so that what is said comes in its order.
        let (reader, writer) = std::io::pipe().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_shakedown"))
            .args(["verify", "--watch", "."])
            .current_dir(folder)
            .env("SHAKEDOWN_POSTGRES", shared().address("postgres"))
            .stdin(Stdio::null())
            .stdout(writer.try_clone().unwrap())
            .stderr(writer)
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(reader).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let watching = Self { child, lines };
        watching.until("watching ");
        watching
    }

    /// Everything up to a line with these words.
    fn until(&self, words: &str) -> String {
        let (mut text, deadline) = (String::new(), Instant::now() + LONG);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else { panic!("no {words}:\n{text}") };
            text.push_str(&line);
            text.push('\n');
            if line.contains(words) {
                return text;
            }
        }
    }

    /// Ends it by Ctrl-C, with this exit code.
    fn end(mut self, code: i32) {
        kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGINT).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(code));
    }
}

fn two() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "1_a.up.sql", "CREATE TABLE a (id int);");
    write(&folder, "1_a.down.sql", "DROP TABLE a;");
    write(&folder, "2_b.up.sql", "CREATE TABLE b (id int);");
    write(&folder, "2_b.down.sql", "DROP TABLE b;");
    folder
}

fn write(folder: &TempDir, name: &str, text: &str) {
    fs::write(folder.path().join(name), text).unwrap();
}

#[test]
fn an_edited_migration_is_tested_again_and_only_that_one() {
    let folder = two();
    let watching = Watching::start(folder.path());
    write(&folder, "2_b.up.sql", "CREATE TABLE b (id int); CREATE TYPE mood AS ENUM ('sad');");
    let text = watching.until("found ");
    assert!(text.contains(" UTC: 2_b\n"), "{text}");
    assert!(text.contains("down-leaves-trace") && text.contains("mood"), "{text}");
    assert!(!text.contains("reversible  1_a"), "{text}");

    write(&folder, "2_b.down.sql", "DROP TABLE b; DROP TYPE mood;");
    let text = watching.until("held: 1 reversible");
    assert!(!text.contains("error"), "{text}");
    // The one before, which the database that was kept begins with.
    write(&folder, "1_a.down.sql", "SELECT 1;");
    let text = watching.until("found ");
    assert!(text.contains(" UTC: 1_a\n"), "{text}");
    watching.end(1);
}

#[test]
fn a_mistake_while_one_types_is_told_and_it_goes_on() {
    let folder = two();
    let watching = Watching::start(folder.path());
    write(&folder, "2_b.up.sql", "CREATE TABEL b (id int);");
    let text = watching.until("found ");
    assert!(text.contains("up-fails") && text.contains("syntax error"), "{text}");
    // What its runner refuses.
    write(&folder, "2_c.up.sql", "SELECT 1;");
    watching.until("error: ");
    fs::remove_file(folder.path().join("2_c.up.sql")).unwrap();
    write(&folder, "2_b.up.sql", "CREATE TABLE b (id bigint);");
    watching.until("held: 1 reversible");
    watching.end(0);
}

#[test]
fn migrations_may_come_and_go() {
    let folder = two();
    let watching = Watching::start(folder.path());
    write(&folder, "3_c.down.sql", "DROP TABLE c;");
    write(&folder, "3_c.up.sql", "CREATE TABLE c (id int);");
    let text = watching.until("held: 1 reversible");
    assert!(text.contains(" UTC: 3_c\n"), "{text}");
    fs::remove_file(folder.path().join("2_b.up.sql")).unwrap();
    fs::remove_file(folder.path().join("2_b.down.sql")).unwrap();
    write(&folder, "3_c.up.sql", "CREATE TABLE c (id int, b int);");
    // What comes after one that is gone may have needed it: all of them are tested.
    let text = watching.until("held: 2 reversible");
    assert!(text.contains("2_b is gone"), "{text}");
    watching.end(0);
}

#[test]
fn what_was_flawed_is_tested_again_until_it_holds() {
    let folder = two();
    let watching = Watching::start(folder.path());
    write(&folder, "1_a.down.sql", "SELECT 1;");
    watching.until("found ");
    write(&folder, "2_b.down.sql", "DROP TABLE IF EXISTS b;");
    let text = watching.until("found ");
    assert!(text.contains(" UTC: 2_b\n") && text.contains("1_a"), "{text}");
    watching.end(1);

    let watching = Watching::start(folder.path());
    write(&folder, "1_a.down.sql", "DROP TABLE a;");
    watching.until("held: 1 reversible");
    watching.end(0);
}

#[test]
fn what_only_the_whole_way_shows_is_not_forgotten_by_a_single_step() {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(repository("migrations/bad/chain-differs")).unwrap().flatten() {
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let watching = Watching::start(folder.path());
    // The step itself holds.
    let down = "ALTER TABLE settings DROP COLUMN IF EXISTS changed_at;";
    write(&folder, "0002_add_changed_at.down.sql", down);
    let text = watching.until("found ");
    assert!(text.contains("chain-differs"), "{text}");
    watching.end(1);
}

#[test]
fn one_that_is_gone_is_missed_by_those_that_need_it() {
    let folder = two();
    write(&folder, "2_b.up.sql", "CREATE TABLE b (a int, id int); ALTER TABLE a ADD x int;");
    write(&folder, "2_b.down.sql", "DROP TABLE b; ALTER TABLE a DROP x;");
    let watching = Watching::start(folder.path());
    fs::remove_file(folder.path().join("1_a.up.sql")).unwrap();
    fs::remove_file(folder.path().join("1_a.down.sql")).unwrap();
    let text = watching.until("found ");
    assert!(text.contains("1_a is gone") && text.contains("up-fails"), "{text}");
    watching.end(1);
}

#[test]
fn a_folder_that_cannot_be_read_at_the_end_is_no_success() {
    let folder = two();
    let watching = Watching::start(folder.path());
    write(&folder, "2_c.up.sql", "SELECT 1;");
    watching.until("error: ");
    watching.end(2);
}

#[test]
fn what_comes_before_is_told_if_it_cannot_be_applied() {
    let folder = two();
    write(&folder, "1_a.up.sql", "CREATE TABLE a (id nothing);");
    let watching = Watching::start(folder.path());
    write(&folder, "2_b.up.sql", "CREATE TABLE b (id bigint);");
    let text = watching.until("found ");
    assert!(text.contains(" UTC: 2_b\n") && text.contains("up-fails"), "{text}");
    watching.end(1);
}

/// How long it takes from an edit to its verdict: `--nocapture` shows it.
#[test]
fn the_verdict_on_an_edit_of_our_own_schema_comes_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(repository("migrations")).unwrap().map(Result::unwrap) {
        if entry.path().is_file() {
            fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
    }
    let mut ups: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".up.sql"))
        .collect();
    ups.sort();
    let file = folder.path().join(ups.last().unwrap());
    let text = fs::read_to_string(&file).unwrap();
    let watching = Watching::start(folder.path());
    for edit in 1..=6 {
        fs::write(&file, format!("{text}\n-- {edit}\n")).unwrap();
        let saved = Instant::now();
        watching.until("held: 1 reversible");
        eprintln!("edit {edit}: {} ms", saved.elapsed().as_millis());
    }
    watching.end(0);
}
