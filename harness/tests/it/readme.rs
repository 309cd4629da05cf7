//! What the README shows and says is so.

use std::fs;
use std::process::Command;

use snapbox::data::DataFormat;
use snapbox::{Assert, Data};

use crate::support::{repository, server};

#[test]
fn the_picture_is_what_the_command_prints() {
    let output = Command::new(env!("CARGO_BIN_EXE_shakedown"))
        .args(["verify", "migrations/bad/down-leaves-trace", "--color", "always"])
        .current_dir(repository("."))
        .env("SHAKEDOWN_POSTGRES", server().address("postgres"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let picture = Data::text(steady(&text)).coerce_to(DataFormat::TermSvg);
    let committed = repository("docs").join("verify.svg");
    // `SNAPSHOTS=overwrite` renews it.
    let expected = Data::read_from(&committed, Some(DataFormat::TermSvg));
    Assert::new().action_env("SNAPSHOTS").eq(picture, expected);
}

#[test]
fn the_example_of_a_promise_is_what_the_command_prints() {
    let output = Command::new(env!("CARGO_BIN_EXE_shakedown"))
        .args(["invariants", "--only", "conflict-arbiter"])
        .current_dir(repository("."))
        .env("SHAKEDOWN_POSTGRES", server().address("postgres"))
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let guide = fs::read_to_string(repository("docs").join("promises.md")).unwrap();
    let example = guide.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(printed.ends_with(example), "{printed}");
}

/// The text with what varies from run to run replaced: times, and the server at hand.
fn steady(text: &str) -> String {
    let mut steady = String::new();
    for line in text.lines() {
        if line.starts_with("PostgreSQL ") {
            steady.push_str("PostgreSQL 16.14, embedded, fast profile\n");
            continue;
        }
        let mut words = line.split_inclusive(' ').peekable();
        while let Some(word) = words.next() {
            let is_time = words.peek().is_some_and(|next| next.trim() == "ms")
                && word.trim().parse::<f64>().is_ok();
            if is_time {
                // Shorter times stand behind more blanks, where another line has a longer one.
                while steady.ends_with("  ") {
                    steady.pop();
                }
            }
            steady.push_str(if is_time { "1.0 " } else { word });
        }
        steady.push('\n');
    }
    steady
}

#[test]
fn it_shows_exactly_two_commands_to_begin_with_and_they_are_these() {
    let text = fs::read_to_string(repository(".").join("README.md")).unwrap();
    let commands: Vec<&str> =
        text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(commands[..2], ["cargo run --release -- run\n", "cargo test\n"]);
    for file in ["docs/verify.svg", "ARCHITECTURE.md", ".github/CONTRIBUTING.md"] {
        assert!(text.contains(&format!("({file})")), "{file}");
        assert!(repository(".").join(file).exists(), "{file}");
    }
}

#[test]
fn the_places_that_the_architecture_names_exist() {
    let text = fs::read_to_string(repository(".").join("ARCHITECTURE.md")).unwrap();
    let table = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let mut count = 0;
    for place in table {
        assert!(repository("harness/src").join(place).exists(), "{place}");
        count += 1;
    }
    assert!(count >= 10, "the table was found");
}
